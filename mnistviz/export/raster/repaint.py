"""What to repaint: the rectangles in which two lists of stamps differ, and a backdrop of what lies lowest.

Nothing in here changes a pixel's value: a rectangle repainted is the rectangle of a full repaint.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster.sprites import Rect, Stamp, area, blend, intersection, moved

JOIN_SLACK = 1.2  # rectangles are joined when the joint one is at most this much larger than both,
JOIN_PX = 4096  # or by this many pixels
TILE = 64  # px, of the backdrop's book of what is painted
CALM_PAINTS = 3  # a backdrop is begun when what lies lowest has not changed for so many paints
LEAST_STAMPS = 4  # and when it is worth it


def common_start(old: Sequence[Stamp], new: Sequence[Stamp]) -> int:
    """How many stamps both lists start with."""
    shorter = min(len(old), len(new))
    return next((place for place in range(shorter) if old[place] != new[place]), shorter)


def differences(old: Sequence[Stamp], new: Sequence[Stamp], start: int) -> list[Rect]:
    """Rectangles of the stamps that came, went or changed their order; the first `start` are the same."""
    end = common_start(old[start:][::-1], new[start:][::-1])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    places: dict[tuple[int, Rect], list[int]] = {}
    for place, (sprite, rect) in enumerate(old):
        places.setdefault((sprite.number, rect), []).append(place)
    rects, last, gone = [], -1, set(range(len(old)))
    for sprite, rect in new:
        same = places.get((sprite.number, rect), ())
        alike = places.get((sprite.like, rect), ())
        found = next((place for place in (*same, *alike) if place > last), None)
        if found is None:
            rects.append(rect)
            continue
        if found not in same:
            rects.append(moved(sprite.unlike, *rect[:2]))
        gone.discard(found)
        last = found
    return rects + [old[place].rect for place in sorted(gone)]


def clusters(rects: Sequence[Rect], canvas: Rect) -> tuple[Rect, ...]:
    """Few rectangles at even pixels, none overlapping another, that hold all of `rects` on the canvas."""
    found: list[Rect] = []
    for rect in rects:
        left, top, right, bottom = intersection(rect, canvas)
        if left < right and top < bottom:
            _join(found, (left & ~1, top & ~1, right + (right & 1), bottom + (bottom & 1)))
    return tuple(found)


def _join(found: list[Rect], rect: Rect) -> None:
    """Add a rectangle, joined with those that it overlaps or fills a larger one with."""
    left, top, right, bottom = rect
    place = 0
    while place < len(found):
        x0, y0, x1, y1 = found[place]
        if x0 <= left and y0 <= top and right <= x1 and bottom <= y1:
            return
        joint = min(x0, left), min(y0, top), max(x1, right), max(y1, bottom)
        overlap = x0 < right and left < x1 and y0 < bottom and top < y1
        if overlap or area(joint) <= JOIN_SLACK * (area(rect) + area(found[place])) + JOIN_PX:
            del found[place]
            rect, place = joint, 0
            left, top, right, bottom = rect
        else:
            place += 1
    found.append(rect)


class Painter:
    """Paints a list of stamps over a background, within rectangles."""

    def __init__(
        self,
        background: tuple[int, int, int],
        stamps: Sequence[Stamp],
        last: Painter | None = None,
        same: int = 0,  # so many stamps of `last` come first
    ) -> None:
        self.background = background
        self.stamps = stamps
        sides = chain.from_iterable([rect for _, rect in stamps[same:]])
        rects = np.fromiter(sides, np.int32, 4 * (len(stamps) - same)).reshape(-1, 4)
        self._rects: NDArray[np.int32] = rects
        if last is not None:
            self._rects = np.concatenate([last._rects[:same], rects])

    def paint(self, canvas: NDArray[np.uint8], clip: Rect, start: int = 0, end: int | None = None) -> None:
        """The stamps `start` to `end` within `clip`; from 0 on, over the background."""
        left, top, right, bottom = clip
        if start == 0:
            for plane, level in zip(canvas, self.background, strict=True):
                plane[top:bottom, left:right] = level
        rects = self._rects[start:end]
        touching = (rects[:, 0] < right) & (rects[:, 2] > left) & (rects[:, 1] < bottom) & (rects[:, 3] > top)
        for place in np.flatnonzero(touching).tolist():
            blend(canvas, self.stamps[start + place], clip)


class Backdrop:
    """The lowest stamps, once they have not changed for a while, painted on planes of their own.

    What moves over a deck of twenty layers is repainted over a copy of the deck, not over all its layers.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self._planes = np.empty(shape, np.uint8)
        self._painted = np.zeros((-(-shape[1] // TILE), -(-shape[2] // TILE)), np.bool_)
        self._count = 0  # stamps on the planes
        self._calm = 0  # paints since when
        self._lowest = 0  # stamps have been the same

    def follow(self, same: int) -> None:
        """Take note that the next list starts with the same `same` stamps as the last one."""
        if same < self._count:
            self._count = self._calm = 0
        self._lowest = min(self._lowest, same) if self._calm else same
        self._calm += 1
        if self._calm >= CALM_PAINTS:
            if self._lowest >= self._count + LEAST_STAMPS:
                self._count = self._lowest
                self._painted[:] = False
            self._calm = 0

    def repaint(self, canvas: NDArray[np.uint8], painter: Painter, rect: Rect) -> None:
        """Paint everything within a rectangle."""
        if not self._count:
            painter.paint(canvas, rect)
            return
        self._complete(painter, rect)
        left, top, right, bottom = rect
        canvas[:, top:bottom, left:right] = self._planes[:, top:bottom, left:right]
        painter.paint(canvas, rect, self._count)

    def _complete(self, painter: Painter, rect: Rect) -> None:
        """Paint the tiles under a rectangle that are not painted yet."""
        left, top = rect[0] // TILE, rect[1] // TILE
        right, bottom = -(-rect[2] // TILE), -(-rect[3] // TILE)
        missing = np.argwhere(~self._painted[top:bottom, left:right])
        if not missing.size:
            return
        (first, start), (last, end) = missing.min(axis=0), missing.max(axis=0) + 1
        rows, columns = slice(top + first, top + last), slice(left + start, left + end)
        _, height, width = self._planes.shape
        tiles = columns.start * TILE, rows.start * TILE, columns.stop * TILE, rows.stop * TILE
        painter.paint(self._planes, intersection(tiles, (0, 0, width, height)), 0, self._count)
        self._painted[rows, columns] = True
