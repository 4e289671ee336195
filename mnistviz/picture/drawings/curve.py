"""A function of one number, for every cell: each value travels to the curve and comes back."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import CURVED, definition
from mnistviz.picture.display import Line, Panel, Point, Polygon, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.headings import announced, heading, largest_first
from mnistviz.picture.drawings.order import order_of
from mnistviz.picture.drawings.props import (
    cell_at,
    cell_name,
    cell_number,
    centre,
    chip,
    filled,
    loose,
    number_in,
    shows_each_cell,
    working,
)
from mnistviz.picture.easing import eased, mix_point, ramp
from mnistviz.picture.hashing import changed
from mnistviz.picture.numbers import tick
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.arrange import BOTTOM, NUMBER_ROOM, TOP, Term, centred, equation
from mnistviz.picture.stage.forms import nice_limit
from mnistviz.picture.stage.studio import STAGE, Studio
from mnistviz.picture.stage.tableau import Card, Curve, Inspector, Plot, Tableau
from mnistviz.story.sentence import Cell, Code, Number, Part, Quantity, Sentence, Style, line
from mnistviz.story.storyboard import Shot, Storyboard
from mnistviz.trace.model import Operation, Value, finite_range

SAMPLES = 129
LONGEST_EXPRESSION = 90  # characters
SIDE_ROOM = 250.0  # beside the curve's panel
COLUMN_WIDE, COLUMN_WIDE_TIGHT = 230.0, 170.0  # of a column beside it; on a stage whose words need more room
PANEL, PANEL_TIGHT = (474.0, 150.0, 822.0, 722.0), (440.0, 236.0, 862.0, 662.0)  # left, top, right, bottom
TIGHT = 0.6  # scale of a stage below which its words need more room
LEVEL = 0.05  # of what lies between a curve's two ends: nearer to one it is level
# Of a curve is shown at most so many times what its values need: where some differ from 0, and where none does.
WIDER, WIDEST, STEPS = 4.0, 100.0, 40
LEVELS_ROOM = 62.0  # design units that the numbers left of the curve need at least


@dataclass(frozen=True, eq=False)
class Chain:
    """Elementwise operations one after the other that make one array from one array."""

    operations: tuple[Operation, ...]
    source: Value
    result: Value

    def __call__(self, xs: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same operations on other numbers; constants stay."""
        made: dict[int, NDArray[np.float64]] = {self.source.id: xs}
        with np.errstate(all="ignore"):
            for operation in self.operations:
                ufunc = getattr(np, operation.operation)
                made[operation.output.id] = ufunc(*(made.get(v.id, v.value) for v in operation.inputs))
        return np.asarray(made[self.result.id], dtype=np.float64)


@lru_cache(maxsize=256)
def chain(board: Storyboard, numbers: tuple[int, ...]) -> Chain | None:
    """The operations as a function of one number, if that is what they are."""
    operations = tuple(board.operation(number) for number in numbers)
    if not operations or not all(isinstance(getattr(np, o.operation, None), np.ufunc) for o in operations):
        return None
    made = {operation.output.id for operation in operations}
    arrays = [v for o in operations for v in o.inputs if v.shape != () and v.id not in made]
    if len({value.id for value in arrays}) != 1 or operations[-1].in_place:
        return None
    source, result = arrays[0], operations[-1].output
    kinds = source.dtype.kind + result.dtype.kind
    if source.shape != result.shape or source.value.size == 0 or set(kinds) - set("iuf"):
        return None
    return Chain(operations, source, result)


@dataclass(frozen=True)
class Axes:
    """A plot on the stage: its box on the canvas and its ranges."""

    left: float
    top: float
    right: float
    bottom: float
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def at(self, x: float, y: float) -> Point:
        """A point of the plot on the canvas."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        u = min(max((x - x0) / (x1 - x0), 0.0), 1.0)
        v = min(max((y - y0) / (y1 - y0), 0.0), 1.0)
        return (self.left + u * (self.right - self.left), self.bottom - v * (self.bottom - self.top))


@draws("curve", *CURVED)
def draw_curve(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The column, the curve, the new column."""
    found = chain(studio.board, shot.subject)
    if found is None:
        return draw_any(studio, shot, p)
    source, result = beside_curve(studio, found)
    axes, curve = axes_of(studio, found)
    order = order_of(shot, found.result)
    pace = order.pace(ramp(p, 0.05, 1.0))
    done, cell = order.done(pace.landed()), order.now(pace, p)
    marks: list[Primitive] = [
        dot for dot, there in zip(_dots(studio, found, axes), done, strict=False) if there and dot
    ]
    if p > 0 and shows_each_cell(source, result):
        source = changed(source, lit=(cell_at(source, cell),))
        result = changed(result, lit=(cell_at(result, cell),))
        travels = pace.flies and p < 1
        marks += (
            _travel(studio, source, result, axes, cell, pace.q)
            if travels
            else _stands(studio, found, axes, cell)
        )
    shown = (source, changed(filled(result, done), glow=0.5 if 0 < p < 1 else 0.0))
    lit = found.operations[
        min(int(ramp(pace.q, 0.2, 0.8) * len(found.operations)), len(found.operations) - 1)
    ]
    claim = largest_first(shot, found.result, cell, order, pace.done)
    head = heading(studio, shot, found.result, cell, claim)
    words = _step_by_step(studio, found, cell, head)
    words = words if p > 0 else announced(words)
    whole = found.operations[-1] if p in (0.0, 1.0) or not pace.slow else lit
    return Tableau(shown, tuple(marks), frame_of(studio, axes, curve, found), words, whole.source.expression)


@lru_cache(maxsize=64)
def beside_curve(studio: Studio, found: Chain) -> tuple[Card, Card]:
    """Both cards at the sides of the stage, to leave room for the curve."""
    source, result = equation(studio, (Term(found.source), Term(found.result)))
    form = studio.form(result.shape)
    if not form.column and form.rows * form.columns * form.layers > 1:
        beside = [
            centred(studio, form, (x, TOP, SIDE_ROOM, BOTTOM - TOP)) for x in (0.0, STAGE[0] - SIDE_ROOM)
        ]
        return studio.card(found.source, beside[0]), studio.card(found.result, beside[1])
    source, result = (
        _widened(studio, card, value) for card, value in ((source, found.source), (result, found.result))
    )
    y = result.place.at[1]
    if (
        cards.label_width(result, studio.words) > SIDE_ROOM * studio.scale * studio.stretch
    ):  # its label must clear the curve's panel
        y = min(y, studio.at(0, TOP)[1] - result.place.across[1])
    left = changed(source.place, at=(studio.at(36, 0)[0], source.place.at[1]))
    end = STAGE[0] - (NUMBER_ROOM if result.numbers and result.side == "right" else 0.0)
    right = changed(result.place, at=(studio.at(end, 0)[0] - result.place.across[0], y))
    return changed(source, place=left), changed(result, place=right)


def _widened(studio: Studio, card: Card, value: Value) -> Card:
    """A column as wide as there is room beside the curve."""
    form = studio.form(value.shape)
    if not form.column or card.side == "inside":
        return card
    wide = COLUMN_WIDE_TIGHT if studio.scale < TIGHT else COLUMN_WIDE
    numbers = cards.numbers_width(card, studio.words) / (studio.scale * studio.stretch)
    wide -= max(numbers - studio.beside(NUMBER_ROOM), 0.0)  # long ones must clear the curve's panel
    return studio.card(value, centred(studio, form, (0.0, TOP, wide, BOTTOM - TOP)))


@lru_cache(maxsize=64)
def axes_of(studio: Studio, found: Chain) -> tuple[Axes, tuple[tuple[float, ...], tuple[float, ...]]]:
    """The plot between both cards, and the function's points in it."""
    least, most = finite_range(found.source.value) or (0.0, 1.0)
    margin = 0.12 * ((most - least) or abs(most) or 1.0)
    positive = least >= 0 and most > 0
    low, high = (0.0, nice_limit(most)) if positive else _until_level(found, least - margin, most + margin)
    xs = np.linspace(low, high, SAMPLES)
    ys = found(xs)
    good = np.isfinite(ys)
    reach = ys[good] if good.any() else np.zeros(1)
    bottom, top = float(min(reach.min(), 0.0)), float(reach.max())
    margin = 0.06 * ((top - bottom) or 1.0)
    panel = PANEL_TIGHT if studio.scale < TIGHT else PANEL
    box = (*studio.at(*panel[:2]), *studio.at(*panel[2:]))
    axes = Axes(*box, (low, high), (bottom - margin, top + margin))
    return axes, (tuple(map(float, xs[good])), tuple(map(float, ys[good])))


def _until_level(found: Chain, low: float, high: float) -> tuple[float, float]:
    """The range, or so much more of it that a curve with a level end on both sides is seen to level off."""
    ends = found(np.array([-np.inf, np.inf]))
    if not np.isfinite(ends).all() or ends[0] == ends[1]:
        return low, high
    near = LEVEL * abs(float(ends[1] - ends[0]))
    most = WIDER if finite_range(found.source.value) != (0.0, 0.0) else WIDEST
    further = (np.geomspace(1.0, most, STEPS) - 1) / 2 * (high - low)
    sides = ((low, -1.0, ends[0]), (high, 1.0, ends[1]))
    found_at = [start + sign * further for start, sign, _ in sides]
    level = [np.abs(found(xs) - end) < near for xs, (_, _, end) in zip(found_at, sides, strict=True)]
    first = [int(one.argmax()) if one.any() else STEPS - 1 for one in level]
    return float(found_at[0][first[0]]), float(found_at[1][first[1]])


@lru_cache(maxsize=16)
def frame_of(
    studio: Studio, axes: Axes, curve: tuple[tuple[float, ...], tuple[float, ...]], found: Chain
) -> tuple[Primitive, ...]:
    """The panel of the plot: its grid, the numbers at its ends, the curve."""
    theme = studio.theme
    zero = axes.at(min(max(axes.x_range[0], 0.0), axes.x_range[1]), 0.0)
    box = (axes.left - studio.letters(84.0, LEVELS_ROOM), axes.top - 24, axes.right + 24, axes.bottom + 62)
    points = tuple(axes.at(x, y) for x, y in zip(*curve, strict=True))
    ink = studio.accent(found.result.name)
    parts: list[Primitive] = []
    for x, at, anchor in ((axes.x_range[0], axes.left, "ls"), (axes.x_range[1], axes.right, "rs")):
        words = tick(float(f"{x:.2g}"))
        parts.append(Text(words, (at, axes.bottom + 34), 18, theme.soft, "mono", anchor, "plot"))
    for level in _levels(*axes.y_range):
        left, y = axes.at(axes.x_range[0], level)
        parts.append(Line(((left, y), (axes.right, y)), theme.panel_edge, 1.5))
        parts.append(Text(tick(level), (left - 16, y), 18, theme.soft, "mono", "rm", "plot"))
    return (
        Panel(box, theme.panel, 12, theme.panel_edge, 1.5, name="plot"),
        *parts,
        Line(((zero[0], axes.top), (zero[0], axes.bottom)), theme.faint, 1.5),
        Line(points, ink, 4.0),
    )


def _levels(low: float, high: float) -> list[float]:
    """The few heights that have a line and a number."""
    wished = (0.0, 0.5, 1.0) if high > 0.5 else (0.0, 0.1, 0.25) if high > 0.1 else (0.0,)
    levels = [level for level in wished if low < level < high]
    if high < 2 and len(levels) > 1:
        return levels
    return sorted({0.0, float(f"{high:.1g}") / 2}) if low <= 0 else [high]


@lru_cache(maxsize=16)
def _dots(studio: Studio, found: Chain, axes: Axes) -> tuple[Polygon | None, ...]:
    """A dot on the curve for each value; none for those that are not finite, nor where there are many."""
    if found.source.value.size > 256:
        return ()
    points = zip(found.source.value.ravel().tolist(), found.result.value.ravel().tolist(), strict=True)
    ink = studio.theme.ink
    return tuple(
        Polygon(diamond(axes.at(float(x), float(y)), 6.0), studio.accent(found.result.name), ink, 1.5)
        if math.isfinite(x) and math.isfinite(y)
        else None
        for x, y in points
    )


def diamond(at: Point, reach: float) -> tuple[Point, ...]:
    """The corners of a small dot on a curve."""
    x, y = at
    return ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))


def _travel(studio: Studio, source: Card, result: Card, axes: Axes, cell: int, q: float) -> list[Primitive]:
    """From its cell to the axis, up to the curve, over to the right, into its new cell."""
    x, y = float(source.cells.values.ravel()[cell]), float(result.cells.values.ravel()[cell])
    if not (math.isfinite(x) and math.isfinite(y)):
        return []
    start, end = centre(source, cell), centre(result, cell)
    foot = (axes.at(x, y)[0], axes.bottom)
    curve, side = axes.at(x, y), (axes.right, axes.at(x, y)[1])
    legs: Sequence[tuple[float, float, Point, Point]] = (
        (0.02, 0.28, start, foot), (0.3, 0.52, foot, curve), (0.6, 0.78, curve, side), (0.8, 0.98, side, end),
    )  # fmt: skip
    at = start
    for begin, finish, a, b in legs:
        if q >= begin:
            at = mix_point(a, b, eased(q, begin, finish))
    ink = studio.theme.ink
    trail: list[Primitive] = []
    if q > 0.3:
        trail.append(Line((foot, mix_point(foot, curve, eased(q, 0.3, 0.52))), ink, 2.0, opacity=0.8))
    if q > 0.6:
        trail.append(Line((curve, mix_point(curve, side, eased(q, 0.6, 0.78))), ink, 2.0, opacity=0.8))
    changed = q >= 0.56
    card = result if changed else source
    trail.append(chip(studio, loose(studio, card, cell), at, 26))
    return trail


def _stands(studio: Studio, found: Chain, axes: Axes, cell: int) -> list[Primitive]:
    """Where a value is on the curve, with thin lines to both axes."""
    x, y = (float(value.value.ravel()[cell]) for value in (found.source, found.result))
    if not (math.isfinite(x) and math.isfinite(y)):
        return []
    at, soft = axes.at(x, y), studio.theme.soft
    dot = Polygon(diamond(at, 10.0), studio.theme.ink, studio.accent(found.result.name), 2.5)
    return [Line(((at[0], axes.bottom), at), soft, 1.5), Line(((axes.left, at[1]), at), soft, 1.5), dot]


@lru_cache(maxsize=64)
def _step_by_step(studio: Studio, found: Chain, cell: int, head: Sentence) -> Inspector:
    """The function with the cell's own number in it, and what each of its operations makes of that."""
    x, y = number_in(found.source, cell, "bare"), number_in(found.result, cell)
    steps = [_in_numbers(one, cell) for one in found.operations if not definition(one.operation).prefix]
    last = steps if len(found.operations) > 1 and steps else [line("= ", y)]
    return Inspector(head, working([line(cell_name(studio, found.result, cell)), *_put_in(found, x), *last]))


def _in_numbers(one: Operation, cell: int) -> Sentence:
    """`exp(-1.01) = +0.364`, `1 + 0.364 = +1.36`."""
    known = definition(one.operation)
    style: Style = "bare" if known.infix else "signed"
    numbers = [cell_number(value, cell if value.shape else 0, style) for value in one.inputs]
    if known.infix and len(numbers) == 2:
        return line(numbers[0], f" {known.sign} ", numbers[1], " = ", cell_number(one.output, cell))
    inside = [part for number in numbers for part in (", ", number)][1:]
    return line(f"{known.name}(", *inside, ") = ", cell_number(one.output, cell))


@lru_cache(maxsize=64)
def words_of(
    studio: Studio,
    found: Chain,
    curve: tuple[tuple[float, ...], tuple[float, ...]],
    cell: int,
    head: Sentence,
) -> Inspector:
    """The function with the cell's own number in it, and its curve with a dot there."""
    x, y = number_in(found.source, cell, "bare"), number_in(found.result, cell)
    lines = [line(cell_name(studio, found.result, cell)), *_put_in(found, x), line("= ", y)]
    dot = (x.value, y.value) if math.isfinite(x.value) and math.isfinite(y.value) else None
    ys = curve[1] or (0.0,)
    function = Quantity("function", tuple(operation.number for operation in found.operations))
    plot = Plot(
        (curve[0][0], curve[0][-1]) if curve[0] else (0.0, 1.0), (min(*ys, 0.0), max(*ys, 1e-12)),
        (Curve(*curve, found.result.name, function),), dot, drop=True,
        dot_of=(Cell(found.source.id, cell), Cell(found.result.id, cell)),
    )  # fmt: skip
    return Inspector(head, working(lines), plot)


def _put_in(found: Chain, x: Number) -> list[Sentence]:
    """The last expression with the number in place of its name; nothing where it is long, or has no name."""
    expression, name = " ".join(found.operations[-1].expression.split()), found.source.name
    if not name or len(expression) >= LONGEST_EXPRESSION:
        return []
    said: list[Part | str] = ["= "]
    for place, code in enumerate(re.split(rf"(?<![\w.]){re.escape(name)}(?!\w)", expression)):
        said += [x, Code(code)] if place else [Code(code)]
    return [line(*said)]
