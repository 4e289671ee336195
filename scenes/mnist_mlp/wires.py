"""The weights between neurons and digits as wires: once on the way forth, once on the way back."""

from __future__ import annotations

import numpy as np

from mnistviz.story.sentence import Cell, Number, Polarity, Quantity, Said, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

from . import quotes
from .facts import Facts, find_facts
from .inputs import Inputs
from .telling import Also, Lasts, fixed, shot

NEURONS = 20


def what_it_says(statements: Statements, inputs: Inputs) -> Shot:
    """The wires on the way forth: what each hidden neuron says to each digit."""
    facts = find_facts(statements.trace, inputs)
    says = fixed(quotes.SAYS, "weight times neuron", facts.says)
    extra = (
        statements.output("hidden_neurons_20x1"),
        statements.output("output_neurons_10x1"),
        says,
        _cast(facts),
    )
    neuron = quotes.largest_by_size(statements.output("hidden_delta_20x1"))
    rows = (facts.cast.rival, facts.cast.right) if facts.cast.wrong else (facts.cast.right, facts.cast.rival)
    words = [part for row in rows for part in (_vote(says, row, facts.cast.neuron), _digit(says, row))]
    return shot(
        "What each neuron says", "wires-forth", statements.making("output_pre_sigmoid_10x1")[:1], Lasts(7.5, 4.0, 2.0),
        (0.0, say("Why does it say {}?", quotes.detected(statements.trace))),
        (0.27, "Red says yes, blue says no, thick says it loudly."),
        (1.0, say("Hidden neuron {} says {} to the {}, {} to the {}.", neuron, *words)),
        also=Also(completes=(), extra=extra),
    )  # fmt: skip


def vote(statements: Statements, inputs: Inputs) -> Said:
    """What the neuron that is to blame says to the answer of the network, in a few words."""
    facts = find_facts(statements.trace, inputs)
    says = fixed(quotes.SAYS, "weight times neuron", facts.says)
    row = facts.cast.rival if facts.cast.wrong else facts.cast.right
    neuron = quotes.largest_by_size(statements.output("hidden_delta_20x1"))
    return say("Neuron {} says {} to the {}.", neuron, _vote(says, row, facts.cast.neuron), _digit(says, row))


def through_the_wires(statements: Statements, inputs: Inputs) -> Shot:
    """The wires on the way back: what each digit's error sends to each hidden neuron."""
    facts = find_facts(statements.trace, inputs)
    carried = statements.output("weighted_output_delta_20x1")
    neuron = quotes.largest_by_size(statements.output("hidden_delta_20x1"))
    blames = fixed(quotes.BLAMES, "weight times error", facts.blames)
    total = Cell(carried.id, facts.cast.neuron)
    way = Polarity(float(carried.value[facts.cast.neuron, 0]) > 0, total, ("too far on", "not on enough"))
    return shot(
        "Back through the wires", "wires-back", statements.making("weighted_output_delta_20x1")[-1:], Lasts(6.5, 3.0),
        (0.0, "The error runs back through the same wires."),
        (0.5, say("See what comes together at hidden neuron {}.", neuron)),
        (1.0, say("All in all: neuron {} was {}.", neuron, way)),
        also=Also(completes=(), extra=(carried, statements.output("output_delta_10x1"), blames, _cast(facts))),
    )  # fmt: skip


def _vote(says: Value, row: int, neuron: int) -> Polarity:
    """Whether the neuron says yes or no to the digit of that row."""
    return Polarity(float(says.value[row, neuron]) > 0, Cell(says.id, row * NEURONS + neuron), ("yes", "no"))


def _digit(says: Value, row: int) -> Number:
    return Number(row, Quantity("row", (Cell(says.id, row * NEURONS),)), "index")


def _cast(facts: Facts) -> Value:
    cast = facts.cast
    return fixed(quotes.CAST, "cast", np.array([cast.right, cast.rival, cast.neuron]))
