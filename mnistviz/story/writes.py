"""Which operations of a trace write what may be a parameter anew: from what it was, and from a change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mnistviz.story.origins import Origins, outputs
from mnistviz.trace.model import Operation, Source, Trace, Value

WRITING = ("subtract", "add")


@dataclass(frozen=True)
class Write:
    """An operation that writes an array anew."""

    operation: Operation
    old: Value  # what the array was, or a part of it
    change: tuple[Value, ...]  # what is added to it, or taken from it
    root: int  # id of the array from before all writes
    damped: bool = False  # what it was is scaled first: the mean of changes goes on, a velocity slows down


class Writes:
    """The writes of a trace in order."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.made = {value.id: one for one in trace for value in outputs(one)}
        self.uses: dict[int, list[int]] = {}
        for one in trace:
            for value in one.inputs:
                self.uses.setdefault(value.id, []).append(one.number)
        self.roots: dict[int, int] = {}  # of what a write makes, the array from before all of them
        self.all = list(self._found())

    @cached_property
    def given(self) -> list[int]:
        """Ids of arrays from before the run."""
        return [one for one in self.uses if one not in self.made and self._is_data(one)]

    def _is_data(self, number: int) -> bool:
        return any(
            v.id == number and v.shape for n in self.uses[number][:1] for v in self.trace.operations[n].inputs
        )

    @cached_property
    def _from_given(self) -> frozenset[int]:
        """Ids of what is made from arrays from before the run."""
        origins = Origins(self.trace, dict.fromkeys(self.given, 1))
        return frozenset(value.id for one in self.trace for value in outputs(one) if origins.of(value))

    def _found(self) -> Iterator[Write]:
        for one in self.trace:
            if one.operation == "setitem" and one.inputs[-1].id in self.roots:  # `w[:, -1] += step`
                self.roots[one.output.id] = self.roots[one.inputs[-1].id]
            old = self._old(one) if one.operation in WRITING else None
            if old is None:
                continue
            change = tuple(self._change(one, old))
            if change and self._is_handed_on(one, old):
                base = self.base(old)
                root = self.roots.get(base.id, base.id)
                self.roots[one.output.id] = root
                damped = base.id != old.id and self.made[old.id].operation == "multiply"
                yield Write(one, old, change, root, damped)

    def _change(self, one: Operation, old: Value) -> Iterator[Value]:
        """What is added to what an array was, or taken from it, at once or one after the other."""
        yield from (value for value in one.inputs if value.id != old.id and value.id in self.made)
        maker = self.made.get(old.id)
        if maker is not None and maker.operation in WRITING and not old.name:
            yield from self._change(maker, maker.inputs[0])

    def _old(self, one: Operation) -> Value | None:
        """The array from before the run that an operation starts from, with the same shape."""
        for value in one.inputs[:1] if one.in_place or one.operation == "subtract" else one.inputs:
            base = self.base(value)
            named = one.output.name != "" and one.output.name in (base.name, value.name)
            if self._may_be_written(base) and value.shape == one.output.shape and (value.shape or named):
                return value
        return None

    def _may_be_written(self, value: Value) -> bool:
        """Whether a value comes from before the run, was made of nothing, or is a parameter already."""
        return value.id not in self.made or value.id in self.roots or value.id not in self._from_given

    def base(self, value: Value) -> Value:
        """What a value was before it was scaled by a number (weight decay), or that it is a part of."""
        maker = self.made.get(value.id)
        if maker is not None and maker.operation in WRITING and not value.name:  # `w - step - decay`
            return self.base(maker.inputs[0])
        if maker is not None and maker.operation == "getitem":
            return maker.inputs[0]
        if maker is not None and maker.operation == "multiply":
            arrays = [given for given in maker.inputs if given.shape]
            if len(arrays) == 1:
                return arrays[0]
        return value

    def _is_handed_on(self, one: Operation, old: Value) -> bool:
        name, before = one.output.name, self.base(old).name
        if one.in_place or name == old.name != "":
            return True
        used = [self.trace.operations[number] for number in self.uses.get(one.output.id, ())]
        if name and name == before:
            return True
        if name and name.partition("[")[0] == before and used:  # `w[word] = w[word] - step`
            return all(other.operation == "setitem" for other in used)
        if name == "":
            return not any(
                _is_within(other.source, one.source) or _takes_of_call(other.source, one.source)
                for other in used
            )
        return not used and ("[" in name or "." in name)


def _is_within(inner: Source, outer: Source) -> bool:
    """Whether something runs in a statement, or in a call that it makes: `sigmoid(w @ x + b)`."""
    depth = len(outer.calls)
    place = inner.calls[depth] if len(inner.calls) > depth else inner.statement
    first, last = outer.statement.first_line, outer.statement.last_line
    return place.file == outer.statement.file and first <= place.first_line and place.last_line <= last


def _takes_of_call(outer: Source, inner: Source) -> bool:
    """Whether something runs in a statement with a call, and takes what is made in that: `error(y) * slope(z)`."""
    depth = len(outer.calls)
    called = len(inner.calls) > depth and inner.calls[:depth] == outer.calls
    return called and inner.calls[depth].lies_in(outer.statement)
