"""A column times a row: each crossing makes a cell; on folded layers, the picture is stamped once a layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import TURNED
from mnistviz.picture.display import Cells, Point, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.headings import announced, heading, largest_first
from mnistviz.picture.drawings.layers import wall
from mnistviz.picture.drawings.order import (
    Order,
    first_in_row,
    magnitudes,
    order_of,
    order_of_rows,
    told_one_by_one,
)
from mnistviz.picture.drawings.product import Product, multiplies
from mnistviz.picture.drawings.props import (
    arriving,
    cell_at,
    cell_name,
    cell_number,
    centre,
    filled,
    flying,
    layer_of,
    multiplied_so_far,
    shows_each_cell,
    working,
)
from mnistviz.picture.easing import CellPace, eased, mix_point, ramp, still_acts
from mnistviz.picture.hashing import changed
from mnistviz.picture.numbers import times
from mnistviz.picture.stage.arrange import BOTTOM, TOP, centred
from mnistviz.picture.stage.cards import label_width
from mnistviz.picture.stage.ground import by_cards
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import UNLABELLED, Card, Inspector, Place, Tableau
from mnistviz.story.sentence import Sentence, Sign, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value, finite_range

CROSS_AT, CROSS_WIDE, CROSS_HIGH = (290.0, 100.0), 930.0, 666.0  # of the grid
COLUMN_GAP, ROW_GAP = 142.0, 70.0
LARGEST_CROSS, LARGEST_NARROW = 52.0, 84.0  # cell of the grid; of one with few columns
FEW_COLUMNS, BELOW_NARROW = 8, 680.0  # its name stands below, and lower that of the column
NAMES_APART = 20.0  # between the column's name and that of the grid, on the canvas
LEFT_ASIDE = 100.0  # of the room beside a grid, that stays on its right
COLUMN_CELL = 2.0  # width of the column's cells, in those of the grid
COLUMN_WIDE = 66.0  # at most
CHIP_SIZE = 30.0
STAMP_COLUMN = (30.0, 104.0, 56.0, 706.0)
STAMP_WALL = (524.0, 110.0, 1240.0, 808.0)  # left, top, right, bottom
STAMP_PICTURE = (246.0, 280.0, 222.0, 372.0)
CROSSED, STAMPED = 0.9, 0.85  # of a cell's, or a layer's, own progress: it is there
GAIN_SIZE, MOST_TENFOLDS = 19.0, 6
LONG_GAIN = 10**4  # what is longer would stand over its stamp
FAINT = 0.3  # of the strongest stamp: what is less is enlarged


def is_outer(studio: Studio, product: Product) -> bool:
    """Whether the sum has a single term: a column (m, 1) times a row (1, n), neither of one number."""
    crossed = product.a.shape[1] == 1 and product.bias is None and product.result.value.ndim == 2
    return crossed and min(product.left.value.size, product.right.value.size) > 1


def is_stamped(studio: Studio, product: Product) -> bool:
    """Whether the result is a deck of folded layers."""
    form = studio.form(product.result.shape)
    return is_outer(studio, product) and form.folded and 1 < form.layers <= 24


@multiplies(is_stamped)
def draw_stamps(studio: Studio, shot: Shot, product: Product, p: float) -> Tableau:
    """The picture, times one number of the column, becomes one layer after the other."""
    layers = studio.form(product.result.shape).layers
    order = order_of_rows(order_of(shot, product.result), layers)
    pace = order.pace(ramp(p, 0.04, 1.0), slow=0.3, few=3, brisk=0.26)
    return _stamps_at(studio, shot, product, pace.seen, still_acts(p))


@lru_cache(maxsize=4)
def _stamps_at(studio: Studio, shot: Shot, product: Product, pace: CellPace, p: float) -> Tableau:
    """Of the progress only its ends count: a sweep is drawn once a layer."""
    column = studio.card(product.left, studio.place(studio.form(product.left.shape), *STAMP_COLUMN))
    row = studio.untransposed(product.right)
    picture = studio.card(row, centred(studio, studio.form(row.shape), STAMP_PICTURE))
    form = studio.form(product.result.shape)
    stamped = stamps(studio, product.result)
    cells = order_of(shot, product.result)
    order = order_of_rows(cells, form.layers)
    layer = order.now(pace, p)
    cell = first_in_row(cells, layer, product.result.value)
    layers_done = tuple(order.done(pace.landed(STAMPED)).tolist())
    shown = [column, picture, *_stamped(studio, product.result, layers_done)]
    flying_over: list[Card] = []
    if p > 0:
        shown[0] = changed(column, lit=((0, layer, 0),))
        shown[1] = changed(picture, lit=(cell_at(picture, cell % product.columns),))
        shown[2:] = [changed(card, lit=((layer, -1, -1),)) for card in shown[2:]]
        if pace.slow and p < 1:
            own = next(one.card for one in stamped if layer in one.layers)
            flying_over = [_stamp(own, picture, layer, pace)]
    made = min(pace.done + 1, form.layers)
    claim = largest_first(shot, product.result, cell, cells, made * product.columns)
    head = heading(studio, shot, product.result, cell, claim)
    words = _words(studio, product, cell, head, made * product.columns)
    words = words if p > 0 else announced(words)
    marks = (*_stamp_signs(studio), *_gains(studio, stamped, layers_done))
    return Tableau((*shown, *flying_over), marks, inspector=words, lit=product.lit(0.0))


@lru_cache(maxsize=4)
def _stamped(studio: Studio, result: Value, done: tuple[bool, ...]) -> tuple[Card, ...]:
    """The wall of stamps with the layers that are done: it stays while one is on its way."""
    form = studio.form(result.shape)
    cells = np.repeat(done, form.rows * form.columns)
    return tuple(filled(one.card, cells) for one in stamps(studio, result))


@dataclass(frozen=True)
class Stamps:
    """The layers of a wall that are enlarged for view by the same gain, as one card."""

    card: Card
    layers: tuple[int, ...]
    gain: int  # 0: nothing is there to be enlarged


@lru_cache(maxsize=16)
def stamps(studio: Studio, result: Value) -> tuple[Stamps, ...]:
    """The wall of stamps: those at their own size, then, in cards of their own, those that would look empty."""
    form = studio.form(result.shape)
    left, top, right, bottom = STAMP_WALL
    whole = studio.card(result, wall(studio, form.layers, form, (left, studio.above(top), right, bottom)))
    sizes = magnitudes(whole.cells.values).reshape(form.layers, -1).max(axis=1)
    gains = [gain_of(float(size), float(sizes.max())) for size in sizes]
    if not any(gains):  # all are empty: one card, with its name
        return (Stamps(whole, tuple(range(form.layers)), 0),)
    return tuple(
        _enlarged(whole, tuple(layer for layer in range(form.layers) if gains[layer] == gain), gain)
        for gain in (1, *sorted(set(gains) - {1}))
    )


def gain_of(size: float, largest: float) -> int:
    """1 where a stamp is seen as it is; else 3, 10, 30 …, which make it nearly as strong as the strongest.

    0 where none of these would let it be seen.
    """
    if not size > FAINT * largest / 10**MOST_TENFOLDS:
        return 0
    if size >= FAINT * largest:
        return 1
    tenfolds = min(math.log10(largest / size), float(MOST_TENFOLDS))
    whole = int(10 ** int(tenfolds))
    return 3 * whole if math.log10(3 * whole) <= tenfolds else whole


def _enlarged(whole: Card, layers: tuple[int, ...], gain: int) -> Stamps:
    drawn = changed(whole, layers=tuple(reversed(layers)), index_mark=0 in layers)
    if gain == 1:
        return Stamps(drawn, layers, gain)
    drawn = changed(drawn, key=f"{whole.key}/{gain}", label="none", labels=UNLABELLED)
    if gain:
        shows = whole.shows and changed(whole.shows, factor=float(gain))
        note = f"colours: stamp × {times(gain)} for view"
        drawn = changed(
            drawn,
            cells=Cells(whole.cells.values * gain),
            shows=shows,
            note=note,
            span=finite_range(whole.cells.values),
        )
    return Stamps(drawn, layers, gain)


def _gains(studio: Studio, stamped: tuple[Stamps, ...], done: tuple[bool, ...]) -> tuple[Text, ...]:
    """Under each stamp that is there how many times it is enlarged, in the corner that its slope leaves free."""
    size = studio.letters(GAIN_SIZE)
    texts = []
    for one in stamped:
        (x, y), across, down = one.card.place.at, one.card.place.across, one.card.place.down
        for layer in one.layers if one.gain != 1 else ():
            words = f"×{times(one.gain, LONG_GAIN)}" if one.gain else _without(one.card, layer)
            dx, dy = one.card.place.steps[layer]
            at = (x + dx + across[0], y + dy + down[1] + 2 * studio.scale)
            texts += (
                [Text(words, at, size, by_cards(studio.theme.soft, studio.theme), "mono", "rs", one.card.key)]
                if done[layer]
                else []
            )
    return tuple(texts)


def _without(card: Card, layer: int) -> str:
    """What stands under a stamp that nobody can see, however much it is enlarged."""
    return "≈ 0" if np.any(card.cells.values[layer]) else "none"


def _stamp(stamped: Card, picture: Card, layer: int, pace: CellPace) -> Card:
    """The picture on its way to the layer, taking the layer's colours as it lands."""
    q = eased(pace.q, 0.1, 0.8)
    step = stamped.place.steps[layer]
    there = (stamped.place.at[0] + step[0], stamped.place.at[1] + step[1])
    place = changed(
        picture.place,
        at=mix_point(picture.place.at, there, q),
        across=mix_point(picture.place.across, stamped.place.across, q),
        down=mix_point(picture.place.down, stamped.place.down, q),
    )
    inked = pace.q > 0.45
    shown = layer_of(stamped, layer) if inked else picture
    return changed(
        picture, key=f"{shown.key}/ghost", cells=shown.cells, shows=shown.shows, colours=shown.colours, place=place,
        note=stamped.note if inked else "", label="none", glow=0.8, index_mark=False, opacity=0.92,
    )  # fmt: skip


def _stamp_signs(studio: Studio) -> tuple[Text, ...]:
    soft = by_cards(studio.theme.soft, studio.theme)
    return (
        Text("×", studio.at(220, 466), studio.letters(46), soft, "sans", "mm"),
        Text("=", studio.at(492, 466), studio.letters(46), soft, "sans", "mm"),
    )


@draws("outer", "multiply.outer")
def draw_crossing(studio: Studio, shot: Shot, p: float) -> Tableau:
    """Two vectors that cross; as any operation, where they are something else."""
    operation = studio.operations(shot)[-1]
    vectors = [v for v in operation.inputs if v.value.ndim == 1 and v.value.dtype.kind in "biuf"]
    if len(operation.inputs) != 2 or len(vectors) != 2 or not operation.output.value.size:
        return draw_any(studio, shot, p)
    left, right = vectors
    return draw_outer(studio, shot, Product(left, right, None, operation.output, operation, None), p)


@multiplies(is_outer)
def draw_outer(studio: Studio, shot: Shot, product: Product, p: float) -> Tableau:
    """The row lies above the grid, the column left of it; where two of their cells cross, a cell is made."""
    pace = order_of(shot, product.result).pace(ramp(p, 0.16, 1.0), slow=0.26, few=2, brisk=0.26)
    turning = p if p <= 0.16 else 1.0 if p >= 1 else 0.5  # then the row lies
    return _outer_at(studio, shot, product, pace.seen, turning)


@lru_cache(maxsize=4)
def _outer_at(studio: Studio, shot: Shot, product: Product, pace: CellPace, p: float) -> Tableau:
    """Once the row lies, of the progress only its end counts: a sweep is drawn once a cell."""
    grid, column, row = _cross(studio, product, p)
    rows, columns = product.result.shape
    order = order_of(shot, product.result)
    cell = int(_told(order, product.result)[pace.cell]) if p < 1 else order.protagonist
    made = min(pace.done + 1, rows * columns)
    grid = changed(filled(grid, order.done(pace.landed(CROSSED))), glow=0.5 if 0 < p < 1 else 0.0)
    marks: list[Primitive] = []
    if p > 0.16:
        r, c = divmod(cell, columns)
        column = changed(column, lit=((0, r, 0),)) if rows <= 64 else column
        row = changed(row, lit=(cell_at(row, c),)) if columns <= 64 else row
        if shows_each_cell(grid):
            grid = changed(grid, lit=(cell_at(grid, cell),))
            marks += _crossing(studio, column, row, grid, cell, pace) if pace.slow and p < 1 else []
    shown = (grid, column, row)
    claim = largest_first(shot, product.result, cell, order, made if p >= 1 else 0)
    head = heading(studio, shot, product.result, cell, claim)
    words = _words(studio, product, cell, head, made)
    words = words if p > 0.16 else announced(words)
    lit = product.lit(0.0)
    if p < 0.16:
        turned = [o for o in studio.operations(shot) if o.operation in TURNED]
        lit = turned[0].source.expression if turned else lit
    return Tableau(shown, tuple(marks), inspector=words, lit=lit)


@lru_cache(maxsize=4)
def _told(order: Order, result: Value) -> NDArray[np.intp]:
    return told_one_by_one(order, result.value)


def _cross(studio: Studio, product: Product, p: float) -> tuple[Card, Card, Card]:
    """Grid, column and row; the row comes as a column and turns over."""
    form = studio.form(product.result.shape)
    x, y = CROSS_AT
    few = form.columns <= FEW_COLUMNS
    y = max(y, studio.above(TOP) + ROW_GAP) if few else y  # no slope gives the row's name its room
    high, largest = (BELOW_NARROW - y, LARGEST_NARROW) if few else (CROSS_HIGH, LARGEST_CROSS)
    place = studio.place(form, x, y, CROSS_WIDE, high, largest)
    spare = (CROSS_WIDE * studio.stretch * studio.scale - place.across[0]) / 2
    aside = max(spare - LEFT_ASIDE * studio.scale, 0.0) if few else 0.0  # elsewhere its name has its place
    place = changed(place, at=(place.at[0] + aside, place.at[1]))
    grid = studio.card(product.result, place)
    rows, columns = form.rows, form.columns
    cell_across = (place.across[0] / columns, place.across[1] / columns)
    cell_down = place.down[1] / rows
    wide = min(COLUMN_CELL, COLUMN_WIDE * studio.scale / cell_across[0])
    gap = COLUMN_GAP * studio.scale
    left = (place.at[0] - gap, place.at[1] - gap * place.across[1] / place.across[0])
    column = studio.card(
        product.left,
        Place(left, (cell_across[0] * wide, cell_across[1] * wide), place.down, depth=place.depth),
    )
    above = (place.at[0], place.at[1] - ROW_GAP * studio.scale)
    turn = eased(p, 0.02, 0.14)
    room = (BOTTOM - studio.above(TOP)) * studio.scale
    upright = (0.0, min(columns * math.hypot(*cell_across) * 0.82, room))
    at = above if turn >= 1 else mix_point(_beside(studio, place, upright[1]), above, turn)
    along = mix_point(upright, place.across, turn)
    short = mix_point((cell_across[0], cell_across[1]), (0.0, cell_down), turn)
    row_place = Place(at, along, short, depth=place.depth)
    source = studio.untransposed(product.right)
    row = studio.card(product.right, row_place)
    words = 1 - ramp(turn, 0.0, 0.08) + ramp(p, 0.14, 0.16)  # not while it comes over other cards
    row = changed(row, key=studio.key(source), numbers=(), exact=(), words=words)
    if product.right.value.ndim == 1:  # whose cells stand one below the other elsewhere
        lying = Cells(row.cells.values.reshape(1, 1, -1))
        row = changed(row, cells=lying, labels=(None, None, row.labels[1]))
    grid = changed(grid, label="below", labels=UNLABELLED)  # column and row have them
    left_of_grid = max(grid.place.at[0] - NAMES_APART, studio.at(0, 0)[0] + label_width(column, studio.words))
    return grid, changed(column, side="left", label="below", label_end=left_of_grid), row


def _beside(studio: Studio, grid: Place, high: float) -> Point:
    """Where the row stands upright before it lies down: right of the grid."""
    x = grid.at[0] + grid.across[0] + COLUMN_GAP / 2 * studio.scale
    y = grid.at[1] + (grid.across[1] + grid.down[1] - high) / 2
    return x, max(y, studio.at(0, studio.above(TOP))[1])  # below its name


def _crossing(
    studio: Studio, column: Card, row: Card, grid: Card, cell: int, pace: CellPace
) -> list[Primitive]:
    """Both cells fly along the grid to their crossing and leave one there."""
    columns = grid.cells.values.shape[2]
    r, c = divmod(cell, columns)
    target: Point = centre(grid, cell)
    size = min(CHIP_SIZE, grid.place.down[1] / grid.cells.values.shape[1] * 0.95 / studio.scale)
    if pace.q < 0.6:
        q = ramp(pace.q, 0.05, 0.58)
        return [flying(studio, column, r, target, q, size), flying(studio, row, c, target, q, size)]
    return [arriving(studio, grid, cell, target, 1.0, size * 1.25)]


def _words(studio: Studio, product: Product, flat: int, head: Sentence, done: int) -> Inspector:
    r, c = divmod(flat, product.columns)
    source = studio.untransposed(product.right)
    sign = Sign("×", "multiply")
    lines = [
        line(cell_name(studio, product.result, flat)),
        line("= ", cell_name(studio, product.left, r)),
        line("  ", sign, " ", cell_name(studio, source, c)),
        line("= ", cell_number(product.left, r), " ", sign, " ", cell_number(source, c, "bare")),
        line("= ", cell_number(product.result, flat)),
    ]
    counter = multiplied_so_far(studio.board.trace, product.operation, done)
    return Inspector(head, working(lines), counter=counter)
