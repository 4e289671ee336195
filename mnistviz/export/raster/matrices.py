"""Cards: their shape in pixels, and the sprites of what lies under their fronts: shadow, glow, sides."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from mnistviz.export.raster import shapes
from mnistviz.export.raster.sprites import Rect, Sprite, clear, intersection, lay_over, moved, tinted
from mnistviz.picture.display import GLOW_REACH, SHADOW_REACH, Colour, Matrix, Point

LINE_FROM_PX = 5.0  # cells at least this large have lines between them
SHADOW_SIGMA, SHADOW_DROP = 0.26, 0.25  # parts of the shadow's reach: its blur, and how far it falls
GLOW_SIGMA, GLOW_STRENGTH = 0.34, 0.72
TOP_LIGHT, SIDE_LIGHT = 0.62, 0.40  # of the edge's colour, on the sides that look up and on the others


@dataclass(frozen=True)
class Geometry:
    """A card's shape in pixels, its top left corner at `phase` within the pixel (0, 0)."""

    phase: tuple[float, float]
    across: tuple[float, float]
    down: tuple[float, float]
    cells: tuple[int, int]  # drawn rows, columns
    block: tuple[int, int]  # rows, columns of cells that make one drawn cell
    edge_px: float
    line_px: float  # 0: no lines
    depth: tuple[float, float]
    shadow_px: float  # reach; 0: none
    glow_px: float
    window: Rect | None = None  # what is painted of a card too large for the canvas, from pixel (0, 0)

    def cut(self, window: Rect) -> Geometry:
        """The same geometry, painted within a window only."""
        return replace(self, window=window)

    @cached_property
    def _hash(self) -> int:
        return hash((self.phase, self.across, self.down, self.cells, self.depth, self.edge_px, self.glow_px))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def corners(self) -> shapes.Points:
        """(4, 2): top left, top right, bottom right, bottom left."""
        start, across, down = np.array(self.phase), np.array(self.across), np.array(self.down)
        return np.array([start, start + across, start + across + down, start + down])

    @cached_property
    def outline(self) -> shapes.Points:
        """The convex hull of the front and of the back that the depth shows."""
        both = np.concatenate([self.corners, self.corners + self.depth]).astype(np.float32)
        return np.asarray(cv2.convexHull(both), np.float64).reshape(-1, 2)

    @cached_property
    def front_frame(self) -> Rect:
        """The pixels of the front, relative to pixel (0, 0)."""
        return self._seen(shapes.frame_around(self.corners, self.edge_px / 2 + 1))

    @cached_property
    def inside(self) -> Rect:
        """Pixels of the front that hide all that is under it, as a rectangle; empty where it has too little room."""
        return self._seen(inside(self.corners, self.edge_px))

    @cached_property
    def frame(self) -> Rect:
        """The pixels of the front and of all that is under it."""
        return self._seen(
            shapes.frame_around(self.outline, max(self.shadow_px, self.glow_px, self.edge_px / 2 + 1))
        )

    def _seen(self, frame: Rect) -> Rect:
        return frame if self.window is None else intersection(frame, self.window)

    @property
    def extent(self) -> tuple[float, float]:
        """Pixels between left and right edge, and between top and bottom edge, square to them."""
        return _extent(self.across, self.down)


def inside(corners: shapes.Points, edge_px: float) -> Rect:
    """Pixels that a front with these corners fills, as a rectangle; empty where it has too little room."""
    away = edge_px / 2 + 2
    xs, ys = (sorted(along) for along in corners.T.tolist())
    left, top, right, bottom = xs[1] + away, ys[1] + away, xs[2] - away, ys[2] - away
    places = [(x, y) for x in (left, right) for y in (top, bottom)]
    if left >= right or top >= bottom or not shapes.holds(corners, places, away - 0.5):
        return 0, 0, 0, 0
    return math.ceil(left), math.ceil(top), math.floor(right), math.floor(bottom)


def _extent(across: Point, down: Point) -> tuple[float, float]:
    area = abs(across[0] * down[1] - across[1] * down[0])
    return area / (math.hypot(*down) or 1.0), area / (math.hypot(*across) or 1.0)


def geometry(matrix: Matrix, scale: float, phase: tuple[float, float]) -> Geometry | None:
    """The geometry of a matrix's layers at `scale` pixels a unit; None where there is nothing to see."""
    across, down, depth = (_eighths(way, scale) for way in (matrix.across, matrix.down, matrix.depth))
    _, rows, columns = matrix.cells.values.shape
    wide, high = _extent(across, down)
    if min(wide, high) < 0.5 or 0 in matrix.cells.values.shape:
        return None
    block = _block(rows, high), _block(columns, wide)
    drawn = -(-rows // block[0]), -(-columns // block[1])
    cell_px = min(wide / drawn[1], high / drawn[0])
    lined = matrix.grid and cell_px >= LINE_FROM_PX
    return Geometry(
        phase=phase,
        across=across,
        down=down,
        cells=drawn,
        block=block,
        edge_px=round(max(matrix.edge_width * scale, 0.0) * 8) / 8,
        line_px=min(max(0.07 * cell_px, 0.6), 1.5 * max(scale, 1.0)) if lined else 0.0,
        depth=depth,
        shadow_px=SHADOW_REACH * scale * matrix.shadow,
        glow_px=GLOW_REACH * scale * (matrix.glow > 0),
    )


def _eighths(way: Point, scale: float) -> Point:
    """Design units -> pixels, to an eighth: what grows slowly has the same shape for a few frames."""
    return round(way[0] * scale * 8) / 8, round(way[1] * scale * 8) / 8


def _block(count: int, length_px: float) -> int:
    """How many cells make one drawn cell, a power of two: drawn cells are at least a pixel."""
    block = 1
    while block < count and length_px * block / count < 1:
        block *= 2
    return block


# -- what lies under the front -----------------------------------------------------------------------------


def ground(shape: Geometry, edge: Colour, glow: float, shadow: float) -> Sprite:
    """Shadow (darkness 0..1), glow (0..1) and the sides that show the card's thickness."""
    left, top, right, bottom = shape.frame
    size, corner = (right - left, bottom - top), (left, top)
    outline = shape.outline - corner
    result: Sprite | None = None
    if shape.shadow_px and shadow:
        fallen = outline + shape.shadow_px * SHADOW_DROP
        result = tinted(shapes.soft(fallen, shape.shadow_px * SHADOW_SIGMA, size), (0, 0, 0), shadow)
    if shape.glow_px and glow:
        halo = shapes.soft(outline, shape.glow_px * GLOW_SIGMA, size, gain=1.8)
        light = tinted(halo, edge, GLOW_STRENGTH * glow)
        if result is None:
            result = light
        else:
            lay_over(result, light)
    result = result or clear(size)
    if any(shape.depth):
        for side, light_part in _sides(shape):
            lay_over(result, *_piece(side - corner, _shade(edge, light_part), size))
    return Sprite(result.paint, result.keep, hidden=moved(shape.inside, -left, -top))


def _piece(points: shapes.Points, colour: Colour, size: shapes.Size) -> tuple[Sprite, int, int]:
    """A convex polygon, and where it lies within a sprite of `size`."""
    left, top, right, bottom = shapes.frame_around(points, 1)
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1])
    cover = shapes.convex(points - (left, top), (right - left, bottom - top))
    return tinted(cover, colour), left, top


def _shade(colour: Colour, light: float) -> Colour:
    red, green, blue = (round(part * light) for part in colour)
    return red, green, blue


def _sides(shape: Geometry) -> list[tuple[shapes.Points, float]]:
    """The side faces that the depth shows, and their light: those that look up catch more of it.

    They begin a pixel under the front, so that nothing shines through where the two meet.
    """
    front, (dx, dy) = shape.corners.tolist(), shape.depth
    size = math.hypot(dx, dy) or 1.0
    centre_x, centre_y = (sum(along) / 4 for along in zip(*front, strict=True))
    sides = []
    for (x0, y0), (x1, y1) in zip(front, front[1:] + front[:1], strict=True):
        across, down = y1 - y0, x0 - x1
        if across * ((x0 + x1) / 2 - centre_x) + down * ((y0 + y1) / 2 - centre_y) < 0:
            across, down = -across, -down
        if across * dx + down * dy > 0:
            under, over = (-dx / size, -dy / size), (dx, dy)
            places = ((x0, y0, under), (x1, y1, under), (x1, y1, over), (x0, y0, over))
            quad = np.array([(x + off[0], y + off[1]) for x, y, off in places])
            sides.append((quad, TOP_LIGHT if -down > abs(across) else SIDE_LIGHT))
    return sorted(sides, key=lambda side: side[1])
