"""The numbers behind the cards: every array that can be pointed at, and those that its formula needs.

Numbers travel exact, as base64 of little-endian doubles.  An array of more than `LARGEST_EXACT` cells
travels as it is drawn, the mean and the range of each drawn cell in single precision; what would make the page too large is
left out and said so.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.export.page.geometry import Geometry, Shown
from mnistviz.operations import Making, definition, swaps
from mnistviz.story.storyboard import Storyboard
from mnistviz.trace.model import Operation, Value

LARGEST_EXACT = 65_536  # cells
DEEPEST_FORMULA = 6  # nested sub-expressions that a formula may spell out
ORNAMENTS = frozenset({"legend"})  # keys of matrices that are no card
DISTINCTIVE = 8  # different numbers in a row that two arrays do not share by chance
NOTHING = -1  # as in `Matrix.value_id`; other negative ids are values beside the trace
NEVER = "absent"
KEPT = frozenset({"name", "named", "shape", "type", "drawn"})  # what is said of an absent array


@dataclass(frozen=True)
class Link:
    """How the cells of a card lead to an array: its id (`NOTHING`: none), and where they start."""

    array: int
    offset: int = 0  # of the card's first cell, in row-major order
    transposed: bool = False
    blocks: bool = False  # each cell of the card is the mean of a block of the array

    @property
    def how(self) -> int:
        """For JSON: 0 cell by cell, 1 transposed, 2 by blocks."""
        return 2 if self.blocks else int(self.transposed)


class Numbers:
    """Every array of a storyboard that the page may show, by id; cards' own numbers get ids after the trace's."""

    def __init__(self, storyboard: Storyboard, geometry: Geometry) -> None:
        self.makers = {operation.output.id: operation for operation in storyboard.trace.operations}
        self.values = {value.id: value for value in _values(storyboard)}
        self._by_name: dict[str, list[Value]] = {}
        self._by_content: dict[bytes, int] = {}
        for value in self.values.values():
            self._by_name.setdefault(value.name or f"#{value.id}", []).append(value)
            if value.value.size <= LARGEST_EXACT and value.value.dtype.kind in "biuf":
                self._by_content.setdefault(_digest(value.value.ravel()), value.id)
        self.own: dict[int, Shown] = {}
        self._next = max([*self.values, 0]) + 1
        self.links = [self._link(shown) for shown in geometry.shown.rows]
        self._drawn = {
            link.array: shown.shape
            for shown, link in zip(geometry.shown.rows, self.links, strict=True)
            if link.blocks
        }

    def _link(self, shown: Shown) -> Link:
        """The array that the card shows: the one it names, else one of that content, else its own numbers."""
        flat = shown.cells.values.ravel()
        if not shown.key or shown.key in ORNAMENTS:
            return Link(NOTHING)
        value = self.values.get(shown.value_id)
        if value is not None:
            if value.value.size == 0:
                return Link(NOTHING)
            if value.value.size == flat.size:
                return Link(value.id, 0, _is_transposed(shown, value))
            start = _part(flat, value)
            if start is not None:
                return Link(value.id, start)
            if _is_shrunk(shown, value):
                return Link(value.id, blocks=True)
        return self._alike(shown.key, flat) or Link(self._keep(shown))

    def _alike(self, key: str, flat: NDArray[Any]) -> Link | None:
        """An array with the same numbers: of the card's name, or of any name where chance is ruled out."""
        for value in self._by_name.get(key.partition("/")[0], ()):  # "weights/layer" is a card of `weights`
            start = _part(flat, value)
            if start is not None:
                return Link(value.id, start)
        found = self._by_content.get(_digest(flat))
        return None if found is None or len(np.unique(flat)) < DISTINCTIVE else Link(found)

    def _keep(self, shown: Shown) -> int:
        number = self._next + len(self.own)
        self.own[number] = shown
        return number

    def wanted(self) -> list[int]:
        """Ids of all arrays that can be pointed at or that a formula mentions, the smallest first."""
        pointed = [link.array for link in self.links if link.array != NOTHING]
        ids = dict.fromkeys(pointed)
        for number in pointed:
            ids.update(dict.fromkeys(value.id for value in self._mentioned(number, DEEPEST_FORMULA)))
        return sorted(ids, key=lambda number: (self._size(number), number))

    def _mentioned(self, number: int, depth: int) -> Iterator[Value]:
        maker = self.makers.get(number)
        for value in maker.inputs if maker is not None and depth else ():
            yield value
            if not value.name:
                yield from self._mentioned(value.id, depth - 1)

    def _size(self, number: int) -> int:
        return (
            self.own[number].cells.values.size if number in self.own else int(self.values[number].value.size)
        )

    def plain(self, budget: int) -> dict[str, Any]:
        """For JSON: the arrays by id, as many as go into a budget of characters."""
        told = {}
        for number in self.wanted():
            entry = self._entry(number)
            size = sum(len(text) for text in entry.values() if isinstance(text, str))
            if size > budget:
                kept = {key: said for key, said in entry.items() if key in KEPT}
                entry = {**kept, "form": NEVER, "why": "the matrix is too large for it"}
                size = 100
            budget -= size
            told[str(number)] = entry
        return told

    def _entry(self, number: int) -> dict[str, Any]:
        """An array for JSON; `named` is false where the source gives it no name, and its expression stands in."""
        if number in self.own:
            shown = self.own[number]
            shape = shown.shape[1:] if shown.shape[0] == 1 else shown.shape
            data = _encoded(shown.cells.values)
            return {"name": shown.key, "shape": shape, "type": "float64", "form": "drawn only", "data": data}
        value = self.values[number]
        maker = self.makers.get(number)
        head: dict[str, Any] = {
            "name": value.name or (maker.expression if maker else ""),
            "named": bool(value.name),
            "shape": value.shape,
            "type": str(value.dtype),
        }
        if number in self._drawn and value.value.size > LARGEST_EXACT:
            return {**head, "form": "as drawn", **_as_drawn(value.value, self._drawn[number])}
        if value.value.size > LARGEST_EXACT:
            return {**head, "form": NEVER, "why": "the matrix is too large for it"}
        exact = _exact(value.value)
        if exact is None:
            return {**head, "form": NEVER, "why": f"{value.dtype} is not written as a plain number"}
        return {**head, "form": "exact", "data": _encoded(exact)}

    def operations(self, told: Iterable[str]) -> dict[str, Any]:
        """For JSON: the operation that made each array that travels, by the array's id."""
        return {
            number: _plain_operation(self.makers[int(number)])
            for number in told
            if int(number) in self.makers
        }


def _values(storyboard: Storyboard) -> Iterator[Value]:
    """All values, those of the trace last: where ids meet, theirs stand."""
    trace = storyboard.trace
    for chapter in storyboard.chapters:
        for shot in chapter.shots:
            yield from shot.extra
    yield from trace.inputs
    for operation in trace.operations:
        yield from operation.inputs
        yield operation.output


def _is_shrunk(shown: Shown, value: Value) -> bool:
    """Whether the card draws blocks of the array as one cell each, their means."""
    layers, rows, columns = shown.shape
    array = value.value
    if layers != 1 or array.ndim not in (1, 2) or array.dtype.kind not in "biuf":
        return False
    table = array.reshape(len(array), -1)
    if rows > table.shape[0] or columns > table.shape[1]:
        return False
    mean, _, _ = _blocks(table, rows, columns)
    return bool(np.allclose(mean, shown.cells.values[0], rtol=1e-9, equal_nan=True))


def _digest(flat: NDArray[Any]) -> bytes:
    return hashlib.blake2b(flat.astype(np.float64).tobytes(), digest_size=16).digest()


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return one.dtype.kind in "biuf" and np.array_equal(one.astype(np.float64), other, equal_nan=True)


def _is_transposed(shown: Shown, value: Value) -> bool:
    flat = shown.cells.values.ravel()
    if value.value.ndim != 2 or 1 in value.shape or shown.shape[1:] != value.shape[::-1]:
        return False
    if _same(value.value.ravel(), flat):
        return False
    return shown.form == "transposed" or _same(value.value.T.ravel(), flat)


def _part(flat: NDArray[Any], value: Value) -> int | None:
    """Where a card of some layers starts in the array that it is a part of."""
    whole = value.value.ravel()
    if flat.size == 0 or whole.size % flat.size or whole.dtype.kind not in "biuf":
        return None
    found = np.flatnonzero((whole.reshape(-1, flat.size) == flat).all(axis=1))
    return int(found[0]) * flat.size if found.size else None


def _blocks(table: NDArray[Any], rows: int, columns: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Mean, lowest and highest of the block behind each drawn cell; blocks start at floor(i * n / cells)."""
    tops = np.arange(rows) * table.shape[0] // rows
    lefts = np.arange(columns) * table.shape[1] // columns
    real = table.astype(np.float64)
    sums = np.add.reduceat(np.add.reduceat(real, tops, axis=0), lefts, axis=1)
    sizes = np.outer(np.diff([*tops, table.shape[0]]), np.diff([*lefts, table.shape[1]]))
    low = np.minimum.reduceat(np.minimum.reduceat(real, tops, axis=0), lefts, axis=1)
    high = np.maximum.reduceat(np.maximum.reduceat(real, tops, axis=0), lefts, axis=1)
    return sums / sizes, low, high


def _as_drawn(array: NDArray[Any], shape: tuple[int, ...]) -> dict[str, Any]:
    """For JSON: the blocks of a large array, in single precision unless that is too small for them."""
    _, rows, columns = shape
    single = not np.any(np.abs(array.astype(np.float64)) > np.finfo(np.float32).max)
    kind = "<f4" if single else "<f8"
    named = zip(("data", "low", "high"), _blocks(array.reshape(len(array), -1), rows, columns), strict=True)
    return {"drawn": (rows, columns), "single": single} | {
        name: _encoded(cells, kind) for name, cells in named
    }


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
        "swaps": swaps(operation.operation, given),
        "expression": operation.expression,
        "inputs": [value.id for value in operation.inputs],
        "parameters": parameters,
        "inPlace": operation.in_place,
        "line": operation.source.expression.first_line,
    }


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(_is_plain(part) for part in value)
    return value is None or isinstance(value, (bool, int, str))


def _made(operation: Operation) -> Making:
    """How a cell of the output follows from the inputs; "unknown" where only the expression can be said."""
    made = definition(operation.operation).made
    if made == "transposed":
        return made if operation.output.value.ndim <= 2 else "unknown"
    if made != "cell by cell":
        return made
    try:
        shape = np.broadcast_shapes(*(value.shape for value in operation.inputs))
    except ValueError:
        return "unknown"
    return made if shape == operation.output.shape else "unknown"
