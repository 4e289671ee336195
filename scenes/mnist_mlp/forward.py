"""Chapters 2 to 7: the picture goes through the network, and the answer is held against the truth."""

from __future__ import annotations

from mnistviz.story.sentence import Said, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter

from . import overview, quotes
from .inputs import Inputs
from .telling import Also, Lasts, chapter, shot


def forward(statements: Statements, inputs: Inputs) -> list[Chapter]:
    """Chapters 2 to 5: twenty hidden neurons, ten outputs."""
    hidden_sum, hidden = (
        statements.making("hidden_pre_sigmoid_20x1"),
        statements.making("hidden_neurons_20x1"),
    )
    output_sum, output = (
        statements.making("output_pre_sigmoid_10x1"),
        statements.making("output_neurons_10x1"),
    )
    pixels = statements.trace.operations[statements.making("image_784x1")[0]].inputs[0]
    weights = statements.given("input_to_hidden_weights_20x784")
    low, high = quotes.limits(hidden)
    return [
        chapter(
            2, "Hidden neurons: weights times picture", "forward",
            "Each hidden neuron: 784 weights times 784 pixels, summed, plus a bias",
            shot("Twenty layers of weights", "layers-cast", hidden_sum, Lasts(5.5, 2.0),
                 (0.0, "Every hidden neuron has one weight for every pixel."),
                 (0.6, say("{} neurons: {} layers of {} × {}.", quotes.length(weights), quotes.length(weights),
                           quotes.length(pixels, 0), quotes.length(pixels, 1))),
                 also=Also(completes=())),
            shot("Multiply, add up, add the bias", "matmul", hidden_sum, Lasts(25.5, 3.0),
                 (0.0, say("Take hidden neuron {}: the picture is laid over its weights.",
                           quotes.largest_by_size(statements.output("hidden_delta_20x1")))),
                 (0.18, "Each weight is multiplied by the pixel beneath it."),
                 (0.34, say("All products flow together: {} become one number.",
                            quotes.cells(statements.output("image_784x1")))),
                 (0.54, "Its bias joins, and the neuron has its sum."),
                 (0.76, "The other neurons do the same, each with its own weights."),
                 (1.0, "A sum far above zero will switch its neuron on."),
                 also=Also(unit="sum of")),
        ),
        chapter(
            3, "Hidden neurons: the sigmoid", "forward", "The sigmoid squeezes each sum between 0 and 1",
            shot("Squeezed between 0 and 1", "curve", hidden, Lasts(13.5, 2.5),
                 (0.0, say("How does any sum become a number from {} to {}?", low, high)),
                 (0.32, "Up to the curve, and across: that is the neuron."),
                 (0.64, "Far below zero: off. Far above zero: on."),
                 (1.0, "Every neuron now lies between off and on."),
                 also=Also(unit="")),
        ),
        chapter(
            4, "Output neurons: weights times hidden", "forward",
            "Each output neuron: 20 weights times 20 hidden neurons, summed, plus a bias",
            shot("Ten weighted sums", "matmul", output_sum, Lasts(16.0, 3.0),
                 (0.0, "Now each digit weighs the hidden neurons."),
                 (0.27, "Weight times neuron, all added up, plus the bias."),
                 (0.62, "The other digits do the same, each with its own weights."),
                 (1.0, "Ten sums. Which digit has the largest?"),
                 also=Also(unit="sum for")),
        ),
        chapter(
            5, "Output neurons: the sigmoid", "forward", "The sigmoid again: ten numbers from 0 to 1, one a digit",
            shot("Ten answers", "curve", output, Lasts(10.0, 2.5),
                 (0.0, "The sigmoid again: every sum becomes an answer."),
                 (0.5, say("Near {} means: this is my digit.", high)),
                 (1.0, "Ten answers. Which is the largest?"),
                 also=Also(unit="output for")),
            overview.what_it_says(statements, inputs),
            main=0,
        ),
    ]  # fmt: skip


def error(statements: Statements, inputs: Inputs) -> list[Chapter]:
    """Chapters 6 and 7: what it should have said, what it did say, and the difference."""
    trace = statements.trace
    expected = statements.making("expected_output_10x1") + tuple(
        o.number
        for o in trace.operations
        if o.operation == "setitem" and o.output.name == "expected_output_10x1"
    )
    detected = statements.making("detected")
    digit, one, others = quotes.one_hot(trace)
    return [
        chapter(
            6, "Expected and detected", "error", "1 for the right digit and 0 for all others, beside the answer",
            overview.was_it_right(statements),
            shot("What it should have said", "verdict", expected, Lasts(6.0, 2.5),
                 (0.0, "What should it have said?"),
                 (0.42, say("{} for the {}, and {} for all others.", one, digit, others)),
                 also=Also(unit="output")),
            shot("What it did say", "verdict", (*expected, *detected), Lasts(8.0, 3.5),
                 (0.0, "And what did it say? Look for the largest."),
                 (0.62, say("The largest output is its answer: {}.", quotes.detected(trace))),
                 (1.0, _judged(statements, inputs)),
                 also=Also(completes=detected, unit="output")),
        ),
        chapter(
            7, "How wrong: the output delta", "error", "Output minus expected: how wrong each output is, with its sign",
            shot("Output minus expected", "subtract", statements.making("output_delta_10x1"), Lasts(11.0, 4.0),
                 (0.0, "How wrong is each output? Subtract what was expected."),
                 (0.42, "Above zero: it said too much. Below: too little."),
                 (0.76, "Near zero: it was nearly right."),
                 (1.0, _wished(statements, inputs)),
                 also=Also(unit="error of",
                 note="without the sigmoid's slope this is the gradient of cross-entropy, not of squared error.")),
        ),
    ]  # fmt: skip


def is_wrong(statements: Statements, inputs: Inputs) -> bool:
    """Whether another digit was detected than the one that is taught."""
    return int(statements.numbers("detected")) != inputs.label


def _judged(statements: Statements, inputs: Inputs) -> Said:
    """What is said of the answer."""
    if is_wrong(statements, inputs):
        return say("But the picture shows a {}.", quotes.one_hot(statements.trace)[0])
    return (
        "That is right, but it can be surer."
        if inputs.label_known
        else "Nobody told us better, so we teach it that."
    )


def _wished(statements: Statements, inputs: Inputs) -> Said:
    """Which outputs must rise and fall."""
    digit = quotes.one_hot(statements.trace)[0]
    if is_wrong(statements, inputs):
        return say("The {} must rise. The {} must fall.", digit, quotes.detected(statements.trace))
    return say("The {} should rise, and all others fall.", digit)
