"""Calls of one function by code that is not watched, as by `reduce`, `map` or a solver: they are passes, too.

    told, ways, once = called_again(trace)

No loop of the author's stands around them, and each does the same again: the sources of `told` count them as
passes; `ways` lead to such calls, and `once` says of each operation in them whether a call makes it but once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import repeat

from mnistviz.story.counters import COMPARING
from mnistviz.story.structure import Ways
from mnistviz.story.tree import FUNCTIONS, tree_of
from mnistviz.trace.model import Operation, Span, Trace

Calls = tuple[Span, ...]  # the way to a call: those around it, and it itself


@dataclass
class _Called:
    """What was seen of the calls that one call makes."""

    count: int = 1
    seen: dict[object, Operation] = field(default_factory=dict)  # in the one that runs, by where it stands


def called_again(trace: Trace) -> tuple[Trace, frozenset[Calls], Mapping[int, bool]]:
    """The trace in which such calls are passes, the ways to them, and what a call makes but once."""
    hands_on = _handing_on(trace)
    outer = [hands_on(one.source.calls, one.source.expression) for one in trace]
    again = frozenset(way for way, count in zip(outer, _counted(trace, outer), strict=True) if count > 1)
    if not again:
        return trace, again, {}
    ways = Ways(trace)
    places = [ways.loops_before(one, len(way)) for one, way in zip(trace, outer, strict=True)]
    counts = _counted(trace, outer, places)
    told = [
        _with_pass(one, place, count) if way in again else one
        for one, way, place, count in zip(trace, outer, places, counts, strict=True)
    ]
    once = {
        one.number: len(one.source.passes) == place
        for one, way, place in zip(trace, outer, places, strict=True)
        if way in again
    }
    return replace(trace, operations=tuple(told)), again, once


def _handing_on(trace: Trace) -> Callable[[Calls, Span], Calls]:
    """What says the outermost call, on the way to an operation, of which another function is run than it names; or ()."""
    trees = {file.name: tree_of(file) for file in trace.sources}

    @cache
    def differs(call: Span, inside: Span) -> bool:
        if call.file not in trees or inside.file not in trees:
            return False
        calls = next(iter(trees[call.file].around(call)), None)
        calls = getattr(calls, "value", calls) if isinstance(calls, ast.stmt) else calls
        named = ast.unparse(calls.func).rpartition(".")[2] if isinstance(calls, ast.Call) else ""
        around = trees[inside.file].around(inside)
        function = next((one for one in around if isinstance(one, FUNCTIONS)), None)
        return function is not None and getattr(function, "name", "") != named

    @cache
    def outermost(calls: Calls, expression: Span) -> Calls:
        spans = (*calls, expression)
        found = (place for place in range(len(calls)) if differs(*spans[place : place + 2]))
        return calls[: next(found, -1) + 1]

    return outermost


def _counted(trace: Trace, outer: Sequence[Calls], places: Sequence[int] = ()) -> Iterator[int]:
    """Of each operation in which call it is: what has run there with the same passes begins a new one.

    `places` are how many loops are around the call: in each pass of these it is counted anew.
    """
    known: dict[object, _Called] = {}
    before: Operation | None = None
    for one, way, place in zip(trace, outer, places or repeat(0), strict=False):
        if not way:
            yield 0
            continue
        called = known.setdefault((way, one.source.passes[:place]), _Called())
        key = one.source.calls, one.source.expression, one.operation, one.source.passes
        if key in called.seen and not _goes_with(one, before, called.seen[key]):
            called.count, called.seen = called.count + 1, {}
        called.seen[key] = before = one
        yield called.count


def _goes_with(one: Operation, before: Operation | None, known: Operation) -> bool:
    """Whether it only takes the next part, `a, b = x`, or asks the next question, `0 < x < 1`, of one expression."""
    if one.operation == "getitem":
        return one.inputs[0].id == known.inputs[0].id
    return one.operation in COMPARING and before is known


def _with_pass(one: Operation, place: int, number: int) -> Operation:
    source = one.source
    passes = (*source.passes[:place], number, *source.passes[place:])
    variables = (*source.variables[:place], "", *source.variables[place:])
    return replace(one, source=replace(source, passes=passes, variables=variables))
