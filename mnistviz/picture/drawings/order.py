"""In which order cells are told: what matters first, slowly; then all others, as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.easing import CellPace, pacing
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

MANY = 5  # cells after the first
MOST_FIRST = 3  # cells that are told slowly where the storyboard names none
LEAST_SHARE = 0.02  # of the largest; what is smaller is not told slowly


@dataclass(frozen=True)
class Order:
    """`count` cells by flat index: those of `first`, then the others in natural order."""

    count: int
    first: tuple[int, ...]  # at least one

    @property
    def protagonist(self) -> int:
        """The cell that is told first, and shown when all are done."""
        return self.first[0]

    def cell(self, place: int) -> int:
        """The cell that is told at a place of the order, from 0."""
        if place < len(self.first):
            return self.first[place]
        cell = min(place, self.count - 1) - len(self.first)
        for before in sorted(self.first):
            cell += before <= cell
        return cell

    def done(self, places: int) -> NDArray[np.bool_]:
        """Which cells are there once so many are told; (count,)."""
        if places >= self.count:
            return np.ones(self.count, dtype=bool)
        there = np.zeros(self.count, dtype=bool)
        if places > len(self.first):
            there[: self.cell(places)] = True
        there[list(self.first[:places])] = True
        there[list(self.first[places:])] = False
        return there

    def pace(self, p: float, slow: float = 0.46, few: int = 2, brisk: float = 0.26) -> CellPace:
        """`pacing` over the cells, which tells none slowly that is not among the first.

        Where more than `MANY` are among the first, all of them are told as slowly as the few, one by one.
        """
        told = len(self.first) - 1
        if told < MANY:
            return pacing(self.count, p, slow, min(few, told), brisk)
        each = brisk / few
        whole = 1 + (told - few) * each
        return pacing(self.count, p, slow / whole, told, told * each / whole)

    def now(self, pace: CellPace, p: float) -> int:
        """The cell in hand, and at rest the protagonist."""
        return self.cell(pace.cell) if p < 1 else self.protagonist


def told_one_by_one(order: Order, array: NDArray[Any]) -> NDArray[np.intp]:
    """For each place of the order the cell that is told there, (count,).

    A sweep passes over what is next to nothing beside the largest: the last cell that was not is still told.
    """
    others = np.setdiff1d(np.arange(order.count), order.first)
    cells = np.concatenate([np.array(order.first, dtype=np.intp), others])
    sizes = magnitudes(array).reshape(-1)[cells]
    places = np.arange(order.count)
    swept = places >= len(order.first)
    places[swept & (sizes < LEAST_SHARE * sizes.max())] = 0
    return np.asarray(cells[np.maximum.accumulate(places)])


def order_of(shot: Shot, value: Value) -> Order:
    """The storyboard's order of a result, or the largest first, by size; the value has at least one cell."""
    return _order(shot.order, value)


@lru_cache(maxsize=256)
def _order(wished: tuple[int, ...], value: Value) -> Order:
    return order_by_size(wished, value.value)


def order_by_size(wished: tuple[int, ...], array: NDArray[Any]) -> Order:
    """The cells of `wished` that are there first, or else those of the largest numbers by size."""
    known = tuple(cell for cell in wished if cell < array.size)
    return Order(array.size, known or largest_cells(array))


def order_of_rows(order: Order, rows: int) -> Order:
    """The rows, or layers, in which the cells of an order lie."""
    each = order.count // rows
    return Order(rows, tuple(dict.fromkeys(cell // each for cell in order.first)))


def first_in_row(order: Order, row: int, array: NDArray[Any]) -> int:
    """The cell by which a row is told: the first of the order that lies there, or the largest by size."""
    each = order.count // array.shape[0]
    start = row * each
    largest = start + int(magnitudes(array[row]).argmax())
    return next((cell for cell in order.first if cell // each == row), largest)


def largest_cells(array: NDArray[Any], most: int = MOST_FIRST) -> tuple[int, ...]:
    """Flat indices of the largest numbers by size, but for what is next to nothing beside the largest."""
    sizes = magnitudes(array).reshape(-1)
    cells = [int(sizes.argmax())]
    least = LEAST_SHARE * sizes[cells[0]]
    while len(cells) < min(most, sizes.size):
        sizes[cells[-1]] = -1.0
        cells.append(int(sizes.argmax()))
    sizes = magnitudes(array).reshape(-1)
    return (cells[0], *(cell for cell in cells[1:] if sizes[cell] >= least > 0))


def magnitudes(array: NDArray[Any]) -> NDArray[np.float64]:
    """The sizes of numbers; of what is no number, 0."""
    if array.dtype.kind not in "biufc":
        return np.zeros(array.shape)
    real = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
    return np.asarray(np.nan_to_num(np.abs(real)), dtype=np.float64)
