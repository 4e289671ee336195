"""Where we are: the shots that show the whole map, at the opening, where the phase changes, and at the end."""

from __future__ import annotations

from typing import Final

import numpy as np

from mnistviz.story.sentence import Number, Quantity, Said, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Shot

from . import quotes
from .inputs import Inputs
from .reading import ANSWERS, BLAME, PAST_ANSWERS, QUESTIONS, reading_of, said_of
from .stride import PARAMETERS, has_moved, kind_of
from .telling import Also, Lasts, shot

TITLE: Final = "Where we are"


def question(statements: Statements, inputs: Inputs) -> Shot:
    """The opening: the way lights up to the ten outputs; then it is asked what should change."""
    forth = range(statements.making("output_neurons_10x1")[-1] + 1)
    return shot(
        "The whole network", "map-early", tuple(forth), Lasts(8.5, 4.0),
        (0.0, "A picture goes in, and ten answers come out."),
        (0.5, said_of(ANSWERS, statements, inputs)),
        (1.0, asked(statements, inputs)),
        also=Also(completes=(), unit="array"),
    )  # fmt: skip


def asked(statements: Statements, inputs: Inputs) -> Said:
    """The question of the film."""
    return say(QUESTIONS[reading_of(statements, inputs)], _parameters(statements))


def was_it_right(statements: Statements, inputs: Inputs) -> Shot:
    """From forward to error."""
    asked = (
        "Ten answers. Was the largest right?" if inputs.label_known else "Ten answers. Is the largest right?"
    )
    ahead = (*statements.making("expected_output_10x1"), *statements.making("output_delta_10x1"))
    return _stop(ahead, Lasts(2.5, 2.0), (0.0, asked))


def who_is_to_blame(statements: Statements, inputs: Inputs) -> Shot:
    """From error to backward."""
    any_error = statements.numbers("output_delta_10x1").any()
    blamed = reading_of(statements, inputs) if any_error else "perfect"
    return _stop(
        _made(statements, *_BACKWARD), Lasts(5.0, 2.5),
        (0.0, said_of(PAST_ANSWERS, statements, inputs)), (0.7, BLAME[blamed]),
    )  # fmt: skip


def further_back(statements: Statements) -> Shot:
    """From update to backward."""
    ahead = _made(statements, *_BACKWARD[1:])
    return _stop(ahead, Lasts(2.5, 2.0), (0.0, "How does the error get further back?"))


def all_know(statements: Statements) -> Shot:
    """From backward to update."""
    ahead = (*statements.changing(PARAMETERS[0]), *statements.changing(PARAMETERS[1]))
    learn = "Now they learn." if kind_of(statements) in ("small", "large") else "Will they move?"
    return _stop(ahead, Lasts(2.5, 2.0), (0.0, f"Every hidden weight knows its share. {learn}"))


def once_more(statements: Statements) -> Shot:
    """From update to forward: the same way again, through the changed weights."""
    first = statements.making("hidden_pre_sigmoid_20x1", 1)[0]
    last = statements.making("output_neurons_10x1", 1)[-1]
    moved = has_moved(statements)
    weights = "the changed weights" if moved else "unchanged weights"
    title = f"{'New' if moved else 'Same'} weights, same picture"
    return shot(
        title, "map-beside", tuple(range(first, last + 1)), Lasts(8.0, 2.0),
        (0.0, f"Did it help? The same picture, through {weights}."),
        (0.44, "Left what it was before, right what it is now."),
        (1.0, "Ten new answers, beside the old." if moved else "Ten answers, the same as before."),
        also=Also(unit="array"),
    )  # fmt: skip


def answer(statements: Statements, inputs: Inputs) -> Shot:
    """The end: the map of the opening with the new numbers, and what the question was answered with."""
    changed = [statements.trace.operations[statements.changing(name)[-1]].output for name in PARAMETERS]
    count = sum(int((value.value != value.before).sum()) for value in changed)
    ids = tuple(value.id for value in changed)
    steps = tuple(number for name in PARAMETERS for number in statements.changing(name))
    parameters = _parameters(statements)
    way = "along" if kind_of(statements) == "uphill" else "against"
    return shot(
        "The answer", "map-ahead", steps, Lasts(7.5, 4.0),
        (0.0, asked(statements, inputs)),
        (0.5, say(f"{{}} of {{}}, each {way} its own blame.",
                  Number(count, Quantity("cells that changed", ids), "count"), parameters) if count
              else say("None of {} has changed.", parameters)),
        (1.0, say("How much? The largest change is {}.", quotes.largest_change(changed)) if count
              else "How much? Not at all."),
        also=Also(completes=(), unit="array"),
    )  # fmt: skip


_BACKWARD: Final = (
    "hidden_to_output_adjustment_10x20",
    "weighted_output_delta_20x1",
    "hidden_sigmoid_differential_20x1",
    "hidden_delta_20x1",
    "input_to_hidden_adjustment_20x784",
)


def _stop(ahead: tuple[int, ...], lasts: Lasts, *words: tuple[float, Said]) -> Shot:
    return shot(TITLE, "map-ahead", ahead, lasts, *words, also=Also(completes=(), unit="array"))


def _made(statements: Statements, *names: str) -> tuple[int, ...]:
    return tuple(number for name in names for number in statements.making(name))


def _parameters(statements: Statements) -> Number:
    """How many weights and biases there are."""
    values = [statements.given(name) for name in PARAMETERS]
    total = int(np.sum([value.value.size for value in values]))
    return Number(total, Quantity("cells of all", tuple(value.id for value in values)), "count")
