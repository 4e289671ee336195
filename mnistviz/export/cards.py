"""Sprites of matrix cards: cells gathered through a map made once per geometry, edge, sides, shadow, glow.

A card's face is a small texture (a texel a cell, a ring for the edge, lines between the cells) seen
through a map whose steps are sharp but for one anti-aliased pixel: in the middle of a cell the colour is
exactly its own, and new values cost one `remap`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.export import ycbcr
from mnistviz.export.sprites import Sprite, polygon_coverage, stacked, stroke_coverage, tinted
from mnistviz.picture.display import Colour, ColourScale, Matrix
from mnistviz.picture.theme import table_index

LINE_FROM_PX = 5.0  # cells at least this large have lines between them
LINE_DARK = 0.42  # of a line: how much of the cell's light is taken
FINE = 16  # steps of a pixel in the map's tables
NOT_YET, NOT_A_NUMBER = 256, 257  # colour codes beyond the table's 256
BAD_INK: Colour = (255, 0, 200)
BAD_GROUND: Colour = (40, 40, 40)


@dataclass(frozen=True)
class Geometry:
    """A card's shape in pixels, its top left corner at `phase` within the pixel (0, 0)."""

    phase: tuple[float, float]
    across: tuple[float, float]
    down: tuple[float, float]
    cells: tuple[int, int]  # drawn rows, columns
    edge_px: float
    line_px: float  # 0: no lines
    depth: tuple[float, float]
    shadow_px: float  # reach; 0: none
    glow_px: float

    @cached_property
    def corners(self) -> NDArray[np.float64]:
        """(4, 2): top left, top right, bottom right, bottom left."""
        start, across, down = np.array(self.phase), np.array(self.across), np.array(self.down)
        return np.array([start, start + across, start + across + down, start + down])

    @cached_property
    def frame(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the pixels painted, relative to pixel (0, 0)."""
        reach = max(self.shadow_px, self.glow_px, self.edge_px) + 1
        both = np.concatenate([self.corners, self.corners + self.depth])
        low, high = np.floor(both.min(axis=0) - reach), np.ceil(both.max(axis=0) + reach)
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the sprite."""
        left, top, right, bottom = self.frame
        return right - left, bottom - top


def cell_codes(matrix: Matrix, layer: int, block: tuple[int, int]) -> NDArray[np.uint16]:
    """Colour codes of a layer as drawn: 0..255 of the table, `NOT_YET` or `NOT_A_NUMBER`.

    Cells smaller than a pixel are drawn as the mean of a `block` (rows, columns) of them.
    """
    values = matrix.cells.values[layer]
    shown = None if matrix.mask is None else matrix.mask.shown[layer]
    if block == (1, 1):
        codes = table_index(values, matrix.colours).astype(np.uint16)
        codes[~np.isfinite(values)] = NOT_A_NUMBER
        if shown is not None:
            codes[~shown] = NOT_YET
        return codes
    return _block_codes(values, shown, matrix.colours, block)


def _block_codes(
    values: NDArray[np.float64],
    shown: NDArray[np.bool_] | None,
    colours: ColourScale,
    block: tuple[int, int],
) -> NDArray[np.uint16]:
    """Codes of the means of blocks: a block with a cell that is no number is marked as such."""
    strips = []
    for start in range(0, values.shape[0], block[0]):
        strip = values[start : start + block[0]]
        seen = np.ones(strip.shape, np.bool_) if shown is None else shown[start : start + block[0]]
        finite = np.isfinite(strip)
        starts = np.arange(0, values.shape[1], block[1])
        total = np.add.reduceat(np.where(seen & finite, strip, 0.0).sum(axis=0), starts)
        count = np.add.reduceat((seen & finite).sum(axis=0), starts)
        bad = np.add.reduceat((seen & ~finite).sum(axis=0), starts)
        hidden = np.add.reduceat((~seen).sum(axis=0), starts)
        codes = table_index(total / np.maximum(count, 1), colours).astype(np.uint16)
        codes[hidden > count + bad] = NOT_YET
        codes[bad > 0] = NOT_A_NUMBER
        strips.append(codes)
    return np.stack(strips)


def palette(matrix: Matrix) -> NDArray[np.uint8]:
    """(258, 3) Y'CbCr: the table, the colour of cells not yet there, the ground of no-numbers."""
    extra = np.array([ycbcr.colour(matrix.empty), ycbcr.colour(BAD_GROUND)], np.uint8)
    return np.concatenate([ycbcr.table(matrix.colours.table), extra])


def face(geometry: Geometry, codes: NDArray[np.uint16], colours: NDArray[np.uint8], edge: Colour) -> Sprite:
    """The front of a card: cells, lines and edge."""
    texture = _texture(codes, colours, edge, geometry)
    whole, fraction = _face_map(geometry)
    seen = cv2.remap(texture, whole, fraction, cv2.INTER_LINEAR, None, cv2.BORDER_CONSTANT, (0, 0, 0, 0))
    planes = np.ascontiguousarray(np.moveaxis(np.asarray(seen, np.uint16), 2, 0))
    alpha = planes[3] + (planes[3] >> 7)
    sprite = Sprite((planes[:3] << 8) + np.uint16(128), np.uint16(256) - alpha)
    marks = _bad_marks(geometry, codes)
    return sprite if marks is None else stacked(sprite, marks)


def _texture(
    codes: NDArray[np.uint16], colours: NDArray[np.uint8], edge: Colour, geometry: Geometry
) -> NDArray[np.uint8]:
    """(rows, columns, 4) Y'CbCr and alpha with the ring of the edge and the lines put in."""
    cells = colours[codes]  # (rows, columns, 3)
    if geometry.line_px:
        cells = _with_lines(_with_lines(cells, 0), 1)
    texture = np.empty((cells.shape[0] + 2, cells.shape[1] + 2, 4), np.uint8)
    texture[..., :3] = ycbcr.colour(edge)
    texture[..., 3] = 255
    texture[1:-1, 1:-1, :3] = cells
    return texture


def _with_lines(cells: NDArray[np.uint8], axis: int) -> NDArray[np.uint8]:
    """Between each two neighbours, their mean made darker."""
    if cells.shape[axis] < 2:
        return cells
    wide = np.moveaxis(cells, axis, 0)
    mean = (wide[1:].astype(np.float32) + wide[:-1]) / 2
    black = np.array([ycbcr.BLACK, ycbcr.MIDDLE, ycbcr.MIDDLE], np.float32)
    result = np.empty((2 * wide.shape[0] - 1, *wide.shape[1:]), np.uint8)
    result[::2] = wide
    result[1::2] = np.rint(black + (mean - black) * (1 - LINE_DARK))
    return np.moveaxis(result, 0, axis)


def _face_map(geometry: Geometry) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    """OpenCV's fixed-point map from sprite pixels to texels."""
    left, top, _, _ = geometry.frame
    width, height = geometry.size
    (ax, ay), (dx, dy) = geometry.across, geometry.down
    area = ax * dy - ay * dx
    xs = np.arange(width) + 0.5 + left - geometry.phase[0]
    ys = np.arange(height) + 0.5 + top - geometry.phase[1]
    rows, columns = geometry.cells
    wide, high = abs(area) / np.hypot(dx, dy), abs(area) / np.hypot(ax, ay)  # px between opposite edges
    columns_table = _steps(columns, wide, geometry)
    rows_table = _steps(rows, high, geometry)
    u = _looked_up(columns_table, xs * dy / area * wide, -ys * dx / area * wide, geometry)
    v = _looked_up(rows_table, -xs * ay / area * high, ys * ax / area * high, geometry)
    whole = np.stack([u >> 5, v >> 5], axis=-1).astype(np.int16)
    return whole, ((v & 31) * 32 + (u & 31)).astype(np.uint16)


def _margin(geometry: Geometry) -> float:
    return geometry.edge_px + 2.0


def _steps(count: int, length_px: float, geometry: Geometry) -> NDArray[np.int32]:
    """Texel coordinate (x32) at each 1/FINE px from `-margin` to `length + margin`: a step at each border."""
    places = np.arange(count + 1) * (length_px / count)
    half = geometry.edge_px / 2
    borders = [-half - 0.0, half, length_px - half, length_px + half]
    inner = places[1:-1]
    if geometry.line_px and count > 1:
        borders += [*(inner - geometry.line_px / 2), *(inner + geometry.line_px / 2)]
    else:
        borders += [*inner]
    knots = np.sort(np.array(borders))
    margin = _margin(geometry)
    at = np.arange(int((length_px + 2 * margin) * FINE) + 2) / FINE - margin
    step = np.clip(at[:, None] - knots[None, :] + 0.5, 0.0, 1.0) if knots.size * at.size < 4_000_000 else None
    total = step.sum(axis=1) if step is not None else _many_steps(at, knots)
    return np.rint((total - 1.0) * 32).astype(np.int32)


def _many_steps(at: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same sum of ramps for thousands of borders, each at least about a pixel from the next."""
    ramp = np.concatenate([[knots[0] - 0.5], (knots[1:] + knots[:-1]) / 2, [knots[-1] + 0.5]])
    return np.interp(at, ramp, np.arange(knots.size + 1))


def _looked_up(
    table: NDArray[np.int32], along_x: NDArray[np.float64], along_y: NDArray[np.float64], geometry: Geometry
) -> NDArray[np.int32]:
    """The table at the sum of a part that depends on x and one that depends on y, both in pixels."""
    bits = 12
    scale = FINE << bits
    across = np.rint((along_x + _margin(geometry)) * scale).astype(np.int64)
    down = np.rint(along_y * scale).astype(np.int64) + (1 << (bits - 1))
    index = (across[None, :] + down[:, None]) >> bits
    return table[np.clip(index, 0, table.size - 1)]


def _bad_marks(geometry: Geometry, codes: NDArray[np.uint16]) -> Sprite | None:
    """A cross in each cell that is no number."""
    where = np.argwhere(codes == NOT_A_NUMBER)[:4096]
    if not where.size:
        return None
    cover = np.zeros(geometry.size[::-1], np.uint8)
    across, down = (np.array(v) / n for v, n in zip((geometry.across, geometry.down), geometry.cells[::-1],
                                                    strict=True))
    width = max(1.0, 0.1 * float(min(np.hypot(*across), np.hypot(*down))))
    for row, column in where:
        corner = geometry.corners[0] - geometry.frame[:2] + across * column + down * row
        for start, end in (((0.2, 0.2), (0.8, 0.8)), ((0.8, 0.2), (0.2, 0.8))):
            ends = np.array([corner + across * u + down * v for u, v in (start, end)])
            np.maximum(cover, stroke_coverage(ends, width, geometry.size), out=cover)
    return tinted(cover, BAD_INK)


def ground(geometry: Geometry, edge: Colour, glow: float, shadow: float) -> Sprite | None:
    """What lies under the front: shadow (darkness 0..1), glow (0..1) and the sides that show thickness."""
    parts: list[Sprite] = []
    points = geometry.corners - geometry.frame[:2]
    behind = points + geometry.depth
    if geometry.shadow_px and shadow:
        solid = np.maximum(polygon_coverage(points, geometry.size), polygon_coverage(behind, geometry.size))
        parts.append(tinted(_soft(solid, geometry.shadow_px, 0.32, 0.42), (0, 0, 0), shadow))
    if geometry.glow_px and glow:
        solid = stroke_coverage(points, geometry.edge_px * 2, geometry.size, closed=True)
        parts.append(tinted(glow_of(solid, geometry.glow_px), edge, 0.75 * glow))
    parts += _sides(geometry, points, behind, edge)
    return stacked(*parts) if parts else None


def glow_of(solid: NDArray[np.uint8], reach_px: float) -> NDArray[np.uint8]:
    """A soft light around a shape, as bright as can be at its brightest."""
    soft = _soft(solid, reach_px, 0.30, 0.0)
    return np.minimum(soft.astype(np.float32) * (255 / max(int(soft.max()), 1)), 255).astype(np.uint8)


def _soft(solid: NDArray[np.uint8], reach: float, sigma: float, drop: float) -> NDArray[np.uint8]:
    """The mask blurred, moved down and right a little, both parts of its reach."""
    shift = round(reach * drop * 0.6)
    moved = np.zeros_like(solid)
    moved[shift:, shift:] = solid[: solid.shape[0] - shift, : solid.shape[1] - shift]
    sigma_px = max(0.3, (reach - shift) * sigma)
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), sigma_px, borderType=cv2.BORDER_CONSTANT), np.uint8)


def _sides(
    geometry: Geometry, front: NDArray[np.float64], behind: NDArray[np.float64], edge: Colour
) -> list[Sprite]:
    """The side faces that the depth shows, the upper ones lighter."""
    if not any(geometry.depth):
        return []
    found = []
    centre = front.mean(axis=0)
    for i in range(4):
        j = (i + 1) % 4
        outward = (front[i] + front[j]) / 2 - centre
        along = front[j] - front[i]
        normal = np.array([along[1], -along[0]])
        normal *= np.sign(normal @ outward) or 1.0
        if normal @ np.array(geometry.depth) > 0:
            quad = np.array([front[i], front[j], behind[j], behind[i]])
            light = 0.62 if normal[1] < 0 and abs(normal[1]) > abs(normal[0]) else 0.42
            shade = tuple(round(part * light) for part in edge)
            found.append(tinted(polygon_coverage(quad, geometry.size), (shade[0], shade[1], shade[2])))
    return found


