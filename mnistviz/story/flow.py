"""What a trace learns, from the flow of its data: which operations lead to an error, back from it, and write.

A parameter is an array that is written anew from what it was and from a change: in place, under its own name
or into a list.  The change is scaled by a number (a learn rate), and comes from an error: the first difference
between what the parameters gave and something that does not depend on them, or, where there is none, the
question whether what they gave is large enough (a margin).  Without one nothing is learned, and there are no
phases.  A parameter that was written is made of nothing else, so that what is computed with
it afterwards (the next step, a sample, a test) is on the way forward again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mnistviz.operations import CREATIONS
from mnistviz.story.comparing import ASKING, ERRORS, PRODUCTS, Comparing, may_compare
from mnistviz.story.origins import Origins, union
from mnistviz.story.phases import Learning
from mnistviz.story.storyboard import Phase
from mnistviz.story.writes import WRITING, Write, Writes
from mnistviz.trace.model import Operation, Trace, Value

CHOOSING = ("argmin", "argmax", "argsort", "unravel_index")  # no error flows through a choice
HOLDING_AGAINST = (
    "log",
    "log2",
    "log10",
    "log1p",
    "logaddexp",
    "subtract",
)  # how far an answer is from the right one
ADDING_UP = frozenset(["sum", "mean", "average", "add.reduce", "outer", *PRODUCTS]) - {"multiply"}
SCALES = ("multiply", "divide", "matmul", "dot", "power")
SCALED_WITHIN = 6  # operations from a change back to the number that scales it


def learning(trace: Trace) -> Learning | None:
    """What is learned in a trace; None where nothing is."""
    writes = Writes(trace)
    for kinds in (ERRORS, ASKING) if writes.all else ():
        steps = _Steps(writes, kinds)
        found = steps.found()
        if found:
            return _Flow(writes, found, steps.parameters).learning()
    return None


@dataclass(frozen=True)
class Step:
    """A write that learns, with the errors that it learns from."""

    write: Write
    errors: tuple[int, ...]


class _Steps:
    """Finds which writes learn, from which errors."""

    def __init__(self, writes: Writes, kinds: Sequence[str]) -> None:
        self._writes, self._kinds = writes, kinds
        candidates = may_compare(writes, kinds)
        made = [one.output.id for one in candidates if one.output.id not in writes.roots]
        ids = dict.fromkeys([*writes.roots.values(), *writes.given, *made])
        self._bits = {one: 1 << place for place, one in enumerate(ids)}
        self._bits.update({one: self._bits[root] for one, root in writes.roots.items()})
        self._bit_of = {one.number: self._bits[one.output.id] for one in candidates}
        self._makers = {bit: number for number, bit in self._bit_of.items()}

    def found(self) -> list[Step]:
        cyclic = self._cyclic()
        choices = [one for one in self._writes.trace if one.operation in CHOOSING]
        chosen = [value.id for one in choices for value in (one.output, *one.more)]
        compared = self._compared(self._origins(cyclic, chosen)) if cyclic else {}
        reached = union(compared.values())
        self.parameters = {root for root in cyclic if reached & self._bits[root]}
        self.origins = self._origins(self.parameters, chosen)
        errors_of = {
            root: union(self._bit_of[n] for n, one in compared.items() if one & self._bits[root])
            for root in self.parameters
        }
        steps = [self._step(write, errors_of) for write in self._writes.all]
        found = [one for one in steps if one is not None]
        return found if any(n in self._clean for one in found for n in one.errors) else []

    def _origins(self, roots: Iterable[int], chosen: Sequence[int] = ()) -> Origins:
        """What values are made from, not through what of these roots was written, nor through choices."""
        cut = set(roots)
        written = [one for one, root in self._writes.roots.items() if root in cut]
        return Origins(self._writes.trace, self._bits, (*written, *chosen))

    def _compared(self, origins: Origins) -> dict[int, int]:
        """The operations that may be errors, by number, with the bits of all parameters that lead to them."""
        comparing = Comparing(self._writes, self._bits, origins, self._kinds)
        found, operations = comparing.found(), self._writes.trace.operations
        self._clean = {number for number in found if comparing.is_clean(operations[number])}
        return {
            number: origins.of_all(operations[number].inputs)
            for number in found
            if operations[number].output.id not in self._writes.roots
        }

    def _cyclic(self) -> set[int]:
        """Roots that lead to what may be an error, and are written anew from it."""
        origins = self._origins(())
        compared = self._compared(origins)
        leads: dict[int, int] = {}
        for number, parameters in compared.items():
            leads[parameters] = leads.get(parameters, 0) | self._bit_of[number]
        found = set()
        for write in self._writes.all:
            root, whole = self._bits[write.root], origins.of_all(write.change)
            if any(parameters & root and whole & errors for parameters, errors in leads.items()):
                found.add(write.root)
        return found

    def _step(self, write: Write, errors_of: Mapping[int, int]) -> Step | None:
        hits = self.origins.of_all(write.change) & errors_of.get(write.root, 0)
        operations = self._writes.trace.operations
        reached = [self._makers[bit] for bit in _each(hits)]
        first = tuple(n for n in reached if not self.origins.of_all(operations[n].inputs) & hits)
        errors = [operations[n].output.id for n in first]
        scaled = any(self._is_scaled(value, error) for error in errors for value in write.change)
        return Step(write, first) if scaled else None

    def _is_scaled(self, change: Value, error: int) -> bool:
        """Whether a number scales the change on the way from the error of that id: a learn rate, a count."""
        waiting, seen = [(change, 0)], {change.id, error}
        while waiting:
            value, depth = waiting.pop()
            maker = self._writes.made.get(value.id)
            if maker is None or depth > SCALED_WITHIN or value.id == error:
                continue
            if maker.operation in SCALES and any(not given.shape for given in maker.inputs):
                return True
            summands = maker.operation in WRITING  # of which others have scales of their own
            for given in maker.inputs:
                from_error = self.origins.of(given) & self._bits[error]
                if given.id not in seen and (from_error or not summands):
                    seen.add(given.id)
                    waiting.append((given, depth + 1))
        return False


class _Flow:
    """Finds the phase of each operation of a trace in which something is learned."""

    def __init__(self, writes: Writes, found: Sequence[Step], parameters: Collection[int]) -> None:
        self._writes, self._trace, self._found = writes, writes.trace, found
        self._parameters = {one for one, root in writes.roots.items() if root in parameters}
        self._errors = frozenset(self._alike({number for step in found for number in step.errors}))
        self._written = {step.write.operation.number for step in found}
        self._since = self._errors_before()
        self._leading = self._leading_on(self._written)

    def learning(self) -> Learning:
        written = [one.operation for one in self._writes.all if self._is_update(one)]
        updates = frozenset(number for one in written for number in self._update(one))
        carried = frozenset(self._carried())
        phases: dict[int, Phase] = dict.fromkeys(self._back_again(updates), "backward")
        phases.update(dict.fromkeys(self._backward(), "backward"))
        told = (*self._told_only(), *self._losses(updates))
        phases.update(dict.fromkeys((*told, *self._errors, *self._copied()), "error"))
        phases.update(dict.fromkeys(updates | carried, "update"))
        last_use = {one.number: max(self._writes.uses.get(one.output.id, [0])) for one in self._trace}
        leading = frozenset(self._leading_on((*self._errors, *self._written))) | phases.keys()
        added = frozenset(one.number for one in self._trace if one.operation in ADDING_UP)
        return Learning(phases, self._errors, updates, last_use, leading, added)

    def _is_update(self, write: Write) -> bool:
        """Whether a parameter is written, from an error or with what has none of its own: decay, `p - 0`."""
        return write.operation.output.id in self._parameters and write.operation.number > min(self._errors)

    def _alike(self, errors: Collection[int]) -> Iterator[int]:
        """Errors, and what is the same again: `np.mean((y - t) ** 2)`, before `d = y - t`; not to choose by it."""
        kinds = {self._kind(self._trace.operations[number]) for number in errors}
        choosing = self._leading_on(one.number for one in self._trace if one.operation in CHOOSING)
        same = (one.number for one in self._trace if self._kind(one) in kinds)
        return (number for number in same if number in errors or number not in choosing)

    def _kind(self, one: Operation) -> tuple[str, frozenset[int]]:
        return one.operation, frozenset(value.id for value in one.inputs)

    def _sources(self, one: Operation) -> list[Operation]:
        """What made the inputs of an operation, but not parameters that were written."""
        return [maker for value in one.inputs for maker in self._makers_of(value)]

    def _makers_of(self, value: Value) -> list[Operation]:
        if value.id in self._parameters:
            return []
        maker = self._writes.made.get(value.id)
        if maker is not None:
            return [maker]
        changed = [] if value.changed_by is None else [self._trace.operations[value.changed_by]]
        base = self._writes.made.get(value.view_of) if value.view_of is not None else None
        found = [*changed, *([base] if base is not None else [])]
        return [one for one in found if one.output.id not in self._parameters]

    def _errors_before(self) -> dict[int, int]:
        """Of each operation that an error leads to, and of an error itself, the last such error."""
        since: dict[int, int] = {}
        for one in self._trace:
            before = [since[maker.number] for maker in self._sources(one) if maker.number in since]
            if one.number in self._errors:
                before = [one.number]
            if before:
                since[one.number] = max(before)
        return since

    def _leading_on(self, ends: Iterable[int]) -> set[int]:
        """All operations that lead to one of some, these too."""
        found = set(ends)
        for one in reversed(self._trace.operations):
            if one.number in found:
                found.update(maker.number for maker in self._sources(one))
        return found

    def _backward(self) -> Iterator[int]:
        """What leads from errors to what is written, and what is made for it on the way; all else that errors lead to."""
        to_errors = self._leading_on(self._errors)
        joins: dict[int, int] = {}  # of what is made for it, the first error after which it is needed
        for one in reversed(self._trace.operations):
            after = self._since.get(one.number, joins.get(one.number))
            if after is None or one.number not in self._leading:
                continue
            if one.number in self._since or (one.number > after and one.number not in to_errors):
                yield one.number
            for maker in self._sources(one):
                joins[maker.number] = min(after, joins.get(maker.number, after))
        yield from self._left_over()

    def _back_again(self, updates: Collection[int]) -> Iterator[int]:
        """What a function that goes back and writes does another time: no difference tells it, where the target is 0."""
        back = {self._trace.operations[number].source.expression for number in self._backward()}
        writing = {self._trace.operations[number].source.function for number in updates}
        return (
            one.number
            for one in self._trace
            if one.source.expression in back and one.source.function in writing and one.source.calls
        )

    def _left_over(self) -> Iterator[int]:
        """What errors lead to that leads nowhere: what a gradient is asked, before the step or after it."""
        return (number for number in self._since if number not in self._leading)

    def _told_only(self) -> Iterator[int]:
        """What is made of errors alone and leads nowhere: a loss, how many are wrong; perhaps after the step."""
        told = set(self._errors)
        for number in (one for one in self._since if one not in self._leading):
            one = self._trace.operations[number]
            makers = [maker.number for maker in self._sources(one) if maker.number in self._since]
            others = [value for value in one.inputs if value.shape and not self._is_from_error(value)]
            if told.issuperset(makers) and not (one.operation in PRODUCTS and others):
                told.add(number)
                yield number

    def _losses(self, updates: Collection[int]) -> Iterator[int]:
        """What is computed of an answer and leads nowhere: a loss whose slope is written by hand; not a test."""
        first = min(updates, default=0)
        aside = {
            one.number: one
            for one in self._trace
            if one.number not in self._leading and one.number not in self._since
            if one.number < first or one.operation not in PRODUCTS
        }
        for end in [one for one in aside.values() if self._is_last_number(one)]:
            chain = self._leading_on([end.number]) & aside.keys()
            inside = [aside[number] for number in chain]
            from_answer = any(m.number in self._leading for one in inside for m in self._sources(one))
            if from_answer and any(one.operation in HOLDING_AGAINST for one in inside):
                yield from chain

    def _is_last_number(self, one: Operation) -> bool:
        """Whether it is a number that nothing more is made of."""
        used = self._writes.uses.get(one.output.id, ())
        return not used and not one.output.shape and one.output.dtype.kind == "f"

    def _is_from_error(self, value: Value) -> bool:
        return any(maker.number in self._since for maker in self._makers_of(value))

    def _copied(self) -> Iterator[int]:
        """Copies that are made to write errors into: `error = shares.copy()`, before `error[right] -= 1`."""
        for number in self._errors:
            source = self._writes.made.get(self._trace.operations[number].inputs[0].id)
            base = (
                self._writes.made.get(source.inputs[0].id) if source is not None and source.inputs else None
            )
            yield from (one.number for one in (source, base) if one is not None and one.operation == "copy")

    def _carried(self) -> Iterator[int]:
        """What goes with updates: velocities, all between them and what is written, and what is set back to 0."""
        carriers = [write for write in self._writes.all if self._carries(write)]
        moving = {number for write in carriers for number in self._update(write.operation)}
        from_carriers = {write.operation.number for write in carriers}
        for one in self._trace:
            if any(maker.number in from_carriers for maker in self._sources(one)):
                from_carriers.add(one.number)
        before = [(write, self._writes.made.get(write.old.id)) for write in carriers]
        yield from moving
        yield from (  # what was is slowed down, or made in the first step
            one.number
            for write, one in before
            if one is not None and (write.damped or one.operation in CREATIONS)
        )
        yield from from_carriers & self._leading
        first = self._found[0].write.operation.number
        for one in self._trace:
            if one.in_place and one.inputs and one.number > first and not one.output.value.any():
                yield one.number

    def _carries(self, write: Write) -> bool:
        """Whether a write is one of a velocity, or of a mean of changes: of what goes on from step to step."""
        one = write.operation
        if one.number in self._written or one.number not in self._since or one.number not in self._leading:
            return False
        return write.damped or self._is_kept(write) or self._is_rooted(one) or self._goes_towards(write)

    def _is_kept(self, write: Write) -> bool:
        """Whether what was written before a step is written on after it."""
        maker = self._writes.made.get(write.old.id)
        if maker is None:
            return bool(write.old.value.any())
        return any(maker.number < number < write.operation.number for number in self._written)

    def _goes_towards(self, write: Write) -> bool:
        """Whether what was is taken from what is added to it: `m += rate * (g - m)`, a mean that follows."""
        makers = [maker for value in write.change for maker in self._makers_of(value)]
        makers += [maker for one in makers for maker in self._sources(one)]
        return any(one.operation == "subtract" and one.inputs[-1].id == write.old.id for one in makers)

    def _is_rooted(self, one: Operation) -> bool:
        """Whether the root of it is taken: it is a sum of squares."""
        following = [self._trace.operations[n] for n in self._writes.uses.get(one.output.id, ())]
        further = [
            self._trace.operations[n] for f in following for n in self._writes.uses.get(f.output.id, ())
        ]
        return any(each.operation == "sqrt" for each in (*following, *further))

    def _update(self, one: Operation) -> set[int]:
        """An update, what scales its change in the same statement, and what puts it back in its place."""
        statement, passes = one.source.statement, one.source.passes
        found = {one.number}
        for number in range(one.number - 1, -1, -1):
            other = self._trace.operations[number]
            if (other.source.statement, other.source.passes) != (statement, passes):
                break
            if all(
                not value.shape or value.shape == one.output.shape for value in (*other.inputs, other.output)
            ):
                found.add(number)
        after = self._trace.operations[one.number + 1 : one.number + 2]
        found.update(
            put.number for put in after if put.operation == "setitem" and put.inputs[-1].id == one.output.id
        )
        return found


def _each(bits: int) -> Iterator[int]:
    """The bits of a set one by one."""
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest
