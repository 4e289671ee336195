"""How sentences of parts are written: one line of text, and where in it an array is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mnistviz.picture.display import CellMap, Told
from mnistviz.picture.hashing import changed
from mnistviz.picture.numbers import bare, plain, signed
from mnistviz.story.sentence import (
    Cell,
    Code,
    Name,
    Number,
    Part,
    Polarity,
    Quantity,
    Rank,
    Sentence,
    Sign,
    Style,
    Trend,
    Verdict,
    Words,
)
from mnistviz.trace.model import set_at_once

NAME = re.compile(r"[A-Za-z_]\w*")
STYLES: dict[Style, Callable[[float], str]] = {
    "signed": signed,
    "bare": bare,
    "long": lambda number: f"{number:+.6f}",  # so that a small change can be seen
    "share": lambda number: f"{number:.3f}",
    "short": lambda number: f"{number + 0.0:.4g}",  # -0 is 0
    "count": lambda number: plain(int(number)),
    "whole": lambda number: plain(int(number)) if number >= 0 else f"({plain(int(number))})",
    "index": lambda number: str(int(number)),
}


# Rules of numbers that follow from shapes, places and counts alone: they are the same whatever is in the arrays.
LASTING = frozenset({
    "operations", "cells of all", "length of axis", "further results", "passes", "pass", "calls", "operations of the shot",
    "place of term", "index on axis", "row in fold", "column in fold", "multiplications so far", "multiplications",
    "cells", "folded rows", "folded columns", "folded row", "place", "cells of the index", "row", "column", "size",
    "pictures of an epoch", "least of its type", "greatest of its type", "at minus infinity", "at infinity", "zero",
    "all but the largest", "steps", "chapter of operation", "operands of a list",
})  # fmt: skip


@set_at_once
@dataclass(frozen=True)
class Mark:
    """Characters [start, stop) of a text that name an array, or say a number."""

    start: int
    stop: int
    array: str  # as in the source, with or without the shape that some write at its end; "" for a number
    told: Told | None = None  # the number


def text_of(said: str | Sentence) -> str:
    """The line as it is written."""
    return said if isinstance(said, str) else "".join(_written(part) for part in said.parts)


def marks_of(said: str | Sentence) -> tuple[Mark, ...]:
    """Where the line names arrays."""
    marks: list[Mark] = []
    start = 0
    for part in () if isinstance(said, str) else said.parts:
        text = _written(part)
        marks += [Mark(start + mark.start, start + mark.stop, mark.array) for mark in _marks(part)]
        start += len(text)
    return (*marks, *(Mark(told.start, told.stop, "", told) for told in told_of(said)))


def told_of(said: str | Sentence) -> tuple[Told, ...]:
    """Where the line says what another number in the trace would change."""
    found: list[Told] = []
    start = 0
    for part in () if isinstance(said, str) else said.parts:
        stop = start + len(_written(part))
        found += [changed(told, start=start, stop=stop) for told in _told(part)]
        start = stop
    return tuple(found)


def _told(part: Part) -> tuple[Told, ...]:
    """Of a part alone, its place left open."""
    match part:
        case Number(of=Cell() as cell):
            return (Told(0, 0, "cell", (_map_of(cell),), part.style),)
        case Number(of=Quantity() as quantity):
            return _of_quantity(part, quantity)
        case Verdict():
            return (Told(0, 0, "verdict", tuple(map(_row_of, part.of)), texts=part.texts),)
        case Trend():
            later, earlier = map(_map_of, reversed(part.of))
            return (Told(0, 0, "choice", (later, earlier), texts=part.texts),)
        case Polarity():
            return (Told(0, 0, "choice", (_map_of(part.of),), texts=part.texts),)
        case Rank(of=of):
            return (Told(0, 0, "film's own", _maps_of(of)),) if part.text else ()
    return ()


def _of_quantity(number: Number, quantity: Quantity) -> tuple[Told, ...]:
    first = quantity.of[0] if quantity.of else None
    if quantity.rule in LASTING:
        return ()
    if quantity.rule == "place of the largest" and isinstance(first, int):
        return (Told(0, 0, "place of the largest", (CellMap(first),), number.style),)
    if quantity.rule == "change" and isinstance(first, Cell):
        change = changed(_map_of(first), minus=_map_of(changed(first, before=True)))
        return (Told(0, 0, "cell", (change,), number.style),)
    return (Told(0, 0, "film's own", _maps_of(quantity)),)


def _map_of(cell: Cell) -> CellMap:
    return CellMap(cell.value, cell.before, cell.index)


def _row_of(of: Cell | int) -> CellMap:
    """A cell that holds a row; of a whole array, every cell: the row is that of the largest."""
    return _map_of(of) if isinstance(of, Cell) else CellMap(of, step=0)


def _maps_of(of: Cell | Quantity) -> tuple[CellMap, ...]:
    """Of the cells that are named; numbers beside them may stand for anything."""
    cells = (of,) if isinstance(of, Cell) else of.of
    return tuple(_map_of(cell) for cell in cells if isinstance(cell, Cell))


def _written(part: Part) -> str:
    match part:
        case Number():
            return STYLES[part.style](part.value)
        case Name():
            return part.text + part.tail
        case Verdict():
            return part.texts[0 if part.right else 1]
        case Trend():
            return part.texts[0 if part.rises else 1]
        case Polarity():
            return part.texts[0 if part.positive else 1]
        case Words() | Code() | Sign() | Rank():
            return part.text


def _marks(part: Part) -> list[Mark]:
    """Of a part alone: a name's own text, then the names within it or within code."""
    whole = [Mark(0, len(part.text), part.array)] if isinstance(part, Name) and part.array else []
    code = part.text if isinstance(part, Code | Name) else ""
    return whole + [
        Mark(*found.span(), found[0])
        for found in NAME.finditer(code)
        if not (whole and found.span() == (0, len(code)))
    ]
