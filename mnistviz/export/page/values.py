"""The numbers behind the cards: every array that can be pointed at, and those that its formula needs.

Numbers travel exact, as base64 of little-endian doubles.  An array of more than `LARGEST_EXACT` cells
travels as it is drawn, the mean and the range of each drawn cell in single precision; what would make
the page too large is left out and said so.  A card carries no numbers of its own: it says which cells of
which arrays it shows, and what is computed for the picture is computed by the page from the same arrays.
"""

from __future__ import annotations

import base64
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.export.page.geometry import Shown
from mnistviz.export.page.making import relation
from mnistviz.export.page.naming import moments, without_moment
from mnistviz.operations import Making, definition
from mnistviz.picture.display import Blocks, CellMap
from mnistviz.story.storyboard import Storyboard
from mnistviz.trace.model import Operation, Value

LARGEST_EXACT = 65_536  # cells
DEEPEST_FORMULA = 6  # nested sub-expressions that a formula may spell out
NEVER = "absent"
KEPT = frozenset({"name", "named", "moment", "constant", "shape", "type"})  # what is said of an absent array
BESIDE_NUMBERS = 60  # characters that an array and its operation take beside its numbers, about
MOST_WHOLE = 2_000  # operations of a trace that is followed from end to end
MOST_NEAR = 300_000  # characters of the arrays that no card shows, of a longer trace


@dataclass(frozen=True)
class Drawn:
    """How a large array is drawn: so many of its layers, in blocks."""

    layers: int
    blocks: Blocks


class Arrays:
    """Every array that the page may show, by number: a value's own id, or one beyond all ids.

    The array before an in-place operation is the one that went into it, where the trace says which.
    """

    def __init__(self, storyboard: Storyboard, shown: Sequence[Shown]) -> None:
        self.trace = storyboard.trace
        self.makers = {operation.output.id: operation for operation in self.trace.operations}
        self.values = {value.id: value for value in _values(storyboard)}
        self.moments = moments(self.trace)
        self.aliases = _aliases(storyboard)
        self._before: dict[int, int] = {}  # number of the array before, by the value's id
        self._drawn: dict[int, Drawn] = {}
        self._pointed: dict[int, None] = {}
        self.maps = [self._plain_map(one.shows) for one in shown]
        for one in shown:
            if one.shows is not None and one.shows.blocks is not None:
                number = self.number(one.shows.value, one.shows.before)
                self._drawn.setdefault(number, Drawn(one.shape[0], one.shows.blocks))

    def number(self, value: int, before: bool = False) -> int:
        """The number of an array, as it is or as it was before the operation that made it."""
        if not before:
            return self.aliases.get(value, value)
        if value not in self._before:
            self._before[value] = self._number_before(value)
        return self._before[value]

    def _number_before(self, value: int) -> int:
        whole = self.values[value]
        known = self._input_before(value) if value in self.makers else None
        if known is not None:
            return known
        number = max(*self.values, 0) + 1
        old = whole.value if whole.before is None else whole.before
        self.values[number] = replace(whole, id=number, value=old, before=None)
        return number

    def befores(self, carried: Iterable[str]) -> dict[int, int]:
        """Of arrays that travel and were changed in place: the array before, by that after."""
        made = (value for value in map(int, carried) if value in self.makers)
        return {value: before for value in made if (before := self._input_before(value)) is not None}

    def _input_before(self, value: int) -> int | None:
        """The array that went into the operation that changed it; None where it made another."""
        call = self.makers[value].call
        if call is None or call.changes is None:
            return None
        before = self.makers[value].inputs[call.changes]
        return before.id if before.shape == self.values[value].shape else None

    def _plain_map(self, shows: CellMap | None) -> dict[str, Any] | None:
        """For JSON: what a card shows, without what is as usual; None where it shows no numbers."""
        if shows is None or shows.value not in self.values:
            return None
        number = self.number(shows.value, shows.before)
        self._pointed[number] = None
        plain: dict[str, Any] = {"array": number}
        plain |= {name: one for name, one, usual in _plain_fields(shows) if one != usual}
        if shows.old:
            plain["oldArray"] = self.number(shows.value, before=True)
            self._pointed[plain["oldArray"]] = None
        for name, other in (("minus", shows.minus), ("times", shows.times)):
            if other is not None:
                plain[name] = self._plain_map(other)
        return plain

    def wanted(self) -> list[int]:
        """Numbers of all arrays that can be pointed at or that a formula mentions, the smallest first."""
        ids = dict(self._pointed)
        for number in self._pointed:
            ids.update(dict.fromkeys(value.id for value in self._mentioned(number, DEEPEST_FORMULA)))
        return sorted(ids, key=lambda number: (self.values[number].value.size, number))

    def beside(self) -> list[int]:
        """Numbers of the other arrays of the trace, which are met when one follows a number.

        The smallest come first; of a long trace those that are nearest to what is shown, which is a few passes
        of its loops.
        """
        known = {value.id: value.value.size for operation in self.trace for value in _of(operation)}
        known |= {value.id: 1 for value in self.trace.inputs if not value.shape}  # plain numbers
        rest = known.keys() - set(self.wanted())
        if len(self.trace) <= MOST_WHOLE:
            return sorted(rest, key=lambda number: (known[number], number))
        shown = sorted(self.makers[number].number for number in self._pointed if number in self.makers)
        return sorted(rest, key=lambda number: (self._distance(number, shown), number))

    def _distance(self, number: int, shown: Sequence[int]) -> int:
        """How many operations an array is away from the nearest of those that are shown; 0: nothing made it."""
        if number not in self.makers or not shown:
            return 0
        own = self.makers[number].number
        place = bisect_left(shown, own)
        return min(abs(own - one) for one in shown[max(0, place - 1) : place + 1])

    def absent(self, carried: Mapping[str, Any]) -> int:
        """How many arrays of the trace the page does not know at all."""
        return sum(str(number) not in carried for number in self.beside())

    def _mentioned(self, number: int, depth: int) -> Iterator[Value]:
        maker = self.makers.get(number)
        for value in maker.inputs if maker is not None and depth else ():
            yield value
            if not value.name:
                yield from self._mentioned(value.id, depth - 1)

    def plain(self, budget: int) -> dict[str, Any]:
        """For JSON: the arrays by number, as many as go into a budget of characters."""
        plain = {}
        for number in self.wanted():
            entry = self._entry(number)
            size = _characters(entry)
            if size > budget:
                kept = {key: said for key, said in entry.items() if key in KEPT}
                entry = {**kept, "form": NEVER, "why": "the matrix is too large for it"}
                size = 100
            budget -= size
            plain[str(number)] = entry
        if len(self.trace) > MOST_WHOLE:
            budget = min(budget, MOST_NEAR)
        for number in self.beside():
            entry = self._entry(number)
            budget -= _characters(entry) + BESIDE_NUMBERS
            if budget < 0:
                break
            plain[str(number)] = entry
        return plain

    def _entry(self, number: int) -> dict[str, Any]:
        """An array for JSON; `named` is false where the source gives it no name, and its expression stands in."""
        value = self.values[number]
        maker = self.makers.get(number)
        name, moment = value.name, self.moments.get(number, "")
        if number not in self.moments:
            name, moment = without_moment(value.name)
        head: dict[str, Any] = {
            "name": name or (maker.expression if maker else ""),
            "named": bool(name),
            "moment": moment,
            "constant": value.role == "constant",
            "shape": value.shape,
            "type": str(value.dtype),
        }
        if number in self._drawn and value.value.size > LARGEST_EXACT and value.dtype.kind in "biuf":
            return {**head, "form": "as drawn", **_as_drawn(value.value, self._drawn[number])}
        if value.value.size > LARGEST_EXACT:
            return {**head, "form": NEVER, "why": "the matrix is too large for it"}
        exact = _exact(value.value)
        if exact is None:
            return {**head, "form": NEVER, "why": f"{value.dtype} is not written as a plain number"}
        return {**head, "form": "exact", "data": _encoded(exact)}

    def operations(self, carried: Iterable[str]) -> dict[str, Any]:
        """For JSON: the operation that made each array that travels, by the array's number."""
        return {
            number: _plain_operation(self.makers[int(number)])
            for number in carried
            if int(number) in self.makers
        }


def _plain_fields(shows: CellMap) -> Iterator[tuple[str, Any, Any]]:
    """Name for JSON, value, and the value that goes without saying."""
    yield "first", shows.first, 0
    yield "step", shows.step, 1
    yield "factor", shows.factor, 1.0
    yield "stretched", list(shows.stretched), []
    yield "old", [list(ends) for ends in shows.old], []
    yield "blocks", _plain_blocks(shows.blocks), None


def _plain_blocks(blocks: Blocks | None) -> dict[str, int] | None:
    if blocks is None:
        return None
    return {
        "layers": blocks.layers, "rows": blocks.rows, "columns": blocks.columns,
        "drawnRows": blocks.drawn_rows, "drawnColumns": blocks.drawn_columns,
    }  # fmt: skip


def _aliases(storyboard: Storyboard) -> dict[int, int]:
    """Arrays beside the trace that are one of its own, bit for bit: the page follows the trace's."""
    made = {(value.name, value.shape, value.value.tobytes()): value.id for operation in storyboard.trace
            for value in _of(operation) if value.name and value.value.size <= LARGEST_EXACT}  # fmt: skip
    own = set(made.values())
    extras = [extra for chapter in storyboard.chapters for shot in chapter.shots for extra in shot.extra]
    found = {
        one.id: made.get((without_moment(one.name)[0], one.shape, one.value.tobytes())) for one in extras
    }
    return {number: other for number, other in found.items() if other is not None and number not in own}


def _of(operation: Operation) -> Iterator[Value]:
    yield from operation.inputs
    yield from (operation.output, *operation.more)


def _characters(entry: dict[str, Any]) -> int:
    return sum(len(text) for text in entry.values() if isinstance(text, str))


def _values(storyboard: Storyboard) -> Iterator[Value]:
    """All values, outputs last: where ids meet, theirs stand, which know what was before."""
    trace = storyboard.trace
    for chapter in storyboard.chapters:
        for shot in chapter.shots:
            yield from shot.extra
    yield from trace.failure.inputs if trace.failure is not None else ()
    yield from trace.inputs
    for operation in trace.operations:
        yield from operation.inputs
    for operation in trace.operations:
        yield from (operation.output, *operation.more)


def _blocks(layered: NDArray[Any], blocks: Blocks) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Mean, lowest and highest of the block behind each drawn cell, (layers, drawn rows, drawn columns)."""
    tops = np.arange(blocks.drawn_rows) * blocks.rows // blocks.drawn_rows
    lefts = np.arange(blocks.drawn_columns) * blocks.columns // blocks.drawn_columns
    sizes = np.outer(np.diff([*tops, blocks.rows]), np.diff([*lefts, blocks.columns]))
    sums, low, high = (
        how.reduceat(how.reduceat(layered, tops, axis=1), lefts, axis=2)
        for how in (np.add, np.minimum, np.maximum)
    )
    return sums / sizes, low, high


def _as_drawn(array: NDArray[Any], drawn: Drawn) -> dict[str, Any]:
    """For JSON: the blocks of a large array, in single precision unless that is too small for them."""
    blocks = drawn.blocks
    layered = array.reshape(blocks.layers, blocks.rows, blocks.columns)[: drawn.layers].astype(np.float64)
    single = not np.any(np.abs(layered) > np.finfo(np.float32).max)
    kind = "<f4" if single else "<f8"
    parts = zip(("data", "low", "high"), _blocks(layered, blocks), strict=True)
    return {"single": single} | {name: _encoded(cells, kind) for name, cells in parts}


def _exact(array: NDArray[Any]) -> NDArray[np.float64] | None:
    """The numbers as doubles, where doubles can say them exactly."""
    if array.dtype.kind not in "biuf":
        return None
    doubles = array.astype(np.float64)
    with np.errstate(invalid="ignore"):
        back = doubles.astype(array.dtype)
    same = np.array_equal(back, array, equal_nan=array.dtype.kind == "f")
    return doubles if same else None


def _encoded(array: NDArray[Any], kind: str = "<f8") -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode()


def _plain_operation(operation: Operation) -> dict[str, Any]:
    """What a formula needs: the operation's kind, its inputs, and its parameters as far as they are plain."""
    known, given = definition(operation.operation), dict(operation.parameters)
    parameters = {name: value for name, value in given.items() if _is_plain(value)}
    if known.axis is not None and "axis" not in given:
        parameters["axis"] = known.axis
    return {
        "operation": operation.operation,
        "made": _made(operation),
        "reduces": known.reduces,
        "sign": known.sign if known.infix else "",
        "prefix": known.prefix,
        "expression": operation.expression,
        "inputs": [value.id for value in operation.inputs],
        "parameters": parameters,
        "inPlace": operation.in_place,
        "number": operation.number,
        "line": operation.source.expression.first_line,
        **relation(operation),
    }


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(_is_plain(part) for part in value)
    return value is None or isinstance(value, (bool, int, str))


def _made(operation: Operation) -> Making:
    """How a cell of the output follows from the inputs; "unknown" where only the expression can be said."""
    made = definition(operation.operation).made
    if made != "cell by cell":
        return made
    try:
        shape = np.broadcast_shapes(*(value.shape for value in operation.inputs))
    except ValueError:
        return "unknown"
    return made if shape == operation.output.shape else "unknown"
