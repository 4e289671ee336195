"""Bad traces: a zip, a table and buffers that lie, and calls of whatever numpy has."""

from __future__ import annotations

import io
import json
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from mnistviz.data.npy import npy_bytes
from mnistviz.trace.recording.recorder import record
from mnistviz.trace.saved import codec, store, writing
from tests.fuzz.arrays import bad_zip, lying_npy, npy
from tests.fuzz.damage import ODD_COUNTS, as_text, damaged, damaged_data, odd_count, odd_value, one_of

NUMPY = sorted(
    {
        *dir(np),
        *dir(np.ndarray),
        *(f"linalg.{name}" for name in dir(np.linalg)),
        *(f"fft.{name}" for name in dir(np.fft)),
    }
)
ODD_PATHS = ("add.reduce", "add.at", "add.accumulate", "random.normal", "lib.npyio.DataSource",
    "ctypeslib.load_library",
             "f2py.run_main", "testing.measure", "linalg.linalg", "add.reduce.__call__", "os.system",
             "ma.array")  # fmt: skip


def step(weights: Any, x: Any) -> Any:
    """A little of all."""
    y = weights.T[::-1] @ x
    weights -= 0.1 * np.outer(x, y)[:3]
    z = np.where(np.isnan(y), np.inf, y.astype(np.float32))
    return z.sum(axis=-1, keepdims=True), np.zeros((0, 3)), np.clip(y, a_min=0, a_max=1)


@lru_cache
def _members() -> tuple[dict[str, Any], tuple[bytes, ...]]:
    """The table and the buffers of a good trace."""
    trace = record(step, np.arange(9.0).reshape(3, 3), np.arange(3.0))
    buffers = writing.Buffers()
    table = {"version": store.VERSION, **writing.write_table(trace, buffers)}
    table = json.loads(json.dumps(table))
    return table, tuple(npy_bytes(array) for array in buffers.flat)


def bad_trace(random: Generator, folder: Path) -> None:
    """A trace in which something is wrong."""
    table, buffers = _members()
    members = [bytes(buffer) for buffer in buffers]
    kind = random.random()
    if kind < 0.5:
        table = damaged_data(table, random)
    elif kind < 0.75:
        table = _other_call(table, random)
    elif kind < 0.85:
        members[int(random.integers(len(members)))] = (
            npy(random) if random.random() < 0.5 else lying_npy(random, bytes(72))
        )
    text = as_text(table, random)
    if kind > 0.97:
        text = damaged(text, random)
    content = _zipped(text, members, random)
    if 0.85 < kind < 0.97:
        content = bad_zip(content, random)
    (folder / "trace.npz").write_bytes(content)


def _zipped(text: bytes, members: list[bytes], random: Generator) -> bytes:
    method = (
        zipfile.ZIP_STORED
        if random.random() < 0.98
        else one_of(random, (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(store.TABLE, text)
        for place, member in enumerate(members):
            archive.writestr(f"{place}.npy" if random.random() < 0.999 else "../../x.npy", member)
    return stream.getvalue()


def _other_call(table: dict[str, Any], random: Generator) -> dict[str, Any]:
    """An operation that calls something else of numpy, with some arguments; or arrays that lie elsewhere."""
    table = json.loads(json.dumps(table))
    if random.random() < 0.25:
        entry = one_of(random, table["arrays"])
        entry[2] = [one_of(random, (1, 3, 1000, 2**14, 2**28)) for _ in entry[2]]
        entry[3] = [one_of(random, (0, 0, 8, -8, odd_count(random))) for _ in entry[2]]
        entry[4] = one_of(
            random, ("<f8", "<i8", ">f8", "|b1", "<U1", "|V8", "<M8[s]", "<c16", "|O", entry[4])
        )
        return table
    operation = one_of(random, table["operations"])
    path = one_of(random, NUMPY if random.random() < 0.9 else ODD_PATHS)
    given = [_argument(random, len(operation[3])) for _ in range(int(random.integers(0, 4)))]
    keywords = (
        [["axis", 0]]
        if random.random() < 0.1
        else [[one_of(random, ("shape", "out", "dtype", "fname")), odd_value(random)]]
        if random.random() < 0.1
        else []
    )
    changes = 0 if random.random() < 0.1 and operation[3] else None
    operation[7] = [one_of(random, codec.KINDS), path, given, keywords, changes]
    return table


def _argument(random: Generator, inputs: int) -> Any:
    big = one_of(random, ODD_COUNTS)
    return one_of(
        random,
        (
            {"operand": 0}, {"operand": 0}, {"operand": inputs - 1}, {"scalar": 0}, big, 1, -1, 0.5, "canary",
            "i,i->", True, None,
            {"tuple": [big, 1]}, {"tuple": [2**14, 2**13]}, {"list": [1.0, 2.0]}, {"slice": [None, None, -1]},
            {"dtype": "<f8"},
            {"type": "float64"}, {"type": "object_"}, {"ellipsis": 0}, {"complex": [0, 1]}, {"float": "nan"},
            {"dict": [["a", 1]]},
            {"tuple": [{"operand": 0}, {"operand": 0}]}, {"opaque": "f"},
        ),
    )  # fmt: skip


def read(folder: Path) -> None:
    """Load it, and have it prove itself."""
    store.load(folder / "trace.npz").check()
