"""What a trace learns, from the flow of its data: which operations lead to an error, back from it, and write.

A parameter is an array from before the run that is written anew from what it was and from a change: in
place, under its own name or into a list.  The change is scaled by a number (a learn rate), and comes from
an error: the first difference between what the parameters gave and something that does not depend on
them.  Without one nothing is learned, and there are no phases.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import accumulate
from operator import and_, or_

import numpy as np

from mnistviz.story.storyboard import Phase
from mnistviz.trace.model import Operation, Trace, Value

LONGEST = 10_000  # operations of which each may be made from each other one
WRITING = ("subtract", "add")
ERRORS = ("subtract", "setitem", "divide")
CHOOSING = ("argmin", "argmax", "argsort", "unravel_index")  # no error flows through a choice
SURE = 1.001  # a probability is not more, but for what is added lest it be 0
PRODUCTS = ("multiply", "matmul", "dot", "inner", "vdot", "einsum", "tensordot")
SCALES = ("multiply", "divide", "matmul", "dot", "power")
SCALED_WITHIN = 6  # operations from a change back to the number that scales it
FEW = 5  # operations of a statement, not of a function that does several things
STATEMENT = 12  # operations of a statement that may do much besides: the slope of a sigmoid
UPDATE_SHARE = 0.34  # of a chapter's operations, from which it is told as an update


@dataclass(frozen=True)
class Learning:
    """Numbers of the operations of each phase; what is in none is on the way forward."""

    errors: frozenset[int]
    backward: frozenset[int]
    updates: frozenset[int]
    last_use: Mapping[int, int]  # of what an operation makes, by another operation
    copied: frozenset[int] = frozenset()  # copies that an error is written into
    carried: frozenset[int] = frozenset()  # what goes with updates: velocities, gradients set back to 0

    def phase_of(self, numbers: Sequence[int]) -> Phase:
        """What some operations do, taken together."""
        phases = [self._phase(number) for number in numbers]
        counts = Counter(phases)
        if (phases[-1] == "update" and len(phases) <= FEW) or counts["update"] >= UPDATE_SHARE * len(phases):
            return "update"
        ends = max(numbers)
        kept = all(self.last_use.get(n, 0) <= ends for n in numbers if self._phase(n) == "backward")
        if phases[-1] == "update" and kept:
            return "update"
        if counts["error"] and (counts["backward"] < FEW or len(phases) <= STATEMENT):
            return "error"
        if phases[-1] in ("backward", "update"):
            return "backward"
        after = min(numbers) > max(self.errors)
        return (
            "backward"
            if counts["backward"] and (after or 2 * counts["backward"] > len(phases))
            else "forward"
        )

    def _phase(self, number: int) -> Phase:
        if number in self.updates or number in self.carried:
            return "update"
        if number in self.errors or number in self.copied:
            return "error"
        return "backward" if number in self.backward else "forward"


def learning(trace: Trace) -> Learning | None:
    """What is learned in a trace; None where nothing is."""
    if not 0 < len(trace.operations) <= LONGEST:
        return None
    return _Flow(trace).learning()


class _Flow:
    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.made = {value.id: one for one in trace for value in (one.output, *one.more)}
        self.uses: dict[int, list[int]] = {}
        for one in trace:
            for value in one.inputs:
                self.uses.setdefault(value.id, []).append(one.number)
        self.reach = self._reach()
        self.given = [one for one in self.uses if one not in self.made and self._is_data(one)]
        self.written: dict[int, int] = {}  # what may be updates write, and the array from before that it was

    def _is_data(self, number: int) -> bool:
        return any(
            v.id == number and v.shape for n in self.uses[number][:1] for v in self.trace.operations[n].inputs
        )

    def _reach(self, anew: Collection[int] = ()) -> dict[int, int]:
        """All values that a value is made from, itself too, as a set of bits; `anew` are made of nothing."""
        reach: dict[int, int] = {}
        for one in self.trace:
            whole = 0
            for value in one.inputs:
                whole |= self._reached(reach, value)
            for value in (one.output, *one.more):
                reach[value.id] = 1 << value.id if value.id in anew else whole | 1 << value.id
        return reach

    @cached_property
    def _chosen(self) -> frozenset[int]:
        """Ids of choices: which cell is nearest says where something is changed, not by how much."""
        return frozenset(one.output.id for one in self.trace if one.operation in CHOOSING)

    @cached_property
    def _since_chosen(self) -> dict[int, int]:
        """All values that a value is made from, not through choices."""
        return self._reach(self._chosen) if self._chosen else self.reach

    @cached_property
    def _since_written(self) -> dict[int, int]:
        """The same, not through parameters that were written before either: a critic's, when its generator learns."""
        return self._reach({*self.written, *self._chosen}) if self.written else self._since_chosen

    def _reached(self, reach: dict[int, int], value: Value) -> int:
        """What an input is made from; one that was changed through another array, from that, too."""
        if value.id not in reach:
            changed = [] if value.changed_by is None else [self.trace.operations[value.changed_by].output.id]
            seen = [
                reach.get(one, 0)
                for one in (*changed, *([value.view_of] if value.view_of is not None else []))
            ]
            reach[value.id] = 1 << value.id | (seen[0] if seen else 0) | (seen[-1] if seen else 0)
        return reach[value.id]

    def _is_from_before(self, value: Value) -> bool:
        """Whether an array comes from before the run, changed in place since or not."""
        maker = self.made.get(value.id)
        while maker is not None and maker.in_place and maker.inputs:
            value = maker.inputs[0]
            maker = self.made.get(value.id)
        return maker is None

    def learning(self) -> Learning | None:
        writes = list(self._writes())
        found = [(one, self._error_of(old, change)) for one, old, change in writes]
        pairs = [(one, error) for one, error in found if error is not None]
        if not pairs:
            return None
        errors = frozenset(error.number for _, error in pairs)
        updates = frozenset(number for one, _ in pairs for number in self._update(one))
        last_use = {one.number: max(self.uses.get(one.output.id, [0])) for one in self.trace}
        backward = self._backward(errors, updates)
        carried = frozenset(self._carried([one for one, _ in pairs]))
        return Learning(errors, backward, updates, last_use, self._copied(errors), carried)

    def _copied(self, errors: Iterable[int]) -> frozenset[int]:
        """Copies that are made to write errors into: `error = shares.copy()`, before `error[right] -= 1`."""
        sources = [self.made.get(self.trace.operations[number].inputs[0].id) for number in errors]
        bases = [self.made.get(one.inputs[0].id) for one in sources if one is not None and one.inputs]
        return frozenset(
            one.number for one in (*sources, *bases) if one is not None and one.operation == "copy"
        )

    def _carried(self, writes: Sequence[Operation]) -> Iterator[int]:
        """What goes with updates: velocities that are handed on from before the run, and what is set back to 0."""
        wanted = {value.id for one in writes for value in one.inputs}
        for one in reversed(self.trace.operations):
            old = one.inputs[0] if one.in_place and one.inputs else None
            if old is not None and one.output.id in wanted and self._is_from_before(old):
                wanted.add(old.id)
                yield from self._update(one)
            elif old is not None and one.number > writes[0].number and not one.output.value.any():
                yield one.number

    def _writes(self) -> Iterator[tuple[Operation, Value, list[Value]]]:
        """Operations that write what may be a parameter: with what it was, and what the change is made of."""
        for one in self.trace:
            if one.operation == "setitem" and one.inputs[-1].id in self.written:  # `w[:, -1] += step`
                self.written[one.output.id] = self.written[one.inputs[-1].id]
            old = self._old(one) if one.operation in WRITING else None
            if old is None:
                continue
            change = [value for value in one.inputs if value.id != old.id and value.id in self.made]
            if change and self._is_handed_on(one, old):
                before = self._base(old).id
                self.written[one.output.id] = self.written.get(before, before)
                yield one, old, change

    def _old(self, one: Operation) -> Value | None:
        """The array from before the run that an operation starts from, with the same shape."""
        for value in one.inputs:
            base = self._base(value)
            named = base.name == one.output.name != ""
            if self._may_learn(base) and value.shape == one.output.shape and (value.shape or named):
                return value
        return None

    def _may_learn(self, value: Value) -> bool:
        """Whether a value comes from before the run, was made of nothing, or is a parameter already."""
        if value.id not in self.made or value.id in self.written:
            return True
        return not any(one >> given & 1 for one in (self.reach[value.id],) for given in self.given)

    def _base(self, value: Value) -> Value:
        """What a value was before it was scaled by a number (weight decay), or that it is a part of."""
        maker = self.made.get(value.id)
        if maker is not None and maker.operation == "getitem":
            return maker.inputs[0]
        if maker is not None and maker.operation == "multiply":
            arrays = [given for given in maker.inputs if given.shape]
            if len(arrays) == 1:
                return arrays[0]
        return value

    def _is_handed_on(self, one: Operation, old: Value) -> bool:
        name, before = one.output.name, self._base(old).name
        if one.in_place:
            return True
        used = [self.trace.operations[number] for number in self.uses.get(one.output.id, ())]
        if name and name == before:
            return True
        if name and name.partition("[")[0] == before and used:  # `w[word] = w[word] - step`
            return all(other.operation == "setitem" for other in used)
        if name == "":
            return all(other.source.statement != one.source.statement for other in used)
        return not used and ("[" in name or "." in name)

    def _error_of(self, old: Value, change: list[Value]) -> Operation | None:
        """The first difference that a change comes from, scaled; None where it comes from none."""
        before = self._base(old).id
        parameter = 1 << self.written.get(before, before)
        for reach in (self._since_written, self._since_chosen):
            whole = _union(reach.get(value.id, 0) for value in change)
            for one, compared in self._compared:
                leads = compared & parameter and whole >> one.output.id & 1
                if not leads or one.output.id in self.written:
                    continue
                if any(self._is_scaled(value, one.output.id) for value in change):
                    return one
        return None

    @cached_property
    def _compared(self) -> list[tuple[Operation, int]]:
        """Operations that may be errors, each with the values, as bits, that it compares with something else."""
        found = [(one, self._compares(one)) for one in self.trace if one.operation in ERRORS]
        return [(one, values) for one, values in found if values]

    def _compares(self, one: Operation) -> int:
        """What an operation compares, what it comes from on one side and not on the other, as a set of bits."""
        if self._takes_from_a_cell(one):
            return self.reach[one.output.id]
        if _of_log_loss(one):
            return _union(self.reach[value.id] for value in one.inputs)
        given = [self.reach[value.id] for value in one.inputs if value.shape or one.in_place]
        if one.operation == "subtract" and len(given) < len(one.inputs):
            return self._compares_numbers(one)
        if one.in_place or one.operation == "setitem":
            own = _union(1 << value.id for value in one.inputs)
            if one.operation != "subtract" or any(map(self._is_damping, one.inputs[1:])):
                return 0
            return _union(given) & ~own
        if one.operation == "subtract" and len(given) == 2 and self._has_two_parameters(given):
            return 0
        return _union(given) & ~reduce(and_, given) if given and one.operation == "subtract" else 0

    def _has_two_parameters(self, sides: list[int]) -> bool:
        """Whether either side comes from parameters that the other does not come from: `w @ x - threshold`."""
        parameters = _union(1 << number for number in set(self.written.values()))
        first, second = sides
        return bool(first & ~second & parameters) and bool(second & ~first & parameters)

    def _compares_numbers(self, one: Operation) -> int:
        """The same of `y[i] - w @ x` and `t - output`: what was weighed with data, and held against a number."""
        if any(not value.shape and not value.name and value.id not in self.made for value in one.inputs):
            return 0
        given = [self.reach[value.id] for value in one.inputs]
        return _union(given) & ~reduce(and_, given) & _union(self._weighed[v.id] for v in one.inputs)

    @cached_property
    def _weighed(self) -> Mapping[int, int]:
        """Of each value what it is made from that was multiplied by something of other arrays, as a set of bits."""
        weighed: dict[int, int] = defaultdict(int)
        given = sum(1 << number for number in self.given)
        for one in self.trace:
            whole = _union(weighed[value.id] for value in one.inputs)
            arrays = [self.reach[value.id] for value in one.inputs if value.shape]
            shared = reduce(and_, arrays, given)
            if (
                one.operation in PRODUCTS
                and len(arrays) > 1
                and all(each & given & ~shared for each in arrays)
            ):
                whole |= _union(arrays)
            for value in (one.output, *one.more):
                weighed[value.id] = whole
        return weighed

    def _is_damping(self, value: Value) -> bool:
        """Whether it is an array from before the run, as it is or written since, times a number: friction, decay."""
        maker = self.made.get(value.id)
        arrays = [given for given in maker.inputs if given.shape] if maker is not None else []
        scaled = maker is not None and maker.operation == "multiply" and len(arrays) == 1
        return scaled and (arrays[0].id in self.written or arrays[0].id not in self.made)

    def _takes_from_a_cell(self, one: Operation) -> bool:
        """Whether it is of `error[label] -= 1`, of one number: that of the right answer."""
        maker = self.made.get(one.inputs[0].id) if one.inputs else None
        users = [self.trace.operations[number].operation for number in self.uses.get(one.output.id, ())]
        picked = maker is not None and maker.operation == "getitem"
        return one.operation == "subtract" and not one.in_place and picked and "setitem" in users

    def _is_scaled(self, change: Value, error: int) -> bool:
        """Whether a number scales the change on the way from the error of that id: a learn rate, a count."""
        waiting, seen = [(change, 0)], {change.id, error}
        while waiting:
            value, depth = waiting.pop()
            maker = self.made.get(value.id)
            if maker is None or depth > SCALED_WITHIN or value.id == error:
                continue
            if maker.operation in SCALES and any(not given.shape for given in maker.inputs):
                return True
            summands = maker.operation in WRITING  # of which others have scales of their own
            for given in maker.inputs:
                from_error = self.reach.get(given.id, 0) >> error & 1
                if given.id not in seen and (from_error or not summands):
                    seen.add(given.id)
                    waiting.append((given, depth + 1))
        return False

    def _update(self, one: Operation) -> set[int]:
        """An update, what scales its change in the same statement, and what puts it back in its place."""
        statement, passes = one.source.statement, one.source.passes
        found = {one.number}
        for number in range(one.number - 1, -1, -1):
            other = self.trace.operations[number]
            if (other.source.statement, other.source.passes) != (statement, passes):
                break
            if all(
                not value.shape or value.shape == one.output.shape for value in (*other.inputs, other.output)
            ):
                found.add(number)
        after = self.trace.operations[one.number + 1 : one.number + 2]
        found.update(
            put.number for put in after if put.operation == "setitem" and put.inputs[-1].id == one.output.id
        )
        return found

    def _backward(self, errors: frozenset[int], updates: frozenset[int]) -> frozenset[int]:
        """What leads to the updates: after an error, up to the last update before the next one."""
        ids = {self.trace.operations[number].output.id for number in errors}
        mask = sum(1 << one for one in ids)
        ends = _last_updates(sorted(errors), sorted(updates))
        needed = [self.reach[self.trace.operations[number].output.id] for number in updates]
        wanted = list(accumulate(needed, int.__or__))[-1] if needed else 0
        between = set()
        for one in self.trace:
            start = max((error for error in errors if error < one.number), default=None)
            if start is None:
                continue
            end, comes_from = ends[start], self.reach[one.output.id] & mask
            leads_on = wanted >> one.output.id & 1
            if comes_from if end is None else one.number < end and (leads_on or comes_from):
                between.add(one.number)
        return frozenset(between - errors - updates)


def _of_log_loss(one: Operation) -> bool:
    """Whether it is how far a probability is from certain: `p - 1`, or `-1 / p`, the slope of `-log(p)`."""
    if len(one.inputs) != 2 or any(value.dtype.kind not in "biuf" for value in one.inputs):
        return False
    first, second = (value.value for value in one.inputs)
    if one.operation == "divide":
        return first.size == 1 and first.item() == -1 and bool(np.all(abs(second) <= SURE))
    certain = second.ndim == 0 and second.item() == 1 and first.ndim > 0
    return one.operation == "subtract" and certain and bool(np.all((first >= 0) & (first <= 1)))


def _union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


def _last_updates(errors: list[int], updates: list[int]) -> dict[int, int | None]:
    """After each error, the last update before the next error; None where there is none."""
    found: dict[int, int | None] = {}
    for place, error in enumerate(errors):
        until = errors[place + 1] if place + 1 < len(errors) else None
        between = [one for one in updates if one > error and (until is None or one < until)]
        found[error] = between[-1] if between else None
    return found
