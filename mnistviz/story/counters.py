"""Operations that only count the passes of a loop: `for layer in np.arange(n)` makes an array and goes through it."""

from __future__ import annotations

from mnistviz.trace.model import Operation, Trace, Value


def counters(trace: Trace) -> frozenset[int]:
    """Numbers of the operations that make places to count in, and take one of them; what else uses them is data."""
    uses: dict[int, list[Operation]] = {}
    for one in trace.operations:
        for value in one.inputs:
            uses.setdefault(value.id, []).append(one)
    found: set[int] = set()
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
