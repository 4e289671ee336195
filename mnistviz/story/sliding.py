"""Windows that slide over pictures: a convolution or a pooling in one of the layouts that people use, found by numbers.

Axes are letters: n pictures, c channels, h rows, w columns, f filters, y and x the rows and columns of a
window.  `sliding(result, picture, kernel)` says which layout, step and margin it was, or None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LAYOUTS = (  # of the picture, the kernel, the result
    ("hw", "yx", "hw"), ("hw", "fyx", "hwf"), ("hw", "fyx", "fhw"), ("chw", "fcyx", "fhw"),
    ("nchw", "fcyx", "nfhw"), ("hwc", "yxcf", "hwf"), ("nhwc", "yxcf", "nhwf"), ("nhwc", "fyxc", "nhwf"),
)  # fmt: skip
MOST_PRODUCTS = 30_000_000
LARGEST_WINDOW = 15  # rows, and columns
LONGEST_STEP = 4  # that is no step any more


@dataclass(frozen=True)
class Sliding:
    """How a window slides: cells of the result from those of the picture under it."""

    layout: tuple[str, str, str]
    step: int
    margin: int  # rows and columns of zeros around the picture
    window: tuple[int, int]
    flipped: bool = False  # the kernel is turned by half a turn

    def cells(self, result: tuple[int, ...], picture: tuple[int, ...], flat: int) -> NDArray[np.intp]:
        """Flat indices of the cells of a picture of that shape that are under the window for a cell of the result."""
        at = dict(zip(self.layout[2], np.unravel_index(flat, result), strict=True))
        numbers = np.arange(int(np.prod(picture))).reshape(picture)
        index = tuple(
            self._under(int(at[letter]), letter)
            if letter in "hw"
            else int(at[letter])
            if letter in at
            else slice(None)
            for letter in self.layout[0]
        )
        return np.ravel(numbers[index])

    def _under(self, place: int, letter: str) -> slice:
        start = place * self.step - self.margin
        return slice(max(start, 0), start + self.window["hw".index(letter)])

    def of_kernel(self, result: tuple[int, ...], kernel: tuple[int, ...], flat: int) -> NDArray[np.intp]:
        """Flat indices of the cells of the kernel that belong to a cell of the result."""
        at = dict(zip(self.layout[2], np.unravel_index(flat, result), strict=True))
        numbers = np.arange(int(np.prod(kernel))).reshape(kernel)
        return np.ravel(numbers[tuple(int(at["f"]) if one == "f" else slice(None) for one in self.layout[1])])


def convolution(result: Array, picture: Array, kernel: Array, bias: Array | None = None) -> Sliding | None:
    """The way in which a kernel slides over a picture to the result; None where it does not."""
    if kernel.size < 2 or result.size < 2:
        return None
    return next(
        (one for one in _fitting(result, picture, kernel) if _is_made(one, result, picture, kernel, bias)),
        None,
    )


def pooling(result: Array, picture: Array) -> Sliding | None:
    """The windows, side by side, of which each gives a cell of the result; as far as the shapes say."""
    if result.ndim != picture.ndim or not result.size:
        return None
    axes = [axis for axis in range(picture.ndim) if picture.shape[axis] != result.shape[axis]]
    sizes = {picture.shape[axis] // result.shape[axis] for axis in axes}
    if len(axes) != 2 or len(sizes) != 1:
        return None
    size = sizes.pop()
    letters = "".join(
        "hw"[axes.index(axis)] if axis in axes else "ncbde"[axis] for axis in range(picture.ndim)
    )
    return Sliding((letters, "", letters), size, 0, (size, size))


def is_pooled(y: Array, x: Array) -> bool:
    """Whether each cell is the largest or the mean of a window of its own, over any two axes."""
    if x.ndim != y.ndim or x.ndim < 2 or x.shape == y.shape:
        return False
    for axes in combinations(range(x.ndim), 2):
        if any(x.shape[i] != y.shape[i] for i in range(x.ndim) if i not in axes):
            continue
        sizes = [x.shape[axis] // y.shape[axis] if y.shape[axis] else 0 for axis in axes]
        if min(sizes) < 2 or any(s * y.shape[a] != x.shape[a] for s, a in zip(sizes, axes, strict=True)):
            continue
        shape: list[int] = []
        inner: list[int] = []
        for axis in range(x.ndim):
            if axis in axes:
                shape += [y.shape[axis], sizes[axes.index(axis)]]
                inner.append(len(shape) - 1)
            else:
                shape.append(x.shape[axis])
        windows = x.reshape(shape)
        if _equals(y, windows.max(axis=tuple(inner))) or _equals(y, windows.mean(axis=tuple(inner))):
            return True
    return False


def _equals(left: Array, right: Array) -> bool:
    return left.shape == right.shape and bool(np.allclose(left, right, rtol=1e-5, atol=1e-9))


def _fitting(result: Array, picture: Array, kernel: Array) -> Iterator[Sliding]:
    """The layouts, steps and margins that the shapes allow."""
    for layout in LAYOUTS:
        if (picture.ndim, kernel.ndim, result.ndim) != tuple(map(len, layout)):
            continue
        long = dict(zip(layout[0], picture.shape, strict=True))
        out = dict(zip(layout[2], result.shape, strict=True))
        own = dict(zip(layout[1], kernel.shape, strict=True))
        if any(long.get(one, size) != size for one, size in own.items()) or out.get("f") != own.get("f"):
            continue
        if out.get("n") != long.get("n"):
            continue
        window = own["y"], own["x"]
        if not all(1 < size <= LARGEST_WINDOW for size in window) or min(out["h"], out["w"]) < 2:
            continue
        for step in range(1, LONGEST_STEP):
            for margin in range(max(window)):
                ends = [
                    (long[a] + 2 * margin - size) // step + 1 for a, size in zip("hw", window, strict=True)
                ]
                if ends == [out["h"], out["w"]]:
                    yield from (Sliding(layout, step, margin, window, flipped) for flipped in (False, True))


def _is_made(how: Sliding, result: Array, picture: Array, kernel: Array, bias: Array | None) -> bool:
    if result.size * kernel[..., :1].size > MOST_PRODUCTS:
        return False
    first, second, third = how.layout
    rows, columns = first.index("h"), first.index("w")
    around = [(how.margin, how.margin) if letter in "hw" else (0, 0) for letter in first]
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(np.asarray(picture, dtype=float), around), how.window, axis=(rows, columns)
    )
    every = tuple(slice(None, None, how.step) if letter in "hw" else slice(None) for letter in first)
    turned = np.flip(kernel, (second.index("y"), second.index("x"))) if how.flipped else kernel
    rest: Array = np.zeros(1)
    if bias is not None:
        if "f" not in third or bias.size != kernel.shape[second.index("f")]:
            return False
        rest = bias.reshape([-1 if letter == "f" else 1 for letter in third])
    for count in (1, result.shape[third.index("h")]):  # a row first, since most are none
        upper = tuple(slice(count) if letter == "h" else slice(None) for letter in third)
        under = tuple(slice(count) if letter == "h" else slice(None) for letter in first)
        made = np.einsum(f"{first}yx,{second}->{third}", windows[every][under], turned) + rest
        if not np.allclose(result[upper], made, rtol=1e-5, atol=1e-9):
            return False
    return bool(np.any(made))
