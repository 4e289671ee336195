"""What is saved is what is loaded; what is not a trace is refused, whatever it claims."""

from __future__ import annotations

import contextlib
import io
import json
import struct
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnistviz.errors import InputError, MachineError
from mnistviz.trace.model import Trace
from mnistviz.trace.recording.recorder import record
from tests.trace.recording import odd


def step(w, x):
    """A little of all."""
    y = w.T[::-1] @ x
    w -= 0.1 * np.outer(x, y)[:3]
    z = np.where(np.isnan(y), np.inf, y.astype(np.float32))
    return z.sum(axis=-1, keepdims=True), np.zeros((0, 3))


@pytest.fixture
def saved(tmp_path):
    trace = record(step, np.arange(9.0).reshape(3, 3), np.arange(3.0))
    assert trace.failure is None
    trace.save(tmp_path / "a.npz")
    return trace, tmp_path / "a.npz"


def _same(left, right):
    assert (left.id, left.name, left.role, left.view_of) == (right.id, right.name, right.role, right.view_of)
    assert left.value.strides == right.value.strides or left.value.size == 0
    assert left.value.dtype == right.value.dtype
    assert left.value.tobytes() == right.value.tobytes()
    assert not right.value.flags.writeable


@pytest.mark.parametrize("function", [step, *odd.CASES], ids=lambda function: function.__name__)
def test_a_loaded_trace_is_the_saved_one(function, tmp_path):
    arrays = [np.arange(9.0).reshape(3, 3), np.arange(3.0)] if function is step else odd.arguments(function)
    scale = odd.SCALE.copy()
    trace = record(function, *arrays)
    odd.SCALE[:] = scale
    trace.save(tmp_path / "a.npz")
    loaded = Trace.load(tmp_path / "a.npz")
    assert (loaded.function, loaded.sources, loaded.results) == (trace.function, trace.sources, trace.results)
    for one, other in zip(trace, loaded, strict=True):
        assert (one.operation, one.expression, one.source) == (
            other.operation,
            other.expression,
            other.source,
        )
        for left, right in zip(
            (*one.inputs, one.output, *one.more), (*other.inputs, other.output, *other.more), strict=True
        ):
            _same(left, right)
    loaded.check()


RECORDS = {
    "plain": [("a", "<f8"), ("b", "<i4")],
    "of arrays": [("place", float, 3), ("grid", "u1", (2, 2)), ("name", "U5")],
    "in records": [("at", [("x", "f4"), ("when", "M8[s]")], 2), ("done", "?")],
    "big ends": [("a", ">f8"), ("b", ">i2")],
    "with gaps": np.dtype([("a", "u1"), ("b", "f8")], align=True),
    "out of order": np.dtype(
        {"names": ["b", "a"], "formats": ["f4", "i8"], "offsets": [12, 0], "itemsize": 20}
    ),
}


@pytest.mark.parametrize("dtype", RECORDS.values(), ids=RECORDS.keys())
def test_records_are_loaded_as_they_were(dtype, tmp_path):
    def step(table):
        part = table[1:][table.dtype.names[0]] if table.ndim else table[table.dtype.names[0]]
        return table[::-2] if table.ndim else table, part, np.zeros(2, table.dtype)

    for shape in ((5,), (), (0,), (2, 3)):
        raw = np.arange(np.prod(shape, dtype=int) * np.dtype(dtype).itemsize, dtype=np.uint8) % 2
        trace = record(step, np.ndarray(shape, dtype, raw) if raw.size else np.zeros(shape, dtype))
        trace.save(tmp_path / "records.npz")
        loaded = Trace.load(tmp_path / "records.npz")
        loaded.check()
        for left, right in zip(
            (*trace.inputs, *trace.returned), (*loaded.inputs, *loaded.returned), strict=True
        ):
            assert (left.value.dtype, left.value.shape) == (right.value.dtype, right.value.shape)
            assert repr(left.value.tolist()) == repr(right.value.tolist())


@pytest.mark.parametrize("nested", [False, True])
def test_what_is_between_the_fields_of_records_is_not_saved(nested, tmp_path):
    gaps = np.dtype([("a", "u1"), ("b", "f8")], align=True)
    dtype = np.dtype([("in", gaps, 2), ("c", "u1")], align=True) if nested else gaps
    files = []
    for rubbish in (0, 255):
        table = np.full((3, dtype.itemsize), rubbish, np.uint8).view(dtype)[:, 0]
        for part in [table["in"]] if nested else [table]:
            part["a"], part["b"] = 1, 2.5
        if nested:
            table["c"] = 3
        record(lambda x: x[::-1], table).save(tmp_path / "gaps.npz")
        files.append((tmp_path / "gaps.npz").read_bytes())
    assert files[0] == files[1]


def test_a_file_is_the_same_each_time_and_holds_no_path(saved, tmp_path):
    trace, path = saved
    trace.save(tmp_path / "b.npz")
    assert path.read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert str(tmp_path.parent).encode() not in path.read_bytes()
    assert __file__.rpartition("/")[0].encode() not in path.read_bytes()


def test_a_failure_is_saved(tmp_path):
    trace = record(odd.half_way, *odd.arguments(odd.half_way))
    trace.save(tmp_path / "a.npz")
    loaded = Trace.load(tmp_path / "a.npz")
    assert loaded.failure.message == trace.failure.message
    assert [value.shape for value in loaded.failure.inputs] == [(3, 4), (3, 4)]


def test_a_folder_that_is_not_there_is_told(saved, tmp_path):
    with pytest.raises(MachineError, match="cannot be saved"):
        saved[0].save(tmp_path / "none" / "a.npz")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.npz"]


def _rewritten(path, change):
    """The file with its table changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    table = json.loads(members["trace.json"])
    change(table)
    members["trace.json"] = json.dumps(table).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


HOSTILE = {
    "version": lambda t: t.update(version=99),
    "no operations": lambda t: t.pop("operations"),
    "buffer out of range": lambda t: t["arrays"][0].__setitem__(0, 9999),
    "negative buffer": lambda t: t["arrays"][0].__setitem__(0, -1),
    "offset beyond the end": lambda t: t["arrays"][0].__setitem__(1, 10**6),
    "strides out of the buffer": lambda t: t["arrays"][0].__setitem__(3, [10**9, 8]),
    "negative strides": lambda t: t["arrays"][0].__setitem__(3, [-8, -8]),
    "32 GiB": lambda t: (t["arrays"][0].__setitem__(2, [2**32, 1]), t["arrays"][0].__setitem__(3, [0, 0])),
    "objects": lambda t: t["arrays"][0].__setitem__(4, "|O"),
    "wide dtype": lambda t: t["arrays"][0].__setitem__(4, "<U999999999"),
    **{
        f"records {what}": lambda t, entry=entry: t["arrays"][0].__setitem__(4, entry)
        for what, entry in {
            "of objects": {"bytes": 8, "fields": [["a", 0, "|O", []]]},
            "beyond their bytes": {"bytes": 8, "fields": [["a", 4, "<f8", []]]},
            "before their bytes": {"bytes": 8, "fields": [["a", -1, "<f8", []]]},
            "of two names alike": {"bytes": 16, "fields": [["a", 0, "<f8", []], ["a", 8, "<f8", []]]},
            "of no fields": {"bytes": 8, "fields": []},
            "of no bytes": {"bytes": -1, "fields": [["a", 0, "<f8", []]]},
            "of many": {"bytes": 2**40, "fields": [["a", 0, "<f8", [2**37]]]},
            "of fewer than none": {"bytes": 8, "fields": [["a", 0, "<f8", [-1]]]},
            "of records without end": reduce(
                lambda e, _: {"bytes": 8, "fields": [["a", 0, e, []]]}, range(99), "<f8"
            ),
        }.items()
    },
    "huge number": lambda t: t["arrays"][0].__setitem__(2, [10**400, 1]),
    "role": lambda t: t["operations"][0][4][0].__setitem__(2, "emperor"),
    "name": lambda t: t["operations"][0].__setitem__(1, None),
    "operand": lambda t: t["operations"][0][7].__setitem__(2, [{"operand": 99}]),
    "kind": lambda t: t["operations"][0][7].__setitem__(0, "shell"),
    "deep parameter": lambda t: t["operations"][0].__setitem__(6, [["a", _nested(60)]]),
    "numbers": lambda t: t["operations"][0].__setitem__(0, 5),
}


def _nested(depth):
    value = 1
    for _ in range(depth):
        value = {"list": [value]}
    return value


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_lying_table_is_refused(saved, change):
    _rewritten(saved[1], change)
    with pytest.raises(InputError):
        Trace.load(saved[1])


def test_a_function_name_in_a_file_is_not_run(saved, tmp_path):
    victim = tmp_path / "victim"

    def change(table):
        table["operations"][0][7] = ["creation", "savetxt", [str(victim), [[1.0]]], [], None]

    _rewritten(
        saved[1], lambda t: change(t) or t["operations"][0][7].__setitem__(2, [str(victim), {"list": [1.0]}])
    )
    loaded = Trace.load(saved[1])
    with pytest.raises(InputError, match="may be replayed"):
        loaded.check()
    assert not victim.exists()


def _bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("trace.json", b" " * 10**7)


def _lying_npy(path):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296,), }"
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trace.json", json.dumps({"version": 2}))
        archive.writestr("0.npy", npy)


def _pickled(path):
    stream = io.BytesIO()
    np.save(stream, np.array([{}], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trace.json", json.dumps({"version": 2}))
        archive.writestr("0.npy", stream.getvalue())


def _deep(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trace.json", b"[" * 10**6)


FILES = {
    "bomb": _bomb, "lying npy": _lying_npy, "pickle": _pickled, "deep": _deep,
    "empty": lambda path: path.write_bytes(b""), "text": lambda path: path.write_text("hello"),
    "folder": lambda path: path.mkdir(), "other npz": lambda path: np.savez(path, a=np.zeros(3)),
}  # fmt: skip


@pytest.mark.parametrize("make", FILES.values(), ids=FILES.keys())
def test_a_hostile_file_is_refused(make, tmp_path):
    make(tmp_path / "a.npz")
    with pytest.raises(InputError):
        Trace.load(tmp_path / "a.npz")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.integers(0, 3000),
    place=st.integers(0, 10**6),
    byte=st.integers(0, 255),
    mode=st.sampled_from("cf"),
)
def test_a_torn_file_is_refused_or_read(saved, tmp_path, cut, place, byte, mode):
    data = bytearray(saved[1].read_bytes())
    if mode == "c":
        data = data[: len(data) - 1 - cut]
    else:
        data[place % len(data)] = byte
    torn = tmp_path / "torn.npz"
    torn.write_bytes(bytes(data))
    with contextlib.suppress(InputError):
        Trace.load(torn)


def test_a_lying_file_takes_no_memory(tmp_path):
    _lying_npy(tmp_path / "a.npz")
    code = (
        "import sys, resource, numpy, zipfile, json\n"
        "from mnistviz.trace import model; from mnistviz.trace.saved import store\n"
        "from mnistviz.errors import InputError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: store.load(sys.argv[1])\n"
        "except InputError: pass\n"
        "else: raise SystemExit('loaded')\n"
        "assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.npz")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


CALLS = {
    "numpy's own tests": ["function", "test", [], [], None],
    "how numpy works": ["creation", "seterr", ["raise"], [], None],
    "an import": ["ufunc", "f2py.run_main", [{"operand": 0}], [], None],
    "a method that writes": ["method", "dump", [{"operand": 0}, "victim"], [], None],
    "a puzzle": ["function", "shares_memory", [{"operand": 0}, {"operand": 0}], [], None],
    "gigabytes": ["creation", "ones", [{"tuple": [2**14, 2**14]}], [], None],
    "no array": ["operator", "power", [10, 10**18], [], None],
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_call_that_no_recording_makes_is_not_made(saved, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _rewritten(saved[1], lambda table: table["operations"][0].__setitem__(7, call))
    loaded = Trace.load(saved[1])
    with pytest.raises(InputError, match=r"may be replayed|asks for more|without an array"):
        loaded.check()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.npz"]


def test_a_small_file_is_no_gibibyte(saved):
    """Strides of 0 let a few bytes stand for as many as one likes."""

    def widen(table):
        table["arrays"][0][2:4] = [[2**14, 2**13], [0, 0]]

    _rewritten(saved[1], widen)
    with pytest.raises(InputError, match="far larger"):
        Trace.load(saved[1])


@pytest.mark.parametrize("header", [b"(" * 90, b"{'descr': '<f8'", b"[" * 3000, b"'''", b"'\\%'",
    b"{'descr': '|V0', 'fortran_order': False, 'shape': (10000000000000000000,)}"])  # fmt: skip
def test_a_header_that_is_no_header_is_told(saved, header):
    with zipfile.ZipFile(saved[1]) as archive:
        table = archive.read("trace.json")
    with zipfile.ZipFile(saved[1], "w") as archive:
        archive.writestr("trace.json", table)
        archive.writestr("0.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    with pytest.raises(InputError, match=r"0\.npy"):
        Trace.load(saved[1])


def test_a_table_of_a_long_run_is_loaded_again(tmp_path):
    trace = record(lambda x: x * 2 + 1, np.ones(3))
    one = replace(trace.operations[0], expression="x * 2 " * 2000)
    many = tuple(replace(one, number=number) for number in range(3000))
    path = tmp_path / "long.npz"
    replace(trace, operations=many).save(path)
    assert path.stat().st_size > 33 * 2**20  # more than 48,000 operations take
    loaded = Trace.load(path)
    assert len(loaded) == 3000
    assert loaded.operations[-1].expression == one.expression
