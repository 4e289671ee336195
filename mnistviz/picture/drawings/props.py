"""Small things that several drawings use: single cells that fly, words for cells, counts of multiplications."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from mnistviz import operations
from mnistviz.picture.display import Cells, Colour, ColourScale, Mask, Matrix, Point
from mnistviz.picture.easing import Beat, eased, mix_point
from mnistviz.picture.numbers import plain, signed
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.studio import Studio, across
from mnistviz.picture.stage.tableau import Card, Sentence
from mnistviz.trace.model import Operation, Trace, Value

CHIP = 30.0
_SHAPE_SUFFIX = re.compile(r"_\d+(?:x\d+)*(?=$|\.T$| )")


def short(name: str) -> str:
    """The name without the shape that some write at its end: `image_784x1` is `image`."""
    return _SHAPE_SUFFIX.sub("", name) or name


def filled(card: Card, done: int) -> Card:
    """The card with its first `done` cells there, in row-major order over all layers."""
    shape = card.cells.values.shape
    total = math.prod(shape)
    if done >= total:
        return replace(card, mask=None)
    numbers = card.numbers[:done] + ("",) * (len(card.numbers) - done) if card.numbers else ()
    return replace(card, mask=first_cells(shape, max(done, 0)), numbers=numbers)


def first_cells(shape: tuple[int, ...], done: int) -> Mask:
    """A mask of the first `done` cells."""
    return Mask((np.arange(math.prod(shape)) < done).reshape(shape))


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


def chip(
    studio: Studio,
    value: float,
    colours: ColourScale,
    at: Point,
    edge: Colour,
    size: float = CHIP,
    opacity: float = 1.0,
    glow: float = 0.7,
) -> Matrix:
    """A single cell on its own, its centre at a point of the canvas."""
    side = size * studio.scale
    ax, ay = across(side * 1.1)
    return Matrix(
        key="",
        cells=Cells(np.array([[value]])),
        colours=colours,
        origins=((at[0] - ax / 2, at[1] - ay / 2 - side / 2),),
        across=(ax, ay),
        down=(0.0, side),
        edge=edge,
        edge_width=2.0,
        empty=studio.theme.empty,
        shadow=False,
        glow=glow,
        opacity=opacity,
    )


def flying(studio: Studio, card: Card, index: int, to: Point, q: float, size: float = CHIP) -> Matrix:
    """A cell of a card on its way from its place to a point."""
    at = mix_point(centre(card, index), to, eased(q, 0, 1))
    return chip(studio, value_at(card, index), card.colours, at, studio.accent(card.key), size)


def arriving(studio: Studio, card: Card, index: int, start: Point, q: float, size: float = CHIP) -> Matrix:
    """A result on its way from a point to its cell."""
    at = mix_point(start, centre(card, index), eased(q, 0, 1))
    return chip(studio, value_at(card, index), card.colours, at, studio.accent(card.key), size)


def indices(value: Value, flat: int) -> str:
    """`[3]` or `[3, 17]`: the indices of a cell without the axes of length 1; nothing for one number."""
    if flat >= value.value.size:
        return ""
    places = [int(place) for place in np.unravel_index(flat, value.shape)]
    kept = [place for place, length in zip(places, value.shape, strict=True) if length > 1]
    return f"[{', '.join(map(str, kept))}]" if kept else ""


def cell_name(studio: Studio, value: Value, flat: int) -> str:
    """A cell as one would write it: `hidden_delta[7]`."""
    return f"{short(studio.name(value))}{indices(value, flat)}"


def operand(number: float) -> str:
    """A number behind a sign of arithmetic: signed, and in brackets where it is negative."""
    text = signed(number)
    return f"({text})" if text.startswith("-") else text


def of_how_many(unit: str, place: int, count: int) -> str:
    """A heading: `Neuron 8 of 20`."""
    return f"{unit.capitalize()} {plain(place + 1)} of {plain(count)}"


def heading(unit: str, place: int, count: int, p: float) -> str:
    """The cell being told; once all are, the one with the largest number."""
    words = of_how_many(unit, place, count)
    return words if p < 1 else f"Largest: {words[0].lower()}{words[1:]}"


def strongest(value: Value) -> int:
    """The flat index of the largest number by size; 0 where there is none."""
    if value.value.size == 0 or value.dtype.kind not in "biufc":
        return 0
    return int(
        np.nan_to_num(
            np.abs(value.value.astype(np.complex128 if value.dtype.kind == "c" else np.float64))
        ).argmax()
    )


def bare(number: float) -> str:
    """A number inside an expression: without a plus, a minus in brackets."""
    text = signed(number).removeprefix("+")
    return f"({text})" if text.startswith("-") else text


def multiplications(operation: Operation) -> int:
    """How many numbers the operation multiplies with one another."""
    shapes = [value.shape for value in operation.inputs]
    return operations.multiplications(operation.operation, shapes, operation.output.shape)


def multiplications_before(trace: Trace, number: int) -> int:
    """Multiplications of all operations before the one of that number."""
    return sum(multiplications(operation) for operation in trace.operations[:number])


def done_cells(beat: Beat, count: int) -> int:
    """Cells that are there: the finished ones, and the one in the sweep that is just passing."""
    return min(beat.done, count)


def working(lines: Iterable[str]) -> tuple[Sentence, ...]:
    """Lines of arithmetic, the last of them the result."""
    texts = tuple(lines)
    return (
        *(Sentence(text, "formula" if place == 0 else "working") for place, text in enumerate(texts[:-1])),
        Sentence(texts[-1], "result"),
    )
