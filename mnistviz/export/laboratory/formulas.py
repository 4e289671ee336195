"""Where a plain number of a call comes from: of the numbers given to the program, by its own source text.

`-learn_rate * adjustment` is recorded as a product of -0.01; the source says that it is `-learn_rate`.  A formula is
believed only where it gives the recorded number.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from mnistviz.trace.model import Operation, Trace

Formula = Any  # a number, ["of", id], or [operation, formula, ...]
BINARY: Mapping[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("add", operator.add), ast.Sub: ("subtract", operator.sub), ast.Mult: ("multiply", operator.mul),
    ast.Div: ("divide", operator.truediv), ast.Pow: ("power", operator.pow),
}  # fmt: skip


class Formulas:
    """Reads the formulas of a trace's operations."""

    def __init__(self, trace: Trace) -> None:
        self._given = {
            value.name: (value.id, value.value.item())
            for value in trace.inputs
            if value.name and not value.shape and value.value.dtype.kind in "biuf"
        }
        self._taken = {  # of the numbers that left the arrays, by the name that the source gives them
            operation.output.name: operation.output.id
            for operation in trace.operations
            if operation.output.name and not operation.output.shape
        }

    def of(self, operation: Operation, place: int, argument: Any) -> Formula | None:
        """The formula of an argument that is a plain number; None where it is something else, or always the same."""
        if isinstance(argument, bool) or not isinstance(argument, int | float):
            return None
        node = _written(operation, place)
        if node is None or not (_names(node) & self._given.keys()):
            return None
        found = self._read(node)
        return found[0] if found is not None and found[1] == argument else None

    def frozen(self, operation: Operation) -> list[int]:
        """Ids of the numbers that the operation took from arrays by way of Python, and that stay as they were."""
        known = {value.id for value in operation.inputs}
        tree = _parsed(operation.expression)
        names = _names(tree) if tree is not None else set()
        return [number for name, number in self._taken.items() if name in names and number not in known
                and number not in {value.id for value in (operation.output, *operation.more)}]  # fmt: skip

    def _read(self, node: ast.AST) -> tuple[Formula, Any] | None:
        """The formula of an expression, and its value in the recorded run; None where it has other parts."""
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return node.value, node.value
        if isinstance(node, ast.Name) and node.id in self._given:
            number, value = self._given[node.id]
            return ["of", number], value
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._read(node.operand)
            return None if inner is None else (["negative", inner[0]], -inner[1])
        if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
            name, compute = BINARY[type(node.op)]
            left, right = self._read(node.left), self._read(node.right)
            if left is None or right is None:
                return None
            try:
                return [name, left[0], right[0]], compute(left[1], right[1])
            except ArithmeticError:
                return None
        return None


def _parsed(expression: str) -> ast.AST | None:
    try:
        body = ast.parse(expression.strip()).body
    except (SyntaxError, ValueError):
        return None
    return body[0] if body else None


def _written(operation: Operation, place: int) -> ast.AST | None:
    """What the source has in an argument's place."""
    tree = _parsed(operation.expression)
    parts: list[ast.AST] = []
    match tree:
        case ast.Assign(targets=[ast.Subscript(value=array, slice=index)], value=value):
            parts = [array, index, value]
        case ast.AugAssign(target=target, value=value):
            parts = [target, value]
        case ast.Expr(value=ast.BinOp(left=left, right=right)):
            parts = [left, right]
        case ast.Expr(value=ast.Subscript(value=array, slice=index)):
            parts = [array, index]
        case ast.Expr(value=ast.Call(func=function, args=arguments)):
            method = (
                isinstance(function, ast.Attribute)
                and operation.call is not None
                and operation.call.kind == "method"
            )
            parts = [*([function] if method else []), *arguments]
    return parts[place] if place < len(parts) else None


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
