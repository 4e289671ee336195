"""Sprites: small premultiplied pictures, how they are made of coverage and how they are blended.

A stamp is a sprite at a place in whole pixels; sub-pixel places are part of the sprite, so that what a
primitive paints depends on nothing but the primitive.  All blending is in integers: repainting a part
gives exactly the pixels that repainting the whole would give.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Generic, NamedTuple, Protocol, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster.ycbcr import colour as ycbcr
from mnistviz.picture.display import Colour

Rect = tuple[int, int, int, int]  # left, top, right, bottom in pixels, half-open
FULL, EIGHT = np.uint16(256), np.uint16(8)  # of alpha and keep
HALF, LESS = np.uint16(128), np.uint16(127)  # so that the two parts of a half are not both rounded up
APART_FROM_PX = 4096  # pixels that hide all, or that nobody sees, from which they are painted apart
_NUMBERS = count()


@dataclass(frozen=True, eq=False)
class Sprite:
    """`canvas = (canvas * keep + 128 >> 8) + paint`: a colour painted on itself stays what it is."""

    paint: NDArray[np.uint8]  # (3, height, width): colour * alpha + 127 >> 8
    keep: NDArray[np.uint16]  # (height, width): 256 - alpha
    number: int = field(default_factory=lambda: next(_NUMBERS))  # names it where others were made of it
    like: int = -1  # number of a sprite of the same size that it equals,
    unlike: Rect = (0, 0, 0, 0)  # but for these pixels, from the sprite's corner
    solid: Rect = (0, 0, 0, 0)  # pixels that hide all that is under them
    hidden: Rect = (0, 0, 0, 0)  # pixels that the next stamp always hides: nobody need paint them

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory."""
        return sum(part.nbytes if all(part.strides) else 64 for part in (self.paint, self.keep))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.keep.shape
        return width, height


@dataclass(frozen=True, eq=False)
class Strand:
    """Single pixels of a canvas, each of which comes once; blended as sprites are."""

    places: NDArray[np.intp]  # (n,): row * width + column
    width: int  # of the canvas
    paint: NDArray[np.uint8]  # (3, n)
    keep: NDArray[np.uint16]  # (n,)
    number: int = field(default_factory=lambda: next(_NUMBERS))
    like: int = -1
    unlike: Rect = (0, 0, 0, 0)


class Stamp(NamedTuple):
    """A sprite in its place."""

    sprite: Sprite | Strand
    rect: Rect  # the pixels that it may change: a sprite's own size

    @classmethod
    def at(cls, sprite: Sprite, x: int, y: int) -> Stamp:
        """A sprite with its top left corner at a pixel."""
        width, height = sprite.size
        return cls(sprite, (x, y, x + width, y + height))


class Sized(Protocol):
    """Whatever knows how much memory it takes."""

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory."""
        ...


Kept = TypeVar("Kept", bound=Sized)


class Store(Generic[Kept]):
    """Things by key, the least recently used dropped when they take too much memory."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """The thing of that key, made if it is not there."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        made = self._kept[key] = make()
        self.used_bytes += made.nbytes
        while self.used_bytes > self.limit_bytes and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self.used_bytes -= dropped.nbytes
        return made


def intersection(one: Rect, other: Rect) -> Rect:
    """The pixels in both; empty when left >= right or top >= bottom."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def moved(part: Rect, x: int, y: int) -> Rect:
    """The same pixels so much further to the right and down."""
    return part[0] + x, part[1] + y, part[2] + x, part[3] + y


def area(rect: Rect) -> int:
    """How many pixels there are in it."""
    return max(0, rect[2] - rect[0]) * max(0, rect[3] - rect[1])


def around(inside: Rect, frame: Rect) -> tuple[Rect, ...]:
    """The parts of a frame around a rectangle within it: above, left, right and below."""
    (left, top, right, bottom), (x0, y0, x1, y1) = inside, frame
    parts = ((x0, y0, x1, top), (x0, top, left, bottom), (right, top, x1, bottom), (x0, bottom, x1, y1))
    return tuple(part for part in parts if area(part))


def union(one: Rect, other: Rect) -> Rect:
    """The smallest rectangle around both."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def tinted(coverage: NDArray[np.uint8], colour: Colour, opacity: float = 1.0) -> Sprite:
    """A sprite of one colour: (height, width) coverage 0..255."""
    if not coverage.size:
        return clear(coverage.shape[::-1])
    keep, levels = _tints(ycbcr(colour), int(_part(opacity)))
    paint = np.empty((3, *coverage.shape), np.uint8)
    for place, table in enumerate(levels):
        if place and table is levels[place - 1]:
            paint[place] = paint[place - 1]  # greys, and so all shadows
        else:
            cv2.LUT(coverage, table, paint[place])
    return Sprite(paint, np.asarray(cv2.LUT(coverage, keep), np.uint16))


@lru_cache(maxsize=4096)
def _tints(
    colour: tuple[int, int, int], part: int
) -> tuple[NDArray[np.uint16], tuple[NDArray[np.uint8], ...]]:
    """For each coverage 0..255: what is kept, and what is painted on each plane."""
    alpha = np.arange(256, dtype=np.uint16)
    alpha += alpha >> np.uint16(7)  # 0..255 -> 0..256
    alpha = (alpha.astype(np.uint32) * part + 128 >> 8).astype(np.uint16)
    tints = {level: (alpha * np.uint16(level) + LESS >> EIGHT).astype(np.uint8) for level in colour}
    return FULL - alpha, tuple(tints[level] for level in colour)


def flat(size: tuple[int, int], colour: Colour, opacity: float) -> Sprite:
    """A sprite of one colour all over: it takes no memory to speak of."""
    dot = tinted(np.full((1, 1), 255, np.uint8), colour, opacity)
    shape = size[::-1]
    return Sprite(np.broadcast_to(dot.paint, (3, *shape)), np.broadcast_to(dot.keep, shape))


def clear(size: tuple[int, int]) -> Sprite:
    """A sprite of (width, height) that paints nothing, to lay others over."""
    shape = size[::-1]
    return Sprite(np.zeros((3, *shape), np.uint8), np.full(shape, FULL, np.uint16))


def lay_over(below: Sprite, above: Sprite, x: int = 0, y: int = 0) -> None:
    """Paint a sprite onto one in the making, its top left corner at a pixel; it must lie within."""
    width, height = above.size
    rows, columns = slice(y, y + height), slice(x, x + width)
    keep = below.keep[rows, columns]
    _mix(below.paint[:, rows, columns], above.paint, above.keep)
    both = keep & above.keep & FULL  # 256 * 256 does not go into 16 bits
    keep *= above.keep
    keep += HALF
    keep >>= EIGHT
    keep |= both


def stacked(*sprites: Sprite) -> Sprite:
    """One sprite of several of the same size, the first at the bottom."""
    first, *others = sprites
    result = Sprite(first.paint.copy(), first.keep.copy())
    for sprite in others:
        lay_over(result, sprite)
    return result


def faded(sprite: Sprite, opacity: float) -> Sprite:
    """The sprite as a whole under an opacity 0..1."""
    part = _part(opacity)
    if part == FULL:
        return sprite
    alpha = FULL - sprite.keep
    alpha *= part
    alpha += HALF
    alpha >>= EIGHT
    levels = ((np.arange(256, dtype=np.uint16) * part + LESS) >> EIGHT).astype(np.uint8)
    paint = np.asarray(cv2.LUT(sprite.paint.reshape(-1, alpha.shape[1]), levels), np.uint8)
    return Sprite(paint.reshape(sprite.paint.shape), FULL - alpha)


def _part(opacity: float) -> np.uint16:
    """An opacity in 256ths."""
    return np.uint16(round(min(max(opacity, 0.0), 1.0) * 256))


def blend(canvas: NDArray[np.uint8], stamp: Stamp, clip: Rect) -> None:
    """Paint a stamp onto (3, H, W) planes, inside `clip` only."""
    sprite, rect = stamp
    seen = intersection(rect, clip)
    left, top, right, bottom = seen
    if left >= right or top >= bottom:
        return
    if isinstance(sprite, Strand):
        _blend_pixels(canvas, sprite, rect, seen)
        return
    if sprite.keep.strides == (0, 0) and sprite.keep[0, 0] == 0:  # one colour that hides all
        for plane, level in zip(canvas[:, top:bottom, left:right], sprite.paint[:, 0, 0], strict=True):
            plane[...] = level
        return
    solid, hidden = (intersection(moved(part, *rect[:2]), seen) for part in (sprite.solid, sprite.hidden))
    if area(solid) >= APART_FROM_PX:
        target, source = _slices(solid), _slices(moved(solid, -rect[0], -rect[1]))
        canvas[:, *target] = sprite.paint[:, *source]
    inner = max(solid, hidden, key=area)
    for part in around(inner, seen) if area(inner) >= APART_FROM_PX else (seen,):
        target, source = _slices(part), _slices(moved(part, -rect[0], -rect[1]))
        _mix(canvas[:, *target], sprite.paint[:, *source], sprite.keep[source])


def _slices(rect: Rect) -> tuple[slice, slice]:
    left, top, right, bottom = rect
    return slice(top, bottom), slice(left, right)


def _blend_pixels(canvas: NDArray[np.uint8], strand: Strand, rect: Rect, seen: Rect) -> None:
    places, paint, keep = strand.places, strand.paint, strand.keep
    if seen != rect:
        rows, columns = np.divmod(places, strand.width)
        left, top, right, bottom = seen
        within = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
        places, paint, keep = places[within], paint[:, within], keep[within]
    _, height, width = canvas.shape
    whole = canvas.reshape(-1)
    everywhere = places + np.arange(3)[:, None] * (height * width)
    levels = whole.take(everywhere)
    _mix(levels, paint, keep)
    whole[everywhere] = levels


def _mix(target: NDArray[np.uint8], paint: NDArray[np.uint8], keep: NDArray[np.uint16]) -> None:
    """Blend in place: (3, …) by (3, …) and (…)."""
    kept = target.astype(np.uint16)
    kept *= keep
    kept += HALF
    kept >>= EIGHT
    np.add(kept.astype(np.uint8), paint, out=target)
