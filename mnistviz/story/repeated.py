"""Ideas of one pass of a loop, or of one call, in its other ones: a sigmoid of zeros alone does not show what it is."""

from __future__ import annotations

from collections.abc import Sequence

from mnistviz.story.ideas import Idea, says
from mnistviz.trace.model import Operation, Value


def repeated(ideas: Sequence[Idea], later: Sequence[Idea], operations: Sequence[Operation]) -> list[Idea]:
    """The ideas among operations, and what is one of these, or of later passes, by its expressions, in order."""
    taken = {one.number for idea in ideas for one in idea.operations}
    known = {_expressions(idea.operations): idea for idea in (*ideas, *later)}
    by_first = {key[0]: (key, idea) for key, idea in known.items()}
    found = list(ideas)
    for place, one in enumerate(operations):
        key, idea = by_first.get(_expression(one), ((), None))
        run = tuple(operations[place : place + len(key)])
        if idea is None or _expressions(run) != key or not taken.isdisjoint(each.number for each in run):
            continue
        given = tuple(_at(run, _place_of(idea, value)) for value in idea.given)
        if _denies(idea, run[-1].output, given):
            continue
        found.append(Idea(idea.kind, run, given))
        taken.update(each.number for each in run)
    return sorted(found, key=lambda idea: idea.operations[0].number)


def _denies(idea: Idea, result: Value, given: Sequence[Value]) -> bool:
    """Whether the numbers say that it is another thing: near a limit, `x + 1` is the slope of tanh in a later pass."""
    if any((value.value == value.value.flat[0]).all() for value in (result, *given) if value.value.size):
        return False  # of equal numbers nothing can be told
    return not says(idea.kind, result, given)


def _expression(one: Operation) -> tuple[object, ...]:
    return one.source.expression, one.operation, one.output.shape


def _expressions(run: Sequence[Operation]) -> tuple[tuple[object, ...], ...]:
    return tuple(map(_expression, run))


def _place_of(idea: Idea, value: Value) -> tuple[int, int]:
    """Where an idea takes an array that goes into it."""
    return next(
        (place, number)
        for place, one in enumerate(idea.operations)
        for number, given in enumerate(one.inputs)
        if given.id == value.id
    )


def _at(run: Sequence[Operation], place: tuple[int, int]) -> Value:
    return run[place[0]].inputs[place[1]]
