"""Items: the cells that an index picks out of an array, and those that are written into one, framed where they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Primitive
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.blocks import cell_frames
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.props import cell_name, cell_number, filled
from mnistviz.picture.easing import ramp, smooth
from mnistviz.picture.stage.arrange import Term, equation, signs
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.story.along import index_written
from mnistviz.story.sentence import Code, Number, Part, Quantity, Sentence, line
from mnistviz.story.storyboard import Shot
from mnistviz.story.unpacking import takes_apart
from mnistviz.trace.model import Operand, Operation, Value

MOST_PARTS = 4  # of an array that is taken apart, that are shown
ACTS = (0.15, 0.95)  # share of the action in which cells come


@dataclass(frozen=True, eq=False)
class Items:
    """`array[index]`: which cells of an array are read or written, in the order of the index."""

    array: Value
    cells: NDArray[np.intp]  # flat, of the array
    operation: Operation

    @property
    def written(self) -> bool:
        """Whether they are written, not read."""
        return self.operation.operation == "setitem"


@lru_cache(maxsize=256)
def items_of(operation: Operation) -> Items | None:
    """The cells that an operation reads or writes by an index; None where that is not known."""
    if operation.operation not in ("getitem", "setitem") or operation.call is None:
        return None
    array, given = (operation.output if operation.in_place else operation.inputs[0]), operation.call.args[1:2]
    if not given or array.value.size == 0 or array.value.dtype.kind not in "biuf":
        return None
    numbers = np.arange(array.value.size).reshape(array.shape)
    try:
        cells = np.ravel(numbers[_filled_in(given[0], operation)])
    except (IndexError, TypeError, ValueError):
        return None
    return Items(array, cells, operation) if cells.size else None


def _filled_in(index: Any, operation: Operation) -> Any:
    """An index with the arrays that stand in it."""
    if isinstance(index, tuple):
        return tuple(_filled_in(one, operation) for one in index)
    return operation.inputs[index.place].value if isinstance(index, Operand) else index


@draws("getitem")
def draw_getitem(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The array with what is picked framed, and what comes out."""
    operations = studio.operations(shot)
    items = items_of(operations[-1]) if operations else None
    if items is None or items.written or operations[-1].output.value.size != items.cells.size:
        return draw_any(studio, shot, p)
    terms = [Term(items.array), Term(operations[-1].output, "→")]
    source, result = equation(studio, tuple(terms))
    size = items.operation.output.value.size
    done = np.arange(size) < round(smooth(ramp(p, *ACTS)) * size)
    result = replace(filled(result, done), glow=0.6 if p < 1 else 0.0)
    frames = cell_frames(studio, source, items.cells) if p > ACTS[0] / 2 else ()
    return _tableau(studio, items, ((source, result), terms), frames)


@draws("apart")
def draw_apart(studio: Studio, shot: Shot, p: float) -> Tableau:
    """An array and the parts that are taken of it, one after the other, with the cells of each framed in its turn."""
    parts = studio.operations(shot)[:MOST_PARTS]
    if not takes_apart(parts):
        return draw_any(studio, shot, p)
    outputs = [Term(one.output, "," if place else "→") for place, one in enumerate(parts)]
    terms = [Term(parts[0].inputs[0]), *outputs]
    source, *shown = equation(studio, tuple(terms))
    share = ramp(p, *ACTS)
    for place, one in enumerate(parts):
        size = one.output.value.size
        own = smooth(ramp(share, place / len(parts), (place + 1) / len(parts)))
        shown[place] = filled(shown[place], np.arange(size) < round(own * size))
    items = items_of(parts[min(int(share * len(parts)), len(parts) - 1)])
    frames = cell_frames(studio, source, items.cells) if items is not None and p > ACTS[0] / 2 else ()
    told = [one for place, one in enumerate(parts) if (place + 1) / len(parts) <= share]
    cells = [
        line(cell_name(studio, one.output, 0), " = ", cell_number(one.output, 0), tone="result")
        for one in told
        if one.output.value.size and one.output.value.dtype.kind in "biuf"
    ]
    code = line(Code(parts[0].expression.splitlines()[0]), tone="formula")
    everything = (source, *shown)
    return Tableau(
        everything,
        (*signs(studio, everything, terms), *frames),
        inspector=Inspector(line("taken apart"), (code, *cells)),
        lit=parts[0].source.expression,
    )


@draws("setitem")
def draw_setitem(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The array before, what is written, and the array after, where only the cells that are written come anew."""
    operations = studio.operations(shot)
    items = items_of(operations[-1]) if operations else None
    if items is None or not items.written or items.array.before is None:
        return draw_any(studio, shot, p)
    values = [value for value in operations[-1].inputs[-1:] if value.shape]
    terms = [Term(items.array, before=True), *(Term(value, "←") for value in values), Term(items.array, "→")]
    before, *given, after = equation(studio, tuple(terms))
    before = replace(before, key=f"{before.key}/before", name=f"{before.name} before")
    share = ramp(p, *ACTS)
    there = np.ones(items.array.value.size, dtype=bool)
    there[items.cells[round(smooth(share) * items.cells.size) :]] = False
    after = replace(filled(after, there), glow=0.6 if p < 1 else 0.0)
    shown = (before, *given, after)
    frames = cell_frames(studio, after, items.cells) if p > ACTS[0] / 2 else ()
    return _tableau(studio, items, (shown, terms), frames)


def _tableau(
    studio: Studio, items: Items, row: tuple[tuple[Card, ...], list[Term]], frames: tuple[Primitive, ...]
) -> Tableau:
    shown, terms = row
    return Tableau(
        shown,
        (*signs(studio, shown, terms), *frames),
        inspector=_words(studio, items),
        lit=items.operation.source.expression,
    )


@lru_cache(maxsize=256)
def _told(items: Items) -> int:
    """The flat index of the written cell that changes most; of the first where none does, or that is not known."""
    before, after = items.array.before, items.array.value
    if before is None or not np.isfinite([before.ravel()[items.cells], after.ravel()[items.cells]]).all():
        return int(items.cells[0])
    was, is_now = (np.asarray(one.ravel()[items.cells], dtype=float) for one in (before, after))
    return int(items.cells[np.abs(is_now - was).argmax()])


def _words(studio: Studio, items: Items) -> Inspector:
    """How many of the cells, by which index, and the first of them; of those that are written the one that changes most."""
    operation, told = items.operation, _told(items)
    count = np.unique(items.cells).size
    which: list[Part | str] = [
        Number(count, Quantity("cells of the index", (operation.number,)), "count"),
        " of ",
        Number(items.array.value.size, Quantity("cells", (items.array.id,)), "count"),
        " cells are written" if items.written else " cells are read",
    ]
    sentences: list[Sentence] = [
        line(Code(code), tone="formula") for code in operation.expression.splitlines()[:2]
    ]
    if written := index_written(operation.expression):
        sentences.append(line("at ", Code(written), tone="faint"))
    if not items.written:
        sentences.append(
            line(
                cell_name(studio, operation.output, 0), " = ", cell_number(operation.output, 0), tone="result"
            )
        )
        return Inspector(line(*which), tuple(sentences))
    if items.array.before is not None:
        sentences.append(line("before  ", cell_number(items.array, told, before=True), tone="working"))
    sentences.append(
        line(cell_name(studio, items.array, told), " = ", cell_number(items.array, told), tone="result")
    )
    return Inspector(line(*which), tuple(sentences))
