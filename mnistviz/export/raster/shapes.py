"""Coverage: how much of each pixel a shape fills, 0..255, in masks of (height, width) pixels.

Points are in pixels from the mask's top left corner.  What is convex is covered by its distance from
each side; strokes and other polygons are drawn larger and shrunk by area.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster.sprites import Rect, intersection
from mnistviz.picture.display import Point

Points = NDArray[np.float64]  # (n, 2): x, y
Size = tuple[int, int]  # width, height
Coverage = NDArray[np.uint8]

SUB = 4  # times larger that strokes are drawn
SHIFT = 4  # OpenCV's fractional bits of a coordinate
SOFT_SIGMA = 1.5  # px: blurs wider than this are made on a smaller mask
HALVED_VARIANCE = 1.0  # square px, that a mask is blurred by when it is halved by area and doubled linearly


def convex(points: Points, size: Size, start: tuple[int, int] = (0, 0)) -> Coverage:
    """A convex polygon, its corners in either order round; of the mask, `size` pixels from pixel `start` on."""
    xs = np.arange(start[0], start[0] + size[0], dtype=np.float32) + np.float32(0.5)
    ys = np.arange(start[1], start[1] + size[1], dtype=np.float32) + np.float32(0.5)
    sides = [(xs * across + offset, (ys * down)[:, None]) for across, down, offset in _sides(points)]
    if not sides:
        return np.zeros(size[::-1], np.uint8)
    inside: NDArray[np.float32] = np.add(*sides[0])
    distance = np.empty_like(inside)
    for side in sides[1:]:
        np.minimum(inside, np.add(*side, out=distance), out=inside)
    inside *= 255
    inside += 128  # half a pixel, and half of the rounding
    np.maximum(inside, 0, out=inside)
    return np.minimum(inside, 255, out=inside).astype(np.uint8)


def _sides(points: Points) -> list[tuple[np.float32, np.float32, np.float32]]:
    """Each side as (a, b, c): a x + b y + c is the distance to it, positive inside."""
    corners = points.tolist()
    pairs = list(zip(corners, corners[1:] + corners[:1], strict=True))
    turn = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)
    sides = []
    for (x, y), (x1, y1) in pairs:
        dx, dy = x1 - x, y1 - y
        length = math.hypot(dx, dy) * (1 if turn > 0 else -1)
        if abs(length) > 1e-9:
            a, b = -dy / length, dx / length
            sides.append((np.float32(a), np.float32(b), np.float32(-(a * x + b * y))))
    return sides


def holds(points: Points, places: Sequence[tuple[float, float]], away: float) -> bool:
    """Whether a convex polygon holds all of the places, so far from each of its sides."""
    return all(a * x + b * y + c >= away for a, b, c in _sides(points) for x, y in places)


def is_convex(points: Points) -> bool:
    """Whether all turns go the same way."""
    along = np.roll(points, -1, axis=0) - points
    ahead = np.roll(along, -1, axis=0)
    turns = along[:, 0] * ahead[:, 1] - along[:, 1] * ahead[:, 0]
    return bool((turns >= 0).all() or (turns <= 0).all()) and len(points) <= 8


def polygon(points: Points, size: Size) -> Coverage:
    """Any polygon without holes."""
    if is_convex(points):
        return convex(points, size)
    large = np.zeros((size[1] * SUB, size[0] * SUB), np.uint8)
    cv2.fillPoly(large, [_fixed(points)], 1, cv2.LINE_8, SHIFT)
    return _shrunk(large, 255)


def strokes(lines: Sequence[Points], width: float, size: Size, closed: bool = False) -> Coverage:
    """Polylines with round joints, `width` in pixels.

    OpenCV paints odd widths, one more than asked for: what is too wide is painted fainter.
    """
    large = np.zeros((size[1] * SUB, size[0] * SUB), np.uint8)
    painted = 2 * math.floor(width * SUB / 2) + 1
    level = min(255, round(255 * width * SUB / painted))
    fixed = [_fixed(line) for line in lines]
    cv2.polylines(large, fixed, closed, 1, max(1, painted - 1), cv2.LINE_8, SHIFT)
    return _shrunk(large, level)


def arrow(points: Sequence[Point], width: float, head: float, size: Size) -> Coverage:
    """A stroke, with a triangle of length `head` at its end."""
    (x0, y0), (x, y) = points[-2:]
    length = math.hypot(x - x0, y - y0)
    if head <= 0 or length == 0:
        return strokes([np.array(points)], width, size)
    dx, dy = (x - x0) / length, (y - y0) / length
    back, aside = min(head * 0.7, length), head * 0.42
    base_x, base_y = x - dx * head, y - dy * head
    cover = strokes([np.array([*points[:-1], (x - dx * back, y - dy * back)])], width, size)
    triangle = np.array(
        [(x, y), (base_x - dy * aside, base_y + dx * aside), (base_x + dy * aside, base_y - dx * aside)]
    )
    left, top, right, bottom = intersection(frame_around(triangle, 1), (0, 0, *size))
    if left < right and top < bottom:
        around = cover[top:bottom, left:right]
        np.maximum(around, convex(triangle, (right - left, bottom - top), (left, top)), out=around)
    return cover


def frame_around(points: Points, reach: float) -> Rect:
    """The pixels that are nearer than `reach` to any of the points, or between them."""
    low, high = np.floor(points.min(axis=0) - reach), np.ceil(points.max(axis=0) + reach)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _fixed(points: Points) -> NDArray[np.int32]:
    """Pixels -> sub-pixels with OpenCV's fraction; its coordinates are of pixel centres."""
    return np.rint((points * SUB - 0.5) * (1 << SHIFT)).astype(np.int32).reshape(-1, 1, 2)


def _shrunk(large: Coverage, level: int) -> Coverage:
    """Of 0 and 1, SUB times larger: a pixel that is all of ones has the level.

    Four of them are added at once, as bytes of one number.
    """
    fours = large.view(np.uint32).reshape(-1, SUB, large.shape[1] // SUB)
    count = fours[:, 0] + fours[:, 1]
    count += fours[:, 2]
    count += fours[:, 3]
    count *= np.uint32(0x01010101)  # the sum of the four bytes, in the highest one
    count >>= np.uint32(24)
    return np.asarray(cv2.LUT(count.astype(np.uint8), _shares(level)), np.uint8)


@lru_cache(maxsize=256)
def _shares(level: int) -> Coverage:
    """The level's share of a pixel, by how many of its parts are painted."""
    share = np.zeros(256, np.uint8)
    share[: SUB * SUB + 1] = np.rint(np.arange(SUB * SUB + 1) * level / (SUB * SUB))
    return share


@lru_cache(maxsize=64)
def round_box(box: tuple[float, float, float, float], radius: float, size: Size) -> Coverage:
    """A rectangle with round corners, exact on its straight sides; read-only: panels fade, and keep their shape."""
    left, top, right, bottom = box
    cover = np.outer(_span(top, bottom, size[1]), _span(left, right, size[0]))
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    if radius > 0.5:
        for x, inward_x in ((left, 1), (right, -1)):
            for y, inward_y in ((top, 1), (bottom, -1)):
                _round_corner(cover, (x, y), (inward_x, inward_y), radius)
    cover *= 255
    found = np.rint(cover, out=cover).astype(np.uint8)
    found.setflags(write=False)
    return found


def _span(low: float, high: float, count: int) -> NDArray[np.float32]:
    """How much of each pixel [i, i + 1) lies in [low, high)."""
    pixel = np.arange(count)
    covered = np.minimum(high, pixel + 1) - np.maximum(low, pixel)
    return np.asarray(np.clip(covered, 0.0, 1.0), np.float32)


def _round_corner(
    cover: NDArray[np.float32], corner: tuple[float, float], inward: tuple[int, int], radius: float
) -> None:
    """Cut one corner of a box's coverage to a quarter circle."""
    (rows, away_y), (columns, away_x) = (
        _corner_span(corner[axis], inward[axis], radius, cover.shape[1 - axis]) for axis in (1, 0)
    )
    distance = np.hypot(np.maximum(away_x, 0)[None, :], np.maximum(away_y, 0)[:, None])
    within = np.clip(radius + 0.5 - distance, 0.0, 1.0)
    square = (away_y[:, None] > 0) & (away_x[None, :] > 0)
    np.copyto(cover[rows, columns], within, where=square)


def _corner_span(corner: float, inward: int, radius: float, count: int) -> tuple[slice, NDArray[np.float64]]:
    """Pixels near a corner along one axis, and how far each lies outwards of the circle's centre."""
    reach = math.ceil(radius) + 1
    part = slice(max(0, math.floor(corner) - reach), max(0, min(count, math.ceil(corner) + reach)))
    centres = np.arange(part.start, max(part.start, part.stop)) + 0.5
    return part, np.asarray((corner + inward * radius - centres) * inward, np.float64)


def soft(points: Points, sigma: float, size: Size, gain: float = 1.0) -> Coverage:
    """A convex polygon blurred by `sigma` pixels and made `gain` times stronger."""
    less = min(max(1, int(sigma / SOFT_SIGMA)), 8)
    small_size = -(-size[0] // less), -(-size[1] // less)
    small = _stronger(_blurred(convex(points / less, small_size), sigma / less), gain)
    if less == 1:
        return small
    large = cv2.resize(small, (small_size[0] * less, small_size[1] * less), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(large[: size[1], : size[0]])


def padded(cover: Coverage, part: Rect, size: Size) -> Coverage:
    """A mask as the part (left, top, right, bottom) of a larger one, empty around."""
    left, top, right, bottom = part
    beyond = top, size[1] - bottom, left, size[0] - right
    return np.asarray(cv2.copyMakeBorder(cover, *beyond, cv2.BORDER_CONSTANT, value=(0.0,)), np.uint8)


def halo(cover: Coverage, sigma: float) -> Coverage:
    """A light around any shape, as bright as can be at its brightest; wide ones are made at half the size."""
    if sigma < 4 * SOFT_SIGMA:
        blurred = _blurred(cover, sigma)
        return _stronger(blurred, 255 / max(int(blurred.max()), 1))
    height, width = cover.shape
    even = padded(cover, (0, 0, width, height), (width + width % 2, height + height % 2))
    half = cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)
    between = math.sqrt(sigma**2 - HALVED_VARIANCE) / 2
    fine = cv2.GaussianBlur(half.astype(np.float32), (0, 0), between, borderType=cv2.BORDER_CONSTANT)
    fine *= 255 / max(float(fine.max()), 1.0)
    large = cv2.resize(
        np.rint(fine, out=fine).astype(np.uint8), even.shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    return np.ascontiguousarray(large[:height, :width])


def _blurred(cover: Coverage, sigma: float) -> Coverage:
    smooth = cv2.GaussianBlur(cover, (0, 0), max(sigma, 0.3), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(smooth, np.uint8)


def _stronger(cover: Coverage, gain: float) -> Coverage:
    levels = np.minimum(np.arange(256, dtype=np.float32) * gain, 255).astype(np.uint8)
    return cover if gain == 1.0 else np.asarray(cv2.LUT(cover, levels), np.uint8)
