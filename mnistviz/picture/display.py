"""What it looks like at one instant: a display list of primitives, plain data in painter's order.

All places are in design units: the short side of the canvas is 1080 of them, x to the right, y down.
The raster scales them to pixels and is the only one to touch pixels.  Primitives are frozen and
hashable; two display lists that are equal paint the same pixels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.hashing import changed, hashed_once
from mnistviz.trace.model import set_at_once

Point = tuple[float, float]
Colour = tuple[int, ...]  # sRGB, 0..255; three more numbers are the colour in another theme (`theme.paired`)
Box = tuple[float, float, float, float]  # left, top, right, bottom
Face = Literal["sans", "sans-bold", "mono", "mono-bold"]
ColourMap = Literal[
    "signed", "level", "signed-light", "level-light", "truth", "truth-light", "grey", "photograph",
    "signed|signed-light", "signed-light|signed", "level|level-light", "level-light|level",
    "truth|truth-light", "truth-light|truth",
]  # fmt: skip
PANELS = frozenset(("", "title", "source", "inspector", "caption"))  # owners of what there is to be read
SHADOW_REACH = 26.0
GLOW_REACH = 18.0


class Cells:
    """The numbers of one matrix primitive, (layers, rows, columns), read-only, hashed once by content."""

    __slots__ = ("digest", "values")

    def __init__(self, values: NDArray[Any]) -> None:
        array = np.array(values, dtype=np.float64, order="C", ndmin=2)
        self.values = array.reshape((1, *array.shape)) if array.ndim == 2 else array
        self.values.setflags(write=False)
        head = repr(self.values.shape).encode()
        self.digest = hashlib.blake2b(head + self.values.tobytes(), digest_size=16).digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cells) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


class Mask:
    """Which cells of a matrix are there yet: booleans of the cells' shape, hashed by content."""

    __slots__ = ("digest", "shown")

    def __init__(self, shown: NDArray[np.bool_]) -> None:
        array = np.array(shown, dtype=np.bool_, order="C", ndmin=2)
        self.shown = array.reshape((1, *array.shape)) if array.ndim == 2 else array
        self.shown.setflags(write=False)
        head = repr(self.shown.shape).encode()
        self.digest = hashlib.blake2b(head + np.packbits(self.shown).tobytes(), digest_size=16).digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mask) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@set_at_once
@dataclass(frozen=True)
class ColourScale:
    """A colour table and the values at its two ends; beyond them the end's colour is used."""

    table: ColourMap
    low: float
    high: float
    rooted: bool = False  # colours go with sign(v) sqrt|v|, so that small values are seen beside large ones


@dataclass(frozen=True)
class Blocks:
    """A value too large to draw cell by cell: each drawn cell is the mean of a block of its cells.

    Block `i` of `n` along an axis of `length` cells starts at cell `i * length // n`.
    """

    layers: int  # of the value as it is laid out,
    rows: int
    columns: int
    drawn_rows: int  # and of one layer as it is drawn
    drawn_columns: int


@hashed_once
@set_at_once
@dataclass(frozen=True)
class CellMap:
    """Which numbers a matrix shows: said by who made it, never concluded from the numbers.

    Drawn cell i, row-major over layers, rows and columns, shows cell `first + i * step` of the value's own
    row-major order; with `blocks`, the mean of the block of that number.  A number that is not the value's
    own is `factor * (value - minus) * times`.  Complex numbers are shown by their size.  On the scale
    `photograph` a cell is the code of a colour, of the numbers from the cell on that it names.
    """

    value: int  # id of a value of the trace, or beside it
    before: bool = False  # as it was before the in-place operation that made this value
    first: int = 0
    step: int = 1
    blocks: Blocks | None = None
    stretched: tuple[int, ...] = ()  # the shape that numpy's broadcasting gives it first; (): its own
    factor: float = 1.0  # how many times enlarged for view
    minus: CellMap | None = None
    times: CellMap | None = None
    old: tuple[tuple[int, int], ...] = ()  # cells [start, stop) that still show the value as it was before

    def starting(self, cell: int) -> CellMap:
        """The same from a drawn cell on: a layer, a row, a cell on its own."""
        return changed(
            self,
            first=self.first + cell * self.step,
            minus=self.minus and self.minus.starting(cell),
            times=self.times and self.times.starting(cell),
        )


@set_at_once
@dataclass(frozen=True)
class Matrix:
    """A whole matrix as a card, or a stack of layers as a deck or a wall: one primitive.

    Layer `layers[i]` of the cells is painted with its top left corner at `origins[i]`, in that order.
    The parallelogram is spanned by `across` (along a row, all columns) and `down` (along a column, all
    rows); `depth` is the thickness to be seen, up and to the right.
    """

    key: str  # identity of what is shown, the same wherever it is drawn; "" for ornaments
    cells: Cells
    colours: ColourScale
    origins: tuple[Point, ...]
    across: Point
    down: Point
    layers: tuple[int, ...] = (0,)
    mask: Mask | None = None  # cells not yet there are painted in `empty`
    edge: Colour = (120, 130, 150)
    edge_width: float = 1.5
    empty: Colour = (22, 27, 34)
    depth: Point = (0.0, 0.0)
    grid: bool = True  # thin lines between cells, where they are large enough
    shadow: bool = True
    glow: float = 0.0  # 0..1, in the edge's colour
    opacity: float = 1.0
    shows: CellMap | None = None  # None: no value, an ornament
    grows: tuple[Point, Point] | None = (
        None  # on its way to this across and down, or from there; None: it rests
    )

    @cached_property
    def bounds(self) -> Box:
        """Everything it may paint on, shadow and glow included."""
        xs, ys = zip(*(corner for origin in self.origins for corner in self.corners(origin)), strict=True)
        reach = max(SHADOW_REACH * self.shadow, GLOW_REACH * (self.glow > 0), self.edge_width) + 2
        dx, dy = self.depth
        return (
            min(xs) + min(dx, 0) - reach,
            min(ys) + min(dy, 0) - reach,
            max(xs) + max(dx, 0) + reach,
            max(ys) + max(dy, 0) + reach,
        )

    def corners(self, origin: Point) -> tuple[Point, Point, Point, Point]:
        """Top left, top right, bottom right, bottom left of the layer at `origin`."""
        (x, y), (ax, ay), (dx, dy) = origin, self.across, self.down
        return (x, y), (x + ax, y + ay), (x + ax + dx, y + ay + dy), (x + dx, y + dy)

    def cell_centre(self, place: int, row: float, column: float) -> Point:
        """Centre of a cell of the `place`-th painted layer."""
        _, rows, columns = self.cells.values.shape
        (x, y), (ax, ay), (dx, dy) = self.origins[place], self.across, self.down
        u, v = (column + 0.5) / columns, (row + 0.5) / rows
        return x + ax * u + dx * v, y + ay * u + dy * v


Rule = Literal["cell", "least", "greatest", "place of the largest", "verdict", "choice", "film's own"]


@hashed_once
@set_at_once
@dataclass(frozen=True)
class Told:
    """Characters [start, stop) of a text that say a number, and which one: said by who wrote them.

    `cell` is the first cell of the map, `least` and `greatest` are of all its cells, or of its array where a
    cell stands for a block; `place of the largest` is a row.  A `verdict` chooses the first of `texts` where two
    rows are one, a `choice` where the first number is above the second, or above 0 where there is none.  What is
    the `film's own` follows from numbers of these maps in a way that is not said.
    """

    start: int
    stop: int
    rule: Rule
    of: tuple[CellMap, ...] = ()
    style: str = "signed"  # of mnistviz.picture.wording
    count: int = 1  # cells of the map
    texts: tuple[str, str] | tuple[()] = ()
    on: ColourScale | None = None  # of the cell in which it stands, black or white


@set_at_once
@dataclass(frozen=True)
class Text:
    """One line of text; `anchor` is Pillow's two letters (l m r, then a top, m middle, s baseline)."""

    text: str
    at: Point
    size: float  # of the font, in design units
    colour: Colour
    face: Face = "sans"
    anchor: str = "ls"
    owner: str = ""  # key of the matrix, or name of the panel, that it belongs to and may stand on
    opacity: float = 1.0
    counted: str = ""  # for numbers: repr of the exact value that the text shows rounded
    told: tuple[Told, ...] = ()  # the numbers that it says

    @property
    def is_fine_print(self) -> bool:
        """Whether it says in numbers what cells show in colours: a number, the name of a row, a range, a limit."""
        return self.face == "mono" and self.owner not in PANELS


@set_at_once
@dataclass(frozen=True)
class Line:
    """A stroke through points, anti-aliased; with an arrow head at its end where `head` > 0."""

    points: tuple[Point, ...]
    colour: Colour
    width: float = 2.0
    head: float = 0.0  # length of the arrow head
    opacity: float = 1.0
    glow: float = 0.0  # 0..1


@set_at_once
@dataclass(frozen=True)
class Polygon:
    """A filled polygon with an outline (`edge_width` 0: none)."""

    points: tuple[Point, ...]
    fill: Colour
    edge: Colour = (0, 0, 0)
    edge_width: float = 0.0
    opacity: float = 1.0
    glow: float = 0.0


@set_at_once
@dataclass(frozen=True)
class Panel:
    """A rectangle with round corners."""

    box: Box
    fill: Colour
    radius: float = 0.0
    edge: Colour = (0, 0, 0)
    edge_width: float = 0.0
    opacity: float = 1.0
    name: str = ""  # texts with this owner may stand on it


Primitive = Matrix | Text | Line | Polygon | Panel


@set_at_once
@dataclass(frozen=True)
class DisplayList:
    """All primitives of one instant, the first painted first, on a canvas of `size` design units."""

    size: tuple[float, float]
    background: Colour
    primitives: tuple[Primitive, ...]
    shadow: float = 0.55  # 0..1, how dark the shadows of cards are

    @classmethod
    def of(
        cls,
        size: tuple[float, float],
        background: Colour,
        parts: Iterable[Primitive],
        shadow: float = shadow,
    ) -> DisplayList:
        """A display list of any iterable of primitives; invisible ones are left out."""
        return cls(size, background, tuple([part for part in parts if part.opacity > 0]), shadow)
