"""The only code that touches pixels: paints display lists onto a canvas, and only what has changed.

The canvas is planar Y'CbCr in full resolution; the chroma planes that a film needs are its 2x2 means.
Two display lists that are equal give the same pixels, whatever was painted before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.export import ycbcr
from mnistviz.export.sprites import Rect, Stamp, blend, intersection
from mnistviz.export.stamps import Stamper, SpriteStore
from mnistviz.picture.display import Colour, DisplayList, Primitive

STORE_BYTES = 96 << 20  # of sprites, for 1920x1080; in proportion for other sizes
DARK_SHADOW, LIGHT_SHADOW = 0.55, 0.28


@dataclass(frozen=True, eq=False)
class Frame:
    """Planes of Y'CbCr BT.709, limited range, 8 bit, 4:2:0; views of the canvas until the next paint."""

    luma: NDArray[np.uint8]  # (H, W)
    cb: NDArray[np.uint8]  # (H / 2, W / 2)
    cr: NDArray[np.uint8]
    changed: tuple[Rect, ...]  # what differs from the previous paint, at even pixels; () when held
    full: NDArray[np.uint8] = field(repr=False)  # (3, H, W), the canvas in 4:4:4

    def i420(self) -> bytes:
        """The three planes one after the other."""
        return self.luma.tobytes() + self.cb.tobytes() + self.cr.tobytes()

    def rgb(self) -> NDArray[np.uint8]:
        """(H, W, 3) sRGB, from the canvas in full colour resolution."""
        return ycbcr.to_rgb(self.full)


@dataclass(frozen=True)
class _Painted:
    """A display list as stamps, and what the next one is compared with."""

    background: Colour
    primitives: tuple[Primitive, ...] = ()
    stamps: tuple[tuple[Stamp, ...], ...] = ()


class Raster:
    """One film size: the canvas, the sprites, and what is on the canvas now."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.width, self.height = size
        self._canvas = np.zeros((3, self.height, self.width), np.uint8)
        self._cb = np.zeros((self.height // 2, self.width // 2), np.uint8)
        self._cr = np.zeros_like(self._cb)
        share = self.width * self.height / (1920 * 1080)
        self._store = SpriteStore(int(STORE_BYTES * max(share, 0.25)))
        self._stampers: dict[float, Stamper] = {}
        self._painted: _Painted | None = None

    def paint(self, display: DisplayList) -> Frame:
        """Bring the canvas to a display list, repainting only what changed since the last one."""
        before = self._painted
        after = self._stamped(display, before)
        whole = (0, 0, self.width, self.height)
        if before is None or before.background != after.background:
            dirty: tuple[Rect, ...] = (whole,)
        else:
            dirty = clusters(_differences(before, after), whole)
        for rect in dirty:
            self._repaint(after, rect)
        self._painted = after
        return Frame(self._canvas[0], self._cb, self._cr, dirty, self._canvas)

    def _stamped(self, display: DisplayList, before: _Painted | None) -> _Painted:
        """Every primitive's stamps; those of the last list's primitives are taken over."""
        scale = min(self.width / display.size[0], self.height / display.size[1])
        stamper = self._stampers.setdefault(scale, Stamper(scale, self._store))
        known = {} if before is None else dict(zip(map(id, before.primitives), before.stamps, strict=True))
        shadow = LIGHT_SHADOW if sum(display.background) > 3 * 128 else DARK_SHADOW
        stamps = tuple(
            known[id(part)] if id(part) in known else stamper.stamps(part, shadow)
            for part in display.primitives
        )
        return _Painted(display.background, display.primitives, stamps)

    def _repaint(self, painted: _Painted, rect: Rect) -> None:
        """Paint everything within a rectangle of even pixels."""
        left, top, right, bottom = rect
        for plane, level in zip(self._canvas, ycbcr.colour(painted.background), strict=True):
            plane[top:bottom, left:right] = level
        for stamps in painted.stamps:
            for stamp in stamps:
                blend(self._canvas, stamp, rect)
        half = (slice(top // 2, bottom // 2), slice(left // 2, right // 2))
        size = ((right - left) // 2, (bottom - top) // 2)
        for plane, target in ((1, self._cb), (2, self._cr)):
            area = self._canvas[plane, top:bottom, left:right]
            target[half] = cv2.resize(area, size, interpolation=cv2.INTER_AREA)


def still(display: DisplayList, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3) sRGB of one display list."""
    return Raster(size).paint(display).rgb()


def _differences(before: _Painted, after: _Painted) -> list[Rect]:
    """Rectangles of the stamps that came, went, or changed their order."""
    old = [stamp for stamps in before.stamps for stamp in stamps]
    new = [stamp for stamps in after.stamps for stamp in stamps]
    places: dict[Stamp, list[int]] = {}
    for place, stamp in enumerate(old):
        places.setdefault(stamp, []).append(place)
    changed, last, matched = [], -1, set()
    for stamp in new:
        place = next((place for place in places.get(stamp, ()) if place > last), None)
        if place is None:
            changed.append(stamp.rect)
        else:
            matched.add(place)
            last = place
    return changed + [stamp.rect for place, stamp in enumerate(old) if place not in matched]


def clusters(rects: list[Rect], canvas: Rect) -> tuple[Rect, ...]:
    """Few rectangles at even pixels, not overlapping, that hold all of `rects` within the canvas."""
    found: list[Rect] = []
    for rect in rects:
        left, top, right, bottom = intersection(rect, canvas)
        if left < right and top < bottom:
            _add(found, (left // 2 * 2, top // 2 * 2, -(-right // 2) * 2, -(-bottom // 2) * 2))
    return tuple(found)


def _add(found: list[Rect], rect: Rect) -> None:
    """Add a rectangle, joined with those that it overlaps or nearly fills a larger one with."""
    joined = True
    while joined:
        joined = False
        for other in found:
            union = (min(rect[0], other[0]), min(rect[1], other[1]), max(rect[2], other[2]), max(rect[3], other[3]))
            left, top, right, bottom = intersection(rect, other)
            if (left < right and top < bottom) or _area(union) <= 1.2 * (_area(rect) + _area(other)) + 4096:
                found.remove(other)
                rect, joined = union, True
                break
    found.append(rect)


def _area(rect: Rect) -> int:
    return (rect[2] - rect[0]) * (rect[3] - rect[1])
