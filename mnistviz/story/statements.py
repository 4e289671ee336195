"""A trace by the names of its arrays: how a storyboard finds the operations that it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from mnistviz.errors import InputError
from mnistviz.trace.model import Operation, Trace, Value


@dataclass(frozen=True)
class Statements:
    """The statements of a run, by the arrays that they make or change.

    Everything here raises `InputError` for a name that is not there.
    """

    trace: Trace

    def making(self, name: str, nth: int = 0) -> tuple[int, ...]:
        """Numbers of the operations of the statement that makes the `nth` array of that name."""
        made = self.trace.making(name, nth)
        same = [one for one in self.trace.operations if one.source.statement == made.source.statement]
        return tuple(one.number for one in next(run for run in _runs(same) if made in run))

    def changing(self, name: str, nth: int = 0) -> tuple[int, ...]:
        """Numbers of the operations of the `nth` statement that changes the array in place."""
        changes = [one for one in self.trace.operations if one.output.name == name and one.in_place]
        if nth >= len(changes):
            what = f"no array named {name!r} is changed {nth + 1} times"
            raise InputError(what, self.trace.function, "name one of the run's arrays")
        same = [one for one in self.trace.operations if one.source.statement == changes[nth].source.statement]
        return tuple(one.number for one in next(run for run in _runs(same) if changes[nth] in run))

    def output(self, name: str, nth: int = 0) -> Value:
        """The `nth` array of that name that is made."""
        return self.trace.making(name, nth).output

    def numbers(self, name: str, nth: int = 0) -> NDArray[Any]:
        """The numbers of the `nth` array of that name."""
        return self.output(name, nth).value

    def given(self, name: str) -> Value:
        """The array of that name as it first went into an operation."""
        found = next((value for one in self.trace for value in one.inputs if value.name == name), None)
        if found is None:
            what = f"no array named {name!r} goes into an operation"
            raise InputError(what, self.trace.function, "name one of the run's arrays")
        return found


def _runs(operations: Sequence[Operation]) -> list[list[Operation]]:
    """Operations of one statement, apart where it was run more than once."""
    runs: list[list[Operation]] = []
    for operation in operations:
        if runs and operation.number == runs[-1][-1].number + 1:
            runs[-1].append(operation)
        else:
            runs.append([operation])
    return runs
