"""What an array held at one moment, with at most one copy of it.

A `Snapshot` of a small array is a copy from the start.  That of a large one looks at live memory; before
anybody may change it, `Memory.freeze` copies the buffer once and lets every snapshot of it look at the copy
instead, at the same offsets and strides: BLAS rounds a transposed operand differently from its copy, so a
replay needs the layout.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.errors import InputError

Array = NDArray[Any]
WHOLE_NUMBERS: dict[int, type[np.unsignedinteger[Any]]] = {2: np.uint16, 4: np.uint32, 8: np.uint64}
SMALL = 2**16  # bytes up to which an array is copied at once


class OurRef(weakref.ref[Any]):
    """A weak reference of ours, told from the program's by its type."""

    __slots__ = ()


@dataclass(eq=False, slots=True)
class Snapshot:
    """One array at one moment: single assignment, so `id` names its contents too."""

    id: int
    array: Array  # read-only; live memory while the `memory` has not been frozen
    memory: Memory | None  # that the array lies in; None for a scalar
    origin: str  # argument, outside, constant, created, result
    version: int = 0  # of the memory, when the contents were last known to be these
    epoch: int = 0  # of the run, then
    view_of: int | None = None
    changed_by: int | None = None
    made_by: int | None = None
    name: str = ""  # the last one that the source gave it


@dataclass(eq=False, slots=True)
class Memory:
    """A buffer of the program's: who owns it, without keeping it alive, and who looks at it."""

    owner: Callable[[], Any]  # a weak reference
    version: int = 0  # how often it was changed
    changed_by: int | None = None
    looking: list[Snapshot] | None = None  # at live memory: these do keep it alive
    _bounds: tuple[int, int] | None = None

    @property
    def bounds(self) -> tuple[int, int]:
        """Addresses of its first byte and of the one behind its last; of nothing once its owner is gone."""
        root = self.owner()
        if root is None:
            return 0, 0
        if self._bounds is None:
            self._bounds = bounds_of(root)
        return self._bounds

    def freeze(self) -> None:
        """Somebody may change the buffer: copy it for the snapshots that look at it, and let go of it.

        Nothing is copied where nobody else holds it.
        """
        root = self.owner() if self.looking else None
        if not self.looking or root is None:
            return
        looking, self.looking = self.looking, None
        if sys.getrefcount(root) == len(looking) + 2 and known_to_us_alone(root):
            return
        flat = flat_view(root)
        if flat is None:
            for snapshot in looking:
                snapshot.array = frozen(snapshot.array.copy(order="K"))
            return
        copy = frozen(flat.copy())
        for snapshot in looking:
            snapshot.array = same_place(snapshot.array, root, copy)


def known_to_us_alone(array: Array) -> bool:
    """Whether nobody else refers to an array weakly, and could tell how long it lives."""
    return all(type(one) is OurRef for one in weakref.getweakrefs(array))


class Budget:
    """Memory that the values of a trace may take, in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def take(self, count: int, where: Callable[[], str]) -> None:
        """Count bytes; raises `InputError` once they are more than the limit."""
        self.used += count
        if self.used > self.limit:
            raise InputError(
                f"the recording needs more than {self.limit / 2**20:,.0f} MiB for its values",
                where(),
                "record smaller arrays or pass a larger memory_limit",
            )


def root_of(array: Array) -> Array:
    """The array that owns the memory of `array`, as far as numpy knows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def bounds_of(array: Array) -> tuple[int, int]:
    """Addresses of the first byte of an array, and of the one behind its last."""
    if type(array) is np.ndarray and array.flags.c_contiguous:
        start = int(array.__array_interface__["data"][0])
        return start, start + array.nbytes
    return np.lib.array_utils.byte_bounds(array)


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


def copied(array: Array) -> Array:
    """A read-only copy with the layout of the original, strides and all."""
    copy: Array = array.copy("K")
    if copy.strides == array.strides or array.size == 0:
        return frozen(copy)
    start, stop = bounds_of(array)
    if stop - start == array.nbytes:
        buffer = flat_view(copy) if min(array.strides, default=0) >= 0 else None
        first = 0
    else:
        buffer, first = None, 0
    if buffer is None:
        if stop - start > max(SMALL, 4 * array.nbytes):
            return frozen(copy)
        buffer = np.array(_Bytes(array, start, stop - start), copy=True)
        first = int(array.__array_interface__["data"][0]) - start
    return frozen(np.ndarray(array.shape, array.dtype, buffer, first, array.strides))


class _Bytes:
    """The bytes that a view spans, for numpy to look at."""

    def __init__(self, array: Array, start: int, count: int) -> None:
        self._array = array
        self.__array_interface__ = {"version": 3, "data": (start, True), "shape": (count,), "typestr": "|u1"}


def frozen(array: Array) -> Array:
    """The array, read-only."""
    array.setflags(False)  # type: ignore[call-arg]  # by its place, twice as fast as by its name
    return array


def same_bits(left: Array, right: Array) -> bool:
    """Whether two arrays are equal to the bit; equal NaNs are equal, and -0 is not 0."""
    if left is right:
        return True
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    if left.dtype.names is not None:  # what lies between the fields of a record counts for nothing
        return all(same_bits(left[name], right[name]) for name in left.dtype.names)
    if left.nbytes <= 1024:
        return left.tobytes() == right.tobytes()
    if left.dtype.kind in "biu":
        return bool(np.array_equal(left, right))
    whole_number = WHOLE_NUMBERS.get(left.dtype.itemsize)
    if left.dtype.kind == "f" and whole_number is not None:  # without a copy
        return bool(np.array_equal(left.view(whole_number), right.view(whole_number)))
    return left.tobytes() == right.tobytes()
