"""How far to go: the same step taken further, for this picture and for others, and why the learn rate is small."""

from __future__ import annotations

from typing import Final

import numpy as np

from mnistviz.story.sentence import say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Shot

from . import quotes
from .facts import Facts, find_facts
from .inputs import Inputs
from .stride import stride_of
from .telling import Also, Lasts, fixed, shot

MUCH: Final = 0.02  # share of other digits: less is hardly noticed


def how_far(statements: Statements, inputs: Inputs) -> tuple[Shot, ...]:
    """The loss along the step, the others along it, the slope at its beginning, and the learn rate.

    Nothing where the step leads nowhere, or the other way.
    """
    facts, stride = find_facts(statements.trace, inputs), stride_of(statements)
    if not stride.asked:
        return ()
    extra = (
        fixed(quotes.RATES, "rates", facts.rates),
        fixed(quotes.LOSSES, "loss of this picture", facts.losses),
        fixed(quotes.SHARES, "other digits read rightly", facts.accuracies),
        fixed(quotes.RATE, "learn rate", np.array(inputs.learn_rate)),
        fixed(quotes.SLOPE, "slope", np.array(facts.slope)),
    )
    weights = statements.changing("hidden_to_output_weights_10x20")
    words = stride.fits if facts.harm < MUCH / 2 else stride.costs
    return (
        shot(
            stride.asked, "step-taken-further", weights, Lasts(11.5, 4.0, 2.3),
            (0.0, stride.asked),
            (0.2, _own(facts)),
            (0.6, _others(facts)),
            (0.86, say(words, quotes.learn_rate(statements))),
            also=Also(completes=(), extra=extra),
        ),
    )  # fmt: skip


def _own(facts: Facts) -> str:
    """What becomes of this picture's own loss along the step."""
    if (np.diff(facts.losses) <= 0).all():
        return "The further, the better for this picture."
    if facts.losses.argmin() < len(facts.losses) - 1:
        return "This picture's loss falls at first, then no more."
    return "This picture's loss falls nearly all the way."


def _others(facts: Facts) -> str:
    """What becomes of other digits when the step is taken as far as it goes, and on the way there."""
    lost = float(facts.accuracies[0] - facts.accuracies[-1])
    if float(facts.accuracies[-1] - facts.accuracies.min()) > MUCH:
        return "But on the way other digits are read worse."
    if lost > MUCH:
        return "But other digits are read worse and worse."
    return "And other digits hardly notice." if lost > -MUCH else "And other digits are read better, too."
