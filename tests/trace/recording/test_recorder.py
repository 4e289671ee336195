"""The recorder writes down each numpy call once, under its names, and changes nothing of the run."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from mnistviz.trace.model import Trace
from mnistviz.trace.recording.recorder import record
from tests.trace.recording import odd, wide


def _flat(result):
    """The arrays and numpy scalars of a result."""
    if isinstance(result, tuple | list):
        return [one for part in result for one in _flat(part)]
    return [np.asarray(result)] if isinstance(result, np.ndarray | np.generic) else []


@pytest.mark.parametrize("function", list(odd.CASES), ids=lambda function: function.__name__)
def test_an_unexpected_function_records_right(function):
    plain, recorded = odd.arguments(function), odd.arguments(function)
    scale = odd.SCALE.copy()
    expected = _flat(function(*plain))
    odd.SCALE[:] = scale
    trace = record(function, *recorded)
    odd.SCALE[:] = scale
    assert trace.failure is None
    assert [operation.operation for operation in trace] == odd.CASES[function]
    got = {value.id: value.value for value in trace.returned}
    assert [got[i].tobytes() for i in trace.results] == [one.tobytes() for one in expected]
    for left, right in zip(plain, recorded, strict=True):
        assert type(right) is np.ndarray
        assert left.tobytes() == right.tobytes()
    trace.check()


@pytest.mark.parametrize("function", wide.ALL, ids=lambda function: function.__name__)
def test_numpy_far_and_wide_records_to_the_bit(function, tmp_path):
    plain, recorded = (np.random.default_rng(3).random((3, 3)) for _ in range(2))
    expected = _flat(function(plain))
    trace = record(function, recorded)
    assert trace.failure is None
    got = {value.id: value.value for value in trace.returned}
    assert plain.tobytes() == recorded.tobytes()
    assert [got[i].tobytes() for i in trace.results] == [one.tobytes() for one in expected]
    trace.check()
    for copy in pickle.loads(pickle.dumps(trace.operations)):  # noqa: S301
        assert not copy.call.exact
    trace.save(tmp_path / "a.npz")
    Trace.load(tmp_path / "a.npz").check()


def test_records_of_arrays_and_dictionaries_are_changed_as_without_recording():
    held = wide.P(np.ones(2), np.ones(2))
    trace = record(wide.dc, held)
    assert [(one.operation, one.output.name) for one in trace] == [("subtract", "p.w"), ("multiply", "p.b")]
    assert type(held.w) is type(held.b) is np.ndarray
    assert (held.w.tolist(), held.b.tolist()) == ([0, 0], [2, 2])
    named, rows = {"a": np.ones(2), "b": np.zeros(2)}, [np.ones(2), np.ones(2)]
    trace = record(wide.dicts, named, rows)
    assert [value.name for value in trace.inputs] == ['params["a"]', 'params["b"]', "xs[0]", "xs[1]"]
    assert named["a"].tolist() == [0.5, 0.5]
    assert [type(one) for one in (*named.values(), *rows)] == [np.ndarray] * 4


def _made_room(x: np.ndarray) -> np.ndarray:
    room, words, counts = np.empty(3), np.empty(2, dtype="U3"), np.empty_like(x, dtype=int)
    room[1] = x[0]
    return np.array([*room, *counts, *map(len, words)])


def test_what_nobody_has_written_yet_is_the_same_in_each_run() -> None:
    left = [np.full(size, 7.25) for size in (2, 3) for _ in range(50)]
    del left  # what np.empty gives is memory that was used before
    trace = record(_made_room, np.ones(3))
    assert [one.output.value.tolist() for one in trace if one.operation.startswith("empty")] == [
        [0, 0, 0],
        ["", ""],
        [0, 0, 0],
    ]
    assert trace.operations[-1].output.value.tolist() == [0, 1, *[0] * 6]
