"""Passes of a loop: what it does first is told, what it does again is put side by side, and runs are put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from mnistviz.operations import UNWRITTEN
from mnistviz.story.phrases import is_gone_through, last_result, renewed, settled
from mnistviz.story.referring import completed, listed, named, path_end, shortened
from mnistviz.story.sentence import Cell, Number, Part, Quantity, line
from mnistviz.story.storyboard import Shot
from mnistviz.story.structure import Part as Piece
from mnistviz.trace.model import Operation, Span, Value

MOST_SHOTS = 6  # of a chapter's first pass
REST_TICKS = 15
NAMED = 8  # operations that a run may rather be longer than end without a name
APART = 16  # the same, than hold a part of two calls
LONG, OF_LONG = 16, 4  # operations of what is told in so many shots at least
SOON = 12  # ticks in which numbers are seen
MOST_BESIDE = 5  # passes of a loop that are shown side by side
FEWEST_IN_STRIP, LONGEST_STRIP = 3, 40  # passes whose vectors are shown as one strip, and cells of these
OF_MANY = 16  # passes that are shown of more than these
Alike = Mapping[tuple[Span, tuple[Span, ...]], Sequence[Operation]]  # by expression and the calls around it
Kept = Callable[[Sequence[Operation]], bool]
PASSES = "passes"  # the drawing of one statement's results in several passes
STRIP = "strip"  # the drawing of vectors of several passes as the columns of a matrix


def folded(runs: Sequence[tuple[Operation, ...]]) -> list[Piece]:
    """Runs, what a loop does again in its later passes after what it did first."""
    found: list[Piece] = []
    seen: set[object] = set()
    made: dict[int, Operation] = {}
    for run in runs:
        source = run[-1].source  # `x[0] -= 1` reads and writes back in one pass
        place = source.calls, source.statement, source.expression, run[-1].operation
        if place in seen and not _is_gone_through(run[-1], made):
            found[-1] = replace(found[-1], again=(*found[-1].again, run))
        else:
            found.append(Piece(run, len(source.calls)))
        seen.add(place)
        made |= {one.output.id: one for one in run}
    return found


def _is_gone_through(part: Operation, made: Mapping[int, Operation]) -> bool:
    """Whether it is a loop's part of `for part in whole[::2]`, which is written where the whole is made."""
    whole = made.get(part.inputs[0].id) if part.operation == "getitem" and part.inputs else None
    if whole is None or whole.output.name == part.output.name:
        return False
    return whole.source.expression == part.source.expression and whole.source.passes == part.source.passes


def few_pieces(pieces: Sequence[Piece], kept: Kept, most: int = MOST_SHOTS) -> list[Piece]:
    """At most so many first passes, as far as they are neighbours: those before a loop's later passes, and those after.

    `kept` says whether a run is rather told by itself: an idea.
    """
    found: list[Piece] = []
    waiting: list[Piece] = []
    loops = max(1, sum(bool(one.again) for one in pieces) + (not pieces[-1].again))
    for one in pieces:
        waiting.append(one)
        if one.again or one is pieces[-1]:
            long = sum(len(piece.operations) for piece in waiting) > LONG
            runs = few(
                [piece.operations for piece in waiting], max(OF_LONG if long else 1, most // loops), kept
            )
            found += [Piece(run, one.depth) for run in runs[:-1]]
            found.append(Piece(runs[-1], one.depth, one.again))
            waiting = []
    return found


def few(
    runs: list[tuple[Operation, ...]], most: int = MOST_SHOTS, kept: Kept = lambda _: False
) -> list[tuple[Operation, ...]]:
    """At most so many runs: the shortest neighbours are put together, those of one statement, or of one call, first."""
    runs = list(runs)
    while len(runs) > most:
        sizes = [
            len(left)
            + len(right)
            + NAMED * (bool(left[-1].output.name) + (not _of_one_statement(left, right)))
            + APART * (_are_apart(left, right) + kept(left) + kept(right))
            for left, right in pairwise(runs)
        ]
        place = sizes.index(min(sizes))
        runs[place : place + 2] = [(*runs[place], *runs[place + 1])]
    return runs


def _are_apart(left: Sequence[Operation], right: Sequence[Operation]) -> bool:
    """Whether a run ends in one function, or one object's, and the next begins in another."""
    ends, begins = left[-1].source, right[0].source
    return (ends.function, ends.receiver) != (begins.function, begins.receiver)


def _of_one_statement(left: Sequence[Operation], right: Sequence[Operation]) -> bool:
    """Whether two runs are of a statement as it ran once, or of a loop within it and what that goes through."""
    first, last = left[-1].source, right[-1].source
    shared = min(len(first.passes), len(last.passes))
    same_passes = first.passes[:shared] == last.passes[:shared]
    return same_passes and (first.statement, first.calls) == (last.statement, last.calls)


def told_again(part: Piece, alike: Alike, nested: Mapping[int, bool], told: Collection[Span]) -> Shot:
    """One shot for the later passes of a loop: the last of them is drawn.

    `nested` are made in calls, without a loop around: of a function by itself, or by code that is not watched; each
    says whether it is made once in a call.  `told` are the expressions that are told in full: it is not the same
    where a pass comes to others.
    """
    operations = [one for each in part.again for one in each]
    all_told = all(one.source.expression in told for one in operations)
    best = _worth_seeing(part)
    strips = tuple(strip for one in _carried(part, best) if (strip := _strip(_same(one, alike))))
    shown = _sampled(_same(best, alike)) if strips else _side_by_side(part, best)
    same = _same(best, alike)
    drawing = STRIP if strips else PASSES if len(shown) > 1 else best.operation
    return Shot(
        title=shortened(f"Again: {path_end(best.output.name) or best.operation}", 40),
        drawing=drawing,
        caption=line(
            "The same again" if all_told else "And so on",
            *_how_often(part, nested),
            *(settled(same) or renewed(_told_first(part, best), best) or last_result(best)),
            mono=False,
        ),
        subject=tuple(one.number for one in shown),
        completes=tuple(operation.number for operation in operations),
        act_ticks=min(30 if best.output.shape else SOON, 8 + len(part.again)),
        rest_ticks=REST_TICKS,
        extra=strips,
    )


def _told_first(part: Piece, last: Operation) -> Operation | None:
    """What the same expression made in the pass that is told in full, whatever loops are around it."""
    return next((one for one in part.operations if one.source.expression == last.source.expression), None)


def _how_often(part: Piece, nested: Mapping[int, bool]) -> tuple[Part | str, ...]:
    """As in " in 3 more passes, 33 operations. "."""
    operations = [one for each in part.again for one in each]
    last = operations[-1]
    same = [one for one in operations if one.source.expression == last.source.expression]
    passes = {one.source.passes for one in same}
    first = _told_first(part, last)
    which: tuple[Part | str, ...] = ()
    one_call = last.number not in nested or (not nested[last.number] and len({p[:-1] for p in passes}) == 1)
    if not one_call:  # a function that calls itself, or that is called again: not a loop
        calls = Number(len(same), Quantity("calls"), "index")
        which = (" in ", calls, " more calls") if nested[last.number] and len(same) > 1 else ()
    elif len(passes) > 1:
        which = (" in ", Number(len(passes), Quantity("passes"), "index"), " more passes")
    elif (
        len(same) == 1
        and last.number not in nested
        and last.source.passes
        and (first is None or first.source.passes not in passes)
    ):
        which = (" in ", *_one_pass(last))
    noun = " operation. " if len(operations) == 1 else " operations. "
    return (*which, ", ", completed(len(operations)), noun)


def _carried(part: Piece, best: Operation) -> tuple[Operation, ...]:
    """What is worth seeing of the passes, before it what the last but one has left for the last."""
    ends = [each[-1] for each in part.again]
    last = ends[-1].source.passes
    taken = {v.id for each in part.again for one in each if one.source.passes == last for v in one.inputs}
    left = {one.source.expression for one in ends if one.output.id in taken and one.source.passes != last}
    carried = [one for one in ends if one.source.expression in left - {best.source.expression}]
    return (*[one for one in carried if one.output.name][-1:], best)


def _strip(same: Sequence[Operation]) -> Value | None:
    """Vectors of several passes as the columns of a matrix; None where they are none, or too long."""
    outputs = [one.output for one in _sampled(same)]
    first = outputs[0]
    if len(outputs) < FEWEST_IN_STRIP or len({one.shape for one in outputs}) > 1:
        return None
    vector = 1 < first.value.size == max(first.shape, default=0) <= LONGEST_STRIP
    name = first.name.partition("[")[0]
    if not vector or not name or first.dtype.kind != "f" or any(one.before is not None for one in outputs):
        return None
    columns = np.stack([one.value.ravel() for one in outputs], axis=1)
    columns.flags.writeable = False
    which = "each pass" if len(outputs) == len(same) else f"{len(outputs)} of {len(same):,} passes"
    return Value(-1 - same[-1].number, f"{name} in {which}", outputs[-1].role, columns)


def _sampled(same: Sequence[Operation]) -> Sequence[Operation]:
    """All of them, or some that are equally far apart, the first and the last among them."""
    if len(same) <= LONGEST_STRIP:
        return same
    step = (len(same) - 1) / (OF_MANY - 1)
    return [same[round(place * step)] for place in range(OF_MANY)]


def _worth_seeing(part: Piece) -> Operation:
    """The last of the later passes' statements that makes an array, of what was told before; else what comes nearest."""
    first = {one.source.expression for one in part.operations}
    ends = [each[-1] for each in reversed(part.again)]
    known = [one for one in ends if one.source.expression in first]
    computed = [[one for one in several if not is_gone_through(one)] for several in (known, ends)]
    arrays = ([one for one in several if one.output.shape] for several in computed)
    return next(filter(None, (*arrays, *computed, known, ends)))[0]


def by_expression(operations: Iterable[Operation]) -> Alike:
    """Operations that are one expression, run again and again."""
    found: dict[tuple[Span, tuple[Span, ...]], list[Operation]] = {}
    for one in operations:
        found.setdefault((one.source.expression, one.source.calls), []).append(one)
    return found


def _same(last: Operation, alike: Alike) -> list[Operation]:
    """What made the same in each pass of the loop that the last one is in, up to that."""
    source = last.source
    return [
        one
        for one in alike[source.expression, source.calls]
        if one.source.passes[:-1] == source.passes[:-1] and one.number <= last.number
    ]


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


def made_together(run: Sequence[Operation]) -> Shot:
    """One shot for arrays that are only made, side by side."""
    names: list[Part | str] = []
    for place, one in enumerate(run):
        between = "" if place == 0 else " and " if place == len(run) - 1 else ", "
        names += [between, named(one.output, one.output.name)]
    first = run[0].output
    numbers = first.value.size and all(one.output.dtype.kind in "biuf" for one in run)
    alike = numbers and all(
        one.output.value.size and (one.output.value == first.value.flat[0]).all() for one in run
    )
    filled: tuple[Part | str, ...] = (
        (" have room now, and no numbers of their own yet.",)
        if all(one.operation in UNWRITTEN for one in run)
        else (" begin with nothing but ", Number(float(first.value.flat[0]), Cell(first.id), "short"), ".")
        if alike
        else (" are made.",)
    )
    done = tuple(one.number for one in run)
    title = shortened(f"{listed([one.output.name for one in run])}: made", 48)
    words = line(*names, *filled, mono=False)
    return Shot(title, PASSES, words, done, done, SOON + 4, REST_TICKS)


def _one_pass(operation: Operation) -> tuple[Part | str, ...]:
    """`pass 2.3`: of each loop around it, the outermost first."""
    said: list[Part | str] = ["pass "]
    for level, number in enumerate(operation.source.passes):
        said += [
            *([] if level == 0 else ["."]),
            Number(number, Quantity("pass", (operation.number, level)), "index"),
        ]
    return tuple(said)
