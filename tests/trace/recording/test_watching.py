"""What the recorder promises of itself: one recording at a time, errors of its own stay its own, what it costs."""

from __future__ import annotations

import ast
import copy
import ctypes
import gc
import signal
import sys
import threading
import types
import weakref
from dataclasses import FrozenInstanceError
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from mnistviz.errors import InputError
from mnistviz.trace.model import Trace
from mnistviz.trace.recording import calls, recording, watchers
from mnistviz.trace.recording.exchange import compile_file
from mnistviz.trace.recording.recorder import record

THREE = np.array([1.0, 2.0, 3.0])


def test_a_second_recording_at_the_same_time_is_refused():
    refused = []

    def step(x):
        with pytest.raises(InputError, match="another recording is running") as told:
            record(step, x)
        refused.append(str(told.value))
        return x + 1

    assert len(record(step, THREE.copy())) == 1
    assert "\n" not in refused[0]


def test_an_error_of_ours_does_not_reach_the_program(monkeypatch):
    went_on = []

    def step(x):
        try:
            y = np.tile(x, 2)
        except Exception:
            went_on.append("the program saw it")
        went_on.append(y.sum())
        return y

    monkeypatch.setattr(calls, "changed_by_call", Mock(side_effect=ZeroDivisionError("ours")))
    with pytest.raises(ZeroDivisionError, match="ours"):
        record(step, THREE.copy())
    assert went_on == [12.0]


def test_an_error_of_a_signals_handler_reaches_the_program(monkeypatch):
    """The handler runs wherever Python is, in our own code too."""
    text = "def interrupted(*_): signal.raise_signal(signal.SIGUSR1); return [], None"
    ours: dict[str, Any] = {"signal": signal}
    exec(compile(text, "<ours>", "exec"), ours)  # noqa: S102

    def late(*_):
        raise TimeoutError("too late")

    def step(x):
        old = signal.signal(signal.SIGUSR1, late)
        try:
            return np.tile(x, 2)
        except TimeoutError:
            return x + 1
        finally:
            signal.signal(signal.SIGUSR1, old)

    monkeypatch.setattr(calls, "changed_by_call", ours["interrupted"])
    trace = record(step, THREE.copy())
    assert [one.operation for one in trace] == ["add"]


def test_a_profiler_of_the_program_is_called_between_our_own_lines():
    counted = np.zeros(1)

    def count(*_):
        counted[0] += 1

    def step(x):
        sys.setprofile(count)
        for _ in range(3):
            x = x + 1
        sys.setprofile(None)
        return x

    done = []
    thread = threading.Thread(target=lambda: done.append(record(step, THREE.copy())), daemon=True)
    thread.start()
    thread.join(60)
    assert len(done) == 1, "it waits for itself"
    assert [one.operation for one in done[0]].count("add") >= 3
    assert counted[0] > 3


def test_functions_have_their_own_code_back_also_after_an_interrupt():
    def inner(x):
        raise KeyboardInterrupt

    def step(x):
        made.append(lambda v: v + x)
        return inner(x)

    made: list[types.FunctionType] = []
    before = (inner.__code__, step.__code__, sys.getrecursionlimit())
    with pytest.raises(KeyboardInterrupt):
        record(step, THREE.copy())
    assert (inner.__code__, step.__code__, sys.getrecursionlimit()) == before
    assert made[0].__code__ in step.__code__.co_consts
    assert made[0](1).tolist() == [2, 3, 4]
    assert len(record(lambda x: x * 2, THREE.copy())) == 1


def test_functions_that_python_lists_no_more_are_watched() -> None:
    def inner(x):
        return x * 2

    def step(x):
        return inner(x) + 1

    before = inner.__code__, step.__code__
    gc.freeze()  # as servers do before they fork
    try:
        trace = record(step, THREE.copy())
    finally:
        gc.unfreeze()
    assert [one.operation for one in trace] == ["multiply", "add"]
    assert (inner.__code__, step.__code__) == before


def test_modules_that_are_imported_meanwhile_are_watched(tmp_path, monkeypatch):
    (tmp_path / "late_helper.py").write_text(
        "import numpy as np\nSCALE = np.ones(3) * 2\n\n\ndef f(x):\n    return x * SCALE\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "late_helper", raising=False)

    def step(x):
        import late_helper

        return late_helper.f(x)

    trace = record(step, THREE.copy())
    assert [(one.operation, one.source.expression.file) for one in trace] == [
        ("ones", trace.sources[-1].name), ("multiply", trace.sources[-1].name), ("multiply", trace.sources[-1].name),
    ]  # fmt: skip
    plain = compile((tmp_path / "late_helper.py").read_text(), "x", "exec")
    assert sys.modules["late_helper"].f.__code__.co_code in [
        one.co_code for one in plain.co_consts if isinstance(one, types.CodeType)
    ]


def test_coverage_says_what_is_proved_and_what_is_not(tmp_path):
    def step(x):
        noise = np.random.default_rng(0).normal(size=3)
        y = x + noise
        exec("y[0] = 99")  # noqa: S102
        return y * 2

    trace = record(step, THREE.copy())
    coverage = trace.coverage
    assert (coverage.recorded, coverage.replayed, coverage.unseen, coverage.names) == (3, 2, 1, ("y",))
    assert (coverage.made, coverage.complete, trace.check()) == (4, False, 1)
    assert "1 unseen (y)" in str(coverage)
    with pytest.raises(FrozenInstanceError):
        coverage.made = 0
    trace.save(tmp_path / "a.npz")
    loaded = Trace.load(tmp_path / "a.npz")
    assert loaded.coverage == coverage
    assert [one.source for one in loaded] == [one.source for one in trace]
    assert loaded.check() == 1


def test_a_class_that_makes_its_own_of_results_is_not_passed_over_in_silence():
    """Numpy's result goes to the program's code before anybody sees it: what made it is counted."""

    class Doubled(np.ndarray):
        def __array_wrap__(self, array, context=None, return_scalar=False):
            return np.ndarray.__array_wrap__(self, array * 2, context, return_scalar)

    class Boxed:
        def __array__(self, dtype=None, copy=None):
            return THREE

        def __array_wrap__(self, array, context=None, return_scalar=False):
            boxed = Boxed()
            boxed.inside = array + 1
            return boxed

    def step(x):
        doubled = x.view(Doubled)
        same = np.asanyarray(doubled)
        doubled.sort()
        raised, boxed, more = np.exp(doubled), np.log(Boxed()), doubled + 1
        return np.asarray(raised) + boxed.inside + np.asarray(more) + np.asarray(same)

    trace = record(step, THREE.copy())
    assert trace.coverage.names == ("exp", "log", "add")
    assert (trace.coverage.unseen, trace.coverage.made) == (3, len(trace) + 3)
    np.testing.assert_array_equal(trace.returned[0].value, step(THREE.copy()))


def test_a_class_without_a_hash_computes_as_unwatched():
    class Same(type):
        def __eq__(cls, other):
            return cls is other

    class Box(metaclass=Same):
        def __init__(self, inside):
            self.inside = inside

        def __add__(self, other):
            return Box(self.inside + other)

        def __neg__(self):
            return Box(-self.inside)

    def step(x):
        box = -(Box(x) + 1)
        box += 2.0
        return box.inside * x

    trace = record(step, THREE.copy())
    assert trace.failure is None
    assert [one.operation for one in trace] == ["add", "negative", "add", "multiply"]


def test_copies_of_containers_and_objects_are_made_by_what_copies_them():
    class Layer:
        def __init__(self, w):
            self.w = w

    class Slotted:
        __slots__ = ("w",)

    def step(x):
        table = copy.deepcopy({"w": x, "alias": x})
        table["w"][0] = 5
        slotted = Slotted()
        slotted.w = table["alias"]
        layer, twin = copy.deepcopy([Layer(x), slotted])
        layer.w += twin.w
        return sum({"a": layer.w, "b": twin.w}.values()) + x

    trace = record(step, THREE.copy())
    first, second, added = (trace.operations[place] for place in (0, 2, 3))
    assert [first.operation, second.operation] == ["copy.deepcopy"] * 2
    assert [one.value.tolist() for one in (first.output, *first.more)] == [[1, 2, 3]]
    assert [one.value.tolist() for one in second.inputs] == [[1, 2, 3], [5, 2, 3]]
    assert [one.id for one in added.inputs] == [second.output.id, second.more[0].id]
    summed = next(one for one in trace if one.operation == "sum")
    assert summed.inputs[1].id == second.more[0].id
    assert (trace.coverage.unseen, trace.check()) == (0, trace.coverage.foreign)


def test_loop_variables_receivers_and_threads_are_told():
    class Layer:
        def forward(self, x):
            self.out = x * 2
            return self.out

    def step(x):
        first = Layer()
        for number, name in enumerate(["a", "b"]):  # noqa: B007
            x = first.forward(x)
        worker = threading.Thread(target=first.forward, args=(x,), name="worker")
        worker.start()
        worker.join()
        return x, number, name

    one, two, three = record(step, THREE.copy())
    assert [op.source.variables for op in (one, two)] == [
        ("number = 0, name = 'a'",),
        ("number = 1, name = 'b'",),
    ]
    assert (one.output.name, one.source.receiver, one.source.passes) == ("first.out", "first", (1,))
    assert (three.source.thread, three.source.passes) == ("worker", ())


def test_a_large_array_is_copied_once_a_version_and_dies_when_it_would():
    def step(x):
        y = x * 2
        gone = weakref.ref(y)
        y[0] = 1
        y[1] = 1
        del y
        return gone() is None, x + 1

    large = np.ones((200, 200))
    trace = record(step, large)
    assert trace.operations[1].output.before is trace.operations[0].output.value
    assert trace.operations[2].output.before is trace.operations[1].output.value
    trace.check()


def test_a_file_is_compiled_with_the_places_that_it_has():
    text = "def f(x):\n    return [v * 2\n            for v in x if v > 0]\n"
    file = compile_file("a.py", "a.py", text)
    for plain, watched in file.watched.items():
        lines = {place[:2] for place in plain.co_positions()}
        assert {place[:2] for place in watched.co_positions()} <= lines | {(2, 3), (3, 3), (2, 2)}
        assert (plain.co_qualname, plain.co_freevars) == (watched.co_qualname, watched.co_freevars)
    assert ast.unparse(file.text.tree) == ast.unparse(ast.parse(text))


def test_the_program_is_told_its_own_limit_of_recursion():
    def step(x):
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(before + 100)
        after = sys.getrecursionlimit()
        sys.setrecursionlimit(before)
        return x * 2, before, after, sys.getrecursionlimit()

    limit = sys.getrecursionlimit()
    given = []
    record(lambda x: given.extend(step(x)[1:]) or x * 1, np.ones(2))
    assert given == [limit, limit + 100, limit]
    assert sys.getrecursionlimit() == limit


def test_a_program_that_goes_on_unrecorded_is_told_of_it(monkeypatch, capfd):
    monkeypatch.setattr(recording, "PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr(sys, "__stderr__", sys.stderr)

    def step(x):
        for _ in range(50):
            x = x + 1
        return x

    with pytest.raises(InputError, match="memory_limit"):
        record(step, np.zeros(100), memory_limit=8000)
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("warning: nothing is recorded any more: the recording needs more than")


def test_code_that_the_program_makes_of_its_own_runs_as_it_is():
    def plain(x, by=2):
        return x * by

    def step(x):
        made = types.FunctionType(plain.__code__.replace(co_name="made"), {}, "made", (3,))
        return made(x) + plain(x)

    trace = record(step, THREE.copy())
    assert trace.failure is None
    assert trace.returned[0].value.tolist() == [5, 10, 15]


def test_memory_that_c_writes_without_numpy_is_looked_at_again():
    def step(x):
        cells = (ctypes.c_double * 3)(1, 2, 3)
        over = np.ctypeslib.as_array(cells)
        over *= 2
        cells[0] = 7
        return over + x

    trace = record(step, THREE.copy())
    assert trace.operations[-1].inputs[0].value.tolist() == [7, 4, 6]
    assert trace.returned[0].value.tolist() == [8, 6, 9]
    trace.check()


def test_parts_that_are_updated_are_views_that_were_read():
    def step(x):
        x.T[0] += 1
        x.imag += x.real
        return x

    trace = record(step, np.ones((2, 2), complex))
    assert [one.operation for one in trace] == [
        "transpose", "getitem", "add", "setitem", "imag", "real", "add",
    ]  # fmt: skip
    assert trace.returned[0].value.tolist() == [[2 + 2j, 1 + 1j], [2 + 2j, 1 + 1j]]
    trace.check()


def test_once_no_more_numbers_are_noted_what_python_computes_waits_for_nobody(monkeypatch):
    monkeypatch.setattr(recording, "MOST_NUMBERS", 4)
    waited = Mock(side_effect=watchers.push)
    monkeypatch.setattr(watchers, "push", waited)

    def step(x):
        total = 0.5
        for number in range(50):
            total = -total * 0.5 + number
            total -= 0.25
        return x * total

    trace = record(step, THREE.copy())
    assert len(trace.numbers) == 4
    assert waited.call_count < 20
    assert trace.operations[-1].inputs[1].name == "total"
