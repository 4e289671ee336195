"""Loops and unpackings: which names get which rows of which arrays."""

from __future__ import annotations

import ast
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistviz.trace.recording.frames import in_pass
from mnistviz.trace.recording.kinds import LISTS
from mnistviz.trace.recording.mentions import is_mention
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.rows import Binding, Driven, Noting, next_rows, note_unwatched
from mnistviz.trace.recording.trees import one_level, writes_cells
from mnistviz.trace.recording.values import bare, is_value
from mnistviz.trace.source.sites import Site, binds_names, leaves_of

if TYPE_CHECKING:
    from mnistviz.trace.recording.recording import Recording


def enter(recording: Recording, loop: Site, frame: FrameType, iterable: Any) -> None:
    """A loop begins: note the arrays whose rows its passes get."""
    note_unwatched(recording, iterable)
    recording.names.enter(loop, frame, iterable)
    key = (id(frame), loop.node)
    recording.rows.pop(key, None)
    rows = Noting(recording, loop, frame).rows(iterable, getattr(loop.node, "iter", None))
    if rows is not None:
        recording.rows[key] = rows


def turn(recording: Recording, loop: Site, frame: FrameType, bound: tuple[Any, ...]) -> None:
    """A pass begins: what its target is bound to may be rows of arrays."""
    at = in_pass(loop, frame)
    recording.names.turn(loop, at, bound)
    rows = next_rows(recording.rows.get((id(at), loop.node)))
    if rows is None or not bound:
        return
    target: Any = loop.node.target  # type: ignore[attr-defined]
    target = one_level(target) if writes_cells(target) else target
    site = Site(loop.file, loop.node.iter)  # type: ignore[attr-defined]
    names = [recording.names.name(loop.file, one, frame) for one in leaves_of(target)]
    binding = Binding(recording, site, frame, iter(zip(bound, names, strict=True)))
    _bind(binding, rows, target, ())


def gone_through(recording: Recording, site: Site, frame: FrameType, iterable: Any) -> Any:
    """Something that is no list is about to be unpacked: what it goes through, as a loop would."""
    note_unwatched(recording, iterable)
    parent = site.file.parents.get(site.node)
    node = parent.value if isinstance(parent, ast.Assign) else None
    return Noting(recording, site, frame).rows(iterable, node)


def unpacked(
    recording: Recording, site: Site, frame: FrameType, value: Any, rows: Any, values: tuple[Any, ...]
) -> None:
    """`a, (b, *c) = value`: arrays in it are taken apart into rows; one level where not all of it are names."""
    target: Any = site.node if binds_names(site.node) else one_level(site.node)
    if rows is None:
        _take_apart(recording, site, frame, target, value, iter(values))
        return
    names = [recording.names.name(site.file, one, frame) for one in leaves_of(target)]
    binding = Binding(recording, site, frame, iter(zip(values, names, strict=True)))
    for one in target.elts:  # each is what a pass of a loop would get
        if isinstance(one, ast.Starred):
            found, name = next(binding.bound)
            for place, inner in enumerate(found):
                _give(binding, next_rows(rows), (), inner, f"{name}[{place}]")
        else:
            _bind(binding, next_rows(rows), one, ())


def _take_apart(
    recording: Recording, site: Site, frame: FrameType, target: Any, value: Any, bound: Any
) -> None:
    if not isinstance(target, ast.Tuple | ast.List):
        next(bound)
    elif is_value(value):
        snapshot = recording.values.current(value)
        binding = Binding(recording, site, frame, bound)
        _take_rows(binding, target, Mention(snapshot, snapshot.name), ())
    elif id(type(value)) in LISTS:
        inside = _shares(target, list(value))
        for one, share in zip(target.elts, inside, strict=False):
            _take_apart(recording, site, frame, one, share, bound)
    else:
        for _ in leaves_of(target):
            next(bound)


def _take_rows(binding: Binding, target: Any, array: Mention, index: tuple[int, ...]) -> None:
    recording, site, frame = binding.recording, binding.site, binding.frame
    place = 0
    for one in target.elts:
        if isinstance(one, ast.Tuple | ast.List):
            _take_rows(binding, one, array, (*index, place))
            place += 1
            continue
        star = isinstance(one, ast.Starred)
        leaf = one.value if star else one
        name = recording.names.name(site.file, leaf, frame) if is_mention(leaf) else ""
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
            binding = Binding(recording, site, frame, None)
            for one in new if isinstance(array, Driven) else ():
                array.give(binding, (), one, "")
            continue
        snapshot = recording.values.current(array)
        for place in range(len(bare(array))):
            row = next(new, None)
            recording.row(site, frame, Mention(snapshot, snapshot.name), place, row, "")


def _bind(binding: Binding, rows: Any, target: Any, inside: tuple[int, ...]) -> None:
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


def _give(binding: Binding, rows: Any, inside: tuple[int, ...], value: Any, name: str) -> None:
    """One name gets a row, or the tuple that `zip` and `enumerate` make: `for pair in zip(x, y)`."""
    if not isinstance(rows, list):
        if rows is not None:
            rows.give(binding, inside, value, name)
    elif type(value) is tuple:
        for place, (row, one) in enumerate(zip(rows, value, strict=False)):
            _give(binding, row, inside, one, f"{name}[{place}]" if name else "")
