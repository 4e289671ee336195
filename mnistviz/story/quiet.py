"""Operations at which there is hardly anything to see: they are told with what they are for.

Arrays that are only made, layouts, what `x[i] -= 1` reads before it writes: none of them is a shot of its own
where another operation of its part can tell it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from mnistviz.operations import CREATIONS, definition
from mnistviz.story.ideas import CARRYING
from mnistviz.story.unpacking import goes_on
from mnistviz.trace.model import Operation, Trace

Run = tuple[Operation, ...]
BESIDE = frozenset({*CREATIONS, *CARRYING})  # what is told beside what was made before it


class Quiet:
    """Which operations of a trace are told with others."""

    def __init__(self, trace: Trace, counting: frozenset[int]) -> None:
        self.written_back = _written_back(trace)
        steps = {step.number for pair in self.written_back.values() for step in pair}
        self._aside = counting | steps

    def is_loud(self, one: Operation) -> bool:
        """Whether there is something to see at it."""
        return definition(one.operation).pace != "quick" and one.number not in self._aside

    def main(self, run: Run) -> Operation:
        """The operation that a run is told by: what is only made after it, is made beside it."""
        if not any(map(self.is_loud, run)):
            return run[-1]
        return next(one for one in reversed(run) if one.operation not in BESIDE or self.is_loud(one))

    def runs(self, operations: Sequence[Operation]) -> list[Run]:
        """Operations one by one, each with those before it at which there is hardly anything to see."""
        found: list[Run] = []
        waiting: list[Operation] = []
        for one, following in zip_longest(operations, operations[1:]):
            waiting.append(one)
            beside = one.operation in CREATIONS and all(each.operation in BESIDE for each in waiting)
            if following is None and found and beside:
                found[-1] = (*found[-1], *waiting)
            elif following is None or (self.is_loud(one) and not _goes_with(one, following)):
                found.append(tuple(waiting))
                waiting = []
        return found


def _written_back(trace: Trace) -> Mapping[int, tuple[Operation, Operation]]:
    """By number of the operation that writes: what `x[i] -= 1` reads, and what it makes of that."""
    makers = {one.output.id: one for one in trace}
    found: dict[int, tuple[Operation, Operation]] = {}
    for one in trace:
        if one.operation != "setitem" or not one.inputs:
            continue
        made = makers.get(one.inputs[-1].id)
        read = makers.get(made.inputs[0].id) if made is not None and made.inputs else None
        if made is None or read is None or read.operation != "getitem":
            continue
        if read.source.expression == one.source.expression and made.source.statement == one.source.statement:
            found[one.number] = read, made
    return found


def _goes_with(one: Operation, following: Operation) -> bool:
    return _is_number_for(one, following) or goes_on(one, following)


def _is_number_for(one: Operation, following: Operation) -> bool:
    """Whether it makes a number of numbers, with which the next operation makes an array."""
    used = any(value.id == one.output.id for value in following.inputs)
    return used and following.output.shape != () and not any(v.shape for v in (one.output, *one.inputs))
