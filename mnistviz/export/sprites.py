"""Sprites: small premultiplied pictures of primitives, and how one is blended onto planes.

A stamp is a sprite at a place in whole pixels; sub-pixel places are part of the sprite, so that what a
primitive paints depends on nothing but the primitive.  All blending is in integers: repainting a part
gives exactly the pixels that repainting the whole would give.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.export.ycbcr import colour as ycbcr
from mnistviz.picture.display import Colour

Rect = tuple[int, int, int, int]  # left, top, right, bottom in pixels, half-open
FULL = 256  # of alpha and keep


@dataclass(frozen=True, eq=False)
class Sprite:
    """`canvas = (canvas * keep + paint) >> 8`; the rounding half is already in `paint`."""

    paint: NDArray[np.uint16]  # (3, height, width): colour * alpha + 128
    keep: NDArray[np.uint16]  # (height, width): 256 - alpha

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory."""
        return self.paint.nbytes + self.keep.nbytes


@dataclass(frozen=True)
class Stamp:
    """A sprite with its top left corner at a pixel."""

    sprite: Sprite
    x: int
    y: int

    @property
    def rect(self) -> Rect:
        """The pixels that it may change."""
        height, width = self.sprite.keep.shape
        return self.x, self.y, self.x + width, self.y + height


def tinted(coverage: NDArray[np.uint8], colour: Colour, opacity: float = 1.0) -> Sprite:
    """A sprite of one colour: (height, width) coverage 0..255."""
    alpha = alphas(coverage, opacity)
    tint = np.array(ycbcr(colour), dtype=np.uint16)
    return Sprite(tint[:, None, None] * alpha + np.uint16(128), np.uint16(FULL) - alpha)


def alphas(coverage: NDArray[np.uint8], opacity: float) -> NDArray[np.uint16]:
    """Coverage 0..255 under an opacity 0..1 -> alpha 0..256."""
    levels = np.rint(np.arange(256) * (min(max(opacity, 0.0), 1.0) * FULL / 255)).astype(np.uint16)
    return levels[coverage]


def stacked(*sprites: Sprite) -> Sprite:
    """One sprite of several of the same size, the first at the bottom."""
    paint = np.full_like(sprites[0].paint, 128)
    keep = np.full_like(sprites[0].keep, FULL)
    for sprite in sprites:
        over(paint, keep, sprite)
    return Sprite(paint, keep)


def over(paint: NDArray[np.uint16], keep: NDArray[np.uint16], sprite: Sprite) -> None:
    """Lay a sprite over planes of a sprite in the making, of the same size."""
    below = (paint - np.uint16(128)).astype(np.uint32) * sprite.keep
    paint[...] = ((below + 128) >> 8) + sprite.paint
    keep[...] = (keep.astype(np.uint32) * sprite.keep + 128) >> 8


def faded(sprite: Sprite, opacity: float) -> Sprite:
    """The sprite as a whole under an opacity 0..1."""
    part = np.uint32(round(min(max(opacity, 0.0), 1.0) * FULL))
    paint = ((sprite.paint - np.uint16(128)).astype(np.uint32) * part + 128) >> 8
    alpha = ((FULL - sprite.keep.astype(np.uint32)) * part + 128) >> 8
    return Sprite((paint + 128).astype(np.uint16), (FULL - alpha).astype(np.uint16))


def blend(canvas: NDArray[np.uint8], stamp: Stamp, clip: Rect) -> None:
    """Paint a stamp onto (3, H, W) planes, inside `clip` only."""
    left, top, right, bottom = intersection(stamp.rect, clip)
    if left >= right or top >= bottom:
        return
    part = (slice(top - stamp.y, bottom - stamp.y), slice(left - stamp.x, right - stamp.x))
    target = canvas[:, top:bottom, left:right]
    mixed = target * stamp.sprite.keep[part]
    mixed += stamp.sprite.paint[:, part[0], part[1]]
    mixed >>= 8
    target[...] = mixed


def intersection(one: Rect, other: Rect) -> Rect:
    """The pixels in both; empty when left >= right or top >= bottom."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


# -- shapes: coverage masks, drawn at SUB times the size and shrunk by area --------------------------------

SUB = 4
SHIFT = 4  # OpenCV's fractional bits of a coordinate


def polygon_coverage(points: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A filled polygon: (n, 2) points in pixels from the mask's corner, size (width, height)."""
    large = np.zeros((size[1] * SUB, size[0] * SUB), np.uint8)
    cv2.fillPoly(large, [_fixed(points)], 255, cv2.LINE_8, SHIFT)
    return _shrunk(large, size)


def stroke_coverage(
    points: NDArray[np.float64], width: float, size: tuple[int, int], closed: bool = False
) -> NDArray[np.uint8]:
    """A polyline with round joints, `width` in pixels."""
    large = np.zeros((size[1] * SUB, size[0] * SUB), np.uint8)
    thick = max(1, round(width * SUB))
    cv2.polylines(large, [_fixed(points)], closed, 255, thick, cv2.LINE_8, SHIFT)
    return _shrunk(large, size)


def _fixed(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Pixels -> sub-pixels with OpenCV's fraction; its coordinates are of pixel centres."""
    return np.rint((points * SUB - 0.5) * (1 << SHIFT)).astype(np.int32).reshape(-1, 1, 2)


def _shrunk(large: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA), np.uint8)


def round_box_coverage(
    box: tuple[float, float, float, float], radius: float, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """A rectangle with round corners, exact on its straight sides."""
    left, top, right, bottom = box
    across = _span_coverage(left, right, size[0])
    down = _span_coverage(top, bottom, size[1])
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    cover = np.outer(down, across)
    if radius > 0.5:
        reach = math.ceil(radius) + 1
        for x, flip_x in ((left, 1), (right, -1)):
            for y, flip_y in ((top, 1), (bottom, -1)):
                _round_corner(cover, (x, y), (flip_x, flip_y), radius, reach)
    return np.rint(cover * 255).astype(np.uint8)


def _span_coverage(low: float, high: float, count: int) -> NDArray[np.float64]:
    """How much of each pixel [i, i + 1) lies in [low, high)."""
    pixel = np.arange(count)
    return np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0.0, 1.0)


def _round_corner(
    cover: NDArray[np.float64],
    corner: tuple[float, float],
    inward: tuple[int, int],
    radius: float,
    reach: int,
) -> None:
    """Cut one corner of a box's coverage to a quarter circle."""
    height, width = cover.shape
    centre_x, centre_y = corner[0] + inward[0] * radius, corner[1] + inward[1] * radius
    xs = np.arange(max(0, math.floor(corner[0]) - reach), min(width, math.ceil(corner[0]) + reach))
    ys = np.arange(max(0, math.floor(corner[1]) - reach), min(height, math.ceil(corner[1]) + reach))
    if not (xs.size and ys.size):
        return
    away_x, away_y = (centre_x - (xs + 0.5)) * inward[0], (centre_y - (ys + 0.5)) * inward[1]
    distance = np.hypot(np.maximum(away_x, 0)[None, :], np.maximum(away_y, 0)[:, None])
    within = np.clip(radius + 0.5 - distance, 0.0, 1.0)
    square = (away_y[:, None] > 0) & (away_x[None, :] > 0)
    block = cover[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    np.copyto(block, within, where=square)
