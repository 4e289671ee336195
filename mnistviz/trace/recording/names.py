"""How the source names things: the operands of a call, the array that an update changes, numpy's functions."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from mnistviz.trace.model import Operand
from mnistviz.trace.recording.arrays import RecordingArray
from mnistviz.trace.recording.frames import Place

MISSING = object()
BUILTINS = {"abs": 1, "pow": 2, "divmod": 2}
# Functions whose first array changes, though nothing says `out`.
CHANGES_FIRST = frozenset(
    [
        "copyto",
        "put",
        "place",
        "putmask",
        "fill_diagonal",
        "put_along_axis",
        "random.shuffle",
        "method.fill",
        "method.sort",
        "method.partition",
        "method.put",
        "method.resize",
        "method.setfield",
    ]
)


@dataclass(frozen=True, eq=False, slots=True)
class Operands:
    """The syntax nodes of a call's operands."""

    nodes: tuple[ast.AST | None, ...] = ()
    keywords: tuple[tuple[str, ast.AST], ...] = ()

    def positional(self, place: int) -> ast.AST | None:
        """Node of the positional operand."""
        return self.nodes[place] if place < len(self.nodes) else None

    def keyword(self, name: str) -> ast.AST | None:
        """Node of the keyword operand."""
        return next((node for key, node in self.keywords if key == name), None)


def operands(place: Place, kind: str, name: str) -> Operands:
    """The nodes of the operands of the call at a place."""
    node: Any = place.site.node
    if isinstance(node, ast.BinOp):
        return Operands((node.left, node.right))
    if isinstance(node, ast.AugAssign):
        return Operands((node.target, node.value))
    if isinstance(node, ast.UnaryOp):
        return Operands((node.operand,))
    if isinstance(node, ast.Compare) and len(node.comparators) == 1:
        pair = (node.left, node.comparators[0])
        return Operands(pair if _in_order(node.ops[0], name) else pair[::-1])
    if isinstance(node, ast.Attribute):
        return Operands((node.value,))
    if isinstance(node, ast.Subscript):
        return _subscript(place, node, kind)
    if isinstance(node, ast.Call):
        return _call(place, node, kind, name)
    return Operands((node,)) if isinstance(node, ast.expr) else Operands()


def mention(place: Place, node: ast.AST | None, value: Any, known: str = "") -> str:
    """The name under which the source mentions an operand: "" for a nested expression's result."""
    file = place.site.file
    if file is None or node is None:
        return _by_identity(place, value) or known or _literal(value)
    if type(value) is not RecordingArray:
        return file.segment(node)
    if isinstance(node, ast.Name):
        held = _held(place, node.id)
        if held is not MISSING and held is not value:
            return _by_identity(place, value) or known
    if isinstance(node, ast.Call | ast.BinOp | ast.UnaryOp | ast.Compare | ast.IfExp | ast.NamedExpr):
        return known
    return file.segment(node) if _is_mention(node) else known


def changed(place: Place, kind: str) -> str:
    """The name of the array that an in-place operation at this place changes."""
    node: Any = place.site.node
    file = place.site.file
    if file is None:
        return ""
    if isinstance(node, ast.AugAssign):
        return file.segment(node.target)
    if isinstance(node, ast.Subscript) and kind == "setitem":
        return file.segment(node.value)
    return ""


def changes_first(kind: str, name: str) -> bool:
    """Whether a call changes its first array in place."""
    return (f"method.{name}" if kind == "method" else name) in CHANGES_FIRST or (
        kind == "ufunc" and name.endswith(".at")
    )


def changed_operand(template: tuple[Any, ...], kind: str, name: str, changes: int | None) -> int | None:
    """Place among the inputs of the array that is changed; None where it is the `out` of the call."""
    if changes is None and not changes_first(kind, name):
        return None
    changed_one = template[changes or 0]
    return changed_one.place if isinstance(changed_one, Operand) else None


def element(node: ast.AST | None, place: int) -> ast.AST | None:
    """Node of an element of a list or tuple that the source writes out."""
    if isinstance(node, ast.List | ast.Tuple) and place < len(node.elts):
        found = node.elts[place]
        return None if any(isinstance(one, ast.Starred) for one in node.elts) else found
    return None


@lru_cache(maxsize=1024)
def of_function(function: Any) -> str:
    """Numpy's own name of a function: "concatenate", "linalg.norm", "fft.rfft"."""
    module = getattr(function, "__module__", "") or ""
    name = getattr(function, "__name__", repr(function))
    parts = [
        part for part in module.split(".")[1:] if part in ("linalg", "fft", "random", "char", "strings", "ma")
    ]
    return ".".join((*parts, name))


def parameters(
    run: Callable[..., Any], kind: str, template: tuple[Any, ...], keywords: tuple[tuple[str, Any], ...]
) -> tuple[tuple[str, Any], ...]:
    """What is not an operand, by name: axis, keepdims, shape, index."""
    if kind in ("getitem", "setitem"):
        return (("index", template[1]),)
    if kind in ("operator", "attribute", "conversion"):
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


def with_names(parameters: tuple[tuple[str, Any], ...], inputs: list[str]) -> tuple[tuple[str, Any], ...]:
    """The parameters as plain data: an array among them is told by its name."""
    return tuple((key, _told(value, inputs)) for key, value in parameters)


def _told(value: Any, inputs: list[str]) -> Any:
    if isinstance(value, Operand):
        return inputs[value.place] or "…"
    if type(value) in (tuple, list):
        return type(value)(_told(one, inputs) for one in value)
    if isinstance(value, slice):
        return slice(*(_told(part, inputs) for part in (value.start, value.stop, value.step)))
    if isinstance(value, np.dtype):
        return value.name
    return str(getattr(value, "__name__", "a function")) if callable(value) else value


def recordable(result: Any) -> bool:
    """Whether a result is a value, or made of values: not a generator, a dtype, a text or nothing."""
    if isinstance(result, tuple | list):
        return all(map(recordable, result))
    return isinstance(result, np.ndarray | np.generic | bool | int | float | complex | bytes)


@lru_cache(maxsize=1024)
def _positional_names(run: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(run).parameters)
    except (ValueError, TypeError):
        return ()


def _operand(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return bool(value) and all(map(_operand, value))
    return isinstance(value, Operand)


def _in_order(operator: ast.cmpop, name: str) -> bool:
    greater = name.startswith("greater")
    return isinstance(operator, ast.Gt | ast.GtE) == greater or name in ("equal", "not_equal")


def _subscript(place: Place, node: ast.Subscript, kind: str) -> Operands:
    index: Any = node.slice
    nodes: list[Any] = [node.value, index]
    if kind == "setitem" and place.site.file is not None:
        parent: Any = place.site.file.parents.get(node)
        nodes.append(parent.value if isinstance(parent, ast.Assign) else None)
    return Operands(tuple(nodes))


def _call(place: Place, node: ast.Call, kind: str, name: str) -> Operands:
    if not _calls(place, node, kind, name):
        return Operands()
    args: list[ast.AST | None] = list(node.args)
    starred = [i for i, arg in enumerate(args) if isinstance(arg, ast.Starred)]
    if starred:
        args = args[: starred[0]]
    if kind == "method" and isinstance(node.func, ast.Attribute):
        args = [node.func.value, *args]
    return Operands(tuple(args), tuple((k.arg, k.value) for k in node.keywords if k.arg))


def _calls(place: Place, node: ast.Call, kind: str, name: str) -> bool:
    """Whether the call in the source is the operation, not one that calls it (`sum`, `functools.reduce`)."""
    function = node.func
    last = getattr(function, "attr", getattr(function, "id", ""))
    wanted = name.rpartition(".")[2]
    if last == wanted or kind == "method":
        return True
    if kind == "operator":
        return last in BUILTINS and len(node.args) == BUILTINS[last]
    held = _held(place, last) if isinstance(function, ast.Name) else getattr(np, last, None)
    return str(getattr(held, "__name__", "")) == wanted


def _is_mention(node: Any) -> bool:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name)


def _held(place: Place, name: str) -> Any:
    """What a name holds where the operation is asked for."""
    frame = place.frame
    return frame.f_locals[name] if name in frame.f_locals else frame.f_globals.get(name, MISSING)


def _by_identity(place: Place, value: Any) -> str:
    """The name in the expression that holds this very array."""
    node, file = place.site.node, place.site.file
    if type(value) is not RecordingArray:
        return ""
    if node is None or file is None:
        return next((k for k, v in place.frame.f_locals.items() if v is value), "")
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and _held(place, inner.id) is value:
            return inner.id
    return ""


def _literal(value: Any) -> str:
    return "" if type(value) is RecordingArray or isinstance(value, np.ndarray) else str(value)
