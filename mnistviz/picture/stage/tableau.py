"""What a drawing says of one moment of a shot: cards on the stage, loose marks, and words for the inspector.

Plain data between the drawings (which know an operation) and compose (which knows the frame around it).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from mnistviz.picture.display import CellMap, Cells, ColourScale, Mask, Point, Primitive
from mnistviz.picture.hashing import hashed_once
from mnistviz.story.sentence import Cell, Number, Quantity, Sentence
from mnistviz.story.storyboard import Gauge, Labels, Phase
from mnistviz.trace.model import Span, set_at_once

Edges = tuple[Point, Point]  # across, down


@hashed_once
@set_at_once
@dataclass(frozen=True)
class Place:
    """Where a card stands: top left corner of its first layer, and the two edges of a whole layer."""

    at: Point
    across: Point
    down: Point
    steps: tuple[Point, ...] = ((0.0, 0.0),)  # offset of each layer from the first: a deck or a wall
    depth: Point = (0.0, 0.0)
    grows: Edges | None = None  # on its way to this across and down, or from there


def growing(now: Edges, start: Edges, end: Edges) -> Edges | None:
    """The larger of two shapes between which something is on its way; None where it has, to half units, one of them."""
    return None if _near(now, start) or _near(now, end) else max(start, end, key=_extent)


def _near(one: Edges, other: Edges) -> bool:
    return all(abs(a - b) <= 0.5 for a, b in zip((*one[0], *one[1]), (*other[0], *other[1]), strict=True))


def _extent(edges: Edges) -> float:
    (ax, ay), (dx, dy) = edges
    return abs(ax * dy - ay * dx)


AxisLabels = tuple[Labels | None, Labels | None, Labels | None]
UNLABELLED: Final[AxisLabels] = (None, None, None)


@hashed_once
@set_at_once
@dataclass(frozen=True)
class Card:
    """A matrix on the stage.

    `key` is its identity over the whole film: the same array, before and after an update, keeps its
    key, its colour and, between shots, its place or travels to the new one.
    """

    key: str
    name: str  # as in the source
    shape: tuple[int, ...]  # of the value, not of the drawing
    cells: Cells
    shows: CellMap | None  # which numbers the cells are; None where the value has none
    colours: ColourScale
    place: Place
    mask: Mask | None = None
    layers: tuple[int, ...] | None = None  # layers that are drawn, back to front; None: all of them
    numbers: tuple[str, ...] = ()  # beside the cells of a column, from the top; "" for none
    exact: tuple[float | str, ...] = ()  # the exact values of `numbers`
    side: Literal["right", "left", "inside"] = "right"  # where the numbers stand
    span: tuple[float, float] | None = None  # least and greatest number, where cells are enlarged for view
    label: Literal["above", "below", "none"] = "above"
    labels: AxisLabels = UNLABELLED  # what its layers, its rows and its columns are called
    label_end: float = math.inf  # the label ends left of that x, where something else stands
    note: str = ""  # under the name, after the range
    whole: bool = False  # whether its numbers are whole, and written so
    holds: str = ""  # what its cells are where they are no numbers and have no colour: texts, dates
    truth: bool = False  # whether its cells are yes and no
    dim: float = 0.0  # 0: in play, 1: as good as gone
    glow: float = 0.0
    lit: tuple[tuple[int, int, int], ...] = ()  # cells framed: (layer, row, column); row -1: the whole layer
    shadow: bool = True
    index_mark: bool = True  # the small mark at (0, 0)
    opacity: float = 1.0
    words: float = 1.0  # opacity of its label, its numbers and its frames, within the card's own


@hashed_once
@set_at_once
@dataclass(frozen=True)
class Curve:
    """A polyline in the plot's own coordinates."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    accent: str = ""  # key of a card whose colour it takes; "" for the plain ink
    of: Quantity | None = None  # what the heights are, at each x


@set_at_once
@dataclass(frozen=True)
class Bar:
    """A horizontal bar: as long as its number, in the colour of a card (`accent`, "" for the plain ink)."""

    label: str | Sentence
    number: Number
    accent: str = ""


@set_at_once
@dataclass(frozen=True)
class Counter:
    """A count that goes on from shot to shot: "multiplications so far", 23,336."""

    label: str
    number: Number


@hashed_once
@set_at_once
@dataclass(frozen=True)
class Plot:
    """The inspector's small plot: curves in [x0, x1] x [y0, y1], and a dot that moves along."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    curves: tuple[Curve, ...]
    dot: Point | None = None
    drop: bool = False  # thin lines from the dot to both axes
    bars: tuple[Bar, ...] = ()  # instead of curves
    caption: str | Sentence = ""
    x_label: str = ""
    y_label: str = ""
    dot_of: tuple[Cell, Cell] | None = None  # whose numbers the dot stands at; None: it is the end of a curve


@hashed_once
@set_at_once
@dataclass(frozen=True)
class Inspector:
    """What the inspector says: a heading, the formula with the actual numbers, a plot, a counter."""

    heading: str | Sentence = ""
    sentences: tuple[Sentence, ...] = ()
    plot: Plot | None = None
    counter: Counter | None = None
    chain: str | Sentence = ""  # a line that grows from shot to shot, at the foot


@hashed_once
@dataclass(frozen=True)
class MapState:
    """What the map shows; two that are equal look the same."""

    shown: tuple[tuple[str, int], ...]  # node and id of its latest value, of those that are computed
    lit: frozenset[str] = frozenset()  # nodes in play
    made: frozenset[int] = frozenset()  # operations in play: their ways glow
    phase: Phase | None = None  # in its colour
    gauge: Gauge | None = None  # beside the array that it sums up
    before: tuple[tuple[str, int], ...] = ()  # node and id of an earlier value, left of the latest
    apart: float = 0.0  # 0..1, how far it has gone from there

    def value_of(self, key: str) -> int | None:
        """The id of the latest value of a node; None before it is computed."""
        return dict(self.shown).get(key)


@set_at_once
@dataclass(frozen=True)
class Tableau:
    """A moment of a shot."""

    cards: tuple[Card, ...]
    marks: tuple[Primitive, ...] = ()  # over the cards: arrows, signs, cells that fly
    under: tuple[Primitive, ...] = ()  # beneath the cards
    inspector: Inspector = Inspector()
    lit: Span | None = None  # the sub-expression being computed now
    said: tuple[Sentence, ...] = ()  # what the marks say, in parts
    whole: bool = False  # the stage takes the whole frame: title and end cards, the whole map
    view: MapState | None = None  # the map in this state, over the whole frame
