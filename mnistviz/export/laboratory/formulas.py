"""Where a plain number of a call comes from: of the numbers given to the program, by its own source text.

`-learn_rate * adjustment` is recorded as a product of -0.01; the source says that it is `-learn_rate`.  A formula is
believed only where it gives the recorded number.
"""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mnistviz.trace.model import Operation, Value

Formula = Any  # a number, ["of", id], or [operation, formula, ...]
BINARY: Mapping[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("add", operator.add), ast.Sub: ("subtract", operator.sub), ast.Mult: ("multiply", operator.mul),
    ast.Div: ("divide", operator.truediv), ast.Pow: ("power", operator.pow),
}  # fmt: skip


class Formulas:
    """Reads the formulas of a trace's operations."""

    def __init__(self, given: Iterable[Value]) -> None:
        numbers = [value for value in given if is_number(value)]
        often = Counter(value.name for value in numbers)  # a name of several numbers says none of them
        self._given = {
            value.name: (value.id, value.value.item()) for value in numbers if often[value.name] == 1
        }

    def of(self, operation: Operation, argument: Any, node: ast.AST | None) -> Formula | None:
        """The formula of an argument that is a plain number; None where it is something else, or always the same."""
        if node is None or isinstance(argument, bool) or not isinstance(argument, int | float):
            return None
        own = {value.name: (value.id, value.value.item()) for value in operation.inputs if is_number(value)}
        found = self._read(node, {**self._given, **own})
        return found[0] if found is not None and found[1] == argument and [*read_by(found[0])] else None

    def _read(self, node: ast.AST, given: Mapping[str, tuple[int, Any]]) -> tuple[Formula, Any] | None:
        """The formula of an expression, and its value in the recorded run; None where it has other parts."""
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return node.value, node.value
        if isinstance(node, ast.Name | ast.Attribute) and (known := given.get(ast.unparse(node))):
            return ["of", known[0]], known[1]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._read(node.operand, given)
            return None if inner is None else (["negative", inner[0]], -inner[1])
        if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
            name, compute = BINARY[type(node.op)]
            left, right = self._read(node.left, given), self._read(node.right, given)
            if left is None or right is None:
                return None
            try:
                return [name, left[0], right[0]], compute(left[1], right[1])
            except ArithmeticError:
                return None
        return None


def is_number(value: Value) -> bool:
    """Whether it is one number, with a name."""
    return bool(value.name) and not value.shape and value.value.dtype.kind in "biuf"


def read_by(formula: Formula | None) -> Iterator[int]:
    """Ids of the numbers that a formula reads."""
    if isinstance(formula, list):
        yield from (
            (formula[1],) if formula[0] == "of" else (one for part in formula[1:] for one in read_by(part))
        )
