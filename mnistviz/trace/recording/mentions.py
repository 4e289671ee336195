"""What an expression of the source mentions: a name, what lies in what has one, or a step that makes an object."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from types import CodeType
from typing import Any

import numpy as np

PARTS = (ast.Attribute, ast.Subscript)


def id_of(node: Any) -> str:
    """The name that it is, or ""."""
    return node.id if isinstance(node, ast.Name) else ""


def is_other_operand(code: CodeType, root: str) -> bool:
    """Whether it is what a method of an operator calls its other operand."""
    operator = code.co_argcount == 2 and code.co_name.startswith("__") and "." in code.co_qualname
    return operator and code.co_varnames[1] == root


def is_step(node: Any) -> bool:
    """Whether an expression makes an object of objects that have names: `x @ w`, `(x @ w).tanh()`; no class is called."""
    if isinstance(node, ast.BinOp):
        return all(is_mention(side) or is_step(side) for side in (node.left, node.right))
    owner = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    return owner is not None and (is_mention(owner) or is_step(owner))


def begins_with(name: str, names: Mapping[str, Any]) -> bool:
    """Whether `model.w`, or `(x @ w).data`, is about something that has one of the names."""
    found = re.match(r"\(*(\w+)", name)
    return found is not None and found.group(1) in names


def root_of_name(node: Any) -> tuple[str, bool]:
    """The name that an expression starts with, `xs` of `xs[i].w`, or ""; and whether an index of it is computed."""
    dynamic = False
    while isinstance(node, PARTS):
        dynamic = dynamic or (isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant))
        node = node.value
    return (node.id if isinstance(node, ast.Name) else ""), dynamic


def is_mention(node: Any) -> bool:
    """Whether an expression only names something: `x`, `self.w`, `xs[0].T`."""
    while isinstance(node, PARTS):
        node = node.value
    return isinstance(node, ast.Name)


def key_text(key: Any) -> str:
    """What something is indexed with, as one writes it; "" where that is more than numbers and texts."""
    if type(key) is int or type(key) is bool:
        return str(key)
    if type(key) is str:
        return f'"{key}"'
    if issubclass(type(key), np.integer):
        return str(int(key))
    if type(key) is tuple and key:
        parts = [key_text(one) for one in key]
        return ", ".join(parts) if all(parts) else ""
    return ""
