"""Arrays that are points in a plane: two columns, many rows, in a program that does not learn by gradients.

Two rows of many columns are points only where a 2x2 matrix turns or stretches the plane.

A plane is of one operation: it moves points, makes them, or says which of them go together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.trace.model import Operation, Value

FEWEST, MOST = 5, 100_000  # points
FAR = 40  # operations that are gone back to find what was sorted into groups
MOST_GROUPS = 9
MAKING = frozenset(
    {"matmul", "dot", "stack", "vstack", "hstack", "column_stack", "concatenate", "array", "asarray"}
)
PLACING = frozenset({"add", "subtract", "getitem", "setitem", "take", "take_along_axis", "copy"})
MATRICES = ("linalg.", "cov", "corrcoef", "eye", "diag")  # of two columns, that are no points
RANDOM = "random."


@dataclass(frozen=True, eq=False)
class Plane:
    """What an operation says of points in a plane."""

    operation: Operation
    ground: Value | None  # (n, 2), that lie there already
    groups: Value | None  # (n,), which of the ground go together
    moved: Value | None  # (k, 2), that the operation makes or moves; None: it makes the groups
    before: NDArray[Any] | None  # (k, 2), where they were
    beside: Value | None = None  # (k, 2), by which the groups are made


def plane_of(operation: Operation, made: Mapping[int, Operation]) -> Plane | None:
    """The plane of an operation; None where it says nothing of points; `made`: what made each value."""
    result = operation.output
    behind = list(_behind(operation, made))
    if _is_grouping(operation):
        pairs = [value for value in behind[1:] if _is_pair(value) and value.name]  # the first are distances
        ground = next((v for v in pairs if _are_points(v) and v.shape[:1] == result.shape), None)
        beside = next((v for v in pairs if v.shape[0] < result.shape[0]), None)
        return Plane(operation, ground, result, None, None, beside) if ground is not None else None
    if _turns_columns(operation):
        points = operation.inputs[1].value.T
        return Plane(operation, None, None, replace(result, value=result.value.T), points)
    if not _is_pair(result) or not result.name or operation.operation.startswith(MATRICES):
        return None
    rows = result.shape[0]
    around = [
        one
        for one in behind
        if _are_points(one) and one.shape[0] > 2 * rows and _may_lie(one, made.get(one.id))
    ]
    ground = max(around, key=lambda value: value.shape[0], default=None)  # not the part of it that is used
    before = _before(operation)
    if ground is None and operation.operation == "setitem" and operation.inputs[-1].value.size == 1:
        return None  # a cell of a table
    if ground is None and not (_are_points(result) and (before is not None or _makes(operation))):
        return None
    groups = None
    if ground is not None:
        groups = next((v for v in behind if _are_groups(v) and v.shape == ground.shape[:1]), None)
    return Plane(operation, ground, groups, result, before)


def begins(operation: Operation) -> bool:
    """Whether it writes the first of what was empty: nothing moves yet, and it may be a table."""
    before = operation.output.before
    return operation.operation == "setitem" and before is not None and not before.any()


def _turns_columns(operation: Operation) -> bool:
    """Whether it is a 2x2 matrix times points, which are columns."""
    if (
        operation.operation not in ("matmul", "dot")
        or not operation.output.name
        or len(operation.inputs) != 2
    ):
        return False
    turn, points = operation.inputs
    return turn.shape == (2, 2) and _are_columns(points) and _are_columns(operation.output)


def _are_columns(value: Value) -> bool:
    shape, kind = value.shape, value.dtype.kind
    fits = len(shape) == 2 and shape[0] == 2 and FEWEST <= shape[1] <= MOST and kind in "fiu"
    return fits and bool(np.isfinite(value.value).all())


def columns_of(operation: Operation) -> Plane | None:
    """The plane of points of which an operation takes a column: `points[:, 0]`, for a plot; None where it does not."""
    taken = operation.inputs[0] if operation.operation == "getitem" and operation.inputs else None
    if taken is None or not taken.name or not _are_points(taken):
        return None
    whole = operation.output.shape == taken.shape[:1] and operation.output.view_of == taken.id
    return Plane(operation, taken, None, None, None) if whole else None


def _may_lie(value: Value, maker: Operation | None) -> bool:
    """Whether what is made so may lie in a plane: not shares, or distances."""
    placed = maker is not None and maker.operation in PLACING and value.name.isidentifier()
    return maker is None or _makes(maker) or placed


def _makes(operation: Operation) -> bool:
    return operation.operation in MAKING or operation.operation.startswith(RANDOM)


def _before(operation: Operation) -> NDArray[Any] | None:
    """Where what an operation makes was before it: in place, or under its own name."""
    result = operation.output
    if result.before is not None:
        return result.before
    moved = any(value.shape in ((2,), (1, 2)) for value in operation.inputs)
    shifted = operation.operation in ("add", "subtract") and moved
    same = (v for v in operation.inputs if v.shape == result.shape and (v.name == result.name or shifted))
    return next((value.value for value in same), None)


def _behind(operation: Operation, made: Mapping[int, Operation]) -> Iterator[Value]:
    """What an operation takes, and what that was made of, the nearest first."""
    waiting, seen = list(operation.inputs), {operation.output.id}
    gone = 0
    while waiting and gone < FAR:
        value = waiting.pop(0)
        if value.id in seen:
            continue
        seen.add(value.id)
        yield value
        maker = made.get(value.id)
        if maker is not None:
            gone += 1
            waiting.extend(maker.inputs)


def _is_pair(value: Value) -> bool:
    return (
        len(value.shape) == 2
        and value.shape[1] == 2
        and 0 < value.shape[0] <= MOST
        and value.dtype.kind in "fiu"
    )


def _are_points(value: Value) -> bool:
    return _is_pair(value) and value.shape[0] >= FEWEST and bool(np.isfinite(value.value).all())


def _is_grouping(operation: Operation) -> bool:
    return operation.operation in ("argmin", "argmax") and _are_groups(operation.output)


def _are_groups(value: Value) -> bool:
    if len(value.shape) != 1 or value.shape[0] < FEWEST or value.dtype.kind not in "iu":
        return False
    return int(value.value.min()) >= 0 and int(value.value.max()) < MOST_GROUPS
