"""Arrays that only change their shape: rows that unroll into a column, and a card that turns over its diagonal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import TURNED, definition, swaps
from mnistviz.picture.display import Cells, Mask, Matrix, Point
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.headings import heading
from mnistviz.picture.drawings.order import LEAST_SHARE, magnitudes
from mnistviz.picture.drawings.props import (
    cell_at,
    cell_name,
    cell_number,
    first_cells,
    shows_each_cell,
    strongest,
)
from mnistviz.picture.easing import eased, mix_point, ramp, smooth
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.arrange import BOTTOM, NAMES, TOP, Term, centred, equation
from mnistviz.picture.stage.forms import Form
from mnistviz.picture.stage.studio import Studio, across
from mnistviz.picture.stage.tableau import UNLABELLED, Card, Inspector, Place, Tableau
from mnistviz.story.sentence import Cell, Number, Part, Quantity, Rank, Sign, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation, Value

PICTURE_TOP, LABEL = 24.0, 130.0  # its label stands in the corner that its slope leaves free; its height
PICTURE, APPEARING = (60.0, 660.0), (270.0, 700.0)  # left, width
SHADE = 0.3  # opacity
LEFT_DIM = 0.4  # of a card that has been turned over
COLUMN_AT, COLUMN_WIDE, COLUMN_END = (900.0, 162.0), 190.0, 808.0
# Shares of the time: of the first row, of the next few together, and of rows side by side that are next to nothing.
SLOW, FEW, BRISK, AT_ONCE = 0.22, 3, 0.2, 0.04


@draws("appear")
def draw_appearing(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The first input of the first operation: faint, as it came, then cell by cell."""
    operations = studio.operations(shot)
    if not operations or not operations[0].inputs:
        return draw_any(studio, shot, p)
    value = max(operations[0].inputs, key=lambda v: v.value.size)
    form = studio.form(value.shape)
    card = studio.card(value, centred(studio, form, _box(studio, APPEARING)))
    total = form.layers * form.rows * form.columns
    done = round(smooth(ramp(p, 0.1, 0.95)) * total)
    shown = changed(card, mask=None if done >= total else first_cells(card.cells.values.shape, done))
    faint = changed(card, key=f"{card.key}/faint", dim=1.0, words=0.0, shadow=False)
    seen = (shown, faint) if done < total else (shown,)
    return Tableau(seen, inspector=_brightest(studio, value), lit=operations[0].source.statement)


def _box(studio: Studio, across: tuple[float, float]) -> tuple[float, float, float, float]:
    """Where the picture stands: from as high as its label leaves room for."""
    (left, wide), top = across, PICTURE_TOP + studio.above(LABEL) - LABEL
    return left, top, wide, BOTTOM - top


def _brightest(studio: Studio, value: Value) -> Inspector:
    flat = value.value.ravel()
    if flat.size == 0 or flat.dtype.kind not in "biuf":
        return Inspector()
    place = strongest(value)
    largest = Rank("", "largest by size", Cell(value.id, place))
    ink = Number(int((flat != 0).sum()), Quantity("cells that are not 0", (value.id,)), "count")
    truth = flat.dtype.kind == "b"
    of_them = (" of them are true",) if truth else (" of them are not ", Number(0, Quantity("zero"), "count"))
    return Inspector(
        line(Number(flat.size, Quantity("cells", (value.id,)), "count"), " cells" if truth else " numbers"),
        (
            line(largest, cell_name(studio, value, place), " = ", cell_number(value, place), tone="result"),
            line(ink, *of_them, mono=False),
        ),
    )


def _unrolled(studio: Studio, shot: Shot) -> tuple[Operation, Value, Form] | None:
    """The reshape of the shot, its column, and the picture it is folded as."""
    for operation in studio.operations(shot):
        form = studio.form(operation.output.shape)
        if definition(operation.operation).made == "same order" and form.folded and form.layers == 1:
            return operation, operation.output, form
    return None


@draws("unroll")
def draw_unrolling(studio: Studio, shot: Shot, p: float) -> Tableau:
    """Row after row leaves the picture and stands in the column."""
    return _draw_rows(studio, shot, p, p)


@draws("fold")
def draw_folding(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The column's segments lie down again as the rows of the picture."""
    return _draw_rows(studio, shot, 1 - p, p)


def _draw_rows(studio: Studio, shot: Shot, unrolled: float, p: float) -> Tableau:
    found = _unrolled(studio, shot)
    if found is None:
        return draw_any(studio, shot, p)
    operation, value, form = found
    picture = studio.card(value, centred(studio, form, _box(studio, PICTURE)))
    flight = rows_flying(rows_together(picture.cells.values[0]), unrolled)
    q = eased(flight.q, 0.0, 1.0)
    row_done = [1.0] * flight.start + [q] * (flight.stop - flight.start) + [0.0] * (form.rows - flight.stop)
    left_behind = changed(picture, mask=Mask(_rows_left(picture, row_done)), dim=0.0)
    column = _column(studio, value, form, picture, flight.start)
    marks = [
        _row_on_its_way(studio, picture, column, form, row, q) for row in range(flight.start, flight.stop)
    ]
    words = _row_words(value, form, flight.told) if p > 0 else _scaled(studio, shot, value)
    shades = tuple(_shade(card) for card in (left_behind, column))
    return Tableau(
        (left_behind, column, *shades), tuple(marks), inspector=words, lit=operation.source.expression
    )


@dataclass(frozen=True)
class RowsTogether:
    """Rows that leave at the same time: one that has something to tell, or all side by side that are next to nothing."""

    start: int
    stop: int
    counts: bool  # whether there is something to tell


@dataclass(frozen=True)
class RowsFlying:
    """The rows on their way, `start` to `stop`, how far they are, and which row is spoken of; those before are there."""

    start: int
    stop: int
    q: float
    told: int


def rows_together(picture: NDArray[np.generic]) -> tuple[RowsTogether, ...]:
    """The rows of a picture (rows, columns), in order; where none stands out, each is told."""
    largest = magnitudes(picture).max(axis=1)
    counts = (largest >= LEAST_SHARE * largest.max()).tolist()
    found: list[RowsTogether] = []
    for row, some in enumerate(counts):
        if found and not some and not found[-1].counts:
            found[-1] = replace(found[-1], stop=row + 1)
        else:
            found.append(RowsTogether(row, row + 1, some))
    return tuple(found)


def rows_flying(rows: tuple[RowsTogether, ...], unrolled: float) -> RowsFlying:
    """Which rows are on their way: the first that counts slowly, the next few faster; what is nothing goes at once."""
    told = [one.start for one in rows if one.counts]
    end = rows[-1].stop
    if unrolled <= 0:
        return RowsFlying(0, 0, 0.0, told[0])
    gone = ramp(unrolled, 0.04, 0.98)
    for one, start, stop in zip(rows, *_times(rows), strict=True):
        if gone < stop and unrolled < 1:
            spoken = max((row for row in told if row <= one.start), default=told[0])
            return RowsFlying(one.start, one.stop, ramp(gone, start, stop), spoken)
    return RowsFlying(end, end, 1.0, told[-1])


@lru_cache(maxsize=64)
def _times(rows: tuple[RowsTogether, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """When each leaves, and when it is there, 0..1."""
    count = sum(one.counts for one in rows)
    few = min(FEW, count - 1)
    swept = count - 1 - few
    lengths = [SLOW, *[BRISK / FEW] * few, *[(1 - SLOW - BRISK) / max(swept, 1)] * swept]
    scale = (1 - AT_ONCE * (len(rows) - count)) / sum(lengths)
    each = iter(lengths)
    ends = list(accumulate(scale * next(each) if one.counts else AT_ONCE for one in rows))
    return (0.0, *ends[:-1]), tuple(ends)


def _scaled(studio: Studio, shot: Shot, value: Value) -> Inspector:
    """What has become of the strongest cell before anything moves, where all were divided by one number."""
    given = {one.inputs[0].id for one in studio.operations(shot) if one.output.id == value.id}
    for made in studio.board.trace.operations:
        if made.output.id in given and made.operation == "divide" and made.inputs[1].value.size == 1:
            source, by = made.inputs
            place = strongest(value)
            numbers = (cell_number(source, place), " ", Sign("÷", "divide"), " ", cell_number(by, 0, "short"))
            lines = (line(*numbers, tone="working"), line("= ", cell_number(value, place), tone="working"))
            return Inspector("All divided by one number", (line(cell_name(studio, value, place)), *lines))
    return Inspector()


def _shade(card: Card) -> Card:
    """All cells, faintly: what left can still be told, and what is there keeps its colours."""
    return changed(
        card,
        key=f"{card.key}/shade",
        mask=None,
        opacity=SHADE,
        label="none",
        index_mark=False,
        shadow=False,
    )


def _rows_left(picture: Card, row_done: list[float]) -> NDArray[np.bool_]:
    shape = picture.cells.values.shape
    left = np.array([progress == 0.0 for progress in row_done])
    return np.broadcast_to(left[None, :, None], shape)


def _column(studio: Studio, value: Value, form: Form, picture: Card, done: int) -> Card:
    """The column as it stands: thin cells, one below the other."""
    cells = Cells(picture.cells.values.reshape(1, -1, 1))
    left, top = COLUMN_AT[0], studio.above(COLUMN_AT[1])
    at = studio.at(left, top)
    ax, ay = across(COLUMN_WIDE * studio.scale)
    place = Place(at, (ax, ay), (0.0, (COLUMN_END - top) * studio.scale), depth=picture.place.depth)
    return changed(
        picture, key=f"{picture.key}/column", cells=cells, place=place, numbers=(), exact=(),
        mask=None if done >= form.rows else first_cells(cells.values.shape, done * form.columns),
        note="as the network sees it",
    )  # fmt: skip


def _row_on_its_way(studio: Studio, picture: Card, column: Card, form: Form, row: int, q: float) -> Matrix:
    """A row that swings from lying in the picture to standing in the column."""
    (x, y), (ax, ay), (_, high) = picture.place.at, picture.place.across, picture.place.down
    lying: tuple[Point, Point, Point] = ((x, y + high * row / form.rows), (ax, ay), (0.0, high / form.rows))
    (cx, cy), wide, tall = column.place.at, column.place.across, column.place.down[1]
    standing: tuple[Point, Point, Point] = ((cx, cy + tall * row / form.rows), (0.0, tall / form.rows), wide)
    origin, along, side = (mix_point(a, b, q) for a, b in zip(lying, standing, strict=True))
    return Matrix(
        key="", cells=Cells(picture.cells.values[0, row][None, :]),
        colours=studio.theme.coloured(picture.colours), origins=(origin,), across=along,
        down=side, edge=studio.accent(picture.key), edge_width=2.5, glow=0.8, shadow=False,
        shows=picture.shows and picture.shows.starting(row * form.columns),
    )  # fmt: skip


def _row_words(value: Value, form: Form, row: int) -> Inspector:
    rows = Number(form.rows, Quantity("folded rows", (value.id,)), "count")
    columns = Number(form.columns, Quantity("folded columns", (value.id,)), "count")
    cells = Number(form.rows * form.columns, Quantity("cells", (value.id,)), "count")
    first, last = row * form.columns, (row + 1) * form.columns - 1
    ends = [Number(end, Quantity("place", (Cell(value.id, end),)), "index") for end in (first, last)]
    times = Sign("×", "multiply")
    lines = (
        line(
            "row ", Number(row, Quantity("folded row", (Cell(value.id, first),)), "index"), "  →  cells ",
            ends[0], " … ", ends[1], tone="formula",
        ),
        line("row i, column j  →  i ", times, " ", columns, " + j", tone="working"),
        line(rows, " ", times, " ", columns, " = ", cells, tone="result"),
    )  # fmt: skip
    heading = line("Row ", Number(row, Quantity("folded row", (Cell(value.id, first),)), "index"))
    return Inspector(heading, lines)


@draws(*TURNED)
def draw_turning(studio: Studio, shot: Shot, p: float) -> Tableau:
    """A copy of the card turns over its diagonal; the mark at (0, 0) goes along, the mark's arms change sides."""
    operations = studio.operations(shot)
    found = next((o for o in operations if swaps(o.operation, dict(o.parameters))), None)
    if found is None or found.inputs[0].value.ndim != 2 or found.output.value.size == 0:
        return draw_any(studio, shot, p)
    source, result = found.inputs[0], found.output
    if studio.form(source.shape).folded or studio.form(result.shape).folded:
        return draw_any(studio, shot, p)
    before, after = equation(studio, (Term(source), Term(result)), TOP + NAMES)
    cell = shot.order[0] if shot.order and shot.unit and found is operations[-1] else None
    words, lit = _turned_words(studio, shot, (source, result), cell), found.source.expression
    if p >= 1 and cell is not None and shows_each_cell(before, after):
        old = int(np.ravel_multi_index(np.unravel_index(cell, result.shape)[::-1], source.shape))
        before, after = (
            changed(card, lit=(cell_at(card, place),)) for card, place in ((before, old), (after, cell))
        )
    if p >= 1:
        return Tableau((changed(before, dim=LEFT_DIM), after), inspector=words, lit=lit)
    q = eased(p, 0.2, 0.85)
    start, end = before.place, after.place
    place = Place(
        mix_point(start.at, end.at, q),
        mix_point(start.across, end.down, q),
        mix_point(start.down, end.across, q),
        depth=start.depth,
    )
    turning = changed(
        before, key=f"{before.key}/ghost", place=place, numbers=(), exact=(), glow=0.6, label="none",
        labels=UNLABELLED,
    )  # fmt: skip
    left = changed(before, dim=LEFT_DIM * ramp(p, 0.0, 0.2))
    return Tableau((left, turning) if p > 0 else (left,), inspector=words, lit=lit)


def _turned_words(studio: Studio, shot: Shot, of: tuple[Value, Value], cell: int | None) -> Inspector:
    """Where a cell goes: the one that the storyboard speaks of first, by its name; else one near the corner."""
    source, result = of
    rows, columns = source.shape
    c, r = divmod(cell, rows) if cell is not None else (min(2, columns - 1), min(1, rows - 1))
    old, new = Cell(source.id, r * columns + c), Cell(result.id, c * rows + r)
    named = () if cell is None else (heading(studio, shot, result, cell),)
    lines = (
        line(*_shape(source), "  →  ", *_shape(result), tone="formula"),
        *named,
        line("cell ", *_places(old, r, c), "  →  cell ", *_places(new, c, r), tone="working"),
        line(cell_number(source, old.index), " stays ", cell_number(result, new.index), tone="result"),
    )
    return Inspector("Transpose: rows become columns", lines)


def _shape(value: Value) -> tuple[Part | str, ...]:
    """`20×784`, of a matrix."""
    rows, columns = (
        Number(length, Quantity("length of axis", (value.id, axis)), "index")
        for axis, length in enumerate(value.shape)
    )
    return rows, "×", columns


def _places(cell: Cell, row: int, column: int) -> tuple[Part | str, ...]:
    """`[1, 2]`, of a cell of a matrix."""
    places = (
        Number(at, Quantity("index on axis", (cell, axis)), "index") for axis, at in enumerate((row, column))
    )
    first, second = places
    return "[", first, ", ", second, "]"
