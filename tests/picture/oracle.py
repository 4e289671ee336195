"""What is true of a trace, computed anew: each number that a film may quote, in plain numpy and nothing of the engine's.

The rules read the trace's arrays and numpy's own names; they share no code with the drawings, so that
a fault there cannot hide itself here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.story.sentence import Cell, Quantity
from mnistviz.story.storyboard import Shot, Storyboard
from mnistviz.trace.model import Operand, Operation, Value


@dataclass(frozen=True, eq=False)
class Facts:
    """The trace of a storyboard, and the values of a shot's own."""

    board: Storyboard
    shot: Shot

    @cached_property
    def values(self) -> dict[int, Value]:
        """By id, every value that the film may show."""
        return {
            v.id: v for v in sorted(self._mentions, key=lambda v: v.before is not None)
        }  # an input has no before

    @cached_property
    def names(self) -> dict[int, set[str]]:
        """By id, what an array is called: what one function returns may get its name in another."""
        names: dict[int, set[str]] = {}
        for value in self._mentions:
            names.setdefault(value.id, set()).add(value.name)
        return names

    @cached_property
    def _mentions(self) -> tuple[Value, ...]:
        trace = self.board.trace
        extra = (value for chapter in self.board.chapters for shot in chapter.shots for value in shot.extra)
        failed = trace.failure.inputs if trace.failure is not None else ()
        made = [value for one in trace.operations for value in (*one.inputs, one.output, *one.more)]
        return (*made, *trace.inputs, *trace.returned, *failed, *extra)

    @cached_property
    def makers(self) -> dict[int, Operation]:
        """By id of a value, the operation that made it."""
        return {v.id: one for one in self.board.trace.operations for v in (one.output, *one.more)}

    def array(self, number: int, before: bool = False) -> NDArray[Any]:
        """The numbers of a value, or what they were before the update that made it; KeyError where there is none."""
        value = self.values[number]
        found = value.before if before else value.value
        assert found is not None, f"{value.name!r} was not changed in place"
        return np.asarray(found)

    def cell(self, cell: Cell) -> float:
        """The number in a cell."""
        return float(self.array(cell.value, cell.before).reshape(-1)[cell.index])

    def places(self, cell: Cell) -> tuple[int, ...]:
        """The indices of a cell, axis by axis."""
        return tuple(int(place) for place in np.unravel_index(cell.index, self.array(cell.value).shape))

    def number(self, of: Cell | Quantity) -> float:
        """What the number really is; KeyError for a rule that is not known."""
        return self.cell(of) if isinstance(of, Cell) else float(RULES[of.rule](self, *of.of))

    def slack(self, of: Cell | Quantity) -> float:
        """How far from it a number may be: a change is computed before it is added, and a sum in any order."""
        if isinstance(of, Quantity) and of.rule == "other terms":
            number, cell_of_sum = (int(part) for part in of.of[:2] if isinstance(part, int))
            return float(4 * np.spacing(np.abs(self.terms(number, cell_of_sum)).sum()))
        if isinstance(of, Quantity) and of.rule == "change":
            (cell,) = of.of
            assert isinstance(cell, Cell)
            return float(2 * np.spacing(max(abs(self.cell(cell)), abs(self.cell(_before(cell))))))
        return 0.0

    def terms(self, number: int, cell: int) -> NDArray[np.float64]:
        """The products that a matrix product adds up for one cell of its result."""
        left, right = (
            np.asarray(value.value, np.float64) for value in self.board.trace.operations[number].inputs
        )
        a = left.reshape(1, -1) if left.ndim == 1 else left
        b = right.reshape(-1, 1) if right.ndim == 1 else right
        row, column = divmod(cell, b.shape[1])
        return np.asarray(a[row, :] * b[:, column])

    def running(self, number: int, cell: int) -> NDArray[np.float64]:
        """The sum after 0, 1, 2 ... of those terms, from the first on."""
        total, sums = 0.0, [0.0]
        for term in self.terms(number, cell):
            total += term
            sums.append(total)
        return np.array(sums)

    def applied(self, numbers: tuple[int, ...], xs: NDArray[np.float64]) -> NDArray[np.float64]:
        """The operations, one after the other, on other numbers than the recorded array."""
        chain = [self.board.trace.operations[number] for number in numbers]
        made: dict[int, Any] = {}
        inner = {one.output.id for one in chain}
        source = next(v for one in chain for v in one.inputs if v.shape != () and v.id not in inner)
        made[source.id] = xs
        for one in chain:
            with np.errstate(all="ignore"):
                made[one.output.id] = getattr(np, one.operation)(
                    *(made.get(v.id, v.value) for v in one.inputs)
                )
        return np.asarray(made[chain[-1].output.id], np.float64)

    def fold(self, number: int) -> tuple[int, int]:
        """Rows and columns as which a value's longest axis is drawn."""
        size = self.array(number).size
        return next((fold.rows, fold.columns) for fold in self.board.folds if fold.length == size)

    def multiplications(self, number: int, cells: int | None = None) -> int:
        """How many numbers an operation multiplies with one another, for so many cells of its result."""
        one = self.board.trace.operations[number]
        cells = one.output.value.size if cells is None else cells
        if len(one.inputs) < 2:
            return 0
        if one.operation in ("multiply", "outer", "multiply.outer"):
            return int(cells)
        if one.operation in ("matmul", "dot", "inner", "vdot", "tensordot"):
            shape = one.inputs[0].shape
            return int(cells) * (shape[-1] if shape else 1)
        return 0


def _before(cell: Cell) -> Cell:
    return Cell(cell.value, cell.index, True)


def _size(facts: Facts, number: int) -> int:
    return int(facts.array(number).size)


def _others(facts: Facts, number: int) -> float:
    """What all cells but the largest hold; NaN where they differ."""
    flat = facts.array(number).reshape(-1)
    others = np.unique(np.delete(flat, flat.argmax()))
    return float(others[0]) if others.size == 1 else math.nan


def _in_fold(facts: Facts, cell: Cell, axis: int) -> tuple[int, int]:
    """Row and column of a place on an axis that is shown folded."""
    length = facts.array(cell.value).shape[axis]
    columns = next(fold.columns for fold in facts.board.folds if fold.length == length)
    return divmod(facts.places(cell)[axis], columns)


def _first_row_won(facts: Facts, number: int, column: int) -> int:
    rows = facts.array(number)
    return next(place for place, row in enumerate(rows) if row.argmax() == column)


def _chapter(facts: Facts, number: int) -> int:
    return next(c.number for c in facts.board.chapters for shot in c.shots if number in shot.completes)


def _passes(facts: Facts) -> int:
    """Different passes among the operations that the shot completes, of those that do what the last one does."""
    done = [facts.board.operation(number).source for number in facts.shot.completes]
    return len({one.passes for one in done if one.expression == done[-1].expression})


def _calls(facts: Facts) -> int:
    """Among the operations that the shot completes, those that do what the last one does."""
    done = [facts.board.operation(number).source for number in facts.shot.completes]
    return sum(one.expression == done[-1].expression for one in done)


def _at(facts: Facts, numbers: tuple[int, ...], x: float) -> float:
    return float(facts.applied(numbers, np.array([x]))[0])


def _so_far(facts: Facts, number: int, cells: int) -> int:
    return sum(facts.multiplications(one) for one in range(number)) + facts.multiplications(number, cells)


def _largest_lead(row: np.ndarray, other: np.ndarray) -> int:
    """Of the cells above zero, or of all where none is, that which is furthest ahead of the one below it."""
    leads = {
        place: row[place] - other[place] for place in range(len(row)) if row[place] > 0 or (row <= 0).all()
    }
    return max(leads, key=lambda place: leads[place])


def _indexed(facts: Facts, number: int) -> int:
    """How many different cells an operation's index names: they are marked, and counted."""
    one = facts.board.operation(number)
    assert one.call is not None

    def whole(index: Any) -> Any:
        if isinstance(index, tuple):
            return tuple(map(whole, index))
        return one.inputs[index.place].value if isinstance(index, Operand) else index

    marks = np.zeros((one.output if one.in_place else one.inputs[0]).shape, bool)
    marks[whole(one.call.args[1])] = True
    return int(marks.sum())


RULES: dict[str, Callable[..., float]] = {
    "zero": lambda facts: 0,
    "taken on trust": lambda facts: facts.board.trace.coverage.recorded - facts.board.trace.coverage.replayed,
    "not seen": lambda facts: facts.board.trace.coverage.made - facts.board.trace.coverage.recorded,
    "operations": lambda facts: len(facts.board.trace.operations),
    "multiplications": lambda facts: (
        _so_far(facts, len(facts.board.trace.operations) - 1, 0)
        + facts.multiplications(len(facts.board.trace.operations) - 1)
    ),
    "multiplications so far": _so_far,
    "cells": _size,
    "cells of all": lambda facts, *numbers: sum(facts.array(number).size for number in numbers),
    "cells that changed": lambda facts, *numbers: sum(
        np.count_nonzero(facts.array(number) != facts.array(number, before=True)) for number in numbers
    ),
    "cells that differ": lambda facts, *numbers: sum(
        np.count_nonzero(facts.array(one) != facts.array(other))
        for one, other in zip(numbers[::2], numbers[1::2], strict=True)
    ),
    "largest change of": lambda facts, *numbers: max(
        float(np.abs(facts.array(number) - facts.array(number, before=True)).max()) for number in numbers
    ),
    "largest difference of": lambda facts, *numbers: max(
        float(np.abs(facts.array(one) - facts.array(other)).max())
        for one, other in zip(numbers[::2], numbers[1::2], strict=True)
    ),
    "row of the largest change": lambda facts, before, after: int(
        np.argmax(np.abs(facts.array(after) - facts.array(before)))
    ),
    "column of the largest lead": lambda facts, number, row, other: _largest_lead(
        facts.array(number)[row], facts.array(number)[other]
    ),
    "layers enlarged": lambda facts, number: int(
        sum(
            3e-7 < size / np.abs(facts.array(number)).max() < 0.3
            for size in np.abs(facts.array(number)).max(axis=1)
        )
    ),
    "rows": lambda facts, number: facts.array(number).shape[0],
    "length of axis": lambda facts, number, axis: facts.array(number).shape[axis],
    "cells that are not 0": lambda facts, number: np.count_nonzero(facts.array(number)),
    "place": lambda facts, cell: cell.index,
    "row": lambda facts, cell: facts.places(cell)[0],
    "column": lambda facts, cell: facts.places(cell)[-1],
    "index on axis": lambda facts, cell, axis: facts.places(cell)[axis],
    "row in fold": lambda facts, cell, axis: _in_fold(facts, cell, axis)[0],
    "column in fold": lambda facts, cell, axis: _in_fold(facts, cell, axis)[1],
    "folded rows": lambda facts, number: facts.fold(number)[0],
    "folded columns": lambda facts, number: facts.fold(number)[1],
    "folded row": lambda facts, cell: cell.index // facts.fold(cell.value)[1],
    "change": lambda facts, cell: facts.cell(cell) - facts.cell(_before(cell)),
    "size of": lambda facts, cell: abs(facts.cell(cell)),
    "place of the largest by size": lambda facts, number: int(np.argmax(np.abs(facts.array(number)))),
    "place of the largest": lambda facts, number: int(np.argmax(facts.array(number))),
    "all but the largest": _others,
    "term": lambda facts, number, cell, place: facts.terms(number, cell)[place],
    "least of its type": lambda facts, number: np.iinfo(facts.array(number).dtype).min,
    "greatest of its type": lambda facts, number: np.iinfo(facts.array(number).dtype).max,
    "at minus infinity": lambda facts, *numbers: _at(facts, numbers, -math.inf),
    "at infinity": lambda facts, *numbers: _at(facts, numbers, math.inf),
    "pictures of an epoch": lambda facts: 60_000,  # as many as MNIST has to train with
    "given to the expected": lambda facts, output, expected: (
        1 - abs(facts.cell(output) - facts.cell(expected))
    ),
    "steps": lambda facts, number: facts.array(number).shape[0] - 1,
    "first row won by": _first_row_won,
    "chapter of operation": _chapter,
    "operations of the shot": lambda facts: len(facts.shot.completes),
    "further results": lambda facts, number: len(facts.board.operation(number).more),
    "passes": _passes,
    "calls": _calls,
    "pass": lambda facts, number, level: facts.board.operation(number).source.passes[level],
    "other terms": lambda facts, number, cell, *places: sum(
        term for place, term in enumerate(facts.terms(number, cell)) if place not in places
    ),
    "cells of the index": lambda facts, number: _indexed(facts, number),
    "operands of a list": lambda facts, number, *ids: sum(
        value.id in ids for value in facts.board.operation(number).inputs
    ),
    "place of term": lambda facts, number, cell, place: place,
}
