"""Where an operation does what it does: at the place that the source writes, along axes, in each row."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mnistviz.operations import OPERATIONS
from mnistviz.story.sentence import Code, Part
from mnistviz.trace.model import Operation

LONGEST_INDEX = 32  # characters
BY_LINE = frozenset(one.name for one in OPERATIONS.values() if one.reduces) | {
    "linalg.norm",
    "prod",
    "cumsum",
    "cumprod",
    "std",
    "var",
    "median",
    "average",
    "percentile",
    "any",
    "all",
    "count_nonzero",
    "sort",
    "argsort",
    "diff",
}  # what is done to each row of a matrix, or to each column


def along(operation: Operation) -> tuple[Part | str, ...]:
    """`, at [i, j]`, ` in each row`: () where it is all of an array."""
    given = dict(operation.parameters)
    if operation.operation in ("getitem", "setitem") and "index" in given:
        written = index_written(operation.expression)
        return (", at ", Code(written)) if written else ()
    axis = given.get("axis")
    return () if axis is None or not operation.inputs else _along_axes(operation, axis)


def _along_axes(operation: Operation, given: object) -> tuple[Part | str, ...]:
    """`in each row` of a matrix, as one says it; `along axes 1 and 3` elsewhere."""
    axes = [one for one in (given if isinstance(given, tuple | list) else (given,)) if isinstance(one, int)]
    count = len(operation.inputs[0].shape)
    most = max(count, len(operation.output.shape))  # arrays that are stacked get one more
    axes = [one + most if one < 0 else one for one in axes]
    if operation.operation in BY_LINE and count <= 2:
        return (f" in each {'row' if axes[0] else 'column'}",) if count == 2 and len(axes) == 1 else ()
    named_axes = [part for each in between([(Code(str(one)),) for one in axes], " and ") for part in each]
    return (f" along {'axis' if len(axes) == 1 else 'axes'} ", *named_axes) if axes else ()


def index_written(expression: str) -> str:
    """The last index that an expression is written with, `[i, :]`; "" where it is long, or has none."""
    target = re.split(r"(?<![=!<>+*/@-])=(?!=)", expression, maxsplit=1)[0].rstrip()
    if not target.endswith("]"):
        return ""
    depth = 0
    for place in range(len(target) - 1, -1, -1):
        depth += (target[place] == "]") - (target[place] == "[")
        if depth == 0:
            found = target[place:]
            return found if len(found) <= LONGEST_INDEX else ""
    return ""


def between(several: Sequence[tuple[Part | str, ...]], words: str) -> list[tuple[Part | str, ...]]:
    """The same with words between them."""
    return [each for one in several for each in ((words,), one)][1:]


def in_a_list(several: Sequence[tuple[Part | str, ...]]) -> tuple[Part | str, ...]:
    """`a, b and c`."""
    listing = between(several, ", ")
    listing[-2:-1] = [(" and ",)] if len(several) > 1 else listing[-2:-1]
    return tuple(part for each in listing for part in each)
