"""What an array held at one moment, with no copy until somebody changes it.

A `Snapshot` looks at live memory.  Before an operation changes a buffer, `Memory.freeze` copies it once
and lets every snapshot of it look at the copy instead, at the same offsets and strides: BLAS rounds a
transposed operand differently from its copy, so a replay needs the layout.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.errors import InputError

Array = NDArray[Any]
WHOLE_NUMBERS: dict[int, type[np.unsignedinteger[Any]]] = {2: np.uint16, 4: np.uint32, 8: np.uint64}


@dataclass(eq=False, slots=True)
class Snapshot:
    """One array at one moment: single assignment, so `id` names its contents too."""

    id: int
    array: Array
    memory: Memory | None  # None once nothing can change `array`
    origin: str  # argument, outside, constant, created, result
    view_of: int | None = None
    changed_by: int | None = None
    made_by: int | None = None
    name: str = ""  # the last one that the source gave it


@dataclass(eq=False, slots=True)
class Memory:
    """A buffer: the array that owns it, and the snapshots that still look at it."""

    root: Array
    ours: bool  # made during the run: nobody outside holds it
    looking: list[Snapshot] = field(default_factory=list)
    changed_by: int | None = None

    def freeze(self) -> int:
        """Copy the buffer for the snapshots that look at it; the bytes that this took."""
        if not self.looking:
            return 0
        looking, self.looking = self.looking, []
        flat = flat_view(self.root)
        if flat is None:
            return _freeze_each(looking)
        copy = flat.copy()
        copy.flags.writeable = False
        for snapshot in looking:
            snapshot.array = same_place(snapshot.array, self.root, copy)
            snapshot.memory = None
        return copy.nbytes


class Budget:
    """Memory that the values of a trace may take, in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def take(self, count: int, where: str) -> None:
        """Count bytes; raises `InputError` once they are more than the limit."""
        self.used += count
        if self.used > self.limit:
            raise InputError(
                f"the recording needs more than {self.limit / 2**20:,.0f} MiB for its values",
                where,
                "record smaller arrays or pass a larger memory_limit",
            )


def root_of(array: Array) -> Array:
    """The array that owns the memory of `array`, as far as numpy knows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def flat_view(root: Array) -> Array | None:
    """All elements of a buffer in memory order, without a copy; None where they do not lie side by side."""
    if root.flags.c_contiguous or root.flags.f_contiguous:
        return np.asarray(root).ravel(order="K")
    return None


def offset_in(array: Array, root: Array) -> int:
    """Bytes from the start of the root to the first element of a view of it."""
    if array.size == 0:
        return 0
    return int(array.__array_interface__["data"][0] - root.__array_interface__["data"][0])


def same_place(array: Array, root: Array, flat: Array) -> Array:
    """What `array` is to `root`, made of `flat`: same shape, strides and offset; read-only."""
    if array.size == 0:
        return frozen(array.copy(order="K"))
    placed: Array = np.ndarray(array.shape, array.dtype, flat, offset_in(array, root), array.strides)
    placed.flags.writeable = False
    return placed


def frozen(array: Array) -> Array:
    """The array, read-only."""
    array.flags.writeable = False
    return array


def same_bits(left: Array, right: Array) -> bool:
    """Whether two arrays are equal to the bit; equal NaNs are equal, and -0 is not 0."""
    if left is right:
        return True
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    if left.dtype.kind in "biu":
        return bool(np.array_equal(left, right))
    whole_number = WHOLE_NUMBERS.get(left.dtype.itemsize)
    if left.dtype.kind == "f" and whole_number is not None:  # without a copy
        return bool(np.array_equal(left.view(whole_number), right.view(whole_number)))
    return left.tobytes() == right.tobytes()


def _freeze_each(looking: list[Snapshot]) -> int:
    taken = 0
    for snapshot in looking:
        snapshot.array = frozen(snapshot.array.copy(order="K"))
        snapshot.memory = None
        taken += snapshot.array.nbytes
    return taken
