"""Chapters 8 to 16: the error goes back the way the picture came, and every weight takes a small step."""

from __future__ import annotations

import numpy as np

from mnistviz.picture.drawings.changes import update_of
from mnistviz.story.sentence import Said, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter

from . import further, overview, quotes, wires
from .inputs import Inputs
from .stride import has_moved, kind_of, stride_of
from .telling import Also, Lasts, chapter, shot

OFF = 0.1  # a neuron below that was off
ALONE = 0.1  # of the largest error: where all others are less it is alone
STEEP = 0.1  # a slope above that is steep: of neurons from 0.11 to 0.89


def output_weights(statements: Statements, inputs: Inputs) -> list[Chapter]:
    """Chapters 8 to 10: the weights and biases of the outputs."""
    return [
        _output_adjustment(statements, inputs),
        _output_step(statements, inputs),
        _output_biases(statements),
    ]


def _output_adjustment(statements: Statements, inputs: Inputs) -> Chapter:
    return chapter(
        8, "Who is to blame?", "backward", "Output delta times hidden neurons: each weight's share of the error",
        overview.who_is_to_blame(statements, inputs),
        shot("Each weight's share", "matmul", statements.making("hidden_to_output_adjustment_10x20"), Lasts(15.0, 3.0),
             (0.0, "The neurons lie down, so that every pair can meet."),
             (0.23, "The share: error times how far the neuron was on."),
             (0.46, hardly_on(statements)),
             (0.67, "Red weights should fall, blue weights should rise."),
             (1.0, blamed(statements)),
             also=Also(unit="weight")),
    )  # fmt: skip


def hardly_on(statements: Statements) -> str:
    """Of the neuron that was on the least, which is told as this is said."""
    if statements.numbers("hidden_neurons_20x1").min() < OFF:
        return "A neuron that was off has almost no share."
    return "The less it was on, the less its share."


def blamed(statements: Statements) -> Said:
    """Where the blame lies: in the rows of the two digits, where theirs are the largest errors; perhaps in one alone."""
    errors = np.abs(statements.numbers("output_delta_10x1")[:, 0])
    digit, answer = quotes.one_hot(statements.trace)[0], quotes.detected(statements.trace)
    if np.sort(errors)[-2] < ALONE * errors.max():
        return say(
            "One row carries nearly all: the {}.",
            quotes.largest_by_size(statements.output("output_delta_10x1")),
        )
    largest = set(np.argsort(errors, kind="stable")[-2:].tolist())
    if digit.value != answer.value and largest == {int(digit.value), int(answer.value)}:
        return say("Two rows carry most: the {} and the {}.", digit, answer)
    return "Every row is as strong as its output's error."


def _output_step(statements: Statements, inputs: Inputs) -> Chapter:
    weights, stride = statements.changing("hidden_to_output_weights_10x20"), stride_of(statements)
    return chapter(
        9, stride.title, "update", stride.summary,
        shot(stride.named, "update", weights, Lasts(11.0, 3.5),
             (0.0, say(stride.taken, quotes.learn_rate(statements))),
             (0.3, stride.why),
             (0.56, moves(statements, weights[-1])),
             (1.0, quotes.moved(statements, weights[-1])),
             also=Also(unit="weight")),
        *further.how_far(statements, inputs),
        main=0,
    )  # fmt: skip


def moves(statements: Statements, number: int) -> str:
    """What the step does to the weights, where it does anything to each of them."""
    output, way = statements.trace.operations[number].output, stride_of(statements).moves
    moved = output.value != output.before
    if moved.all():
        return f"Each weight moves {way} its blame."
    if moved.any():
        return f"Those with a real share move {way} it."
    if kind_of(statements) in ("none", "needless"):
        return "So every weight stays where it is."
    return "But that is too little: no weight moves."


def _output_biases(statements: Statements) -> Chapter:
    biases = statements.changing("output_biases_10x1")
    return chapter(
        10, "The output biases", "update", "The same step for the ten biases",
        shot("The same for the biases", "update", biases, Lasts(4.2, 2.0, 1.2),
             (0.0, "And the biases?"),
             (0.29, "They have no neuron: the error alone counts."),
             (1.0, biases_move(statements, biases[-1])),
             also=Also(unit="bias of")),
    )  # fmt: skip


def shortly_moves(statements: Statements) -> str:
    """The same in a few words."""
    output = statements.trace.operations[statements.changing("hidden_to_output_weights_10x20")[-1]].output
    if (output.value == output.before).all():
        return "No weight moves."
    return f"The weights move {({'small': 'a little', 'large': 'far'}).get(kind_of(statements), 'uphill')}."


def biases_move(statements: Statements, number: int) -> str:
    """What the step does to the output biases."""
    output = statements.trace.operations[number].output
    moved, way = output.value != output.before, "along" if kind_of(statements) == "uphill" else "against"
    if moved.all():
        return f"Each moves {way} its error."
    return "Errors near zero move none." if moved.any() else "None of them moves."


def hidden_error(statements: Statements, inputs: Inputs) -> list[Chapter]:
    """Chapters 11 to 13: the error on its way back to the hidden neurons."""
    return [_slope(statements), _carried(statements, inputs), _hidden_delta(statements)]


def _slope(statements: Statements) -> Chapter:
    slope = statements.making("hidden_sigmoid_differential_20x1")
    return chapter(
        11, "The sigmoid's slope", "backward", "h × (1 − h): how far a push on a hidden neuron moves it",
        overview.further_back(statements),
        shot("How steep is the sigmoid here?", "slope", slope, Lasts(11.0, 3.0, 2.4),
             (0.0, "Can a neuron still be moved?"),
             (0.22, "The slope of the sigmoid tells."),
             (0.44, steepest(statements)),
             (0.72, "Fully on or off: flat, hardly to be moved."),
             (1.0, "The steeper it stands, the more it can learn."),
             also=Also(unit="slope of")),
    )  # fmt: skip


def steepest(statements: Statements) -> str:
    """Of the neurons that are told as this is said, the one with the largest blame, then the steepest."""
    if statements.numbers("hidden_sigmoid_differential_20x1").max() > STEEP:
        return "Half on: it is steep there, easy to move."
    return "None is half on, where it would be steep."


def _carried(statements: Statements, inputs: Inputs) -> Chapter:
    carried = statements.making("weighted_output_delta_20x1")
    return chapter(
        12, "The error goes back", "backward",
        "Transposed output weights times output delta: the error, sent back to the hidden neurons",
        shot("Turn the weights over", "transpose", carried[:1], Lasts(5.5, 2.5, 2.7),
             (0.0, "The error goes back the way it came."),
             (0.5, "So the weights turn over: from digits to neurons."),
             also=Also(unit="weight")),
        shot("Send the error back", "matmul", carried[1:], Lasts(12.5, 3.5),
             (0.0, "The errors come back, each through its weight."),
             (0.22, "All added up: how much this neuron is to blame."),
             (0.5, "Each neuron collects the errors that it helped to make."),
             (1.0, "Above zero: it was on too far. Below: not enough."),
             also=Also(unit="error at")),
        wires.through_the_wires(statements, inputs),
        main=1,
    )  # fmt: skip


def _hidden_delta(statements: Statements) -> Chapter:
    return chapter(
        13, "The hidden error", "backward", "Carried-back error times slope: how wrong each hidden neuron was",
        shot("Error times slope", "multiply", statements.making("hidden_delta_20x1"), Lasts(8.5, 2.5, 1.6),
             (0.0, "Who carries the most blame?"),
             (0.28, "What came back counts only as far as the neuron can move."),
             (1.0, most_blamed(statements)),
             also=Also(unit="blame of")),
    )  # fmt: skip


def most_blamed(statements: Statements) -> Said:
    """Which hidden neuron has the largest delta, where any has one, and whether it is the only one."""
    sizes = np.abs(statements.numbers("hidden_delta_20x1"))
    if not sizes.any():
        return "Nobody: nothing comes through to them."
    alone = np.count_nonzero(np.isclose(sizes, sizes.max(), rtol=1e-9, atol=0.0)) == 1
    words = (
        "Hidden neuron {} carries the largest blame." if alone else "Neuron {} and others share the blame."
    )
    return say(words, quotes.largest_by_size(statements.output("hidden_delta_20x1")))


def hidden_weights(statements: Statements) -> list[Chapter]:
    """Chapters 14 to 16: the weights and biases of the hidden neurons."""
    return [_stamps(statements), _hidden_step(statements), _hidden_biases(statements)]


def _stamps(statements: Statements) -> Chapter:
    return chapter(
        14, "The picture, stamped", "backward",
        "Hidden delta times picture: the picture itself, stamped once a neuron",
        shot("Twenty stamps of the picture", "matmul", statements.making("input_to_hidden_adjustment_20x784"),
             Lasts(15.0, 4.0, 2.9),
             (0.0, "Which weights of a neuron are to blame?"),
             (0.2, saw_ink(statements)),
             (0.45, how_strong(statements)),
             (0.72, own_stamp(statements)),
             (1.0, quotes.faint(statements.output("input_to_hidden_adjustment_20x784"))),
             also=Also(unit="weight")),
    )  # fmt: skip


def saw_ink(statements: Statements) -> str:
    """Which of a neuron's weights are to blame."""
    if statements.numbers("image_784x1").any():
        return "Only those that saw ink: the picture itself is stamped."
    return "Only those that saw ink. This picture has none."


def how_strong(statements: Statements) -> str:
    """What makes a stamp strong, or what is missing where all are empty."""
    if statements.numbers("input_to_hidden_adjustment_20x784").any():
        return "As strong as the neuron's blame, and with its sign."
    if statements.numbers("image_784x1").any():
        return "As strong as the neuron's blame. Here there is none."
    return "No ink, no stamp, however great the blame."


def own_stamp(statements: Statements) -> str:
    """That there are as many stamps as neurons, empty or not."""
    if statements.numbers("input_to_hidden_adjustment_20x784").any():
        return "Every neuron gets its own stamp."
    return "So it is for every neuron."


def _hidden_step(statements: Statements) -> Chapter:
    weights, stride = statements.changing("input_to_hidden_weights_20x784"), stride_of(statements)
    return chapter(
        15, "Into the weights", "update", f"{stride.step[0].upper()}{stride.step[1:]} for all 15,680 weights",
        overview.all_know(statements),
        shot("Pressed into the weights", "update", weights, Lasts(13.5, 3.0),
             (0.0, say(stride.again, quotes.learn_rate(statements, 1))),
             *((at, words) for at, words in zip((0.28, 0.52), _pressed(statements), strict=True)),
             (1.0, quotes.moved(statements, weights[-1])),
             also=Also(unit="weight")),
    )  # fmt: skip


def _pressed(statements: Statements) -> tuple[str, str]:
    """What becomes of the stamps, where they are not all empty."""
    numbers = statements.changing("input_to_hidden_weights_20x784")
    output = statements.trace.operations[numbers[-1]].output
    if not statements.numbers("input_to_hidden_adjustment_20x784").any():
        return "But every stamp is empty: nothing to press.", "So every layer stays as it was."
    if (output.value == output.before).all():
        still = kind_of(statements) == "none"
        words = (
            "Times nothing, it changes no weight." if still else "But it is too weak to change any weight."
        )
        return "Each stamp is laid over its layer.", words
    update = update_of(tuple(statements.trace.operations[number] for number in numbers))
    if update is None or update.gain == 1:
        return "Each stamp is pressed into its layer.", "Nothing is enlarged: it can be seen as it is."
    return "Each stamp is pressed into its layer.", "So small that we must enlarge it to see it."


def _hidden_biases(statements: Statements) -> Chapter:
    return chapter(
        16, "The hidden biases", "update", "The same step for the twenty biases",
        shot("And the last biases", "update", statements.changing("hidden_biases_20x1"), Lasts(4.0, 2.0, 1.2),
             (0.0, "What is left to change?"),
             (0.45, "Only the hidden biases."),
             (1.0, one_step(statements)),
             also=Also(unit="bias of")),
    )  # fmt: skip


def one_step(statements: Statements) -> str:
    """What the nine chapters came to."""
    if not has_moved(statements):
        return "One step, and nothing has moved."
    if kind_of(statements) == "uphill":
        return "One step, the wrong way."
    return "That was one step of learning."
