"""A trace that was saved and loaded still proves itself, to 1e-12 relative and no less."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnistviz.errors import InputError, VerifyError
from mnistviz.trace.model import Trace
from mnistviz.trace.recording.recorder import record


def _loaded(folder: Path) -> Trace:
    record(lambda x: np.exp(x), np.array([0.25, 1.5])).save(folder / "trace.npz")
    return Trace.load(folder / "trace.npz")


def _with_output_times(trace: Trace, factor: float) -> Trace:
    """The trace with another number in the first cell of what it computed last."""
    *before, last = trace.operations
    array = last.output.value.copy()
    array[0] *= factor
    changed = replace(last, output=replace(last.output, value=array))
    return replace(trace, operations=(*before, changed))


@pytest.mark.parametrize("factor", [1.0, 1 + 1e-14])
def test_the_last_places_may_differ_after_loading_elsewhere(tmp_path: Path, factor: float) -> None:
    _with_output_times(_loaded(tmp_path), factor).check()


@pytest.mark.parametrize("factor", [1 + 1e-10, 1.001])
def test_what_differs_more_is_found(tmp_path: Path, factor: float) -> None:
    with pytest.raises(VerifyError, match="does not replay"):
        _with_output_times(_loaded(tmp_path), factor).check()


def test_numbers_that_are_data_ask_for_nothing(tmp_path):
    def step(x):
        return np.argmin([50_000_000, 3_000]) + np.sort([60_000_000, 1]) * x + np.full(2, 70_000_000)

    trace = record(step, np.ones(2))
    trace.save(tmp_path / "costs.npz")
    assert Trace.load(tmp_path / "costs.npz").check() == 0


def test_a_shape_that_is_larger_than_what_was_recorded_is_refused(tmp_path):
    trace = record(lambda x: np.full((2, 2), x[0]), np.ones(2))
    *before, filled = trace.operations
    call = replace(filled.call, args=((10**5, 10**5), *filled.call.args[1:]), exact=False)
    with pytest.raises(InputError, match="asks for more than was recorded"):
        replace(trace, operations=(*before, replace(filled, call=call))).check()


def test_a_grid_of_numbers_asks_for_as_many_cells_as_it_has(tmp_path):
    trace = record(lambda x: np.meshgrid(range(40), range(20))[0] * x[0], np.ones(2))
    trace.save(tmp_path / "grid.npz")
    assert Trace.load(tmp_path / "grid.npz").check() == 0
    first = trace.operations[0]
    call = replace(first.call, args=([1] * 9000, [2] * 9000), exact=False)
    with pytest.raises(InputError, match="asks for more than was recorded"):
        replace(trace, operations=(replace(first, call=call), *trace.operations[1:])).check()


def test_whole_numbers_of_any_size_are_saved_and_proved(tmp_path):
    def step(x):
        return (
            x * 2**64 + x * 5_000_000,
            np.ldexp(x, 3) * 12345678901234567890123,
            np.full(2, 2**63, np.uint64),
        )

    trace = record(step, np.ones(2))
    trace.save(tmp_path / "large.npz")
    loaded = Trace.load(tmp_path / "large.npz")
    assert loaded.check() == 0
    assert [one.call.args for one in loaded] == [one.call.args for one in trace]
    assert loaded.operations[0].inputs[1].value == 2.0**64


def test_a_list_that_an_operator_would_repeat_is_refused(tmp_path):
    """`3 * [1, 2]` is a longer list, also where the 3 is numpy's."""
    trace = record(lambda x: x.argmax() * [1, 2], np.array([0.0, 5.0]))
    *before, last = trace.operations
    call = replace(last.call, args=(last.call.args[0], [10**12, 10**12]), exact=False)
    with pytest.raises(InputError, match="asks for more than was recorded"):
        replace(trace, operations=(*before, replace(last, call=call))).check()


@pytest.mark.parametrize("text", [np.array("ab"), np.array(b"ab")])
def test_a_text_that_an_operator_would_repeat_is_refused(text):
    """Of texts numpy makes Python's own, and those are as long as a number says."""
    trace = record(lambda x: x.sum() * 3, np.ones(2))
    *before, last = trace.operations
    call = replace(last.call, args=(replace(last.call.args[0], scalar=True), 10**12), exact=False)
    inputs = (replace(last.inputs[0], id=999, value=text), *last.inputs[1:])
    with pytest.raises(InputError, match="asks for more than was recorded"):
        replace(trace, operations=(*before, replace(last, call=call, inputs=inputs))).check()
