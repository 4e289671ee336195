"""How steep the sigmoid is where each hidden neuron stands: tangents on the very curve that made the neurons."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Line, Point, Polygon, Primitive
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.curve import (
    Axes,
    Chain,
    axes_of,
    beside_curve,
    chain,
    diamond,
    draw_curve,
    frame_of,
    words_of,
)
from mnistviz.picture.drawings.headings import announced, heading
from mnistviz.picture.drawings.order import order_of
from mnistviz.picture.drawings.props import arriving, cell_at, filled, flying
from mnistviz.picture.easing import CellPace, eased, ramp
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Tableau
from mnistviz.story.storyboard import Shot, Storyboard

SHORT, LONG = 26.0, 130.0  # half of a tangent, in design units: of a neuron that is done; of the one in hand
# Of a cell's own progress: it is on the curve; its tangent is drawn; its slope goes to the result.
REACHED, DRAWN, LEFT = 0.3, 0.55, 0.62
DOT = 6.0


@draws("slope", in_two_themes=True)
def draw_slope(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The neurons, the sigmoid with a tangent for each of them, and the slopes."""
    found = chain(studio.board, shot.subject)
    sigmoid = _made_by(studio.board, found) if found is not None else None
    if found is None or sigmoid is None:
        return draw_curve(studio, shot, p)
    source, result = beside_curve(studio, found)
    axes, points = axes_of(studio, sigmoid)
    order = order_of(shot, found.result)
    pace = order.pace(ramp(p, 0.05, 1.0))
    done, cell = order.done(pace.landed()), order.now(pace, p)
    marks: list[Primitive] = []
    if p > 0:
        marks += _tangents(studio, axes, (sigmoid, found), done)
        source, result = (changed(card, lit=(cell_at(card, cell),)) for card in (source, result))
        marks += _in_hand(studio, axes, (sigmoid, found), (source, result), cell, pace if p < 1 else None)
    words = words_of(
        studio, found, axes_of(studio, found)[1], cell, heading(studio, shot, found.result, cell)
    )
    shown = (source, changed(filled(result, done), glow=0.5 if 0 < p < 1 else 0.0))
    return Tableau(
        shown,
        tuple(marks),
        frame_of(studio, axes, points, sigmoid),
        words if p > 0 else announced(words),
        found.operations[-1].source.expression,
    )


def _made_by(board: Storyboard, found: Chain) -> Chain | None:
    """The curve that made the numbers whose slopes these are."""
    for shot in (shot for chapter in board.chapters for shot in chapter.shots):
        made = chain(board, shot.subject) if shot.drawing == "curve" else None
        if made is not None and made.result.id == found.source.id:
            return made
    return None


def _tangents(
    studio: Studio, axes: Axes, curves: tuple[Chain, Chain], done: NDArray[np.bool_]
) -> list[Primitive]:
    """A dot and a short tangent for each neuron that is done."""
    ink = studio.accent(curves[1].result.name)
    marks: list[Primitive] = []
    for cell in np.flatnonzero(done).tolist():
        marks.append(Line(_tangent(studio, axes, curves, cell, SHORT), ink, 3.0, opacity=0.9))
        marks.append(Polygon(diamond(_on_curve(axes, curves[0], cell), DOT), ink, studio.theme.ink, 1.5))
    return marks


def _in_hand(
    studio: Studio,
    axes: Axes,
    curves: tuple[Chain, Chain],
    shown: tuple[Card, Card],
    cell: int,
    pace: CellPace | None,
) -> list[Primitive]:
    """The neuron comes to its place on the curve, its tangent is laid there, and how steep that is goes on."""
    at, ink = _on_curve(axes, curves[0], cell), studio.theme.ink
    q = 1.0 if pace is None or not pace.slow else pace.q
    if q < REACHED:
        return [flying(studio, shown[0], cell, at, ramp(q, 0.02, REACHED), 26)]
    grown = eased(q, REACHED, DRAWN)
    tangent = Line(_tangent(studio, axes, curves, cell, SHORT + (LONG - SHORT) * grown), ink, 4.0, glow=0.5)
    if LEFT < q < 1:
        return [tangent, arriving(studio, shown[1], cell, at, ramp(q, LEFT, 0.97), 26)]
    return [tangent, Polygon(diamond(at, DOT + 2), ink, ink, 1.5)]


def _on_curve(axes: Axes, sigmoid: Chain, cell: int) -> Point:
    return axes.at(float(sigmoid.source.value.ravel()[cell]), float(sigmoid.result.value.ravel()[cell]))


def _tangent(
    studio: Studio, axes: Axes, curves: tuple[Chain, Chain], cell: int, half: float
) -> tuple[Point, Point]:
    """A straight line through a neuron's place, as steep as its slope says, that stays inside of the plot."""
    sigmoid, slopes = curves
    (x, y), slope = _on_curve(axes, sigmoid, cell), float(slopes.result.value.ravel()[cell])
    (x0, x1), (y0, y1) = axes.x_range, axes.y_range
    steep = slope * (axes.bottom - axes.top) / (y1 - y0) * (x1 - x0) / (axes.right - axes.left)
    along = half * studio.scale / math.hypot(1.0, steep)
    rooms = [x - axes.left, axes.right - x, *((y - axes.top, axes.bottom - y) if steep else ())]
    limits = [*rooms[:2], *(room / steep for room in rooms[2:])]
    along = max(min(along, *limits), 0.0)
    return (x - along, y + steep * along), (x + along, y - steep * along)
