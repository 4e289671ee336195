"""The operands of an operation: which the source names, mentions to show, and a template to do it again."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

from mnistviz.trace.memory import Snapshot
from mnistviz.trace.model import Opaque, Operand
from mnistviz.trace.recording.holders import PLAIN as NEVER_HOLDERS
from mnistviz.trace.recording.holders import wraps_itself
from mnistviz.trace.recording.kinds import LISTS, NUMBERS, ids
from mnistviz.trace.recording.mentions import begins_with, is_mention
from mnistviz.trace.recording.names import Names
from mnistviz.trace.recording.values import Values, is_value
from mnistviz.trace.source.sites import Site

SCALARS = (bool, int, float, complex)
PLAIN = ids(*SCALARS, str, bytes, type(None), type(Ellipsis))
TYPES = (*SCALARS, str, bytes, object)
NAMED = ids(FunctionType, BuiltinFunctionType, type, type(np.sum), np.ufunc)


@dataclass(eq=False, slots=True)
class Mention:
    """A snapshot where operations name it; as an input it is the same one for several, and is not changed."""

    snapshot: Snapshot
    name: str
    stretched: tuple[int, ...] = ()
    before: Snapshot | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Nodes:
    """The syntax nodes of an operation's operands."""

    positional: tuple[ast.AST | None, ...] = ()
    keywords: tuple[tuple[str, ast.AST], ...] = ()

    def at(self, place: int) -> ast.AST | None:
        """Node of a positional operand."""
        return self.positional[place] if place < len(self.positional) else None

    def keyword(self, name: str) -> ast.AST | None:
        """Node of a keyword operand."""
        return next((node for key, node in self.keywords if key == name), None)


def nodes_of(site: Site, method: bool = False, before: int = 0) -> Nodes:
    """The nodes of the operands at a site; `method`: of a call's owner too, `before`: operands that it hides."""
    key = (method, before)
    if key not in site.nodes:
        site.nodes[key] = _nodes_of(site, method, before)
    found: Nodes = site.nodes[key]
    return found


def _nodes_of(site: Site, method: bool, before: int) -> Nodes:
    node: Any = site.node
    hidden = (None,) * before
    if isinstance(node, ast.BinOp):
        return Nodes((node.left, node.right))
    if isinstance(node, ast.AugAssign):
        return Nodes((node.target, node.value))
    if isinstance(node, ast.UnaryOp):
        return Nodes((node.operand,))
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            sides.reverse()
        return Nodes(tuple(sides[site.part : site.part + 2]))
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
        parent: Any = site.file.parents.get(node)
        value = parent.value if isinstance(parent, ast.Assign) else None
        return Nodes((node.value, getattr(node, "slice", None), value))
    if isinstance(node, ast.Attribute):
        return Nodes((node.value,))
    if isinstance(node, ast.Subscript):
        return Nodes((node.value, node.slice))
    if not isinstance(node, ast.Call):
        return Nodes((node,))
    args: list[ast.AST | None] = list(node.args)
    starred = next((i for i, arg in enumerate(args) if isinstance(arg, ast.Starred)), len(args))
    owner = [node.func.value if isinstance(node.func, ast.Attribute) else None] if method else []
    named = tuple((one.arg, one.value) for one in node.keywords if one.arg)
    return Nodes((*owner, *hidden, *args[:starred]), named)


OPERANDS = tuple(
    (Operand(place), Operand(place, scalar=True)) for place in range(16)
)  # the same ones each time


def operand(place: int, scalar: bool = False) -> Operand:
    """What stands for the input of that place."""
    return OPERANDS[place][scalar] if place < len(OPERANDS) else Operand(place, scalar)


class Taken:
    """What one operation is given."""

    __slots__ = (
        "data",
        "frame",
        "inputs",
        "names",
        "of_objects",
        "opaque",
        "own_kind",
        "site",
        "values",
        "wraps",
    )  # fmt: skip

    def __init__(self, values: Values, names: Names, site: Site, frame: Any, data: bool) -> None:
        self.values = values
        self.names = names
        self.site = site
        self.frame = frame
        self.data = data
        self.inputs: list[Mention] = []
        self.own_kind = False  # whether an array of the program's own kind is among them
        self.of_objects = False  # whether an array of Python objects is
        self.opaque = False  # whether an object of the program's is
        self.wraps = False  # whether something is that makes its own of the result

    def positional(self, args: Sequence[Any], nodes: Nodes, last_only: bool = False) -> tuple[Any, ...]:
        """Operands in order, as a template; `last_only`: numbers are data only in the last, the rest is an index."""
        known, template, data = nodes.positional, [], self.data and not last_only
        count, last = len(known), len(args) - 1
        for place, value in enumerate(args):
            node = known[place] if place < count else None
            template.append(self.take(value, node, data or (place == last and self.data)))
        return tuple(template)

    def named(self, keywords: dict[str, Any], nodes: Nodes) -> tuple[tuple[str, Any], ...]:
        """Operands by their keyword; `out` is no operand."""
        out = keywords.get("out")
        self.of_objects |= type(out) is np.ndarray and out.dtype.hasobject
        self.own_kind |= is_of_a_subclass(out)
        return tuple(
            (key, self.take(value, nodes.keyword(key), False))
            for key, value in keywords.items()
            if key != "out"
        )

    def take(self, value: Any, node: ast.AST | None, data: bool) -> Any:
        """One operand as a template; what is an array in it is mentioned."""
        kind = type(value)
        if kind is np.ndarray:
            if not value.dtype.hasobject:
                return self.array(value, node)
            self.of_objects = True
            return plain(value)
        if id(kind) in NUMBERS:
            if data:
                self._number(value, node)
            return value
        return self.array(value, node) if is_value(value) else self._inside(value, node, data)

    def array(self, value: Any, node: ast.AST | None, part: str = "") -> Operand:
        """An array or scalar of numpy, mentioned; `part`: which it is of what the node names."""
        place, scalar = len(self.inputs), False
        if type(value) is not np.ndarray:
            scalar = not issubclass(type(value), np.ndarray)
            self.own_kind = self.own_kind or not scalar
            self.wraps |= not scalar and wraps_itself(type(value))
        known = self.values.known(value)
        name = self._name(node, known.snapshot.name if known is not None else "")
        if part and name and is_mention(node):
            name += part
        if scalar and (known is None or (type(value) is np.bool_ and name not in ("", known.snapshot.name))):
            self._number(value, node)
            return operand(place, scalar=True)
        snapshot = self.values.latest(known, value, name)
        if not snapshot.name and snapshot.origin in ("argument", "outside"):
            snapshot.name = name
        elif type(node) is ast.Attribute and "." not in snapshot.name and snapshot.origin != "argument":
            snapshot.name = name if begins_with(name, self.frame.f_globals) else snapshot.name
        mention = self.values.mentions.get(snapshot.id)
        if mention is None or mention.name != name:  # most are mentioned again and again
            mention = self.values.mentions[snapshot.id] = Mention(snapshot, name)
        self.inputs.append(mention)
        return operand(place, scalar)

    def _number(self, value: Any, node: ast.AST | None) -> None:
        """A number, by the text that says it; where it is the same as the last time there, nothing is new."""
        held = self.values.written.get(node)
        if held is None or held[0] is not value:
            name = self._text(node) if node is not None else str(value)
            constant = self.values.constant(value, name)
            held = value, Mention(constant, constant.name)
            if id(type(value)) in NUMBERS:  # which nobody can change
                self.values.written[node] = held
        self.inputs.append(held[1])

    def _name(self, node: Any, known: str) -> str:
        """The name under which the source mentions an array: "" for a nested expression's result."""
        if type(node) is ast.Name:
            return str(node.id)
        if node is None or not is_mention(node):
            return known
        if self.site.string is not None:
            return ast.unparse(node)
        return self.names.known_as(self.site, node, self.frame, known)

    def _text(self, node: ast.AST) -> str:
        return ast.unparse(node) if self.site.string is not None else self.site.file.segment(node)

    def _inside(self, value: Any, node: ast.AST | None, data: bool) -> Any:
        kind = type(value)
        if kind is slice:
            return slice(*(self.take(part, None, False) for part in (value.start, value.stop, value.step)))
        if id(kind) in LISTS and any(map(_holds_array, value)):
            return kind(self.take(part, _element(node, i), data) for i, part in enumerate(value))
        if issubclass(kind, tuple) and any(map(_holds_array, tuple.__iter__(value))):
            return tuple(self.take(part, None, data) for part in tuple.__iter__(value))
        if kind is dict and any(map(_holds_array, value.values())):
            return {key: self.take(part, None, data) for key, part in value.items()}
        if data and id(kind) in LISTS and _is_array_of_numbers(value):
            name = self._text(node) if node is not None else str(value)
            self.inputs.append(Mention(self.values.constant(value, name), name))
        self.wraps |= id(kind) not in NEVER_HOLDERS and wraps_itself(kind)
        made = plain(value)
        self.opaque |= type(made) is Opaque
        return made


def is_of_a_subclass(value: Any) -> bool:
    """A matrix, a masked array: the class itself says what its operators do, so they cannot be done again."""
    kind = type(value)
    return kind is not np.ndarray and issubclass(kind, np.ndarray) and not issubclass(kind, np.memmap)


NAMELESS = frozenset(["operator", "attribute", "conversion", "foreign", "setattr"])


def parameters(
    run: Callable[..., Any], kind: str, template: tuple[Any, ...], keywords: tuple[tuple[str, Any], ...]
) -> tuple[tuple[str, Any], ...]:
    """What is not an operand, by name: axis, keepdims, shape, index."""
    if kind in ("getitem", "setitem"):
        return (("index", template[1]),)
    if kind in NAMELESS or (not keywords and all(map(_is_operand, template))):
        return ()
    plain = keywords if kind == "ufunc" and len(template) == 0 else ()
    named = _positional_names(run) if any(not _operand(one) for one in template) else ()
    if kind == "method" and named[1:2] == ("shape",) and len(template) > 2:
        return (("shape", template[1:]), *keywords)
    for place, value in enumerate(template):
        if not _operand(value) and not (kind == "ufunc" and isinstance(value, int | float | complex)):
            name = named[place] if place < len(named) else f"argument {place}"
            plain += ((name, value),)
    return (*plain, *(pair for pair in keywords if pair not in plain))


def with_names(pairs: tuple[tuple[str, Any], ...], inputs: list[Mention]) -> tuple[tuple[str, Any], ...]:
    """Parameters as plain data: an array among them is told by its name."""
    return tuple([(key, _as_data(value, inputs)) for key, value in pairs]) if pairs else ()


def places_in(template: Any) -> Iterator[int]:
    """Places of the operands in a template."""
    if isinstance(template, Operand):
        yield template.place
    elif isinstance(template, slice):
        yield from places_in((template.start, template.stop, template.step))
    elif isinstance(template, dict):
        yield from places_in(tuple(template.values()))
    elif isinstance(template, tuple | list):
        for one in template:
            yield from places_in(one)


def plain(value: Any) -> Any:
    """An argument that is no array, as a trace can keep it: nothing of the program's own stays in it."""
    kind = type(value)
    if id(kind) in PLAIN:
        return value
    if id(kind) in LISTS:
        return kind(map(plain, value))
    if kind is range:
        return list(value)
    if kind is slice:
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    if kind is dict:
        return {key: plain(one) for key, one in value.items() if type(key) is str}
    if issubclass(kind, np.dtype):
        return value
    if kind is type and (value in TYPES or issubclass(value, np.generic)):
        return value
    if issubclass(kind, int):
        return int.__index__(value)  # a member of an enumeration
    name = getattr(value, "__name__", "") if id(kind) in NAMED else ""
    return Opaque(name if type(name) is str and name else str(type.__dict__["__name__"].__get__(kind)))


def _as_data(value: Any, inputs: list[Mention]) -> Any:
    if id(type(value)) in NUMBERS:
        return value
    if isinstance(value, Operand):
        return inputs[value.place].name or "…"
    if id(type(value)) in LISTS:
        return type(value)(_as_data(one, inputs) for one in value)
    if isinstance(value, slice):
        return slice(*(_as_data(part, inputs) for part in (value.start, value.stop, value.step)))
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, Opaque):
        return value.text
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return str(getattr(value, "__name__", "a function")) if callable(value) else value


@lru_cache(maxsize=1024)
def _positional_names(run: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(run).parameters)
    except (ValueError, TypeError):
        return ()


def _is_operand(value: Any) -> bool:
    return type(value) is Operand


def _operand(value: Any) -> bool:
    if id(type(value)) in LISTS:
        return bool(value) and all(map(_operand, value))
    return isinstance(value, Operand)


def _element(node: ast.AST | None, place: int) -> ast.AST | None:
    """Node of an element of a list or tuple that the source writes out."""
    if isinstance(node, ast.List | ast.Tuple) and place < len(node.elts):
        return None if any(isinstance(one, ast.Starred) for one in node.elts) else node.elts[place]
    return None


def _holds_array(value: Any) -> bool:
    kind = type(value)
    if issubclass(kind, tuple):
        return any(map(_holds_array, tuple.__iter__(value)))
    if kind is list:
        return any(map(_holds_array, value))
    if kind is slice:
        return any(map(_holds_array, (value.start, value.stop, value.step)))
    return is_value(value)


def _is_array_of_numbers(value: Any) -> bool:
    """Whether lists and tuples of Python hold nothing but Python's numbers, and make an array of them."""
    if not _is_numbers(value):
        return False
    try:
        array = np.array(value)
    except ValueError:  # a record: `bodies[0] = ((5, 6), 7)`
        return False
    return array.dtype.kind in "biufc" and array.size > 0


def _is_numbers(value: Any) -> bool:
    """Whether lists and tuples of Python hold nothing but Python's numbers."""
    if id(type(value)) in LISTS:
        return all(map(_is_numbers, value))
    return id(type(value)) in NUMBERS
