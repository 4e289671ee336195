"""Calls of a function by itself, which are passes of it: each does the same again, one level deeper.

    told, levels = unrolled(trace)

The sources of `told` are without these calls; `levels` says how many there were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from mnistviz.story.structure import Level
from mnistviz.story.tree import FUNCTIONS, loops_around, tree_of
from mnistviz.trace.model import Operation, Span, Trace


@dataclass(frozen=True)
class _Call:
    """What is known of where a call, or an operation, stands."""

    function: tuple[str, int]  # the file, and the line at which the function begins; 0: none
    loops: int  # around it in the function


def unrolled(trace: Trace) -> tuple[Trace, Mapping[int, Level]]:
    """The trace without calls of functions by themselves, and where these were, by the operation's number."""
    trees = {file.name: tree_of(file) for file in trace.sources}

    @cache
    def standing(span: Span) -> _Call:
        tree = trees.get(span.file)
        around = tree.around(span) if tree is not None else []
        line = next((one.lineno for one in around if isinstance(one, FUNCTIONS)), 0)
        return _Call((span.file, line), loops_around(around) if around else 0)

    found = [_unrolled(one, standing) for one in trace]
    levels = {one.number: level for one, level in found if level is not None}
    return (replace(trace, operations=tuple(one for one, _ in found)), levels) if levels else (trace, levels)


def _unrolled(one: Operation, standing: Callable[[Span], _Call]) -> tuple[Operation, Level | None]:
    source = one.source
    if not source.calls:
        return one, None
    spans = (*source.calls, source.expression)
    way = [standing(span) for span in spans]
    own = [call.function == inner.function and call.function[1] > 0 for call, inner in pairwise(way)]
    elements = [  # `sum(f(x) for x in xs)` calls what makes its elements, which is in the same function
        inner.loops > call.loops and within.lies_in(around)
        for (call, inner), (around, within) in zip(pairwise(way), pairwise(spans), strict=True)
    ]
    count = sum(its_own and not element for its_own, element in zip(own, elements, strict=True))
    if not count:
        return one, None
    cut = sum(call.loops for call in way) - len(source.passes)  # loops around what was recorded
    passes: list[int] = []
    variables: list[str] = []
    before = -cut
    for call, left_out in zip(way, (*own, False), strict=True):
        within = slice(max(0, before), max(0, before + call.loops))
        before += call.loops
        if not left_out:
            passes += source.passes[within]
            variables += source.variables[within]
    calls = tuple(span for span, left_out in zip(source.calls, own, strict=True) if not left_out)
    told = replace(source, calls=calls, passes=tuple(passes), variables=tuple(variables))
    return replace(one, source=told), Level(own.index(True), count)
