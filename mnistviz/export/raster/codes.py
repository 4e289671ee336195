"""The cells of a card as colour codes: the table's entries, cells not there yet, cells that are no number."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster import ycbcr
from mnistviz.picture.display import Colour, ColourMap, ColourScale
from mnistviz.picture.theme import table_index

NOT_YET, NOT_A_NUMBER = 256, 257  # colour codes beyond the table's 256
CROSS: Colour = (255, 0, 200)
CROSS_GROUND: Colour = (96, 96, 104)


@dataclass(frozen=True, eq=False)
class Codes:
    """Colour codes of drawn cells, (rows, columns): 0..255 of the table, `NOT_YET`, `NOT_A_NUMBER`."""

    values: NDArray[np.uint16]

    @cached_property
    def digest(self) -> bytes:
        """Of shape and content."""
        content = repr(self.values.shape).encode() + self.values.tobytes()
        return hashlib.blake2b(content, digest_size=16).digest()

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory."""
        return self.values.nbytes


def value_codes(values: NDArray[np.float64], colours: ColourScale, block: tuple[int, int]) -> Codes:
    """Codes of (rows, columns) of values; cells too small to see are drawn as the mean of a block.

    A block with a cell that is no number is marked as a whole; of a photograph its first pixel stands for it.
    """
    if colours.table == "photograph":
        values, block = values[:: block[0], :: block[1]], (1, 1)
    if block == (1, 1):
        codes = table_index(values, colours).astype(np.uint16)
        codes[~np.isfinite(values)] = NOT_A_NUMBER
        return Codes(codes)
    starts = np.arange(0, values.shape[1], block[1])
    lines = [
        _mean_codes(values[top : top + block[0]], starts, colours)
        for top in range(0, values.shape[0], block[0])
    ]
    return Codes(np.stack(lines))


def _mean_codes(
    strip: NDArray[np.float64], starts: NDArray[np.intp], colours: ColourScale
) -> NDArray[np.uint16]:
    """Codes of one row of blocks; a sum that is not finite has met a cell that is no number."""
    with np.errstate(invalid="ignore", over="ignore"):
        total = np.add.reduceat(strip.sum(axis=0), starts)
        mean = total / (np.diff(np.append(starts, strip.shape[1])) * strip.shape[0])
    codes = table_index(mean, colours).astype(np.uint16)
    codes[~np.isfinite(total)] = NOT_A_NUMBER
    return codes


def masked(codes: Codes, shown: NDArray[np.bool_], block: tuple[int, int]) -> Codes:
    """The codes with what is not shown yet marked; a block is shown when half of its cells are."""
    if block != (1, 1):
        padded = np.pad(shown, [(0, -n % b) for n, b in zip(shown.shape, block, strict=True)], mode="edge")
        rows, columns = codes.values.shape
        shown = padded.reshape(rows, block[0], columns, block[1]).mean(axis=(1, 3)) >= 0.5
    return Codes(np.where(shown, codes.values, np.uint16(NOT_YET)))


@lru_cache(maxsize=64)
def palette(table: ColourMap, empty: Colour, crossed: bool) -> NDArray[np.uint8]:
    """(258, 4) Y'CbCr and full alpha: the table, cells not yet there, cells that are no number."""
    bad = CROSS_GROUND if crossed else CROSS
    extra = np.array([ycbcr.colour(empty), ycbcr.colour(bad)], np.uint8)
    colours = np.concatenate([ycbcr.table(table), extra])
    return np.concatenate([colours, np.full((len(colours), 1), 255, np.uint8)], axis=1)
