"""What the source has in the places of an operation's call: its expression, read, never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from mnistviz.trace.model import Operation


@lru_cache(4096)
def normal(text: str) -> str:
    """An expression's text as Python writes it."""
    tree = parsed(text)
    try:
        return text if tree is None else ast.unparse(tree)
    except RecursionError:  # thousands of terms
        return text


@lru_cache(4096)
def parsed(expression: str) -> ast.AST | None:
    """An operation's expression, or the statement that it is; None where it is no whole one."""
    for text in (expression.strip(), f"({expression})"):  # of several lines it may stand in other brackets
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return (body[0].value if isinstance(body[0], ast.Expr) else body[0]) if body else None
    return None


def arguments_of(operation: Operation) -> Iterator[tuple[object, ast.AST | None]]:
    """Each argument, and what the source has in its place; None where that is not to be told."""
    if operation.call is None:
        return
    nodes, named = places(operation)
    for place, argument in enumerate(operation.call.args):
        yield argument, nodes[place] if place < len(nodes) else None
    for name, argument in operation.call.keywords:
        yield argument, named.get(name)


def places(operation: Operation) -> tuple[list[ast.AST], dict[str, ast.AST]]:
    """What the source has in the places of a call, and by name."""
    tree, call = parsed(operation.expression), operation.call
    match tree:
        case ast.Assign(targets=[ast.Subscript(value=array, slice=index)], value=value):
            return [array, index, value], {}
        case ast.AugAssign(target=target, value=value):
            return [target, value], {}
        case ast.BinOp(left=left, right=right):
            return [left, right], {}
        case ast.UnaryOp(operand=operand):
            return [operand], {}
        case ast.Compare(left=left, comparators=[right]):
            return [left, right], {}
        case ast.Subscript(value=array, slice=index):
            return [array, index], {}
        case ast.Call(func=function, args=arguments, keywords=keywords) if not any(
            isinstance(one, ast.Starred) for one in arguments
        ):
            method = isinstance(function, ast.Attribute) and call is not None and call.kind == "method"
            own: list[ast.AST] = [function.value] if method and isinstance(function, ast.Attribute) else []
            return [*own, *arguments], {one.arg: one.value for one in keywords if one.arg}
        case _:
            return [], {}
