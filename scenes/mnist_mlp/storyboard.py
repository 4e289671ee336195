# mypy: allow-untyped-calls
"""The story of the lesson: seventeen chapters, their words, their order and their pace.

The engine knows operations; only here does a cell become a neuron and a number a digit.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.story.sentence import Cell, Number, joined, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter, Fold, Nickname, Shot, Storyboard, check
from mnistviz.trace.model import Trace, Value

from . import backward, forward, network, overview, quotes
from .facts import find_cast, find_facts
from .inputs import Inputs
from .order import in_order, labels
from .telling import Also, Lasts, chapter, fixed, shot

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
MOST_STEPS: Final = 2_000  # of the fast-forward at the end
SURE: Final = 0.9  # the fast-forward goes on until the right output is at least that


def storyboard(trace: Trace, inputs: Inputs) -> Storyboard:
    """The story of one lesson on one picture."""
    statements, cast = Statements(trace), find_cast(trace, inputs)
    chapters = [
        _picture(statements, inputs),
        *forward.forward(statements, inputs),
        *forward.error(statements, inputs),
        *backward.output_weights(statements, inputs),
        *backward.hidden_error(statements, inputs),
        *backward.hidden_weights(statements),
        _again(statements, inputs),
    ]
    return check(
        Storyboard(
            title=TITLE,
            scene="mnist_mlp",
            trace=trace,
            chapters=tuple(in_order(chapters, trace, cast)),
            folds=FOLDS,
            nicknames=tuple(Nickname(array, words) for array, words in NICKNAMES.items()),
            labels=labels(cast),
            subtitle=say(
                "{} pixels, {} hidden neurons, {} digits",
                *(
                    quotes.cells(statements.output(name))
                    for name in ("image_784x1", "hidden_neurons_20x1", "output_neurons_10x1")
                ),
            ),
        )
    )


def _picture(statements: Statements, inputs: Inputs) -> Chapter:
    """Chapter 1: what the network is given."""
    picture = statements.making("image_784x1")
    turned = (
        "It lies on its side, as these weights learned it."
        if inputs.orientation == "clockwise"
        else "Bright pixels are ink."
    )
    first = statements.trace.operations[picture[0]]  # pixels / 256
    pixels, column = first.inputs[0], statements.output("image_784x1")
    divisor = Number(float(first.inputs[1].value), Cell(first.inputs[1].id), "short")
    size = (quotes.length(pixels, 0), quotes.length(pixels, 1))
    return chapter(
        1, "The picture and its 784 numbers", "forward", "The 28 rows of the picture, laid end to end: 784 numbers",
        shot("Title", "title", picture[-1:], Lasts(3.0, 2.5),
             (0.0, "Every number here is real."),
             also=Also(completes=())),
        overview.question(statements, inputs),
        shot("The picture", "appear", picture[:1], Lasts(5.5, 2.5),
             (0.0, say("A handwritten {}: {} × {} pixels.", quotes.one_hot(statements.trace)[0], *size)),
             (0.55, joined(say("Each is a number from {} to {}. ", *quotes.bounds(pixels)), turned)),
             also=Also(unit="pixel")),
        shot("Unrolled", "unroll", picture[1:], Lasts(10.0, 2.5),
             (0.0, say("Each pixel is divided by {}.", divisor)),
             (0.3, "Row after row is laid end to end."),
             (1.0, say("One column of {} numbers.", quotes.cells(column))),
             also=Also(unit="pixel")),
        shot("Folded again", "fold", picture[1:], Lasts(4.0, 2.5),
             (0.0, "The network only ever sees this column."),
             (0.4, "Folded back, we can read it."),
             also=Also(completes=(), unit="pixel")),
        main=3,
    )  # fmt: skip


def _again(statements: Statements, inputs: Inputs) -> Chapter:
    before, after = statements.numbers("output_neurons_10x1"), statements.numbers("output_neurons_10x1", 1)
    outputs = statements.making("output_neurons_10x1", 1)
    expected = statements.numbers("expected_output_10x1", 1)  # the first is all zeros
    compared = _comparison(before, after, expected)
    history = fixed(quotes.HISTORY, "outputs", repeated(inputs))
    digit = quotes.one_hot(statements.trace)[0]
    return chapter(
        17, "The same picture again", "forward", "The forward pass once more: what one step has changed",
        overview.once_more(statements),
        shot("What one step changed", "compare", outputs, Lasts(7.5, 4.0),
             (0.0, say("What has one small step done to the {}?", digit)),
             (0.45, quotes.changed(compared[0], compared[1], statements.trace)),
             (1.0, quotes.closer(compared[0], compared[1], statements.trace)),
             also=Also(completes=(), unit="output", extra=compared)),
        _further(statements, inputs, outputs),
        shot("Again and again", "repeat", outputs, Lasts(8.0, 3.0),
             (0.0, "And the same step, again and again?"),
             (0.45, quotes.repeated(history, statements.trace)),
             also=Also(completes=(), extra=(history, fixed(quotes.RIGHT_DIGIT, "right digit", np.array(inputs.label))))),
        *_training(inputs, outputs),
        overview.answer(statements),
        shot("The end", "ending", outputs, Lasts(2.5, 4.5),
             (0.0, "Guess, compare, carry the error back, change a little. That is learning."),
             also=Also(completes=(),
             note=say("after {} such steps this network reads this one picture. "
                      "Training takes one step for each of {} pictures.", quotes.steps(history), quotes.EPOCH))),
        main=1,
    )  # fmt: skip


def _further(statements: Statements, inputs: Inputs, outputs: tuple[int, ...]) -> Shot:
    """Why the step is small: the same step, taken further."""
    facts = find_facts(statements.trace, inputs)
    extra = (
        fixed(quotes.RATES, "rates", facts.rates),
        fixed(quotes.LOSSES, "error of this picture", facts.losses),
        fixed(quotes.SHARES, "other digits read rightly", facts.accuracies),
        fixed(quotes.RATE, "learn rate", np.array(inputs.learn_rate)),
    )
    return shot(
        "Why so small a step?", "step-taken-further", outputs, Lasts(8.5, 4.0),
        (0.0, "Why not go further along the same way?"),
        (0.45, "Other digits would be read worse and worse." if facts.accuracies[-1] < facts.accuracies[0]
               else "Other digits have something to say, too."),
        (1.0, "A small step helps this one, and hardly harms the others." if facts.harm < 0.01
              else "Even a small step harms some of the others."),
        also=Also(completes=(), extra=extra),
    )  # fmt: skip


def _training(inputs: Inputs, outputs: tuple[int, ...]) -> tuple[Shot, ...]:
    """How the weights were trained, where that is known."""
    curve = [stretch for stretch in inputs.curve if stretch.epoch == 0]
    if len(curve) < 2:
        return ()
    extra = (
        fixed(quotes.SEEN, "pictures seen", np.array([float(stretch.pictures) for stretch in curve])),
        fixed(quotes.RIGHT, "per cent right", np.array([stretch.right_percent for stretch in curve])),
    )
    last = len(curve) - 1
    seen = Number(float(extra[0].value[last]), Cell(quotes.SEEN, last), "count")
    return (
        shot("What training does", "training-curve", outputs, Lasts(6.0, 3.0),
             (0.0, "One such step for each of many pictures: that is training."),
             (1.0, say("After {} pictures it reads most of them.", seen)),
             also=Also(completes=(), extra=extra)),
    )  # fmt: skip


def _comparison(before: NDArray[Any], after: NDArray[Any], expected: NDArray[Any]) -> tuple[Value, ...]:
    change = Value(quotes.CHANGE, "change_10x1", "gradient", after - before)
    name = "output_neurons_10x1"
    errors = np.array([np.abs(output - expected).sum() for output in (before, after)])
    return (
        fixed(quotes.BEFORE, f"{name}/before", before),
        fixed(quotes.AFTER, name, after),
        change,
        fixed(quotes.ERRORS, "error", errors),
    )


def repeated(inputs: Inputs) -> NDArray[np.float64]:
    """Outputs after 0, 1, 2 ... of the same step, until the right digit wins clearly; (steps + 1, 10)."""
    image, label = inputs.image_784x1, inputs.label
    hidden, hidden_bias, output, output_bias = (matrix.copy() for matrix in inputs.network)
    matrices = (hidden, hidden_bias, output, output_bias)
    rows = [network.forward(image, *matrices)[1][:, 0]]
    while len(rows) <= MOST_STEPS and not (rows[-1].argmax() == label and rows[-1][label] >= SURE):
        network.step(image, label, *matrices, inputs.learn_rate)
        rows.append(network.forward(image, *matrices)[1][:, 0])
    return np.array(rows, dtype=np.float64)
