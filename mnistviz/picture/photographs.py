"""Arrays that are pictures: photographs and batches of them, drawn in their own colours as people see them.

A photograph has three or four numbers a pixel, on its last axis.  Its cells are drawn as codes of a palette
of 252 colours: six levels of red, seven of green, six of blue.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.trace.model import finite_range

LEVELS = (6, 7, 6)  # of red, green and blue: the eye sees green best
CHANNELS = (3, 4)
LEAST_SIDE = 8  # pixels
BYTES_FROM = 64  # bytes that are all smaller are labels, or a mask
BYTE = 255.0


def is_photograph(array: NDArray[Any]) -> bool:
    """Whether an array of (rows, columns, 3 or 4), or a batch of them, holds colours: bytes, or 0..1."""
    if array.ndim not in (3, 4) or array.shape[-1] not in CHANNELS or 0 in array.shape:
        return False
    if min(array.shape[-3:-1]) < LEAST_SIDE:
        return False
    if array.dtype == np.uint8:
        return True
    ends = finite_range(array) if array.dtype.kind == "f" else None
    if ends is None or not (0 <= ends[0] < ends[1] <= 1) or not np.isfinite(array).all():
        return False
    return not np.allclose(array.sum(axis=-1), 1)  # shares of a few classes


def holds_bytes(array: NDArray[Any]) -> bool:
    """Whether an array holds the bytes of a picture: of labels and masks the largest is small."""
    return array.dtype == np.uint8 and array.size > 1 and int(array.max()) >= BYTES_FROM


def colour_codes(pixels: NDArray[Any]) -> NDArray[np.float64]:
    """(..., 3 or 4) numbers -> (...) codes 0..251 of the palette; what is no colour is stretched to its range."""
    levels = np.array(LEVELS)
    steps = np.rint(_shares(pixels)[..., :3] * (levels - 1))
    return np.asarray((steps[..., 0] * levels[1] + steps[..., 1]) * levels[2] + steps[..., 2], np.float64)


def _shares(pixels: NDArray[Any]) -> NDArray[np.float64]:
    """Red, green, blue and perhaps alpha, 0..1."""
    shares = np.nan_to_num(np.asarray(pixels, np.float64))
    if pixels.dtype.kind in "iu":
        return np.clip(shares / BYTE, 0, 1)
    low, high = float(shares.min()), float(shares.max())
    return shares if low >= 0 and high <= 1 else (shares - low) / ((high - low) or 1.0)


def palette() -> NDArray[np.uint8]:
    """(256, 3) sRGB: the colours of the codes; the last four are not used."""
    ends = [np.rint(np.linspace(0, BYTE, count)) for count in LEVELS]
    colours = np.stack([axis.ravel() for axis in np.meshgrid(*ends, indexing="ij")], axis=1)
    return np.pad(colours, ((0, 4), (0, 0))).astype(np.uint8)
