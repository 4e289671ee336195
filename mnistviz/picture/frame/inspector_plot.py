"""The inspector's small plot: curves with a dot that moves along, or bars from a common zero."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

from mnistviz.picture.contrast import legible, mix
from mnistviz.picture.display import Box, Colour, Line, Panel, Point, Polygon, Primitive, Text
from mnistviz.picture.fonts import width
from mnistviz.picture.frame.inspector_text import NUMBERS, OWNER, ROW, WORDS, fitted
from mnistviz.picture.frame.source_panel import ADVANCE
from mnistviz.picture.numbers import tick
from mnistviz.picture.stage.tableau import Curve, Plot
from mnistviz.picture.theme import Theme
from mnistviz.picture.wording import text_of, told_of
from mnistviz.story.sentence import Sentence

PLOT_LEAST = 64.0  # height
BAR_ROW_LEAST, BAR_ROW_MOST = 21.0, 34.0
LABEL_SHARE = 0.42  # of the width, at most, for the labels of bars


def plot_primitives(plot: Plot, box: Box, accents: dict[str, Colour], theme: Theme) -> Iterator[Primitive]:
    """Curves or bars, with as many words around them as there is room for."""
    left, top, right, bottom = box
    soft = legible(theme.soft, theme.panel)
    if plot.caption and bottom - top - ROW >= PLOT_LEAST:
        yield _long(text_of(plot.caption), (left, bottom - 6), right - left, soft)
        bottom -= ROW + 2
    if plot.bars:
        yield from _bars(plot, (left, top, right, bottom), accents, theme)
        return
    if plot.y_label and bottom - top - ROW >= PLOT_LEAST + ROW:
        words = fitted(plot.y_label, WORDS, "sans", right - left)
        yield Text(words, (left, top + 20), WORDS, soft, "sans", "ls", OWNER)
        top += ROW + 2
    yield from _curves(plot, (left, top, right, bottom), accents, theme)


def _long(words: str, at: Point, limit: float, colour: Colour) -> Text:
    """A line of words, in narrower mono where it is long: then it is mostly numbers."""
    if width(words, WORDS) <= limit:
        return Text(words, at, WORDS, colour, "sans", "ls", OWNER)
    size = max(NUMBERS, min(WORDS, limit / (len(words) * ADVANCE)))
    return Text(fitted(words, size, "mono", limit), at, size, colour, "mono", "ls", OWNER)


def _curves(plot: Plot, box: Box, accents: dict[str, Colour], theme: Theme) -> Iterator[Primitive]:
    left, top, right, bottom = box
    soft = legible(theme.soft, theme.panel)
    low, high = (tick(end) for end in plot.y_range)
    x = left + max(len(low), len(high)) * ADVANCE * NUMBERS
    for label, y in ((high, top + 0.78 * NUMBERS), (low, bottom - ROW)):
        yield Text(label, (x, y), NUMBERS, soft, "mono", "rs", OWNER)
    inner = (x + 12, top + 4, right - 6, bottom - ROW)
    yield from _below(plot, inner, bottom, theme)
    thin = mix(theme.panel, theme.faint, 0.6)
    yield Line(((inner[0], inner[1]), (inner[0], inner[3]), (inner[2], inner[3])), thin, 1)
    if plot.y_range[0] < 0 < plot.y_range[1]:
        zero = _at((plot.x_range[0], 0.0), plot, inner)[1]
        yield Line(((inner[0], zero), (inner[2], zero)), thin, 1)
    for curve in plot.curves:
        points = _points(curve, plot.x_range, plot.y_range, inner)
        if len(points) > 1:
            colour = accents.get(curve.accent, theme.ink)
            yield Line(points, legible(colour, theme.panel), 2.5)
    if plot.dot is not None and all(map(math.isfinite, plot.dot)):
        yield from _dot(plot, plot.dot, inner, theme)


def _below(plot: Plot, inner: Box, bottom: float, theme: Theme) -> Iterator[Text]:
    """The ends of the x axis, and what it is."""
    soft = legible(theme.soft, theme.panel)
    low, high = (tick(end) for end in plot.x_range)
    y = bottom - 5
    yield Text(low, (inner[0], y), NUMBERS, soft, "mono", "ls", OWNER)
    yield Text(high, (inner[2], y), NUMBERS, soft, "mono", "rs", OWNER)
    room = inner[2] - inner[0] - 2 * (max(len(low), len(high)) * ADVANCE * NUMBERS + 12)
    if plot.x_label and room > 60:
        words = fitted(plot.x_label, WORDS, "sans", room)
        yield Text(words, ((inner[0] + inner[2]) / 2, y), WORDS, soft, "sans", "ms", OWNER)


def _at(point: Point, plot: Plot, inner: Box) -> Point:
    return _points(Curve((point[0],), (point[1],)), plot.x_range, plot.y_range, inner)[0]


@lru_cache(maxsize=128)
def _points(curve: Curve, x_range: Point, y_range: Point, inner: Box) -> tuple[Point, ...]:
    """The curve's finite points on the panel, held within the plot."""
    left, top, right, bottom = inner
    return tuple(
        (left + _share(x, x_range) * (right - left), bottom - _share(y, y_range) * (bottom - top))
        for x, y in zip(curve.xs, curve.ys, strict=True)
        if math.isfinite(x) and math.isfinite(y)
    )


def _share(value: float, ends: Point) -> float:
    """How far along from one end to the other, 0..1."""
    span = ends[1] - ends[0]
    share = (value - ends[0]) / span if span else 0.0
    return 0.0 if not share > 0 else min(share, 1.0)


def _dot(plot: Plot, dot: Point, inner: Box, theme: Theme) -> Iterator[Primitive]:
    x, y = _at(dot, plot, inner)
    if plot.drop:
        soft = mix(theme.panel, theme.soft, 0.8)
        yield Line(((x, y), (x, inner[3])), soft, 1)
        yield Line(((x, y), (inner[0], y)), soft, 1)
    corners = ((math.cos(turn * math.pi / 8), math.sin(turn * math.pi / 8)) for turn in range(16))
    around = tuple((x + 6 * across, y + 6 * down) for across, down in corners)
    yield Polygon(around, theme.ink, theme.panel, 1.5, glow=0.5)


def _bars(plot: Plot, box: Box, accents: dict[str, Colour], theme: Theme) -> Iterator[Primitive]:
    """Horizontal bars from a common zero, each with its label and its signed value."""
    left, top, right, bottom = box
    rows = max(1, min(len(plot.bars), int((bottom - top) / BAR_ROW_LEAST)))
    height = min(BAR_ROW_MOST, (bottom - top) / rows)
    size = min(20.0, max(NUMBERS, height * 0.72))
    room = int((right - left) * LABEL_SHARE / (ADVANCE * size))
    bars = [(text_of(bar.label)[:room], bar, text_of(Sentence((bar.number,)))) for bar in plot.bars[:rows]]
    start = left + max(len(label) for label, _, _ in bars) * ADVANCE * size + 14
    end = right - max(len(number) for _, _, number in bars) * ADVANCE * size - 14
    ends = (min(plot.x_range[0], 0.0), max(plot.x_range[1], 0.0))
    zero = start + _share(0.0, ends) * (end - start)
    soft = legible(theme.soft, theme.panel)
    for place, (label, bar, number) in enumerate(bars):
        value = bar.number.value
        middle = top + (place + 0.5) * height
        colour = legible(accents.get(bar.accent, theme.ink), theme.panel)
        yield Text(label, (left, middle), size, soft, "mono", "lm", OWNER)
        reach = start + _share(value if math.isfinite(value) else 0.0, ends) * (end - start)
        if abs(reach - zero) > 0.5:
            sides = (min(zero, reach), max(zero, reach))
            yield Panel((sides[0], middle - height * 0.3, sides[1], middle + height * 0.3), colour, 2)
        exact, told = repr(float(value)), told_of(Sentence((bar.number,)))
        yield Text(number, (right, middle), size, colour, "mono", "rm", OWNER, counted=exact, told=told)
    yield Line(((zero, top), (zero, top + rows * height)), mix(theme.panel, theme.faint, 0.8), 1)
