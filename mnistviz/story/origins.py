"""What the values of a trace are made from, as sets of bits: one bit for each value that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from mnistviz.trace.model import Operation, Trace, Value

LIKE = ("zeros_like", "ones_like", "empty_like", "full_like")  # made of nothing: only a shape is asked for


class Origins:
    """Of each value what it is made from, itself too.

    `bits` has the bit of each value that is asked for; those in `anew` are made of nothing but their own bit.
    """

    def __init__(self, trace: Trace, bits: Mapping[int, int], anew: Iterable[int] = ()) -> None:
        self._operations, self._bits, self._anew = trace.operations, bits, frozenset(anew)
        self._found: dict[int, int] = {}
        for one in trace:
            whole = 0 if one.operation in LIKE else union(self.of(value) for value in one.inputs)
            for value in (one.output, *one.more):
                own = bits.get(value.id, 0)
                self._found[value.id] = own if value.id in self._anew else whole | own

    def of(self, value: Value) -> int:
        """What a value is made from; one that was changed through another array, from that, too."""
        if value.id not in self._found:
            changed = [] if value.changed_by is None else [self._operations[value.changed_by].output.id]
            bases = [] if value.view_of is None else [value.view_of]
            inherited = () if value.id in self._anew else (*changed, *bases)
            whole = union(self._found.get(one, 0) for one in inherited)
            self._found[value.id] = self._bits.get(value.id, 0) | whole
        return self._found[value.id]

    def of_all(self, values: Iterable[Value]) -> int:
        """What any of them is made from."""
        return union(map(self.of, values))


def outputs(one: Operation) -> tuple[Value, ...]:
    """All that an operation makes."""
    return (one.output, *one.more)


def union(sets: Iterable[int]) -> int:
    """All bits of some sets of bits."""
    return reduce(or_, sets, 0)
