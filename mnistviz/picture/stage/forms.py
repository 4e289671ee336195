"""How the cells of a value are laid out on its card, and on which scale they are coloured: numbers in, numbers out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Cells, ColourScale
from mnistviz.picture.photographs import LEAST_SIDE
from mnistviz.trace.model import finite_range

MOST_CELLS = 256  # along an axis; a longer one is drawn as means of neighbouring cells
MOST_PIXELS, MOST_PIXELS_OF_ONE = 128, 40  # a side, of a photograph and of one of several
FEW_LAYERS = 4  # that hang side by side, whatever they are
FEWEST, DROWNED = 8, 0.1  # of so many numbers; where the median is less than that share of the largest
# So many have no numbers beside them: if their largest hundredth is so many times as large as all others, it is beyond
# the colours.
MANY, OUTLIERS, BEYOND = 50, 0.01, 20.0


@dataclass(frozen=True)
class Form:
    """How the cells of a value are laid out on its card."""

    layers: int
    rows: int
    columns: int
    folded: bool
    channels: int = 1  # numbers a cell: 3 or 4 of a photograph

    @property
    def photograph(self) -> bool:
        """Whether a cell is a pixel in colour."""
        return self.channels > 1

    @property
    def wall(self) -> bool:
        """Whether its layers hang side by side: pictures, of which one would hide the other, or a few."""
        pictures = self.photograph or min(self.rows, self.columns) >= LEAST_SIDE
        return self.layers > 1 and (pictures or self.layers <= FEW_LAYERS) and not self.folded

    @property
    def column(self) -> bool:
        """Whether it is a single column, or a single number: drawn with its numbers beside it, or in it."""
        return self.columns == 1 and self.layers == 1 and not self.photograph


def nice_limit(largest: float) -> float:
    """The smallest of 1, 1.5, 2, 3, 5, 7 times a power of ten that is not below `largest`; 1 for 0."""
    if not largest > 0 or not math.isfinite(largest):
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    if power == 0:  # subnormal
        return largest
    return next(
        (step * power for step in (1, 1.5, 2, 3, 5, 7) if largest <= step * power * (1 + 1e-12)), 10 * power
    )


def shrunk(layered: NDArray[Any], axis: int) -> NDArray[np.float64]:
    """Means of neighbouring cells along an axis that has more than `MOST_CELLS`, so that so many are left."""
    length = layered.shape[axis]
    if length <= MOST_CELLS:
        return np.asarray(layered, dtype=np.float64)
    edges = np.arange(MOST_CELLS + 1) * length // MOST_CELLS
    sums = np.add.reduceat(layered, edges[:-1], axis=axis, dtype=np.float64)
    counts = np.diff(edges).reshape([-1 if place == axis else 1 for place in range(layered.ndim)])
    return np.asarray(sums / counts, dtype=np.float64)


def thinned(pixels: NDArray[Any]) -> NDArray[Any]:
    """Photographs, (layers, rows, columns, channels), with no more pixels a side than are drawn one by one."""
    most = MOST_PIXELS if len(pixels) == 1 else MOST_PIXELS_OF_ONE
    rows, columns = (np.arange(min(n, most)) * n // min(n, most) for n in pixels.shape[1:3])
    return pixels[:, rows][:, :, columns]


def has_numbers(array: NDArray[Any]) -> bool:
    """Whether there is a number in it to be drawn."""
    return array.size > 0 and array.dtype.kind in "biufc"


def told_numbers(array: NDArray[Any]) -> tuple[float, ...]:
    """What is written in its cells, from the first; of complex numbers their sizes."""
    return tuple(float(number) for number in np.ravel(np.abs(array) if np.iscomplexobj(array) else array))


def how_shrunken(form: Form, cells: Cells) -> str:
    """What a card says that has fewer cells than its value: means, or only some of its layers."""
    layers, rows, columns = cells.values.shape
    if (rows, columns) == (form.rows, form.columns):
        return f"{layers} of {form.layers} layers"
    return f"means, drawn as {rows}×{columns}"


def in_colours(form: Form, cells: Cells) -> str:
    """What a card says that shows pixels in their colours."""
    layers, rows, columns = cells.values.shape
    drawn = "" if (rows, columns) == (form.rows, form.columns) else f", drawn as {rows}×{columns}"
    return f"in colour{drawn}" if layers == form.layers else f"{layers} of {form.layers} pictures{drawn}"


def how_folded(form: Form) -> str:
    """What a folded card says of itself."""
    if not form.folded:
        return ""
    size = f"{form.rows}×{form.columns}"
    return f"shown folded, {size}" if form.layers == 1 else f"{form.layers} layers of {size}"


def scale_of(arrays: list[NDArray[Any]], level: bool) -> ColourScale:
    """Limits that hold all finite numbers but for outliers, rounded up; of what are no numbers, records or texts, 1."""
    arrays = [array for array in arrays if array.dtype.kind in "biufc"]
    ranges = [finite_range(np.abs(array) if np.iscomplexobj(array) else array) for array in arrays]
    smallest = min(0.0, *(ends[0] for ends in ranges if ends is not None), 0.0)
    largest = max(0.0, *(ends[1] for ends in ranges if ends is not None), 0.0)
    sizes = _sizes(arrays)
    limit = nice_limit(_largest_of_most(sizes, max(largest, -smallest)))
    if level and smallest >= 0:
        return ColourScale("level", 0.0, limit)
    return ColourScale("signed", -limit, limit, _is_drowned(sizes[sizes <= limit]))


TRUTH = ColourScale("truth", 0.0, 1.0)  # of yes and no


def scale_of_counts(arrays: list[NDArray[Any]]) -> ColourScale | None:
    """From 0 to the largest of labels, places or counts; None where one is negative, or none is there."""
    sizes = [array for array in arrays if array.size]
    if not sizes or min(int(array.min()) for array in sizes) < 0:
        return None
    return ColourScale("level", 0.0, float(max(1, *(int(array.max()) for array in sizes), 1)))


def _sizes(arrays: list[NDArray[Any]]) -> NDArray[np.float64]:
    """How large the numbers are that are neither 0 nor without an end, of all arrays."""
    if not arrays:
        return np.empty(0)
    sizes = np.abs(np.concatenate([np.ravel(array) for array in arrays])).astype(np.float64)
    return np.asarray(sizes[np.isfinite(sizes) & (sizes > 0)])


def _largest_of_most(sizes: NDArray[np.float64], largest: float) -> float:
    """The largest of many numbers, or of all but a few beside which the others would have no colour."""
    if sizes.size < MANY:
        return largest
    few = math.ceil(OUTLIERS * sizes.size)
    most = float(np.partition(sizes, sizes.size - few - 1)[sizes.size - few - 1])
    return most if largest > BEYOND * most else largest


def _is_drowned(sizes: NDArray[np.float64]) -> bool:
    """Whether a few numbers are so much larger than most that these could not be told from 0."""
    return sizes.size >= FEWEST and float(np.median(sizes)) < DROWNED * float(sizes.max())


@lru_cache(maxsize=256)
def beyond(cells: Cells, layers: tuple[int, ...], scale: ColourScale) -> int:
    """How many finite cells of some layers are beyond a scale, in the colour of its end."""
    if scale.table == "photograph":
        return 0
    sizes = np.abs(cells.values[list(layers)])
    limit = max(scale.high, -scale.low)
    return int(np.count_nonzero((sizes > limit * (1 + 1e-9)) & np.isfinite(sizes)))
