"""Of which cells a cell is made, for every operation: the page follows numbers from the pixels to the update and back.

Two forms say it.  `axes` names the axes as einsum does: `ik,kj->ij` is a matrix product, `ij,.j->ij` adds a row
to each row; "." is an axis of one cell, and a letter that the result does not have is gone over.  `moved` says
from where each cell of a result was taken, for operations that compute nothing: run after run of cells, numbered
over all inputs, one input after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from string import ascii_letters
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import definition, swaps
from mnistviz.trace.model import Operation
from mnistviz.trace.replay import replay

MOST_MOVED = 65_536  # cells
MOST_RUNS = 2_000
FIRST_NUMBER = 1 << 40  # of the numbers that stand for cells: no constant of a program is one by chance
# They move cells and compute nothing.
MOVING = frozenset({
    "getitem", "take", "setitem", "reshape", "ravel", "flatten", "expand_dims", "squeeze", "copy", "transpose",
    "matrix_transpose", "swapaxes", "moveaxis", "concatenate", "stack", "vstack", "hstack", "column_stack", "flip",
    "fliplr", "flipud", "roll", "repeat", "tile", "broadcast_to", "rot90", "diagonal", "atleast_1d", "atleast_2d",
    "atleast_3d", "flat.getitem", "compress", "asarray", "ascontiguousarray", "T",
})  # fmt: skip


JOINING = frozenset(
    {"concatenate", "stack", "vstack", "hstack", "column_stack"}
)  # they move all of their inputs


@dataclass(frozen=True)
class Moved:
    """Runs of cells of the result in row-major order: how many, the number of the first, the step to the next."""

    lengths: tuple[int, ...]
    firsts: tuple[int, ...]
    steps: tuple[int, ...]


def relation(operation: Operation) -> dict[str, Any]:
    """For JSON: `{"axes": ...}` or `{"moved": ...}`; nothing where which cells were used is not known."""
    axes = _axes(operation)
    if axes:
        return {"axes": axes}
    moved = _moved(operation)
    return {"moved": asdict(moved)} if moved is not None else {}


def _axes(operation: Operation) -> str:
    shapes = [value.shape for value in operation.inputs]
    made = definition(operation.operation).made
    if made == "row by column" and len(shapes) == 2 and not all(shapes):
        made = "cell by cell"  # a number times an array
    found = ""
    if made == "cell by cell" and shapes:
        found = _by_cell(shapes, operation.output.shape)
    elif made == "row by column" and len(shapes) == 2:
        found = _row_by_column(operation.operation, shapes[0], shapes[1])
    elif made == "row by row" and len(shapes) == 2 and all(shapes):
        left, right = ascii_letters[: len(shapes[0]) - 1], ascii_letters[26 : 25 + len(shapes[1])]
        found = f"{left}z,{right}z->{left}{right}"
    elif made == "each by each" and [len(shape) for shape in shapes] == [1, 1]:
        found = "a,b->ab"
    elif made == "transposed" and [len(shape) for shape in shapes] == [2]:
        found = "ab->ba" if swaps(operation.operation, dict(operation.parameters)) else "ab->ab"
    elif made == "along an axis" and shapes:
        found = _along(shapes[0], operation)
    lengths = [len(part) for part in found.replace("->", ",").split(",")]
    return found if lengths == [len(shape) for shape in (*shapes, operation.output.shape)] else ""


def _by_cell(shapes: Sequence[tuple[int, ...]], result: tuple[int, ...]) -> str:
    if np.broadcast_shapes(*shapes) != result:
        return ""
    letters = ascii_letters[: len(result)]
    inputs = []
    for shape in shapes:
        own = letters[len(result) - len(shape) :]
        inputs.append(
            "".join(
                letter if length == result[len(result) - len(shape) + place] else "."
                for place, (letter, length) in enumerate(zip(own, shape, strict=True))
            )
        )
    return f"{','.join(inputs)}->{letters}"


def _row_by_column(name: str, left: tuple[int, ...], right: tuple[int, ...]) -> str:
    rows, columns = "i"[: len(left) - 1], "j"[: len(right) - 1]
    if len(left) <= 2 and len(right) <= 2:
        return f"{rows}k,k{columns}->{rows}{columns}"
    if name != "matmul":
        return ""
    batch = np.broadcast_shapes(left[:-2], right[:-2])
    letters = ascii_letters[26 : 26 + len(batch)]
    leads = [
        "".join(
            letter if length == batch[len(batch) - len(own) + place] else "."
            for place, (letter, length) in enumerate(zip(letters[len(batch) - len(own) :], own, strict=True))
        )
        for own in (left[:-2], right[:-2])
    ]
    return f"{leads[0]}{rows}k,{leads[1]}k{columns}->{letters}{rows}{columns}"


def _along(shape: tuple[int, ...], operation: Operation) -> str:
    given = dict(operation.parameters)
    axis = given.get("axis", definition(operation.operation).axis)
    letters = ascii_letters[: len(shape)]
    gone = range(len(shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    if not all(isinstance(one, int) for one in gone) or len(operation.inputs) != 1:
        return ""
    gone = {one % len(shape) for one in gone}
    kept = "".join(letter for place, letter in enumerate(letters) if place not in gone)
    if len(kept) != operation.output.value.ndim:  # keepdims
        kept = "".join("." if place in gone else letter for place, letter in enumerate(letters))
    return f"{letters}->{kept}"


def _moved(operation: Operation) -> Moved | None:
    """Where the result's cells come from, asked of the operation itself: it is done once more on numbers of cells."""
    if operation.operation not in MOVING or operation.call is None or operation.more:
        return None
    if not 0 < operation.output.value.size <= MOST_MOVED:
        return None
    numbered, first = [], FIRST_NUMBER
    for place, value in enumerate(operation.inputs):
        cells = np.arange(first, first + value.value.size).reshape(value.shape)
        numbered.append(cells if _holds_cells(operation, place) else value.value)
        first += value.value.size
    try:
        found = np.asarray(_done_again(operation, numbered))
    except Exception:  # an operation that cannot be done on other numbers: then it is not known
        return None
    if found.shape != operation.output.shape or found.dtype.kind not in "iu":
        return None
    cells = found.ravel() - FIRST_NUMBER
    total = first - FIRST_NUMBER
    strange = (cells < 0) | (cells >= total)
    if strange.any():  # a constant was written in, which the trace knows as its last input
        if operation.operation != "setitem" or operation.inputs[-1].value.size != 1:
            return None
        cells = np.where(strange, total - 1, cells)
    return _runs(cells)


def _holds_cells(operation: Operation, place: int) -> bool:
    """Whether an input is moved: the others say where to, or how often, and a number of a cell is none of these."""
    if operation.operation == "setitem":
        return place in (0, len(operation.inputs) - 1)
    return place == 0 or operation.operation in JOINING


def _done_again(operation: Operation, numbered: list[NDArray[Any]]) -> NDArray[Any]:
    """The operation on numbers of cells; what is changed in place is numbered too, not as it was before."""
    output = operation.output
    if output.before is not None and operation.call is not None and operation.call.changes is not None:
        output = replace(output, before=np.ascontiguousarray(numbered[operation.call.changes]))
    return replay(replace(operation, output=output), numbered)[0]


def _runs(cells: NDArray[Any]) -> Moved | None:
    """The numbers as runs of even steps."""
    lengths, firsts, steps = [], [], []
    place, count = 0, len(cells)
    differences = np.diff(cells)
    while place < count:
        step = int(differences[place]) if place + 1 < count else 0
        uneven = np.flatnonzero(differences[place:] != step)
        length = (int(uneven[0]) if uneven.size else count - 1 - place) + 1
        lengths.append(length)
        firsts.append(int(cells[place]))
        steps.append(step if length > 1 else 0)
        place += length
        if len(lengths) > MOST_RUNS:
            return None
    return Moved(tuple(lengths), tuple(firsts), tuple(steps))
