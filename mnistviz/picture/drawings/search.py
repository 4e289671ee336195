"""The place of the largest or smallest cell: a pointer runs down the column, and who has won is crowned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import SOUGHT, definition
from mnistviz.picture.display import Line, Polygon, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.props import cell_at, cell_number, centre
from mnistviz.picture.easing import eased, ramp
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.ground import by_cards
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.story.sentence import Cell, Code, Number, Order, Quantity, Rank, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation, Value

COLUMN_BOX = (226.0, 100.0, 240.0, 664.0)
SEARCHED = (0.04, 0.9)  # shares of the action at which the search begins and ends
CROWNED = (0.9, 0.96)  # and in which the crown comes down then
CROWN_FALLS = 40.0  # from so far above
# From a column to what points at it: past the numbers, where they stand beside it.
BESIDE, NUMBERED = 14.0, 104.0


@draws(*SOUGHT)
def draw_search(studio: Studio, shot: Shot, p: float) -> Tableau:
    """A column of scores, and the place of the cell that wins."""
    best = sought(studio.operations(shot))
    if best is None:
        return draw_any(studio, shot, p)
    scores = best.inputs[0]
    column = studio.card(scores, studio.place(studio.form(scores.shape), *COLUMN_BOX, largest_cell=58.0))
    marks: list[Primitive] = [*row_labels(studio, column, scores)]
    q = ramp(p, *SEARCHED)
    if p > 0:
        column = with_leader(column, best, q)
        marks += [*pointer(studio, column, best, q), *crown(studio, column, best, ramp(p, *CROWNED))]
    return Tableau((column,), tuple(marks), inspector=ranking(best, q), lit=best.source.expression)


def sought(operations: tuple[Operation, ...]) -> Operation | None:
    """The last search for one cell of a column or row, if there is one."""
    best = last_of(operations, *SOUGHT)
    if best is None or best.output.value.size != 1:
        return None
    scores = best.inputs[0]
    return best if max(scores.shape, default=0) == scores.value.size else None


def last_of(operations: tuple[Operation, ...], *names: str) -> Operation | None:
    """The last of the operations that has one of these names."""
    return next((operation for operation in reversed(operations) if operation.operation in names), None)


def row_labels(studio: Studio, card: Card, scores: Value) -> list[Text]:
    """The number of each row, left of its cell, where the card does not name its rows itself."""
    texts: list[Text] = []
    if card.labels[1] is not None:
        return texts
    for row in range(min(scores.value.size, 24)):
        x, y = centre(card, row)
        at = (x - card.place.across[0] / 2 - 14 * studio.scale, y + 4)
        texts.append(Text(str(row), at, 22, by_cards(studio.theme.soft, studio.theme), "mono-bold", "rm"))
    return texts


def with_leader(card: Card, best: Operation, q: float) -> Card:
    """The column with the best cell so far framed."""
    lead = _lead(best.inputs[0], best)
    leader = int(lead[: _seen(len(lead), q)].argmax())
    return changed(card, lit=(cell_at(card, leader),))


def pointer(studio: Studio, card: Card, best: Operation, q: float) -> list[Primitive]:
    """A pointer runs down the column, until all of it was seen."""
    if q >= 1:
        return []
    x, y = centre(card, _seen(best.inputs[0].value.size, q) - 1)
    room = NUMBERED if card.side == "right" else BESIDE
    x += card.place.across[0] / 2 + room * studio.scale
    return [Line(((x + 52, y), (x + 8, y)), studio.theme.ink, 4.0, head=16)]


def _seen(rows: int, q: float) -> int:
    return rows if q >= 1 else min(int(q * rows) + 1, rows)


def _seeks_largest(best: Operation) -> bool:
    return definition(best.operation).reduces == "place of largest"


def crown(studio: Studio, card: Card, best: Operation, landed: float) -> list[Primitive]:
    """A small crown comes down to the left of the winner's number, once it has won."""
    if landed <= 0:
        return []
    x, y = centre(card, int(_lead(best.inputs[0], best).argmax()))
    x -= card.place.across[0] / 2 + 78 * studio.scale
    y -= CROWN_FALLS * studio.scale * (1 - eased(landed, 0.0, 1.0))
    gold = studio.theme.accents[5]
    points = ((-20, 13), (-24, -12), (-10, 0), (0, -18), (10, 0), (24, -12), (20, 13))
    return [Polygon(tuple((x + dx, y + dy) for dx, dy in points), gold, gold, 1.5, landed, glow=0.6)]


def ranking(best: Operation, q: float) -> Inspector:
    """The three cells that lead, and the one that is chosen, once the search at q, 0..1, is over."""
    scores = best.inputs[0]
    heading, order = _superlative(best)
    leaders = np.argsort(-_lead(scores, best), kind="stable")[:3]
    lines = [line(Code(" ".join(best.expression.split())), tone="formula")]
    if q < 1:
        return Inspector(heading, tuple(lines))
    for rank, place in enumerate(map(int, leaders), start=1):
        claim = Rank("[", order, Cell(scores.id, place), rank)
        row = Number(place, Quantity("place", (Cell(scores.id, place),)), "index")
        lines.append(line(claim, row, "]  ", cell_number(scores, place), tone="working"))
    lines.append(line("= ", cell_number(best.output, 0, "index"), tone="result"))
    return Inspector(heading, tuple(lines))


def _superlative(best: Operation) -> tuple[str, Order]:
    return ("The largest output", "largest") if _seeks_largest(best) else ("The smallest", "smallest")


def _lead(scores: Value, best: Operation) -> NDArray[np.float64]:
    """How far ahead each cell is in numpy's search, in which NaN wins."""
    flat = np.asarray(scores.value, dtype=np.float64).ravel()
    return np.where(np.isnan(flat), np.inf, flat if _seeks_largest(best) else -flat)
