"""A card as primitives: the matrix itself, its name, shape and range, its numbers, its index mark."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from mnistviz.picture import fonts as lettering
from mnistviz.picture.contrast import end_on
from mnistviz.picture.contrast import mix as mix_colours
from mnistviz.picture.display import (
    CellMap,
    Colour,
    ColourScale,
    Line,
    Matrix,
    Point,
    Primitive,
    Text,
    Told,
)
from mnistviz.picture.easing import mix, mix_point, ramp
from mnistviz.picture.group import Group
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.forms import beyond
from mnistviz.picture.stage.ground import by_cards
from mnistviz.picture.stage.labels import axis_labels, height_above, readable
from mnistviz.picture.stage.ranges import is_whole, known_line, range_line, range_told
from mnistviz.picture.stage.studio import FULL_WORDS, MOST_LAYERS, Studio
from mnistviz.picture.stage.tableau import Card, Place, growing
from mnistviz.picture.theme import Theme, colour_table, table_index
from mnistviz.story.sentence import TRUTHS

NAME_SIZE, RANGE_SIZE, NUMBER_SIZE = 19.0, 17.0, 18.0
NUMBER_GAP = 11.0  # between a cell and the number beside it
SMALLEST_INSIDE, LARGEST_INSIDE = 17.0, 22.0  # of a number in its cell,
SHARE_INSIDE = 0.35  # and of the height of a cell that is large, at most
FRAME_WIDTH, FRAME_GROUND = 3.0, 1.5  # of a framed cell; what is seen of the ground on either side,
FRAME_ROOM = (6.0, 12.0)  # where a cell is not as thin as the first of these: it would be covered
MONO, CAPITAL = 0.603, 0.75  # width of a letter, height of a digit, in sizes
LINE_GAP, LEAST_GAP = 23.0, 20.5
LABEL_MARGIN = 12.0  # between the end of a label and where the card's slope comes as high
DIMMEST = 0.3  # opacity of a card that is not in play at all


@lru_cache(maxsize=256)
def primitives(card: Card, studio: Studio) -> Group:
    """Everything of a card that can be seen, back to front.

    Where the stage is small, the words are smaller too, as far as they can be read.
    """
    if card.opacity <= 0:
        return Group()
    words, right_limit = min(studio.scale / FULL_WORDS, 1.0), studio.look.regions.stage[2]
    return Group.of(_parts(card, studio.accent(card.key), studio.theme, right_limit, words))


def _parts(card: Card, accent: Colour, theme: Theme, right_limit: float, words: float) -> Iterator[Primitive]:
    matrix = matrix_of(card, accent, theme)
    yield matrix
    front = _front(card)
    seen = card.opacity * card.words
    if seen <= 0:
        return
    if card.index_mark and card.dim < 0.5:
        yield _index_mark(card.place, front, accent, seen)
    yield from _numbers(card, matrix, theme, words)
    yield from axis_labels(card, matrix, theme, words)
    yield from _frames(card, matrix, theme, seen)
    if card.label != "none":
        yield from _label(card, matrix, accent, theme, right_limit, words)


def _frames(card: Card, matrix: Matrix, theme: Theme, seen: float) -> Iterator[Line]:
    """The frames of the cells that are lit; the grounds first, so that none cuts another's frame."""
    framed = []
    for layer, row, column in card.lit:
        if layer in matrix.layers:
            count = card.cells.values.shape[1:] if row < 0 else (1, 1)
            at = matrix.layers.index(layer)
            framed.append(cell_frame(matrix, at, (max(row, 0), max(column, 0)), count, theme, seen))
    yield from (ground for ground, _ in framed)
    yield from (frame for _, frame in framed)


def layers_of(card: Card) -> tuple[int, ...]:
    """Layers that the card draws, back to front."""
    return card.layers if card.layers is not None else tuple(reversed(range(len(card.cells.values))))


def matrix_of(card: Card, accent: Colour, theme: Theme) -> Matrix:
    """The one primitive that draws the card's matrix."""
    layers = layers_of(card)
    place = card.place
    return Matrix(
        key=card.key,
        cells=card.cells,
        colours=theme.coloured(card.colours),
        origins=tuple(layer_origin(place, layer) for layer in layers),
        across=place.across,
        down=place.down,
        layers=layers,
        mask=card.mask,
        edge=accent,
        edge_width=2.0,
        empty=theme.empty,
        depth=place.depth,
        shadow=card.shadow,
        glow=card.glow,
        opacity=card.opacity * mix(1.0, DIMMEST, card.dim),
        shows=card.shows,
        grows=place.grows,
    )


def layer_origin(place: Place, layer: int) -> Point:
    """Top left corner of a layer."""
    step = place.steps[min(layer, len(place.steps) - 1)]
    return (place.at[0] + step[0], place.at[1] + step[1])


def _front(card: Card) -> Point:
    layers = layers_of(card)
    return layer_origin(card.place, layers[-1]) if layers else card.place.at


def _index_mark(place: Place, at: Point, accent: Colour, opacity: float) -> Line:
    """A corner bracket outside of cell (0, 0), so that a turned card can be read."""
    (x, y), reach = (at[0] - 4, at[1] - 3), 15.0
    points = []
    for ax, ay in (place.down, (0.0, 0.0), place.across):
        length = float(np.hypot(ax, ay)) or 1.0
        points.append(
            (x + ax / length * reach, y + ay / length * reach) if (ax, ay) != (0.0, 0.0) else (x, y)
        )
    return Line(tuple(points), accent, 3.0, opacity=opacity)


def cell_frame(
    matrix: Matrix,
    place: int,
    cell: tuple[float, float],
    count: tuple[int, int],
    theme: Theme,
    opacity: float = 1.0,
) -> tuple[Line, Line]:
    """A frame around `count` rows and columns of cells of the `place`-th painted layer, from a cell on.

    Below it a wider one in the colour of the ground: cells may have the frame's own colour.
    """
    (row, column), (rows, columns) = cell, count
    _, all_rows, all_columns = matrix.cells.values.shape
    (x, y), (ax, ay), (dx, dy) = matrix.origins[place], matrix.across, matrix.down

    def corner(r: float, c: float) -> Point:
        return (x + ax * c / all_columns + dx * r / all_rows, y + ay * c / all_columns + dy * r / all_rows)

    ring = (
        corner(row, column),
        corner(row, column + columns),
        corner(row + rows, column + columns),
        corner(row + rows, column),
        corner(row, column),
    )
    wide, high = math.hypot(ax, ay) / all_columns, math.hypot(dx, dy) / all_rows
    thin = abs(ax * dy - ay * dx) / (all_rows * all_columns) / (max(wide, high) or 1.0)
    beside = 2 * FRAME_GROUND * ramp(thin, *FRAME_ROOM)
    ground = Line(ring, theme.background, FRAME_WIDTH + beside, opacity=opacity)
    return ground, Line(ring, theme.ink, FRAME_WIDTH, opacity=opacity)


def _numbers(card: Card, matrix: Matrix, theme: Theme, words: float) -> Iterator[Text]:
    if not card.numbers:
        return
    _, rows, columns = card.cells.values.shape
    shown = card.mask.shown.ravel() if card.mask is not None else np.ones(rows * columns, dtype=bool)
    colour = theme.ink if card.dim < 0.5 else by_cards(theme.faint, theme)
    for place, (number, exact) in enumerate(zip(card.numbers, card.exact, strict=True)):
        if not shown[place] or not number:
            continue
        row, column = divmod(place, columns)
        if card.side == "inside":
            yield _inside(card, matrix, (row, column), (number, exact), theme)
            continue
        x, y = matrix.cell_centre(0, row, columns - 0.5 if card.side == "right" else -0.5)
        at, anchor = ((x + NUMBER_GAP, y), "lm") if card.side == "right" else ((x - NUMBER_GAP, y), "rm")
        yield Text(
            number,
            at,
            readable(NUMBER_SIZE, words),
            colour,
            "mono",
            anchor,
            card.key,
            card.opacity * card.words,
            repr(exact),
            _told(card, place, number),
        )


def _told(card: Card, place: int, number: str) -> tuple[Told, ...]:
    """Which number of the card's value stands there."""
    if card.shows is None:
        return ()
    if card.truth:
        return (Told(0, len(number), "choice", (card.shows.starting(place),), texts=TRUTHS),)
    return _cell_told(card.shows, place, len(number), card.whole)


@lru_cache(maxsize=1024)
def _cell_told(shows: CellMap, place: int, length: int, whole: bool) -> tuple[Told, ...]:
    return (Told(0, length, "cell", (shows.starting(place),), "count" if whole else "signed"),)


def _inside(
    card: Card, matrix: Matrix, cell: tuple[int, int], said: tuple[str, float | str], theme: Theme
) -> Text:
    """A number in its cell, black or white, whichever stands out more, also where the card is dim."""
    (row, column), (number, exact) = cell, said
    value = float(matrix.cells.values[0, row, column])
    return Text(
        number,
        matrix.cell_centre(0, row, column),
        _size_inside(card, len(number)),
        _readable(value, matrix.colours, theme.background, mix(1.0, DIMMEST, card.dim)),
        "mono",
        "mm",
        card.key,
        card.opacity * card.words,
        repr(exact),
        tuple(
            changed(told, on=matrix.colours)
            for told in _told(card, row * matrix.cells.values.shape[2] + column, number)
        ),
    )


def _size_inside(card: Card, letters: int) -> float:
    """As large as a number of so many letters fits in a cell, on its slope."""
    _, rows, columns = card.cells.values.shape
    (ax, ay), high = card.place.across, card.place.down[1] / rows
    fits = min(0.86 * ax / columns / (letters * MONO), 0.92 * high / (CAPITAL - ay / ax * letters * MONO))
    return float(min(max(fits, SMALLEST_INSIDE), max(LARGEST_INSIDE, SHARE_INSIDE * high)))


def readable_on(matrix: Matrix, layer: int, row: int, column: int) -> Colour:
    """Black or white, whichever has the higher WCAG contrast on that cell's colour."""
    return _readable(float(matrix.cells.values[layer, row, column]), matrix.colours)


@lru_cache(maxsize=1024)
def _readable(value: float, colours: ColourScale, under: Colour = (0, 0, 0), opacity: float = 1.0) -> Colour:
    """The same for a cell of a card that is seen that far, with that colour under it."""
    colour = tuple(colour_table(colours.table)[int(table_index(np.array(value), colours))].tolist())
    return end_on(mix_colours(under, colour, opacity))


def note_of(card: Card) -> str:
    """What stands below the range: the card's own note, and how many of its cells have the colour of an end."""
    count = beyond(card.cells, layers_of(card), card.colours)
    return ", ".join(part for part in (card.note, f"{count:,} beyond the colours" if count else "") if part)


def numbers_width(card: Card, words: float) -> float:
    """How wide the numbers on the right of a card's cells are with the gap before them, in design units."""
    size = readable(NUMBER_SIZE, words)
    widths = [lettering.width(number, size, "mono") for number in card.numbers]
    return max(widths, default=0.0) + NUMBER_GAP if card.side == "right" else 0.0


def name_width(card: Card, words: float) -> float:
    """How wide the card's name is, in design units."""
    return lettering.width(card.name, readable(NAME_SIZE, words), "mono-bold")


def label_width(card: Card, words: float) -> float:
    """How wide the card's label is, in design units; `words`: the stage's share of their full size."""
    small = readable(RANGE_SIZE, words)
    lines = [name_width(card, words), lettering.width(range_line(card), small, "mono")]
    if note := note_of(card):
        lines.append(lettering.width(note, small, "mono"))
    return max(lines)


def _label(
    card: Card, matrix: Matrix, accent: Colour, theme: Theme, right_limit: float, words: float
) -> Iterator[Text]:
    # of all layers, also those that are away: the label does not move when one leaves the deck
    origins = [layer_origin(card.place, layer) for layer in range(min(len(card.place.steps), MOST_LAYERS))]
    corners = [corner for origin in origins for corner in matrix.corners(origin)]
    left = min(x for x, _ in corners)
    wide, gap = label_width(card, words), max(LINE_GAP * words, LEAST_GAP)
    left = max(min(left, min(right_limit, card.label_end) - wide), 0.0)
    note = note_of(card) if is_whole(card) else card.note
    rest = [line for line in (known_line(card), note) if line]
    if card.label == "above":
        top = _edge_over(card, corners, left, wide) - 16 - height_above(card, words)
        top += card.place.depth[1]
        ys = [top - gap * (len(rest) - place) for place in range(len(rest) + 1)]
    else:
        bottom = max(y for _, y in corners) + 32
        ys = [bottom + gap * place for place in range(len(rest) + 1)]
    inks = (accent, theme.soft) if card.dim < 0.5 else (theme.soft, theme.faint)
    name_colour, soft = (by_cards(ink, theme) for ink in inks)
    yield Text(
        card.name,
        (left, ys[0]),
        readable(NAME_SIZE, words),
        name_colour,
        "mono-bold",
        "ls",
        card.key,
        card.opacity * card.words,
    )
    for line, y in zip(rest, ys[1:], strict=True):
        told = range_told(card, line) if line != note else ()
        seen = card.opacity * card.words
        yield Text(
            line, (left, y), readable(RANGE_SIZE, words), soft, "mono", "ls", card.key, seen, told=told
        )


def _edge_over(card: Card, corners: list[Point], left: float, wide: float) -> float:
    """The height of the card's upper edge where its label stands: on its slope there is room above the lower end."""
    (x, y), (ax, ay) = card.place.at, card.place.across
    if len(card.place.steps) > 1 or ax <= 0 or card.place.down[0] or card.place.down[1] < 0:
        return min(y for _, y in corners)
    return min(y + ay * min(max((end - x) / ax, 0.0), 1.0) for end in (left, left + wide + LABEL_MARGIN))


def place_between(start: Place, end: Place, q: float) -> Place:
    """A place on the straight way from one to another with as many layers."""
    across, down = mix_point(start.across, end.across, q), mix_point(start.down, end.down, q)
    return Place(
        mix_point(start.at, end.at, q),
        across,
        down,
        tuple(mix_point(a, b, q) for a, b in zip(start.steps, end.steps, strict=True)),
        mix_point(start.depth, end.depth, q),
        growing((across, down), (start.across, start.down), (end.across, end.down)),
    )


def between(before: Card, after: Card, q: float) -> Card:
    """The card on its way from one place to another; what it shows is already what it will show."""
    if len(before.place.steps) != len(after.place.steps):
        return after
    place = place_between(before.place, after.place, q)
    crowded = after.side == "inside" and not before.numbers and q < 1  # not yet large enough for them
    return changed(
        after,
        place=place,
        numbers=() if crowded else after.numbers,
        exact=() if crowded else after.exact,
        side=after.side if q > 0.5 or not before.numbers else before.side,
        dim=mix(before.dim, after.dim, q),
        glow=mix(before.glow, after.glow, q),
        words=mix(before.words, after.words, q),
        label=after.label if before.label == after.label or q > 0.5 else before.label,
    )
