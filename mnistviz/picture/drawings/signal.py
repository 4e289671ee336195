"""Long rows of numbers as curves, one below the other; what is drawn by chance, by how often each number came."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Line, Panel, Polygon, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.curve import Axes
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.props import cell_name, cell_number, filled_up_to, short
from mnistviz.picture.easing import ramp, smooth
from mnistviz.picture.fonts import width
from mnistviz.picture.numbers import tick
from mnistviz.picture.stage.arrange import BOTTOM, TOP, centred
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Inspector, Tableau
from mnistviz.story.sentence import Code, line
from mnistviz.story.shortening import DOTS
from mnistviz.story.signals import Signal, signal_of
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

PANEL = (330.0, 110.0, 1216.0, 790.0)  # left, top, right, bottom
CARD_WIDE = 160.0
HEAD, EDGE, BETWEEN = 46.0, 22.0, 18.0  # of a panel: room for its name, below the curve, to the next one
ENDS = 30.0  # room below bars for the ends of what they count
LEVELS = 96.0  # room for the ends of a scale
MOST_POINTS = 240  # columns of a curve; where there are more numbers, from the least to the largest in each
BARS = 32
LONGEST_NAME = 44  # characters


@draws("signal")
def draw_signal(studio: Studio, shot: Shot, p: float) -> Tableau:
    """What goes in as whole curves, the result as far as it is made."""
    operations = studio.operations(shot)
    signal = signal_of(operations[-1]) if operations else None
    if signal is None:
        return draw_any(studio, shot, p)
    rows = (*signal.given, signal.result)
    share = smooth(ramp(p, 0.1, 0.95))
    marks: list[Primitive] = []
    under: list[Primitive] = []
    for place, value in enumerate(rows):
        axes = _axes(studio, value, place, len(rows), signal.drawn)
        under += _frame(studio, value, axes, f"plot {place}", signal.drawn)
        marks += _shape(studio, value, axes, share if value is signal.result else 1.0, signal.drawn)
    form = studio.form(signal.result.shape)
    top = studio.above(TOP)
    card = studio.card(signal.result, centred(studio, form, (0.0, top, CARD_WIDE, BOTTOM - top)))
    count = card.cells.values.size
    card = filled_up_to(card, round(share * count))
    return Tableau(
        (card,), tuple(marks), tuple(under), _words(studio, signal), operations[-1].source.expression
    )


def _numbers(value: Value) -> NDArray[Any]:
    """The numbers; of complex ones how large they are."""
    return np.abs(value.value) if value.dtype.kind == "c" else np.asarray(value.value, dtype=float)


@lru_cache(maxsize=64)
def _counts(value: Value) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where each bar begins and ends, and which bar each number falls into; less than 0: into none."""
    numbers = _numbers(value)
    here = np.isfinite(numbers)
    ends = np.histogram_bin_edges(numbers[here] if here.any() else np.zeros(1), BARS)
    places = np.clip(np.searchsorted(ends, numbers, side="right") - 1, 0, BARS - 1)
    return ends, np.where(here, places, -1)


@lru_cache(maxsize=64)
def _axes(studio: Studio, value: Value, place: int, count: int, drawn: bool) -> Axes:
    left, top, right, bottom = PANEL
    high = (bottom - top - BETWEEN * (count - 1)) / count
    begin = top + place * (high + BETWEEN)
    foot = EDGE + ENDS * drawn
    (x0, y0), (x1, y1) = studio.at(left + LEVELS, begin + HEAD), studio.at(right, begin + high - foot)
    if drawn:
        ends, places = _counts(value)
        most = int(np.bincount(places[places >= 0], minlength=1).max())
        return Axes(x0, y0, x1, y1, (float(ends[0]), float(ends[-1])), (0.0, max(most, 1)))
    numbers = _numbers(value)
    here = numbers[np.isfinite(numbers)]
    low, up = (float(here.min()), float(here.max())) if here.size else (0.0, 1.0)
    if up <= low:
        low, up = low - 1.0, up + 1.0
    return Axes(x0, y0, x1, y1, (0.0, len(numbers) - 1.0), (low, up))


def _frame(studio: Studio, value: Value, axes: Axes, owner: str, drawn: bool) -> list[Primitive]:
    """The panel, whose curve it is, and how far its scale reaches."""
    theme, size = studio.theme, 18.0
    s = studio.scale
    levels = [tick(float(f"{y:.2g}")) for y in axes.y_range]
    room = max((LEVELS - 10) * s, 24 + max(width(words, size, "mono") for words in levels))
    box = (
        axes.left - room - 8,
        axes.top - HEAD * s + 4,
        axes.right + 14,
        axes.bottom + (EDGE + ENDS * drawn) * s,
    )
    name = short(studio.name(value)) or DOTS
    name = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + DOTS
    head = f"|{name}|" if value.dtype.kind == "c" else name
    colour = studio.accent(studio.key(value))
    parts: list[Primitive] = [
        Panel(box, theme.panel, 12, theme.panel_edge, 1.5, name=owner),
        Text(head, (axes.left, axes.top - 12 * s), studio.letters(20.0), colour, "mono", "ls", owner),
    ]
    for y, words in zip(axes.y_range, levels, strict=True):
        at = (axes.left - 10, axes.at(0, y)[1])
        parts.append(Text(words, at, size, theme.soft, "mono", "rm", owner))
    for x, anchor in zip(axes.x_range, ("ls", "rs"), strict=True) if drawn else ():
        at = (axes.at(x, 0)[0], axes.bottom + 28)
        parts.append(Text(tick(float(f"{x:.2g}")), at, size, theme.soft, "mono", anchor, owner))
    ends = ((axes.left, axes.top), (axes.left, axes.bottom), (axes.right, axes.bottom))
    return [*parts, Line(ends, theme.faint, 1.5)]


def _shape(studio: Studio, value: Value, axes: Axes, share: float, drawn: bool) -> list[Primitive]:
    colour = studio.accent(studio.key(value))
    if drawn:
        ends, places = _counts(value)
        seen = places[: round(share * len(places))]
        counts = np.bincount(seen[seen >= 0], minlength=BARS)
        bars = zip(ends.tolist(), ends[1:].tolist(), counts.tolist(), strict=False)
        corners = [(axes.at(a, 0), axes.at(b, count)) for a, b, count in bars if count]
        return [Polygon((at, (at[0], to[1]), to, (to[0], at[1])), colour, colour, 0.0) for at, to in corners]
    points = [point for point in _points(value) if point[0] <= share * axes.x_range[1]] if share > 0 else []
    way = tuple(axes.at(x, y) for x, y in points)
    return [Line(way, colour, 2.0)] if len(way) > 1 else []


@lru_cache(maxsize=64)
def _points(value: Value) -> tuple[tuple[float, float], ...]:
    """A curve through all numbers that there are; through the least and the largest of each column where they are many."""
    numbers = _numbers(value)
    places = np.flatnonzero(np.isfinite(numbers))
    if len(places) <= 2 * MOST_POINTS:
        return tuple((float(place), float(numbers[place])) for place in places)
    found: list[tuple[float, float]] = []
    for run in np.array_split(places, MOST_POINTS):
        ends = sorted({int(run[numbers[run].argmin()]), int(run[numbers[run].argmax()])})
        found += [(float(place), float(numbers[place])) for place in ends]
    return tuple(found)


def _words(studio: Studio, signal: Signal) -> Inspector:
    """What is computed, and the first of the numbers."""
    result = signal.result
    sentences = [line(Code(code), tone="formula") for code in signal.operation.expression.splitlines()[:3]]
    if result.dtype.kind in "biuf":
        sentences.append(line(cell_name(studio, result, 0), " = ", cell_number(result, 0), tone="result"))
    head = "how often each number came" if signal.drawn else "one number after the other"
    return Inspector(line(head), tuple(sentences))
