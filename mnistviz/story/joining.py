"""Parts that are told together, for one of them alone would tell nothing: what prepares, and what an idea runs over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnistviz.operations import CREATIONS, UNWRITTEN
from mnistviz.story.counters import SIZES
from mnistviz.story.ideas import CARRYING, EMPTY, Idea
from mnistviz.story.phases import Learning
from mnistviz.story.structure import Part, join_parts
from mnistviz.story.unpacking import takes_apart
from mnistviz.trace.model import Value

FROM_NOTHING = frozenset(
    {*CREATIONS, "array", "asarray", "astype", "reshape", "linspace", "arange", "eye", "identity"}
)
RANDOM = "random."
FEW = 2  # operations of a part that is told with others that make as little
MOST_JOINED = 6  # such parts, and operations of them


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


def join_prepared(found: Sequence[Part], learned: Learning | None = None) -> list[Part]:
    """Empty arrays with what fills them or with one another, arguments with their call, a call that only keeps.

    What only takes an array apart goes with what is done with its parts.
    """
    whole: list[Part] = []
    for part in found:
        last = whole[-1] if whole else None
        if last is None or last.again:
            whole.append(part)
        elif _is_filled(last, part) or _is_argument(last, part) or _is_apart_for(last, part):
            whole[-1] = replace(part, operations=(*last.operations, *part.operations))
        elif not part.again and _only_keeps(part, last):
            whole[-1] = replace(last, operations=(*last.operations, *part.operations))
        elif not part.again and _are_empty(last, part):
            whole[-1] = replace(join_parts([last, part]), shared=last.shared + part.shared)
        else:
            whole.append(part)
    return _small_joined(whole, learned)


def _small_joined(found: Sequence[Part], learned: Learning | None) -> list[Part]:
    """Neighbours that make arrays of nothing are one part, as are those that make a number or two."""
    whole: list[Part] = []
    for part in found:
        last = whole[-1] if whole else None
        if last is None or not _go_together(last, part, learned):
            whole.append(part)
        elif _prepares(last) and (part.again or not _prepares(part)):
            whole[-1] = replace(part, operations=(*last.operations, *part.operations))
        else:
            whole[-1] = replace(join_parts([last, part]), shared=last.shared + part.shared)
    return whole


def _go_together(last: Part, part: Part, learned: Learning | None) -> bool:
    """Whether neither of two parts, in one function and in one phase, would tell anything alone."""
    if last.again or last.shows or part.shows or last.shared >= MOST_JOINED:
        return False
    first, second = (one.operations[0].source for one in (last, part))
    if last.depth != part.depth:
        return _is_room(last) and second.calls[: len(first.calls)] == first.calls
    if (first.calls[: part.depth], first.statement.file) != (
        second.calls[: part.depth],
        second.statement.file,
    ):
        return False
    if {one.operation for one in last.operations} <= UNWRITTEN:
        return True
    if first.passes != second.passes:
        return False
    if _makes_of_nothing(last):
        return _makes_of_nothing(part) or (last.shared == 1 and _takes(part, last))
    return _is_small(last) and _is_small(part) and not part.again and _in_one_phase(last, part, learned)


def _is_room(part: Part) -> bool:
    """Whether a part only makes an empty array, for what is called next."""
    return all(one.operation in EMPTY or one.operation in SIZES for one in part.operations)


def _prepares(part: Part) -> bool:
    return _makes_of_nothing(part) or _is_room(part)


def _in_one_phase(last: Part, part: Part, learned: Learning | None) -> bool:
    numbers = [[one.number for one in each.operations] for each in (last, part)]
    return learned is None or learned.phase_of(numbers[0]) == learned.phase_of(numbers[1])


def _makes_of_nothing(part: Part) -> bool:
    """Whether a part only makes arrays, of nothing that was there before but a shape."""
    made = {one.output.id for one in part.operations}
    return all(
        (one.operation in FROM_NOTHING or one.operation.startswith(RANDOM))
        and not one.in_place
        and (one.operation.endswith("_like") or all(v.id in made or _is_written(v) for v in one.inputs))
        for one in part.operations
    )


def _is_written(value: Value) -> bool:
    """Whether a value is a number, or a list that stands in the source."""
    return not value.shape or value.name[:1] in ("[", "(")


def _takes(part: Part, last: Part) -> bool:
    """Whether a part takes what a single operation before it makes; what is drawn by chance, as places."""
    one = last.operations[-1]
    needed = any(value.id == one.output.id for each in part.operations for value in each.inputs)
    drawn = one.operation.startswith(RANDOM) and one.output.dtype.kind not in "iu"
    return len(last.operations) == 1 and needed and not drawn


def _is_small(part: Part) -> bool:
    """Whether a part makes nothing but a number, in an operation or two for each."""
    alone = all(not one.output.shape and not one.in_place for one in part.operations)
    own = all(len(one.source.calls) <= part.depth for one in part.operations)
    return alone and own and len(part.operations) <= FEW * part.shared


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


def _is_apart_for(apart: Part, part: Part) -> bool:
    """Whether a part only takes an array apart, `x, y = point`, and the next one is of the same call."""
    first, second = apart.operations[0].source, part.operations[0].source
    same = first.calls[: part.depth] == second.calls[: part.depth] and first.passes == second.passes
    return takes_apart(apart.operations) and apart.depth == part.depth > 0 and same and not part.shows


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
