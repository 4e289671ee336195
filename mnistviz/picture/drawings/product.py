"""Matrix products: a column turns onto a row, the products light up and flow together into one cell."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import MULTIPLIED, definition
from mnistviz.picture.display import CellMap, Cells, Colour, ColourScale, Matrix, Point, Primitive
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.contraction import draw_contraction
from mnistviz.picture.drawings.headings import announced, heading, largest_first
from mnistviz.picture.drawings.order import order_of
from mnistviz.picture.drawings.props import (
    arriving,
    cell_at,
    cell_name,
    cell_number,
    centre,
    filled,
    flying,
    multiplied_so_far,
    shows_each_cell,
)
from mnistviz.picture.easing import CellPace, eased, mix_point, ramp, still_acts
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.arrange import Term, equation, signs
from mnistviz.picture.stage.forms import nice_limit
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Curve, Inspector, Plot, Tableau
from mnistviz.picture.withheld import UNKNOWN
from mnistviz.story.sentence import Number, Part, Quantity, Rank, Sentence, Sign, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation, Span, Value, finite_range

LARGEST_TERMS = 2
LONG = 8  # terms; the largest of a shorter sum are named
FRAMED, FRAMED_FROM = 10, 0.62  # terms of a sum that are framed; once the products are in their place
SUMS = (0.3, 0.75)  # of a cell's own progress: the running sum is drawn
MOST_POINTS = 240  # of the running sum's curve


@dataclass(frozen=True, eq=False)
class Product:
    """`left @ right`, and `+ bias` where the next operation adds one: result (m, n) from (m, k) and (k, n)."""

    left: Value
    right: Value
    bias: Value | None
    result: Value
    operation: Operation
    adding: Operation | None

    @property
    def a(self) -> NDArray[np.float64]:
        """Left factor as (m, k)."""
        return np.atleast_2d(self.left.value)

    @property
    def b(self) -> NDArray[np.float64]:
        """Right factor as (k, n)."""
        return self.right.value[:, None] if self.right.value.ndim == 1 else self.right.value

    @property
    def columns(self) -> int:
        """Columns of the result."""
        crosses = definition(self.operation.operation).made == "each by each"
        return self.right.value.size if crosses else int(self.b.shape[1])

    def terms(self, cell: int) -> NDArray[np.float64]:
        """The products that are summed for a cell of the result, counted row-major; shape (k,)."""
        row, column = divmod(cell, self.columns)
        return np.asarray(self.a[row] * self.b[:, column], dtype=np.float64)

    def column_shown(self, column: int) -> CellMap:
        """A column of the right factor, from its top."""
        return CellMap(self.right.id, first=column, step=self.columns)

    def terms_shown(self, cell: int) -> CellMap:
        """Where the numbers of `terms` come from."""
        row, column = divmod(cell, self.columns)
        return CellMap(self.left.id, first=row * self.a.shape[1], times=self.column_shown(column))

    def lit(self, q: float) -> Span:
        """The product first, then the sum with the bias."""
        adding = self.adding is not None and q > 0.7
        return (self.adding if adding and self.adding else self.operation).source.expression


Suits = Callable[[Studio, Product], bool]
DrawProduct = Callable[[Studio, Shot, Product, float], Tableau]
SPECIAL: list[tuple[Suits, DrawProduct]] = []


@lru_cache(maxsize=256)
def product_of(studio: Studio, shot: Shot) -> Product | None:
    """What the shot multiplies; `None` where it is no product of two matrices with at least one cell."""
    operations = studio.operations(shot)
    found = next((o for o in operations if o.operation in MULTIPLIED and len(o.inputs) == 2), None)
    if found is None or any(v.value.ndim not in (1, 2) or v.value.size == 0 for v in found.inputs):
        return None
    if any(value.value.dtype.kind not in "biuf" for value in found.inputs):
        return None
    left, right = found.inputs
    after = [o for o in operations if o.number > found.number and definition(o.operation).adds == 1]
    for adding in after:
        others = [value for value in adding.inputs if value.id != found.output.id]
        if len(others) == len(adding.inputs) - 1 and others and adding.output.shape == found.output.shape:
            return Product(left, right, others[0], adding.output, found, adding)
    return Product(left, right, None, found.output, found, None)


def multiplies(suits: Suits) -> Callable[[DrawProduct], DrawProduct]:
    """Enter a way of drawing products that suits some shapes better than rows and columns."""

    def enter(function: DrawProduct) -> DrawProduct:
        SPECIAL.append((suits, function))
        return function

    return enter


@draws(*MULTIPLIED)
def draw_product(studio: Studio, shot: Shot, p: float) -> Tableau:
    """Row by column, in the way that suits the shapes."""
    product = product_of(studio, shot)
    if product is None:
        return draw_contraction(studio, shot, p)
    for suits, draw in SPECIAL:
        if suits(studio, product):
            return draw(studio, shot, product, p)
    return draw_rows(studio, shot, product, p)


def draw_rows(studio: Studio, shot: Shot, product: Product, p: float) -> Tableau:
    """Each row of the left factor meets a column of the right one."""
    pace = order_of(shot, product.result).pace(ramp(p, 0.04, 1.0))
    return _rows_at(studio, shot, product, pace.seen, still_acts(p))


@lru_cache(maxsize=4)
def _rows_at(studio: Studio, shot: Shot, product: Product, pace: CellPace, p: float) -> Tableau:
    """Of the progress only its ends count: a sweep is drawn once a cell."""
    terms = [Term(product.left), Term(product.right, "×")]
    if product.bias is not None and product.bias.shape != ():
        terms.append(Term(product.bias, "+"))
    terms.append(Term(product.result, "="))
    shown = list(equation(studio, tuple(terms)))
    order = order_of(shot, product.result)
    cell = order.now(pace, p)
    moving: tuple[Primitive, ...] = ()
    if p > 0:
        moving = (_row_frame(studio, shown[0], product, cell // product.columns),)
        if pace.flies and p < 1:
            moving += _meeting(studio, shown, product, cell, pace.q)
    shown[-1] = _result(shown[-1], product, order.done(pace.landed()), cell, p)
    q = pace.q if pace.slow else 1.0
    framed = terms_framed(product, shown[0], cell)
    if framed and p > 0 and q > FRAMED_FROM:
        row = cell // product.columns
        shown[0] = changed(shown[0], lit=tuple((0, row, place) for place in framed))
        if product.columns == 1 and shows_each_cell(shown[1]):
            shown[1] = changed(shown[1], lit=tuple(cell_at(shown[1], place) for place in framed))
    if len(shown) == 4 and 0 < p < 1 and pace.tier == 0:  # the bias waits for its turn
        shown[2] = changed(shown[2], dim=0.45 * (eased(q, 0.0, 0.06) - eased(q, 0.48, 0.56)))
    words = sum_words(studio, shot, product, cell, q, pace.done)
    words = with_framed(words, q > FRAMED_FROM) if framed else words
    words = words if p > 0 else announced(words)
    return Tableau(tuple(shown), (*signs(studio, shown, terms), *moving), inspector=words, lit=product.lit(q))


def terms_framed(product: Product, left: Card, cell: int) -> tuple[int, ...]:
    """Places of the largest terms of a long sum, if its cells can be framed: ten, and at most a quarter of all."""
    rows, columns = product.a.shape
    if columns < LONG or left.cells.values.shape != (1, rows, columns) or not shows_each_cell(left):
        return ()
    return _largest_of(product, cell, min(FRAMED, columns // 4))


@lru_cache(maxsize=64)
def _largest_of(product: Product, cell: int, most: int) -> tuple[int, ...]:
    return largest_terms(product.terms(cell), most)


def with_framed(words: Inspector, framed: bool) -> Inspector:
    """The words of a sum whose largest terms are framed where they are, once they are, and not named."""
    caption = "running sum; its largest terms are framed" if framed else "running sum"
    plot = words.plot and changed(words.plot, caption=caption)
    return changed(words, plot=plot)


def _result(card: Card, product: Product, done: NDArray[np.bool_], cell: int, p: float) -> Card:
    """The result as far as it is made, the cell in hand framed where it can be seen."""
    lit = (cell_at(card, cell),) if p > 0 and shows_each_cell(card) else ()
    return changed(filled(card, done), glow=0.5 if 0 < p < 1 else 0.0, lit=lit)


def _row_frame(studio: Studio, left: Card, product: Product, row: int) -> Primitive:
    matrix = cards.matrix_of(left, studio.accent(left.key), studio.theme)
    rows = left.cells.values.shape[1]
    at = row * rows // product.a.shape[0]
    _, frame = cards.cell_frame(matrix, 0, (at, 0), (1, left.cells.values.shape[2]), studio.theme)
    return frame  # without a ground, which would cut the frames of its cells


def _meeting(
    studio: Studio, shown: list[Card], product: Product, cell: int, q: float
) -> tuple[Primitive, ...]:
    """The column comes over the row, becomes the products, and these shrink into the result's cell."""
    left, right, result = shown[0], shown[1], shown[-1]
    row, column = divmod(cell, product.columns)
    _, rows, _ = left.cells.values.shape
    (x, y), (ax, ay), (dx, dy) = left.place.at, left.place.across, left.place.down
    at = row * rows // product.a.shape[0]
    at_row = (x + dx * at / rows, y + dy * at / rows)
    target = centre(result, min(cell, math.prod(result.cells.values.shape) - 1))
    home = _column_edges(right, column, product.columns)
    over = (at_row, (ax, ay), (dx / rows, dy / rows))
    arrive = eased(q, 0.04, 0.36)
    if arrive == 0:
        return ()  # it would only hide the numbers in its own cells
    terms = product.terms(cell)
    if q < 0.56:
        edges = tuple(mix_point(a, b, arrive) for a, b in zip(home, over, strict=True))
        multiplied = q > 0.42
        values = terms if multiplied else product.b[:, column]
        shows = product.terms_shown(cell) if multiplied else product.column_shown(column)
        scale = products_scale(terms) if multiplied else right.colours
        ink = studio.theme.ink if multiplied else studio.accent(right.key)
        return (_strip(studio, values, shows, scale, edges, ink),)
    shrink = eased(q, 0.56, 0.8)
    gather = (shown[-1].place.at[0] - 46 * studio.scale, target[1])
    small = (gather, (6.0, 0.0), (0.0, 6.0))
    edges = tuple(mix_point(a, b, shrink) for a, b in zip(over, small, strict=True))
    flights: list[Primitive] = []
    if q < 0.8:
        scale, shows = products_scale(terms), product.terms_shown(cell)
        flights.append(_strip(studio, terms, shows, scale, edges, studio.theme.ink))
        if product.bias is not None and len(shown) == 4:
            flights.append(
                flying(studio, shown[2], _bias_cell(shown[2], product, cell), gather, ramp(q, 0.56, 0.8), 24)
            )
    elif shows_each_cell(result):
        flights.append(arriving(studio, result, cell, gather, ramp(q, 0.82, 0.97)))
    return tuple(flights)


def _bias_cell(bias: Card, product: Product, cell: int) -> int:
    size = math.prod(bias.cells.values.shape)
    row, column = divmod(cell, product.columns)
    return min(
        cell if size == product.result.value.size else column if size == product.columns else row, size - 1
    )


def _column_edges(card: Card, column: int, columns: int) -> tuple[Point, Point, Point]:
    """Origin of a column of a card, the edge along it, and the edge across it."""
    (x, y), (ax, ay), down = card.place.at, card.place.across, card.place.down
    u = column / columns
    return (x + ax * u, y + ay * u), down, (ax / columns, ay / columns)


def products_scale(terms: NDArray[np.float64]) -> ColourScale:
    """A signed scale for products."""
    low, high = finite_range(terms) or (0.0, 0.0)
    limit = nice_limit(max(high, -low))
    return ColourScale("signed", -limit, limit)


def _strip(
    studio: Studio,
    values: NDArray[np.float64],
    shows: CellMap,
    scale: ColourScale,
    edges: tuple[Point, ...],
    edge: Colour,
) -> Matrix:
    """A row of numbers on its way."""
    return Matrix(
        key="", cells=Cells(np.asarray(values, dtype=np.float64)[None, :]),
        colours=studio.theme.coloured(scale), origins=(edges[0],), across=edges[1],
        down=edges[2], edge=edge, edge_width=2.5, empty=studio.theme.empty, glow=0.8,
        shadow=False, shows=shows,
    )  # fmt: skip


def sum_words(studio: Studio, shot: Shot, product: Product, cell: int, q: float, done: int) -> Inspector:
    """The sum of one cell: formula, numbers, the running sum with its largest terms, the count so far."""
    points = min(product.a.shape[1] + 1, MOST_POINTS)
    drawn = max(2, min(2 * math.ceil(ramp(q, *SUMS) * points / 2), points))  # two at a time
    made = min(done + (0 < q < 1), product.result.value.size)
    return _sum_words(studio, shot, product, cell, (drawn, q >= SUMS[1]), made)


@lru_cache(maxsize=64)
def _sum_words(
    studio: Studio, shot: Shot, product: Product, cell: int, at: tuple[int, bool], made: int
) -> Inspector:
    """`at`: how many points of the running sum are drawn, and whether the sum is known by now."""
    drawn, known = at
    claim = largest_first(shot, product.result, cell, order_of(shot, product.result), made)
    formula, numbers = _formula(studio, product, cell), _numbers(product, cell, known)
    result = line("= ", cell_number(product.result, cell), tone="result")
    return Inspector(
        heading(studio, shot, product.result, cell, claim),
        (*formula, *numbers, result),
        _running(studio, product, cell, drawn),
        multiplied_so_far(studio.board.trace, product.operation, made),
    )


@lru_cache(maxsize=64)
def _formula(studio: Studio, product: Product, cell: int) -> tuple[Sentence, ...]:
    """`hidden[3] = bias[3] + Σ weights[3, j] · image[j]`, in three lines."""
    row, column = divmod(cell, product.columns)
    j = f"[{row}, j]" if product.left.value.ndim == 2 and product.a.shape[0] > 1 else "[j]"
    k = "[j]" if product.columns == 1 else f"[j, {column}]"
    added: list[Part | str] = []
    if product.bias is not None:
        added = [cell_name(studio, product.bias, _flat_bias(product, cell)), " ", Sign("+", "add"), " "]
    left = cell_name(studio, product.left, row * product.a.shape[1], j)
    right = cell_name(studio, product.right, column, k)
    return (
        line(cell_name(studio, product.result, cell), tone="formula"),
        line("= ", *added, Sign("Σ", "sum"), " ", left, tone="formula"),
        line("      ", Sign("·", "multiply"), " ", right, tone="formula"),
    )


def _numbers(product: Product, cell: int, known: bool) -> tuple[Sentence, ...]:
    """`= bias + sum`, with their numbers, the sum's once it is known; nothing where no bias is added."""
    if product.bias is None:
        return ()
    bias = cell_number(product.bias, _flat_bias(product, cell))
    total: Part | str = cell_number(product.operation.output, cell, "bare") if known else UNKNOWN
    return (line("= ", bias, " ", Sign("+", "add"), " ", total, tone="working"),)


def _flat_bias(product: Product, cell: int) -> int:
    if product.bias is None or product.bias.value.size == 0:
        return 0
    numbers = np.arange(product.bias.value.size).reshape(product.bias.shape)
    return int(np.broadcast_to(numbers, product.result.shape).ravel()[cell])


def _running(studio: Studio, product: Product, cell: int, points: int) -> Plot:
    """The running sum, term by term, as far as its first `points` points."""
    terms, number = product.terms(cell), product.operation.number
    sums = np.concatenate([[0.0], np.cumsum(terms)])
    drawn = np.unique(np.linspace(0, len(sums) - 1, min(len(sums), MOST_POINTS)).astype(int))[:points]
    low, high = finite_range(sums) or (0.0, 1.0)
    margin = 0.08 * ((high - low) or 1.0)
    curve = Curve(
        tuple(map(float, drawn)), tuple(map(float, sums[drawn])), product.result.name,
        Quantity("running sum", (number, cell)),
    )  # fmt: skip
    return Plot(
        x_range=(0.0, float(max(len(sums) - 1, 1))),
        y_range=(low - margin, high + margin),
        curves=(curve,),
        dot=(curve.xs[-1], curve.ys[-1]) if np.isfinite(curve.ys[-1]) else None,
        caption=_largest_terms(studio, terms, number, cell),
    )


def largest_terms(terms: NDArray[np.float64], most: int) -> tuple[int, ...]:
    """Places of the largest of a sum's terms by size, the largest first."""
    return tuple(np.argsort(-np.abs(np.nan_to_num(terms)), kind="stable")[:most].tolist())


def _largest_terms(studio: Studio, terms: NDArray[np.float64], number: int, cell: int) -> Sentence:
    """`running sum; largest terms j=3 +0.812, j=8 +0.790`; a term is called as the storyboard calls it."""
    labels = studio.board.labels_of(len(terms))
    word = f"{labels.noun.split()[-1]} " if labels is not None and labels.noun else "j="
    largest = largest_terms(terms, LARGEST_TERMS)
    said: list[Part | str] = ["running sum; largest terms "]
    for rank, place in enumerate(largest, start=1):
        term = Quantity("term", (number, cell, place))
        said += [
            ", " if rank > 1 else "",
            Rank(word, "largest by size", term, rank),
            Number(place, Quantity("place of term", (number, cell, place)), "index"),
            " ",
            Number(float(terms[place]), term),
        ]
    return line(*said, mono=False)
