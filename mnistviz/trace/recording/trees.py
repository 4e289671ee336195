"""Pieces of syntax trees, each with the place in the source of what it stands for."""

from __future__ import annotations

import ast
import functools
from typing import Any

from mnistviz.trace.source.sites import leaves_of

ASSIGNED = frozenset(["shape", "dtype", "strides", "real", "imag", "flat"])  # attributes that change an array

TAKEN = frozenset(["T", "mT", "real", "imag"])  # attributes of an array that a pattern may take

METHODS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv",
    ast.Mod: "mod", ast.Pow: "pow", ast.MatMult: "matmul", ast.LShift: "lshift", ast.RShift: "rshift",
    ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor", ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert",
}  # what classes call operators  # fmt: skip


def place_of(node: Any) -> dict[str, Any]:
    """The place of a node, as keywords for another one."""
    return {
        "lineno": node.lineno, "col_offset": node.col_offset,
        "end_lineno": node.end_lineno, "end_col_offset": node.end_col_offset,
    }  # fmt: skip


def place_of_call(node: ast.Call) -> dict[str, Any]:
    """Python places the call of a method at its name where that is on another line."""
    place, function = place_of(node), node.func
    if isinstance(function, ast.Attribute) and function.end_lineno != node.lineno:
        end = function.end_col_offset or 0
        place["lineno"] = function.end_lineno or node.lineno
        place["col_offset"] = max(0, end - len(function.attr))
    return place


def copy(node: Any, **changes: Any) -> Any:
    """The node with some of its fields changed."""
    made = node.__class__.__new__(node.__class__)
    made.__dict__.update(node.__dict__)
    made.__dict__.update(changes)
    return made


def read(node: Any, name: str) -> ast.Name:
    """A name that is read, at the place of a node."""
    return ast.Name(name, ast.Load(), **place_of(node))


def statement(node: Any, value: Any) -> ast.Expr:
    """An expression as a statement, at the place of a node."""
    return ast.Expr(value, **place_of(node))


def before(call: ast.Call, value: Any) -> ast.BoolOp:
    """A condition before which something is called that gives True."""
    return ast.BoolOp(ast.And(), [call, value], **place_of(value))


def bound_by(target: Any) -> list[ast.Name]:
    """The names that a loop's target binds, to be read; none where it binds anything else."""
    found = leaves_of(target)
    return [read(one, one.id) for one in found] if all(isinstance(one, ast.Name) for one in found) else []


def writes_cells(target: Any) -> bool:
    """Whether to assign to a target may change an array."""
    return any(
        isinstance(one, ast.Subscript) or (isinstance(one, ast.Attribute) and one.attr in ASSIGNED)
        for one in leaves_of(target)
    )


def one_level(target: Any) -> Any:
    """A target of which what it unpacks further has no name yet."""
    if not isinstance(target, ast.Tuple | ast.List):
        return target
    inner = [
        ast.Name("", ast.Store()) if isinstance(one, ast.Tuple | ast.List) else one for one in target.elts
    ]
    return type(target)(inner, target.ctx)


@functools.lru_cache(maxsize=4096)
def bound_nodes(target: ast.AST) -> list[Any]:
    """What the watcher of a loop's pass is given the values of."""
    return leaves_of(one_level(target) if writes_cells(target) else target)


def is_constant(node: Any) -> bool:
    """Whether the compiler computes it: `-1`, `2 ** 10`."""
    if isinstance(node, ast.BinOp):
        return is_constant(node.left) and is_constant(node.right)
    if isinstance(node, ast.UnaryOp):
        return is_constant(node.operand)
    return isinstance(node, ast.Constant)


def is_text(node: Any) -> bool:
    """Whether an expression is a text that is written out."""
    written = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    return written or isinstance(node, ast.JoinedStr)


def suspends(node: Any) -> bool:
    """Whether something else may run in the middle of an expression: `yield`, `await`."""
    waiting: list[Any] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Yield | ast.YieldFrom | ast.Await):
            return True
        if not isinstance(one, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(one))
    return False


def taken_by(pattern: Any) -> list[str]:
    """The names that a pattern may bind to what it takes of an array, each once: `t` of `np.ndarray(T=t)`."""
    found: list[Any] = []
    for one in ast.walk(pattern):
        if isinstance(one, ast.MatchClass):
            pairs = zip(one.kwd_attrs, one.kwd_patterns, strict=True)
            found += [inner for attribute, inner in pairs if attribute in TAKEN]
        elif isinstance(one, ast.MatchSequence):
            found += one.patterns
    names = [getattr(one, "name", None) for one in found]
    return [name for name in dict.fromkeys(names) if name is not None]


def acts(pattern: Any) -> bool:
    """Whether a pattern may compare, or take something of an array: an attribute, rows; or have arrays made."""
    return any(
        isinstance(one, ast.MatchValue | ast.MatchSequence | ast.MatchMapping)
        or (isinstance(one, ast.MatchClass) and not TAKEN.isdisjoint(one.kwd_attrs))
        for one in ast.walk(pattern)
    )


def operand_of(node: ast.AST, method: str) -> ast.expr | None:
    """Of an operator, an index or a property, the operand whose method of that name runs; None where it is none."""
    if isinstance(node, ast.Attribute):
        return node.value if node.attr == method else None
    if isinstance(node, ast.Subscript):
        return node.value if method in ("__getitem__", "__setitem__") else None
    name = METHODS.get(type(getattr(node, "op", None)), "")
    if isinstance(node, ast.UnaryOp):
        return node.operand if method == f"__{name}__" else None
    if isinstance(node, ast.AugAssign):
        return node.target if method in (f"__i{name}__", f"__{name}__") else None
    if isinstance(node, ast.BinOp):
        return {f"__{name}__": node.left, f"__r{name}__": node.right}.get(method)
    return None


def other_operand(node: ast.AST, method: str) -> ast.expr | None:
    """Of an operator with two, that whose method does not run."""
    own = operand_of(node, method)
    if isinstance(node, ast.AugAssign):
        return node.value if own is not None else None
    if isinstance(node, ast.BinOp) and own is not None:
        return node.right if own is node.left else node.left
    return None
