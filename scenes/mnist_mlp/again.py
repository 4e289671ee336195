# mypy: allow-untyped-calls
"""Chapter 17: the same picture through the changed weights, more of the same step, and what training makes of it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.story.sentence import Cell, Number, Said, joined, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter, Gauge, Shot
from mnistviz.trace.model import Value

from . import network, overview, quotes
from .facts import cross_entropy
from .inputs import Inputs
from .stride import stride_of
from .telling import RIGHT, TAUGHT, Also, Lasts, chapter, fixed, shot

SHAPED: Final = 0.3  # of the size of untrained layers: a change of more can be seen
MOST_STEPS: Final = 2_000  # of the fast-forward


def again(statements: Statements, inputs: Inputs) -> Chapter:
    """What one step has changed, and what many do."""
    outputs = statements.making("output_neurons_10x1", 1)
    history = fixed(quotes.HISTORY, "outputs", repeated(inputs))
    return chapter(
        17, "The picture again", "forward", "The forward pass once more: what one step has changed",
        overview.once_more(statements),
        _neurons(statements),
        _compared(statements, inputs),
        *_repeated(statements, inputs, history),
        *_training(inputs, outputs),
        *_layers(inputs, outputs),
        overview.answer(statements, inputs),
        shot("The end", "ending", outputs, Lasts(2.5, 4.0),
             (0.0, "Guess, compare, carry the error back, change a little. That is learning."),
             also=Also(completes=(), note=_in_the_end(statements, history))),
        main=2,
    )  # fmt: skip


def _compared(statements: Statements, inputs: Inputs) -> Shot:
    """The outputs before and after the step."""
    before, after = (statements.numbers("output_neurons_10x1", nth) for nth in (0, 1))
    sums = [statements.numbers("output_pre_sigmoid_10x1", nth)[:, 0] for nth in (0, 1)]
    compared = _comparison(before, after, np.array([cross_entropy(one, inputs.label) for one in sums]))
    fallen = Number(float(compared[3].value[1]), Cell(compared[3].id, 1), "share")
    step = stride_of(statements).step.replace("a ", "one ", 1)
    return shot(
        "What one step changed", "compare", statements.making("output_neurons_10x1", 1), Lasts(7.2, 3.5, 3.0),
        (0.0, say(f"What has {step} done to the {{}}?", quotes.one_hot(statements.trace)[0])),
        (0.5, quotes.changed(compared[0], compared[1], statements.trace)),
        (1.0, quotes.fallen(compared[3])),
        also=Also(completes=(), unit="output for", extra=compared, gauge=Gauge("output_delta_10x1", "loss", fallen)),
    )  # fmt: skip


def _neurons(statements: Statements) -> Shot:
    """The hidden neurons before and after the step."""
    name = "hidden_neurons_20x1"
    old, new = (statements.numbers(name, nth) for nth in (0, 1))
    before, after = (
        fixed(quotes.NEURONS_BEFORE, f"{name}/before", old),
        fixed(quotes.NEURONS_AFTER, name, new),
    )
    change = Value(quotes.NEURONS_CHANGE, "change of each neuron", "gradient", new - old)
    return shot(
        "Inside the network", "compare", statements.making(name, 1), Lasts(5.0, 3.5),
        (0.0, "And inside? The twenty hidden neurons, before and after."),
        (1.0, quotes.most_changed(before, after)),
        also=Also(completes=(), unit="", extra=(before, after, change)),
    )  # fmt: skip


def _comparison(before: NDArray[Any], after: NDArray[Any], losses: NDArray[Any]) -> tuple[Value, ...]:
    change = Value(quotes.CHANGE, "change of each output", "gradient", after - before)
    name = "output_neurons_10x1"
    return (
        fixed(quotes.BEFORE, f"{name}/before", before),
        fixed(quotes.AFTER, name, after),
        change,
        fixed(quotes.ERRORS, "loss", losses),
    )


def _repeated(statements: Statements, inputs: Inputs, history: Value) -> tuple[Shot, ...]:
    """The same step again and again; nothing where the answer was right and sure before the first, or none is made."""
    if len(history.value) == 1:
        return ()
    label = fixed(quotes.RIGHT_DIGIT, RIGHT if inputs.label_known else TAUGHT, np.array(inputs.label))
    return (
        shot(
            "Again and again", "repeat", statements.making("output_neurons_10x1", 1), Lasts(5.5, 4.0),
            (0.0, "And the same step, again and again?"),
            (1.0, quotes.repeated(history, statements.trace)),
            also=Also(completes=(), extra=(history, label)),
        ),
    )  # fmt: skip


def _training(inputs: Inputs, outputs: tuple[int, ...]) -> tuple[Shot, ...]:
    """How the weights were trained, where that is known."""
    curve = [stretch for stretch in inputs.curve if stretch.epoch == 0]
    if len(curve) < 2:
        return ()
    seen = fixed(quotes.SEEN, "pictures seen", np.array([float(stretch.pictures) for stretch in curve]))
    right = fixed(quotes.RIGHT, "per cent right", np.array([stretch.right_percent for stretch in curve]))
    last = len(curve) - 1
    return (
        shot("What training does", "training-curve", outputs, Lasts(5.0, 3.0),
             (0.0, "One such step for each of many pictures: that is training."),
             (1.0, say("After {} pictures it reads {} % rightly.",
                       Number(float(seen.value[last]), Cell(quotes.SEEN, last), "count"),
                       Number(float(right.value[last]), Cell(quotes.RIGHT, last), "short"))),
             also=Also(completes=(), extra=(seen, right))),
    )  # fmt: skip


def _layers(inputs: Inputs, outputs: tuple[int, ...]) -> tuple[Shot, ...]:
    """The layers before and after training, where both are known."""
    if inputs.untrained_layers is None:
        return ()
    before, after = inputs.untrained_layers, inputs.input_to_hidden_weights
    extra = (
        Value(quotes.UNTRAINED, "layers before training", "parameter", before),
        Value(quotes.TRAINED, "layers after training", "parameter", after),
    )
    changed = float(np.linalg.norm(after - before)) > SHAPED * float(np.linalg.norm(before))
    return (
        shot("What the layers have become", "layers-trained", outputs, Lasts(6.0, 3.0),
             (0.0, "The twenty layers before any training: mere chance."),
             (0.5, "After training, shapes stand out of the noise." if changed
                   else "And after training: not much has changed yet."),
             also=Also(completes=(), extra=extra)),
    )  # fmt: skip


def _in_the_end(statements: Statements, history: Value) -> Said:
    """What many steps do to one picture, and to many."""
    training = say("Training takes one step for each of {} pictures.", quotes.EPOCH)
    digit = int(quotes.one_hot(statements.trace)[0].value)
    if len(history.value) == 1 or history.value[-1].argmax() != digit:
        return training
    return joined(
        say(
            f"After {{}} such {'step' if len(history.value) == 2 else 'steps'} this network is sure of this one picture. ",
            quotes.steps(history),
        ),
        training,
    )


def repeated(inputs: Inputs) -> NDArray[np.float64]:
    """Outputs after 0, 1, 2 ... of the same step, until the right digit wins clearly; (steps + 1, 10).

    A learn rate of 0 or less never leads there: then only the first are.
    """
    image, label = inputs.image_784x1, inputs.label
    hidden, hidden_bias, output, output_bias = (matrix.copy() for matrix in inputs.network)
    matrices = (hidden, hidden_bias, output, output_bias)
    rows = [network.forward(image, *matrices)[1][:, 0]]
    while (
        inputs.learn_rate > 0
        and len(rows) <= MOST_STEPS
        and not (rows[-1].argmax() == label and rows[-1][label] >= quotes.SURE)
    ):
        network.step(image, label, *matrices, inputs.learn_rate)
        rows.append(network.forward(image, *matrices)[1][:, 0])
    return np.array(rows, dtype=np.float64)
