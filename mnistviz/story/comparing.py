"""Where a trace may hold what its parameters gave against something else: the operations that may be errors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, reduce
from operator import and_

import numpy as np

from mnistviz.story.origins import Origins, outputs, union
from mnistviz.story.writes import Writes
from mnistviz.trace.model import Operation, Value

ERRORS = ("subtract", "divide")
ASKING = ("less", "less_equal", "greater", "greater_equal")
SURE = 1.001  # a probability is not more, but for what is added lest it be 0
PRODUCTS = ("multiply", "matmul", "dot", "inner", "vdot", "einsum", "tensordot")


class Comparing:
    """Finds what operations compare, from what their values are made from."""

    def __init__(
        self, writes: Writes, bits: Mapping[int, int], origins: Origins, kinds: Sequence[str]
    ) -> None:
        self._writes, self._bits, self._origins, self._kinds = writes, bits, origins, kinds
        self._parameters = union(bits[root] for root in writes.roots.values())
        self._given = union(bits[one] for one in writes.given)

    def is_clean(self, one: Operation) -> bool:
        """Whether a side of it depends on no parameter: a target, what is right."""
        return not all(self._origins.of(value) & self._parameters for value in one.inputs)

    def found(self) -> dict[int, int]:
        """Bits of the parameters that operations, by number, hold against something else."""
        compared = {
            one.number: self._compares(one) & self._parameters
            for one in may_compare(self._writes, self._kinds)
        }
        return {number: parameters for number, parameters in compared.items() if parameters}

    def _compares(self, one: Operation) -> int:
        """What an operation compares, what it comes from on one side and not on the other, as a set of bits."""
        if self._takes_from_a_cell(one):
            return self._origins.of(one.output)
        if _of_log_loss(one):
            whole = self._origins.of_all(one.inputs)
            return whole if one.output.shape else whole & union(self._weighed[v.id] for v in one.inputs)
        given = [self._origins.of(value) for value in one.inputs if value.shape or one.in_place]
        if one.operation in ASKING:
            return union(given) if any(map(self._is_margin, one.inputs)) else 0
        if one.operation != "subtract":
            return 0
        if len(given) < len(one.inputs):
            return self._compares_numbers(one)
        if one.in_place:
            if any(map(self._is_damping, one.inputs[1:])):
                return 0
            own = union(self._bits.get(value.id, 0) for value in one.inputs)
            return union(given) & ~own
        if len(given) == 2 and self._has_two_parameters(given):
            return 0
        return _on_one_side(given) if given else 0

    def _is_margin(self, value: Value) -> bool:
        """Whether it says how right an answer is: `y * (x @ w)`, or that taken from a number."""
        maker = self._writes.made.get(value.id)
        if maker is not None and maker.operation == "subtract":
            return any(map(self._is_margin, maker.inputs))
        if maker is None or maker.operation != "multiply":
            return False
        sides = [self._origins.of(given) for given in maker.inputs]
        right = any(side & self._given and not side & self._parameters for side in sides)
        return right and any(self._weighed[given.id] & self._parameters for given in maker.inputs)

    def _has_two_parameters(self, sides: list[int]) -> bool:
        """Whether either side comes from parameters that the other does not come from: `w @ x - threshold`."""
        first, second = sides
        return bool(first & ~second & self._parameters) and bool(second & ~first & self._parameters)

    def _compares_numbers(self, one: Operation) -> int:
        """The same of `y[i] - w @ x` and `t - output`: what was weighed with data, and held against a number."""
        made = self._writes.made
        if any(not value.shape and not _is_named(value) and value.id not in made for value in one.inputs):
            return 0
        sides = _on_one_side([self._origins.of(value) for value in one.inputs])
        return sides & union(self._weighed[v.id] for v in one.inputs)

    @cached_property
    def _weighed(self) -> Mapping[int, int]:
        """Of each value what it is made from that was multiplied by something of other arrays, as a set of bits."""
        weighed: dict[int, int] = defaultdict(int)
        for one in self._writes.trace:
            whole = union(weighed[value.id] for value in one.inputs)
            arrays = [self._origins.of(value) for value in one.inputs if value.shape]
            shared = reduce(and_, arrays, self._given)
            own = all(each & self._given & ~shared for each in arrays)
            if one.operation in PRODUCTS and len(arrays) > 1 and own:
                whole |= union(arrays)
            for value in outputs(one):
                weighed[value.id] = whole
        return weighed

    def _is_damping(self, value: Value) -> bool:
        """Whether it is an array from before the run, as it is or written since, times a number: friction, decay."""
        maker = self._writes.made.get(value.id)
        arrays = [given for given in maker.inputs if given.shape] if maker is not None else []
        scaled = maker is not None and maker.operation == "multiply" and len(arrays) == 1
        return scaled and (arrays[0].id in self._writes.roots or arrays[0].id not in self._writes.made)

    def _takes_from_a_cell(self, one: Operation) -> bool:
        """Whether it is of `error[label] -= 1`, of one number: that of the right answer."""
        maker = self._writes.made.get(one.inputs[0].id) if one.inputs else None
        used = self._writes.uses.get(one.output.id, ())
        users = [self._writes.trace.operations[number].operation for number in used]
        picked = maker is not None and maker.operation == "getitem"
        return one.operation == "subtract" and not one.in_place and picked and "setitem" in users


def may_compare(writes: Writes, kinds: Sequence[str]) -> list[Operation]:
    """Operations of some kinds: those that may be errors."""
    return [one for one in writes.trace if one.operation in kinds]


def _is_named(value: Value) -> bool:
    """Whether it has a name, not only a text: `1 - h` holds nothing against anything."""
    return value.name[:1].isidentifier()


def _on_one_side(sides: Iterable[int]) -> int:
    several = list(sides)
    return union(several) & ~reduce(and_, several)


def _of_log_loss(one: Operation) -> bool:
    """Whether it is how far a probability is from certain: `p - 1`, or `-1 / p`, the slope of `-log(p)`."""
    if len(one.inputs) != 2 or any(value.dtype.kind not in "biuf" for value in one.inputs):
        return False
    first, second = (value.value for value in one.inputs)
    if one.operation == "divide":
        return first.size == 1 and first.item() == -1 and bool(np.all(abs(second) <= SURE))
    certain = second.ndim == 0 and second.item() == 1
    return one.operation == "subtract" and certain and bool(np.all((first >= 0) & (first <= 1)))
