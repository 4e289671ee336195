"""The line above a card: its shape, and from where to where its numbers go."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import SupportsFloat

from mnistviz.picture.display import Cells, Told
from mnistviz.picture.numbers import counted, signed
from mnistviz.picture.stage.tableau import Card
from mnistviz.story.sentence import TRUTHS
from mnistviz.trace.model import finite_range


def range_line(card: Card) -> str:
    """`20×784   -0.500 … +0.499`: shape, and the range of the finite values."""
    if card.holds:
        return f"{'×'.join(map(str, card.shape))}   {card.holds}" if card.shape else f"one {card.holds}"
    if card.truth:
        return _range_line(card.shape, card.span, card.cells, "yes or no", _which)
    write = counted if card.whole else signed  # not where it stands: it may be moving
    return _range_line(card.shape, card.span, card.cells, "one number", write)


def _which(holds: SupportsFloat) -> str:
    return TRUTHS[0 if float(holds) else 1]


@lru_cache(maxsize=1024)
def _range_line(
    lengths: tuple[int, ...],
    span: tuple[float, float] | None,
    cells: Cells,
    alone: str,
    write: Callable[[float], str],
) -> str:
    """`alone`: what it is where it has no shape; `write` writes one of its numbers."""
    shape = "×".join(str(length) for length in lengths) or alone
    ends = span or _range(cells)
    if ends is None:
        return f"{shape}   no finite value" if cells.values.size and 0 not in lengths else f"{shape}   empty"
    low, high = map(write, ends)
    return f"{shape}   {low}" if low == high else f"{shape}   {low} … {high}"


@lru_cache(maxsize=1024)
def _range(cells: Cells) -> tuple[float, float] | None:
    return finite_range(cells.values)


def range_told(card: Card, line: str) -> tuple[Told, ...]:
    """Where the line says the least and the greatest number of the card."""
    shape, _, ends = line.partition("   ")
    low, dots, high = ends.partition(" … ")
    if card.shows is None or not ends or not (card.span or _range(card.cells)):
        return ()
    if card.truth:
        return (Told(len(shape) + 3, len(line), "film's own", (card.shows,)),)
    style, count, start = "count" if card.whole else "signed", card.cells.values.size, len(shape) + 3
    least = Told(start, start + len(low), "least", (card.shows,), style, count)
    last = len(line) - len(high)
    return (least, Told(last, len(line), "greatest", (card.shows,), style, count)) if dots else (least,)


def known_line(card: Card) -> str:
    """The shape, and the range once every cell is there: before, nobody knows it."""
    return range_line(card) if is_whole(card) else range_line(card).partition("   ")[0]


def is_whole(card: Card) -> bool:
    """Whether every cell of a card is there."""
    return card.mask is None or bool(card.mask.shown.all())
