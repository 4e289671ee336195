"""Calls: what is seen before they run, and what code that is not watched has done."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from types import BuiltinFunctionType, FrameType, GeneratorType
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistviz.trace.memory import OurRef, Snapshot, same_bits
from mnistviz.trace.model import Operand
from mnistviz.trace.recording import rows, watchers, written_in_c
from mnistviz.trace.recording.callee import Callee, callee, class_name
from mnistviz.trace.recording.changes import changed_by_call, frees_memory, with_out_named
from mnistviz.trace.recording.holders import any_holder, is_holder, parts_of
from mnistviz.trace.recording.kinds import AMOUNTS, LISTS
from mnistviz.trace.recording.operands import Nodes, Taken, nodes_of, operand
from mnistviz.trace.recording.outputs import Outputs
from mnistviz.trace.recording.pending import PLAIN, WITH_DATA, Manner, Pending
from mnistviz.trace.recording.readers import before_foreign
from mnistviz.trace.recording.values import bare, is_value, values_in
from mnistviz.trace.source.sites import Site

if TYPE_CHECKING:
    from mnistviz.trace.recording.recording import Recording

At = tuple[Site, FrameType]
LEFT_ALONE = ("watched", "quiet")
BY_OPERAND = ("operator", "conversion", "in place", "getitem", "setitem", "attribute", "called")
OVER_BYTES = (bytearray, memoryview)
DATA_KINDS = ("ufunc", "operator", "in place", "setitem")
CREATING = Manner("creation", origin="created")
CREATING_OF_DATA = Manner("creation", data=True, origin="created")
# All that these give is new, in objects too.
COPYING = frozenset(["copy.deepcopy", "pickle.load", "pickle.loads"])
OF_OPERATOR = Manner("operator", data=True)
# Functions that take numbers as data, beside arrays, not as settings.
NUMBERS_ARE_DATA = frozenset(
    ["where", "clip", "dot", "inner", "outer", "full_like", "copyto", "fill", "searchsorted", "array", "asarray",
     "full"]
)  # fmt: skip


def call(
    recording: Recording,
    site: Site,
    frame: FrameType,
    function: Any,
    args: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Pending | None:
    """A call is about to run."""
    found = callee(function, recording.runs)
    kind = found.kind
    if type(function) is BuiltinFunctionType and type(function.__self__) is GeneratorType:
        rows.note_unwatched(recording, function.__self__)
    if kind == "taking" and args:
        rows.note_unwatched(recording, args[0])
    if kind in LEFT_ALONE:
        return None
    if any(one is watchers.UNKNOWN for one in (*args, *keywords.values())):
        args = tuple(one for one in args if one is not watchers.UNKNOWN)
        keywords = {key: one for key, one in keywords.items() if one is not watchers.UNKNOWN}
        return foreign(recording, (site, frame), found, args, keywords)
    if found.args or found.keywords:
        args, keywords = (*found.args, *args), {**found.keywords, **keywords}
    if function is sys.setrecursionlimit:
        return Pending("limit", "limit", "limit", [])
    if kind == "foreign":
        return foreign(recording, (site, frame), found, args, keywords)
    if kind == "taking":
        return _taking(recording, (site, frame), found, args, keywords)
    return _numpy(recording, (site, frame), function, found, args, keywords)


def _numpy(
    recording: Recording,
    at: At,
    function: Any,
    found: Callee,
    args: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Pending | None:
    """A function of numpy, or one of Python that computes with arrays as an operator does."""
    if any_holder(args) or (keywords and any_holder(keywords.values())):  # which then does it
        return foreign(recording, at, found, args, keywords)
    if found.kind in BY_OPERAND and not any(map(is_value, args)):
        return None
    if found.kind == "called":
        found = replace(found, kind="method", run=getattr(type(args[0]), found.path, None), owner=None)
    if frees_memory(found):
        recording.values.freeze_all()
    if found.path == "frombuffer":  # which takes bytes as it takes what is over them
        args = tuple(bytes(one) if any(type(one) is kind for kind in OVER_BYTES) else one for one in args)
    args, keywords = with_out_named(found, (*args, *found.more), keywords)
    owned = (found.owner, *args) if found.kind == "method" and found.owner is not None else args
    pending = recording.pending(*at, found, owned, keywords, _manner(found, owned))
    if found.kind in ("in place", "setitem"):
        return recording.changing(pending, [one for one in owned[:1] if issubclass(type(one), np.ndarray)], 0)
    changed, place = changed_by_call(found, owned, keywords)
    if not changed:
        return pending
    if found.path != "resize":
        return recording.changing(pending, changed, place)
    pending = recording.changing(pending, changed, place, lambda: function.__self__)  # as it is held anyway
    recording.values.forget(owned[0])
    return pending


def _manner(found: Callee, owned: tuple[Any, ...]) -> Manner:
    """How a call of numpy is written down: one without an array makes something of nothing."""
    if found.kind in ("random", "creation") or not _holds_values(owned):
        return CREATING_OF_DATA if found.name in ("array", "asarray", "full") else CREATING
    if found.kind in DATA_KINDS or found.name in NUMBERS_ARE_DATA:
        return OF_OPERATOR if found.kind == "in place" else WITH_DATA
    return PLAIN


def foreign(
    recording: Recording, at: At, found: Callee, args: tuple[Any, ...], keywords: dict[str, Any]
) -> Pending:
    """Code that is not watched: it may change what it is given, and anything else that it reaches."""
    before_foreign(recording.exchange, found.name, (found.run, *args, *keywords.values()))
    owner = (found.owner,) if is_value(found.owner) or is_holder(type(found.owner)) else ()
    taken, template = _given(recording, at, found, args, keywords, owner)
    copying = found.name in COPYING
    given = [one for value in (*owner, *args, *keywords.values()) for one in values_in(value, 0, copying)]
    watched: list[tuple[Callable[[], Any], Snapshot]] = [
        (OurRef(one), mention.snapshot)
        for one, mention in zip(given, taken.inputs, strict=True)
        if issubclass(type(one), np.ndarray)
    ]
    recording.values.freeze_all()
    watchers.beware()
    return Pending(found.name, "foreign", found.name, taken.inputs, template, changed=watched)


def foreign_operator(recording: Recording, at: At, name: str, operands: tuple[Any, ...]) -> Pending:
    """An operator, an item or an attribute of a library's own kind of array is about to run: it is its code."""
    kind = next(type(one) for one in operands if is_holder(type(one)))
    return foreign(recording, at, Callee("foreign", f"{class_name(kind)}.{name}"), operands, {})


def _taking(
    recording: Recording, at: At, found: Callee, args: tuple[Any, ...], keywords: dict[str, Any]
) -> Pending | None:
    """A function of Python that gives on what it is given, or computes with it."""
    drives = written_in_c.drives_numpy((*args, *keywords.values()))
    if not drives and not written_in_c.may_make(found, args):
        return None
    taken, template = _given(recording, at, found, args, keywords)
    return Pending(found.name, "foreign", found.name, taken.inputs, template, drives=drives)


def _given(
    recording: Recording,
    at: At,
    found: Callee,
    args: tuple[Any, ...],
    keywords: dict[str, Any],
    owner: tuple[Any, ...] = (),
) -> tuple[Taken, tuple[Operand, ...]]:
    """All arrays that a call is given, wherever in its arguments."""
    taken = Taken(recording.values, recording.names, *at, False)
    nodes = nodes_of(at[0], bool(owner), len(found.args))
    for node, value in _with_nodes(nodes, (*owner, *args), keywords):
        if is_holder(type(value)):
            for part, one in parts_of(value):
                if is_value(one):
                    taken.array(one, node, part)
            continue
        for one in values_in(value, 0, found.name in COPYING):
            taken.array(one, node if one is value else None)
    return taken, tuple(map(operand, range(len(taken.inputs))))


def foreign_result(recording: Recording, site: Site, frame: FrameType, pending: Pending, result: Any) -> None:
    """Code that is not watched has run: what it changed, and what it made."""
    changed = [
        (one(), before)
        for one, before in pending.changed
        if one() is not None and not same_bits(bare(one()), before.array)
    ]
    result = result if pending.holder is None else pending.holder
    held = list({id(one): one for one in values_in(result, 0, pending.name in COPYING)}.values())
    made = [one for one in held if pending.drives or recording.values.known(one) is None]
    number = not made and id(type(result)) in AMOUNTS and bool(pending.inputs)
    pending.changed = []
    if not changed and not made and not number:
        if pending.wraps or not held:  # what the program's class made of it was seen, the operation was not
            recording.lose(pending, result)
        return
    draft, place = recording.draft(site, frame, pending)
    outputs = Outputs(recording.values, draft, len(recording.drafts) - 1, place)
    for array, _ in changed:
        recording.values.about_to_change(array, len(recording.drafts) - 1)
    outputs.changed(changed, "")
    if number:
        outputs.new(result, "result")
    if len(made) == 1 and is_value(result):
        outputs.new(result, "result")
    elif is_holder(type(result)):
        node: Any = site.node
        stored = pending.holder is not None
        name = recording.names.name(site.file, node.value, frame) if stored else place.name
        parts = {id(one): part for part, one in parts_of(result)}
        outputs.made(made, [name and name + parts[id(one)] for one in made])
    elif made:
        apart = list(map(id, result)) == list(map(id, made)) if id(type(result)) in LISTS else False
        names = place.names if apart and len(place.names) == len(made) else ("",) * len(made)
        outputs.made(made, names)


def _holds_values(values: tuple[Any, ...]) -> bool:
    return any(map(is_value, values)) or any(True for one in values for _ in values_in(one))


def _with_nodes(nodes: Nodes, args: tuple[Any, ...], keywords: dict[str, Any]) -> list[tuple[Any, Any]]:
    positional = [(nodes.at(place), value) for place, value in enumerate(args)]
    return positional + [(nodes.keyword(key), value) for key, value in keywords.items()]
