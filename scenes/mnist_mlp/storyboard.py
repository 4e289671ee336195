"""The story of the lesson: seventeen chapters, their words, their order and their pace.

The engine knows operations; only here does a cell become a neuron and a number a digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mnistviz.story.sentence import say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter, Fold, Nickname, Storyboard, check
from mnistviz.trace.model import Trace

from . import again, article, backward, error, forward, picture, quotes
from .asides import with_asides
from .chain import with_chain
from .facts import Cast, find_cast
from .inputs import Inputs
from .order import in_order, labels
from .trying import laboratory

TITLE: Final = "How a network learns from one picture"
FOLDS: Final = (Fold(784, 28, 28),)
NICKNAMES: Final = {
    "image_784x1": "picture",
    "input_to_hidden_weights_20x784": "hidden weights",
    "hidden_biases_20x1": "biases",
    "hidden_pre_sigmoid_20x1": "sums",
    "hidden_neurons_20x1": "hidden neurons",
    "hidden_to_output_weights_10x20": "output weights",
    "output_biases_10x1": "biases",
    "output_pre_sigmoid_10x1": "sums",
    "output_neurons_10x1": "outputs",
    "expected_output_10x1": "expected",
    "output_delta_10x1": "error",
    "hidden_to_output_adjustment_10x20": "adjustment",
    "weighted_output_delta_20x1": "carried back",
    "hidden_sigmoid_differential_20x1": "slope",
    "hidden_delta_20x1": "hidden error",
    "input_to_hidden_adjustment_20x784": "adjustment",
}  # on the map


def _whole(chapters: Sequence[Chapter], statements: Statements, cast: Cast) -> tuple[Chapter, ...]:
    """The chapters with the order of their cells, the chain of one weight, and what there is to read beside them."""
    ordered = in_order(chapters, statements.trace, cast)
    return tuple(with_asides(with_chain(ordered, statements, cast), statements))


def storyboard(trace: Trace, inputs: Inputs) -> Storyboard:
    """The story of one lesson on one picture."""
    statements, cast = Statements(trace), find_cast(trace, inputs)
    chapters: list[Chapter] = [
        picture.picture(statements, inputs),
        *forward.forward(statements, inputs),
        *error.error(statements, inputs),
        *backward.output_weights(statements, inputs),
        *backward.hidden_error(statements, inputs),
        *backward.hidden_weights(statements),
        again.again(statements, inputs),
    ]
    return check(
        Storyboard(
            title=TITLE,
            scene="mnist_mlp",
            trace=trace,
            chapters=_whole(chapters, statements, cast),
            article=_whole(article.retold(chapters, statements, inputs), statements, cast),
            folds=FOLDS,
            nicknames=tuple(Nickname(array, words) for array, words in NICKNAMES.items()),
            labels=labels(cast),
            laboratory=laboratory(trace, inputs),
            subtitle=say(
                "{} pixels, {} hidden neurons, {} digits",
                *(
                    quotes.cells(statements.output(name))
                    for name in ("image_784x1", "hidden_neurons_20x1", "output_neurons_10x1")
                ),
            ),
        )
    )
