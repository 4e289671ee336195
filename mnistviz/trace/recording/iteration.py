"""Arrays that loops and Python's own functions go through, and memory that is written without numpy."""

from __future__ import annotations

import ast
import gc
import itertools
from collections import OrderedDict, deque
from collections.abc import ItemsView, Iterable, ValuesView
from dataclasses import dataclass
from types import (
    BuiltinFunctionType,
    FrameType,
    FunctionType,
    GeneratorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import _index_tricks_impl as tricks

from mnistviz.trace.memory import OurRef, same_bits
from mnistviz.trace.recording.callee import NUMPY_FUNCTIONS, Callee, class_name, is_numpy_builtin
from mnistviz.trace.recording.holders import is_holder, is_of_a_library, parts_of, reads_arrays
from mnistviz.trace.recording.kinds import AMOUNTS, LISTS, ids, module_of, of_class
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.places import COMPREHENDED, is_mention
from mnistviz.trace.recording.trees import one_level, writes_cells
from mnistviz.trace.recording.values import Values, bare, is_value
from mnistviz.trace.source.sites import Site, binds_names, leaves_of

if TYPE_CHECKING:
    from mnistviz.trace.recording.recording import Recording

ROWS = type(iter(np.empty(0)))  # what Python makes of an array to go through it
STORING = ids(list, dict, deque, OrderedDict)
MADE_BY_C = ids(
    itertools.accumulate, itertools.starmap, map, filter, np.flatiter, np.nditer, ROWS, zip, enumerate, np.ndenumerate,
)  # fmt: skip
DRIVING = ids(map, filter, np.flatiter, np.nditer, np.ndenumerate)
OPAQUE = ids(FunctionType, ModuleType, type, dict)  # lead everywhere
MOST_DRIVEN = 8  # arrays that are named as what an iterator goes through
GATHER = frozenset(
    ["list", "tuple", "set", "frozenset", "dict", "sorted", "next", "zip", "map", "filter", "max", "min"]
)


def grid_name(owner: Any) -> str:
    """Numpy's name of what makes arrays by being indexed: `np.mgrid`, `np.r_`; "" for anything else."""
    kind = type(owner)
    if issubclass(kind, tricks.nd_grid):
        return "ogrid" if owner is np.ogrid else "mgrid"
    if issubclass(kind, tricks.AxisConcatenator):
        return "c_" if owner is np.c_ else "r_"
    return ""


def may_make(found: Callee, args: tuple[Any, ...]) -> bool:
    """Whether a function of Python may make arrays of its arguments, not only give them on."""
    if found.name in ("zip", "map", "filter"):
        return False
    if found.name in GATHER:
        return any(id(type(one)) in MADE_BY_C or is_value(one) or reads_arrays(type(one)) for one in args)
    return True


def drives_numpy(values: Iterable[Any]) -> bool:
    """Whether a function of numpy is among the arguments: `sorted(xs, key=np.sum)`."""
    return any(id(type(one)) in NUMPY_FUNCTIONS or is_numpy_builtin(one) for one in values)


def before_raw_write(values: Values, owner: Any) -> None:
    """`memoryview(x)[0] = 1`, or an item of a buffer of `ctypes`: memory is written without numpy."""
    kind = type(owner)
    if kind is dict or kind is list or not _is_written_by_c(kind):
        return
    values.freeze_all()
    try:
        written = np.frombuffer(owner, np.uint8)
    except (TypeError, ValueError, BufferError):  # nothing that an array could lie in
        return
    for memory in values.over(written):
        memory.version += 1
        memory.changed_by = None


def _is_written_by_c(kind: type) -> bool:
    """Whether code of C, of no container of Python's, stores the items of a class's objects."""
    setter = of_class(kind, "__setitem__")
    return type(setter) is WrapperDescriptorType and id(setter.__objclass__) not in STORING


def note_unwatched(recording: Recording, value: Any) -> None:
    """A generator or coroutine that ran before the recording: nobody sees what it does."""
    code = value.gi_code if type(value) is GeneratorType else None
    if code is not None and recording.exchange.is_unseen(code):
        recording.values.unseen.append(code.co_qualname)
        recording.values.freeze_all()


def enter(recording: Recording, loop: Site, frame: FrameType, iterable: Any) -> None:
    """A loop begins: note the arrays whose rows its passes get."""
    note_unwatched(recording, iterable)
    key = (id(frame), loop.node)
    recording.rows.pop(key, None)
    rows = _Noting(recording, loop, frame).rows(iterable, getattr(loop.node, "iter", None))
    if rows is not None:
        recording.rows[key] = rows


def turn(recording: Recording, loop: Site, frame: FrameType, bound: tuple[Any, ...]) -> None:
    """A pass begins: what its target is bound to may be rows of arrays."""
    at = frame.f_back if loop.starts_outside and frame.f_code.co_name in COMPREHENDED else frame
    rows = _drawn(recording.rows.get((id(at), loop.node)))
    if rows is None or not bound:
        return
    target: Any = loop.node.target  # type: ignore[attr-defined]
    target = one_level(target) if writes_cells(target) else target
    site = Site(loop.file, loop.node.iter)  # type: ignore[attr-defined]
    names = [recording.places.name(loop.file, one, frame) for one in leaves_of(target)]
    binding = _Binding(recording, site, frame, iter(zip(bound, names, strict=True)))
    _bind(binding, rows, target, ())


def gone_through(recording: Recording, site: Site, frame: FrameType, iterable: Any) -> Any:
    """Something that is no list is about to be unpacked: what it goes through, as a loop would."""
    note_unwatched(recording, iterable)
    parent = site.file.parents.get(site.node)
    node = parent.value if isinstance(parent, ast.Assign) else None
    return _Noting(recording, site, frame).rows(iterable, node)


def unpacked(
    recording: Recording, site: Site, frame: FrameType, value: Any, rows: Any, values: tuple[Any, ...]
) -> None:
    """`a, (b, *c) = value`: arrays in it are taken apart into rows; one level where not all of it are names."""
    target: Any = site.node if binds_names(site.node) else one_level(site.node)
    if rows is None:
        _take_apart(recording, site, frame, target, value, iter(values))
        return
    names = [recording.places.name(site.file, one, frame) for one in leaves_of(target)]
    binding = _Binding(recording, site, frame, iter(zip(values, names, strict=True)))
    for one in target.elts:  # each is what a pass of a loop would get
        if isinstance(one, ast.Starred):
            found, name = next(binding.bound)
            for place, inner in enumerate(found):
                _give(binding, _drawn(rows), (), inner, f"{name}[{place}]")
        else:
            _bind(binding, _drawn(rows), one, ())


def _take_apart(
    recording: Recording, site: Site, frame: FrameType, target: Any, value: Any, bound: Any
) -> None:
    if not isinstance(target, ast.Tuple | ast.List):
        next(bound)
    elif is_value(value):
        snapshot = recording.values.current(value)
        binding = _Binding(recording, site, frame, bound)
        _take_rows(binding, target, Mention(snapshot, snapshot.name), ())
    elif id(type(value)) in LISTS:
        inside = _shares(target, list(value))
        for one, share in zip(target.elts, inside, strict=False):
            _take_apart(recording, site, frame, one, share, bound)
    else:
        for _ in leaves_of(target):
            next(bound)


@dataclass(frozen=True)
class _Binding:
    """What a target is being bound to, leaf by leaf."""

    recording: Recording
    site: Site
    frame: FrameType
    bound: Any  # an iterator over what the leaves get


def _take_rows(binding: _Binding, target: Any, array: Mention, index: tuple[int, ...]) -> None:
    recording, site, frame = binding.recording, binding.site, binding.frame
    place = 0
    for one in target.elts:
        if isinstance(one, ast.Tuple | ast.List):
            _take_rows(binding, one, array, (*index, place))
            place += 1
            continue
        star = isinstance(one, ast.Starred)
        leaf = one.value if star else one
        name = recording.places.name(site.file, leaf, frame) if is_mention(leaf) else ""
        value = next(binding.bound)
        for number, row in enumerate(value if star else (value,)):
            whole = (*index, place)
            shown = f"{name}[{number}]" if star else name
            recording.row(site, frame, array, whole if index else place, row, shown)
            place += 1


def _shares(target: Any, values: list[Any]) -> list[Any]:
    """What each element of a target gets; a starred one a list."""
    stars = [place for place, one in enumerate(target.elts) if isinstance(one, ast.Starred)]
    if not stars:
        return values
    rest = len(target.elts) - stars[0] - 1
    end = len(values) - rest
    return [*values[: stars[0]], values[stars[0] : end], *values[end:]]


def spread(recording: Recording, site: Site, frame: FrameType, held: list[Any], value: Any) -> None:
    """`[*x, y]`: the rows of `x` are values of their own; `{**z}`: the arrays that a library makes."""
    if type(value) is dict:
        value = list(value.values())
    if id(type(value)) not in LISTS:
        return
    new = iter([one for one in value if is_value(one) and recording.values.known(one) is None])
    for array in held:
        if not issubclass(type(array), np.ndarray):
            binding = _Binding(recording, site, frame, None)
            for one in new if isinstance(array, Driven) else ():
                array.give(binding, (), one, "")
            continue
        snapshot = recording.values.current(array)
        for place in range(len(bare(array))):
            row = next(new, None)
            recording.row(site, frame, Mention(snapshot, snapshot.name), place, row, "")


def _bind(binding: _Binding, rows: Any, target: Any, inside: tuple[int, ...]) -> None:
    """Follow the shape of a target: `i, (a, b)`; `inside` is the place within a row."""
    if not isinstance(target, ast.Tuple | ast.List):
        value, name = next(binding.bound)
        _give(binding, rows, inside, value, name)
        return
    for place, one in enumerate(target.elts):
        if isinstance(rows, list):
            _bind(binding, rows[place] if place < len(rows) else None, one, inside)
        else:
            _bind(binding, rows, one, (*inside, place))


def _give(binding: _Binding, rows: Any, inside: tuple[int, ...], value: Any, name: str) -> None:
    """One name gets a row, or the tuple that `zip` and `enumerate` make: `for pair in zip(x, y)`."""
    if not isinstance(rows, list):
        if rows is not None:
            rows.give(binding, inside, value, name)
    elif type(value) is tuple:
        for place, (row, one) in enumerate(zip(rows, value, strict=False)):
            _give(binding, row, inside, one, f"{name}[{place}]" if name else "")


@dataclass(frozen=True)
class Driven:
    """What C computes or picks of arrays, one a pass: `map(np.sum, x)`, `x.flat`, `itertools.accumulate(x)`."""

    name: str
    arrays: list[OurRef]
    numbers: bool = False  # whether what comes out may be numbers of Python's own: of a table's column

    def give(self, binding: _Binding, inside: tuple[int, ...], value: Any, name: str) -> None:
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

    def give(self, binding: _Binding, inside: tuple[int, ...], value: Any, name: str) -> None:
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


def _drawn(rows: Any) -> Any:
    """The next row of each array; arrays that share an iterator take turns."""
    if isinstance(rows, list):
        return list(map(_drawn, rows))
    if not isinstance(rows, Rows):
        return rows
    rows.next += rows.step
    return _Row(rows, rows.next - rows.step)


class _Noting:
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
        name = self._recording.places.name(self._loop.file, node, self._frame)
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
            name = self._recording.places.name(self._loop.file, node, self._frame)
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
