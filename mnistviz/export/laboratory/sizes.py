"""How large an array is, or a list: what decides it, read from the source, and from what operations do."""

from __future__ import annotations

import ast

from mnistviz.trace.model import Operation

SHAPES = frozenset({"shape", "size", "nbytes"})
KINDS = frozenset({"ndim", "dtype", "itemsize", "type", "isinstance"})  # never another for other numbers
CHOOSING = frozenset({
    "nonzero", "flatnonzero", "argwhere", "compress", "extract", "delete", "trim_zeros", "bincount", "roots",
    "unique", "unique_values", "unique_counts", "unique_inverse", "unique_all",
    "intersect1d", "union1d", "setdiff1d", "setxor1d",
})  # operations that make as many cells as the numbers say  # fmt: skip
LAID_OUT = frozenset({
    "getitem", "reshape", "resize", "repeat", "tile", "pad", "split", "array_split", "broadcast_to", "insert",
})  # ... as their plain arguments say  # fmt: skip
COUNTING = CHOOSING | {
    "range", "set", "frozenset", "filter", "str", "repr", "format", "bin", "hex", "join", "rjust",
    "replace", "strip", "takewhile", "dropwhile", "groupby", "Counter",
}  # calls of a source that give as much as the numbers say  # fmt: skip


def chosen_by_numbers(operation: Operation) -> bool:
    """Whether how much an operation gives depends on the numbers that it takes."""
    name, further = operation.operation, operation.inputs[1:]
    if name in ("getitem", "where", "repeat"):
        by_mask = any(one.dtype.kind == "b" for one in further)
        return {"getitem": by_mask, "where": not further, "repeat": bool(further)}[name]
    return name in CHOOSING


def laid_out_by_arguments(operation: Operation) -> bool:
    """Whether how much an operation gives depends on its plain arguments."""
    return not operation.inputs or operation.operation in LAID_OUT


def measured(node: ast.AST) -> list[ast.AST] | None:
    """What an expression measures, `x` of `len(x)` and `x.shape`; nothing where it asks for a kind; None: it is another."""
    if isinstance(node, ast.Attribute):
        return [node.value] if node.attr in SHAPES else [] if node.attr in KINDS else None
    if not isinstance(node, ast.Call):
        return None
    name = called(node)
    if name in KINDS:
        return []
    own = name == "len" if isinstance(node.func, ast.Name) else name in ("size", "shape")  # np.size(x)
    return list(node.args[:1]) if own else None


def called(node: ast.Call) -> str:
    """The name of what is called, without what stands before it."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def decide_size(node: ast.AST) -> tuple[list[ast.AST], list[ast.AST], list[ast.AST]]:
    """Parts of an expression that decide how large its result is: by their numbers, as places, by their own size."""
    match node:
        case ast.Call(args=given) if called(node) in COUNTING or (
            called(node) == "where" and len(given) == 1
        ):
            return [node], [], []
        case ast.SetComp() | ast.Set() | ast.JoinedStr():
            return [node], [], []
        case ast.DictComp(key=key, generators=each):
            return [test for one in each for test in one.ifs], [key], [one.iter for one in each]
        case ast.ListComp(generators=each) | ast.GeneratorExp(generators=each):
            return [test for one in each for test in one.ifs], [], [one.iter for one in each]
        case ast.Subscript(value=value, slice=index):
            return [index], [], [value]
        case ast.IfExp(test=test, body=body, orelse=other):
            return [test], [], [body, other]
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if _is_row(left) or _is_row(right):
            return [node], [], []  # `[0] * count`
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [], [], [one for one in parts if isinstance(one, ast.Starred)]
    return [], [], list(ast.iter_child_nodes(node))


def _is_row(node: ast.AST) -> bool:
    return isinstance(node, ast.List | ast.Tuple) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
