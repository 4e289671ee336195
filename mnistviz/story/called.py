"""Calls of one function by code that is not watched, as by `reduce`, `map` or a solver: they are passes, too.

    told, ways, once = called_again(trace)

No loop of the author's stands around them, and each does the same again: the sources of `told` count them as
passes, also where threads make them, as those of a pool do; `ways` lead to such calls, and `once` says of each
operation in them whether a call makes it but once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import repeat

from mnistviz.story.counters import COMPARING
from mnistviz.story.structure import Ways
from mnistviz.story.tree import FUNCTIONS, loops_around, tree_of
from mnistviz.trace.model import Operation, Source, Span, Trace

Calls = tuple[Span, ...]  # the way to a call: those around it, and it itself


@dataclass
class _Called:
    """What was seen of the calls that one call makes."""

    count: int = 0
    # For each thread which one runs in it, and what was seen in that, by where it stands.
    runs: dict[str, tuple[int, dict[object, Operation]]] = field(default_factory=dict)

    def begun(self, thread: str) -> tuple[int, dict[object, Operation]]:
        """The next call, in that thread."""
        self.count += 1
        self.runs[thread] = self.count, {}
        return self.runs[thread]


def called_again(trace: Trace) -> tuple[Trace, frozenset[Calls], Mapping[int, bool]]:
    """The trace in which such calls are passes, the ways to them, and what a call makes but once."""
    trace = _with_their_calls(trace)
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


def _with_their_calls(trace: Trace) -> Trace:
    """The trace in which what a thread does is called by what was given its function: `pool.map(work, parts)`."""
    if not any(one.source.thread for one in trace):
        return trace
    trees = {file.name: tree_of(file) for file in trace.sources}

    @cache
    def calls_of(inside: Span) -> list[tuple[Span, int]]:
        """What hands on the function around it, that in the recorded function first; and how many loops are around."""
        tree = trees.get(inside.file)
        function = next(filter(_is_function, tree.around(inside)), None) if tree is not None else None
        if tree is None or function is None:
            return []
        spans = [Span(inside.file, *tree.ends(one)) for one in tree.handing_on(function)]
        around = [(span, tree.around(span)) for span in spans]
        around.sort(key=lambda one: _name_around(one[1]) != trace.function.rpartition(".")[2])
        return [(span, loops_around(outer)) for span, outer in around]

    told: list[Operation] = []
    passes: tuple[int, ...] = ()  # of what runs in no thread, and takes what comes of it
    for one in reversed(trace.operations):
        source = one.source
        passes = passes if source.thread else source.passes
        calls = calls_of((*source.calls, source.expression)[0]) if source.thread else []
        fit = next((each for each in calls if not passes or each[1] <= len(passes)), None)
        told.append(one if fit is None else replace(one, source=_called_by(source, fit[0], passes[: fit[1]])))
    return replace(trace, operations=tuple(reversed(told)))


def _called_by(source: Source, call: Span, passes: tuple[int, ...]) -> Source:
    variables = (*repeat("", len(passes)), *source.variables)
    return replace(source, calls=(call, *source.calls), passes=(*passes, *source.passes), variables=variables)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, FUNCTIONS)


def _name_around(around: Sequence[ast.AST]) -> str:
    """The name of the innermost function around; `<module>` where there is none."""
    return next((getattr(one, "name", "") for one in around if _is_function(one)), "<module>")


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
        return _name_around(trees[inside.file].around(inside)) not in ("<module>", named)

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
        thread = one.source.thread
        number, seen = called.runs.get(thread) or called.begun(thread)
        if key in seen and not _goes_with(one, before, seen[key]):
            number, seen = called.begun(thread)
        seen[key] = before = one
        yield number


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
