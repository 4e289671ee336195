"""Which cell the inspector speaks of, in words: by the names of the storyboard's labels, or by its indices."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mnistviz.picture.drawings.order import Order
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Inspector
from mnistviz.story.sentence import Cell, Number, Part, Polarity, Quantity, Rank, Sentence, line
from mnistviz.story.storyboard import Labels, Shot
from mnistviz.trace.model import Value


def heading(studio: Studio, shot: Shot, value: Value, flat: int, largest: Rank | None = None) -> Sentence:
    """`Weight from hidden neuron 18 to the digit 7`, `Cell [3, 17]`; after the claim that it is the largest, if made."""
    return _heading(studio, shot.unit, value, flat, largest)


@lru_cache(maxsize=64)
def _heading(studio: Studio, unit: str, value: Value, flat: int, largest: Rank | None) -> Sentence:
    said = _in_words(studio, unit, value, flat)
    first = next(place for place, part in enumerate(said) if part)
    if largest is None and isinstance(opening := said[first], str):
        said[first] = f"{opening[:1].upper()}{opening[1:]}"
    return line(*([largest] if largest is not None else []), *said)


def announced(words: Inspector) -> Inspector:
    """What of the words can be said before anything is done: which cell comes first, and what it is called."""
    without = (
        one for one in words.sentences if not any(isinstance(part, Number | Polarity) for part in one.parts)
    )
    return Inspector(words.heading, tuple(without))


def largest_first(shot: Shot, value: Value, flat: int, order: Order, made: int) -> Rank | None:
    """The claim over the cell that is told first where the order is by size; `made`: so many cells are there."""
    ranked = value.dtype.kind != "b"  # of yes and no none is the largest
    if shot.order or flat != order.protagonist or order.count < 2 or not ranked:
        return None
    words = "Largest: " if made >= order.count else "Largest first: "
    return Rank(words, "largest by size", Cell(value.id, flat))


def _in_words(studio: Studio, unit: str, value: Value, flat: int) -> list[Part | str]:
    """The parts of a cell's heading, in small letters; `unit`: what the shot calls a cell."""
    cell = Cell(value.id, flat)
    places = [int(place) for place in np.unravel_index(flat, value.shape)] if value.shape else []
    axes = [axis for axis, length in enumerate(value.shape) if length > 1]
    named = [_axis(studio, value, cell, axis, places[axis]) for axis in axes]
    if named and all(named):
        *rows, last = (parts for parts in named if parts)
        if not rows:
            return [f"{unit} " if unit else "", *last]
        ends = [part for parts in rows for part in (" to ", *parts)]
        return [f"{unit} from ", *last, *ends]
    said: list[Part | str] = [unit or "cell"]
    for place, axis in enumerate(axes):
        said += [
            ", " if place else " [",
            Number(places[axis], Quantity("index on axis", (cell, axis)), "index"),
        ]
    return [*said, "]"] if axes else said


def _axis(studio: Studio, value: Value, cell: Cell, axis: int, place: int) -> list[Part | str]:
    """What a place on an axis is called; nothing where the storyboard does not say."""
    length = value.shape[axis]
    labels, fold = studio.board.labels_of(length), studio.fold_of(length)
    if labels is not None:
        return _labelled(labels, cell, axis, place)
    if fold is None or not studio.board.labels:
        return []
    row, column = divmod(place, fold[1])
    return [
        "the pixel in row ",
        Number(row, Quantity("row in fold", (cell, axis)), "index"),
        ", column ",
        Number(column, Quantity("column in fold", (cell, axis)), "index"),
    ]


def _labelled(labels: Labels, cell: Cell, axis: int, place: int) -> list[Part | str]:
    name = labels.names[place]
    number = Number(place, Quantity("index on axis", (cell, axis)), "index")
    noun = f"{labels.noun} " if labels.noun else ""
    return [noun, number] if name == str(place) else [f"{noun}{name}"]
