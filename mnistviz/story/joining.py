"""Parts that are told together, for one of them alone would tell nothing: what prepares, and what an idea runs over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnistviz.story.ideas import CARRYING, EMPTY, Idea
from mnistviz.story.structure import Part, join_parts


def join_ideas(found: list[Part], ideas: Sequence[Idea]) -> list[Part]:
    """Parts that one idea runs over are one part."""
    spans = [(one.operations[0].number, one.operations[-1].number) for one in ideas]
    whole: list[Part] = []
    for part in found:
        number = part.operations[0].number
        over = any(first < number <= last for first, last in spans)
        if over and whole and not whole[-1].again:
            last = whole[-1]
            joined_operations = (*last.operations, *part.operations)
            whole[-1] = replace(part, operations=joined_operations, depth=min(last.depth, part.depth))
        else:
            whole.append(part)
    return whole


def join_prepared(found: Sequence[Part]) -> list[Part]:
    """Empty arrays with what fills them or with one another, arguments with their call, a call that only keeps."""
    whole: list[Part] = []
    for part in found:
        last = whole[-1] if whole else None
        if last is None or last.again:
            whole.append(part)
        elif _is_filled(last, part) or _is_argument(last, part):
            whole[-1] = replace(part, operations=(*last.operations, *part.operations))
        elif not part.again and _only_keeps(part, last):
            whole[-1] = replace(last, operations=(*last.operations, *part.operations))
        elif not part.again and _are_empty(last, part):
            whole[-1] = replace(join_parts([last, part]), shared=last.shared + part.shared)
        else:
            whole.append(part)
    return whole


def _is_filled(empty: Part, part: Part) -> bool:
    """Whether a part makes an empty array in the end, which the next one writes into."""
    *others, last = empty.operations
    writes = {one.inputs[0].id for one in part.operations if one.in_place and one.inputs}
    return (
        last.operation in EMPTY
        and last.output.id in writes
        and all(one.operation == "getitem" for one in others)
    )


def _are_empty(last: Part, part: Part) -> bool:
    """Whether two parts of one function only make empty arrays."""
    sources = [one.source for one in (*last.operations, *part.operations)]
    names = {one.operation for one in (*last.operations, *part.operations)}
    return names <= {*EMPTY} and len({(source.calls, source.passes) for source in sources}) == 1


def _is_argument(looked: Part, part: Part) -> bool:
    """Whether a part only takes a piece of an array, which it gives to the function that the next one is of."""
    one, following = looked.operations[-1], part.operations[0]
    deeper = following.source.calls[looked.depth : looked.depth + 1] if part.depth > looked.depth else ()
    lines = range(one.source.statement.first_line, one.source.statement.last_line + 1)
    inside = any(call.file == one.source.statement.file and call.first_line in lines for call in deeper)
    return inside and len(looked.operations) == 1 and one.operation == "getitem"


def _only_keeps(part: Part, last: Part) -> bool:
    """Whether a part is a call that keeps what its caller has just made, beside an empty array."""
    calls = part.operations[0].source.calls
    same = last.operations[-1].source.calls[: part.depth] == calls[: part.depth] and last.depth == part.depth
    names = {one.operation for one in part.operations}
    return same and len(calls) > part.depth > 0 and names <= {*EMPTY, *CARRYING}
