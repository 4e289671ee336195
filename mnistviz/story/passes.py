"""Passes of a loop: what it does first is told, what it does again is put side by side, and runs are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from mnistviz.story.phrases import completed, last_result, shortened
from mnistviz.story.sentence import Number, Part, Quantity, line
from mnistviz.story.storyboard import Shot
from mnistviz.story.structure import Part as Piece
from mnistviz.trace.model import Operation

MOST_SHOTS = 6  # of a chapter's first pass
REST_TICKS = 15
NAMED = 8  # operations that a run may rather be longer than end without a name
SOON = 12  # ticks in which numbers are seen
MOST_BESIDE = 5  # passes of a loop that are shown side by side
PASSES = "passes"  # the drawing of one statement's results in several passes


def folded(runs: Sequence[tuple[Operation, ...]]) -> list[Piece]:
    """Runs, what a loop does again in its later passes after what it did first."""
    found: list[Piece] = []
    seen: set[object] = set()
    for run in runs:
        source = run[-1].source  # `x[0] -= 1` reads and writes back in one pass
        place = source.calls, source.statement, source.expression, run[-1].operation
        if place in seen:
            found[-1] = replace(found[-1], again=(*found[-1].again, run))
        else:
            found.append(Piece(run, len(source.calls)))
        seen.add(place)
    return found


def few_pieces(pieces: Sequence[Piece], most: int = MOST_SHOTS) -> list[Piece]:
    """At most so many first passes, as far as they are neighbours: those before a loop's later passes, and those after."""
    found: list[Piece] = []
    waiting: list[Piece] = []
    loops = max(1, sum(bool(one.again) for one in pieces) + (not pieces[-1].again))
    for one in pieces:
        waiting.append(one)
        if one.again or one is pieces[-1]:
            runs = few([piece.operations for piece in waiting], max(1, most // loops))
            found += [Piece(run, one.depth) for run in runs[:-1]]
            found.append(Piece(runs[-1], one.depth, one.again))
            waiting = []
    return found


def few(runs: list[tuple[Operation, ...]], most: int = MOST_SHOTS) -> list[tuple[Operation, ...]]:
    """At most so many runs: the shortest neighbours are put together."""
    runs = list(runs)
    while len(runs) > most:
        sizes = [
            len(left) + len(right) + NAMED * bool(left[-1].output.name) for left, right in pairwise(runs)
        ]
        place = sizes.index(min(sizes))
        runs[place : place + 2] = [(*runs[place], *runs[place + 1])]
    return runs


def told_again(part: Piece) -> Shot:
    """One shot for the later passes of a loop: the last of them is drawn."""
    operations = [one for each in part.again for one in each]
    last, best = operations[-1], _worth_seeing(part)
    shown = _side_by_side(part, best)
    passes = {one.source.passes for one in operations if one.source.expression == last.source.expression}
    which: tuple[Part | str, ...] = ()  # of what is called again, not by a loop
    if len(passes) > 1:
        which = (" in ", Number(len(passes), Quantity("passes"), "index"), " more passes")
    elif last.source.passes:
        which = (" in ", *_one_pass(last))
    count = completed(len(operations))
    noun = " operation. " if len(operations) == 1 else " operations. "
    words = line("The same again", *which, ", ", count, noun, *last_result(best), mono=False)
    return Shot(
        title=shortened(f"Again: {best.output.name or best.operation}", 40),
        drawing=PASSES if len(shown) > 1 else best.operation,
        caption=words,
        subject=tuple(one.number for one in shown),
        completes=tuple(operation.number for operation in operations),
        act_ticks=min(30 if best.output.shape else SOON, 8 + len(part.again)),
        rest_ticks=REST_TICKS,
    )


def _worth_seeing(part: Piece) -> Operation:
    """The last of the later passes' statements that makes an array; where none does, the last one."""
    ends = [each[-1] for each in part.again]
    return next((one for one in reversed(ends) if one.output.shape), ends[-1])


def _side_by_side(part: Piece, last: Operation) -> list[Operation]:
    """What a statement made in some of the passes, the last one among them."""
    runs = (part.operations, *part.again)
    same = [one for run in runs for one in run if one.source.expression == last.source.expression]
    if len(same) > MOST_BESIDE:
        same = [one for one in same if one.output.shape == last.output.shape]
    if len(same) <= MOST_BESIDE:
        return same
    step = (len(same) - 1) / (MOST_BESIDE - 1)
    return [same[round(place * step)] for place in range(MOST_BESIDE)]


def _one_pass(operation: Operation) -> tuple[Part | str, ...]:
    """`pass 2.3`: of each loop around it, the outermost first."""
    said: list[Part | str] = ["pass "]
    for level, number in enumerate(operation.source.passes):
        said += [
            *([] if level == 0 else ["."]),
            Number(number, Quantity("pass", (operation.number, level)), "index"),
        ]
    return tuple(said)
