"""Sprites of matrix cards: cells seen through a map made once per geometry, edge, sides, shadow, glow.

A card's face is a small texture (a texel a cell, a ring for the edge, lines between the cells) seen
through a map whose steps are sharp but for one anti-aliased pixel: in the middle of a cell the colour is
exactly its own, and new values cost one `remap`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster import shapes, ycbcr
from mnistviz.export.raster.codes import CROSS, NOT_A_NUMBER, Codes, palette
from mnistviz.export.raster.sprites import Rect, Sprite, clear, intersection, lay_over, stacked, tinted
from mnistviz.picture.display import GLOW_REACH, SHADOW_REACH, Colour, ColourMap, Matrix, Point

LINE_FROM_PX = 5.0  # cells at least this large have lines between them
LINE_DARK = 0.42  # of a line: how much of the cell's light is taken
CROSS_FROM_PX = 6.0  # cells at least this large have a cross where they are no number
FINE = 16  # steps of a pixel in the map's tables
TABLE_BITS = 8  # of the fraction while a place in the tables is computed
WHOLE, PART = 0, 1  # of a texel, in a table
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
        return self._seen(_frame(self.corners, self.edge_px / 2 + 1))

    @cached_property
    def frame(self) -> Rect:
        """The pixels of the front and of all that is under it."""
        return self._seen(_frame(self.outline, max(self.shadow_px, self.glow_px, self.edge_px / 2 + 1)))

    def _seen(self, frame: Rect) -> Rect:
        return frame if self.window is None else intersection(frame, self.window)

    @property
    def extent(self) -> tuple[float, float]:
        """Pixels between left and right edge, and between top and bottom edge, square to them."""
        return _extent(self.across, self.down)


def _frame(points: shapes.Points, reach: float) -> Rect:
    low, high = np.floor(points.min(axis=0) - reach), np.ceil(points.max(axis=0) + reach)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


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


# -- the front ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class FaceMap:
    """OpenCV's fixed-point map from a front's pixels to the texels of its texture."""

    whole: NDArray[np.int16]  # (height, width, 2)
    fraction: NDArray[np.uint16]  # (height, width)

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory."""
        return self.whole.nbytes + self.fraction.nbytes


@dataclass(frozen=True, eq=False)
class Front:
    """The front of a card as a sprite, and the cells that it shows."""

    sprite: Sprite
    codes: Codes

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory."""
        return self.sprite.nbytes


def face(
    shape: Geometry,
    where: FaceMap,
    codes: Codes,
    colours: tuple[ColourMap, Colour, Colour],
    last: Front | None,
) -> Front:
    """The front of a card: cells, lines, edge, and crosses over what is no number.

    `colours` are the table's name, the colour of cells not yet there and the edge's.  Where `last`, a
    front of the same shape and colours, shows nearly the same cells, only the others are painted anew.
    """
    if last is not None and last.codes.digest == codes.digest:
        return last
    table, empty, edge = colours
    crossed = min(shape.extent[1] / shape.cells[0], shape.extent[0] / shape.cells[1]) >= CROSS_FROM_PX
    texture = _texture(codes.values, palette(table, empty, crossed), edge, shape)
    if crossed and (codes.values == NOT_A_NUMBER).any():
        bad = np.argwhere(codes.values == NOT_A_NUMBER)
        whole = stacked(Sprite(*_seen(texture, where)), tinted(_crosses(shape, bad), CROSS))
        return Front(whole, codes)
    part = _unlike(shape, last.codes, codes) if last is not None else None
    if last is None or part is None:
        return Front(Sprite(*_seen(texture, where)), codes)
    left, top, right, bottom = part
    paint = last.sprite.paint.copy()
    paint[:, top:bottom, left:right], _ = _seen(texture, where, (slice(top, bottom), slice(left, right)))
    return Front(Sprite(paint, last.sprite.keep, like=last.sprite.number, unlike=part), codes)


def _seen(
    texture: NDArray[np.uint8], where: FaceMap, part: tuple[slice, slice] = (slice(None), slice(None))
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Paint and keep of a texture seen through a part of the map."""
    whole, fraction = where.whole[part], where.fraction[part]
    border = (0, 0, 0, 0)
    seen = cv2.remap(texture, whole, fraction, cv2.INTER_LINEAR, None, cv2.BORDER_CONSTANT, border)
    planes = np.empty((4, *fraction.shape), np.uint8)
    cv2.split(seen, list(planes))  # into the planes' own memory
    cover = planes[3].astype(np.uint16)
    cover += cover >> np.uint16(7)
    return planes[:3], np.uint16(256) - cover


def _unlike(shape: Geometry, old: Codes, new: Codes) -> Rect | None:
    """The pixels, from the front's corner, where the cells differ; None where that is most of them."""
    changed = np.argwhere(old.values != new.values)
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0) + 1
    if (bottom - top) * (right - left) * 2 > old.values.size or (old.values == NOT_A_NUMBER).any():
        return None
    across, down = np.array(shape.across) / shape.cells[1], np.array(shape.down) / shape.cells[0]
    ends = [across * u + down * v for u in (left, right) for v in (top, bottom)]
    corner = shape.front_frame[:2]
    found = _frame(np.array(ends) + shape.corners[0] - corner, shape.line_px + 2)
    width, height = shape.front_frame[2] - corner[0], shape.front_frame[3] - corner[1]
    return intersection(found, (0, 0, width, height))


def _texture(
    codes: NDArray[np.uint16], colours: NDArray[np.uint8], edge: Colour, shape: Geometry
) -> NDArray[np.uint8]:
    """(rows, columns, 4) Y'CbCr and alpha, with the lines and the ring of the edge put in."""
    whole = colours.view(np.uint32).ravel()  # a colour is one number of 32 bits
    cells = whole[codes].view(np.uint8).reshape(*codes.shape, 4)
    if shape.line_px:
        cells = _lined(_lined(cells).transpose(1, 0, 2)).transpose(1, 0, 2)
    rows, columns, _ = cells.shape
    texture = np.empty((rows + 2, columns + 2, 4), np.uint8)
    texture[:] = (*ycbcr.colour(edge), 255)
    texture[1:-1, 1:-1] = cells
    return texture


def _lined(cells: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Between each two neighbours along the first axis, their mean made darker."""
    keep = round((1 - LINE_DARK) * 128)  # each neighbour's part, in 256ths
    black = np.array([ycbcr.BLACK, ycbcr.MIDDLE, ycbcr.MIDDLE, 255], np.uint16) * np.uint16(256 - 2 * keep)
    result = np.empty((2 * cells.shape[0] - 1, *cells.shape[1:]), np.uint8)
    result[::2] = cells
    between = cells[1:] * np.uint16(keep)
    between += cells[:-1] * np.uint16(keep)
    between += black + np.uint16(128)
    result[1::2] = between >> 8
    return result


def face_map(shape: Geometry) -> FaceMap:
    """Where each pixel of the front's frame looks in the texture."""
    left, top, right, bottom = shape.front_frame
    (ax, ay), (dx, dy), (wide, high) = shape.across, shape.down, shape.extent
    area = ax * dy - ay * dx
    xs = np.asarray(np.arange(left, right) + 0.5 - shape.phase[0], np.float64)
    ys = np.asarray(np.arange(top, bottom) + 0.5 - shape.phase[1], np.float64)
    columns, rows = (
        _steps(count, length, shape.edge_px, shape.line_px)
        for count, length in zip(shape.cells[::-1], (wide, high), strict=True)
    )
    u = _looked_up(columns, xs * (dy / area * wide), ys * (-dx / area * wide), shape)
    v = _looked_up(rows, xs * (-ay / area * high), ys * (ax / area * high), shape)
    whole = np.empty((ys.size, xs.size, 2), np.int16)
    whole[..., 0] = u[..., WHOLE]
    whole[..., 1] = v[..., WHOLE]
    return FaceMap(whole, (v[..., PART] << 5 | u[..., PART]).view(np.uint16))


@lru_cache(maxsize=64)
def _steps(count: int, length_px: float, edge_px: float, line_px: float) -> NDArray[np.int32]:
    """The texel and its 32nds, as two numbers of 16 bits, at each 1/FINE px from `-margin` to `length + margin`.

    A ramp a pixel wide at each border.
    """
    half, line = edge_px / 2, line_px / 2
    inner = np.arange(1, count) * (length_px / count)
    lines = [inner - line, inner + line] if line else [inner]
    borders = np.concatenate([np.array([-half, half, length_px - half, length_px + half]), *lines])
    places = np.concatenate([borders - 0.5, borders + 0.5])
    slopes = np.repeat([1.0, -1.0], borders.size)
    order = np.argsort(places, kind="stable")
    places, slopes = places[order], np.cumsum(slopes[order])
    heights = np.concatenate([[0.0], np.cumsum(slopes[:-1] * np.diff(places))])
    margin = _margin(edge_px)
    at = np.arange(int((length_px + 2 * margin) * FINE) + 2) / FINE - margin
    texels = np.rint((np.interp(at, places, heights) - 1.0) * 32).astype(np.int32)
    both = np.empty((len(texels), 2), np.int16)
    both[:, WHOLE], both[:, PART] = texels >> 5, texels & 31
    return both.view(np.int32).ravel()


def _margin(edge_px: float) -> float:
    return edge_px / 2 + 1.0


def _looked_up(
    table: NDArray[np.int32], along_x: NDArray[np.float64], along_y: NDArray[np.float64], shape: Geometry
) -> NDArray[np.int16]:
    """(rows, columns, 2) of the table at the sum of a part that depends on x and one that depends on y, in pixels.

    One row of them where nothing depends on y.
    """
    scale = FINE << TABLE_BITS
    across = np.rint((along_x + _margin(shape.edge_px)) * scale).astype(np.intp)
    down = np.rint(along_y * scale).astype(np.intp) + (1 << (TABLE_BITS - 1))
    index = across[None, :] + (down[:, None] if along_y.any() else down[0])
    index >>= TABLE_BITS
    return np.take(table, index, mode="clip").view(np.int16).reshape(*index.shape, 2)


def _crosses(shape: Geometry, where: NDArray[np.intp]) -> shapes.Coverage:
    """A cross in each of the drawn cells (row, column)."""
    across = np.array(shape.across) / shape.cells[1]
    down = np.array(shape.down) / shape.cells[0]
    start = shape.corners[0] - shape.front_frame[:2]
    lines = []
    for row, column in where:
        for ends in (((0.22, 0.22), (0.78, 0.78)), ((0.78, 0.22), (0.22, 0.78))):
            lines.append(np.array([start + across * (column + u) + down * (row + v) for u, v in ends]))
    left, top, right, bottom = shape.front_frame
    thick = 0.1 * min(math.hypot(*across), math.hypot(*down))
    return shapes.strokes(lines, max(1.0, thick), (right - left, bottom - top))


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
    return result


def _piece(points: shapes.Points, colour: Colour, size: shapes.Size) -> tuple[Sprite, int, int]:
    """A convex polygon, and where it lies within a sprite of `size`."""
    left, top, right, bottom = _frame(points, 1)
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
