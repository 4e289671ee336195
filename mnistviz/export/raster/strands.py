"""Long straight lines: of a mask nearly all would be empty, so only the pixels that each touches are painted.

A pixel is covered by its distance from the middle of the stroke: exact along the axes, and where the stroke is
thinner than a pixel, as faint as it is thin; its ends are round.  The lines that are new in a frame are made
together: a hundred wires cost what a few would one by one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster.shapes import Coverage, Size
from mnistviz.export.raster.sprites import Rect, Stamp, Strand, intersection, tinted
from mnistviz.picture.display import Colour, Point

AT_ONCE = 32  # strokes whose pixels are computed together: they fit into the processor's own memory


class Stroke(NamedTuple):
    """A straight line that is to be painted, in pixels."""

    ends: tuple[Point, ...]  # two, from the corner of the frame
    width: float
    frame: Rect  # what it may paint on
    colour: Colour
    opacity: float


class Touched(NamedTuple):
    """The pixels that strokes touch, stroke by stroke, each once a stroke."""

    stroke: NDArray[np.intp]  # (n,): its place among them
    rows: NDArray[np.intp]  # (n,), from the top left corner of the canvas
    columns: NDArray[np.intp]  # (n,)
    cover: Coverage  # (n,), none of them 0


class Traced(NamedTuple):
    """The pixels that a stroke touches, whatever its colour."""

    places: NDArray[np.intp]  # (n,): row * width of the canvas + column
    cover: Coverage  # (1, n)


class Strands:
    """The stamps of straight lines on a canvas; one that only changes its colour or fades keeps its pixels."""

    def __init__(self, canvas: Size) -> None:
        self._canvas = canvas
        self._last: dict[Stroke, Traced] = {}  # those of the last picture, without colour

    def stamps(self, strokes: Sequence[Stroke]) -> list[Stamp]:
        """A stamp for each stroke that is new in a picture."""
        plain = [stroke._replace(colour=(), opacity=1.0) for stroke in strokes]
        new = [stroke for stroke in dict.fromkeys(plain) if stroke not in self._last]
        known = self._last | dict(zip(new, traced(new, self._canvas), strict=True))
        self._last = {stroke: known[stroke] for stroke in plain}
        return [self._stamp(stroke, self._last[shape]) for stroke, shape in zip(strokes, plain, strict=True)]

    def _stamp(self, stroke: Stroke, pixels: Traced) -> Stamp:
        line = tinted(pixels.cover, stroke.colour, stroke.opacity)
        strand = Strand(pixels.places, self._canvas[0], line.paint[:, 0], line.keep[0])
        return Stamp(strand, intersection(stroke.frame, (0, 0, *self._canvas)))


def traced(strokes: Sequence[Stroke], canvas: Size) -> list[Traced]:
    """What each stroke touches, on a canvas of that width and height."""
    alike: dict[tuple[bool, int], list[int]] = {}
    for place, stroke in enumerate(strokes):
        alike.setdefault(_kind(stroke), []).append(place)
    found: dict[int, Traced] = {}
    for (steep, furthest), places in alike.items():
        for first in range(0, len(places), AT_ONCE):
            some = places[first : first + AT_ONCE]
            made = _traced([strokes[place] for place in some], steep, furthest, canvas)
            found.update(zip(some, made, strict=True))
    return [found[place] for place in range(len(strokes))]


def _kind(stroke: Stroke) -> tuple[bool, int]:
    """Whether a stroke goes further down than across, and how far from the nearest pixel what it covers lies."""
    (x0, y0), (x1, y1) = stroke.ends
    across, down = abs(x1 - x0), abs(y1 - y0)
    cosine = max(across, down) / (math.hypot(across, down) or 1.0) or 1.0
    return across < down, math.floor((stroke.width / 2 + 0.501) / cosine + 0.5)


def _traced(strokes: Sequence[Stroke], steep: bool, furthest: int, canvas: Size) -> list[Traced]:
    place, rows, columns, cover = touched(strokes, steep, furthest, canvas)
    places = rows * canvas[0]
    places += columns
    bounds = np.searchsorted(place, np.arange(len(strokes) + 1)).tolist()
    return [
        Traced(places[first:end].copy(), cover[None, first:end].copy()) for first, end in pairwise(bounds)
    ]


def touched(strokes: Sequence[Stroke], steep: bool, furthest: int, canvas: Size) -> Touched:
    """The pixels of strokes of one `_kind`, within their frames and the canvas."""
    turn = -1 if steep else 1  # x, y or y, x: the axis that they go further along comes first
    frames = np.array([one.frame for one in strokes])
    corners, sizes = frames[:, :2][:, ::turn], (frames[:, 2:] - frames[:, :2])[:, ::turn]
    ends = np.array([one.ends for one in strokes])[..., ::turn]
    place, first, second, cover = _beside(ends, np.array([one.width for one in strokes]), sizes, furthest)
    first += corners[place, 0]
    second += corners[place, 1]
    if frames.min() < 0 or (frames[:, 2:] > canvas).any():
        limits = canvas[::turn]
        within = (first >= 0) & (first < limits[0]) & (second >= 0) & (second < limits[1])
        place, first, second, cover = place[within], first[within], second[within], cover[within]
    rows, columns = (first, second)[::turn][::-1]
    return Touched(place, rows, columns, cover)


def _beside(
    ends: NDArray[np.float64], width: NDArray[np.float64], sizes: NDArray[np.int64], furthest: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], Coverage]:
    """Each pixel's stroke, place along the stroke's first axis, place along the second, and coverage.

    `ends` are (strokes, 2, 2) and `sizes` (strokes, 2), that axis first.
    """
    ends = np.where((ends[:, 0, 0] > ends[:, 1, 0])[:, None, None], ends[:, ::-1], ends)
    (a0, b0), (a1, _) = ends.transpose(1, 2, 0)
    length = np.array([math.hypot(*way) or 1.0 for way in (ends[:, 1] - ends[:, 0]).tolist()])
    cosine, sine = ((ends[:, 1] - ends[:, 0]) / length[:, None]).T
    cosine = np.where(cosine == 0, 1.0, cosine)  # a point
    reach = width / 2 + 1
    begin = np.maximum(0, np.floor(a0 - reach)).astype(np.intp)
    counts = np.maximum(np.minimum(sizes[:, 0], np.ceil(a1 + reach)).astype(np.intp) - begin, 0)
    stroke = np.repeat(np.arange(len(ends)), counts)
    step = np.arange(len(stroke)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = step + begin[stroke]
    ahead = first.astype(np.float32)
    ahead += _each(0.5 - a0, counts)
    middle = ahead * _each(sine / cosine, counts)
    middle += _each(b0, counts)
    nearest = np.floor(middle)
    aside = np.arange(-furthest, furthest + 1, dtype=np.float32)[:, None]  # rows are long: numpy likes those
    np.subtract(nearest, middle, out=middle)
    middle += np.float32(0.5)
    away = middle + aside
    np.abs(away, out=away)
    away *= _each(cosine, counts)
    rounded = np.repeat((np.ceil(2 * reach) + 1).astype(np.intp), counts)
    ending = np.flatnonzero((step < rounded) | (step >= np.repeat(counts, counts) - rounded))
    of = stroke[ending]
    along = (nearest[ending] + aside + (0.5 - b0).astype(np.float32)[of]) * sine.astype(np.float32)[of]
    along += ahead[ending] * cosine.astype(np.float32)[of]
    along -= np.minimum(np.maximum(along, 0), length.astype(np.float32)[of])
    away[:, ending] = np.hypot(away[:, ending], along)
    levels = _levels(away, _each(width / 2 + 0.5, counts), _each(np.minimum(width, 1.0), counts))
    found = levels.astype(np.bool_).nonzero()[0]
    place = found // len(aside)
    stroke, second = stroke[place], found - place * len(aside)
    second += nearest.astype(np.intp)[place] - furthest
    within = (second >= 0) & (second < sizes[:, 1][stroke])
    if within.all():
        return stroke, first[place], second, levels[found]
    return stroke[within], first[place][within], second[within], levels[found][within]


def _levels(away: NDArray[np.float32], reach: NDArray[np.float32], most: NDArray[np.float32]) -> Coverage:
    """Coverage of pixels, stroke by stroke, by their distance (aside, pixels along) from the middle of a stroke."""
    np.subtract(reach, away, out=away)
    np.maximum(away, 0, out=away)
    np.minimum(away, most, out=away)
    away *= 255
    away += np.float32(0.5)
    return away.astype(np.uint8).T.ravel()


def _each(values: NDArray[np.float64], counts: NDArray[np.intp]) -> NDArray[np.float32]:
    """A stroke's value for each of its pixels."""
    return np.repeat(values.astype(np.float32), counts)
