"""The fronts of cards: cells seen through a map made once per geometry, with their edge and the lines between.

A card's face is a small texture (a texel a cell, a ring for the edge, lines between the cells) seen
through a map whose steps are sharp but for one anti-aliased pixel: in the middle of a cell the colour is
exactly its own, and new values cost a look-up a pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster import shapes, ycbcr
from mnistviz.export.raster.codes import CROSS, NOT_A_NUMBER, Codes, palette
from mnistviz.export.raster.matrices import Geometry
from mnistviz.export.raster.sprites import Rect, Sprite, intersection, moved, stacked, tinted
from mnistviz.picture.display import Colour, ColourMap

LINE_DARK = 0.42  # of a line: how much of the cell's light is taken
CROSS_FROM_PX = 6.0  # cells at least this large have a cross where they are no number
FINE = 16  # steps of a pixel in the map's tables
TABLE_BITS = 8  # of the fraction while a place in the tables is computed
PART_BITS = 5  # of a texel's fraction along an axis, as OpenCV has it
ROW = 256  # pixels that look between texels go through OpenCV in rows of so many
BAND_PX = 1 << 14  # pixels of a map that are made at once
MARGIN = 2  # texels around the cells: the edge, and beyond it nothing

Texture = NDArray[np.uint8]  # (rows, columns, 4) Y'CbCr and alpha, the columns a power of two


@dataclass(frozen=True, eq=False)
class FaceMap:
    """Where each pixel of a front's frame looks in the texture, as OpenCV's fixed-point map.

    Where less than a third of the pixels look between texels, only those go through OpenCV; the others are looked up.
    """

    # (height, width, 2) texels of all pixels, or (n, ROW, 2) of those between texels.
    whole: NDArray[np.int16]
    fraction: NDArray[np.uint16]  # and the 32nds beyond
    between: NDArray[np.intp] | None  # (n * ROW): those pixels, in order, the last one again and again
    texel: NDArray[np.intp] | None  # (height, width): place in the texture, row by row

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory."""
        parts = (self.whole, self.fraction, self.between, self.texel)
        return sum(part.nbytes for part in parts if part is not None)

    def seen(
        self, texture: Texture, part: Rect | None = None
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
        """Paint and keep of a texture seen through the map, or a part of it."""
        colours = self._colours(texture, part)
        planes = np.empty((4, *colours.shape[:2]), np.uint8)
        cv2.split(colours, list(planes))  # into the planes' own memory
        cover = planes[3].astype(np.uint16)
        cover += cover >> np.uint16(7)
        return planes[:3], np.uint16(256) - cover

    def _colours(self, texture: Texture, part: Rect | None) -> NDArray[np.uint8]:
        """(height, width, 4) of all pixels, or of a part."""
        rows, columns = (slice(None), slice(None)) if part is None else _slices(part)
        if self.between is None or self.texel is None:
            return _remapped(texture, self.whole[rows, columns], self.fraction[rows, columns])
        texel = self.texel[rows, columns]
        found = texture.view(np.uint32).ravel().take(texel)  # a colour is one number of 32 bits
        whole, fraction, places = self.whole, self.fraction, self.between
        if part is not None:
            those, places = _within(places, self.texel.shape[1], part)
            whole = whole.reshape(-1, 2)[those].reshape(-1, ROW, 2)
            fraction = fraction.ravel()[those].reshape(-1, ROW)
        if places.size:
            found.ravel()[places] = _remapped(texture, whole, fraction).view(np.uint32).ravel()
        return found.view(np.uint8).reshape(*texel.shape, 4)


def _slices(part: Rect) -> tuple[slice, slice]:
    left, top, right, bottom = part
    return slice(top, bottom), slice(left, right)


def _within(places: NDArray[np.intp], width: int, part: Rect) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which of the pixels of a frame, in order, are in a part of it, and which pixels of the part they are; in rows."""
    left, top, right, bottom = part
    first, last = np.searchsorted(places, (top * width, bottom * width))
    rows, columns = np.divmod(places[first:last], width)
    those = _filled_up(np.flatnonzero((columns >= left) & (columns < right)))
    return those + first, ((rows - top) * (right - left) + columns - left)[those]


def _filled_up(numbers: NDArray[np.intp]) -> NDArray[np.intp]:
    """As many as fill whole rows, the last one again and again: OpenCV takes no more than 32,766 rows or columns."""
    return np.concatenate([numbers, numbers[-1:].repeat(-numbers.size % ROW)])


def _remapped(texture: Texture, whole: NDArray[np.int16], fraction: NDArray[np.uint16]) -> NDArray[np.uint8]:
    border = (0, 0, 0, 0)
    seen = cv2.remap(texture, whole, fraction, cv2.INTER_LINEAR, None, cv2.BORDER_CONSTANT, border)
    return np.asarray(seen, np.uint8)


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
        whole = stacked(Sprite(*where.seen(texture)), tinted(_crosses(shape, bad), CROSS))
        return Front(whole, codes)
    part = _unlike(shape, last.codes, codes) if last is not None else None
    if last is None or part is None:
        solid = moved(shape.inside, -shape.front_frame[0], -shape.front_frame[1])
        return Front(Sprite(*where.seen(texture), solid=solid), codes)
    left, top, right, bottom = part
    paint = last.sprite.paint.copy()
    paint[:, top:bottom, left:right], _ = where.seen(texture, part)
    same = last.sprite
    return Front(Sprite(paint, same.keep, like=same.number, unlike=part, solid=same.solid), codes)


def _unlike(shape: Geometry, old: Codes, new: Codes) -> Rect | None:
    """The pixels, from the front's corner, where the cells differ; None where that is most of them."""
    changed = np.argwhere(old.values != new.values)
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0) + 1
    if (bottom - top) * (right - left) * 2 > old.values.size or (old.values == NOT_A_NUMBER).any():
        return None
    across, down = np.array(shape.across) / shape.cells[1], np.array(shape.down) / shape.cells[0]
    ends = [across * u + down * v for u in (left, right) for v in (top, bottom)]
    corner = shape.front_frame[:2]
    found = shapes.frame_around(np.array(ends) + shape.corners[0] - corner, shape.line_px + 2)
    width, height = shape.front_frame[2] - corner[0], shape.front_frame[3] - corner[1]
    return intersection(found, (0, 0, width, height))


def _texture(codes: NDArray[np.uint16], colours: NDArray[np.uint8], edge: Colour, shape: Geometry) -> Texture:
    """The cells with the lines and the ring of the edge put in, and nothing around."""
    whole = colours.view(np.uint32).ravel()
    cells = whole[codes].view(np.uint8).reshape(*codes.shape, 4)
    if shape.line_px:
        cells = _lined(_lined(cells).transpose(1, 0, 2)).transpose(1, 0, 2)
    rows, columns, _ = cells.shape
    texture = np.zeros((rows + 2 * MARGIN, 1 << _column_bits(shape), 4), np.uint8)
    texture[1 : rows + 3, 1 : columns + 3] = (*ycbcr.colour(edge), 255)
    texture[MARGIN : rows + MARGIN, MARGIN : columns + MARGIN] = cells
    return texture


def _column_bits(shape: Geometry) -> int:
    """Of a column of the texture."""
    columns = shape.cells[1] * 2 - 1 if shape.line_px else shape.cells[1]
    return (columns + 2 * MARGIN - 1).bit_length()


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
    area, bits = ax * dy - ay * dx, _column_bits(shape)
    xs = np.asarray(np.arange(left, right) + 0.5 - shape.phase[0], np.float64)
    ys = np.asarray(np.arange(top, bottom) + 0.5 - shape.phase[1], np.float64)
    columns = _steps(shape.cells[1], wide, shape.edge_px, shape.line_px, 0, 0)
    rows = _steps(shape.cells[0], high, shape.edge_px, shape.line_px, bits, PART_BITS)
    places, parts = np.empty((ys.size, xs.size), np.intp), np.empty((ys.size, xs.size), np.uint16)
    at_once = max(1, BAND_PX // xs.size)
    for first in range(0, ys.size, at_once):  # what is in the making stays in the processor's own memory
        band, some = slice(first, first + at_once), ys[first : first + at_once]
        across = _looked_up(columns, xs * (dy / area * wide), some * (-dx / area * wide), shape)
        down = _looked_up(rows, xs * (-ay / area * high), some * (ax / area * high), shape)
        found = np.add(across, down, out=max(across, down, key=len))
        np.bitwise_and(found, (1 << 2 * PART_BITS) - 1, out=parts[band], casting="unsafe")
        np.right_shift(found, 2 * PART_BITS, out=places[band])
    between = parts.astype(np.bool_).ravel().nonzero()[0]
    if between.size * 3 > places.size:
        return FaceMap(_texels(places, bits), parts, None, None)
    between = _filled_up(between)
    whole, fraction = places.ravel()[between], parts.ravel()[between]
    return FaceMap(_texels(whole.reshape(-1, ROW), bits), fraction.reshape(-1, ROW), between, places)


def _texels(places: NDArray[np.intp], column_bits: int) -> NDArray[np.int16]:
    """(…, 2) column and row of places in a texture."""
    found = np.empty((*places.shape, 2), np.int16)
    found[..., 0] = places & ((1 << column_bits) - 1)
    found[..., 1] = places >> column_bits
    return found


@lru_cache(maxsize=64)
def _steps(
    count: int, length_px: float, edge_px: float, line_px: float, bits: int, part_bits: int
) -> NDArray[np.intp]:
    """What an axis adds to a pixel's place, at each 1/FINE px from `-margin` to `length + margin`.

    That is the texel, shifted by `bits`, before the 32nds of both axes; a ramp a pixel wide at each border.
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
    texels = np.rint(np.interp(at, places, heights) * (1 << PART_BITS)).astype(np.intp)
    whole, part = texels >> PART_BITS, texels & ((1 << PART_BITS) - 1)
    return np.asarray(whole << bits + 2 * PART_BITS | part << part_bits, np.intp)


def _margin(edge_px: float) -> float:
    return edge_px / 2 + 1.0


def _looked_up(
    table: NDArray[np.intp], along_x: NDArray[np.float64], along_y: NDArray[np.float64], shape: Geometry
) -> NDArray[np.intp]:
    """The table at the sum of a part that depends on x and one that depends on y, both in pixels.

    One row of them where nothing depends on y.
    """
    scale = FINE << TABLE_BITS
    across = np.rint((along_x + _margin(shape.edge_px)) * scale).astype(np.intp)
    down = np.rint(along_y * scale).astype(np.intp) + (1 << (TABLE_BITS - 1))
    index = across[None, :] + (down[:, None] if along_y.any() else down[0])
    index >>= TABLE_BITS
    return np.take(table, index, mode="clip")


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
