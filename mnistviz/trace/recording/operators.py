"""Operators, items and attributes: what is seen before they run."""

from __future__ import annotations

import ast
import operator as operators
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistviz.trace.memory import Snapshot, same_bits
from mnistviz.trace.recording import calls, written_in_c
from mnistviz.trace.recording.callee import Callee, class_name
from mnistviz.trace.recording.holders import PLAIN, any_holder, is_holder, reads_arrays
from mnistviz.trace.recording.operands import Mention, Nodes, nodes_of
from mnistviz.trace.recording.pending import WITH_DATA, Manner, Pending
from mnistviz.trace.recording.values import bare, is_value
from mnistviz.trace.source.sites import Site

if TYPE_CHECKING:
    from mnistviz.trace.recording.recording import Recording

BINARY = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder", ast.Pow: "power", ast.MatMult: "matmul", ast.LShift: "left_shift",
    ast.RShift: "right_shift", ast.BitAnd: "bitwise_and", ast.BitOr: "bitwise_or", ast.BitXor: "bitwise_xor",
    ast.USub: "negative", ast.UAdd: "positive", ast.Invert: "invert", ast.Lt: "less", ast.LtE: "less_equal",
    ast.Gt: "greater", ast.GtE: "greater_equal", ast.Eq: "equal", ast.NotEq: "not_equal", ast.In: "contains",
    ast.NotIn: "contains",
}  # fmt: skip
OPERATORS = {name: Callee("operator", name, path=name) for name in set(BINARY.values())}
COMPUTED = {"T": "transpose", "mT": "matrix_transpose", "real": "real", "imag": "imag", "flat": "flat"}
ATTRIBUTES = {
    name: Callee("operator", numpys, operators.attrgetter(name), path=name)
    for name, numpys in COMPUTED.items()
}
GETITEM = Callee("operator", "getitem", operators.getitem, path="getitem")
SETITEM = Callee("operator", "setitem", operators.setitem, path="setitem")
READING, WRITING = Manner("getitem"), Manner("setitem", data=True, last_only=True)
OF_ATTRIBUTE = Manner("attribute")


def operator(recording: Recording, site: Site, frame: FrameType, operands: tuple[Any, ...]) -> Pending | None:
    """An operator is about to run, or an attribute to be read."""
    node: Any = site.node
    if isinstance(node, ast.Attribute):
        return _attribute(recording, site, frame, node.attr, operands)
    op = node.ops[site.part] if isinstance(node, ast.Compare) else node.op
    name = BINARY[type(op)]
    if any_holder(operands):
        return calls.foreign_operator(recording, (site, frame), name, operands)
    return recording.pending(site, frame, OPERATORS[name], operands, {}, WITH_DATA)


def _attribute(
    recording: Recording, site: Site, frame: FrameType, attribute: str, operands: tuple[Any, ...]
) -> Pending | None:
    if attribute == "flat":
        return None
    if is_holder(type(operands[0])):
        return calls.foreign_operator(recording, (site, frame), COMPUTED[attribute], operands)
    return recording.pending(site, frame, ATTRIBUTES[attribute], operands, {}, OF_ATTRIBUTE)


def update(recording: Recording, site: Site, frame: FrameType, target: Any, value: Any) -> Pending | None:
    """`target += value` is about to run."""
    name = BINARY[type(site.node.op)]  # type: ignore[attr-defined]
    if any_holder((target, value)):
        return calls.foreign_operator(recording, (site, frame), name, (target, value))
    in_place = issubclass(type(target), np.ndarray)
    found = recording.pending(site, frame, OPERATORS[name], (target, value), {}, WITH_DATA)
    return recording.changing(found, [target], 0) if in_place else found


def item(recording: Recording, site: Site, frame: FrameType, owner: Any, index: Any) -> Pending | None:
    """`owner[index]` is about to be read."""
    node: Any = site.node
    if not isinstance(node.slice, ast.Constant):
        recording.names.index(node, frame, index)
    kind = type(owner)
    if kind is np.flatiter:
        return _flat(recording, site, frame, owner, (index,), "getitem")
    if is_value(owner):
        return recording.pending(site, frame, GETITEM, (owner, index), {}, READING)
    if is_holder(kind):
        return calls.foreign_operator(recording, (site, frame), "getitem", (owner, index))
    grid = written_in_c.grid_name(owner)
    if grid:
        found = Callee("creation", grid, operators.getitem, path=grid)
        return recording.pending(
            site, frame, found, (index,), {}, Manner(data=True, nodes=Nodes((node.slice,)))
        )
    if id(kind) not in PLAIN and reads_arrays(kind):
        return calls.foreign(
            recording, (site, frame), Callee("foreign", f"{class_name(kind)}.getitem"), (index,), {}
        )
    return None


def put(
    recording: Recording, site: Site, frame: FrameType, owner: Any, index: Any, value: Any
) -> Pending | None:
    """`owner[index] = value` or `owner.index = value` is about to run."""
    node: Any = site.node
    if isinstance(node, ast.Attribute):
        return _set_attribute(recording, site, frame, owner, index, value) if is_value(owner) else None
    if not isinstance(node.slice, ast.Constant):
        recording.names.index(node, frame, index)
    if type(owner) is np.flatiter:
        return _flat(recording, site, frame, owner, (index, value), "setitem")
    if is_holder(type(owner)):
        stored = calls.foreign_operator(recording, (site, frame), "setitem", (owner, index, value))
        stored.holder = owner
        return stored
    if not is_value(owner):
        _stored(recording, site, frame, value)
        written_in_c.before_raw_write(recording.values, owner)
        return None
    before = _before_its_view(recording, site, owner, index, value)
    pending = recording.pending(site, frame, SETITEM, (owner, index, value), {}, WRITING)
    pending = recording.changing(pending, [owner], 0)
    if pending is not None and before is not None:
        pending.changed[0] = (pending.changed[0][0], before)
        pending.inputs[0] = Mention(before, pending.inputs[0].name)
    return pending


def _before_its_view(recording: Recording, site: Site, owner: Any, index: Any, value: Any) -> Snapshot | None:
    """`w[0] += 1` changed `w` through a view before it assigns the item: what is shown is all of it."""
    known = recording.values.known(owner)
    in_place = isinstance(site.file.parents.get(site.node), ast.AugAssign)
    if known is None or not in_place or type(owner) is np.void:
        return None
    before = known.snapshot
    if recording.values.current(owner) is before:
        return None
    copy = before.array.copy(order="K")
    copy[index] = value
    return before if same_bits(copy, bare(owner)) else None


def _stored(recording: Recording, site: Site, frame: FrameType, value: Any) -> None:
    """A value goes into a container of Python's: it is called by where it is."""
    known = recording.values.known(value) if is_value(value) else None
    if known is None:
        return
    name = recording.names.name(site.file, site.node, frame)
    made_by = known.snapshot.made_by
    for mention in recording.drafts[made_by].outputs if made_by is not None else ():
        if mention.snapshot is known.snapshot and mention.name == site.file.segment(site.node):
            mention.name = name
    known.snapshot.name = name


def _set_attribute(
    recording: Recording, site: Site, frame: FrameType, owner: Any, name: str, value: Any
) -> Pending | None:
    found = Callee("operator", f"{name} =", path=name)
    return recording.changing(
        recording.pending(site, frame, found, (owner, value), {}, Manner("setattr")), [owner], 0
    )


def _flat(
    recording: Recording, site: Site, frame: FrameType, owner: Any, rest: tuple[Any, ...], kind: str
) -> Pending | None:
    """`x.flat[i]`: an operation on the array laid flat."""
    array, node = owner.base, site.node
    value: Any = node.value  # type: ignore[attr-defined]
    value = value.value if isinstance(value, ast.Attribute) else value
    parts = nodes_of(site).positional
    found = Callee("operator", kind, path=f"flat.{kind}")
    manner = Manner("function", kind == "setitem", last_only=True, nodes=Nodes((value, *parts[1:])))
    pending = recording.pending(site, frame, found, (array, *rest), {}, manner)
    return recording.changing(pending, [array], 0) if kind == "setitem" else pending
