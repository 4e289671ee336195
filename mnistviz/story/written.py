"""Operands as the source writes them: a list of arrays is one operand, and a number of Python's has no array."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from mnistviz.operations import SIGNED, SOUGHT, definition
from mnistviz.story.sentence import Code, Number, Part, Quantity
from mnistviz.trace.model import Operation, Value

LONGEST = 32  # characters of an operand
OF_A_LIST = frozenset({"asarray", *SOUGHT})  # what takes a list as one array, beside what goes along axes
Operand = tuple[Part | str, ...]


def operands(operation: Operation, called: Sequence[str]) -> list[Operand | None]:
    """What stands in the source in the place of each operand; None where the recorded input tells it.

    `called` are the inputs' names, or the expressions that made them.
    """
    texts = _texts(operation)
    given = operation.inputs
    if not given:
        return [(Code(text),) if len(text) <= LONGEST else None for text in texts]
    alike = len({value.shape for value in given}) == 1
    if operation.operation in SIGNED and len(given) > 2 and len(texts) == 2:
        return _of_pair(operation, texts, called)
    along = definition(operation.operation).reduces or operation.operation in OF_A_LIST
    if along and alike and len(given) > 1 and texts and called[0] != texts[0]:
        return [_listed(operation, texts[0], given)]
    return []


def told_apart(operation: Operation, made: Mapping[int, Operation]) -> dict[int, str]:
    """By id, calls as they are written for what their functions call by another name, or by none.

    Of `x + f(x)` the second is `f(x)`, where `f` calls it `x` too; of `0.1 * f(x)` it is, where `f` gives back
    an expression; `f(…)`, where that is long.
    """
    texts, given = _texts(operation), operation.inputs
    if len(texts) != len(given):
        return {}
    alike = len({value.name for value in given}) < len({value.id for value in given})
    calls = {
        value.id: text
        for value, text in zip(given, texts, strict=True)
        if _is_call(text) and (alike or (not value.name and _comes_back(value, operation, made)))
    }
    return {
        key: text if len(text) <= LONGEST else f"{text.partition('(')[0]}(…)" for key, text in calls.items()
    }


def _is_call(text: str) -> bool:
    """Whether it is one call: `f(x) + g(x)` begins and ends like one."""
    if not text.endswith(")"):
        return False
    try:
        return isinstance(ast.parse(text, mode="eval").body, ast.Call)
    except SyntaxError:
        return False


def _comes_back(value: Value, operation: Operation, made: Mapping[int, Operation]) -> bool:
    """Whether a function that is called in the operation's expression has made it."""
    maker, calls = made.get(value.id), operation.source.calls
    inside = maker.source.calls[len(calls) :] if maker is not None else ()
    return bool(inside) and inside[0].lies_in(operation.source.expression)


def _of_pair(operation: Operation, texts: list[str], called: Sequence[str]) -> list[Operand | None]:
    """Of a list and an array, a list before and after an array: the array is known by its name."""
    values = operation.inputs
    own = [text == called[place] for text, place in zip(texts, (0, -1), strict=True)]
    if not any(own):
        return [(Code(text if len(text) <= LONGEST else "a list"),) for text in texts]
    among = values[int(own[0]) : len(values) - int(own[1])]
    return [
        None if known else _listed(operation, text, among) for known, text in zip(own, texts, strict=True)
    ]


def _listed(operation: Operation, text: str, among: Sequence[Value]) -> Operand:
    """`scores (12 arrays)`."""
    noun = " arrays)" if any(value.shape for value in among) else " numbers)"
    rule = Quantity("operands of a list", (operation.number, *(value.id for value in among)))
    return (
        Code(text if len(text) <= LONGEST else "a list"),
        " (",
        Number(len(among), rule, "index"),
        noun,
    )


def _texts(operation: Operation) -> list[str]:
    """The operands of an expression, as they are written."""
    text = operation.expression.strip()
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return []
    found: list[ast.expr] = node.args if isinstance(node, ast.Call) else []
    if isinstance(node, ast.BinOp):
        found = [node.left, node.right]
    elif isinstance(node, ast.Compare) and len(node.comparators) == 1:
        found = [node.left, node.comparators[0]]
    return [" ".join((ast.get_source_segment(text, one) or "").split()) for one in found]
