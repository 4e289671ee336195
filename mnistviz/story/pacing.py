"""How long shots take: by what there is to see in them, and by the words to be read."""

from __future__ import annotations

from dataclasses import replace

from mnistviz.operations import definition
from mnistviz.story.sentence import Said, words_in
from mnistviz.story.storyboard import Beat, Shot
from mnistviz.trace.model import Operation

TICKS_A_WORD = 4


def readable(shot: Shot) -> Shot:
    """The shot with a rest that is long enough to read what is said last."""
    last = shot.said[-1]
    moving = round(shot.act_ticks * (1 - last.at))
    return replace(shot, rest_ticks=max(shot.rest_ticks, TICKS_A_WORD * words_in(last.caption) - moving))


def with_remark(shot: Shot, remark: Said) -> Shot:
    """The shot, begun with the author's words, and longer by the time to read them."""
    ticks = TICKS_A_WORD * max(4, words_in(remark))
    whole = shot.act_ticks + ticks
    return replace(shot, act_ticks=whole, beats=(Beat(0.0, remark), Beat(ticks / whole, shot.caption)))


def act_ticks(operation: Operation) -> int:
    """Ticks in which there is something to see: none of it in a number, most in a product of matrices."""
    cells = operation.output.value.size
    pace = definition(operation.operation).pace
    if pace == "quick" or cells <= 1:
        return 8
    if pace == "slow":
        return 25 if cells <= 64 else 35
    return 12 if cells <= 64 else 16
