"""The only code that touches pixels: paints display lists onto a canvas, and only what has changed.

The canvas is planar Y'CbCr in full resolution; the chroma planes that a film needs are its 2x2 means.
Two display lists that are equal give the same pixels, whatever was painted before.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster import ycbcr
from mnistviz.export.raster.repaint import Backdrop, Painter, clusters, common_start, differences
from mnistviz.export.raster.sprites import Rect, Stamp
from mnistviz.export.raster.stamps import Stamper, Stamps
from mnistviz.picture.display import DisplayList

STORE_BYTES = 48 << 20  # for sprites at 1920x1080; in proportion at other sizes
LEAST_STORE_BYTES = 24 << 20


@dataclass(frozen=True, eq=False)
class Frame:
    """Planes of Y'CbCr BT.709, limited range, 8 bit, 4:2:0; views of the canvas until the next paint."""

    luma: NDArray[np.uint8]  # (H, W)
    cb: NDArray[np.uint8]  # (H / 2, W / 2)
    cr: NDArray[np.uint8]
    changed: tuple[Rect, ...]  # holds all that differs from the previous paint, at even pixels; () when held
    full: NDArray[np.uint8] = field(repr=False)  # (3, H, W): the canvas, 4:4:4

    def i420(self) -> bytes:
        """The three planes one after the other."""
        return self.luma.tobytes() + self.cb.tobytes() + self.cr.tobytes()

    def rgb(self) -> NDArray[np.uint8]:
        """(H, W, 3) sRGB, from the canvas in full colour resolution."""
        return ycbcr.to_rgb(self.full)


@dataclass(frozen=True, eq=False)
class _Painted:
    """A display list and its stamps: what the next one is compared with."""

    display: DisplayList
    each: tuple[Stamps, ...]  # of each primitive
    painter: Painter  # of all of them


class Raster:
    """One film size: the canvas, the sprites, and what is on the canvas now."""

    def __init__(self, size: tuple[int, int]) -> None:
        width, height = size
        if width < 2 or height < 2 or width % 2 or height % 2:
            raise ValueError(f"a raster's width and height must be even and positive, not {width}x{height}")
        self._whole: Rect = (0, 0, width, height)
        self._canvas = np.zeros((3, height, width), np.uint8)
        self._cb = np.zeros((height // 2, width // 2), np.uint8)
        self._cr = np.zeros_like(self._cb)
        self._backdrop = Backdrop(self._canvas.shape)
        self._stampers: dict[tuple[float, float], Stamper] = {}
        self._last: _Painted | None = None

    def paint(self, display: DisplayList) -> Frame:
        """Bring the canvas to a display list, repainting only what changed since the last one."""
        changed: tuple[Rect, ...] = ()
        if self._last is None or not _same(self._last.display, display):
            each = self._stamped(display)
            stamps = list(chain.from_iterable(each))
            changed, same = self._differing(display, stamps)
            last = None if self._last is None else self._last.painter
            painter = Painter(ycbcr.colour(display.background), stamps, last, same)
            for rect in changed:
                self._backdrop.repaint(self._canvas, painter, rect)
                self._subsample(rect)
            self._last = _Painted(display, each, painter)
        return Frame(self._canvas[0], self._cb, self._cr, changed, self._canvas)

    def _differing(self, display: DisplayList, stamps: Sequence[Stamp]) -> tuple[tuple[Rect, ...], int]:
        """Where the canvas is not yet what it should be, and how many stamps come first as they did before."""
        last = self._last
        if last is None or not _same_ground(last.display, display):
            self._backdrop.follow(0)
            return (self._whole,), 0
        start = common_start(last.painter.stamps, stamps)
        self._backdrop.follow(start)
        return clusters(differences(last.painter.stamps, stamps, start), self._whole), start

    def _stamped(self, display: DisplayList) -> tuple[Stamps, ...]:
        """Every primitive's stamps; those that the last list had too are taken over."""
        stamper = self._stamper(display.size, display.shadow)
        known = self._known(display)
        fresh = [part for part in display.primitives if id(part) not in known]
        known.update(zip(map(id, fresh), stamper.stamps_of_all(fresh), strict=True))
        return tuple([known[id(part)] for part in display.primitives])

    def _known(self, display: DisplayList) -> dict[int, Stamps]:
        """Stamps by the `id` of a primitive: the last list's, and equal ones at the same place in the list.

        The same place counts from the start and from the end.
        """
        last = self._last
        if last is None or not _same_ground(last.display, display):
            return {}
        old, new = last.display.primitives, display.primitives
        known = dict(zip(map(id, old), last.each, strict=True))
        fresh = [place for place, part in enumerate(new) if id(part) not in known]
        for shift in dict.fromkeys((0, len(old) - len(new))):
            for place in fresh:
                part = new[place]
                if 0 <= place + shift < len(old) and id(part) not in known and part == old[place + shift]:
                    known[id(part)] = last.each[place + shift]
        return known

    def _stamper(self, size: tuple[float, float], shadow: float) -> Stamper:
        """The maker of stamps for a design size and a darkness of shadows."""
        _, _, width, height = self._whole
        scale = min(width / size[0], height / size[1])
        if (scale, shadow) not in self._stampers:
            limit = max(STORE_BYTES * width * height // (1920 * 1080), LEAST_STORE_BYTES)
            self._stampers = {(scale, shadow): Stamper(scale, (width, height), shadow, limit)}
        return self._stampers[scale, shadow]

    def _subsample(self, rect: Rect) -> None:
        """Bring the small chroma planes up to date within a rectangle of even pixels."""
        left, top, right, bottom = rect
        half = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
        for plane, target in ((self._canvas[1], self._cb), (self._canvas[2], self._cr)):
            part = plane[top:bottom, left:right]
            size = ((right - left) // 2, (bottom - top) // 2)
            target[half] = cv2.resize(part, size, interpolation=cv2.INTER_AREA)


def still(display: DisplayList, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) sRGB of one display list."""
    return Raster(size).paint(display).rgb()


def _same_ground(one: DisplayList, other: DisplayList) -> bool:
    """Whether both lists are for the same canvas."""
    return (one.background, one.size, one.shadow) == (other.background, other.size, other.shadow)


def _same(one: DisplayList, other: DisplayList) -> bool:
    """Whether both lists hold the very same primitives (or, cheaper still, are the same)."""
    if one is other:
        return True
    if not _same_ground(one, other) or len(one.primitives) != len(other.primitives):
        return False
    return one.primitives is other.primitives or all(map(operator.is_, one.primitives, other.primitives))
