"""Cards that grow or shrink, as pictures: one of about the size, warped into the shape of each frame.

A card on its way has another shape in every frame.  To make its map, its sides and its shadow anew each time
costs several times as much; a picture that is at most a quarter larger, seen for a sixtieth of a second, looks
the same.  At rest cards are made exactly (`Matrix.grows` is None).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster.matrices import inside
from mnistviz.export.raster.sprites import (
    APART_FROM_PX,
    FULL,
    HALF,
    LESS,
    Rect,
    Sprite,
    area,
    intersection,
    moved,
)
from mnistviz.picture.display import SHADOW_REACH, Matrix, Point
from mnistviz.picture.hashing import changed

SIZES = 3  # of pictures, an octave
LEAST_PX = 4.0  # from side to side: what is thinner is made exactly

Edges = tuple[Point, Point]  # across, down
Piece = tuple[Sprite, int, int]  # a sprite and its top left corner, in pixels


@dataclass(frozen=True, eq=False)
class Picture:
    """A layer of a card: colours and cover in one array, and where in it the layer's edges are."""

    colours: NDArray[np.uint8]  # (height, width, 4) premultiplied Y'CbCr and cover
    start: Point  # of the layer, in pixels
    edges: Edges  # in pixels

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory."""
        return self.colours.nbytes


def model(matrix: Matrix, scale: float, room: Rect) -> Matrix | None:
    """The matrix in the shape of which its pictures are made, hardly larger; None where it is made exactly."""
    if matrix.grows is None or not matrix.cells.values.size:
        return None
    now = matrix.across, matrix.down
    across, down = (_sized(*pair) for pair in zip(matrix.grows, now, strict=True))
    if min(_thickness(*now), _thickness(across, down)) * scale < LEAST_PX:
        return None
    reach = (abs(across[axis]) + abs(down[axis]) + 3 * SHADOW_REACH for axis in (0, 1))
    if any(long * scale > room[axis + 2] - room[axis] for axis, long in enumerate(reach)):
        return None
    depth = round(matrix.depth[0] * scale) / scale, round(matrix.depth[1] * scale) / scale
    return changed(matrix, across=across, down=down, depth=depth, origins=((0.0, 0.0),), opacity=1.0)


def _sized(rest: Point, now: Point) -> Point:
    """An edge in the smallest of a few lengths that are not less than it has now."""
    length, own = math.hypot(*rest), math.hypot(*now)
    if not length or not own:
        return 0.0, 0.0
    part = 2.0 ** -(math.floor(math.log2(length / own) * SIZES + 1e-9) / SIZES)
    return rest[0] * part, rest[1] * part


def _thickness(across: Point, down: Point) -> float:
    """The smaller of the distances between opposite edges."""
    return abs(_area(across, down)) / (max(math.hypot(*across), math.hypot(*down)) or 1.0)


def _area(across: Point, down: Point) -> float:
    return across[0] * down[1] - across[1] * down[0]


def picture(whole: Sprite, start: Point, edges: Edges) -> Picture:
    """A sprite as a picture; start and edges are in pixels, from its corner."""
    cover = FULL - whole.keep
    cover -= cover > 127  # 0..256 -> 0..255
    colours = cv2.merge([*whole.paint, cover.astype(np.uint8)])
    return Picture(np.asarray(colours, np.uint8), start, edges)


class Way:
    """From pictures with the same edges to those that a card has now, in pixels."""

    def __init__(self, start: Edges, end: Edges, edge_px: float) -> None:
        self._there, self._back = _between(start, end), _between(end, start)
        (ax, ay), (dx, dy) = end
        corners = np.array([(0.0, 0.0), (ax, ay), (ax + dx, ay + dy), (dx, dy)])
        self._corners, self._edge_px = corners, edge_px

    def warped(self, seen: Picture, origin: Point, opacity: float, room: Rect) -> Piece | None:
        """A picture with its start at `origin`; None outside of the room."""
        (x, y), (height, width) = seen.start, seen.colours.shape[:2]
        ends = [_along(self._there, u - x, v - y) for u in (0, width) for v in (0, height)]
        frame = intersection(_around(ends, origin), room)
        left, top, right, bottom = frame
        if left >= right or top >= bottom:
            return None
        begin = _along(self._back, left + 0.5 - origin[0], top + 0.5 - origin[1])
        (a, b), (c, d) = self._back
        way = np.array([(a, c, begin[0] + x - 0.5), (b, d, begin[1] + y - 0.5)])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        colours = cv2.warpAffine(seen.colours, way, (right - left, bottom - top), None, flags)
        sprite = _sprite(np.asarray(colours, np.uint8), opacity)
        if opacity == 1 and area(frame) >= APART_FROM_PX:
            solid = intersection(inside(self._corners + origin, self._edge_px), frame)
            sprite = Sprite(sprite.paint, sprite.keep, solid=moved(solid, -left, -top))
        return sprite, left, top


def _between(start: Edges, end: Edges) -> Edges:
    """Where the ways (1, 0) and (0, 1) lead when the edges `start` become the edges `end`."""
    ((ax, ay), (dx, dy)), size = start, _area(*start)
    (bx, by), (ex, ey) = end
    across = (dy * bx - ay * ex) / size, (dy * by - ay * ey) / size
    return across, ((ax * ex - dx * bx) / size, (ax * ey - dx * by) / size)


def _along(ways: Edges, x: float, y: float) -> Point:
    return ways[0][0] * x + ways[1][0] * y, ways[0][1] * x + ways[1][1] * y


def _around(ends: Sequence[Point], origin: Point) -> Rect:
    """The pixels around places that are given from an origin."""
    xs, ys = zip(*ends, strict=True)
    left, top = math.floor(min(xs) + origin[0]), math.floor(min(ys) + origin[1])
    return left, top, math.ceil(max(xs) + origin[0]), math.ceil(max(ys) + origin[1])


def _sprite(colours: NDArray[np.uint8], opacity: float) -> Sprite:
    """(height, width, 4) as a sprite, under an opacity."""
    planes = np.empty((4, *colours.shape[:2]), np.uint8)
    cv2.split(colours, list(planes))  # into the planes' own memory
    keep, levels = _tables(round(min(max(opacity, 0.0), 1.0) * 256))
    paint = planes[:3]
    if opacity < 1:
        flat = paint.reshape(-1, paint.shape[2])
        cv2.LUT(flat, levels, flat)
    return Sprite(paint, np.asarray(cv2.LUT(planes[3], keep), np.uint16))


@lru_cache(maxsize=257)
def _tables(part: int) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """What is kept for each cover 0..255, and what is painted for each level, under an opacity in 256ths."""
    alpha = np.arange(256, dtype=np.uint32)
    alpha += alpha >> 7  # 0..255 -> 0..256
    levels = (np.arange(256, dtype=np.uint32) * part + LESS) >> 8
    return (256 - (alpha * part + HALF >> 8)).astype(np.uint16), levels.astype(np.uint8)
