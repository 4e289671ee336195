"""What the arrays of a trace are called on the page: the same name at different moments, told apart in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from mnistviz.trace.model import Trace, Value

GIVEN = "given"


def moments(trace: Trace) -> dict[int, str]:
    """For each named array of a trace which moment of its name it is: "given", "before", "after", "again", or ""."""
    given = {value.id for value in trace.inputs}
    changed = {operation.output.id for operation in trace if operation.in_place}
    versions: dict[str, dict[int, None]] = defaultdict(dict)
    for value in _in_order(trace):
        if value.name and value.role != "constant":
            versions[value.name].setdefault(value.id)
    words: dict[int, str] = {}
    for ids in versions.values():
        words |= _told_apart(list(ids), given, changed)
    return words


def _in_order(trace: Trace) -> Iterable[Value]:
    yield from trace.inputs
    for operation in trace:
        yield from (*operation.inputs, operation.output, *operation.more)


def _told_apart(ids: list[int], given: set[int], changed: set[int]) -> dict[int, str]:
    """One name's arrays, the first made first."""
    words = {one: GIVEN if one in given else "" for one in ids}
    if len(ids) == 1:
        return words
    if set(ids[1:]) <= changed:
        later = ["after"] if len(ids) == 2 else [f"after change {place}" for place in range(1, len(ids))]
        first = f"{GIVEN}, before" if ids[0] in given else "before"
    else:
        later = ["again"] if len(ids) == 2 else [f"time {place}" for place in range(2, len(ids) + 1)]
        first = words[ids[0]] or "first time"
    return dict(zip(ids, [first, *later], strict=True))


def without_moment(name: str) -> tuple[str, str]:
    """The name and the moment of an array beside the trace, which a scene calls `name/before` or `name/after`."""
    for word in ("before", "after"):
        if name.endswith(f"/{word}"):
            return name.removesuffix(f"/{word}"), word
    return name, ""
