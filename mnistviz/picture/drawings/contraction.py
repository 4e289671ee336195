"""Sums of products over any axes: batched products of matrices, einsum, tensordot, as their letters say.

A cell of the result is the sum of the products of the cells that are framed in what goes in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import MULTIPLIED
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.blocks import cell_frames
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.headings import announced, heading, largest_first
from mnistviz.picture.drawings.order import order_of
from mnistviz.picture.drawings.props import (
    cell_at,
    cell_name,
    cell_number,
    filled,
    multiplied_so_far,
    short,
    shows_each_cell,
)
from mnistviz.picture.easing import ramp
from mnistviz.picture.stage.arrange import Term, equation, signs
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Inspector, Tableau
from mnistviz.story.sentence import Sentence, Sign, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation

LETTERS = "ijklmnopqrstuvw"
BATCH = "bcdefgh"
MOST_INPUTS = 3
SUMMED = 0.6  # of a cell's own progress: all that it is made of was seen


@dataclass(frozen=True, eq=False)
class Contraction:
    """`ij,jk->ik`: the axes of each input and of the result by letters; what the result lacks is summed over."""

    operation: Operation
    inputs: tuple[str, ...]
    output: str

    def cells(self, place: int, flat: int) -> NDArray[np.intp]:
        """Flat indices of the cells of an input that go into a cell of the result."""
        result, value = self.operation.output, self.operation.inputs[place]
        at = dict(zip(self.output, np.unravel_index(flat, result.shape), strict=True)) if self.output else {}
        numbers = np.arange(value.value.size).reshape(value.shape)
        index = tuple(
            slice(None) if letter not in at else int(at[letter]) if length > 1 else 0
            for letter, length in zip(self.inputs[place], value.shape, strict=True)
        )
        return np.ravel(numbers[index])

    @property
    def summed(self) -> str:
        """Letters of the axes that are summed over."""
        return "".join(dict.fromkeys(one for one in "".join(self.inputs) if one not in self.output))


@lru_cache(maxsize=256)
def contraction_of(operation: Operation) -> Contraction | None:
    """The letters of an operation; None where they are not known, or a cell has no sum of products."""
    rule = _RULES.get(operation.operation)
    values = (*operation.inputs, operation.output)
    if rule is None or any(one.value.size == 0 or one.value.dtype.kind not in "biuf" for one in values):
        return None
    found = rule(operation, dict(operation.parameters))
    if found is None or len(found[0]) != len(operation.inputs) or len(found[0]) > MOST_INPUTS:
        return None
    letters = (*found[0], found[1])
    fit = all(
        len(one) == value.value.ndim == len(set(one)) for one, value in zip(letters, values, strict=True)
    )
    return Contraction(operation, found[0], found[1]) if fit else None


@draws("einsum", "tensordot", "inner", "vdot")
def draw_contraction(studio: Studio, shot: Shot, p: float) -> Tableau:
    """What goes in and what comes out, a cell of the result with all that it is made of."""
    operations = studio.operations(shot)
    found = contraction_of(operations[-1]) if operations else None
    if found is None:
        return draw_any(studio, shot, p)
    operation = found.operation
    terms = [Term(value, "×" if place else "") for place, value in enumerate(operation.inputs)]
    terms.append(Term(operation.output, "="))
    *given, result = equation(studio, tuple(terms))
    order = order_of(shot, operation.output)
    pace = order.pace(ramp(p, 0.04, 1.0))
    cell = order.now(pace, p)
    framed = p > 0 and shows_each_cell(result)
    frames = [
        frame
        for place, card in enumerate(given if p > 0 else ())
        for frame in cell_frames(studio, card, found.cells(place, cell))
    ]
    lit = (cell_at(result, cell),) if framed else ()
    result = replace(filled(result, order.done(pace.landed(SUMMED))), glow=0.5 if 0 < p < 1 else 0.0, lit=lit)
    shown = (*given, result)
    words = _words(studio, shot, found, cell, pace.done)
    return Tableau(
        shown,
        (*signs(studio, shown, terms), *frames),
        inspector=words if p > 0 else announced(words),
        lit=operation.source.expression,
    )


def _words(studio: Studio, shot: Shot, found: Contraction, cell: int, done: int) -> Inspector:
    """`scores[b, i, k] = Σ over j: queries[b, i, j] · keys[b, j, k]`, and the cell with its number."""
    operation = found.operation
    output = operation.output
    claim = largest_first(shot, output, cell, order_of(shot, output), done)
    formula: list[Sentence] = [line(_indexed(studio, operation, -1, found.output), tone="formula")]
    for place, letters in enumerate(found.inputs):
        factor = _indexed(studio, operation, place, letters)
        if place:
            formula.append(line("      ", Sign("·", "multiply"), " ", factor, tone="formula"))
        elif found.summed:
            over = f" over {', '.join(found.summed)}  "
            formula.append(line("= ", Sign("Σ", "sum"), over, factor, tone="formula"))
        else:
            formula.append(line("= ", factor, tone="formula"))
    result = line(cell_name(studio, output, cell), " = ", cell_number(output, cell), tone="result")
    counted = operation.operation in MULTIPLIED  # of the others nobody says how many there are a cell
    made = min(done, output.value.size)
    counter = multiplied_so_far(studio.board.trace, operation, made) if counted else None
    return Inspector(heading(studio, shot, output, cell, claim), (*formula, result), counter=counter)


def _indexed(studio: Studio, operation: Operation, place: int, letters: str) -> str:
    """`keys[b, j, k]`; an array without a name of its own is "first", "second" or "result"."""
    value = operation.output if place < 0 else operation.inputs[place]
    known = short(value.name) if value.name else ("first", "second", "third", "result")[place]
    return f"{known}[{', '.join(letters)}]" if letters else known


# The letters of each operation

Letters = tuple[tuple[str, ...], str]


def _of_einsum(operation: Operation, given: Mapping[str, Any]) -> Letters | None:
    text = next((one for one in given.values() if isinstance(one, str) and one.strip()[:1].isalpha()), "")
    before, arrow, after = text.replace(" ", "").partition("->")
    if not before or "." in text:
        return None
    inputs = tuple(before.split(","))
    if not arrow:
        whole = "".join(inputs)
        after = "".join(sorted(one for one in set(whole) if whole.count(one) == 1))
    return inputs, after


def _of_product(operation: Operation, given: Mapping[str, Any]) -> Letters | None:
    """Of matmul: the last two axes, with what stands before them side by side."""
    if len(operation.inputs) != 2:
        return None
    left, right = (value.value.ndim for value in operation.inputs)
    if 0 in (left, right) or max(left, right) - 2 > len(BATCH):
        return None
    outer = BATCH[: max(left, right, 2) - 2]

    def batch(ndim: int) -> str:
        return outer[len(outer) - max(ndim - 2, 0) :]

    first = batch(left) + ("j" if left == 1 else "ij")
    second = batch(right) + ("j" if right == 1 else "jk")
    return (first, second), outer + "i" * (left > 1) + "k" * (right > 1)


def _of_dot(operation: Operation, given: Mapping[str, Any]) -> Letters | None:
    """Of dot: the last axis of the first and the last but one of the second, all pairs of the others."""
    if len(operation.inputs) != 2:
        return None
    left, right = (value.value.ndim for value in operation.inputs)
    if 0 in (left, right) or left + right > len(LETTERS):
        return None
    return _paired(left, right, (left - 1,), (max(right - 2, 0),))


def _of_inner(operation: Operation, given: Mapping[str, Any]) -> Letters | None:
    left, right = (value.value.ndim for value in operation.inputs[:2])
    return None if 0 in (left, right) else _paired(left, right, (left - 1,), (right - 1,))


def _of_tensordot(operation: Operation, given: Mapping[str, Any]) -> Letters | None:
    left, right = (value.value.ndim for value in operation.inputs[:2])
    axes = given.get("axes", 2)
    if isinstance(axes, int):
        return _paired(left, right, tuple(range(left - axes, left)), tuple(range(axes)))
    if not isinstance(axes, tuple | list) or len(axes) != 2:
        return None
    one, other = ((each,) if isinstance(each, int) else tuple(each) for each in axes)
    return _paired(left, right, tuple(a % left for a in one), tuple(a % right for a in other))


def _paired(left: int, right: int, one: tuple[int, ...], other: tuple[int, ...]) -> Letters | None:
    """Letters of two arrays of so many axes, summed over pairs of axes; the others stay, in order."""
    if left + right > len(LETTERS) or len(one) != len(other):
        return None
    first, second = list(LETTERS[:left]), list(LETTERS[left : left + right])
    for a, b in zip(one, other, strict=True):
        second[b] = first[a]
    kept = [letter for place, letter in enumerate(first) if place not in one]
    kept += [letter for place, letter in enumerate(second) if place not in other]
    return ("".join(first), "".join(second)), "".join(kept)


_RULES: Mapping[str, Callable[[Operation, Mapping[str, Any]], Letters | None]] = {
    "einsum": _of_einsum,
    "matmul": _of_product,
    "dot": _of_dot,
    "inner": _of_inner,
    "vdot": _of_inner,
    "tensordot": _of_tensordot,
}
