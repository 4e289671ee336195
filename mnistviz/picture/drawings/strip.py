"""What a loop makes of a vector, pass by pass: one column for each pass."""

from __future__ import annotations

import numpy as np

from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.props import cell_name, cell_number, filled
from mnistviz.picture.easing import ramp, smooth
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.arrange import BOTTOM, TOP, centred
from mnistviz.picture.stage.labels import ROW_ROOM
from mnistviz.picture.stage.studio import STAGE, Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.story.sentence import Code, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation, Value

GAP = 70.0  # between two strips
LARGEST_CELL = 110.0


@draws("strip")
def draw_strip(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The columns come one after the other; where several vectors are shown, all of a pass at once."""
    if not shot.extra:
        return draw_any(studio, shot, p)
    operations = studio.operations(shot)
    passes = max(value.shape[1] for value in shot.extra)
    done = round(smooth(ramp(p, 0.05, 0.95)) * passes)
    shown = [_up_to(card, done, p) for card in _side_by_side(studio, shot.extra)]
    at = operations[min(max(done - 1, 0), len(operations) - 1)]
    return Tableau(tuple(shown), inspector=_words(studio, at, done), lit=at.source.expression)


def _side_by_side(studio: Studio, strips: tuple[Value, ...]) -> list[Card]:
    wide = (STAGE[0] - GAP * (len(strips) - 1)) / len(strips)
    top = studio.above(TOP)
    shown = []
    for number, value in enumerate(strips):
        form = studio.form(value.shape)
        room = studio.beside(ROW_ROOM) if studio.labels(form)[1] is not None else 0.0
        box = (number * (wide + GAP) + room, top, wide - room, BOTTOM - top)
        card = studio.card(value, centred(studio, form, box, LARGEST_CELL))
        spare = max(box[2] * studio.scale * studio.stretch - card.place.across[0], 0.0) / 2
        place = changed(card.place, at=(card.place.at[0] + spare, card.place.at[1]))
        shown.append(changed(card, place=place, labels=(None, card.labels[1], None)))
    return shown


def _up_to(card: Card, done: int, p: float) -> Card:
    """The columns of the passes that are done, the latest one framed."""
    _, rows, columns = card.cells.values.shape
    there = np.broadcast_to(np.arange(columns) < done, (rows, columns))
    card = filled(card, there.ravel())
    framed = tuple((0, row, done - 1) for row in range(rows)) if 0 < done <= columns and p < 1 else ()
    return changed(card, lit=framed)


def _words(studio: Studio, at: Operation, done: int) -> Inspector:
    sentences = [line(Code(code), tone="formula") for code in at.expression.splitlines()[:3]]
    if done:
        sentences.append(
            line(cell_name(studio, at.output, 0), " = ", cell_number(at.output, 0), tone="result")
        )
    return Inspector(line("pass by pass"), tuple(sentences))
