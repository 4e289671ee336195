"""Several operations as one: what goes into all of them and what comes out, or what each pass of a loop made."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from mnistviz.operations import UNWRITTEN, definition
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.blocks import cell_frames
from mnistviz.picture.drawings.changes import update_of
from mnistviz.picture.drawings.generic import MOST_INPUTS, draw_any
from mnistviz.picture.drawings.order import magnitudes
from mnistviz.picture.drawings.picked import items_of
from mnistviz.picture.drawings.props import (
    cell_at,
    cell_name,
    cell_number,
    filled_up_to,
    shows_each_cell,
    strongest,
)
from mnistviz.picture.drawings.update import draw_update
from mnistviz.picture.easing import ramp, smooth
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.arrange import Term, equation, signs
from mnistviz.picture.stage.forms import scale_of
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.story.sentence import Code, line
from mnistviz.story.storyboard import Shot
from mnistviz.story.together import taken_from_before
from mnistviz.trace.model import Operation, Value

MOST_CELLS = 4096  # of a result whose cells light up one by one
MOST_LINES = 3
MOST_NEWS = 0.25  # of the cells, that are framed because they are others than before


@draws("whole")
def draw_whole(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The arrays from before, an arrow, and what the last operation makes; of what is added to an array, the change."""
    operations = studio.operations(shot)
    if len(operations) < 2:
        return draw_any(studio, shot, p)
    last = operations[-1]
    if last.in_place and definition(last.operation).adds and update_of((last,)) is not None:
        return draw_update(studio, shot, p)
    given = inputs_of(operations)[:MOST_INPUTS]
    terms = [Term(value, "," if place else "") for place, value in enumerate(given)]
    terms.append(Term(last.output, "→" if terms else ""))
    shown = list(equation(studio, tuple(terms)))
    count = math.prod(shown[-1].cells.values.shape)
    done = round(smooth(ramp(p, 0.15, 0.95)) * count)
    shown[-1] = changed(filled_up_to(shown[-1], done), glow=0.6 if p < 1 else 0.0)
    if 0 < done < count <= MOST_CELLS:
        shown[-1] = changed(shown[-1], lit=(cell_at(shown[-1], done),))
    at = operations[min(int(p * len(operations)), len(operations) - 1)]
    for place, value in enumerate(given):
        if value.name == last.output.name != "":
            shown[place] = replace(shown[place], name=f"{shown[place].name} before")
    items = items_of(last) if last.in_place else None
    frames = cell_frames(studio, shown[-1], items.cells) if items is not None and done == count else ()
    return Tableau(
        tuple(shown),
        (*signs(studio, shown, terms), *frames),
        inspector=_words(studio, last, at, "all at once", done / max(count, 1)),
        lit=at.source.expression,
    )


@draws("passes")
def draw_passes(studio: Studio, shot: Shot, p: float) -> Tableau:
    """What one statement made in several passes of a loop, side by side, one after the other."""
    operations = studio.operations(shot)
    if len(operations) < 2:
        return draw_any(studio, shot, p)
    again = len({one.source.expression for one in operations}) == 1
    terms = [
        Term(one.output, ("…" if again else ",") if place else "") for place, one in enumerate(operations)
    ]
    shown = list(equation(studio, tuple(terms)))
    if again and len({studio.name(one.output) for one in operations}) == 1:
        shown = _on_one_scale(shown, operations)
    told: list[float] = []  # share of the cells that are there
    for place in range(len(shown)):
        share = ramp(p, 0.1 + 0.8 * place / len(shown), 0.1 + 0.8 * (place + 1) / len(shown))
        count = math.prod(shown[place].cells.values.shape)
        done = 0 if operations[place].operation in UNWRITTEN else round(smooth(share) * count)
        shown[place] = filled_up_to(shown[place], done)
        told.append(done / max(count, 1))
        if again and place and share >= 1:
            shown[place] = _with_news(shown[place], operations[place - 1].output, operations[place].output)
    at_place = min(int(p * len(operations)), len(operations) - 1)
    at = operations[at_place]
    return Tableau(
        tuple(shown),
        signs(studio, shown, terms),
        inspector=_words(studio, at, at, "pass by pass" if again else "side by side", told[at_place]),
        lit=at.source.expression,
    )


def _with_news(card: Card, before: Value, after: Value) -> Card:
    """The card with frames around what is another number than in the pass that is shown before it, where that is little."""
    if before.shape != after.shape or not shows_each_cell(card):
        return card
    other = np.flatnonzero(np.ravel(before.value != after.value)).tolist()
    if not 0 < len(other) <= MOST_NEWS * after.value.size:
        return card
    return changed(card, lit=tuple(cell_at(card, place) for place in other))


def _on_one_scale(shown: list[Card], operations: tuple[Operation, ...]) -> list[Card]:
    """Cards of one array in several passes, which are to be compared by their colours."""
    tables = {card.colours.table for card in shown}
    if not tables <= {"level", "signed"}:
        return shown
    colours = scale_of([one.output.value for one in operations], "level" in tables)
    return [changed(card, colours=colours) for card in shown]


def inputs_of(operations: tuple[Operation, ...]) -> tuple[Value, ...]:
    """The arrays from before several operations that go into what the last one makes, in order."""
    taken = taken_from_before(operations, operations[-1:])
    return tuple({value.id: value for value in taken if value.shape}.values())


def _words(studio: Studio, last: Operation, at: Operation, head: str, done: float) -> Inspector:
    """What is being computed, and one cell of what comes of it, once such a share is there that it is."""
    sentences = [line(Code(code), tone="formula") for code in at.expression.splitlines()[:MOST_LINES]]
    written = last.operation not in UNWRITTEN
    if written and last.output.value.size and last.output.value.dtype.kind in "biuf":
        cell = _told_cell(last)
        if cell < done * last.output.value.size:
            name, number = cell_name(studio, last.output, cell), cell_number(last.output, cell)
            sentences.append(line(name, " = ", number, tone="result"))
    return Inspector(line(head), tuple(sentences))


@lru_cache(maxsize=256)
def _told_cell(operation: Operation) -> int:
    """The largest by size of the cells that it writes, or of a whole result, by flat index."""
    items, output = items_of(operation), operation.output
    if operation.in_place and items is not None:
        return int(items.cells[magnitudes(output.value).ravel()[items.cells].argmax()])
    if operation.in_place and output.before is not None:
        other = np.flatnonzero(np.ravel(output.before != output.value))
        return int(other[0]) if other.size else 0
    return strongest(output)
