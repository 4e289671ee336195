"""What stands in the cells of an array: its numbers; texts, dates or records, which have no colour, but words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Cells, ColourScale
from mnistviz.picture.numbers import counted, signed
from mnistviz.picture.stage.forms import told_numbers
from mnistviz.story.referring import NOUNS
from mnistviz.story.sentence import TRUTHS

LONGEST = 10  # letters in a cell: of a date
LONGEST_EXACT = 200
COLOURLESS = ColourScale("level", 0.0, 1.0)
CUT = "…"


def held(array: NDArray[Any]) -> str:
    """What its cells are where they are no numbers, `texts`; "" of numbers, and where nothing is in it."""
    noun = NOUNS.get(array.dtype.kind, "")
    return f"{noun}{'' if array.size == 1 else 's'}" if noun and array.size else ""


def colourless(layers: int, rows: int, columns: int) -> Cells:
    """So many cells, all alike."""
    return Cells(np.zeros((layers, rows, columns)))


def written(array: NDArray[Any]) -> tuple[str, ...]:
    """What stands in its cells, from the first, cut to what one has room for."""
    return tuple(one if len(one) <= LONGEST else one[: LONGEST - 1] + CUT for one in in_full(array))


def in_cells(array: NDArray[Any], columns: int) -> tuple[str, ...]:
    """What stands in each of the cells, or beside those of a single column; () of no cells."""
    if said := written(array):
        return said
    flat = told_numbers(array)
    if array.dtype.kind == "b":
        return tuple(TRUTHS[0 if holds else 1] for holds in flat)
    if array.dtype.kind in "ui":
        return tuple(counted(number) for number in flat)
    if columns > 1:  # a cell that is not finite is marked as such, there is no room for words
        return tuple(signed(number) if math.isfinite(number) else "" for number in flat)
    return tuple(signed(number) for number in flat)


def in_full(array: NDArray[Any]) -> tuple[str, ...]:
    """The same, in full; of a very long text the beginning, and of what no screen shows a space.  Nothing of numbers."""
    return () if not held(array) else tuple(_printable(_text(one))[:LONGEST_EXACT] for one in array.ravel())


def _text(cell: Any) -> str:
    return cell.decode("latin-1") if isinstance(cell, bytes) else str(cell)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST_EXACT])
