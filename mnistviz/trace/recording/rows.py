"""What a loop goes through: rows of arrays, or what C and libraries make of arrays, one a pass."""

from __future__ import annotations

import ast
import gc
import itertools
from collections.abc import ItemsView, ValuesView
from dataclasses import dataclass
from types import BuiltinFunctionType, FrameType, FunctionType, GeneratorType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistviz.trace.memory import OurRef, same_bits
from mnistviz.trace.recording.callee import class_name
from mnistviz.trace.recording.holders import is_holder, is_of_a_library, parts_of, reads_arrays
from mnistviz.trace.recording.kinds import AMOUNTS, LISTS, ids, module_of
from mnistviz.trace.recording.mentions import is_mention
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.values import bare, is_value
from mnistviz.trace.recording.written_in_c import ROWS
from mnistviz.trace.source.sites import Site

if TYPE_CHECKING:
    from mnistviz.trace.recording.recording import Recording

DRIVING = ids(map, filter, np.flatiter, np.nditer, np.ndenumerate)
OPAQUE = ids(FunctionType, ModuleType, type, dict)  # lead everywhere
MOST_DRIVEN = 8  # arrays that are named as what an iterator goes through


def note_unwatched(recording: Recording, value: Any) -> None:
    """A generator or coroutine that ran before the recording: nobody sees what it does."""
    code = value.gi_code if type(value) is GeneratorType else None
    if code is not None and recording.exchange.is_unseen(code):
        recording.values.unseen.append(code.co_qualname)
        recording.values.freeze_all()


@dataclass(frozen=True)
class Binding:
    """What a target is being bound to, leaf by leaf."""

    recording: Recording
    site: Site
    frame: FrameType
    bound: Any  # an iterator over what the leaves get


@dataclass(frozen=True)
class Driven:
    """What C computes or picks of arrays, one a pass: `map(np.sum, x)`, `x.flat`, `itertools.accumulate(x)`."""

    name: str
    arrays: list[OurRef]
    numbers: bool = False  # whether what comes out may be numbers of Python's own: of a table's column

    def give(self, binding: Binding, inside: tuple[int, ...], value: Any, name: str) -> None:
        """Write down that `value` was made, unless somebody has seen it before."""
        values = binding.recording.values
        if is_holder(type(value)):
            made = [(one, name and name + part) for part, one in parts_of(value) if is_value(one)]
        elif is_value(value) or (self.numbers and id(type(value)) in AMOUNTS):
            made = [(value, name)]
        else:
            return
        made = [one for one in made if values.known(one[0]) is None]
        alive = [one for one in (ref() for ref in self.arrays) if one is not None]
        inputs = [Mention(found, found.name) for found in map(values.current, alive)]
        if made:
            binding.recording.driven(binding.site, binding.frame, self.name, inputs, made)


@dataclass
class Rows:
    """An array that is gone through, and the row that comes next."""

    array: OurRef
    name: str
    next: int
    step: int


@dataclass(frozen=True)
class _Row:
    """The row that a pass gets."""

    rows: Rows
    place: int

    def give(self, binding: Binding, inside: tuple[int, ...], value: Any, name: str) -> None:
        """Write down that `value` is it, if it is: the program may have gone on in the iterator itself."""
        if not is_value(value):
            return
        array = self.rows.array()
        place = self._found(bare(array), inside, value) if array is not None else None
        if place is None:
            return
        self.rows.next = place + self.rows.step if place != self.place else self.rows.next
        snapshot = binding.recording.values.current(array, self.rows.name)
        index = (place, *inside) if inside else place
        mention = Mention(snapshot, self.rows.name)
        binding.recording.row(binding.site, binding.frame, mention, index, value, name)

    def _found(self, array: Any, inside: tuple[int, ...], value: Any) -> int | None:
        wanted, place = np.asarray(value), self.place
        while 0 <= place < len(array):
            if same_bits(np.asarray(array[(place, *inside)]), wanted):
                return place
            place += self.rows.step
        return None


def next_rows(rows: Any) -> Any:
    """The next row of each array; arrays that share an iterator take turns."""
    if isinstance(rows, list):
        return list(map(next_rows, rows))
    if not isinstance(rows, Rows):
        return rows
    rows.next += rows.step
    return _Row(rows, rows.next - rows.step)


class Noting:
    """Notes the arrays that one loop goes through."""

    def __init__(self, recording: Recording, loop: Site, frame: FrameType) -> None:
        self._recording, self._loop, self._frame = recording, loop, frame
        self._known: dict[int, Rows | None] = {}  # by iterator: `zip(it, it)`

    def rows(self, iterable: Any, node: Any) -> Any:
        """Rows of an array, those of a `zip` or `enumerate` in a list; None where there are none."""
        kind = type(iterable)
        if kind is ROWS or kind is reversed:
            if id(iterable) not in self._known:
                self._known[id(iterable)] = self._of_iterator(iterable, node)
            return self._known[id(iterable)]
        if kind is zip or kind is enumerate:
            return self._of_several(kind, iterable.__reduce__()[1], node)  # Python's own: it calls nothing
        held = _of_column(iterable)
        if held:
            self._name_parts(iterable, held, node)
            name = kind.__name__ if kind is map else f"{class_name(kind)}.__iter__"
            return Driven(name, [OurRef(one) for one in held], numbers=True)
        if id(kind) in DRIVING or module_of(kind) == "itertools":
            return Driven(kind.__name__, [OurRef(one) for one in _arrays_within(iterable)])
        made_by = "" if issubclass(kind, np.ndarray) else self._made_by(iterable)
        if made_by:
            return Driven(made_by, [OurRef(one) for one in _arrays_within(iterable)])
        return self._of_array(iterable, node, 0, 1)

    def _made_by(self, iterable: Any) -> str:
        """The name of a library's code that makes what a loop gets: `table.iterrows()`; "" for anything else."""
        kind = type(iterable)
        if kind is ItemsView or kind is ValuesView:  # Python's own, of what may be a library's
            owner = type(iterable._mapping)
            return f"{class_name(owner)}.{kind.__name__[:-4].lower()}" if reads_arrays(owner) else ""
        if kind is not GeneratorType:
            makes = is_of_a_library(kind) or reads_arrays(kind)
            return f"{class_name(kind)}.__iter__" if makes else ""
        code, frame = iterable.gi_code, iterable.gi_frame
        if frame is None or self._recording.exchange.watches(code.co_filename):
            return ""
        module = str(frame.f_globals.get("__name__", ""))
        return f"{module.partition('.')[0]}.{code.co_qualname.replace('.<locals>', '')}"

    def _name_parts(self, owner: Any, held: list[Any], node: Any) -> None:
        """Call the arrays of a library's object as the source calls the object."""
        if node is None or not is_mention(node) or not is_holder(type(owner)):
            return
        name = self._recording.names.name(self._loop.file, node, self._frame)
        parts = {id(one): part for part, one in parts_of(owner)}
        for one in held:
            snapshot = self._recording.values.current(one)
            snapshot.name = snapshot.name or name + parts[id(one)]

    def _of_iterator(self, iterator: Any, node: Any) -> Rows | None:
        _, inside, *place = iterator.__reduce__()
        if not inside or not place:  # it is at its end
            return None
        backward = type(iterator) is reversed
        called = node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else node
        return self._of_array(inside[0], called, place[0], -1 if backward else 1)

    def _of_several(self, kind: type, inside: tuple[Any, ...], node: Any) -> list[Any] | None:
        args: list[Any] = list(node.args) if isinstance(node, ast.Call) else []
        pairs = itertools.zip_longest(inside[:1] if kind is enumerate else inside, args[: len(inside)])
        rows = [self.rows(one, arg) for one, arg in pairs]
        if all(one is None for one in rows):
            return None
        return [None, *rows[:1]] if kind is enumerate else rows

    def _of_array(self, array: Any, node: Any, place: int, step: int) -> Rows | None:
        if not (issubclass(type(array), np.ndarray) and is_value(array) and bare(array).ndim):
            return None
        known = self._recording.values.known(array)
        name = known.snapshot.name if known is not None else ""
        if node is not None and is_mention(node):
            name = self._recording.names.name(self._loop.file, node, self._frame)
        self._recording.values.current(array, name)
        return Rows(OurRef(array), name, place, step)


def _of_column(iterable: Any) -> list[Any]:
    """The arrays of a library's column of numbers, or of the iterator that pandas makes of one."""
    if is_holder(type(iterable)):
        return [one for _, one in parts_of(iterable) if is_value(one)]
    made = iterable.__reduce__()[1][0] if type(iterable) is map else None
    owner = made.__self__ if type(made) is BuiltinFunctionType and made.__name__ == "item" else None
    return [owner] if is_value(owner) else []


def _arrays_within(iterator: Any, depth: int = 3) -> list[Any]:
    """Arrays that an iterator written in C goes through, found without calling anything."""
    found: list[Any] = []
    for one in gc.get_referents(iterator):
        kind = type(one)
        if issubclass(kind, np.ndarray):
            found += [one] if is_value(one) else []
        elif is_holder(kind):
            found += [inner for _, inner in parts_of(one) if is_value(inner)]
        elif depth and (id(kind) in LISTS or module_of(kind) in ("builtins", "itertools")):
            found += _arrays_within(one, depth - 1) if id(kind) not in OPAQUE else []
    return found[:MOST_DRIVEN]
