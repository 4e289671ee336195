"""Two matrices cell by cell: their cells meet between them and leave one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mnistviz.operations import SIGNED, definition
from mnistviz.picture.display import Matrix
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.headings import announced, heading, largest_first
from mnistviz.picture.drawings.order import order_of
from mnistviz.picture.drawings.props import (
    arriving,
    cell_at,
    cell_name,
    cell_number,
    centre,
    filled,
    flying,
    shows_each_cell,
    working,
)
from mnistviz.picture.drawings.update import draw_update
from mnistviz.picture.easing import CellPace, mix, ramp, still_acts
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.arrange import Term, equation, signs
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.story.referring import meant
from mnistviz.story.sentence import Sentence, Sign, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation, Value


@dataclass(frozen=True)
class Pair:
    """Two operands, their result, and the sign of what is done with them."""

    left: Value
    right: Value
    result: Value
    sign: str
    operation: str  # numpy's own name


def pair_of(operation: Operation) -> Pair | None:
    """The operands of a binary operation that can be drawn cell by cell; `None` for any other."""
    name = meant(operation)
    if name not in SIGNED or len(operation.inputs) != 2 or operation.output.value.size == 0:
        return None
    left, right = operation.inputs
    if any(value.value.dtype.kind not in "biuf" for value in (left, right, operation.output)):
        return None
    return Pair(left, right, operation.output, definition(name).sign, name)


@draws(*SIGNED)
def draw_pair(studio: Studio, shot: Shot, p: float) -> Tableau:
    """Cell by cell: what matters first slowly, the next few faster, the rest as a sweep."""
    operations = studio.operations(shot)
    if operations and operations[-1].in_place:
        return draw_update(studio, shot, p)
    pair = pair_of(operations[-1]) if operations else None
    if pair is None:
        return draw_any(studio, shot, p)
    pace = order_of(shot, pair.result).pace(ramp(p, 0.04, 1.0))
    return _pair_at(studio, shot, pair, pace.seen, still_acts(p))


@lru_cache(maxsize=4)
def _pair_at(studio: Studio, shot: Shot, pair: Pair, pace: CellPace, p: float) -> Tableau:
    """Of the progress only its ends count: a sweep is drawn once a cell."""
    terms = [Term(pair.left), Term(pair.right, pair.sign), Term(pair.result, "=")]
    left, right, result = _told_apart(studio, pair, equation(studio, tuple(terms)))
    order = order_of(shot, pair.result)
    cell = order.now(pace, p)
    frames: tuple[Matrix, ...] = ()
    if p > 0 and shows_each_cell(left, right, result):
        left = changed(left, lit=(cell_at(left, partner(pair.left, pair.result, cell)),))
        right = changed(right, lit=(cell_at(right, partner(pair.right, pair.result, cell)),))
        frames = _meeting(studio, pair, (left, right, result), cell, pace) if pace.flies and p < 1 else ()
        result = changed(result, lit=(cell_at(result, cell),))
    shown = (left, right, changed(filled(result, order.done(pace.landed())), glow=0.5 if 0 < p < 1 else 0.0))
    claim = largest_first(shot, pair.result, cell, order, pace.done)
    words = _words(studio, pair, cell, heading(studio, shot, pair.result, cell, claim))
    return Tableau(
        shown,
        (*signs(studio, shown, terms), *frames),
        inspector=words if p > 0 else announced(words),
        lit=studio.operations(shot)[-1].source.expression,
    )


def _told_apart(studio: Studio, pair: Pair, shown: tuple[Card, ...]) -> tuple[Card, ...]:
    """The cards with what the storyboard calls them below their names: the three may look alike."""
    values = (pair.left, pair.right, pair.result)
    called = [studio.board.nickname_of(value.name) for value in values]
    return tuple(
        changed(card, note=card.note or words or "") if any(called) else card
        for card, words in zip(shown, called, strict=True)
    )


def partner(value: Value, result: Value, flat: int) -> int:
    """The cell of an operand that broadcasting pairs with a cell of the result."""
    if value.shape == result.shape:
        return flat
    places = []
    lead = len(result.shape) - len(value.shape)
    rest = flat
    for length in reversed(result.shape):
        rest, place = divmod(rest, max(length, 1))
        places.append(place)
    index = 0
    for length, place in zip(value.shape, list(reversed(places))[lead:], strict=True):
        index = index * length + (place if length > 1 else 0)
    return index


def _meeting(
    studio: Studio, pair: Pair, shown: tuple[Card, Card, Card], cell: int, pace: CellPace
) -> tuple[Matrix, ...]:
    """Both cells fly to the middle, become one, and that one flies to its place."""
    left, right, result = shown
    x1, y1 = centre(left, partner(pair.left, pair.result, cell))
    x2, y2 = centre(right, partner(pair.right, pair.result, cell))
    middle = (mix(x1, x2, 0.6), mix(y1, y2, 0.6) - 10)
    if pace.q < 0.5:
        q = ramp(pace.q, 0.08, 0.5)
        return (
            flying(studio, left, partner(pair.left, pair.result, cell), (middle[0] - 22, middle[1]), q),
            flying(studio, right, partner(pair.right, pair.result, cell), (middle[0] + 22, middle[1]), q),
        )
    return (arriving(studio, result, cell, middle, ramp(pace.q, 0.58, 0.95)),)


def _words(studio: Studio, pair: Pair, cell: int, head: Sentence) -> Inspector:
    left, right = partner(pair.left, pair.result, cell), partner(pair.right, pair.result, cell)
    sign = Sign(pair.sign, pair.operation)
    lines = [
        line(cell_name(studio, pair.result, cell)),
        line("= ", cell_name(studio, pair.left, left)),
        line("  ", sign, " ", cell_name(studio, pair.right, right)),
        line("= ", cell_number(pair.left, left), " ", sign, " ", cell_number(pair.right, right, "bare")),
        line("= ", cell_number(pair.result, cell)),
    ]
    return Inspector(head, working(lines))
