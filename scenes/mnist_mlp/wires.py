"""The weights between neurons and digits as wires: once on the way forth, once on the way back."""

from __future__ import annotations

from dataclasses import dataclass

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
SILENT = "No neuron says anything: all weights are zero."


@dataclass(frozen=True)
class _Advocate:
    """Of the hidden neurons that say yes to the answer the one that puts it furthest ahead of the next digit."""

    says: Value  # (10, 20): weight times neuron
    answer: int  # row of `says`
    other: int
    neuron: int  # column of `says`

    @property
    def number(self) -> Number:
        """Which neuron it is."""
        rule = Quantity("column of the largest lead", (self.says.id, self.answer, self.other))
        return Number(self.neuron, rule, "index")

    def vote(self, row: int) -> Polarity:
        """Whether it says yes or no to the digit of that row."""
        cell = Cell(self.says.id, row * NEURONS + self.neuron)
        return Polarity(float(self.says.value[row, self.neuron]) > 0, cell, ("yes", "no"))


def what_it_says(statements: Statements, inputs: Inputs) -> Shot:
    """The wires on the way forth: what each hidden neuron says to each digit."""
    facts = find_facts(statements.trace, inputs)
    one = _advocate(facts)
    extra = (
        statements.output("hidden_neurons_20x1"),
        statements.output("output_neurons_10x1"),
        one.says,
        _cast(facts, one.neuron),
    )
    words = [part for row in (one.answer, one.other) for part in (one.vote(row), _digit(one.says, row))]
    return shot(
        "What each neuron says", "wires-forth", statements.making("output_pre_sigmoid_10x1")[:1], Lasts(7.5, 4.0, 2.0),
        (0.0, say("Why does it say {}?", quotes.detected(statements.trace))),
        (0.27, "Red says yes, blue says no, thick says it loudly."),
        (1.0, say("Hidden neuron {} says {} to the {}, {} to the {}.", one.number, *words) if facts.says.any()
              else SILENT),
        also=Also(completes=(), extra=extra),
    )  # fmt: skip


def vote(statements: Statements, inputs: Inputs) -> Said:
    """What that neuron says to the answer of the network, in a few words."""
    facts = find_facts(statements.trace, inputs)
    one = _advocate(facts)
    if not facts.says.any():
        return SILENT
    return say("Neuron {} says {} to the {}.", one.number, one.vote(one.answer), _digit(one.says, one.answer))


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
        (1.0, say("All in all: neuron {} was {}.", neuron, way) if carried.value[facts.cast.neuron].any()
              else say("All in all: nothing comes back to neuron {}.", neuron)),
        also=Also(completes=(), extra=(carried, statements.output("output_delta_10x1"), blames,
                                        _cast(facts, facts.cast.neuron))),
    )  # fmt: skip


def _advocate(facts: Facts) -> _Advocate:
    cast = facts.cast
    answer, other = (cast.rival, cast.right) if cast.wrong else (cast.right, cast.rival)
    lead = facts.says[answer] - facts.says[other]
    if (facts.says[answer] > 0).any():  # who says no to the answer is no reason for it
        lead = np.where(facts.says[answer] > 0, lead, -np.inf)
    neuron = int(lead.argmax())
    return _Advocate(fixed(quotes.SAYS, "weight times neuron", facts.says), answer, other, neuron)


def _digit(says: Value, row: int) -> Number:
    return Number(row, Quantity("row", (Cell(says.id, row * NEURONS),)), "index")


def _cast(facts: Facts, neuron: int) -> Value:
    return fixed(quotes.CAST, "cast", np.array([facts.cast.right, facts.cast.rival, neuron]))
