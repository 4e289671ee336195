"""From a primitive to stamps: which sprites it is made of and where they go, in pixels.

A card goes to quarters of a pixel, so that a slow move does not judder (the layers of a deck to halves:
fewer maps to make while it opens).  Letters stand on whole pixel rows and quarter columns, so that text
at rest is crisp; shapes are placed to a sixteenth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from functools import partial

import numpy as np

from mnistviz.export.raster import fronts, letters, shapes, warps
from mnistviz.export.raster import matrices as cards
from mnistviz.export.raster.codes import Codes, masked, value_codes
from mnistviz.export.raster.sprites import (
    Rect,
    Sprite,
    Stamp,
    Store,
    area,
    around,
    clear,
    faded,
    flat,
    intersection,
    lay_over,
    moved,
    stacked,
    tinted,
    union,
)
from mnistviz.export.raster.strands import Strands, Stroke
from mnistviz.picture import fonts as lettering
from mnistviz.picture.display import (
    GLOW_REACH,
    Box,
    Colour,
    Line,
    Matrix,
    Panel,
    Point,
    Polygon,
    Primitive,
    Text,
)

CARD_PHASES, LAYER_PHASES = 4, 2  # places within a pixel, along each axis
SIZE_STEPS = 8  # font sizes within a pixel
GLOW_STEPS = 32
ROUND_CANVAS = 64  # px beyond the canvas within which sprites are still drawn whole
# Of the memory.
SPRITE_SHARE, FRONT_SHARE, MAP_SHARE, CODE_SHARE, PICTURE_SHARE = 0.40, 0.26, 0.13, 0.04, 0.09
DUST_PX = 8.5  # fine print that is smaller is left out: the smallest there is, 17 of 1080, at 540 lines
STRAND_FROM_PX = 2048  # of a straight line's frame, from which only the pixels that it touches are painted
LAST_FRONTS = 8  # kept to make the next one of
FLAT_FROM_PX = 48  # a panel whose inside is at least as large is painted in five parts

Stamps = tuple[Stamp, ...]
Piece = tuple[Sprite, int, int]  # a sprite and its top left corner, in pixels


def is_dust(text: Text, scale: float) -> bool:
    """Whether a text is left out of a film of that scale: fine print that nobody could read."""
    return text.is_fine_print and text.size * scale < DUST_PX


class Stamper:
    """Makes stamps at one scale (pixels a design unit), for a canvas and a darkness of shadows (0..1)."""

    def __init__(self, scale: float, canvas: tuple[int, int], shadow: float, limit_bytes: int) -> None:
        self.scale = scale
        self.shadow = shadow
        self._strands = Strands(canvas)
        self._room: Rect = (
            -ROUND_CANVAS,
            -ROUND_CANVAS,
            canvas[0] + ROUND_CANVAS,
            canvas[1] + ROUND_CANVAS,
        )
        self._sprites: Store[Sprite] = Store(int(limit_bytes * SPRITE_SHARE))
        self._fronts: Store[fronts.Front] = Store(int(limit_bytes * FRONT_SHARE))
        self._last_fronts: dict[Hashable, fronts.Front] = {}
        self._maps: Store[fronts.FaceMap] = Store(int(limit_bytes * MAP_SHARE))
        self._codes: Store[Codes] = Store(int(limit_bytes * CODE_SHARE))
        self._pictures: Store[warps.Picture] = Store(int(limit_bytes * PICTURE_SHARE))

    def stamps_of_all(self, primitives: Sequence[Primitive]) -> list[Stamps]:
        """The stamps of each primitive in painter's order; what is alike is made together."""
        strokes = [self._stroke(part) for part in primitives]
        strands = iter(self._strands.stamps([stroke for stroke in strokes if stroke]))
        return [
            (next(strands),) if stroke else self._stamps(part)
            for stroke, part in zip(strokes, primitives, strict=True)
        ]

    def _stroke(self, primitive: Primitive) -> Stroke | None:
        """A straight line that crosses a large frame: only the pixels that it touches are painted."""
        if not isinstance(primitive, Line) or len(primitive.points) != 2 or primitive.opacity <= 0:
            return None
        if primitive.head > 0 or primitive.glow > 0:
            return None
        points, frame = self._placed(primitive.points, primitive.width / 2 + primitive.head, 0.0)
        if area(frame) < STRAND_FROM_PX:
            return None
        return Stroke(points, primitive.width * self.scale, frame, primitive.colour, primitive.opacity)

    def _stamps(self, primitive: Primitive) -> Stamps:
        """The stamps of a primitive in painter's order."""
        if primitive.opacity <= 0:
            return ()
        match primitive:
            case Matrix():
                return self._matrix(primitive)
            case Text():
                return self._text(primitive)
            case Line():
                return self._line(primitive)
            case Polygon():
                return self._polygon(primitive)
            case Panel():
                return self._panel(primitive)

    # -- words ---------------------------------------------------------------------------------------------

    def _text(self, text: Text) -> Stamps:
        if not text.text.strip() or is_dust(text, self.scale):
            return ()
        size_px = max(1, round(text.size * self.scale * SIZE_STEPS)) / SIZE_STEPS
        left, _, _, bottom = lettering.box(text)
        steps = round(left * self.scale * letters.PHASES)
        base = round((bottom - lettering.DESCENT * text.size) * self.scale)
        pen, phase = steps // letters.PHASES, steps % letters.PHASES
        drawn = letters.line_of_text(text.text, text.face, size_px, phase)
        if drawn is None:
            return ()
        key = ("text", text.text, size_px, text.face, phase, text.colour, text.opacity)
        return self._stamped(
            key, lambda: tinted(drawn.cover, text.colour, text.opacity), (pen + drawn.x, base + drawn.y)
        )

    # -- shapes --------------------------------------------------------------------------------------------

    def _line(self, line: Line) -> Stamps:
        if len(line.points) < 2:
            return ()
        points, inked, frame = self._framed(line.points, line.width / 2 + line.head, line.glow)
        if not _has_area(inked):
            return ()
        width, head, part = (
            line.width * self.scale,
            line.head * self.scale,
            moved(inked, -frame[0], -frame[1]),
        )
        key = ("line", points, part, _size(frame), width, head, line.colour, line.opacity, line.glow)

        def make() -> Sprite:
            cover = shapes.arrow(points, width, head, _size(inked))
            if line.glow <= 0:
                return tinted(cover, line.colour, line.opacity)
            light = self._light(cover, part, _size(frame), line.colour, line.glow)
            lay_over(light, tinted(cover, line.colour), *part[:2])
            return faded(light, line.opacity)

        return self._stamped(key, make, frame[:2])

    def _polygon(self, polygon: Polygon) -> Stamps:
        if len(polygon.points) < 3:
            return ()
        points, inked, frame = self._framed(polygon.points, polygon.edge_width / 2, polygon.glow)
        if not _has_area(inked):
            return ()
        width, part = polygon.edge_width * self.scale, moved(inked, -frame[0], -frame[1])
        key = ("polygon", points, part, _size(frame), width, polygon.fill, polygon.edge, polygon.glow)

        def make() -> Sprite:
            outer = np.array(points)
            cover = shapes.polygon(outer, _size(inked))
            body = tinted(cover, polygon.fill)
            if polygon.glow > 0:
                light = self._light(cover, part, _size(frame), polygon.fill, polygon.glow)
                lay_over(light, body, *part[:2])
                body = light
            if width > 0:
                outline = shapes.strokes([outer], width, _size(inked), closed=True)
                lay_over(body, tinted(outline, polygon.edge), *part[:2])
            return body

        return (Stamp.at(self._fading(key, make, polygon.opacity), *frame[:2]),)

    def _panel(self, panel: Panel) -> Stamps:
        left, top, right, bottom = panel.box
        if right <= left or bottom <= top:
            return ()
        corners, frame = self._placed(((left, top), (right, bottom)), 0.0, 0.0)
        if not _has_area(frame):
            return ()
        x0, y0, x1, y1 = (side + frame[place % 2] for place, side in enumerate((*corners[0], *corners[1])))
        rim = math.ceil(panel.radius * self.scale + panel.edge_width * self.scale) + 1
        inside = intersection((math.ceil(x0) + rim, math.ceil(y0) + rim, int(x1) - rim, int(y1) - rim), frame)
        if min(_size(inside)) < FLAT_FROM_PX:
            return (self._panel_part(panel, (x0, y0, x1, y1), frame),)
        rims = tuple(self._panel_part(panel, (x0, y0, x1, y1), part) for part in around(inside, frame))
        sprite = self._sprites.get(
            ("flat", _size(inside), panel.fill, panel.opacity),
            lambda: flat(_size(inside), panel.fill, panel.opacity),
        )
        return (*rims, Stamp.at(sprite, *inside[:2]))

    def _panel_part(self, panel: Panel, box: Box, part: Rect) -> Stamp:
        """The pixels `part` of a panel whose box is given in pixels."""
        x0, x1 = box[0] - part[0], box[2] - part[0]
        y0, y1 = box[1] - part[1], box[3] - part[1]
        radius, width, size = panel.radius * self.scale, panel.edge_width * self.scale, _size(part)

        def plain() -> Sprite:
            return tinted(shapes.round_box((x0, y0, x1, y1), radius, size), panel.fill, panel.opacity)

        def edged() -> Sprite:
            outer = shapes.round_box((x0, y0, x1, y1), radius, size)
            inner_box = (x0 + width, y0 + width, x1 - width, y1 - width)
            inner = shapes.round_box(inner_box, max(radius - width, 0.0), size)
            return stacked(tinted(outer, panel.edge), tinted(inner, panel.fill))

        key = ("panel", x0, y0, x1, y1, size, radius, width, panel.fill)
        if width <= 0:
            return Stamp.at(self._sprites.get((*key, panel.opacity), plain), *part[:2])
        return Stamp.at(self._fading((*key, panel.edge), edged, panel.opacity), *part[:2])

    def _placed(self, points: tuple[Point, ...], reach: float, glow: float) -> tuple[tuple[Point, ...], Rect]:
        """Points in pixels from the corner of a frame, and that frame: what may be painted on."""
        fine = self.scale * 16
        xs, ys = ([round(along * fine) / 16 for along in axis] for axis in zip(*points, strict=True))
        room = (reach + GLOW_REACH * (glow > 0)) * self.scale + 1
        low, high = (math.floor(min(xs) - room), math.floor(min(ys) - room)), (max(xs) + room, max(ys) + room)
        frame = intersection((*low, math.ceil(high[0]), math.ceil(high[1])), self._room)
        return tuple((x - frame[0], y - frame[1]) for x, y in zip(xs, ys, strict=True)), frame

    def _framed(
        self, points: tuple[Point, ...], reach: float, glow: float
    ) -> tuple[tuple[Point, ...], Rect, Rect]:
        """Points in pixels from the corner of the frame that their ink may fill, that frame, and the one of its glow."""
        placed, inked = self._placed(points, reach, 0.0)
        return placed, inked, self._placed(points, reach, glow)[1] if glow > 0 else inked

    def _light(
        self, cover: shapes.Coverage, part: Rect, size: tuple[int, int], colour: Colour, glow: float
    ) -> Sprite:
        """The glow of a shape that covers a part of a sprite of `size`."""
        light = shapes.halo(shapes.padded(cover, part, size), GLOW_REACH * self.scale * cards.GLOW_SIGMA)
        return tinted(light, colour, cards.GLOW_STRENGTH * glow)

    def _fading(self, key: tuple[Hashable, ...], make: Callable[[], Sprite], opacity: float) -> Sprite:
        """A sprite under an opacity: while that changes, the sprite itself is made once."""
        if opacity >= 1:
            return self._sprites.get(key, make)
        faint = ("fading", *key, opacity)
        return self._sprites.get(faint, lambda: faded(self._sprites.get(key, make), opacity))

    def _stamped(self, key: Hashable, make: Callable[[], Sprite], corner: tuple[int, int]) -> Stamps:
        return (Stamp.at(self._sprites.get(key, make), *corner),)

    # -- cards ---------------------------------------------------------------------------------------------

    def _matrix(self, matrix: Matrix) -> Stamps:
        model = warps.model(matrix, self.scale, self._room)
        if model is not None:
            return self._growing(matrix, model)
        phases = CARD_PHASES if len(matrix.origins) == 1 else LAYER_PHASES
        found: list[Piece] = []
        shaped: dict[tuple[float, float], cards.Geometry | None] = {}
        for layer, (left, top) in zip(matrix.layers, matrix.origins, strict=False):
            x, y = round(left * self.scale * phases), round(top * self.scale * phases)
            phase = (x % phases) / phases, (y % phases) / phases
            if phase not in shaped:
                shaped[phase] = cards.geometry(matrix, self.scale, phase)
            shape = shaped[phase]
            if shape is not None:
                found += self._layer(matrix, layer, shape, (x // phases, y // phases))
        if matrix.opacity < 1 and found:
            return (self._together(found, matrix.opacity),)
        return tuple(Stamp.at(*piece) for piece in found)

    def _growing(self, matrix: Matrix, model: Matrix) -> Stamps:
        """A matrix on its way: pictures of its layers, made of the model, in the shape that it has now."""
        # Layers do not shine through each other.
        opacity = matrix.opacity if len(matrix.origins) == 1 else 1.0
        own = {**model.__dict__, "layers": (), "cells": model.cells.digest, "shows": None, "grows": None}
        key, way = tuple(own.values()), None
        found: list[Piece] = []
        for layer, origin in zip(matrix.layers, matrix.origins, strict=False):
            picture = self._pictures.get((key, layer), partial(self._picture, model, layer))
            now = _scaled(matrix.across, self.scale), _scaled(matrix.down, self.scale)
            way = way or warps.Way(picture.edges, now, matrix.edge_width * self.scale)
            piece = way.warped(picture, _scaled(origin, self.scale), opacity, self._room)
            found += [piece] if piece is not None else []
        if found and matrix.opacity < opacity:
            return (self._together(found, matrix.opacity),)
        return tuple(Stamp.at(*piece) for piece in found)

    def _picture(self, model: Matrix, layer: int) -> warps.Picture:
        """The picture of a layer."""
        shape = cards.geometry(model, self.scale, (0.0, 0.0))
        if shape is None:
            raise ValueError("a model is thick enough to be seen")
        (ground, x, y), (front, left, top) = self._layer(model, layer, shape, (0, 0))
        whole = stacked(ground)
        lay_over(whole, front, left - x, top - y)
        return warps.picture(whole, (-x, -y), (shape.across, shape.down))

    def _layer(self, matrix: Matrix, layer: int, shape: cards.Geometry, at: tuple[int, int]) -> list[Piece]:
        """Ground and front of one layer, its geometry's pixel (0, 0) at `at`."""
        shape = self._within_room(shape, at)
        if not _has_area(shape.frame):
            return []
        glow = round(min(max(matrix.glow, 0.0), 1.0) * GLOW_STEPS) / GLOW_STEPS
        under = self._sprites.get(
            ("ground", shape, matrix.edge, glow, self.shadow),
            lambda: cards.ground(shape, matrix.edge, glow, self.shadow),
        )
        found = [(under, at[0] + shape.frame[0], at[1] + shape.frame[1])]
        if _has_area(shape.front_frame):
            front = self._front(matrix, layer, shape)
            found.append((front, at[0] + shape.front_frame[0], at[1] + shape.front_frame[1]))
        return found

    def _within_room(self, shape: cards.Geometry, at: tuple[int, int]) -> cards.Geometry:
        """The geometry cut to what is near the canvas, when it is not there or larger than it."""
        left, top, right, bottom = self._room
        window = (left - at[0], top - at[1], right - at[0], bottom - at[1])
        seen = intersection(shape.frame, window)
        width, height = _size(shape.frame)
        too_large = width > right - left or height > bottom - top
        return shape.cut(window) if too_large or not _has_area(seen) else shape

    def _front(self, matrix: Matrix, layer: int, shape: cards.Geometry) -> Sprite:
        codes = self._coded(matrix, layer, shape.block)
        colours = matrix.colours.table, matrix.empty, matrix.edge

        def make() -> fronts.Front:
            where = self._maps.get(shape, lambda: fronts.face_map(shape))
            return fronts.face(shape, where, codes, colours, self._last_fronts.get((shape, colours)))

        front = self._fronts.get((shape, codes.digest, colours), make)
        self._last_fronts.pop((shape, colours), None)
        self._last_fronts[shape, colours] = front
        if len(self._last_fronts) > LAST_FRONTS:
            del self._last_fronts[next(iter(self._last_fronts))]
        return front.sprite

    def _coded(self, matrix: Matrix, layer: int, block: tuple[int, int]) -> Codes:
        """Colour codes of a layer's drawn cells: means of a large matrix are taken once, not per frame."""
        cells, mask = matrix.cells, matrix.mask
        key = (cells.digest, layer, matrix.colours, block)
        codes = self._codes.get(key, lambda: value_codes(cells.values[layer], matrix.colours, block))
        if mask is None:
            return codes
        return self._codes.get((*key, mask.digest), lambda: masked(codes, mask.shown[layer], block))

    def _together(self, found: list[Piece], opacity: float) -> Stamp:
        """Pieces as one sprite under an opacity: layers do not shine through each other."""
        frame = Stamp.at(*found[0]).rect
        for piece in found[1:]:
            frame = union(frame, Stamp.at(*piece).rect)
        left, top = frame[:2]
        pieces = [(sprite, x - left, y - top) for sprite, x, y in found]
        key = tuple((sprite.number, x, y) for sprite, x, y in pieces)

        def whole() -> Sprite:
            (first, x, y), *others = pieces
            if first.size == _size(frame):  # as it is over nothing
                result = stacked(first)
            else:
                result = clear(_size(frame))
                lay_over(result, first, x, y)
            for piece in others:
                lay_over(result, *piece)
            return result

        def under_opacity() -> Sprite:
            return faded(self._sprites.get(("whole", key), whole), opacity)

        return Stamp.at(self._sprites.get(("faded", key, opacity), under_opacity), left, top)


def _scaled(way: Point, scale: float) -> Point:
    return way[0] * scale, way[1] * scale


def _size(frame: Rect) -> tuple[int, int]:
    return frame[2] - frame[0], frame[3] - frame[1]


def _has_area(frame: Rect) -> bool:
    return frame[2] > frame[0] and frame[3] > frame[1]
