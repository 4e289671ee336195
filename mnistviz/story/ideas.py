"""Ideas that people write again and again, found by what they compute: sigmoid, softmax, cross-entropy, Adam.

An idea is a run of operations whose result is what the idea says of what went in, to rounding: whatever
it is called, and however it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from mnistviz.story.kinds import KINDS, Kind
from mnistviz.trace.model import Operation, Span, Value

LONGEST = 48  # operations of an idea
LARGEST = 2**20  # cells of what is tried
# No idea ends so.
CARRYING = ("copy", "astype", "asarray", "array", "reshape", "ravel", "getitem", "transpose")
EMPTY = ("zeros", "zeros_like", "empty", "empty_like")  # arrays in which nothing stands yet
CREATING = ("zeros", "zeros_like", "ones", "ones_like", "full", "full_like")
MOST_GIVEN = 4  # arrays that go into an idea
NEEDED = frozenset[str]().union(*(kind.needs for kind in KINDS))


@dataclass(frozen=True)
class Idea:
    """A run of operations that is one idea."""

    kind: Kind
    operations: tuple[Operation, ...]
    given: tuple[Value, ...]  # in the order of the kind's words

    @property
    def result(self) -> Value:
        """What comes of it."""
        return self.operations[-1].output


def ideas_in(operations: Sequence[Operation]) -> list[Idea]:
    """The ideas in a run of operations, none within another, the larger ones first found."""
    found: list[Idea] = []
    end = len(operations)
    while end > 0:
        idea = _ending_at(operations[:end])
        if idea is not None:
            found.insert(0, idea)
            end -= len(idea.operations)
        else:
            end -= 1
    return found


def _ending_at(operations: Sequence[Operation]) -> Idea | None:
    """The largest idea that ends with the last operation."""
    names: set[str] = set()
    best: Idea | None = None
    result = operations[-1].output
    if (
        operations[-1].operation in CARRYING
        or result.value.size > LARGEST
        or result.value.dtype.kind not in "biuf"
        or not result.value.any()  # nothing comes of many things
    ):
        return None
    calls = operations[-1].source.calls
    for count, one in enumerate(reversed(operations[-LONGEST:]), start=1):
        if not _is_of_call(one, calls):
            break  # what comes before the call that the idea is in is not of it
        names.add(one.operation)
        run = tuple(operations[-count:])
        if not (names & NEEDED) or not _hangs_together(run):
            continue
        given = _given(run)
        if len(given) > MOST_GIVEN:
            continue
        kinds = [kind for kind in KINDS if kind.given == len(given) and kind.fits(names)]
        larger = next((idea for kind in kinds if (idea := _as_idea(kind, run, given))), None)
        if larger is not None and not (best is not None and _leaves_out(larger, best)):
            best = larger
    return best


def _leaves_out(larger: Idea, idea: Idea) -> bool:
    """Whether what goes into an idea by name is made in a larger one with a named number, of which it says nothing.

    As `m * x` is `y = m * x + c` as long as `c` is 0.
    """
    passed = {value.id for value in larger.given}
    swallowed = {value.id for value in idea.given if value.name and value.id not in passed}
    makers = [one for one in larger.operations if one.output.id in swallowed]
    inside = {value.id for one in larger.operations for value in (one.output, *one.more)}
    outside = [value for one in makers for value in one.inputs if value.id not in inside | passed]
    return larger.kind is idea.kind and any(value.name.isidentifier() for value in outside)


def _is_of_call(one: Operation, calls: tuple[Span, ...]) -> bool:
    """Whether it runs in a call, or makes what that is given: of `square_sum(x - y)` the difference."""
    own = one.source.calls
    if len(own) < len(calls):
        return calls[: len(own)] == own and one.source.expression.lies_in(calls[len(own)])
    return own[: len(calls)] == calls


def _hangs_together(run: tuple[Operation, ...]) -> bool:
    """Whether all that is made in a run goes into its result."""
    used = {value.id for one in run for value in one.inputs} | {run[-1].output.id}
    return all(any(value.id in used for value in (one.output, *one.more)) for one in run)


def _given(run: Sequence[Operation]) -> tuple[Value, ...]:
    """The arrays that a run takes from before it."""
    made = {value.id for one in run for value in (one.output, *one.more)}
    arrays = {v.id: v for one in run for v in one.inputs if v.shape and v.id not in made}
    return tuple(arrays.values())


def _as_idea(kind: Kind, run: tuple[Operation, ...], given: tuple[Value, ...]) -> Idea | None:
    if any(value.value.size > LARGEST or value.value.dtype.kind not in "biuf" for value in given):
        return None
    if kind.updates and any(one.operation in CREATING for one in run):
        return None
    if kind.updates and kind.given > 3 and len({value.shape for value in (*given, run[-1].output)}) > 1:
        return None
    for order in permutations(given):
        if kind.updates and not (order[0].name == run[-1].output.name != ""):
            continue
        if kind.goes_on and order[-1].name not in {one.output.name for one in run if one.output.name}:
            continue  # a sum of two arrays is no way that goes on
        if says(kind, run[-1].output, order):
            return Idea(kind, run, tuple(order))
    return None


def says(kind: Kind, result: Value, given: Sequence[Value]) -> bool:
    """Whether a result is what the idea says of what went in."""
    try:
        with np.errstate(all="ignore"):
            return kind.test(result.value, *(value.value for value in given))
    except (ValueError, IndexError, TypeError, FloatingPointError, np.linalg.LinAlgError):
        return False
