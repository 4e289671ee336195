"""Small things that several drawings use: single cells that fly, words for cells, counts of multiplications."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnistviz import operations
from mnistviz.picture.display import CellMap, Cells, Colour, ColourScale, Mask, Matrix, Point
from mnistviz.picture.drawings.order import magnitudes
from mnistviz.picture.easing import eased, mix_point
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.studio import Studio, across
from mnistviz.picture.stage.tableau import UNLABELLED, Card, Counter
from mnistviz.story.quoting import grouped
from mnistviz.story.sentence import Cell, Name, Number, Polarity, Quantity, Sentence, Style, truth
from mnistviz.trace.model import Operation, Trace, Value

CHIP = 30.0
FLIGHT = (0.0, 0.75)  # share of its time in which a cell flies; then it can be looked at
MOST_FRAMED = 4096  # cells; of more none is framed
OF_WHOLE_NUMBERS: dict[Style, Style] = {"signed": "count", "bare": "whole"}
_SHAPE_SUFFIX = re.compile(r"_\d+(?:x\d+)*(?=$|\.T$| )")


def short(name: str) -> str:
    """The name without the shape that some write at its end: `image_784x1` is `image`."""
    return _SHAPE_SUFFIX.sub("", name) or name


def filled(card: Card, done: NDArray[np.bool_]) -> Card:
    """The card with only the cells that are `done`, by flat index of its value; of means, as great a share."""
    return changed(card, mask=None) if done.all() else _filled(card, done.astype(np.bool_).tobytes())


@lru_cache(maxsize=64)
def _filled(card: Card, told: bytes) -> Card:
    """The same card again for as long as the same cells are there; `told`: a byte each."""
    done = np.frombuffer(told, dtype=np.bool_)
    shape, total = card.cells.values.shape, card.cells.values.size
    if total != done.size:
        return changed(card, mask=first_cells(shape, int(done.sum()) * total // done.size))
    numbers = card.numbers and tuple(
        [number if there else "" for number, there in zip(card.numbers, done.tolist(), strict=False)]
    )
    return changed(card, mask=Mask(done.reshape(shape)), numbers=numbers)


def filled_up_to(card: Card, done: int) -> Card:
    """The card with its first `done` cells there, in row-major order over all layers."""
    return filled(card, np.arange(card.cells.values.size) < done)


def first_cells(shape: tuple[int, ...], done: int) -> Mask:
    """A mask of the first `done` cells."""
    return Mask((np.arange(math.prod(shape)) < done).reshape(shape))


def shows_each_cell(*shown: Card) -> bool:
    """Whether the cards have a cell, large enough to be framed, for every number of their values."""
    return all(card.cells.values.size == math.prod(card.shape) <= MOST_FRAMED for card in shown)


def cell_at(card: Card, index: int) -> tuple[int, int, int]:
    """Layer, row and column of a cell, counted row-major over the card's cells."""
    _, rows, columns = card.cells.values.shape
    layer, rest = divmod(index, rows * columns)
    return (layer, *divmod(rest, columns))


def centre(card: Card, index: int) -> Point:
    """Centre of a cell on the canvas."""
    layer, row, column = cell_at(card, index)
    _, rows, columns = card.cells.values.shape
    (x, y), (ax, ay), (dx, dy) = cards.layer_origin(card.place, layer), card.place.across, card.place.down
    u, v = (column + 0.5) / columns, (row + 0.5) / rows
    return x + ax * u + dx * v, y + ay * u + dy * v


def value_at(card: Card, index: int) -> float:
    """The number in a cell."""
    return float(card.cells.values.ravel()[index])


@dataclass(frozen=True)
class LooseCell:
    """A cell that has left its card, or is on its way to one."""

    number: float
    shows: CellMap | None
    colours: ColourScale
    edge: Colour


def loose(studio: Studio, card: Card, index: int) -> LooseCell:
    """A cell of a card, counted row-major over the card's cells."""
    shows = card.shows and card.shows.starting(index)
    return LooseCell(value_at(card, index), shows, card.colours, studio.accent(card.key))


def layer_of(card: Card, layer: int) -> Card:
    """A card of one layer of a deck, at the deck's place and under its name."""
    cells, each = card.cells.values[layer], math.prod(card.cells.values.shape[1:])
    shows = card.shows and card.shows.starting(layer * each)
    return changed(
        card,
        cells=Cells(cells),
        shows=shows,
        layers=(0,),
        shape=(each,),
        numbers=(),
        exact=(),
        note="",
        labels=UNLABELLED,
    )


def chip(studio: Studio, cell: LooseCell, at: Point, size: float = CHIP) -> Matrix:
    """A single cell on its own, its centre at a point of the canvas."""
    side = size * studio.scale
    ax, ay = across(side * 1.1)
    return Matrix(
        key="",
        cells=Cells(np.array([[cell.number]])),
        colours=studio.theme.coloured(cell.colours),
        origins=((at[0] - ax / 2, at[1] - ay / 2 - side / 2),),
        across=(ax, ay),
        down=(0.0, side),
        edge=cell.edge,
        edge_width=2.0,
        empty=studio.theme.empty,
        shadow=False,
        glow=0.7,
        shows=cell.shows,
    )


def flying(studio: Studio, card: Card, index: int, to: Point, q: float, size: float = CHIP) -> Matrix:
    """A cell of a card on its way from its place to a point."""
    at = mix_point(centre(card, index), to, eased(q, *FLIGHT))
    return chip(studio, loose(studio, card, index), at, size)


def arriving(studio: Studio, card: Card, index: int, start: Point, q: float, size: float = CHIP) -> Matrix:
    """A result on its way from a point to its cell."""
    at = mix_point(start, centre(card, index), eased(q, *FLIGHT))
    return chip(studio, loose(studio, card, index), at, size)


def indices(value: Value, flat: int) -> str:
    """`[3]` or `[3, 17]`: the indices of a cell without the axes of length 1; nothing for one number."""
    if flat >= value.value.size:
        return ""
    places = [int(place) for place in np.unravel_index(flat, value.shape)]
    kept = [place for place, length in zip(places, value.shape, strict=True) if length > 1]
    return f"[{', '.join(map(str, kept))}]" if kept else ""


@lru_cache(maxsize=256)
def cell_name(studio: Studio, value: Value, flat: int, tail: str | None = None) -> Name:
    """A cell as one would write it: `hidden_delta[7]`; `tail` stands for the index where it is another."""
    index = indices(value, flat) if tail is None else tail
    source = studio.untransposed(value)
    if value.name or not source.name:
        text = short(studio.name(value))
        return Name(grouped(text) if index else text, value.name, Cell(value.id, flat), index)
    return Name(short(source.name), source.name, Cell(value.id, flat), f".T{index}")


def cell_number(value: Value, flat: int, style: Style = "signed", before: bool = False) -> Number | Polarity:
    """What is in a cell of the array, or what was there before the update that made the array."""
    array = value.before if before and value.before is not None else value.value
    if array.dtype.kind == "b":
        return truth(array, Cell(value.id, flat, before))
    return number_in(value, flat, style, before)


def number_in(value: Value, flat: int, style: Style = "signed", before: bool = False) -> Number:
    """The number in a cell of an array that holds numbers."""
    array = value.before if before and value.before is not None else value.value
    if array.dtype.kind in "ui":
        style = OF_WHOLE_NUMBERS.get(style, style)
    return Number(float(array.ravel()[flat]), Cell(value.id, flat, before), style)


def strongest(value: Value) -> int:
    """The flat index of the largest number by size; 0 where there is none."""
    return int(magnitudes(value.value).argmax()) if value.value.size else 0


def multiplications(operation: Operation) -> int:
    """How many numbers the operation multiplies with one another."""
    shapes = [value.shape for value in operation.inputs]
    return operations.multiplications(operation.operation, shapes, operation.output.shape)


@lru_cache(maxsize=256)
def multiplications_before(trace: Trace, number: int) -> int:
    """Multiplications of all operations before the one of that number."""
    return sum(multiplications(operation) for operation in trace.operations[:number])


def multiplied_so_far(trace: Trace, operation: Operation, cells: int) -> Counter:
    """The count of multiplications, once `cells` cells of the operation's result are made."""
    size = max(operation.output.value.size, 1)
    count = multiplications_before(trace, operation.number) + multiplications(operation) * cells // size
    quantity = Quantity("multiplications so far", (operation.number, cells))
    return Counter("multiplications so far", Number(count, quantity, "count"))


def working(lines: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """Lines of arithmetic, the first the formula, the last the result."""
    first, *rest = lines
    between = [each.toned("working") for each in rest[:-1]]
    return (first.toned("formula"), *between, *(each.toned("result") for each in rest[-1:]))
