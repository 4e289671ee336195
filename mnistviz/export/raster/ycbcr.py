"""Y'CbCr as video has it: BT.709, limited range, 8 bit.  Every colour is converted here, once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Colour, ColourMap
from mnistviz.picture.theme import colour_table

RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722  # ITU-R BT.709-6, item 3.2
BLACK, MIDDLE = 16, 128
FROM_RGB = np.array(
    [
        [219 * RED, 219 * GREEN, 219 * BLUE],
        [-224 * RED / 1.8556, -224 * GREEN / 1.8556, 224 * (1 - BLUE) / 1.8556],
        [224 * (1 - RED) / 1.5748, -224 * GREEN / 1.5748, -224 * BLUE / 1.5748],
    ]
)  # rows: Y', Cb, Cr, of R, G, B in 0..1
OFFSET = np.array([BLACK, MIDDLE, MIDDLE], dtype=np.float64)
TO_RGB = np.linalg.inv(FROM_RGB)
AT_ONCE = 32_768  # pixels: what is between stays in a processor's cache, which is ten times as fast


def from_rgb(rgb: NDArray[Any]) -> NDArray[np.uint8]:
    """(..., 3) sRGB 0..255 -> (..., 3) Y'CbCr, rounded to the nearest."""
    exact = np.asarray(rgb, dtype=np.float64) / 255 @ FROM_RGB.T + OFFSET
    return np.asarray(np.rint(exact), np.uint8)


def to_rgb(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(3, H, W) Y'CbCr -> (H, W, 3) sRGB, rounded to the nearest and clipped."""
    _, height, width = planes.shape
    rgb = np.empty((height, width, 3), np.uint8)
    rows = max(AT_ONCE // max(width, 1), 1)
    for first in range(0, height, rows):
        rgb[first : first + rows] = _rows_to_rgb(planes[:, first : first + rows])
    return rgb


def _rows_to_rgb(planes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(3, rows, W) -> (rows, W, 3), whole numbers of 0..255."""
    exact = planes.reshape(3, -1).T.astype(np.float32)
    exact -= OFFSET.astype(np.float32)
    exact = exact @ (TO_RGB.T * 255).astype(np.float32)
    return np.clip(np.rint(exact, out=exact), 0, 255, out=exact).reshape(*planes.shape[1:], 3)


@lru_cache(maxsize=1024)
def colour(rgb: Colour) -> tuple[int, int, int]:
    """One colour in Y'CbCr."""
    y, cb, cr = (int(part) for part in from_rgb(np.array(rgb)))
    return y, cb, cr


@lru_cache(maxsize=4)
def table(name: ColourMap) -> NDArray[np.uint8]:
    """(256, 3) Y'CbCr of a colour table, read-only."""
    converted = from_rgb(colour_table(name))
    converted.setflags(write=False)
    return converted
