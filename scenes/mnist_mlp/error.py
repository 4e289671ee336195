"""Chapters 6 and 7: the answer is held against the truth, and becomes an error with ten rows, and one number."""

from __future__ import annotations

import numpy as np

from mnistviz.story.sentence import Cell, Number, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter, Gauge, Shot

from . import overview, quotes
from .facts import cross_entropies
from .inputs import Inputs
from .reading import JUDGEMENTS, reading_of, said_of, wish
from .telling import Also, Lasts, chapter, fixed, shot

LARGEST, ALIKE = (
    "The largest output is its answer: {}.",
    "Several are largest: the first counts, {}.",
)


def error(statements: Statements, inputs: Inputs) -> list[Chapter]:
    """What it should have said, what it did say, and the difference."""
    return [_expected(statements, inputs), _delta(statements, inputs)]


def _expected(statements: Statements, inputs: Inputs) -> Chapter:
    trace, detected = statements.trace, statements.making("detected")
    hot = tuple(
        o.number
        for o in trace.operations
        if o.operation == "setitem" and o.output.name == "expected_output_10x1"
    )
    expected = statements.making("expected_output_10x1") + hot
    digit, one, others = quotes.one_hot(trace)
    known = reading_of(statements, inputs) != "unknown"
    return chapter(
        6, "Expected and detected", "error", "1 for the right digit and 0 for all others, beside the answer",
        overview.was_it_right(statements, inputs),
        shot("What it should have said", "verdict", expected, Lasts(4.5, 2.5, 1.9),
             (0.0, "What should it have said?" if known else "What to expect? Nobody knows."),
             (0.42, say("{} for the {}, and {} for all others." if known
                        else "So we expect {} for the {}, {} for all others.", one, digit, others)),
             also=Also(extra=(statements.output("output_neurons_10x1"),), unit="output")),
        shot("What it did say", "verdict" if known else "verdict-unknown", (*expected, *detected), Lasts(7.0, 4.0),
             (0.0, "And what did it say? Look for the largest."),
             (0.66, say(ALIKE if _are_alike(statements) else LARGEST, quotes.detected(trace))),
             (1.0, said_of(JUDGEMENTS, statements, inputs)),
             also=Also(completes=detected, unit="output")),
    )  # fmt: skip


def _are_alike(statements: Statements) -> bool:
    """Whether no output is larger than all others, as in a network of nothing but zeros."""
    outputs = statements.numbers("output_neurons_10x1")
    return int(np.count_nonzero(outputs == outputs.max())) > 1


def _delta(statements: Statements, inputs: Inputs) -> Chapter:
    return chapter(
        7, "How wrong is it?", "error", "Output minus expected: how wrong each output is, with its sign",
        shot("Output minus expected", "subtract", statements.making("output_delta_10x1"), Lasts(10.0, 3.5, 1.8),
             (0.0, "How wrong is each output?"),
             (0.18, "Subtract what was expected."),
             (0.42, "Above zero: it said too much. Below: too little."),
             (0.76, "Near zero: it was nearly right."),
             (1.0, wish(statements, inputs)),
             also=Also(unit="error of")),
        _loss(statements, inputs),
        main=0,
    )  # fmt: skip


def _loss(statements: Statements, inputs: Inputs) -> Shot:
    """How wrong it is in one number."""
    rows = cross_entropies(statements.numbers("output_pre_sigmoid_10x1")[:, 0], inputs.label)
    losses, total = (
        fixed(quotes.ROW_LOSSES, "loss", rows[:, None]),
        fixed(quotes.LOSS, "loss", np.array(rows.sum())),
    )
    number = Number(float(total.value), Cell(total.id), "share")
    hot = statements.trace.operations[statements.making("output_delta_10x1")[-1]].inputs[1]
    return shot(
        "How wrong, in one number", "loss", statements.making("output_delta_10x1"), Lasts(8.0, 3.0, 2.4),
        (0.0, "How wrong is that, all in all?"),
        (0.3, "An output far from what was expected costs a lot."),
        (1.0, say("All added up: the loss is {}.", number)),
        also=Also(completes=(), unit="loss of", extra=(statements.output("output_neurons_10x1"), hot, losses, total),
                  gauge=Gauge("output_delta_10x1", "loss", number)),
    )  # fmt: skip
