"""Where cards stand when an operation is written as an equation: operands, signs and result in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mnistviz.picture import fonts as lettering
from mnistviz.picture.display import Box, Text
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.forms import Form
from mnistviz.picture.stage.ground import by_cards
from mnistviz.picture.stage.labels import ROW_ROOM
from mnistviz.picture.stage.studio import STAGE, Studio
from mnistviz.picture.stage.tableau import AxisLabels, Card, Place
from mnistviz.trace.model import Value

TOP, BOTTOM = 92.0, 810.0  # of the cards themselves; their labels stand above, the legend below
SIGN_ROOM, SIGN_SIZE, WORD_SIZE = 64.0, 46.0, 24.0
NUMBER_ROOM = 108.0
# Width of a column's cells: its numbers beside it, in it; the same where a card with many columns needs room.
COLUMN_ROOM, COLUMN_ROOM_BESIDE = (176.0, 236.0), (64.0, 136.0)
LARGEST_CELL, LARGEST_NUMBERED = 62.0, 96.0  # of a column, of a grid
FEW_ROWS, LARGEST_OF_FEW = 6, 88.0  # of a column that would be lost on the stage: its cells may be larger
WIDEST_GRID = 640.0
LABEL_BELOW = 62.0  # room for a label under a card
NAMES = 24.0  # room for the names of columns above a grid
STACK_GAP = 64.0  # between two cards one below the other
WORTH_STACKING = 1.15  # as much more of the stage must be used


@dataclass(frozen=True)
class Term:
    """A value in an equation, and the sign that stands before it."""

    value: Value
    sign: str = ""
    before: bool = False


@lru_cache(maxsize=1024)
def extent(place: Place) -> Box:
    """Left, top, right, bottom of a card, on the canvas, without label and numbers."""
    return extent_on_the_way(place)


def extent_on_the_way(place: Place) -> Box:
    """The same of a place that will hardly be asked for again: it is not kept."""
    xs, ys = [], []
    for dx, dy in place.steps:
        x, y = place.at[0] + dx, place.at[1] + dy
        xs += [x, x + place.across[0], x + place.across[0] + place.down[0], x + place.down[0]]
        ys += [y, y + place.across[1], y + place.across[1] + place.down[1], y + place.down[1]]
    return min(xs), min(ys), max(xs), max(ys)


@lru_cache(maxsize=256)
def equation(
    studio: Studio, terms: tuple[Term, ...], top: float = TOP, bottom: float = BOTTOM
) -> tuple[Card, ...]:
    """The terms' cards in a row, as large as there is room for; two operands one above the other if all get larger."""
    row = _in_a_row(studio, terms, top, bottom)
    forms = {studio.form(term.value.shape) for term in terms}
    if len(terms) != 3 or len(forms) != 1 or next(iter(forms)).column or next(iter(forms)).layers > 1:
        return row
    stacked = _stacked(studio, terms, next(iter(forms)), (top, bottom))
    return stacked if _area(stacked) > WORTH_STACKING * _area(row) else row


def _in_a_row(studio: Studio, terms: tuple[Term, ...], top: float, bottom: float) -> tuple[Card, ...]:
    """Operands and result side by side, centred on the stage."""
    forms = [studio.form(term.value.shape) for term in terms]
    labels = [_label_width(studio, term) for term in terms]
    top = studio.above(top)
    room = STAGE[0] - SIGN_ROOM * (len(terms) - 1)
    crowded = sum(labels) > room
    high = bottom - top - (studio.above(LABEL_BELOW) if crowded else 0.0)
    wide = _widths(studio, forms, [0.0] * len(labels) if crowded else labels, (room, high))
    slots = wide if crowded else [max(card, label) for card, label in zip(wide, labels, strict=True)]
    spare = max(room - sum(slots), 0.0)
    x = spare / 2 if len(terms) < 3 else 0.0
    gap = 0.0 if len(terms) < 3 else spare / (len(terms) - 1)
    shown = []
    for place, (term, form, slot, width) in enumerate(zip(terms, forms, slots, wide, strict=True)):
        room_left = _label_room(studio, form)
        box = (x + room_left, top, width - room_left - _number_room(studio, form, high), high)
        card = studio.card(term.value, centred(studio, form, box), before=term.before)
        shown.append(changed(card, label="below") if crowded and place % 2 == 1 else card)
        x += slot + gap + SIGN_ROOM
    return tuple(shown)


def _stacked(
    studio: Studio, terms: tuple[Term, ...], form: Form, ends: tuple[float, float]
) -> tuple[Card, ...]:
    """The operands one above the other on the left, the result large on the right."""
    top, bottom, left = studio.above(ends[0]), ends[1], _label_room(studio, form)
    unit = studio.place(form, 0.0, 0.0, 1e6, 1e6, 1.0)
    wide, high = unit.across[0] / studio.scale / studio.stretch, unit.down[1] / studio.scale
    rise = -unit.across[1] / studio.scale
    below_first = studio.above(LABEL_BELOW)
    cell = min((bottom - top - below_first - STACK_GAP) / (2 * high + rise), 0.4 * STAGE[0] / wide)
    first = studio.place(form, left, top, cell * wide + 1, cell * (high + rise) + 1, cell)
    below = changed(first, at=(first.at[0], first.at[1] + (cell * high + STACK_GAP) * studio.scale))
    x = left * 2 + cell * wide + SIGN_ROOM * 1.5
    result = centred(studio, form, (x, top + NAMES, STAGE[0] - x, bottom - top - NAMES))
    one, two, three = (
        studio.card(term.value, place, before=term.before)
        for term, place in zip(terms, (first, below, result), strict=True)
    )
    return one, changed(two, label="below"), three


def _area(shown: Sequence[Card]) -> float:
    """How much the cards cover, in square units."""
    return sum(card.place.across[0] * card.place.down[1] for card in shown)


def _number_room(studio: Studio, form: Form, high: float) -> float:
    """Room right of a card for the numbers beside it; none where they stand in its cells."""
    beside = form.column and not _holds_numbers(studio, form, high)
    return studio.beside(NUMBER_ROOM) if beside else 0.0


def _holds_numbers(studio: Studio, form: Form, high: float) -> bool:
    """Whether a column as high as there is room for has its numbers in its cells."""
    if not form.column:
        return False
    wide = COLUMN_ROOM_BESIDE[1]
    place = centred(studio, form, (0.0, 0.0, wide, high))
    return studio.holds_numbers(form, place)


def _label_room(studio: Studio, form: Form) -> float:
    """Room left of a card for the labels of its rows."""
    return studio.beside(ROW_ROOM) if studio.labels(form)[1] is not None else 0.0


def _labels_beside(studio: Studio, labels: AxisLabels) -> float:
    """The same on the canvas, of a card with these labels."""
    return ROW_ROOM * studio.swell * studio.scale if labels[1] is not None else 0.0


def _widths(
    studio: Studio, forms: Sequence[Form], labels: Sequence[float], box: tuple[float, float]
) -> list[float]:
    """Width for each card without its name: columns what they need, the others share the rest; `box`: wide, high."""
    room, high = box
    beside, inside = COLUMN_ROOM if all(form.column for form in forms) else COLUMN_ROOM_BESIDE
    around = [_label_room(studio, form) + _number_room(studio, form, high) for form in forms]
    most = (room - sum(around)) / len(forms)  # where all are columns
    cells = [min(inside if _holds_numbers(studio, form, high) else beside, most) for form in forms]
    narrow = [
        one + cell if form.column else 0.0 for form, one, cell in zip(forms, around, cells, strict=True)
    ]
    broad = sum(1 for width in narrow if width == 0)
    taken = sum(max(width, label) for width, label in zip(narrow, labels, strict=True) if width)
    share = max((room - taken) / broad, 120.0) if broad else 0.0
    return [width or min(share, WIDEST_GRID) for width in narrow]


def _label_width(studio: Studio, term: Term) -> float:
    form = studio.form(term.value.shape)
    probe = studio.card(term.value, studio.place(form, 0, 0, 100, 100), before=term.before)
    return cards.label_width(probe, studio.words) / (studio.scale * studio.stretch)


@lru_cache(maxsize=512)
def centred(
    studio: Studio, form: Form, box: tuple[float, float, float, float], largest: float | None = None
) -> Place:
    """As large as fits in the box (x, y, width, height), in the middle of its height."""
    x, y, wide, high = box
    if largest is None:
        largest = LARGEST_NUMBERED if form.columns > 1 else _largest_of_column(form.rows)
    place = studio.place(form, x, y, wide, high, largest)
    _, top, _, bottom = extent(place)
    lower = max(high * studio.scale - (bottom - top), 0.0) / 2
    return changed(place, at=(place.at[0], place.at[1] + lower))


def _largest_of_column(rows: int) -> float:
    return LARGEST_OF_FEW if rows <= FEW_ROWS else LARGEST_CELL


def signs(studio: Studio, shown: Sequence[Card], terms: Sequence[Term]) -> tuple[Text, ...]:
    """The signs between the cards, each in the middle of its gap."""
    texts = []
    for before, after, term in zip(shown, shown[1:], terms[1:], strict=False):
        if not term.sign:
            continue
        size = studio.letters(SIGN_SIZE if len(term.sign) == 1 else WORD_SIZE, least=22.0)
        at = _gap(studio, shown, before, after)
        if extent(after.place)[0] > at[0]:
            wide = lettering.width(term.sign, size)
            at = (
                min(at[0], extent(after.place)[0] - _labels_beside(studio, after.labels) - wide / 2 - 6),
                at[1],
            )
        texts.append(Text(term.sign, at, size, by_cards(studio.theme.soft, studio.theme), "sans", "mm"))
    return tuple(texts)


def _gap(studio: Studio, shown: Sequence[Card], before: Card, after: Card) -> tuple[float, float]:
    """The middle between two cards that stand side by side, or one above the other."""
    x, y = before.place.at
    if after.place.at[0] == x and after.place.at[1] > y:  # below it
        low, high = y + before.place.down[1], after.place.at[1]
        return x + before.place.across[0] / 2, (low + high + before.place.across[1]) / 2
    right = max(
        extent(card.place)[2]
        + (NUMBER_ROOM * studio.swell * studio.scale if card.numbers and card.side == "right" else 0)
        for card in shown
        if card is not after and card.place.at[0] < after.place.at[0] and card.place.at[0] >= x
    )
    left = extent(after.place)[0] - _labels_beside(studio, after.labels)
    return (right + left) / 2, studio.at(0, (TOP + BOTTOM) / 2)[1]
