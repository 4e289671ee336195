"""Captions made from operations: "Multiply w1 (32x64) by x (64x1)"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mnistviz.operations import definition
from mnistviz.trace.model import Operation, Value

TOO_LONG = 160  # characters of a caption
LONGEST_NAME = 32  # characters of an operand in a caption


def caption_of(operation: Operation, made: Mapping[int, Operation]) -> str:
    """One sentence about an operation, and what comes of it; `made` tells which operation made a value."""
    known = definition(operation.operation)
    names = [_named(value, operation, made) for value in operation.inputs]
    phrase = known.updating if operation.in_place and known.updates else known.phrase
    if not phrase or phrase.count("{") > len(names) + phrase.count("{p}"):
        phrase = f"Compute {operation.operation}" + (" of " + " and ".join(names[:3]) if names else "")
    else:
        phrase = phrase.format(*names, p=_along(operation))
    return shortened(f"{phrase}. {_result(operation)}", 220)


def title_of(operation: Operation) -> str:
    """A few words: the name that is made, and how."""
    name = operation.output.name
    how = operation.operation
    return shortened(f"{name}: {how}" if name else how, 48)


def shapes(value: Value) -> str:
    """The shape as one says it: "32x64"; a number is "one number"."""
    return "x".join(map(str, value.shape)) if value.shape else "one number"


def listed(names: Sequence[str]) -> str:
    """Names as one lists them."""
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + "".join(names[-1:])


def shortened(text: str, limit: int) -> str:
    """The text on one line, cut at a word where it is longer than `limit` characters."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(",;: ") + "…"


def _named(value: Value, operation: Operation, made: Mapping[int, Operation]) -> str:
    """The name; of a nested expression its text where that is short, else where it comes from."""
    if not value.shape and not value.name:
        return f"{value.value.item():.4g}" if value.dtype.kind in "fiu" else "a number"
    maker, name = made.get(value.id), value.name
    if not name and maker is not None and len(maker.expression) <= LONGEST_NAME:
        name = maker.expression
    if not name:
        last = maker is not None and maker.number == operation.number - 1
        name = "the last result" if last else "an earlier result"
    return f"{shortened(name, LONGEST_NAME)} ({shapes(value)})" if value.shape else name


def _result(operation: Operation) -> str:
    output = operation.output
    several = f" and {len(operation.more)} more" if operation.more else ""
    if not output.shape and output.dtype.kind in "fiub":
        return f"{output.name or 'The result'} is {output.value.item():.4g}{several}."
    return f"{output.name or 'The result'} is {shapes(output)}{several}."


def _along(operation: Operation) -> str:
    axis = dict(operation.parameters).get("axis")
    return f" along axis {axis}" if axis is not None else ""
