"""Operations that follow one another: which one belongs to the call, or to the pass, of the next one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile

from mnistviz.trace.model import Operation, Span


def after_passes(run: Sequence[Operation], known: Collection[Span]) -> tuple[Operation, ...]:
    """What a run of a loop's pass ends with that is made of all passes: `np.stack` of `np.stack([f(x) for x in xs])`."""
    passes = len(run[0].source.passes)
    new = takewhile(
        lambda one: len(one.source.passes) < passes and one.source.expression not in known, reversed(run)
    )
    return tuple(reversed(list(new)))


def is_of_its_call(one: Operation, following: Operation) -> bool:
    """Whether the next operation is of the same call, or of one that it makes."""
    return following.source.calls[: len(one.source.calls)] == one.source.calls


def takes_element(one: Operation, following: Operation) -> bool:
    """Whether it only takes, at the head of a loop, what the pass with the next operation is about."""
    passes, calls = one.source.passes, one.source.calls
    inside = (
        following.source.passes[: len(passes)] == passes and following.source.calls[: len(calls)] == calls
    )
    return one.operation == "getitem" and inside
