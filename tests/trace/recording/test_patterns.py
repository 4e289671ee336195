"""What the patterns of a `match` and the reading of a file do to arrays is recorded, or counted as unseen."""

from __future__ import annotations

import io
import weakref
from collections.abc import Mapping

import numpy as np

from mnistviz.trace.recording import matching
from mnistviz.trace.recording.recorder import record


class Layer:
    def __init__(self, weights):
        self.weights = weights

    @property
    def turned(self):
        return self.weights.T


class Stored(Mapping):
    def __init__(self, **arrays):
        self.arrays = arrays

    def __getitem__(self, name):
        return self.arrays[name] * 2

    def __iter__(self):
        return iter(self.arrays)

    def __len__(self):
        return len(self.arrays)


def _said(trace):
    return [(one.operation, one.expression, one.output.name) for one in trace]


def test_an_attribute_that_a_pattern_takes_is_an_operation_by_the_name_that_it_gets():
    def step(w):
        match w:
            case np.ndarray(T=turned, ndim=2):
                return turned @ w
            case _:
                return w

    assert _said(record(step, np.ones((2, 3)))) == [
        ("transpose", "np.ndarray(T=turned, ndim=2)", "turned"), ("matmul", "turned @ w", ""),
    ]  # fmt: skip


def test_a_number_that_is_compared_is_compared_until_one_is_found():
    def step(y):
        match np.argmax(y):
            case 0:
                return y
            case 1 | 2 if y[0] > 9:
                return y * 2
            case 2:
                return y + 1

    trace = record(step, np.array([0.0, 1.0, 5.0]))
    assert [(one.expression, bool(one.output.value)) for one in trace if one.operation == "equal"] == [
        ("0", False), ("1", False), ("2", True), ("2", True),
    ]  # fmt: skip
    assert trace.check() == 0


def test_what_no_pattern_is_known_to_have_taken_is_counted():
    """What a property gives, only the program's own code knows."""

    def step(layer):
        match layer:
            case Layer(turned=np.ndarray(T=back)):
                return back + 1

    trace = record(step, Layer(np.ones((2, 3))))
    assert [one.operation for one in trace] == ["transpose", "add"]
    assert trace.coverage.names == ("back",)


def test_the_items_of_the_programs_own_mapping_are_seen_where_it_makes_them():
    def step(stored):
        match stored:
            case {"w": w}:
                return w + 1

    trace = record(step, Stored(w=np.ones(2)))
    assert [one.operation for one in trace] == ["multiply", "add"]
    assert trace.coverage.unseen == 0


def test_a_pattern_that_reads_a_file_is_counted():
    file = io.BytesIO()
    np.savez(file, w=np.ones(2))
    file.seek(0)

    def step():
        match np.load(file):
            case {"w": w}:
                return w + 1

    assert record(step).coverage.names == ('{"w": w}',)


if matching.ARRAYS_ARE_SEQUENCES:  # numpy's newer ones

    def test_rows_that_a_sequence_takes_are_values():
        def step(m):
            match m:
                case [first, *others]:
                    return first * others[1]

        assert _said(record(step, np.arange(6.0).reshape(3, 2))) == [
            ("getitem", "[first, *others]", "first"), ("getitem", "[first, *others]", "others[0]"),
            ("getitem", "[first, *others]", "others[1]"), ("multiply", "first * others[1]", ""),
        ]  # fmt: skip


def test_what_is_matched_lives_no_longer():
    gone = []

    def step(x):
        class Box:
            pass

        box = Box()
        watcher = weakref.ref(box)
        match [box, x[0]]:
            case [_, 7.0]:
                pass
        del box
        gone.append(watcher() is None)
        match Box():
            case [_, 7.0]:
                pass
            case other:
                watcher = weakref.ref(other)
                del other
                gone.append(watcher() is None)
        return x + 1

    record(step, np.ones(2))
    assert gone == [True, True]


def test_a_dict_that_is_merged_from_a_file_holds_what_the_file_gave():
    file = io.BytesIO()
    np.savez(file, w=np.ones(2), b=np.zeros(2))
    file.seek(0)

    def step():
        with np.load(file) as stored:
            every = {**stored, "c": 1}
            for _, value in stored.items():
                value + 1
            return every["w"] + stored["b"]

    trace = record(step)
    made = [one.operation.rpartition(".")[2] for one in trace if one.call.kind == "foreign"]
    assert made == ["load", "__iter__", "__iter__", "items", "items", "getitem"] or made == [
        "__iter__", "__iter__", "items", "items", "getitem",
    ]  # fmt: skip
    assert trace.coverage.unseen == 0
