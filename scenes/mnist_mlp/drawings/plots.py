"""Two plots on the stage: what becomes of the step when it is taken further, and how the training went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Colour, Line, Panel, Point, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.easing import eased, ramp
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Inspector, Tableau
from mnistviz.story.sentence import Cell, Number, Sentence, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

CHART = (100.0, 120.0, 1050.0, 740.0)  # left, top, right, bottom in the drawings' own coordinates
LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
DOT, WORDS = 11.0, 26.0
FURTHEST = "the whole adjustment"  # a rate of 1


@dataclass(frozen=True)
class Curve:
    """A line of the chart: its places from 0 to 1 both ways, its colour, and what it is called."""

    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    colour: Colour
    name: str
    at: float  # y of its name, 0..1


@draws("step-taken-further")
def draw_further(studio: Studio, shot: Shot, p: float) -> Tableau:
    """`extra` holds rates from 0 to 1, and there: the loss of this picture, the share of others read rightly.

    And the learn rate, as one number.
    """
    if len(shot.extra) != 4:
        return draw_any(studio, shot, p)
    rates, losses, shares, rate = shot.extra
    theme = studio.theme
    curves = (
        Curve(
            rates.value,
            losses.value / losses.value.max(),
            theme.phase("error"),
            "error of this picture",
            0.62,
        ),
        Curve(rates.value, shares.value, theme.phase("forward"), "other digits read rightly", 0.97),
    )
    place = int(np.abs(rates.value - float(rate.value)).argmin())
    seen = (eased(p, 0.05, 0.4), eased(p, 0.45, 0.85))
    marks = [
        *_grid(studio),
        *(part for one, q in zip(curves, seen, strict=True) for part in _line(studio, one, q)),
    ]
    marks += _mark(studio, rates.value[place], curves, eased(p, 0.85, 0.97))
    marks += _axis(studio, ("no step", FURTHEST))
    shown = [_row("no step", losses, shares, 0)]
    shown += [_row("the step taken", losses, shares, place)] if p > 0.88 else []
    shown += [_row(FURTHEST, losses, shares, len(rates.value) - 1)] if p > 0.85 else []
    lines = (
        (line("error of this picture · others read rightly", tone="faint", mono=False), *shown)
        if p > 0.4
        else ()
    )
    lit = studio.operations(shot)
    return Tableau(
        (), tuple(marks), inspector=Inspector("How far to go?", tuple(lines)) if lines else Inspector(),
        lit=lit[-1].source.statement if lit else None,
    )  # fmt: skip


@draws("training-curve")
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
        (), tuple(marks), inspector=words if p > 0.05 else Inspector(),
        lit=lit[-1].source.statement if lit else None,
    )  # fmt: skip


def _row(name: str, losses: Value, shares: Value, place: int) -> Sentence:
    """Error and share at one place of the curves."""
    return line(
        f"{name}: ", Number(float(losses.value[place]), Cell(losses.id, place), "share"), " · ",
        Number(float(shares.value[place]), Cell(shares.id, place), "share"), tone="working",
    )  # fmt: skip


def _at(studio: Studio, x: float, y: float) -> Point:
    left, top, right, bottom = CHART
    return studio.at(left + (right - left) * x, bottom - (bottom - top) * y)


def _grid(studio: Studio) -> list[Primitive]:
    return [
        Line((_at(studio, 0, level), _at(studio, 1, level)), studio.theme.panel_edge, 1.5) for level in LEVELS
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


def _mark(studio: Studio, x: float, curves: Sequence[Curve], q: float) -> list[Primitive]:
    """A line at the step that was taken, and a dot where it meets each curve."""
    if q <= 0:
        return []
    ink = studio.theme.ink
    dots = [_dot(_at(studio, x, float(np.interp(x, one.xs, one.ys))), ink) for one in curves]
    size = studio.letters(WORDS, least=22.0)
    foot, head = _at(studio, x, 0.0), _at(studio, x, 0.08 + 0.92 * q)
    words = Text("the step taken", _at(studio, x, 1.03), size, ink, "sans", "ls", opacity=q)
    return [Line((foot, head), ink, 2.0, opacity=0.8), *dots, words]


def _dot(at: Point, colour: Colour) -> Panel:
    return Panel((at[0] - DOT, at[1] - DOT, at[0] + DOT, at[1] + DOT), colour, DOT)
