"""Attention as a whole: queries meet keys, which gives weights; each row of these gathers the values."""

from __future__ import annotations

import numpy as np

from mnistviz.operations import MULTIPLIED
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.props import cell_name, cell_number, filled_up_to
from mnistviz.picture.drawings.whole import draw_whole, inputs_of
from mnistviz.picture.easing import ramp, smooth
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.arrange import Term, equation, signs
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.story.sentence import Part, Sentence, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

WEIGHED, GATHERED = 0.5, 0.95  # of the shot: all weights are there, all results
MOST_LOOKS = 5  # rows of which is said what they look at most


@draws("attention")
def draw_attention(studio: Studio, shot: Shot, p: float) -> Tableau:
    """Weights row by row, then what each row of them gathers; as several operations, where none are found."""
    operations = studio.operations(shot)
    last = operations[-1]
    if last.operation not in MULTIPLIED or any(v.value.ndim != 2 for v in (*last.inputs, last.output)):
        return draw_whole(studio, shot, p)
    weights, values = last.inputs
    product = next(one for one in operations if one.operation in MULTIPLIED)
    asking = product.inputs[0].id  # queries stand first in the first product
    before = sorted(
        (one for one in inputs_of(operations) if one.id != values.id), key=lambda one: one.id != asking
    )
    terms = [Term(one, "," if place else "") for place, one in enumerate(before[:2])]
    terms += [Term(weights, "→"), Term(values, "×"), Term(last.output, "=")]
    shown = list(equation(studio, tuple(terms)))
    rows = weights.shape[0]
    weighed = round(smooth(ramp(p, 0.1, WEIGHED)) * rows)
    gathered = round(smooth(ramp(p, WEIGHED, GATHERED)) * rows)
    at = len(terms) - 3
    shown[at] = _rows_of(
        shown[at], weighed if gathered == 0 else rows, weighed if gathered == 0 else gathered, p
    )
    shown[-1] = _rows_of(shown[-1], gathered, gathered, p)
    inspector = Inspector(line("who looks at whom"), _looks(studio, weights, weighed))
    now = last if gathered else operations[min(int(p / WEIGHED * len(operations)), len(operations) - 1)]
    return Tableau(tuple(shown), signs(studio, shown, terms), inspector=inspector, lit=now.source.expression)


def _rows_of(card: Card, done: int, lit: int, p: float) -> Card:
    """The card with its first rows, the latest one framed while it comes."""
    _, rows, columns = card.cells.values.shape
    card = filled_up_to(card, min(done, rows) * columns)
    if p >= 1 or not 0 < lit <= rows:
        return card
    return changed(card, lit=tuple((0, lit - 1, column) for column in range(columns)))


def _looks(studio: Studio, weights: Value, rows: int) -> tuple[Sentence, ...]:
    """For each of the first rows the largest of its weights."""
    columns = weights.shape[1]
    largest = [row * columns + int(np.argmax(weights.value[row])) for row in range(min(rows, MOST_LOOKS))]
    return tuple(line(*_look(studio, weights, cell), cell_number(weights, cell)) for cell in largest)


def _look(studio: Studio, weights: Value, cell: int) -> tuple[Part | str, ...]:
    """`on → sat: `, by the names of rows and columns, or the cell's own name."""
    by_row, by_column = (studio.board.labels_of(length) for length in weights.shape)
    if by_row is None or by_column is None:
        return cell_name(studio, weights, cell), " = "
    row, column = divmod(cell, weights.shape[1])
    return (f"{by_row.names[row]} → {by_column.names[column]}: ",)
