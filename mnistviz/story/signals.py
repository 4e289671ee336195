"""Rows of numbers that are too long to be read cell by cell, and what is done with them: a curve tells more.

A signal is of one operation, which makes a long row of nothing, or of rows as long as its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from mnistviz.operations import MULTIPLIED
from mnistviz.trace.model import Operation, Value

FEWEST, MOST = 100, 2**20  # numbers of a row
MOST_GIVEN = 2  # rows beside the result
RANDOM = "random."


@dataclass(frozen=True, eq=False)
class Signal:
    """What an operation makes, as a curve, and the curves that it is made of."""

    operation: Operation
    given: tuple[Value, ...]
    result: Value
    drawn: bool  # by chance: how often each number came tells more than their order


def signal_of(operation: Operation) -> Signal | None:
    """The signal of an operation; None where it makes no long row, or makes it of something else."""
    result = operation.output
    if operation.in_place or operation.operation in MULTIPLIED or not _is_row(result):
        return None
    arrays = tuple({value.id: value for value in operation.inputs if value.shape}.values())
    if any(not _is_row(value) or value.shape != result.shape for value in arrays):
        return None
    drawn = operation.operation.startswith(RANDOM) and not arrays
    return Signal(operation, arrays[:MOST_GIVEN], result, drawn)


def _is_row(value: Value) -> bool:
    return len(value.shape) == 1 and FEWEST <= value.shape[0] <= MOST and value.dtype.kind in "biufc"
