"""From a primitive to stamps: which sprites it is made of and where they go, in pixels.

Cards go to quarters of a pixel, so that a slow move does not judder; letters stand on whole pixel rows
and quarter columns, so that text at rest is crisp.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnistviz.export import cards
from mnistviz.export.sprites import (
    Sprite,
    Stamp,
    faded,
    over,
    polygon_coverage,
    round_box_coverage,
    stacked,
    stroke_coverage,
    tinted,
)
from mnistviz.picture import lettering
from mnistviz.picture.display import (
    GLOW_REACH,
    SHADOW_REACH,
    Colour,
    Formula,
    Line,
    Matrix,
    Panel,
    Point,
    Polygon,
    Primitive,
    Text,
)

PHASES = 4  # places within a pixel


class SpriteStore:
    """Sprites by key, the least recently used dropped when they take too much memory."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self._sprites: OrderedDict[Hashable, Sprite | None] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Sprite | None]) -> Sprite | None:
        """The sprite of that key, made if it is not there."""
        if key in self._sprites:
            self._sprites.move_to_end(key)
            return self._sprites[key]
        sprite = self._sprites[key] = make()
        self.used_bytes += sprite.nbytes if sprite else 0
        while self.used_bytes > self.limit_bytes and len(self._sprites) > 1:
            _, dropped = self._sprites.popitem(last=False)
            self.used_bytes -= dropped.nbytes if dropped else 0
        return sprite


class Stamper:
    """Makes stamps of primitives at one scale (pixels a design unit) and on one kind of background."""

    def __init__(self, scale: float, store: SpriteStore) -> None:
        self.scale = scale
        self.store = store

    def stamps(self, primitive: Primitive, shadow: float) -> tuple[Stamp, ...]:
        """The stamps of a primitive in painter's order; `shadow` is the darkness of shadows, 0..1."""
        if primitive.opacity <= 0:
            return ()
        match primitive:
            case Matrix():
                return self._matrix(primitive, shadow)
            case Text():
                return self._text(primitive)
            case Formula():
                return self._formula(primitive)
            case Line():
                return self._line(primitive)
            case Polygon():
                return self._polygon(primitive)
            case Panel():
                return self._panel(primitive)

    # -- words ---------------------------------------------------------------------------------------------

    def _text(self, text: Text) -> tuple[Stamp, ...]:
        if not text.text.strip():
            return ()
        left, _, _, bottom = lettering.box(text)
        size_px = round(text.size * self.scale * 8) / 8
        x, phase = _split(left * self.scale)
        y = round((bottom - lettering.DESCENT * text.size) * self.scale)
        key = (text.text, size_px, text.face, text.colour, text.opacity, phase)
        pad, rise = math.ceil(size_px * 0.3) + 1, math.ceil(size_px * 1.1) + 1
        sprite = self.store.get(key, lambda: _lettered(text, size_px, phase, pad, rise))
        return () if sprite is None else (Stamp(sprite, x - pad, y - rise),)

    def _formula(self, formula: Formula) -> tuple[Stamp, ...]:
        size_px = round(formula.size * self.scale * 8) / 8
        left, _, _, bottom = lettering.formula_box(formula)
        key = ("formula", formula.tex, size_px, formula.colour, formula.opacity)
        sprite = self.store.get(
            key, lambda: tinted(_mathtext(formula.tex, size_px), formula.colour, formula.opacity)
        )
        if sprite is None:
            return ()
        return (Stamp(sprite, round(left * self.scale), round(bottom * self.scale) - sprite.keep.shape[0]),)

    # -- shapes --------------------------------------------------------------------------------------------

    def _line(self, line: Line) -> tuple[Stamp, ...]:
        if len(line.points) < 2:
            return ()
        reach = line.width / 2 + (cards_glow(line.glow)) + line.head
        points, corner, size = self._placed(line.points, reach)
        width = line.width * self.scale
        key = ("line", points.tobytes(), size, width, line.head, line.colour, line.opacity, line.glow)

        def make() -> Sprite:
            cover = _arrow(points, width, line.head * self.scale, size)
            return _glowing(cover, line.colour, line.glow, GLOW_REACH * self.scale, line.opacity)

        return self._stamped(key, make, corner)

    def _polygon(self, polygon: Polygon) -> tuple[Stamp, ...]:
        if len(polygon.points) < 3:
            return ()
        reach = polygon.edge_width / 2 + cards_glow(polygon.glow)
        points, corner, size = self._placed(polygon.points, reach)
        width = polygon.edge_width * self.scale
        key = ("polygon", points.tobytes(), size, width, polygon.fill, polygon.edge, polygon.opacity, polygon.glow)

        def make() -> Sprite:
            fill = polygon_coverage(points, size)
            body = _glowing(fill, polygon.fill, polygon.glow, GLOW_REACH * self.scale, 1.0)
            if width > 0:
                outline = stroke_coverage(points, width, size, closed=True)
                body = stacked(body, tinted(outline, polygon.edge))
            return faded(body, polygon.opacity)

        return self._stamped(key, make, corner)

    def _panel(self, panel: Panel) -> tuple[Stamp, ...]:
        left, top, right, bottom = (round(part * self.scale * 8) / 8 for part in panel.box)
        if right <= left or bottom <= top:
            return ()
        x, y = math.floor(left) - 1, math.floor(top) - 1
        size = (math.ceil(right) + 1 - x, math.ceil(bottom) + 1 - y)
        box = (left - x, top - y, right - x, bottom - y)
        radius, width = panel.radius * self.scale, panel.edge_width * self.scale
        key = ("panel", box, radius, width, panel.fill, panel.edge, panel.opacity)

        def make() -> Sprite:
            outer = round_box_coverage(box, radius, size)
            if width <= 0:
                return tinted(outer, panel.fill, panel.opacity)
            inner_box = (box[0] + width, box[1] + width, box[2] - width, box[3] - width)
            inner = round_box_coverage(inner_box, max(radius - width, 0.0), size)
            return faded(stacked(tinted(outer, panel.edge), tinted(inner, panel.fill)), panel.opacity)

        return self._stamped(key, make, (x, y))

    def _placed(
        self, points: tuple[Point, ...], reach: float
    ) -> tuple[NDArray[np.float64], tuple[int, int], tuple[int, int]]:
        """Points in pixels from a sprite's corner, that corner, and the sprite's width and height."""
        pixels = np.rint(np.array(points, np.float64) * (self.scale * 16)) / 16
        room = reach * self.scale + 1
        low = np.floor(pixels.min(axis=0) - room).astype(int)
        high = np.ceil(pixels.max(axis=0) + room).astype(int)
        return pixels - low, (int(low[0]), int(low[1])), (int(high[0] - low[0]), int(high[1] - low[1]))

    def _stamped(
        self, key: Hashable, make: Callable[[], Sprite], corner: tuple[int, int]
    ) -> tuple[Stamp, ...]:
        sprite = self.store.get(key, make)
        return () if sprite is None else (Stamp(sprite, *corner),)

    # -- cards ---------------------------------------------------------------------------------------------

    def _matrix(self, matrix: Matrix, shadow: float) -> tuple[Stamp, ...]:
        if 0 in matrix.cells.values.shape or not matrix.origins or not self._has_area(matrix):
            return ()
        found: list[Stamp] = []
        for layer, origin in zip(matrix.layers, matrix.origins, strict=False):
            found += self._layer(matrix, layer, origin, shadow)
        if matrix.opacity >= 1:
            return tuple(found)
        if len(found) == 0:
            return ()
        return self._together(found, matrix.opacity)

    def _has_area(self, matrix: Matrix) -> bool:
        (ax, ay), (dx, dy) = matrix.across, matrix.down
        thin = min(math.hypot(ax, ay), math.hypot(dx, dy)) * self.scale
        return thin > 0.5 and abs(ax * dy - ay * dx) * self.scale**2 / max(
            math.hypot(ax, ay) * self.scale, math.hypot(dx, dy) * self.scale
        ) > 0.5

    def _layer(self, matrix: Matrix, layer: int, origin: Point, shadow: float) -> list[Stamp]:
        x, phase_x = _split(origin[0] * self.scale)
        y, phase_y = _split(origin[1] * self.scale)
        geometry, block = self._geometry(matrix, (phase_x, phase_y))
        left, top, _, _ = geometry.frame
        place = (x + left, y + top)
        glow = round(min(max(matrix.glow, 0.0), 1.0) * 32) / 32
        ground_key = ("ground", geometry, matrix.edge, glow, shadow)
        under = self.store.get(ground_key, lambda: cards.ground(geometry, matrix.edge, glow, shadow))
        codes = cards.cell_codes(matrix, layer, block)
        face_key = (
            "face",
            geometry,
            matrix.edge,
            matrix.empty,
            matrix.colours.table,
            codes.tobytes(),
        )
        front = self.store.get(
            face_key, lambda: cards.face(geometry, codes, cards.palette(matrix), matrix.edge)
        )
        return [Stamp(sprite, *place) for sprite in (under, front) if sprite is not None]

    def _geometry(
        self, matrix: Matrix, phase: tuple[float, float]
    ) -> tuple[cards.Geometry, tuple[int, int]]:
        """The geometry of a layer, and how many cells (rows, columns) make one drawn cell."""
        s = self.scale
        (ax, ay), (dx, dy) = matrix.across, matrix.down
        _, rows, columns = matrix.cells.values.shape
        area = abs(ax * dy - ay * dx) * s
        wide, high = area / math.hypot(dx, dy), area / math.hypot(ax, ay)
        block = _block(rows, high), _block(columns, wide)
        drawn = -(-rows // block[0]), -(-columns // block[1])
        cell_px = min(wide / drawn[1], high / drawn[0])
        lines = matrix.grid and cell_px >= cards.LINE_FROM_PX
        geometry = cards.Geometry(
            phase=phase,
            across=(ax * s, ay * s),
            down=(dx * s, dy * s),
            cells=drawn,
            edge_px=max(matrix.edge_width * s, 0.5),
            line_px=min(max(0.07 * cell_px, 0.6), 1.5 * max(s, 1.0)) if lines else 0.0,
            depth=(matrix.depth[0] * s, matrix.depth[1] * s),
            shadow_px=SHADOW_REACH * s * matrix.shadow,
            glow_px=GLOW_REACH * s * (matrix.glow > 0),
        )
        return geometry, block

    def _together(self, found: list[Stamp], opacity: float) -> tuple[Stamp, ...]:
        """Stamps as one sprite under an opacity: layers do not shine through each other."""
        key = ("together", tuple((id(stamp.sprite), stamp.x - found[0].x, stamp.y - found[0].y) for stamp in found))
        left, top = min(stamp.rect[0] for stamp in found), min(stamp.rect[1] for stamp in found)
        right, bottom = max(stamp.rect[2] for stamp in found), max(stamp.rect[3] for stamp in found)
        del key
        paint = np.full((3, bottom - top, right - left), 128, np.uint16)
        keep = np.full((bottom - top, right - left), 256, np.uint16)
        for stamp in found:
            x0, y0, x1, y1 = stamp.rect
            part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
            over(paint[:, part[0], part[1]], keep[part], stamp.sprite)
        return (Stamp(faded(Sprite(paint, keep), opacity), left, top),)


def cards_glow(glow: float) -> float:
    """How far a glow reaches, in design units."""
    return GLOW_REACH if glow > 0 else 0.0


def _block(count: int, length_px: float) -> int:
    """How many cells make one drawn cell, a power of two: drawn cells are at least a pixel."""
    block = 1
    while block < count and length_px * block / count < 1:
        block *= 2
    return block


def _split(place_px: float) -> tuple[int, float]:
    """A whole pixel and a phase in quarters of one."""
    steps = round(place_px * PHASES)
    return steps // PHASES, (steps % PHASES) / PHASES


def _lettered(text: Text, size_px: float, phase: float, pad: int, rise: int) -> Sprite:
    """A line of text, each letter at its unhinted place: the same layout at every film size."""
    font = lettering.font(text.face, size_px)
    ends = _advances(text.text, text.face)
    image = Image.new("L", (math.ceil(ends[-1] * size_px) + 2 * pad, rise + pad))
    draw = ImageDraw.Draw(image)
    for letter, start in zip(text.text, ends[:-1], strict=True):
        if not letter.isspace():
            draw.text((pad + round((phase + start * size_px) * 4) / 4, rise), letter, 255, font, "ls")
    return tinted(np.asarray(image), text.colour, text.opacity)


@lru_cache(maxsize=4096)
def _advances(text: str, face: lettering.Face) -> tuple[float, ...]:
    """Where each letter starts, and where the last one ends, as parts of the size."""
    return tuple(lettering.width(text[:end], 1.0, face) for end in range(len(text) + 1))


def _mathtext(tex: str, size_px: float) -> NDArray[np.uint8]:
    """Coverage of a formula."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser

    parsed = MathTextParser("agg").parse(tex, dpi=72, prop=FontProperties(size=size_px))
    return np.array(parsed.image, np.uint8)


def _arrow(
    points: NDArray[np.float64], width: float, head: float, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """A stroke, with a triangle of length `head` at its end."""
    if head <= 0:
        return stroke_coverage(points, width, size)
    tip = points[-1]
    way = tip - points[-2]
    way = way / (float(np.hypot(*way)) or 1.0)
    side = np.array([-way[1], way[0]])
    base = tip - way * head
    shaft = np.concatenate([points[:-1], [tip - way * head * 0.7]])
    triangle = np.array([tip, base + side * head * 0.42, base - side * head * 0.42])
    return np.maximum(stroke_coverage(shaft, width, size), polygon_coverage(triangle, size))


def _glowing(
    cover: NDArray[np.uint8], colour: Colour, glow: float, reach_px: float, opacity: float
) -> Sprite:
    """A shape with a glow of its own colour behind it."""
    body = tinted(cover, colour)
    if glow > 0:
        body = stacked(tinted(cards.glow_of(cover, reach_px), colour, 0.75 * glow), body)
    return faded(body, opacity)
