"""Points in a plane: where they lie, how they move, and which of them go together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Colour, Line, Panel, Point, Polygon, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.curve import Axes
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.props import cell_name, cell_number, filled
from mnistviz.picture.easing import mix_point, ramp, smooth
from mnistviz.picture.fonts import width
from mnistviz.picture.numbers import tick
from mnistviz.picture.stage.arrange import BOTTOM, TOP, centred
from mnistviz.picture.stage.labels import ROW_ROOM
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Place, Tableau
from mnistviz.story.planes import Plane, columns_of, plane_of
from mnistviz.story.sentence import Code, Part, line
from mnistviz.story.storyboard import Shot, Storyboard
from mnistviz.trace.model import Value

PANEL = (430.0, 120.0, 1216.0, 770.0)  # left, top, right, bottom
CARD_WIDE = 200.0
MOST_DOTS = 240  # of more points not every one is drawn
SMALL, LARGE = 8.0, 15.0  # of a dot, of one that stands for others
SQUARE = 4.0  # sides of the ranges that are not more unlike are drawn on one scale
MARGIN = 0.06


@lru_cache(maxsize=256)
def _plane(board: Storyboard, number: int) -> Plane | None:
    made = {value.id: one for one in board.trace for value in (one.output, *one.more)}
    operation = board.operation(number)
    return plane_of(operation, made) or columns_of(operation)


@draws("plane")
def draw_plane(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The points, and what is done with them, one after the other."""
    operations = studio.operations(shot)
    plane = _plane(studio.board, operations[-1].number) if operations else None
    if plane is None:
        return draw_any(studio, shot, p)
    result = plane.operation.output
    share = smooth(ramp(p, 0.1, 0.95))
    axes = _axes(studio, plane)
    place = _card_place(studio, result)
    done = np.arange(result.value.size) < round(share * result.value.size)
    card = filled(studio.card(result, place), done)
    marks = (*_ground(studio, plane, axes, share), *_moved(studio, plane, axes, share, card))
    return Tableau(
        (card,), marks, _frame(studio, axes), _words(studio, plane), plane.operation.source.expression
    )


def _card_place(studio: Studio, value: Value) -> Place:
    """Left of the plane, with room for what the rows are called."""
    form = studio.form(value.shape)
    left = ROW_ROOM if studio.labels(form)[1] is not None else 0.0
    return centred(studio, form, (left, TOP, CARD_WIDE - left, BOTTOM - TOP))


@draws("tracks")
def draw_tracks(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The ways that points go in several passes of a loop."""
    planes = [_plane(studio.board, one.number) for one in studio.operations(shot)]
    known = [one for one in planes if one is not None and one.moved is not None]
    if not known:
        return draw_any(studio, shot, p)
    last, places = known[-1], _places(known)
    axes = _axes_of(studio, (*places, *([] if last.ground is None else [last.ground.value])))
    result = last.operation.output
    place = _card_place(studio, result)
    card = studio.card(result, place)
    reach = ramp(p, 0.1, 0.95) * (len(places) - 1)
    marks = [*_ground(studio, last, axes, 1.0), *_tracks(studio, places, axes, reach, card)]
    lit = known[min(math.ceil(reach), len(known) - 1)].operation
    return Tableau((card,), tuple(marks), _frame(studio, axes), _words(studio, last), lit.source.expression)


def _places(planes: Sequence[Plane]) -> tuple[NDArray[Any], ...]:
    """Where the points were before, and after each operation."""
    first = [] if planes[0].before is None else [planes[0].before]
    return (*first, *(plane.moved.value for plane in planes if plane.moved is not None))


def _tracks(
    studio: Studio, places: Sequence[NDArray[Any]], axes: Axes, reach: float, card: Card
) -> list[Primitive]:
    """A way for each point, as far as `reach` steps, and the point at its end."""
    shown: list[Primitive] = []
    whole, part = int(reach), reach - int(reach)
    for place in _chosen(len(places[0])):
        way = [
            axes.at(*map(float, one[place])) for one in places[: whole + 2] if np.isfinite(one[place]).all()
        ]
        if len(way) < min(whole + 2, len(places)):
            continue
        if whole + 1 < len(places):
            way[-1] = mix_point(way[-2], way[-1], part)
        if len(set(way)) > 1:
            shown.append(Line(tuple(way), studio.theme.soft, 2.0, opacity=0.8))
        shown.append(_dot(way[-1], LARGE * studio.scale, studio.accent(card.key), studio.theme.ink))
    return shown


def _ground(studio: Studio, plane: Plane, axes: Axes, share: float) -> list[Primitive]:
    """The points that lie there, in the colours of their groups as far as these are known."""
    if plane.ground is None:
        return []
    ink = studio.theme.ink
    beside = (
        []
        if plane.beside is None
        else [
            _dot(
                axes.at(*map(float, point)),
                LARGE * studio.scale,
                studio.accent(studio.key(plane.beside)),
                ink,
            )
            for point in plane.beside.value
            if np.isfinite(point).all()
        ]
    )
    points = plane.ground.value
    groups = None if plane.groups is None else plane.groups.value
    known = len(points) if plane.moved is not None else round(share * len(points))
    accents, plain = studio.theme.accents, studio.theme.soft
    dots = [
        _dot(
            axes.at(*map(float, points[place])),
            SMALL * studio.scale,
            plain if groups is None or place >= known else accents[int(groups[place]) % len(accents)],
        )
        for place in _chosen(len(points))
    ]
    return [*dots, *beside]


def _moved(studio: Studio, plane: Plane, axes: Axes, share: float, card: Card) -> list[Primitive]:
    """The points that are made or moved: a stroke from where each was to where it is."""
    if plane.moved is None:
        return []
    points, before = plane.moved.value, plane.before
    here = np.isfinite(points).all(axis=1)
    large = plane.ground is not None
    ink, size = studio.theme.ink, (LARGE if large else SMALL + 1) * studio.scale
    colour = studio.accent(card.key)
    shown: list[Primitive] = []
    for place in _chosen(len(points)):
        old = None if before is None else before[place]
        there = place < round(share * len(points))
        if old is not None and np.isfinite(old).all() and not (there and here[place]):
            shown.append(_dot(axes.at(*map(float, old)), size, studio.theme.soft))
        if not there or not here[place]:
            continue
        at = axes.at(*map(float, points[place]))
        if old is not None and np.isfinite(old).all():
            start = axes.at(*map(float, old))
            if math.dist(start, at) > size:
                shown.append(Line((start, at), studio.theme.soft, 2.0, opacity=0.8))
        shown.append(_dot(at, size, colour, ink if large else None))
    return shown


def _chosen(count: int) -> Sequence[int]:
    """Which of so many points are drawn."""
    if count <= MOST_DOTS:
        return range(count)
    return [place * count // MOST_DOTS for place in range(MOST_DOTS)]


def _dot(at: Point, reach: float, fill: Colour, edge: Colour | None = None) -> Polygon:
    x, y = at
    corners = ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))
    return Polygon(corners, fill, edge or fill, 1.5 if edge else 0.0)


@lru_cache(maxsize=64)
def _axes(studio: Studio, plane: Plane) -> Axes:
    arrays = [value.value for value in (plane.ground, plane.moved, plane.beside) if value is not None]
    return _axes_of(studio, (*arrays, *([plane.before] if plane.before is not None else [])))


def _axes_of(studio: Studio, arrays: Sequence[NDArray[Any]]) -> Axes:
    points = np.concatenate([np.asarray(one, dtype=float) for one in arrays])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        points = np.zeros((1, 2))
    (left, top), (right, bottom) = studio.at(*PANEL[:2]), studio.at(*PANEL[2:])
    x_range, y_range = _ranges(points, (right - left) / (bottom - top))
    return Axes(left, top, right, bottom, x_range, y_range)


def _ranges(points: NDArray[Any], shape: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """From the least to the largest of both columns, with a margin; on one scale where that wastes little."""
    low, high = points.min(axis=0), points.max(axis=0)
    sides = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0)) * (1 + 2 * MARGIN)
    middle = low / 2 + high / 2
    wide, tall = float(sides[0]), float(sides[1])
    if max(wide, tall) < SQUARE * min(wide, tall):
        unit = max(wide / shape, tall)
        wide, tall = unit * shape, unit
    x, y = float(middle[0]), float(middle[1])
    return (x - wide / 2, x + wide / 2), (y - tall / 2, y + tall / 2)


@lru_cache(maxsize=64)
def _frame(studio: Studio, axes: Axes) -> tuple[Primitive, ...]:
    """The panel, and how far it reaches."""
    theme, size = studio.theme, 18
    levels = [tick(float(f"{y:.2g}")) for y in axes.y_range]
    room = max(studio.letters(84.0), 24 + max(width(words, size, "mono") for words in levels))
    box = (axes.left - room, axes.top - 24, axes.right + 24, axes.bottom + 50)
    parts: list[Primitive] = [Panel(box, theme.panel, 12, theme.panel_edge, 1.5, name="plot")]
    for x, anchor in ((axes.x_range[0], "ls"), (axes.x_range[1], "rs")):
        words = tick(float(f"{x:.2g}"))
        parts.append(
            Text(words, (axes.at(x, 0)[0], axes.bottom + 34), size, theme.soft, "mono", anchor, "plot")
        )
    for y, words in zip(axes.y_range, levels, strict=True):
        at = (axes.left - 12, axes.at(0, y)[1])
        parts.append(Text(words, at, size, theme.soft, "mono", "rm", "plot"))
    ends = ((axes.left, axes.top), (axes.left, axes.bottom), (axes.right, axes.bottom))
    return (*parts, Line(ends, theme.faint, 1.5))


def _words(studio: Studio, plane: Plane) -> Inspector:
    """What is computed, and the first of the points."""
    result = plane.operation.output
    sentences = [line(Code(code), tone="formula") for code in plane.operation.expression.splitlines()[:3]]
    count = 1 if plane.moved is None else 2
    for cell in range(count):
        parts: list[Part | str] = [cell_name(studio, result, cell), " = ", cell_number(result, cell)]
        sentences.append(line(*parts, tone="result"))
    return Inspector("points in a plane", tuple(sentences))
