"""The numbers that the captions quote, each with the cell or the rule of the trace that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from mnistviz.data.builtin import COUNTS
from mnistviz.picture.drawings.outer import gain_of
from mnistviz.story.sentence import Cell, Number, Quantity, Said, Sentence, Trend, say
from mnistviz.story.statements import Statements
from mnistviz.trace.model import Trace, Value

from .stride import stride_of

# Ids of the values beside the trace's own: what the last chapter compares and repeats.
BEFORE, AFTER, CHANGE, ERRORS, HISTORY, RIGHT_DIGIT = -101, -102, -103, -106, -104, -105
RATES, LOSSES, SHARES, RATE, SEEN, RIGHT = -107, -108, -109, -110, -111, -112
SAYS, BLAMES, CAST = -113, -114, -115
ROW_LOSSES, LOSS, SLOPE = -116, -117, -118
PHOTO, BOX, INK, FOUND = -119, -120, -121, -122
UNTRAINED, TRAINED = -123, -124
NEURONS_BEFORE, NEURONS_AFTER, NEURONS_CHANGE = -125, -126, -127
SURE: Final = 0.9  # an output that is at least that is sure
EPOCH: Final = Number(COUNTS["train"], Quantity("pictures of an epoch"), "count")


def length(value: Value, axis: int = 0) -> Number:
    """How long an axis of an array is."""
    return Number(value.shape[axis], Quantity("length of axis", (value.id, axis)), "index")


def cells(value: Value) -> Number:
    """How many numbers an array holds."""
    return Number(value.value.size, Quantity("cells", (value.id,)), "count")


def bounds(value: Value) -> tuple[Number, Number]:
    """The least and the greatest number that an array of whole numbers can hold."""
    limits = np.iinfo(value.dtype)
    return (
        Number(int(limits.min), Quantity("least of its type", (value.id,)), "index"),
        Number(int(limits.max), Quantity("greatest of its type", (value.id,)), "index"),
    )


def limits(curve: tuple[int, ...]) -> tuple[Number, Number]:
    """Where a curve that rises begins and ends; `curve`: the numbers of its operations."""
    return (
        Number(0, Quantity("at minus infinity", curve), "index"),
        Number(1, Quantity("at infinity", curve), "index"),
    )


def one_hot(trace: Trace) -> tuple[Number, Number, Number]:
    """Of the expected output: its hot row, what stands there, and what stands in all others."""
    made = next(
        o.output for o in trace if o.operation == "setitem" and o.output.name == "expected_output_10x1"
    )
    row = int(made.value.argmax())
    return (
        Number(row, Quantity("place of the largest", (made.id,)), "index"),
        Number(float(made.value[row, 0]), Cell(made.id, row), "short"),
        Number(0, Quantity("all but the largest", (made.id,)), "index"),
    )


def detected(trace: Trace) -> Number:
    """The row that the network chose."""
    value = trace.making("detected").output
    return Number(int(value.value), Cell(value.id), "index")


def share(value: Value, row: int) -> Number:
    """An output, as a share of 1."""
    return Number(float(value.value.ravel()[row]), Cell(value.id, row), "share")


def changed(before: Value, after: Value, trace: Trace) -> Sentence:
    """What one step has changed for the right digit."""
    digit, _, _ = one_hot(trace)
    row = int(digit.value)
    old, new = share(before, row), share(after, row)
    if f"{old.value:.3f}" == f"{new.value:.3f}":
        words = "there was little to mend" if new.value >= SURE else "it hardly moves"
        words = words if old.value != new.value else "it has not moved"
        return say(f"The {{}} stays at {{}}: {words}.", digit, new)
    way = Trend(new.value > old.value, (Cell(before.id, row), Cell(after.id, row)), ("up", "down"))
    return say("The {} went {} from {} to {}.", digit, way, old, new)


def most_changed(before: Value, after: Value) -> Said:
    """The cell of a column that has changed most, and how."""
    sizes = np.abs(after.value - before.value)
    if not sizes.any():
        return "None of them has changed."
    row = int(sizes.argmax())
    name = Number(row, Quantity("row of the largest change", (before.id, after.id)), "index")
    old, new = share(before, row), share(after, row)
    if f"{old.value:.3f}" == f"{new.value:.3f}":
        return say("Even neuron {} stays at {}: hardly a change.", name, new)
    way = Trend(new.value > old.value, (Cell(before.id, row), Cell(after.id, row)), ("up", "down"))
    alone = np.count_nonzero(np.isclose(sizes, sizes.max(), rtol=1e-9, atol=0.0)) == 1
    words = (
        "Neuron {} went {} most, from {} to {}." if alone else "Neuron {} and others went {}, from {} to {}."
    )
    return say(words, name, way, old, new)


def moved(statements: Statements, number: int) -> Sentence:
    """How many cells an operation in place has changed."""
    output = statements.trace.operations[number].output
    count, step = int((output.value != output.before).sum()), stride_of(statements).step
    verb = "has" if count == 1 else "have"
    if count == output.value.size:
        return say(f"All {{}} weights have taken {step}.", cells(output))
    if not count:
        return say("None of {} weights has moved.", cells(output))
    one = Number(count, Quantity("cells that changed", (output.id,)), "count")
    return say(f"{{}} of {{}} weights {verb} taken {step}.", one, cells(output))


def faint(stamps: Value) -> Sentence | str:
    """How many layers are enlarged to be seen beside the strongest."""
    sizes = np.abs(stamps.value).max(axis=1)
    count = sum(gain_of(float(size), float(sizes.max())) > 1 for size in sizes)
    if not sizes.any():
        return "All of them are empty: nothing will change."
    if not count:
        return "Where there is no ink, nothing changes."
    few = Number(count, Quantity("layers enlarged", (stamps.id,)), "index")
    return say(
        f"{{}} of {{}} {'is' if count == 1 else 'are'} weak: enlarged to be seen.", few, length(stamps)
    )


def largest_change(changed: Sequence[Value]) -> Number:
    """The largest change by size among arrays that were changed in place."""
    sizes = [float(np.abs(value.value - value.before).max()) for value in changed if value.before is not None]
    return Number(max(sizes), Quantity("largest change of", tuple(value.id for value in changed)), "bare")


def fallen(losses: Value) -> Sentence:
    """What has become of the loss; `losses` holds that before and that after."""
    old, new = (Number(float(one), Cell(losses.id, place), "share") for place, one in enumerate(losses.value))
    if f"{old.value:.3f}" == f"{new.value:.3f}":
        return say("And the loss stays at {}.", new)
    way = Trend(new.value > old.value, (Cell(losses.id, 0), Cell(losses.id, 1)), ("up", "down"))
    return say("And the loss went {} from {} to {}.", way, old, new)


def learn_rate(statements: Statements, nth: int = 0) -> Number:
    """The learn rate, as the update of the output weights (0) or of the hidden weights (1) takes it."""
    name = ("hidden_to_output_weights_10x20", "input_to_hidden_weights_20x784")[nth]
    numbers = [statements.trace.operations[number] for number in statements.changing(name)]
    value = next(one.inputs[0] for one in numbers if one.operation == "multiply")
    return Number(abs(float(value.value)), Quantity("size of", (Cell(value.id),)), "short")


def largest_by_size(value: Value) -> Number:
    """The row of a column that holds its largest number by size."""
    row = int(np.abs(value.value).argmax())
    return Number(row, Quantity("place of the largest by size", (value.id,)), "index")


def steps(history: Value) -> Number:
    """How many steps a history of outputs holds; it starts before the first."""
    return Number(len(history.value) - 1, Quantity("steps", (history.id,)), "count")


def repeated(history: Value, trace: Trace) -> Sentence:
    """What many such steps do to an answer that was not right and sure before; the last row is sure, or never was."""
    digit, _, _ = one_hot(trace)
    right = history.value.argmax(axis=1) == int(digit.value)
    if not right.any():
        return say("{} steps do not make the {} win: some are hard.", steps(history), digit)
    if not (right[-1] and history.value[-1, int(digit.value)] >= SURE):
        return say("{} steps do not make it sure: some are hard.", steps(history))
    first = int(np.flatnonzero(right)[0])
    if first == 0:
        return say(f"The {{}} was ahead. {{}} {_steps_make(len(right) - 1)} it sure.", digit, steps(history))
    if first == len(right) - 1:
        return say(f"After {{}} {_steps(first)} the {{}} is ahead, and sure.", steps(history), digit)
    won = Number(first, Quantity("first row won by", (history.id, int(digit.value))), "count")
    return say(
        f"The {{}} is ahead after {{}} {_steps(first)}, and sure after {{}}.", digit, won, steps(history)
    )


def _steps(count: int) -> str:
    return "step" if count == 1 else "steps"


def _steps_make(count: int) -> str:
    return "step makes" if count == 1 else "steps make"


def chapter(number: int, operation: int) -> Number:
    """The chapter that completes an operation."""
    return Number(number, Quantity("chapter of operation", (operation,)), "index")
