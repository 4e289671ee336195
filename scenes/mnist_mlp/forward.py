"""Chapters 2 to 5: the picture goes through the network, and becomes ten answers."""

from __future__ import annotations

from mnistviz.story.sentence import say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter

from . import quotes, wires
from .inputs import Inputs
from .telling import Also, Lasts, chapter, shot


def forward(statements: Statements, inputs: Inputs) -> list[Chapter]:
    """Twenty hidden neurons, ten outputs."""
    return [
        _hidden_sums(statements),
        _hidden_neurons(statements),
        _output_sums(statements),
        _outputs(statements, inputs),
    ]


def _hidden_sums(statements: Statements) -> Chapter:
    sums = statements.making("hidden_pre_sigmoid_20x1")
    pixels = statements.trace.operations[statements.making("image_784x1")[0]].inputs[0]
    weights = statements.given("input_to_hidden_weights_20x784")
    return chapter(
        2, "Weights times picture", "forward",
        "Each hidden neuron: 784 weights times 784 pixels, summed, plus a bias",
        shot("Twenty layers of weights", "layers-cast", sums, Lasts(5.5, 2.0, 1.6),
             (0.0, "How does a neuron see a picture?"),
             (0.45, say("With a weight for every pixel: {} layers of {} × {}.", quotes.length(weights),
                        quotes.length(pixels, 0), quotes.length(pixels, 1))),
             also=Also(completes=())),
        shot("Multiply, add up, add the bias", "matmul", sums, Lasts(21.5, 3.5),
             (0.0, say("Take hidden neuron {}: the picture is laid over its weights.",
                       quotes.largest_by_size(statements.output("hidden_delta_20x1")))),
             (0.175, "Each weight is multiplied by the pixel beneath it."),
             (0.32, say("All {} products become one number.", quotes.cells(statements.output("image_784x1")))),
             (0.43, "Its bias joins, and the neuron has its sum."),
             (0.64, "The other neurons do the same, each with its own weights."),
             (1.0, "A sum far above zero will switch its neuron on."),
             also=Also(unit="sum of")),
    )  # fmt: skip


def _hidden_neurons(statements: Statements) -> Chapter:
    hidden = statements.making("hidden_neurons_20x1")
    return chapter(
        3, "Off or on: the sigmoid", "forward", "The sigmoid squeezes each sum between 0 and 1",
        shot("Squeezed between 0 and 1", "curve", hidden, Lasts(12.0, 3.0, 3.7),
             (0.0, say("How does any sum become a number from {} to {}?", *quotes.limits(hidden))),
             (0.31, "Up to the curve, and across: that is the neuron."),
             (0.64, "Far below zero: off. Far above zero: on."),
             (1.0, "Every neuron now lies between off and on."),
             also=Also(unit="")),
    )  # fmt: skip


def _output_sums(statements: Statements) -> Chapter:
    return chapter(
        4, "Weights times neurons", "forward",
        "Each output neuron: 20 weights times 20 hidden neurons, summed, plus a bias",
        shot("Ten weighted sums", "matmul", statements.making("output_pre_sigmoid_10x1"), Lasts(14.0, 3.0, 2.0),
             (0.0, "Which digit do the hidden neurons speak for?"),
             (0.2, "Weight times neuron, all added up, plus the bias."),
             (0.46, "The other digits do the same, each with its own weights."),
             (1.0, "Ten sums. Which digit has the largest?"),
             also=Also(unit="sum for")),
    )  # fmt: skip


def _outputs(statements: Statements, inputs: Inputs) -> Chapter:
    outputs = statements.making("output_neurons_10x1")
    return chapter(
        5, "Ten answers", "forward", "The sigmoid again: ten numbers from 0 to 1, one a digit",
        shot("From sums to answers", "curve", outputs, Lasts(8.5, 2.5),
             (0.0, "The sigmoid again: every sum becomes an answer."),
             (0.5, say("Near {} means: this is my digit.", quotes.limits(outputs)[1])),
             (1.0, "Ten answers. Which is the largest?"),
             also=Also(unit="output for")),
        wires.what_it_says(statements, inputs),
        main=0,
    )  # fmt: skip
