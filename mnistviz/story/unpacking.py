"""Arrays that are taken apart: `x, y = point` takes several parts of one array in one go, each under its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from mnistviz.story.pacing import act_ticks
from mnistviz.story.passes import REST_TICKS
from mnistviz.story.phrases import TOO_LONG, unpacked_caption
from mnistviz.story.referring import listed, shortened
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation

APART = "apart"  # the drawing of an array and its parts


def goes_on(one: Operation, following: Operation | None) -> bool:
    """Whether the next operation takes another part of the array that this one takes a part of."""
    if following is None or {one.operation, following.operation} != {"getitem"}:
        return False
    names = one.output.name, following.output.name
    return (
        one.source == following.source and one.inputs[0].id == following.inputs[0].id and names[0] != names[1]
    )


def takes_apart(run: Sequence[Operation]) -> bool:
    """Whether all that is done is that an array is taken apart."""
    return (
        len(run) > 1 and all(one.output.name for one in run) and all(goes_on(a, b) for a, b in pairwise(run))
    )


def taken_apart(run: Sequence[Operation], made: Mapping[int, Operation]) -> Shot:
    """The shot of an array that is taken apart; `made` says which operation made a value."""
    numbers = tuple(one.number for one in run)
    title = shortened(listed([one.output.name for one in run]), TOO_LONG)
    ticks = max(map(act_ticks, run))
    return Shot(title, APART, unpacked_caption(run, made), numbers, numbers, ticks, REST_TICKS)
