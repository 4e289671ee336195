"""Operations that are told with what comes of them: they count the passes of a loop, or ask whether to go on.

`for layer in np.arange(n)` makes an array and goes through it; `if error < tolerance:` looks at two numbers.
"""

from __future__ import annotations

import re
from itertools import groupby

from mnistviz.trace.model import Operation, SourceFile, Trace, Value

ASKING = re.compile(r"(if|elif|while|assert)\b")
COMPARING = frozenset({"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"})
LOOKING = frozenset({"getitem", "absolute", *COMPARING})
SIZES = frozenset({"shape", "size", "ndim"})  # what is asked of an array beside its numbers
RECKONING = frozenset({"add", "subtract", "multiply", "divide", "floor_divide", "remainder"})


def conditions(trace: Trace) -> frozenset[int]:
    """Numbers of the operations of conditions that do nothing but compare numbers."""
    files = {file.name: file for file in trace.sources}
    found: set[int] = set()
    for _, group in groupby(trace.operations, key=lambda one: (one.source.statement, one.source.passes)):
        run = list(group)
        if _asks(run[0], files) and all(map(_only_looks, run)) and not run[-1].output.shape:
            found.update(one.number for one in run)
    return frozenset(found)


def _only_looks(one: Operation) -> bool:
    """Whether it takes a part of an array, as `R[i]` in `R[i][j] > 0`, or compares numbers or reckons with some."""
    numbers = not one.output.shape and (one.operation in LOOKING or not any(v.shape for v in one.inputs))
    return one.operation == "getitem" or (one.operation in LOOKING | RECKONING and numbers)


def _asks(one: Operation, files: dict[str, SourceFile]) -> bool:
    """Whether it is of the head of an `if`, a loop or an assertion."""
    span = one.source.statement
    file = files.get(span.file)
    lines = file.lines if file is not None else ()
    return 0 < span.first_line <= len(lines) and bool(ASKING.match(lines[span.first_line - 1].lstrip()))


def counters(trace: Trace) -> frozenset[int]:
    """Numbers of the operations that make places to count in and take one, or ask for a size; the rest is data."""
    uses: dict[int, list[Operation]] = {}
    for one in trace.operations:
        for value in one.inputs:
            uses.setdefault(value.id, []).append(one)
    found = {one.number for one in trace.operations if one.operation in SIZES}
    for one in trace.operations:
        taken = uses.get(one.output.id, [])
        counts = one.operation == "arange" and _counts(one.output, 1) and bool(taken)
        if counts and all(each.operation == "getitem" and _is_place(each.output, uses) for each in taken):
            found.update((one.number, *(each.number for each in taken)))
    return frozenset(found)


def _is_place(value: Value, uses: dict[int, list[Operation]]) -> bool:
    """Whether a number is used as a place in arrays, or by Python alone."""
    places = uses.get(value.id, [])
    return _counts(value, 0) and all(
        one.operation in ("getitem", "setitem") and one.inputs[0].id != value.id for one in places
    )


def _counts(value: Value, axes: int) -> bool:
    return len(value.shape) == axes and value.value.dtype.kind in "iu"
