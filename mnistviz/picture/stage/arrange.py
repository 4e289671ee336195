"""Where cards stand when an operation is written as an equation: operands, signs and result in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from mnistviz.picture import fonts as lettering
from mnistviz.picture.display import Box, Text
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.labels import ROW_ROOM
from mnistviz.picture.stage.studio import STAGE, Form, Studio
from mnistviz.picture.stage.tableau import AxisLabels, Card, Place
from mnistviz.trace.model import Value

TOP, BOTTOM = 96.0, 806.0  # of the cards themselves; their labels stand above, the legend below
SIGN_ROOM, SIGN_SIZE, WORD_SIZE = 64.0, 46.0, 24.0
NUMBER_ROOM = 108.0
COLUMN_ROOM, COLUMN_ROOM_BESIDE = 110.0, 52.0  # of a column's cells; beside a card with many columns
LARGEST_CELL, LARGEST_NUMBERED = 62.0, 96.0  # of a column, of a grid
LABEL_BELOW = 62.0  # room for a label under a card


@dataclass(frozen=True)
class Term:
    """A value in an equation, and the sign that stands before it."""

    value: Value
    sign: str = ""
    before: bool = False


def extent(place: Place) -> Box:
    """Left, top, right, bottom of a card, on the canvas, without label and numbers."""
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
    """The terms' cards in a row, centred on the stage, as large as there is room for."""
    forms = [studio.form(term.value.shape) for term in terms]
    labels = [_label_width(studio, term) for term in terms]
    room = STAGE[0] - SIGN_ROOM * (len(terms) - 1)
    crowded = sum(labels) > room
    wide = _widths(studio, forms, [0.0] * len(labels) if crowded else labels, room)
    slots = wide if crowded else [max(card, label) for card, label in zip(wide, labels, strict=True)]
    spare = max(room - sum(slots), 0.0)
    x = spare / 2 if len(terms) < 3 else 0.0
    gap = 0.0 if len(terms) < 3 else spare / (len(terms) - 1)
    shown = []
    for place, (term, form, slot, width) in enumerate(zip(terms, forms, slots, wide, strict=True)):
        below = crowded and place % 2 == 1
        high = bottom - top - (LABEL_BELOW if crowded else 0.0)
        room_left = _label_room(studio.labels(form))
        numbers = NUMBER_ROOM if _is_narrow(form) else 0.0
        box = (x + room_left, top, width - room_left - numbers, high)
        card = studio.card(term.value, centred(studio, form, box), before=term.before)
        shown.append(replace(card, label="below") if below else card)
        x += slot + gap + SIGN_ROOM
    return tuple(shown)


def _is_narrow(form: Form) -> bool:
    """Whether its numbers stand beside it: a column, or a single number."""
    return form.column or form.rows == form.columns == 1


def _label_room(labels: AxisLabels) -> float:
    """Room left of a card for the labels of its rows."""
    return ROW_ROOM if labels[1] is not None else 0.0


def _widths(studio: Studio, forms: Sequence[Form], labels: Sequence[float], room: float) -> list[float]:
    """Width for each card without its name: columns what they need, the others share the rest."""
    cells = COLUMN_ROOM if all(map(_is_narrow, forms)) else COLUMN_ROOM_BESIDE
    narrow = [
        _label_room(studio.labels(form)) + NUMBER_ROOM + cells if _is_narrow(form) else 0.0 for form in forms
    ]
    broad = sum(1 for width in narrow if width == 0)
    taken = sum(max(width, label) for width, label in zip(narrow, labels, strict=True) if width)
    share = max((room - taken) / broad, 120.0) if broad else 0.0
    return [width or min(share, 560.0) for width in narrow]


def _label_width(studio: Studio, term: Term) -> float:
    form = studio.form(term.value.shape)
    probe = studio.card(term.value, studio.place(form, 0, 0, 100, 100), before=term.before)
    return cards.label_width(probe) / studio.scale


@lru_cache(maxsize=512)
def centred(
    studio: Studio, form: Form, box: tuple[float, float, float, float], largest: float | None = None
) -> Place:
    """As large as fits in the box (x, y, width, height), in the middle of its height."""
    x, y, wide, high = box
    if largest is None:
        largest = LARGEST_CELL if form.columns == 1 else LARGEST_NUMBERED
    place = studio.place(form, x, y, wide, high, largest)
    _, top, _, bottom = extent(place)
    lower = max(high * studio.scale - (bottom - top), 0.0) / 2
    return replace(place, at=(place.at[0], place.at[1] + lower))


def signs(studio: Studio, shown: Sequence[Card], terms: Sequence[Term]) -> tuple[Text, ...]:
    """The signs between the cards, each in the middle of its gap."""
    texts = []
    for before, after, term in zip(shown, shown[1:], terms[1:], strict=False):
        if not term.sign:
            continue
        right = extent(before.place)[2] + (
            NUMBER_ROOM * studio.scale if before.numbers and before.side == "right" else 0
        )
        left = extent(after.place)[0] - _label_room(after.labels) * studio.scale
        y = studio.at(0, (TOP + BOTTOM) / 2)[1]
        size = studio.letters(SIGN_SIZE if len(term.sign) == 1 else WORD_SIZE)
        wide = lettering.width(term.sign, size)
        x = min((right + left) / 2, left - wide / 2 - 6)
        texts.append(Text(term.sign, (x, y), size, studio.theme.soft, "sans", "mm"))
    return tuple(texts)
