"""Two plots on the stage: what becomes of the step when it is taken further, and how the training went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Colour, Face, Line, Panel, Point, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.curve import TIGHT
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.easing import eased, ramp
from mnistviz.picture.fonts import width
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Inspector, Tableau
from mnistviz.picture.wording import text_of
from mnistviz.story.sentence import Cell, Number, Sentence, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

from .beside import picture_beside

CHART = (500.0, 120.0, 1190.0, 740.0)  # left, top, right, bottom in the drawings' own coordinates
LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
DOT, WORDS = 11.0, 26.0
CLEAR, NAMED_FROM = 0.1, 0.45  # between a name and a curve, of the chart's height; x from which names stand
STEEP, ALONG = 0.3, 0.45  # a tangent that ends before that goes down; as far goes one that goes along
STEEPNESS = "as steep as the gradient"
FURTHEST = "the whole adjustment"  # a rate of 1
TAKEN = "the step taken"


@dataclass(frozen=True)
class Curve:
    """A line of the chart: its places from 0 to 1 both ways, its colour, and what it is called."""

    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    colour: Colour
    name: str
    at: float  # y of its name, 0..1


@draws("step-taken-further", in_two_themes=True)
def draw_further(studio: Studio, shot: Shot, p: float) -> Tableau:
    """`extra` holds rates from 0 to 1, or to a larger learn rate; there the loss of this picture, others read rightly.

    And as one number each: the learn rate, and the slope of the loss at a rate of 0.
    """
    if len(shot.extra) != 5:
        return draw_any(studio, shot, p)
    rates, losses, shares, rate, slope = shot.extra
    bad, good = studio.theme.phase("error"), studio.theme.phase("forward")
    whole, end = float(losses.value.max()), float(rates.value[-1])
    xs = rates.value / end
    names = _heights(xs, (losses.value / whole, shares.value))
    curves = (
        Curve(xs, losses.value / whole, bad, "loss of this picture", names[0]),
        Curve(xs, shares.value, good, "other digits read rightly", names[1]),
    )
    place = int(np.abs(rates.value - float(rate.value)).argmin())
    seen = (eased(p, 0.12, 0.5), eased(p, 0.55, 0.8))
    marks = [
        *_grid(studio),
        *_percents(studio, ramp(seen[1], 0.0, 0.2)),
        *_tangent(studio, curves, float(slope.value) * end / whole, eased(p, 0.02, 0.12)),
        *(part for one, q in zip(curves, seen, strict=True) for part in _line(studio, one, q)),
        *_mark(studio, rate, (float(rate.value) / end, eased(p, 0.82, 0.97)), curves),
        *_axis(studio, ("no step", FURTHEST if end == 1 else TAKEN)),
    ]
    lit = studio.operations(shot)
    return Tableau(
        picture_beside(studio), tuple(marks), inspector=_how_far(losses, shares, (p, place)),
        lit=lit[-1].source.statement if lit else None, said=(_rate(rate),) if p > 0.85 else (),
    )  # fmt: skip


def _heights(xs: NDArray[np.float64], curves: Sequence[NDArray[np.float64]]) -> list[float]:
    """Where the name of each curve stands at the right end, 0..1: near its curve, clear of all and of one another."""
    right = xs >= NAMED_FROM
    ends = [(float(ys[right].min()) - CLEAR / 2, float(ys[right].max()) + CLEAR / 4) for ys in curves]
    taken: list[float] = []
    for ys in curves:
        free = [
            height
            for height in np.linspace(0.02, 1.0, 50).tolist()
            if not any(low < height < high for low, high in ends)
            and all(abs(height - other) > CLEAR for other in taken)
        ]
        taken.append(min(free or [0.5], key=lambda height: abs(height - float(ys[-1]))))
    return taken


def _how_far(losses: Value, shares: Value, at: tuple[float, int]) -> Inspector:
    """Loss, and once it is drawn the share, at no step, at the whole adjustment, and at the step that is taken."""
    p, place = at
    values = (losses, shares) if p > 0.8 else (losses,)
    rows = [_row("no step", values, 0)]
    last = len(losses.value) - 1
    rows += [_row(FURTHEST, values, last)] if p > 0.5 and place < last else []
    rows += [_row(TAKEN, values, place)] if p > 0.95 else []
    head = "loss of this picture" + (" · others read rightly" if len(values) > 1 else "")
    return Inspector("How far to go?", (line(head, tone="faint", mono=False), *rows))


@draws("training-curve", in_two_themes=True)
def draw_training(studio: Studio, shot: Shot, p: float) -> Tableau:
    """`extra` holds how many pictures were seen, and the percentage of the last ones that was read rightly."""
    if len(shot.extra) != 2:
        return draw_any(studio, shot, p)
    seen, right = shot.extra
    share = eased(p, 0.05, 0.95)
    whole = float(seen.value.max())
    curve = Curve(seen.value / whole, right.value / 100, studio.theme.phase("forward"), "read rightly", 0.97)
    place = max(int(np.searchsorted(curve.xs, share, side="right")) - 1, 0)
    marks = [
        *_grid(studio),
        *_percents(studio),
        *_line(studio, curve, share),
        *_axis(studio, ("the first picture", "the last one")),
    ]
    words = Inspector(
        "Training",
        (
            line(
                "pictures seen ",
                Number(float(seen.value[place]), Cell(seen.id, place), "count"),
                tone="working",
            ),
            line(
                Number(float(right.value[place]), Cell(right.id, place), "short"),
                " % read rightly",
                tone="result",
            ),
        ),
    )
    lit = studio.operations(shot)
    return Tableau(
        picture_beside(studio), tuple(marks), inspector=words,
        lit=lit[-1].source.statement if lit else None,
    )  # fmt: skip


def _row(name: str, values: tuple[Value, ...], place: int) -> Sentence:
    """What the curves are at one place."""
    numbers = [Number(float(one.value[place]), Cell(one.id, place), "share") for one in values]
    parts = [part for number in numbers for part in (" · ", number)][1:]
    return line(f"{name}: ", *parts, tone="working")


def _at(studio: Studio, x: float, y: float) -> Point:
    left, top, right, bottom = CHART
    return studio.at(left + (right - left) * x, bottom - (bottom - top) * y)


def _grid(studio: Studio) -> list[Primitive]:
    return [
        Line((_at(studio, 0, level), _at(studio, 1, level)), studio.theme.panel_edge, 1.5) for level in LEVELS
    ]


def _percents(studio: Studio, opacity: float = 1.0) -> list[Primitive]:
    """What the heights are of the share that is read rightly, left of the chart and in its colour."""
    size, colour = studio.letters(20.0, least=20.0), studio.theme.phase("forward")
    return [
        Text(f"{level:.0%}", (x - 10 * studio.scale, y), size, colour, "mono", "rm", opacity=opacity)
        for level in (0.0, 0.5, 1.0)
        for x, y in (_at(studio, 0, level),)
        if opacity > 0 and studio.scale >= TIGHT  # on a small stage the picture stands there
    ]


def _axis(studio: Studio, ends: tuple[str, str]) -> list[Primitive]:
    left, _, right, bottom = CHART
    size = studio.letters(22.0, least=22.0)
    soft = studio.theme.soft
    return [
        Text(ends[0], studio.at(left, bottom + 36), size, soft, "sans", "ls"),
        Text(ends[1], studio.at(right, bottom + 36), size, soft, "sans", "rs"),
    ]


def _line(studio: Studio, curve: Curve, q: float) -> list[Primitive]:
    """The curve as far as it is drawn, and its name once it is."""
    if q <= 0:
        return []
    xs = [*curve.xs[curve.xs < q].tolist(), q]
    ys = np.interp(xs, curve.xs, curve.ys)
    points = tuple(_at(studio, x, float(y)) for x, y in zip(xs, ys, strict=True))
    parts: list[Primitive] = [Line(points, curve.colour, 4.0)] if len(points) > 1 else []
    size = studio.letters(WORDS, least=22.0)
    name = Text(
        curve.name,
        _at(studio, 0.99, curve.at),
        size,
        curve.colour,
        "sans-bold",
        "rs",
        opacity=ramp(q, 0.8, 1.0),
    )
    return [*parts, _dot(points[-1], curve.colour), name]


def _tangent(studio: Studio, curves: Sequence[Curve], slope: float, q: float) -> list[Primitive]:
    """Where the loss, the first of the curves, would go if it stayed as steep as it begins."""
    height = float(curves[0].ys[0])
    if q <= 0 or slope >= 0:
        return []
    foot = -height / slope  # where it would be zero
    foot = foot if foot < STEEP else min(foot, ALONG)
    end = (foot * q, height + slope * foot * q)
    tangent = Line((_at(studio, 0.0, height), _at(studio, *end)), studio.theme.soft, 2.5)
    size = studio.letters(22.0, least=22.0)
    beside = foot < STEEP  # else below
    spot = (foot + 0.05, 0.4) if beside else (0.4, max(height + slope * 0.4 - 0.08, 0.03))
    straight = Curve(
        np.array([0.0, foot]), np.array([height, height + slope * foot]), studio.theme.soft, "", 0.0
    )
    words = Text(STEEPNESS, _at(studio, *_free_spot(studio, size, spot, (*curves, straight))), size,
                 studio.theme.soft, "sans", "ls", opacity=ramp(q, 0.7, 1.0))  # fmt: skip
    return [tangent, words]


def _free_spot(studio: Studio, size: float, wished: Point, curves: Sequence[Curve]) -> Point:
    """Where the tangent is named: at the wished spot, or above or below it, clear of the curves and of their names."""
    wide, high = _extent(studio, STEEPNESS, size, "sans")
    (left, wish), right = wished, wished[0] + wide
    taken = []
    for one in curves:
        xs = np.linspace(left - 0.02, right + 0.02, 25)
        ys = np.interp(xs[(xs >= one.xs[0]) & (xs <= one.xs[-1])], one.xs, one.ys)
        taken += [(float(ys.min()), float(ys.max()))] if ys.size else []
    for one in (one for one in curves if one.name):
        wide, tall = _extent(studio, one.name, studio.letters(WORDS, least=22.0), "sans-bold")
        taken += [(one.at, one.at + tall)] if 0.99 - wide < right + 0.02 else []
    free = [
        height
        for height in (wish, *np.linspace(0.02, 1.0 - high, 50).tolist())
        if all(height > top + 0.01 or height + high < bottom - 0.01 for bottom, top in taken)
    ]
    return left, min(free or [wish], key=lambda height: abs(height - wish))


def _extent(studio: Studio, words: str, size: float, face: Face) -> Point:
    """How wide and how high words are, in shares of the chart."""
    left, top, right, bottom = CHART
    return width(words, size, face) / ((right - left) * studio.scale), size / ((bottom - top) * studio.scale)


def _mark(studio: Studio, rate: Value, way: Point, curves: Sequence[Curve]) -> list[Primitive]:
    """A dot goes along each curve to the step that is taken, and a line says how far that is.

    `way`: where on the chart that is, and what share of it is gone, both from 0 to 1.
    """
    taken, q = way
    if q <= 0:
        return []
    ink, x = studio.theme.ink, taken * q
    dots = [_dot(_at(studio, x, float(np.interp(x, one.xs, one.ys))), ink) for one in curves]
    size = studio.letters(WORDS, least=22.0)
    foot, head = _at(studio, x, 0.0), _at(studio, x, 1.0)
    words = Text(text_of(_rate(rate)), _at(studio, taken, 1.03), size, ink, "sans", "ls" if taken < 0.5 else "rs",
                 opacity=q)  # fmt: skip
    return [Line((foot, head), ink, 2.0, opacity=0.8), *dots, words]


def _rate(rate: Value) -> Sentence:
    return line("learn rate ", Number(float(rate.value), Cell(rate.id), "short"))


def _dot(at: Point, colour: Colour) -> Panel:
    return Panel((at[0] - DOT, at[1] - DOT, at[0] + DOT, at[1] + DOT), colour, DOT)
