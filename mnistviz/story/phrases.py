"""Captions made from operations: "Multiply w1 (32x64) by x (64x1)"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from mnistviz.operations import UNWRITTEN, definition
from mnistviz.story.along import along, between, in_a_list
from mnistviz.story.ideas import Idea
from mnistviz.story.referring import LONGEST_NAME, meant, named, noun, quoted, shape_of
from mnistviz.story.sentence import (
    Number,
    Part,
    Quantity,
    Sentence,
    Sign,
    line,
)
from mnistviz.story.wrapping import wraps
from mnistviz.story.written import operands, told_apart
from mnistviz.trace.model import Operation, Value

TOO_LONG = 160  # characters of a caption
LONGEST_RESULT = 60  # of what comes of it
MOST_NAMES = 3  # of what goes into operations
FEW_CELLS = 0.25  # of an array, of which it is said how many have changed
MOST_TOLD = 3  # numbers of an array that are told one by one
FEWEST_PASSES = 4  # of which is told how much the first and the last ones change
ONE_DRAWN = {
    "Draw numbers by chance": "Draw a number by chance", "Draw counts by chance": "Draw a count by chance",
    "Draw whole numbers by chance": "Draw a whole number by chance",
}  # fmt: skip
PLACE = re.compile(r"\{(\d)\}")


def caption_of(operation: Operation, made: Mapping[int, Operation]) -> Sentence:
    """One sentence about an operation, and what comes of it; `made` says which operation made a value."""
    names = _operands(operation, made)
    if operation.operation == "setitem":  # what stands in the index is no part of it
        names[1:] = names[-1:]
    phrase = phrase_of(operation)
    places = phrase.replace("{p}", "").count("{")
    if not phrase or places > len(names):
        does: tuple[Part | str, ...] = _computes(operation.operation)
        if names:
            does = (*does, " of ", *(part for name in between(names[:3], " and ") for part in name))
    else:
        parts = [*names[:MOST_NAMES], *[()] * (MOST_NAMES - len(names)), along(operation)]
        does = _filled_in(phrase.replace("{p}", f"{{{MOST_NAMES}}}"), parts)
    return line(*does, ". ", *outcome_of(operation, made), ".", wraps(operation), mono=False)


def _computes(name: str) -> tuple[Part | str, ...]:
    """`Compute scipy.special.expit`; of a library's own inside only whose it is, and the last name."""
    parts = name.split(".")
    inside = next((place for place, part in enumerate(parts) if part.startswith("_")), 0)
    if not inside:
        return ("Compute ", Sign(name, name))
    return (f"Let {'.'.join(parts[:inside])} compute ", Sign(parts[-1], name))


def _operands(operation: Operation, made: Mapping[int, Operation]) -> list[tuple[Part | str, ...]]:
    """What an operation takes; a list of arrays as one, and what is no array as it is written."""
    written = operands(operation, [text_for(value, made) for value in operation.inputs])
    if written and None not in written:
        return [one for one in written if one is not None]
    ends = (operation.inputs[0], operation.inputs[-1]) if written and operation.inputs else ()
    if ends:
        return [one or _named(end, operation, made) for one, end in zip(written, ends, strict=False)]
    apart = told_apart(operation, made)
    return [_named(value, operation, made, apart.get(value.id, "")) for value in operation.inputs]


def phrase_of(operation: Operation) -> str:
    """The operation's phrase; another, where it does something else with what it is given, or changes it in place."""
    known = definition(operation.operation)
    return known.updating if operation.in_place and known.updates else _phrase(operation, known.phrase)


def _phrase(operation: Operation, usual: str) -> str:
    if operation.operation == "getitem" and not operation.output.shape:
        return "Take one cell of {0}{p}"
    if operation.operation == "getitem" and _only_adds_axes(operation):
        return "Give {0} one more axis{p}"
    if operation.operation == "getitem" and _only_reverses(operation):
        return "Turn {0} round{p}"
    if operation.operation == "getitem" and _only_reorders(operation):
        return "Put {0} in another order{p}"
    if not operation.output.shape and not operation.more:
        usual = ONE_DRAWN.get(usual, usual)
    if not operation.output.shape:
        usual = usual.replace("Ask where", "Ask whether")
    numbers = [not one.shape for one in operation.inputs[:2]] or [not operation.output.shape]
    if any(numbers):  # there are no pairs of cells
        usual = usual.removesuffix(", cell by cell").replace("each cell of ", "")
    if operation.operation == "transpose" and len(operation.output.shape) > 2:
        return "Put the axes of {0} in another order"
    if operation.operation == "where" and len(operation.inputs) == 1:
        return "Find where {0} holds"
    if operation.operation == "where" and len(operation.inputs) == 3:
        return "Where {0} holds take {1}, elsewhere {2}"
    if meant(operation) != operation.operation:
        return definition(meant(operation)).phrase
    if operation.operation == "sum" and not operation.inputs:  # of what Python goes through
        return "Add up one after the other"
    if operation.operation == "absolute" and any(one.dtype.kind == "c" for one in operation.inputs):
        return "Take the size of each cell of {0}"
    return usual


def _only_adds_axes(operation: Operation) -> bool:
    index = dict(operation.parameters).get("index")
    parts = index if isinstance(index, tuple) else (index,)
    slices = all(one is None or one is Ellipsis or isinstance(one, slice) for one in parts)
    cells, given = operation.output.value.size, operation.inputs[0].value.size
    return slices and sum(one is None for one in parts) == 1 and cells == given


def _only_reorders(operation: Operation) -> bool:
    """Whether all of an array is taken, in the order that an array of places says: `x[np.argsort(y)]`."""
    whole, *indices = operation.inputs
    if len(indices) != 1 or whole.shape != operation.output.shape or indices[0].dtype.kind not in "iu":
        return False
    places = indices[0].value
    counted = np.arange(places.size)
    return places.ndim == 1 and bool((np.sort(places) == counted).all() and (places != counted).any())


def _only_reverses(operation: Operation) -> bool:
    """Whether all of an array is taken, an axis of it backwards: `x[::-1]`."""
    index = dict(operation.parameters).get("index")
    parts = index if isinstance(index, tuple) else (index,)
    slices = all(one is Ellipsis or isinstance(one, slice) for one in parts)
    return (
        slices
        and operation.output.shape == operation.inputs[0].shape
        and any(isinstance(one, slice) and (one.step or 1) < 0 for one in parts)
    )


def idea_caption(idea: Idea, made: Mapping[int, Operation]) -> Sentence:
    """One sentence about an idea, and what comes of it."""
    last = idea.operations[-1]
    names = [_named(value, idea.operations[0], made) for value in idea.given]
    said = _filled_in(idea.kind.words, names)
    return line(*said, "" if idea.kind.words.endswith("? ") else ". ", *result_of(last), ".", mono=False)


def unpacked_caption(run: Sequence[Operation], made: Mapping[int, Operation]) -> Sentence:
    """One sentence about an array that is taken apart, and the first of its parts."""
    parts = [one.output for one in run]
    left = Number(len(parts) - MOST_TOLD, Quantity("further results", (run[0].number,)), "index")
    more = (" and ", left, " more") if len(parts) > MOST_TOLD else ()
    whole = _named(run[0].inputs[0], run[0], made)
    return line("Take ", *whole, " apart. ", *_each_result(parts[:MOST_TOLD]), *more, ".", mono=False)


def is_gone_through(operation: Operation) -> bool:
    """Whether it takes what a pass of a loop is about: `for x in xs`."""
    return operation.operation == "getitem" and not operation.expression.endswith("]")


def last_result(operation: Operation) -> tuple[Part | str, ...]:
    """What comes of the last pass of a loop; () where there is nothing to be told but how much."""
    value = operation.output
    if is_gone_through(operation):
        return ()
    if not value.name or not (value.dtype.kind == "b" or _is_told_whole(value) or _are_alike(value)):
        return ()
    return ("At the end ", *result_of(operation), ".")


def settled(same: Sequence[Operation]) -> tuple[Part | str, ...]:
    """How much an array changes from its first pass to its second, and in the last; () where that tells nothing."""
    outputs = [
        one.output for one in same if not is_gone_through(one)
    ]  # another one each time, not a new state
    alike = len({(one.name, one.shape, one.dtype) for one in outputs}) == 1
    if len(outputs) < FEWEST_PASSES or not alike or not outputs[0].name or outputs[0].dtype.kind != "f":
        return ()
    moves = [_largest_difference(a, b) for a, b in (outputs[:2], outputs[-2:])]
    if not 0 < 2 * moves[1] < moves[0] < np.inf or any(one.before is not None for one in outputs):
        return ()
    first, last = (
        Number(move, Quantity("largest difference of", (a.id, b.id)), "short")
        for move, (a, b) in zip(moves, (outputs[:2], outputs[-2:]), strict=True)
    )
    name = named(outputs[-1], outputs[-1].name, LONGEST_RESULT)
    return ("At first ", name, " changes by up to ", first, ", in the last pass by up to ", last, ".")


def renewed(first_pass: Operation | None, last_pass: Operation) -> tuple[Part | str, ...]:
    """How many cells of an array that is written bit by bit are others than after the first pass; () where many are."""
    if first_pass is None:
        return ()
    first, last = first_pass.output, last_pass.output
    alike = first.name == last.name != "" and first.shape == last.shape and last.before is not None
    if not alike or not last.shape or first.id == last.id:
        return ()
    count, size = int(np.count_nonzero(first.value != last.value)), last.value.size
    if count > FEW_CELLS * size:
        return ()
    name = named(last, last.name, LONGEST_RESULT)
    if count == 0:
        return ("No cell of ", name, " has changed since the first pass.")
    cells = Number(count, Quantity("cells that differ", (first.id, last.id)), "count")
    of = (" of ", Number(size, Quantity("cells", (last.id,)), "count"), " cells of ", name)
    return (cells, *of, f" {'has' if count == 1 else 'have'} changed since the first pass.")


def _largest_difference(one: Value, other: Value) -> float:
    with np.errstate(all="ignore"):
        return float(np.abs(one.value - other.value).max()) if one.value.size else 0.0


def _filled_in(phrase: str, parts: Sequence[tuple[Part | str, ...]]) -> tuple[Part | str, ...]:
    """A phrase with the parts in its numbered places."""
    pieces = PLACE.split(phrase)  # words and numbers of places in turn
    said: list[Part | str] = []
    for at, piece in enumerate(pieces):
        said += parts[int(piece)] if at % 2 else (piece,)
    return tuple(part for part in said if part)


def _named(
    value: Value, operation: Operation, made: Mapping[int, Operation], called: str = ""
) -> tuple[Part | str, ...]:
    """The name; of a nested expression its text where that is short, else where it comes from."""
    asked = value.dtype.kind == "b" and value.id in made  # what was asked says more than what came of it
    if not value.shape and not value.name and not asked:
        return (quoted(value),) if value.dtype.kind in "fiub" else (f"a {noun(value)}",)
    maker, name = made.get(value.id), called or text_for(value, made)
    last = maker is not None and maker.number == operation.number - 1
    said: Part | str = named(value, name) if name else "the last result" if last else "an earlier result"
    if value.shape and not _is_one_number(value):
        return (said, " (", *shape_of(value), ")")
    return (
        (said, " (= ", quoted(value), ")") if value.dtype.kind in "fiub" and not _is_number(name) else (said,)
    )


def text_for(value: Value, made: Mapping[int, Operation]) -> str:
    """The name of an array, or the expression that made it; "" where that is long."""
    maker = made.get(value.id)
    if value.name or maker is None:
        return value.name
    text = " ".join(maker.expression.split())
    return text if len(text) <= LONGEST_NAME else ""


def _is_one_number(value: Value) -> bool:
    """Whether an array has a single number, which is told instead of its shape."""
    return value.value.size == 1 and value.dtype.kind in "fiub"


def _is_number(name: str) -> bool:
    """Whether a name is a number, or yes or no, that the source writes."""
    return name in ("True", "False") or name[:1].isdigit() or name[:1] in "-.("


def outcome_of(operation: Operation, made: Mapping[int, Operation]) -> tuple[Part | str, ...]:
    """What comes of an operation; no numbers of an array that began without any and may not have all of them yet."""
    output = operation.output
    if not _may_lack_numbers(operation, made) or holds_nowhere(operation):
        return outcome(operation)
    name: Part | str = named(output, output.name, LONGEST_RESULT) if output.name else "The result"
    return (
        name,
        " has room for ",
        *shape_of(output),
        f" {noun(output)}{'' if output.value.size == 1 else 's'}",
    )


def _may_lack_numbers(operation: Operation, made: Mapping[int, Operation]) -> bool:
    """Whether fewer numbers were written than an array of `np.empty` has room for."""
    count, writes = 0, operation
    while writes.operation == "setitem" and writes.inputs:
        count += writes.inputs[-1].value.size
        before = made.get(writes.inputs[0].id)
        if before is None or before.operation in UNWRITTEN:
            return before is not None and count < operation.output.value.size
        writes = before
    return False


def outcome(operation: Operation) -> tuple[Part | str, ...]:
    """What comes of an operation: of an update, how large it is."""
    output, before = operation.output, operation.output.before
    if holds_nowhere(operation):
        return ("That holds nowhere: nothing is written",)
    if operation.operation in UNWRITTEN:
        name: Part | str = named(output, output.name, LONGEST_RESULT) if output.name else "The result"
        return (name, " has no numbers of its own yet")
    if not (operation.in_place and definition(operation.operation).updates and _has_moved(output)):
        return result_of(operation)
    most = float(np.abs(output.value - before).max())
    said = Number(most, Quantity("largest change of", (output.id,)), "short")
    return ("No number changes by more than ", said)


def result_of(operation: Operation) -> tuple[Part | str, ...]:
    """What comes of an operation: its numbers, or how many they are."""
    output, count = operation.output, len(operation.more)
    every = (output, *operation.more)
    if 0 < count < MOST_TOLD and all(value.name for value in every):
        return _each_result(every)
    if 0 < count < MOST_TOLD and all(map(_is_one_told, every)):
        return ("The result is ", *in_a_list([(quoted(one),) for one in every]))
    first = "The first result" if count else "The result"
    name: Part | str = named(output, output.name, LONGEST_RESULT) if output.name else first
    more = Number(count, Quantity("further results", (operation.number,)), "index")
    there = f", and there {'is' if count == 1 else 'are'} "
    return (name, *_what_it_is(output, not count), *((there, more, " more") if count else ()))


def _is_one_told(value: Value) -> bool:
    return not value.shape and value.dtype.kind in "fiu"


def _each_result(values: Sequence[Value]) -> tuple[Part | str, ...]:
    """`i is 8 and j is 2`."""
    return in_a_list([(named(one, one.name, LONGEST_RESULT), *_what_it_is(one, True)) for one in values])


def _what_it_is(value: Value, alone: bool) -> tuple[Part | str, ...]:
    """The numbers where they are few, where it holds of yes and no, else how many they are."""
    if value.dtype.kind == "b" and value.value.size > 1:
        holds = Number(
            int(np.count_nonzero(value.value)), Quantity("cells that are not 0", (value.id,)), "count"
        )
        return (
            " is true in ",
            holds,
            " of ",
            Number(value.value.size, Quantity("cells", (value.id,)), "count"),
            " cells",
        )
    if _is_told_whole(value) and (alone or value.value.size == 1):
        return (" is ", *_numbers(value))
    if not value.shape:
        return (" is ", *shape_of(value))
    cells = f" {noun(value)}{'' if value.value.size == 1 else 's'}"
    alike = (", all ", quoted(value)) if _are_alike(value) else ()
    return (" has ", *shape_of(value), cells, *alike)


def _is_told_whole(value: Value) -> bool:
    """Whether one number, or a few in a line that are not all the same, are told one by one."""
    count = value.value.size
    if value.dtype.kind not in "fiub" or not 1 <= count <= MOST_TOLD:
        return False
    return count == 1 or (count == max(value.shape) and not _are_alike(value))


def _numbers(value: Value) -> tuple[Part | str, ...]:
    """`1, 2 and 3`, or whether it holds: `true`."""
    return in_a_list([(quoted(value, place),) for place in range(value.value.size)])


def holds_nowhere(operation: Operation) -> bool:
    """Whether a mask says where to write, and holds for no cell."""
    masks = [one for one in operation.inputs[1:-1] if one.dtype.kind == "b" and one.shape]
    return operation.operation == "setitem" and len(masks) == 1 and not masks[0].value.any()


def _has_moved(output: Value) -> bool:
    """Whether several numbers are others than before, by amounts that can be told."""
    if output.before is None or _are_alike(output) or output.dtype.kind != "f":
        return False
    return bool(np.isfinite(output.value - output.before).all() and (output.value != output.before).any())


def _are_alike(value: Value) -> bool:
    """Whether all numbers are the same."""
    if value.dtype.kind not in "fiub" or not value.value.size:
        return False
    return bool((value.value == value.value.flat[0]).all())
