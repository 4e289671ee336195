"""Several operations told as one: what they make, of what, in how many steps, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mnistviz.story.along import between, in_a_list, index_written
from mnistviz.story.counters import COMPARING
from mnistviz.story.phrases import LONGEST_RESULT, MOST_NAMES, holds_nowhere, outcome_of, result_of, text_for
from mnistviz.story.referring import completed, named, quoted
from mnistviz.story.sentence import Code, Part, Sentence, Sign, line
from mnistviz.trace.model import Operation, Value

MOST_STEPS, LONGEST_STEPS = 4, 36  # operations that are named one by one, and characters of their names


def whole_caption(operations: Sequence[Operation], maker_of: Mapping[int, Operation]) -> Sentence:
    """One sentence about several operations told as one: what they make, of what, and what comes of it."""
    last = operations[-1]
    results = _results(operations)
    text = " ".join(last.expression.split())
    taken = taken_from_before(operations, results)
    name, names = _listing(results, text), _given(taken, results, maker_of)
    of = (" with " if any(one.in_place for one in results) else " from ", *in_a_list(names)) if names else ()
    place = _place(last) if len(results) == 1 else ()
    unnamed = len(results) == 1 and not (last.output.shape or last.output.name)
    asks = unnamed and last.operation in COMPARING and len(text) <= LONGEST_RESULT
    head = ("Ask whether ", *name) if asks else (*name, _done_to(results, taken), *place, *of)
    count = (
        ", in " if of or asks else " in ",
        completed(len(operations)),
        " operations",
        *_steps(operations),
        ". ",
    )
    comes = _written(last, maker_of) if len(results) == 1 else result_of(last)
    return line(*head, *count, *comes, ".", mono=False)


def taken_from_before(operations: Sequence[Operation], results: Sequence[Operation]) -> list[Value]:
    """What goes into the results from before the operations; not what `X.T` takes that is for a later one."""
    made = {value.id for one in operations for value in (one.output, *one.more)}
    needed = {value.id for one in results for value in (one.output, *one.more)}
    leading: list[Operation] = []
    for one in reversed(operations):
        if one.in_place or not needed.isdisjoint(value.id for value in (one.output, *one.more)):
            leading.append(one)
            needed.update(value.id for value in one.inputs)
    return [value for one in reversed(leading) for value in one.inputs if value.id not in made]


def _given(
    taken: Sequence[Value], results: Sequence[Operation], maker_of: Mapping[int, Operation]
) -> list[tuple[Part | str, ...]]:
    """What goes into operations by name, not what they make anew, as far as there is room."""
    own = {one.output.name for one in results} - {""}
    given = {
        text: value
        for value in taken
        if value.shape and value.name not in own and (text := text_for(value, maker_of))
    }
    names: list[tuple[Part | str, ...]] = [
        (named(value, text),) for text, value in list(given.items())[:MOST_NAMES]
    ]
    return [*names, ("others",)] if len(given) > len(names) else names


def _done_to(results: Sequence[Operation], taken: Sequence[Value]) -> str:
    """` is made`, ` are changed`: what is done to the results of operations that take these."""
    verb = " is " if len(results) == 1 else " are "
    changed = [one.in_place for one in results]
    if any(changed) and not all(changed):
        return f"{verb}computed"
    if all(changed):
        return f"{verb}{'written' if all(one.operation == 'setitem' for one in results) else 'changed'}"
    before = {value.name for value in taken} - {""}
    return f"{verb}made{' anew' if all(one.output.name in before for one in results) else ''}"


def _results(operations: Sequence[Operation]) -> list[Operation]:
    """What of several operations stays: what has a name and goes into none of the later ones, and the last one."""
    last = operations[-1]
    used = {value.id for one in operations for value in one.inputs}
    stay = [one for one in operations[:-1] if one.output.name and one.output.id not in used]
    return list({one.output.name: one for one in (*stay, last)}.values())


def _listing(results: Sequence[Operation], text: str) -> tuple[Part | str, ...]:
    """`x, y and z` of what is made together; of one without a name the expression, where that is short."""
    names: list[tuple[Part | str, ...]] = [
        (named(one.output, one.output.name, LONGEST_RESULT),) for one in results if one.output.name
    ]
    if len(names) > MOST_NAMES + 1:
        names = [*names[:MOST_NAMES], ("others",)]
    elif not results[-1].output.name and len(text) <= LONGEST_RESULT:
        names.append((named(results[-1].output, text, LONGEST_RESULT),))
    elif not results[-1].output.name:
        names.append(("a result" if names else "The result",))
    return in_a_list(names)


def _steps(operations: Sequence[Operation]) -> tuple[Part | str, ...]:
    """`: transpose, matmul, sqrt, divide`: what is done, where that is short."""
    names = [one.operation for one in operations]
    if len(names) > MOST_STEPS or sum(map(len, names)) > LONGEST_STEPS:
        return ()
    signs = [(Sign(name, name),) for name in names]
    return (": ", *(part for each in between(signs, ", ") for part in each))


def _place(operation: Operation) -> tuple[Part | str, ...]:
    """` at [i, j]` where a number is written to a place of an array."""
    written = index_written(operation.expression) if operation.operation == "setitem" else ""
    return (" at ", Code(written)) if written else ()


def _written(operation: Operation, made: Mapping[int, Operation]) -> tuple[Part | str, ...]:
    """What comes of it: of one number that is written to its place, the number."""
    if operation.operation != "setitem" or not operation.inputs or holds_nowhere(operation):
        return outcome_of(operation, made)
    value = operation.inputs[-1]
    return (
        ("It is now ", quoted(value))
        if not value.shape and value.dtype.kind in "fiub" and _writes_a_cell(operation)
        else outcome_of(operation, made)
    )


def _writes_a_cell(operation: Operation) -> bool:
    """Whether one cell is written to, not all of a row or where a mask holds."""
    index = dict(operation.parameters).get("index")
    places = index if isinstance(index, tuple) else (index,)
    one_each = all(isinstance(one, int | str) and not isinstance(one, bool) for one in places)
    numbers = all(not value.shape and value.dtype.kind in "iu" for value in operation.inputs[1:-1])
    return one_each and numbers and len(places) == len(operation.output.shape)
