"""How sentences of parts are written: one line of text, and where in it an array is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mnistviz.picture.numbers import bare, operand, plain, signed
from mnistviz.story.sentence import (
    Code,
    Name,
    Number,
    Part,
    Polarity,
    Rank,
    Sentence,
    Sign,
    Style,
    Trend,
    Verdict,
    Words,
)

NAME = re.compile(r"[A-Za-z_]\w*")
STYLES: dict[Style, Callable[[float], str]] = {
    "signed": signed,
    "operand": operand,
    "bare": bare,
    "long": lambda number: f"{number:+.6f}",  # so that a small change can be seen
    "share": lambda number: f"{number:.3f}",
    "short": lambda number: f"{number:.4g}",
    "count": lambda number: plain(int(number)),
    "index": lambda number: str(int(number)),
}


@dataclass(frozen=True)
class Mark:
    """Characters [start, stop) of a text that name an array."""

    start: int
    stop: int
    array: str  # as in the source, with or without the shape that some write at its end


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
    return tuple(marks)


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
