"""What a part of a story makes, takes and leaves behind, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from mnistviz.story.ideas import CARRYING, EMPTY
from mnistviz.story.structure import Part
from mnistviz.story.unpacking import goes_on
from mnistviz.trace.model import Operation, Span

UNNAMED = ("", "_")
KEEPING = frozenset({*EMPTY, *CARRYING})  # what a constructor does with what it is given


def telling(part: Part) -> Part:
    """The part without calls that only keep what they are given, empty arrays and `x, y = point`, if more is told."""
    inside: dict[Span | None, set[str]] = {}
    for one in part.operations:
        call = one.source.calls[part.depth] if part.depth < len(one.source.calls) else None
        inside.setdefault(call, set()).add(one.operation)
    keeping = {call for call, names in inside.items() if call is not None and names <= KEEPING}
    last = len(list(takewhile(lambda pair: goes_on(*pair), pairwise(part.operations))))
    apart = part.operations[: last + 1] if last else ()
    told = tuple(
        one
        for one in part.operations[len(apart) :]
        if one.operation not in EMPTY and keeping.isdisjoint(one.source.calls[part.depth : part.depth + 1])
    )
    return replace(part, operations=told) if told else part


def ending(part: Part) -> Operation:
    """An operation of the statement that a part ends with: of `p = sigmoid(x + b)`, not of what the function does."""
    last = part.operations[-1]
    called = last.source.calls[part.depth : part.depth + 1]
    own = [one for one in part.operations if len(one.source.calls) == part.depth][-1:]
    return own[0] if called and own and called[0].lies_in(own[0].source.statement) else last


def named_where_it_stands(part: Part) -> list[Operation]:
    """The operations whose results are named where the part stands; else all."""
    last = part.operations[-1:] if ending(part) is not part.operations[-1] else ()  # `p = sigmoid(x + b)`
    direct = [one for one in part.operations if len(one.source.calls) <= part.depth]
    own = [one for one in (*direct, *last) if one.output.name]
    return own or [one for one in part.operations if one.output.name] or list(part.operations)


def made_by(part: Part) -> list[str]:
    """Names of what a part makes."""
    named = [one for one in named_where_it_stands(part) if one.output.name]
    arrays = [one for one in named if one.output.shape or one.operation != "getitem" or part.shared > 1]
    found = [one.output.name for one in arrays or named]
    whole = set(found)
    found = [name for name in found if whole.isdisjoint(_wholes(name))]
    if not found:
        return []
    return list(dict.fromkeys(found if part.shared > 1 else found[-4:]))


def _wholes(name: str) -> list[str]:
    """What a name is a part of: `x` and `x[0]` of `x[0][1]`."""
    return [name[:place] for place, letter in enumerate(name) if letter == "["]


def taken_by(part: Part) -> list[str]:
    """Names of the arrays that a part takes from before it."""
    made = {value.id for one in part.operations for value in (one.output, *one.more)}
    values = (value for one in part.operations for value in one.inputs if value.shape)
    return list(dict.fromkeys(value.name for value in values if value.id not in made and value.name))


def outliving(names: Sequence[str]) -> list[str]:
    """Those of what objects and containers keep, `self.output` and `params["w"]`: a call's own names end with it."""
    return [name for name in names if "[" in name or "." in name]


def given_back(part: Part) -> list[str]:
    """Names that a call leaves behind: what is made of it where it was called, else what objects keep."""
    own = [one.output.name for one in part.operations if len(one.source.calls) <= part.depth]
    kept = [one.output.name for one in part.operations if "." in one.output.name.partition("[")[0]]
    last = [one.output.name for one in part.operations[-1:] if one.output.name not in UNNAMED]
    return list(dict.fromkeys([name for name in own if name not in UNNAMED] or kept[-3:] or last))
