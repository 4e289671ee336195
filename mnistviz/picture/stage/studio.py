"""From the trace's values to cards: their form, their colours, their numbers and their sizes.

A studio belongs to one timeline and one look.  It keeps what is dear to make (the cells of a value, the
accent of a name), so that a frame costs little; nothing in it depends on the instant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import swaps
from mnistviz.picture.display import Blocks, CellMap, Cells, Colour, ColourScale, Point
from mnistviz.picture.layout import LEGEND_HEIGHT, Look
from mnistviz.picture.numbers import signed
from mnistviz.picture.stage.tableau import AxisLabels, Card, Place
from mnistviz.story.storyboard import Shot, Storyboard
from mnistviz.trace.model import Operation, Value, finite_range

FORESHORTENING, SLOPE = 0.82, -0.42  # of the column axis, DESIGN 6
STAGE = (1240.0, 876.0)  # the drawings' own coordinates; the stage of a 16:9 film has exactly that shape
NUMBERED_ROWS = 24  # a column of at most this many cells has its numbers beside it
MOST_LAYERS = 24
LONGEST_NAME = 26  # of an expression that stands for a name
MOST_CELLS = 256  # along an axis; a longer one is drawn as means of neighbouring cells
SMALLEST_NUMBERED_CELL = 19.0
FEWEST, DROWNED = 8, 0.1  # of so many numbers; where the median is less than that share of the largest
LONGEST_NUMBER, NUMBER_HEIGHT = 92.0, 13.0  # of `-1.23e-10` as small as it can be read, in design units
COLUMN_WIDENESS = 4.6  # width of a column's cells at most, in heights


def across(length: float) -> Point:
    """The edge vector of a row that would be `length` long if it were not seen from the side."""
    return (length * FORESHORTENING, length * FORESHORTENING * SLOPE)


def nice_limit(largest: float) -> float:
    """The smallest of 1, 1.5, 2, 3, 5, 7 times a power of ten that is not below `largest`; 1 for 0."""
    if not largest > 0 or not math.isfinite(largest):
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    if power == 0:  # subnormal
        return largest
    return next(
        (step * power for step in (1, 1.5, 2, 3, 5, 7) if largest <= step * power * (1 + 1e-12)), 10 * power
    )


@dataclass(frozen=True)
class Form:
    """How the cells of a value are laid out on its card."""

    layers: int
    rows: int
    columns: int
    folded: bool

    @property
    def column(self) -> bool:
        """Whether it is a single column, drawn with its numbers beside it."""
        return self.columns == 1 and self.layers == 1 and self.rows > 1


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
        self._offset = (
            left + (right - left - wide * self.scale) / 2,
            top + (floor - top - high * self.scale) / 2,
        )
        self._folds = {fold.length: (fold.rows, fold.columns) for fold in board.folds}
        self._scales: dict[int, ColourScale] = {}
        self._made = {operation.output.id: operation for operation in board.trace.operations}
        self._cells: dict[tuple[int, bool], Cells] = {}
        self._accents = _accents(board, look.theme.accents)

    def operations(self, shot: Shot) -> tuple[Operation, ...]:
        """The operations that the shot draws, in order."""
        return tuple(self.board.operation(number) for number in shot.subject)

    def at(self, x: float, y: float) -> Point:
        """A place in the drawings' own coordinates, on the canvas."""
        return (self._offset[0] + x * self.scale, self._offset[1] + y * self.scale)

    def letters(self, size: float, least: float = 0.0) -> float:
        """A font size on a stage of full size, made smaller as this one is, but not below `least`."""
        return max(size * min(self.scale, 1.0), min(size, least))

    def accent(self, key: str) -> Colour:
        """The colour of a card, the same over the whole film."""
        return self._accents.get(key.partition("/")[0], self.theme.soft)

    def accents(self) -> tuple[tuple[str, Colour], ...]:
        """All names of the trace with their colours."""
        return tuple(self._accents.items())

    def key(self, value: Value) -> str:
        """What a value is over the whole film: its name; unnamed, what made it."""
        if value.name:
            return value.name
        source = self.untransposed(value)
        return f"{self.key(source)}/T" if source is not value else f"#{value.id}"

    def name(self, value: Value) -> str:
        """What a value is called on the screen: as in the source, or by the expression that made it."""
        if value.name:
            return value.name
        source = self.untransposed(value)
        if source is not value:
            return f"{self.name(source)}.T"
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
        if math.prod(shape) == 0:
            return Form(1, 1, 1, False)
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
        if not has_numbers(array):
            return Cells(np.full((1, 1, 1), np.nan))
        layered = np.asarray(real).reshape(form.layers, form.rows, form.columns)[:MOST_LAYERS]
        return Cells(shrunk(shrunk(layered, 1), 2))

    def colours(self, value: Value) -> ColourScale:
        """The scale of a value: 0 to a limit for pixels and activations, else symmetric about 0."""
        found = self._scales.get(value.id)
        if found is None:
            arrays = [value.value] if value.before is None else [value.value, value.before]
            level = value.role in ("input", "activation", "constant")
            grey = value.dtype == np.uint8  # a picture's bytes
            found = ColourScale("level", 0.0, 255.0) if grey else scale_of(arrays, level)
            self._scales[value.id] = found
        return found

    def card(self, value: Value, place: Place, *, before: bool = False) -> Card:
        """The value as a card at a place, named as in the source."""
        return _card(self, value, place, before)

    def new_card(self, value: Value, place: Place, before: bool) -> Card:
        """What `card` keeps."""
        array = value.before if before and value.before is not None else value.value
        form = self.form(array.shape)
        numbers = self._numbers(array, form, place)
        cells = self.cells(value, before)
        shrunken = cells.values.size < array.size
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
            exact=tuple(
                float(number) for number in np.ravel(np.abs(array) if np.iscomplexobj(array) else array)
            )
            if numbers
            else (),
            side="inside" if form.columns > 1 or self.holds_numbers(form, place) else "right",
            labels=self.labels(form),
            span=finite_range(array) if shrunken else None,
            note=_how_shrunken(form, cells) if shrunken else _how_folded(form),
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
        if form.layers > 1 or not has_numbers(array):
            return ()
        roomy = place.down[1] / form.rows >= SMALLEST_NUMBERED_CELL * max(self.scale, 0.7)
        wide = place.across[0] / form.columns >= 66
        if not roomy or not (
            (form.columns == 1 and form.rows <= NUMBERED_ROWS) or (wide and array.size <= 100)
        ):
            return ()
        flat = [float(number) for number in np.ravel(np.abs(array) if np.iscomplexobj(array) else array)]
        if form.columns > 1:  # a cell that is not finite is marked as such, there is no room for words
            return tuple(signed(number) if math.isfinite(number) else "" for number in flat)
        return tuple(signed(number) for number in flat)

    def place(
        self, form: Form, x: float, y: float, wide: float, high: float, largest_cell: float = 36.0
    ) -> Place:
        """The place of a card with its box's top left at (x, y), as large as fits in `wide` x `high`.

        The numbers and labels beside a column are not in the box.
        """
        if form.column or form.rows == form.columns == 1:
            cell = min(high / (form.rows + 0.4), largest_cell)
            widest = (
                min(COLUMN_WIDENESS * cell, wide / FORESHORTENING) if form.column else min(1.1 * cell, 42.0)
            )
            row = across(max(widest, 14.0))
            column = min(cell * form.rows, high + row[1])
            return self._placed(x, y - row[1], row, column, ((0.0, 0.0),))
        layers = min(form.layers, MOST_LAYERS)
        spread = 0.0 if layers == 1 else 0.55
        per_column = FORESHORTENING
        high_unit = form.rows - FORESHORTENING * SLOPE * form.columns
        cell = min(
            largest_cell,
            wide * (1 - spread) / (form.columns * per_column),
            high * (1 - spread) / high_unit,
        )
        row, column = across(cell * form.columns), cell * form.rows
        step = (wide * spread / max(layers - 1, 1), -high * spread / max(layers - 1, 1))
        steps = tuple((step[0] * layer, step[1] * layer) for layer in range(layers))
        return self._placed(x, y - row[1] - step[1] * (layers - 1), row, column, steps)

    def _placed(self, x: float, y: float, row: Point, column: float, steps: tuple[Point, ...]) -> Place:
        s = self.scale
        return Place(
            at=self.at(x, y),
            across=(row[0] * s, row[1] * s),
            down=(0.0, column * s),
            steps=tuple((dx * s, dy * s) for dx, dy in steps),
            depth=(4.0 * s, -4.0 * s),
        )


def shrunk(layered: NDArray[Any], axis: int) -> NDArray[np.float64]:
    """Means of neighbouring cells along an axis that has more than `MOST_CELLS`, so that so many are left."""
    length = layered.shape[axis]
    if length <= MOST_CELLS:
        return np.asarray(layered, dtype=np.float64)
    edges = np.arange(MOST_CELLS + 1) * length // MOST_CELLS
    sums = np.add.reduceat(layered, edges[:-1], axis=axis, dtype=np.float64)
    counts = np.diff(edges).reshape([-1 if place == axis else 1 for place in range(layered.ndim)])
    return np.asarray(sums / counts, dtype=np.float64)


def _map_of(value: Value, form: Form, cells: Cells, before: bool) -> CellMap | None:
    """What the cells of a whole value are: its numbers, or means of blocks of them."""
    if not has_numbers(value.value):
        return None
    _, rows, columns = cells.values.shape
    whole = (rows, columns) == (form.rows, form.columns)
    blocks = None if whole else Blocks(form.layers, form.rows, form.columns, rows, columns)
    return CellMap(value.id, before and value.before is not None, blocks=blocks)


def has_numbers(array: NDArray[Any]) -> bool:
    """Whether there is a number in it to be drawn."""
    return array.size > 0 and array.dtype.kind in "biufc"


def _how_shrunken(form: Form, cells: Cells) -> str:
    """What a card says that has fewer cells than its value: means, or only some of its layers."""
    layers, rows, columns = cells.values.shape
    if (rows, columns) == (form.rows, form.columns):
        return f"{layers} of {form.layers} layers"
    return f"means, drawn as {rows}×{columns}"


def _how_folded(form: Form) -> str:
    """What a folded card says of itself."""
    if not form.folded:
        return ""
    size = f"{form.rows}×{form.columns}"
    return f"shown folded, {size}" if form.layers == 1 else f"{form.layers} layers of {size}"


@lru_cache(maxsize=1024)
def _card(studio: Studio, value: Value, place: Place, before: bool) -> Card:
    return studio.new_card(value, place, before)


@lru_cache(maxsize=8)
def studio_of(board: Storyboard, look: Look) -> Studio:
    """The studio of a storyboard in a look; storyboards are compared by identity."""
    return Studio(board, look)


def scale_of(arrays: list[NDArray[Any]], level: bool) -> ColourScale:
    """Limits that hold all finite numbers, rounded up to a nice number."""
    ranges = [finite_range(np.abs(array) if np.iscomplexobj(array) else array) for array in arrays]
    smallest = min(0.0, *(ends[0] for ends in ranges if ends is not None), 0.0)
    largest = max(0.0, *(ends[1] for ends in ranges if ends is not None), 0.0)
    if level and smallest >= 0:
        return ColourScale("level", 0.0, nice_limit(largest))
    limit = nice_limit(max(largest, -smallest))
    return ColourScale("signed", -limit, limit, _is_drowned(arrays))


def _is_drowned(arrays: list[NDArray[Any]]) -> bool:
    """Whether a few numbers are so much larger than most that these could not be told from 0."""
    sizes = np.abs(np.concatenate([np.ravel(array) for array in arrays]))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return sizes.size >= FEWEST and float(np.median(sizes)) < DROWNED * float(sizes.max())


def _accents(board: Storyboard, colours: tuple[Colour, ...]) -> dict[str, Colour]:
    """A colour for each name, so that names which meet in a chapter differ as long as there are enough."""
    given: dict[str, Colour] = {}
    turn = 0
    for together in _names_that_meet(board):
        for name in together:
            if name in given:
                continue
            taken = {given[other] for other in together if other in given}
            choice = next(
                (
                    colours[(turn + skip) % len(colours)]
                    for skip in range(len(colours))
                    if colours[(turn + skip) % len(colours)] not in taken
                ),
                colours[turn % len(colours)],
            )
            given[name] = choice
            turn = colours.index(choice) + 1
    return given


def _names_that_meet(board: Storyboard) -> list[tuple[str, ...]]:
    """Names in the operations of each chapter and the next, in order: these are seen together."""
    names = []
    for chapter in board.chapters:
        numbers = [number for shot in chapter.shots for number in (*shot.subject, *shot.completes)]
        values = [
            value
            for number in sorted(set(numbers))
            for value in (*board.operation(number).inputs, board.operation(number).output)
            if value.name and value.shape != ()
        ]
        names.append(tuple(dict.fromkeys(value.name for value in values)))
    return [tuple(dict.fromkeys(meeting + leaving)) for meeting, leaving in pairwise([*names, ()])]
