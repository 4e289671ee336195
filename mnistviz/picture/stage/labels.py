"""What the rows, columns and layers of a card are called, beside them: digits beside ten outputs, as a storyboard says."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mnistviz.picture.display import Colour, Face, Matrix, Text
from mnistviz.picture.stage.ground import by_cards
from mnistviz.picture.stage.studio import LEAST_LETTERS
from mnistviz.picture.stage.tableau import Card, Place
from mnistviz.picture.theme import Theme
from mnistviz.story.storyboard import Labels

LABEL_SIZE, SMALLEST_LABEL = 18.0, LEAST_LETTERS
ADVANCE = 0.61  # of a mono letter, in sizes
GAP = 10.0  # between a card and its labels
ROW_ROOM = 36.0  # left of a card whose rows are labelled, in design units


def readable(size: float, words: float) -> float:
    """A font size on a stage whose words have that share of their full size: as small as it can be read."""
    return max(size * words, min(size, LEAST_LETTERS))


def axis_labels(card: Card, matrix: Matrix, theme: Theme, words: float) -> Iterator[Text]:
    """The labels of a card that stands upright, where they are large enough to be read."""
    layers, rows, columns = card.labels
    if not _upright(card.place):
        return
    if rows is not None:
        yield from _beside_rows(card, matrix, rows, theme, words)
    if columns is not None:
        yield from _above_columns(card, matrix, columns, theme, words)
    if layers is not None and _is_wall(card.place):
        yield from _above_layers(card, layers, theme, words)


def height_above(card: Card, words: float) -> float:
    """How much room the labels of the columns take above a card."""
    columns = card.labels[2]
    there = columns is not None and _upright(card.place) and _column_size(card, columns, words) > 0
    return readable(LABEL_SIZE, words) + GAP if there else 0.0


def _upright(place: Place) -> bool:
    return place.across[0] > 0 and place.down[0] == 0 and place.down[1] > 0


def _is_wall(place: Place) -> bool:
    """Whether the layers stand side by side."""
    return len(place.steps) > 1 and abs(place.steps[1][0] - place.steps[0][0]) >= place.across[0]


def _beside_rows(card: Card, matrix: Matrix, labels: Labels, theme: Theme, words: float) -> Iterator[Text]:
    """Left of the rows, or right of them where the numbers are on the left."""
    _, rows, columns = card.cells.values.shape
    size = min(readable(LABEL_SIZE, words), card.place.down[1] / rows)
    if size < SMALLEST_LABEL:
        return
    right = card.side == "left" and bool(card.numbers)
    for row, name in enumerate(labels.names):
        x, y = matrix.cell_centre(0, row, columns - 0.5 if right else -0.5)
        at = (x + GAP if right else x - GAP, y)
        lit = any(place[1] == row for place in card.lit)
        yield _label(card, name, at, size, "lm" if right else "rm", named_in(labels, row, lit, theme))


def _above_columns(card: Card, matrix: Matrix, labels: Labels, theme: Theme, words: float) -> Iterator[Text]:
    size = _column_size(card, labels, words)
    for column, name in enumerate(labels.names if size else ()):
        x, y = matrix.cell_centre(0, -0.5, column)
        lit = any(place[2] == column for place in card.lit)
        yield _label(card, name, (x, y - GAP), size, "ms", named_in(labels, column, lit, theme))


def _column_size(card: Card, labels: Labels, words: float) -> float:
    """The size of the columns' labels; 0 where there is no room for them."""
    wide = card.place.across[0] / card.cells.values.shape[2]
    longest = max(map(len, labels.names))
    size = min(readable(LABEL_SIZE, words), 0.95 * wide / (longest * ADVANCE))
    return size if size >= SMALLEST_LABEL else 0.0


def _above_layers(card: Card, labels: Labels, theme: Theme, words: float) -> Iterator[Text]:
    """In the corner that the slope of a layer leaves free."""
    size = min(readable(LABEL_SIZE, words), 0.2 * math.hypot(*card.place.across))
    if size < SMALLEST_LABEL:
        return
    for layer, name in enumerate(labels.names[: len(card.place.steps)]):
        dx, dy = card.place.steps[layer]
        at = (card.place.at[0] + dx, card.place.at[1] + dy - 0.8 * size)
        lit = any(place[0] == layer for place in card.lit)
        yield _label(card, name, at, size, "ls", named_in(labels, layer, lit, theme))


def named_in(labels: Labels, place: int, lit: bool, theme: Theme) -> tuple[Colour, Face]:
    """The right one and its rival have their colours, the one that is framed stands out."""
    if place in (labels.right, labels.rival):
        return by_cards(theme.phase("forward" if place == labels.right else "error"), theme), "mono-bold"
    return (theme.ink, "mono-bold") if lit else (by_cards(theme.soft, theme), "mono")


def _label(
    card: Card, name: str, at: tuple[float, float], size: float, anchor: str, seen: tuple[Colour, Face]
) -> Text:
    colour, face = seen
    return Text(name, at, size, colour, face, anchor, card.key, card.opacity * card.words)
