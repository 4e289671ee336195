"""How a sentence refers to an array: by its name, its shape, or a number in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mnistviz.operations import of_truth
from mnistviz.story.along import between
from mnistviz.story.sentence import Cell, Name, Number, Part, Quantity, truth
from mnistviz.trace.model import Operation, Value

LONGEST_NAME = 32  # characters of an operand in a caption
OWNER = re.compile(r"[^\W\d]\w*(?:\[[^\[\]]*\])*\.")  # the first of a path: `nodes[0].`
PATH = re.compile(rf"(?:{OWNER.pattern})+[^\W\d]\w*(?:\[[^\[\]]*\])*")
NOUNS = {
    "U": "text",
    "S": "text",
    "M": "date",
    "m": "span",
    "V": "record",
    "O": "object",
}  # by kinds of types


def shortened(text: str, limit: int) -> str:
    """The text on one line, cut at a word where it is longer than `limit` characters."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(",;: ") + "…"


def path_end(name: str, limit: int = LONGEST_NAME) -> str:
    """The last of a path that is longer, as much as there is room for: `state.g` of `net.nodes[0].state.g`."""
    while len(name) > limit and PATH.fullmatch(name) and (owner := OWNER.match(name)):
        name = name[owner.end() :]
    return name


def listed(names: Sequence[str]) -> str:
    """Names as one lists them."""
    names = [path_end(name) for name in names]
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + "".join(names[-1:])


def named(value: Value, name: str, limit: int = LONGEST_NAME) -> Name:
    """An array by a name as long as a caption has room for; `name`: its own, or the expression that made it."""
    return Name(shortened(path_end(name, min(limit, LONGEST_NAME)), limit), value.name, value.id)


def shape_of(value: Value) -> tuple[Part | str, ...]:
    """The shape in parts: `32x64`; a number is "one number", a date "one date"."""
    lengths = [
        (Number(length, Quantity("length of axis", (value.id, axis)), "index"),)
        for axis, length in enumerate(value.shape)
    ]
    return tuple(part for each in between(lengths, "x") for part in each) or (f"one {noun(value)}",)


def noun(value: Value) -> str:
    """What one of its cells is."""
    return NOUNS.get(value.dtype.kind, "number")


def meant(operation: Operation) -> str:
    """Numpy's name of what an operation does: of `&` between masks `logical_and`."""
    return of_truth(operation.operation) if operation.output.dtype.kind == "b" else operation.operation


def quoted(value: Value, place: int = 0) -> Part:
    """One number of an array, in row-major order: the only one, or what all of them are; of yes and no which it is."""
    if value.dtype.kind == "b":
        return truth(value.value, Cell(value.id, place))
    return Number(float(value.value.flat[place]), Cell(value.id, place), "short")


def completed(count: int) -> Number:
    """How many operations a shot completes."""
    return Number(count, Quantity("operations of the shot"), "index")
