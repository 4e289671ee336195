"""From the trace's values to cards: their form, their colours, their numbers and their sizes.

A studio belongs to one timeline and one look.  It keeps what is dear to make (the cells of a value, the
accent of a name), so that a frame costs little; nothing in it depends on the instant.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import swaps
from mnistviz.picture.display import Blocks, CellMap, Cells, Colour, ColourScale, Point
from mnistviz.picture.hashing import HashedTuple
from mnistviz.picture.layout import LEGEND_HEIGHT, Look
from mnistviz.picture.photographs import BYTE, colour_codes, holds_bytes, is_photograph
from mnistviz.picture.stage import words
from mnistviz.picture.stage.accents import accents_of
from mnistviz.picture.stage.forms import (
    MOST_CELLS,
    TRUTH,
    Form,
    has_numbers,
    how_folded,
    how_shrunken,
    in_colours,
    scale_of,
    scale_of_counts,
    shrunk,
    thinned,
    told_numbers,
)
from mnistviz.picture.stage.tableau import AxisLabels, Card, Place
from mnistviz.story.quoting import grouped
from mnistviz.story.referring import path_end
from mnistviz.story.storyboard import Shot, Storyboard
from mnistviz.trace.model import Operation, Value, finite_range

FORESHORTENING, SLOPE = 0.82, -0.42  # of the column axis, DESIGN 6
STAGE = (1240.0, 876.0)  # the drawings' own coordinates; the stage of a 16:9 film has exactly that shape
NUMBERED_ROWS = 24  # a column of at most this many cells has its numbers beside it
MOST_LAYERS = 24
LONGEST_NAME = 26  # of an expression that stands for a name
SMALLEST_NUMBERED_CELL, LEAST_NUMBERED_CELL = 19.0, 16.5  # on a stage of full size; in design units, on any
NARROWEST_NUMBERED_CELL, WIDEST_NUMBERED_CELL = 26.0, 66.0  # that a number needs, by how long it is
LOW_CELL = 30.0  # in one that is not as high a long number would touch the next, beside it on the slope
LETTER = 11.0  # width of one of a number, in a cell
MOST_NUMBERED = 100  # cells of a table with numbers in them
FULL_WORDS = 0.9  # scale of a stage from which words have their full size
LETTERS, LEAST_LETTERS = 18.0, 17.0  # size of words beside cards; the smallest that are read, in design units
SAME_SHAPE, MOST_STRETCH = 1.05, 1.8  # of a stage that is wider than that of a 16:9 film
LONGEST_NUMBER, NUMBER_HEIGHT = 92.0, 13.0  # of `-1.23e-10` as small as it can be read, in design units
WALL = 1.08  # distance of layers that hang side by side, in their own sizes
COLUMN_WIDENESS = 8.0  # width of a column's cells at most, in heights
FLAT = 16  # as many times more rows than columns, or the other way round
LEAST_SIDE = 96.0  # the shorter side of a card that is flat, in design units
NARROW, STRETCHED_NARROW = (
    3,
    2.6,
)  # as many times more rows than columns: its cells are wide, as those of a column are
STRETCHED = 1.6  # as many times as long may a side of a cell be where rows and columns have names


def across(length: float) -> Point:
    """The edge vector of a row that would be `length` long if it were not seen from the side."""
    return (length * FORESHORTENING, length * FORESHORTENING * SLOPE)


class Studio:
    """Makes the cards of one storyboard in one look."""

    def __init__(self, board: Storyboard, look: Look) -> None:
        self.board = board
        self.look = look
        self.theme = look.theme
        left, top, right, bottom = look.regions.stage
        floor = bottom - LEGEND_HEIGHT  # the legend is not scaled with the cards
        wide, high = STAGE[0], STAGE[1] - LEGEND_HEIGHT
        self.scale = min((right - left) / wide, (floor - top) / high)
        self.stretch = _stretch((right - left) / (wide * self.scale))  # of what stands side by side
        self.words = min(self.scale / FULL_WORDS, 1.0)  # of words beside cards, before they are made readable
        self.swell = max(1.0, LEAST_LETTERS / (LETTERS * self.words))  # of the room that they need
        self._offset = (
            left + (right - left - wide * self.scale * self.stretch) / 2,
            top + (floor - top - high * self.scale) / 2,
        )
        self._folds = {fold.length: (fold.rows, fold.columns) for fold in board.folds}
        self._photographs = {value.shape for value in _values(board) if is_photograph(value.value)}
        self._scales: dict[int, ColourScale] = {}
        self._made = {operation.output.id: operation for operation in board.trace.operations}
        self._cells: dict[tuple[int, bool], Cells] = {}
        self._accents = accents_of(board, look.theme.accents)
        self._told = HashedTuple(self._accents.items())
        self._forms: dict[tuple[int, ...], Form] = {}

    def operations(self, shot: Shot) -> tuple[Operation, ...]:
        """The operations that the shot draws, in order."""
        return tuple(self.board.operation(number) for number in shot.subject)

    def at(self, x: float, y: float) -> Point:
        """A place in the drawings' own coordinates, on the canvas."""
        return (self._offset[0] + x * self.scale * self.stretch, self._offset[1] + y * self.scale)

    def beside(self, room: float) -> float:
        """Room for words beside a card on a stage of full size, as wide as it has to be on this one."""
        return room * self.swell / self.stretch

    def above(self, room: float) -> float:
        """Room for words above a card on a stage of full size, as high as it has to be on this one."""
        return room * self.swell

    def letters(self, size: float, least: float = LEAST_LETTERS) -> float:
        """A font size on a stage of full size, made smaller as this one is, but not below `least`."""
        return max(size * min(self.scale, 1.0), min(size, least))

    def accent(self, key: str) -> Colour:
        """The colour of a card, the same over the whole film."""
        found = self._accents.get(key)
        return found if found is not None else self._accents.get(key.partition("/")[0], self.theme.soft)

    def accents(self) -> tuple[tuple[str, Colour], ...]:
        """All names of the trace with their colours."""
        return self._told

    def key(self, value: Value) -> str:
        """What a value is over the whole film: its name; unnamed, what made it."""
        if value.name:
            return value.name
        source = self.untransposed(value)
        return f"{self.key(source)}/T" if source is not value else f"#{value.id}"

    def name(self, value: Value) -> str:
        """What a value is called on the screen: as in the source, or by the expression that made it."""
        if value.name:
            return path_end(value.name, LONGEST_NAME)
        source = self.untransposed(value)
        if source is not value:
            return f"{grouped(self.name(source))}.T"
        made = self._made.get(value.id)
        if made is None:
            return "value"
        expression = " ".join(made.expression.split())
        return expression if len(expression) <= LONGEST_NAME else f"{made.operation}(…)"

    def untransposed(self, value: Value) -> Value:
        """The array that `value` is the transpose of, where the trace says so; else `value` itself."""
        made = self._made.get(value.id)
        if made is None or not made.inputs or value.value.ndim != 2:
            return value
        return made.inputs[0] if swaps(made.operation, dict(made.parameters)) else value

    def form(self, shape: tuple[int, ...]) -> Form:
        """How a value of that shape is drawn."""
        found = self._forms.get(shape)
        if found is None:
            found = self._forms[shape] = self._form(shape)
        return found

    def _form(self, shape: tuple[int, ...]) -> Form:
        if math.prod(shape) == 0:
            return Form(1, 1, 1, False)
        if shape in self._photographs:
            rows, columns, channels = shape[-3:]
            return Form(math.prod(shape[:-3]), rows, columns, False, channels)
        if len(shape) == 2 and shape[1] in self._folds and shape[0] > 1:
            return Form(shape[0], *self._folds[shape[1]], True)
        if math.prod(shape) in self._folds and max(shape) == math.prod(shape):
            return Form(1, *self._folds[math.prod(shape)], True)
        if len(shape) < 2:
            return Form(1, math.prod(shape), 1, False)
        return Form(math.prod(shape[:-2]), shape[-2], shape[-1], False)

    def fold_of(self, length: int) -> tuple[int, int] | None:
        """Rows and columns as which an axis of that length is shown, if it is folded."""
        return self._folds.get(length)

    def cells(self, value: Value, before: bool = False) -> Cells:
        """The value's numbers in its form; `before`: as they were before an in-place update."""
        found = self._cells.get((value.id, before))
        if found is None:
            array = value.before if before and value.before is not None else value.value
            found = self._cells[value.id, before] = self.laid_out(array)
        return found

    def laid_out(self, array: NDArray[Any]) -> Cells:
        """Any numbers in the form of their shape; complex numbers by their size, nothing as one NaN."""
        form = self.form(array.shape)
        real = np.abs(array) if np.iscomplexobj(array) else array
        if words.held(array):
            sides = (min(side, MOST_CELLS) for side in (form.rows, form.columns))
            return words.colourless(min(form.layers, MOST_LAYERS), *sides)
        if not has_numbers(array):
            return Cells(np.full((1, 1, 1), np.nan))
        if form.photograph:
            pixels = np.asarray(real).reshape(form.layers, form.rows, form.columns, form.channels)
            return Cells(colour_codes(thinned(pixels[:MOST_LAYERS])))
        layered = np.asarray(real).reshape(form.layers, form.rows, form.columns)[:MOST_LAYERS]
        return Cells(shrunk(shrunk(layered, 1), 2))

    def colours(self, value: Value) -> ColourScale:
        """The scale of a value: 0 to a limit for pixels, activations and counts, else symmetric about 0."""
        found = self._scales.get(value.id)
        if found is None:
            found = self._scales[value.id] = self._scale(value)
        return found

    def _scale(self, value: Value) -> ColourScale:
        if self.form(value.shape).photograph:
            return ColourScale("photograph", 0.0, BYTE)
        if words.held(value.value):
            return words.COLOURLESS
        if holds_bytes(value.value):
            return ColourScale("level", 0.0, BYTE)
        if value.value.dtype.kind == "b":
            return TRUTH
        arrays = [value.value] if value.before is None else [value.value, value.before]
        if value.value.dtype.kind in "ui" and (counts := scale_of_counts(arrays)) is not None:
            return counts
        return scale_of(arrays, value.role in ("input", "activation", "constant"))

    def card(self, value: Value, place: Place, *, before: bool = False) -> Card:
        """The value as a card at a place, named as in the source."""
        return _card(self, value, place, before)

    def new_card(self, value: Value, place: Place, before: bool) -> Card:
        """What `card` keeps."""
        array = value.before if before and value.before is not None else value.value
        form = self.form(array.shape)
        numbers = self._numbers(array, form, place)
        cells = self.cells(value, before)
        shrunken = cells.values.size < array.size and not words.held(array)
        note = how_shrunken(form, cells) if shrunken else how_folded(form)
        if np.iscomplexobj(array) and has_numbers(array):
            note = ", ".join(filter(None, ("sizes of complex numbers", note)))
        return Card(
            key=self.key(value),
            name=self.name(value).replace("/", " "),
            shape=tuple(array.shape),
            cells=cells,
            shows=_map_of(value, form, cells, before),
            colours=self.colours(value),
            place=place,
            layers=self.drawn_layers(form),
            numbers=numbers,
            exact=(words.in_full(array) or told_numbers(array)) if numbers else (),
            side="inside" if form.columns > 1 or self.holds_numbers(form, place) else "right",
            labels=self.labels(form),
            span=finite_range(array) if shrunken else None,
            note=in_colours(form, cells) if form.photograph else note,
            whole=array.dtype.kind in "ui",
            truth=array.dtype.kind == "b",
            holds=words.held(array),
        )

    def holds_numbers(self, form: Form, place: Place) -> bool:
        """Whether the cells of a column are so large that a number stands in each, on its slope."""
        if not form.column:
            return False
        (ax, ay), high = place.across, place.down[1] / form.rows
        return ax >= 1.1 * LONGEST_NUMBER and high + LONGEST_NUMBER * ay / ax >= NUMBER_HEIGHT

    def labels(self, form: Form) -> AxisLabels:
        """What the layers, rows and columns of a form are called; a fold has no names for its own."""
        layers, rows, columns = (
            self.board.labels_of(length) if length > 1 else None
            for length in (form.layers, form.rows, form.columns)
        )
        return (layers, None, None) if form.folded else (None, rows, columns)

    def drawn_layers(self, form: Form) -> tuple[int, ...]:
        """Layers that are drawn, back to front: the first stands in front."""
        return tuple(range(min(form.layers, MOST_LAYERS) - 1, -1, -1))

    def _numbers(self, array: NDArray[Any], form: Form, place: Place) -> tuple[str, ...]:
        if form.layers > 1 or form.photograph or not array.size:
            return ()
        roomy = place.down[1] / form.rows >= max(SMALLEST_NUMBERED_CELL * self.scale, LEAST_NUMBERED_CELL)
        beside = form.columns == 1 and form.rows <= NUMBERED_ROWS
        if not roomy or not (beside or array.size <= MOST_NUMBERED):
            return ()
        texts = words.in_cells(array, form.columns)
        letters = max(map(len, texts))
        low = place.down[1] / form.rows < LOW_CELL * self.scale
        widest = LETTER * letters if low else WIDEST_NUMBERED_CELL
        wide = min(max(LETTER * letters, NARROWEST_NUMBERED_CELL), widest)
        return texts if beside or place.across[0] / form.columns >= wide else ()

    def place(
        self, form: Form, x: float, y: float, wide: float, high: float, largest_cell: float = 36.0
    ) -> Place:
        """The place of a card with its box's top left at (x, y), as large as fits in `wide` x `high`.

        The numbers and labels beside a column are not in the box.
        """
        wide *= self.stretch
        if form.column:
            cell = min(high / (form.rows + 0.4), largest_cell)
            row = across(max(min(COLUMN_WIDENESS * cell, wide / FORESHORTENING), 14.0))
            column = min(cell * form.rows, high + row[1])
            return self._placed(x, y - row[1], row, column, ((0.0, 0.0),))
        layers = min(form.layers, MOST_LAYERS)
        if form.wall:
            return self._wall(form, layers, (x, y, wide, high), largest_cell)
        spread = 0.0 if layers == 1 else 0.55
        rise = -FORESHORTENING * SLOPE * form.columns
        longest = self._stretched(form) if layers == 1 else 1.0
        ratio = min(max(form.rows / rise, 1.0), longest)  # of the cells' sides, at which the card is largest
        room = wide * (1 - spread), high * (1 - spread)
        broad = min(
            largest_cell,
            room[0] / (form.columns * FORESHORTENING),
            ratio * room[1] / (form.rows + rise * ratio),
        )
        deep = min(largest_cell, longest * broad, (room[1] - rise * broad) / form.rows)
        if max(form.rows, form.columns) > FLAT * min(form.rows, form.columns):
            broad = max(broad, min(LEAST_SIDE / form.columns, room[0] / (form.columns * FORESHORTENING)))
            deep = max(deep, min(LEAST_SIDE, room[1] - rise * broad) / form.rows)
        row, column = across(broad * form.columns), deep * form.rows
        step = (wide * spread / max(layers - 1, 1), -high * spread / max(layers - 1, 1))
        steps = tuple((step[0] * layer, step[1] * layer) for layer in range(layers))
        return self._placed(x, y - row[1] - step[1] * (layers - 1), row, column, steps)

    def _stretched(self, form: Form) -> float:
        """As many times as high a cell may be wide."""
        narrow = form.rows >= NARROW * form.columns and not (form.folded or form.photograph)
        return STRETCHED_NARROW if narrow else STRETCHED if any(self.labels(form)[1:]) else 1.0

    def _wall(
        self, form: Form, layers: int, box: tuple[float, float, float, float], largest_cell: float
    ) -> Place:
        """Layers side by side in as many rows and columns as let them be largest."""
        x, y, wide, high = box
        unit = (form.columns * FORESHORTENING, form.rows - FORESHORTENING * SLOPE * form.columns)

        def cell_of(across: int) -> float:
            down = -(-layers // across)
            return min(largest_cell, wide / (unit[0] * across * WALL), high / (unit[1] * down * WALL))

        count = max(range(1, layers + 1), key=lambda across: (cell_of(across), -across))
        cell = cell_of(count)
        steps = tuple(
            (place % count * unit[0] * WALL * cell, place // count * unit[1] * WALL * cell)
            for place in range(layers)
        )
        row = across(cell * form.columns)
        return self._placed(x, y - row[1], row, cell * form.rows, steps)

    def _placed(self, x: float, y: float, row: Point, column: float, steps: tuple[Point, ...]) -> Place:
        s = self.scale
        return Place(
            at=self.at(x, y),
            across=(row[0] * s, row[1] * s),
            down=(0.0, column * s),
            steps=tuple((dx * s, dy * s) for dx, dy in steps),
            depth=(4.0 * s, -4.0 * s),
        )


def _map_of(value: Value, form: Form, cells: Cells, before: bool) -> CellMap | None:
    """What the cells of a whole value are: its numbers, or means of blocks of them."""
    if not has_numbers(value.value):
        return None
    _, rows, columns = cells.values.shape
    whole = (rows, columns) == (form.rows, form.columns)
    if form.photograph:
        return CellMap(value.id, before and value.before is not None, step=form.channels) if whole else None
    blocks = None if whole else Blocks(form.layers, form.rows, form.columns, rows, columns)
    return CellMap(value.id, before and value.before is not None, blocks=blocks)


def _stretch(wider: float) -> float:
    """How much farther apart things stand on a stage that is so many times as wide as they need."""
    return min(wider, MOST_STRETCH) if wider > SAME_SHAPE else 1.0


@lru_cache(maxsize=1024)
def _card(studio: Studio, value: Value, place: Place, before: bool) -> Card:
    return studio.new_card(value, place, before)


@lru_cache(maxsize=8)
def studio_of(board: Storyboard, look: Look) -> Studio:
    """The studio of a storyboard in a look; storyboards are compared by identity."""
    return Studio(board, look)


def _values(board: Storyboard) -> Iterator[Value]:
    """All values of the trace."""
    yield from board.trace.inputs
    for one in board.trace.operations:
        yield from (*one.inputs, one.output, *one.more)
