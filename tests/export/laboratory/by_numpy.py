"""A recorded program run again by numpy, from arrays of which some are given anew: what the page has to compute, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.trace.model import Operation, Trace, Value
from mnistviz.trace.replay import replay

Array = NDArray[Any]


def run_again(trace: Trace, given: Mapping[int, Array]) -> dict[int, Array]:
    """All arrays by id that are not as they were recorded; numbers in calls stay as they were."""
    values = dict(given)
    for operation in trace:
        if any(value.id in values for value in operation.inputs) and operation.call is not None:
            results = _done_again(operation, [values.get(one.id, one.value) for one in operation.inputs])
            made = (operation.output, *operation.more)
            values |= {value.id: np.asarray(result) for value, result in zip(made, results, strict=True)}
    return values


def _done_again(operation: Operation, inputs: list[Array]) -> Any:
    output = operation.output
    if output.before is not None and operation.call is not None and operation.call.changes is not None:
        output = replace(output, before=np.ascontiguousarray(inputs[operation.call.changes]))
    return replay(replace(operation, output=output), inputs)


def with_one_cell_changed(value: Value, chance: np.random.Generator) -> Array:
    """A copy in which one cell is another number of its kind."""
    array = np.ascontiguousarray(value.value).copy()
    cells = array.reshape(-1)
    place = int(chance.integers(cells.size))
    if array.dtype.kind == "b":
        cells[place] = not cells[place]
    else:
        cells[place] += 1 if array.dtype.kind in "iu" or not np.isfinite(cells[place]) else chance.normal()
    return array
