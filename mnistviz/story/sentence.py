"""What is said, in parts that know what they mean: a number its cell, a name its array, a sign its operation.

Captions, notes, the inspector and the words on the stage are made of these.  They are plain data: who
shows them writes them (`mnistviz.picture.wording`), a test holds each number against the trace, and
the page knows which cell a number is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from numpy.typing import NDArray

from mnistviz.trace.model import set_at_once

Tone = Literal["formula", "working", "result", "plain", "faint"]
Style = Literal["signed", "bare", "long", "share", "short", "count", "whole", "index"]
TRUTHS = ("true", "false")
Order = Literal["largest", "smallest", "largest by size"]


@set_at_once
@dataclass(frozen=True)
class Cell:
    """A cell of an array at one moment; `value` is the id of a value of the trace, or of the shot's own."""

    value: int
    index: int = 0  # in row-major order
    before: bool = False  # as it was before the update that made the value


@set_at_once
@dataclass(frozen=True)
class Quantity:
    """A number that follows from the trace: a rule by its name, and the cells, ids and numbers that it takes."""

    rule: str  # "multiplications so far", "size", "product" ...; tests/picture/oracle.py computes each anew
    of: tuple[Cell | int, ...] = ()


@set_at_once
@dataclass(frozen=True)
class Words:
    """Words without a number."""

    text: str


@dataclass(frozen=True)
class Code:
    """Source text; its names have the colours of their cards."""

    text: str


@set_at_once
@dataclass(frozen=True)
class Number:
    """A number that the trace computed, written in a style of `mnistviz.picture.numbers`."""

    value: float
    of: Cell | Quantity
    style: Style = "signed"


@set_at_once
@dataclass(frozen=True)
class Name:
    """An array or one of its cells by name: `text` in the colour of `array`, then a `tail` such as `[3, 17]`."""

    text: str
    array: str  # as in the source; "" where the source gives it no name and its expression stands in
    of: Cell | int  # the cell, or the id of the whole
    tail: str = ""


@set_at_once
@dataclass(frozen=True)
class Sign:
    """What is done with the operands around it; `operation` is numpy's own name."""

    text: str
    operation: str


@dataclass(frozen=True)
class Rank:
    """A claim: the cell is the `place`-th of its array, or of the cells [start, stop) of it, in an order."""

    text: str  # "Largest: ", or "" where the claim is seen and not read
    order: Order
    of: Cell | Quantity
    place: int = 1
    among: tuple[int, int] | None = None  # flat cells of the array, half-open; None: all of them


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is the expected one: the first of `texts` where it is, else the second."""

    right: bool
    answer: int  # the row that was chosen
    expected: int  # the row that was wished for
    of: tuple[
        Cell | int, Cell | int
    ]  # where both come from: a cell that holds a row, or the id of a one-hot array
    texts: tuple[str, str]


@dataclass(frozen=True)
class Trend:
    """Whether a number rises from one cell to another: the first of `texts` where it does, else the second."""

    rises: bool
    of: tuple[Cell, Cell]
    texts: tuple[str, str]


@dataclass(frozen=True)
class Polarity:
    """Whether a number is above zero: the first of `texts` where it is, else the second."""

    positive: bool
    of: Cell
    texts: tuple[str, str]


def truth(array: NDArray[Any], of: Cell) -> Polarity:
    """Whether a cell of yes and no holds: `true` or `false`, never 1 or 0."""
    return Polarity(bool(array.flat[of.index]), of, TRUTHS)


Part = Words | Code | Number | Name | Sign | Rank | Verdict | Trend | Polarity


@set_at_once
@dataclass(frozen=True)
class Sentence:
    """A line: its parts, how much it weighs, and whether it is set in mono."""

    parts: tuple[Part, ...]
    tone: Tone = "plain"
    mono: bool = True

    def toned(self, tone: Tone) -> Sentence:
        """The same in another tone."""
        return Sentence(self.parts, tone, self.mono)


Said = str | Sentence  # a `str` is words without a number


def line(*parts: Part | str, tone: Tone = "plain", mono: bool = True) -> Sentence:
    """A sentence of parts; a `str` stands for words."""
    return Sentence(
        tuple(Words(part) if isinstance(part, str) else part for part in parts if part), tone, mono
    )


def say(words: str, *parts: Part) -> Sentence:
    """Words with a part for each `{}` in them, as in `say("{} pixels", pixels)`; raises ValueError where they differ."""
    pieces = words.split("{}")
    if len(pieces) != len(parts) + 1:
        raise ValueError(f"{len(parts)} parts for {len(pieces) - 1} places in {words!r}")
    said: list[Part | str] = [pieces[0]]
    for part, piece in zip(parts, pieces[1:], strict=True):
        said += [part, piece]
    return line(*said, mono=False)


def joined(*said: str | Sentence) -> Sentence:
    """Several in one, in the tone of the first sentence among them."""
    whole = [line(each, mono=False) if isinstance(each, str) else each for each in said]
    return replace(whole[0], parts=tuple(part for each in whole for part in each.parts))


def words_in(said: Said) -> int:
    """How many words are read in it; a number is one."""
    if isinstance(said, str):
        return len(said.split())
    return len("".join(map(_as_read, said.parts)).split())


def _as_read(part: Part) -> str:
    if isinstance(part, Number):
        return "0"
    if isinstance(part, Verdict):
        return part.texts[0 if part.right else 1]
    if isinstance(part, Trend):
        return part.texts[0 if part.rises else 1]
    if isinstance(part, Polarity):
        return part.texts[0 if part.positive else 1]
    return part.text + part.tail if isinstance(part, Name) else part.text
