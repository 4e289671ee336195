# mypy: allow-untyped-calls
"""The story of the lesson: seventeen chapters, their words, their order and their pace.

The engine knows operations; only here does a cell become a neuron and a number a digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.story.sentence import Cell, Number, Said, joined, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter, Fold, Phase, Shot, Storyboard, check
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.trace.model import Trace, Value

from . import network, quotes
from .inputs import Inputs

TITLE: Final = "How a network learns from one picture"
FOLDS: Final = (Fold(784, 28, 28),)
ARTICLE_STARTS: Final = {
    1: 0, 2: 18, 4: 78, 7: 108, 8: 138, 9: 198, 11: 204, 12: 264, 13: 324, 14: 384, 15: 453,
}  # seconds, the moments that the article links to  # fmt: skip
MOST_STEPS: Final = 2_000  # of the fast-forward at the end
SURE: Final = 0.9  # the fast-forward goes on until the right output is at least that


def storyboard(trace: Trace, inputs: Inputs) -> Storyboard:
    """The story of one lesson on one picture."""
    statements = Statements(trace)
    forward, error = _forward(statements, inputs), _error(statements, inputs)
    chapters = [
        *forward,
        *error,
        *_output_weights(statements),
        *_hidden_error(statements),
        *_hidden_weights(statements),
        _again(statements, inputs),
    ]
    return check(
        Storyboard(
            title=TITLE,
            scene="mnist_mlp",
            trace=trace,
            chapters=tuple(chapters),
            folds=FOLDS,
            subtitle=say(
                "{} pixels, {} hidden neurons, {} digits",
                *(
                    quotes.cells(statements.output(name))
                    for name in ("image_784x1", "hidden_neurons_20x1", "output_neurons_10x1")
                ),
            ),
        )
    )


def _shot(
    title: str, drawing: str, caption: Said, subject: Sequence[int], act: float, rest: float = 2.0, *,
    tells: bool | Sequence[int] = True, note: Said = "", unit: str = "neuron", extra: tuple[Value, ...] = (),
) -> Shot:  # fmt: skip
    """A shot that moves for `act` seconds and rests for `rest`; `tells`: it completes its subject, or those."""
    completes = tells if not isinstance(tells, bool) else subject if tells else ()
    return Shot(
        title, drawing, caption, tuple(subject), tuple(completes),
        round(act * TICKS_PER_SECOND), round(rest * TICKS_PER_SECOND), note, unit, extra,
    )  # fmt: skip


def _chapter(
    number: int, title: str, phase: Phase, caption: str, *shots: Shot, main: int | None = None
) -> Chapter:
    start = ARTICLE_STARTS.get(number)
    ticks = None if start is None else start * TICKS_PER_SECOND
    return Chapter(number, title, phase, caption, shots, len(shots) - 1 if main is None else main, ticks)


def _forward(statements: Statements, inputs: Inputs) -> list[Chapter]:
    picture = statements.making("image_784x1")
    hidden_sum, hidden = (
        statements.making("hidden_pre_sigmoid_20x1"),
        statements.making("hidden_neurons_20x1"),
    )
    output_sum, output = (
        statements.making("output_pre_sigmoid_10x1"),
        statements.making("output_neurons_10x1"),
    )
    turned = (
        "It lies on its side: these weights were learned from pictures turned like that."
        if inputs.orientation == "clockwise"
        else "Bright pixels are ink."
    )
    first = statements.trace.operations[picture[0]]  # pixels / 256
    pixels, column = first.inputs[0], statements.output("image_784x1")
    rows, columns = quotes.length(pixels, 0), quotes.length(pixels, 1)
    weights = statements.given("input_to_hidden_weights_20x784")
    low, high = quotes.limits(hidden)
    return [
        _chapter(
            1, "The picture and its 784 numbers", "forward", "The 28 rows of the picture, laid end to end: 784 numbers",
            _shot("Title", "title", "Every number that you will see was computed while the film was recorded.",
                  picture[-1:], 3.0, 2.5, tells=False),
            _shot("The picture", "appear",
                  joined(
                      say("A handwritten {}, {} × {} pixels of {} to {}. ",
                          quotes.one_hot(statements.trace)[0], rows, columns, *quotes.bounds(pixels)),
                      turned,
                  ),
                  picture[:1], 4.5, 2.5, unit="pixel"),
            _shot("Unrolled", "unroll",
                  say("Each pixel is divided by {}. Then row after row is laid end to end: one column of {} numbers.",
                      Number(float(first.inputs[1].value), Cell(first.inputs[1].id), "short"), quotes.cells(column)),
                  picture[1:], 10.0, 2.5, unit="pixel"),
            _shot("Folded again", "fold",
                  "The network only ever sees this column. We fold it back into a picture, because we read it better.",
                  picture[1:], 4.0, 2.0, tells=False, unit="pixel"),
            main=2,
        ),
        _chapter(
            2, "Hidden neurons: weights times picture", "forward",
            "Each hidden neuron: 784 weights times 784 pixels, summed, plus a bias",
            _shot("Twenty layers of weights", "layers-cast",
                  say("Each of the {} hidden neurons has its own weight for every pixel: {} layers of {} × {}.",
                      quotes.length(weights), quotes.length(weights), rows, columns),
                  hidden_sum, 5.5, 1.5, tells=False),
            _shot("Multiply, add up, add the bias", "matmul",
                  say("A layer meets the picture: each weight times its pixel, all added up, plus the bias. "
                      "{} pixels become one number.", quotes.cells(column)),
                  hidden_sum, 28.0, 3.5),
        ),
        _chapter(
            3, "Hidden neurons: the sigmoid", "forward", "The sigmoid squeezes each sum between 0 and 1",
            _shot("Squeezed between 0 and 1", "curve",
                  say("The sigmoid turns any sum into a number from {} to {}: "
                      "far below zero the neuron is off, far above it is on.", low, high),
                  hidden, 15.0, 3.0),
        ),
        _chapter(
            4, "Output neurons: weights times hidden", "forward",
            "Each output neuron: 20 weights times 20 hidden neurons, summed, plus a bias",
            _shot("Ten weighted sums", "matmul",
                  say("The same again, smaller: each output weighs the {} hidden neurons, adds them up and adds its bias.",
                      quotes.cells(statements.output("hidden_neurons_20x1"))),
                  output_sum, 18.0, 3.0),
        ),
        _chapter(
            5, "Output neurons: the sigmoid", "forward", "The sigmoid again: ten numbers from 0 to 1, one a digit",
            _shot("Ten answers", "curve",
                  "The sigmoid again. Now each of the ten outputs says how much the picture looks like its digit.",
                  output, 10.0, 2.5),
        ),
    ]  # fmt: skip


def _error(statements: Statements, inputs: Inputs) -> list[Chapter]:
    expected = statements.making("expected_output_10x1") + tuple(
        o.number
        for o in statements.trace.operations
        if o.operation == "setitem" and o.output.name == "expected_output_10x1"
    )
    detected = statements.making("detected")
    found = int(statements.numbers("detected"))
    digit, one, others = quotes.one_hot(statements.trace)
    words: Said
    if found != inputs.label:
        words = say("But the picture shows a {}.", digit)
    elif inputs.label_known:
        words = "That is right, but it can be surer."
    else:
        words = "Nobody told us better, so we teach it that."
    return [
        _chapter(
            6, "Expected and detected", "error", "1 for the right digit and 0 for all others, beside the answer",
            _shot("What it should have said", "verdict",
                  say("We know what the answer should have been: {} for the {}, and {} for all others.",
                      one, digit, others),
                  expected, 6.0, 2.5, unit="output"),
            _shot("What it did say", "verdict",
                  joined(say("The largest output is the network's answer: {}. ", quotes.detected(statements.trace)), words),
                  (*expected, *detected), 8.0, 3.5, unit="output", tells=detected),
        ),
        _chapter(
            7, "How wrong: the output delta", "error", "Output minus expected: how wrong each output is, with its sign",
            _shot("Output minus expected", "subtract",
                  "Subtract what was expected. Too high comes out positive, too low negative, right near zero.",
                  statements.making("output_delta_10x1"), 11.0, 5.0, unit="output",
                  note="without the sigmoid's slope this is the gradient of cross-entropy, not of squared error."),
        ),
    ]  # fmt: skip


def _output_weights(statements: Statements) -> list[Chapter]:
    """Chapters 8 to 10: the weights and biases of the outputs."""
    adjusted = statements.making("hidden_to_output_adjustment_10x20")
    pairs = quotes.cells(statements.output("hidden_to_output_adjustment_10x20"))
    return [
        _chapter(
            8, "Adjustment of the output weights", "backward",
            "Output delta times hidden neurons: each weight's share of the error",
            _shot("Who is to blame?", "matmul",
                  say("A weight is to blame as far as its output was wrong and its hidden neuron was active: "
                      "multiply the two, for all {} pairs.", pairs),
                  adjusted, 19.0, 3.5, unit="weight"),
        ),
        _chapter(
            9, "Output weights updated", "update", "A small step against the adjustment: minus learn rate times it",
            _shot("A small step downhill", "update",
                  "Take only a hundredth of the adjustment, and against it: weights that made it wrong shrink a little.",
                  statements.changing("hidden_to_output_weights_10x20"), 14.0, 3.5, unit="weight"),
        ),
        _chapter(
            10, "Output biases updated", "update", "The same small step for the ten biases",
            _shot("The biases too", "update",
                  "A bias adds straight to its output, so it takes the same small step against that output's delta.",
                  statements.changing("output_biases_10x1"), 9.0, 2.5, unit="bias"),
        ),
    ]  # fmt: skip


def _hidden_error(statements: Statements) -> list[Chapter]:
    """Chapters 11 to 13: the error on its way back to the hidden neurons."""
    carried = statements.making("weighted_output_delta_20x1")
    changed = statements.changing("hidden_to_output_weights_10x20")[-1]
    slope = statements.making("hidden_sigmoid_differential_20x1")
    return [
        _chapter(
            11, "The sigmoid's differential", "backward", "h × (1 − h): how far a push on a hidden neuron moves it",
            _shot("How steep is the sigmoid here?", "curve",
                  "A neuron that is half on can still be moved; one that is fully on or off hardly. "
                  "The slope of the sigmoid says how far.",
                  slope, 12.0, 2.5),
        ),
        _chapter(
            12, "The delta carried back", "backward",
            "Transposed output weights times output delta: the error, sent back to the hidden neurons",
            _shot("Turn the weights over", "transpose",
                  "The error goes back the way it came. Turned over, the weights lead from outputs to hidden neurons.",
                  carried[:1], 5.0, 1.5),
            _shot("Send the error back", "matmul",
                  "Each hidden neuron collects the output deltas, each through the weight that connects them.",
                  carried[1:], 16.0, 6.0,
                  note=say("chapter {} has just changed these weights. A textbook uses the old ones: "
                           "a difference of learn rate × |delta|² × h.", quotes.chapter(9, changed))),
        ),
        _chapter(
            13, "The hidden delta", "backward", "Carried-back error times slope: how wrong each hidden neuron was",
            _shot("Error times slope", "multiply",
                  "The error that came back counts only as far as the neuron can still be moved: multiply by the slope.",
                  statements.making("hidden_delta_20x1"), 11.0, 2.5),
        ),
    ]  # fmt: skip


def _hidden_weights(statements: Statements) -> list[Chapter]:
    """Chapters 14 to 16: the weights and biases of the hidden neurons."""
    stamped = statements.making("input_to_hidden_adjustment_20x784")
    return [
        _chapter(
            14, "Adjustment of the hidden weights", "backward",
            "Hidden delta times picture: the picture itself, stamped once a neuron",
            _shot("Twenty stamps of the picture", "matmul",
                  "Only weights that saw ink are to blame. So each neuron's adjustment is the picture itself, "
                  "as strong as that neuron was wrong.",
                  stamped, 21.0, 4.0),
        ),
        _chapter(
            15, "Hidden weights updated", "update", "A small step for all 15,680 weights",
            _shot("Pressed into the weights", "update",
                  "A hundredth of each stamp is pressed into its layer, against the error. "
                  "The weights change so little that we have to enlarge it.",
                  statements.changing("input_to_hidden_weights_20x784"), 18.0, 3.5),
        ),
        _chapter(
            16, "Hidden biases updated", "update", "The same small step for the twenty biases",
            _shot("And the last biases", "update",
                  "The twenty hidden biases take their small step too. That was all: one step of learning.",
                  statements.changing("hidden_biases_20x1"), 10.0, 2.5, unit="bias"),
        ),
    ]  # fmt: skip


def _again(statements: Statements, inputs: Inputs) -> Chapter:
    before, after = statements.numbers("output_neurons_10x1"), statements.numbers("output_neurons_10x1", 1)
    outputs = statements.making("output_neurons_10x1", 1)
    expected = statements.numbers("expected_output_10x1", 1)  # the first is all zeros
    hidden = statements.making("hidden_neurons_20x1", 1)
    compared = _comparison(before, after, expected)
    history = _value(quotes.HISTORY, "outputs", repeated(inputs))
    return _chapter(
        17, "The same picture again", "forward", "The forward pass once more: what one step has changed",
        _shot("New weights, same picture", "matmul", "The same picture once more, through the changed weights.",
              statements.making("hidden_pre_sigmoid_20x1", 1), 8.0, 1.0),
        _shot("Hidden neurons again", "curve",
              say("Twenty sums, squeezed between {} and {} as before.", *quotes.limits(hidden)), hidden, 4.0, 1.0),
        _shot("Outputs again", "matmul", "Ten weighted sums of them, with the changed output weights.",
              statements.making("output_pre_sigmoid_10x1", 1), 5.0, 1.0),
        _shot("Ten new answers", "curve", "And ten new answers.", outputs, 4.0, 1.0),
        _shot("What one step changed", "compare", quotes.changed(compared[0], compared[1], statements.trace),
              outputs, 8.0, 4.0, tells=False, unit="output", extra=compared),
        _shot("Again and again", "repeat", quotes.repeated(history, statements.trace), outputs, 12.0, 3.5, tells=False,
              extra=(history, _value(quotes.RIGHT_DIGIT, "right digit", np.array(inputs.label)))),
        _shot("The end", "ending", "Guess, compare, carry the error back, change a little. That is learning.",
              outputs, 2.5, 3.5, tells=False,
              note=say("After {} such steps this network reads this one picture. "
                       "Training takes one step for each of {} pictures.", quotes.steps(history), quotes.EPOCH)),
        main=4,
    )  # fmt: skip


def _value(number: int, name: str, array: NDArray[Any]) -> Value:
    """An array beside the trace's; a negative id tells it from theirs."""
    fixed = np.array(array)
    fixed.setflags(write=False)
    return Value(number, name, "activation", fixed)


def _comparison(before: NDArray[Any], after: NDArray[Any], expected: NDArray[Any]) -> tuple[Value, ...]:
    change = Value(quotes.CHANGE, "change_10x1", "gradient", after - before)
    name = "output_neurons_10x1"
    errors = np.array([np.abs(output - expected).sum() for output in (before, after)])
    return (
        _value(quotes.BEFORE, f"{name}/before", before),
        _value(quotes.AFTER, name, after),
        change,
        _value(quotes.ERRORS, "error", errors),
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
