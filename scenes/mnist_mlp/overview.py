"""Where we are: the shots that show the whole map, at the opening, where the phase changes, and at the end."""

from __future__ import annotations

from typing import Final

import numpy as np

from mnistviz.story.sentence import Number, Quantity, Said, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

from . import quotes
from .facts import Facts, find_facts
from .inputs import Inputs
from .telling import Also, Lasts, fixed, shot

PARAMETERS: Final = (
    "input_to_hidden_weights_20x784",
    "hidden_biases_20x1",
    "hidden_to_output_weights_10x20",
    "output_biases_10x1",
)
TITLE: Final = "Where we are"


def question(statements: Statements, inputs: Inputs) -> Shot:
    """The opening: the way lights up to the ten outputs; then it is asked what should change."""
    forth = range(statements.making("output_neurons_10x1")[-1] + 1)
    return shot(
        "The whole network", "map-along", tuple(forth), Lasts(8.5, 4.0),
        (0.0, "A picture goes in, and ten answers come out."),
        (0.5, _answer(statements, inputs)),
        (1.0, say(_question(statements), _parameters(statements))),
        also=Also(completes=(), unit="array"),
    )  # fmt: skip


def was_it_right(statements: Statements) -> Shot:
    """From forward to error."""
    ahead = (*statements.making("expected_output_10x1"), *statements.making("output_delta_10x1"))
    return _stop(ahead, Lasts(2.5, 2.5), (0.0, "Ten answers. Was the largest right?"))


def who_is_to_blame(statements: Statements, inputs: Inputs) -> Shot:
    """From error to backward."""
    return _stop(
        _made(statements, *_BACKWARD), Lasts(4.5, 3.0),
        (0.0, _past_answer(statements, inputs)), (0.6, "Who is to blame, and by how much?"),
    )  # fmt: skip


def further_back(statements: Statements) -> Shot:
    """From update to backward."""
    ahead = _made(statements, *_BACKWARD[1:])
    return _stop(
        ahead, Lasts(3.0, 2.5), (0.0, "The last weights have learned. How does the error get further back?")
    )


def all_know(statements: Statements) -> Shot:
    """From backward to update."""
    ahead = (*statements.changing(PARAMETERS[0]), *statements.changing(PARAMETERS[1]))
    return _stop(ahead, Lasts(2.5, 2.5), (0.0, "Every hidden weight knows its share. Now they learn."))


def once_more(statements: Statements) -> Shot:
    """From update to forward: the same way again, through the changed weights."""
    first = statements.making("hidden_pre_sigmoid_20x1", 1)[0]
    last = statements.making("output_neurons_10x1", 1)[-1]
    return shot(
        "New weights, same picture", "map-along", tuple(range(first, last + 1)), Lasts(9.0, 2.5),
        (0.0, "Did it help? The same picture, through the changed weights."),
        (0.5, "Every sum and every neuron is computed again."),
        (1.0, "Ten new answers."),
        also=Also(unit="array"),
    )  # fmt: skip


def answer(statements: Statements) -> Shot:
    """The end: the map of the opening with the new numbers, and what the question was answered with."""
    changed = [statements.trace.operations[statements.changing(name)[-1]].output for name in PARAMETERS]
    count = sum(int((value.value != value.before).sum()) for value in changed)
    ids = tuple(value.id for value in changed)
    steps = tuple(number for name in PARAMETERS for number in statements.changing(name))
    return shot(
        "The answer", "map-ahead", steps, Lasts(4.0, 4.0),
        (0.0, "Which numbers should change, and by how much?"),
        (1.0, say("{} of {} did, each against its own blame.",
                  Number(count, Quantity("cells that changed", ids), "count"), _parameters(statements))),
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


def _question(statements: Statements) -> str:
    right = quotes.one_hot(statements.trace)[0].value == quotes.detected(statements.trace).value
    if right:
        return "Which of {} numbers could make it surer, and how?"
    return "Which of {} numbers should change, and how much?"


def _answer(statements: Statements, inputs: Inputs) -> Said:
    digit, said = quotes.one_hot(statements.trace)[0], quotes.detected(statements.trace)
    if said.value != digit.value:
        return say("It says {}. It is a {}.", said, digit)
    return say("It says {}, and that is right.", said) if inputs.label_known else say("It says {}.", said)


def _past_answer(statements: Statements, inputs: Inputs) -> Said:
    digit, said = quotes.one_hot(statements.trace)[0], quotes.detected(statements.trace)
    if said.value != digit.value:
        return say("It said {}. It was a {}.", said, digit)
    return say("It said {}, but it can be surer.", said)


def what_it_says(statements: Statements, inputs: Inputs) -> Shot:
    """The wires on the way forth: what each hidden neuron says to each digit."""
    facts = find_facts(statements.trace, inputs)
    extra = (
        statements.output("hidden_neurons_20x1"),
        statements.output("output_neurons_10x1"),
        fixed(quotes.SAYS, "weight times neuron", facts.says),
        _cast(facts),
    )
    return shot(
        "What each neuron says", "wires-forth", statements.making("output_pre_sigmoid_10x1")[:1], Lasts(6.0, 2.5),
        (0.0, say("Why does it say {}? Each wire says yes or no.", quotes.detected(statements.trace))),
        (0.65, "Red says yes, blue says no, thick says it loudly."),
        also=Also(completes=(), extra=extra),
    )  # fmt: skip


def through_the_wires(statements: Statements, inputs: Inputs) -> Shot:
    """The wires on the way back: what each digit's error sends to each hidden neuron."""
    facts = find_facts(statements.trace, inputs)
    carried = statements.making("weighted_output_delta_20x1")
    neuron = quotes.largest_by_size(statements.output("hidden_delta_20x1"))
    extra = (
        statements.output("weighted_output_delta_20x1"),
        statements.output("output_delta_10x1"),
        fixed(quotes.BLAMES, "weight times error", facts.blames),
        _cast(facts),
    )
    return shot(
        "Back through the wires", "wires-back", carried[-1:], Lasts(5.5, 2.5),
        (0.0, "The error runs back through the same wires."),
        (0.6, say("See what comes together at hidden neuron {}.", neuron)),
        also=Also(completes=(), extra=extra),
    )  # fmt: skip


def _cast(facts: Facts) -> Value:
    cast = facts.cast
    return fixed(quotes.CAST, "cast", np.array([cast.right, cast.rival, cast.neuron]))
