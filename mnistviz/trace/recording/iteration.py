"""Arrays that loops and Python's own functions go through, and memory that is written without numpy."""

from __future__ import annotations

import array as arrays
import ast
import itertools
import mmap
from collections.abc import Iterable
from dataclasses import dataclass
from types import FrameType, GeneratorType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import _index_tricks_impl as tricks

from mnistviz.trace.memory import OurRef
from mnistviz.trace.recording.callee import NUMPY_FUNCTIONS, Callee, is_numpy_builtin
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.places import COMPREHENDED, is_mention
from mnistviz.trace.recording.values import Values, bare, is_value
from mnistviz.trace.source.sites import Site, leaves_of

if TYPE_CHECKING:
    from mnistviz.trace.recording.recording import Recording

ROWS = type(iter(np.empty(0)))  # what Python makes of an array to go through it
RAW = (memoryview, bytearray, arrays.array, mmap.mmap)
MADE_BY_C = (
    itertools.accumulate, itertools.starmap, map, filter, np.flatiter, np.nditer, ROWS, zip, enumerate, np.ndenumerate,
)  # fmt: skip
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
        return any(type(one) in MADE_BY_C or is_value(one) for one in args)
    return True


def drives_numpy(values: Iterable[Any]) -> bool:
    """Whether a function of numpy is among the arguments: `sorted(xs, key=np.sum)`."""
    return any(type(one) in NUMPY_FUNCTIONS or is_numpy_builtin(one) for one in values)


def before_raw_write(values: Values, owner: Any) -> None:
    """`memoryview(x)[0] = 1`: memory is written without numpy."""
    if type(owner) in RAW:
        values.freeze_all()
        for memory in values.over(np.frombuffer(owner, np.uint8)):
            memory.version += 1
            memory.changed_by = None


def note_unwatched(recording: Recording, value: Any) -> None:
    """A generator or coroutine that ran before the recording: nobody sees what it does."""
    code = value.gi_code if type(value) is GeneratorType else None
    if code is not None and recording.exchange.is_unseen(code):
        recording.values.unseen.append(code.co_qualname)
        recording.values.freeze_all()


def enter(recording: Recording, loop: Site, frame: FrameType, iterable: Any) -> None:
    """A loop begins: note the arrays whose rows its passes get."""
    note_unwatched(recording, iterable)
    source = _source(iterable)
    key = (id(frame), loop.node)
    recording.rows.pop(key, None)
    if source is None:
        return
    node = getattr(loop.node, "iter", None)
    named = _nodes(node, source)
    recording.rows[key] = _noted(recording, loop, frame, source, named)


def turn(recording: Recording, loop: Site, frame: FrameType, bound: tuple[Any, ...], number: int) -> None:
    """A pass begins: what its target is bound to may be rows of arrays."""
    at = frame.f_back if loop.starts_outside and frame.f_code.co_name in COMPREHENDED else frame
    rows = recording.rows.get((id(at), loop.node))
    if rows is None or not bound:
        return
    target: Any = loop.node.target  # type: ignore[attr-defined]
    site = Site(loop.file, loop.node.iter)  # type: ignore[attr-defined]
    names = [recording.places.name(loop.file, one, frame) for one in leaves_of(target)]
    binding = _Binding(recording, site, frame, iter(zip(bound, names, strict=True)))
    _bind(binding, rows, target, (number - 1,))


def unpacked(recording: Recording, site: Site, frame: FrameType, value: Any, values: tuple[Any, ...]) -> None:
    """`a, (b, *c) = value`: arrays in it are taken apart into rows."""
    _take_apart(recording, site, frame, site.node, value, iter(values))


def _take_apart(
    recording: Recording, site: Site, frame: FrameType, target: Any, value: Any, bound: Any
) -> None:
    if not isinstance(target, ast.Tuple | ast.List):
        next(bound)
    elif is_value(value):
        snapshot = recording.values.current(value)
        binding = _Binding(recording, site, frame, bound)
        _take_rows(binding, target, Mention(snapshot, snapshot.name), ())
    elif type(value) in (list, tuple):
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


def spread(recording: Recording, site: Site, frame: FrameType, arrays: list[Any], value: Any) -> None:
    """`[*x, y]`: the rows of `x` are values of their own."""
    if type(value) not in (list, tuple):
        return
    new = iter([one for one in value if is_value(one) and recording.values.known(one) is None])
    for array in arrays:
        snapshot = recording.values.current(array)
        for place in range(len(bare(array))):
            row = next(new, None)
            recording.row(site, frame, Mention(snapshot, snapshot.name), place, row, "")


def _bind(binding: _Binding, rows: Any, target: Any, index: Any) -> None:
    """Follow the shape of a target: `i, (a, b)`."""
    recording = binding.recording
    if not isinstance(target, ast.Tuple | ast.List):
        value, name = next(binding.bound)
        if isinstance(rows, tuple) and len(rows) == 2 and isinstance(rows[0], OurRef) and is_value(value):
            array = rows[0]()
            if array is not None:
                snapshot = recording.values.current(array, rows[1])
                place = index[0] if len(index) == 1 else index
                recording.row(binding.site, binding.frame, Mention(snapshot, rows[1]), place, value, name)
        return
    for place, one in enumerate(target.elts):
        inner = rows
        deeper = index
        if isinstance(rows, list):
            inner = rows[place] if place < len(rows) else None
        else:
            deeper = (*index, place)
        _bind(binding, inner, one, deeper)


def _source(iterable: Any) -> Any:
    """The array that is gone through, or those of a `zip` or `enumerate` in a list; None where there is none."""
    kind = type(iterable)
    if kind is ROWS or kind is zip or kind is enumerate:
        inside = iterable.__reduce__()[1]  # Python's own: it calls nothing
        if kind is ROWS:
            return _source(inside[0]) if inside else None
        found = [None, _source(inside[0])] if kind is enumerate else [_source(one) for one in inside]
        return found if any(one is not None for one in found) else None
    return iterable if issubclass(kind, np.ndarray) and is_value(iterable) and iterable.ndim else None


def _nodes(node: Any, source: Any) -> Any:
    """The syntax nodes of those arrays."""
    if not isinstance(source, list):
        return node
    args: list[Any] = list(node.args) if isinstance(node, ast.Call) else []
    name = getattr(getattr(node, "func", None), "id", "")
    if name == "enumerate":
        args = [None, *args[:1]]
    return [_nodes(args[i] if i < len(args) else None, one) for i, one in enumerate(source)]


def _noted(recording: Recording, loop: Site, frame: FrameType, source: Any, node: Any) -> Any:
    if isinstance(source, list):
        return [_noted(recording, loop, frame, one, node[i]) for i, one in enumerate(source)]
    if source is None:
        return None
    known = recording.values.known(source)
    name = known.snapshot.name if known is not None else ""
    if node is not None and is_mention(node):
        name = recording.places.name(loop.file, node, frame)
    recording.values.current(source, name)
    return OurRef(source), name
