"""A storyboard for tests of the frame, made from source text alone: nothing is run, every value is 0."""

from __future__ import annotations

import ast

import numpy as np

from mnistviz.story.storyboard import Chapter, Phase, Shot, Storyboard
from mnistviz.story.timeline import Timeline, schedule
from mnistviz.trace.model import Operation, Source, SourceFile, Span, Trace, Value

PHASES: tuple[Phase, ...] = ("forward", "error", "backward", "update")
FILE = "network.py"
TAUGHT = '''"""A network."""

import numpy as np


def forward(image_784x1, hidden_biases_20x1):
    """Look at a picture: 784 pixels in, ten out."""
    # Each hidden neuron multiplies every pixel by a
    # weight of its own, adds them up, and its bias.
    hidden_pre_sigmoid_20x1 = (
        hidden_biases_20x1
        + np.matmul(
            input_to_hidden_weights_20x784,
            image_784x1,
        )
    )

    # The sigmoid squeezes any number between 0 and 1.
    hidden_neurons_20x1 = 1 / (
        1 + np.exp(-hidden_pre_sigmoid_20x1)
    )
    return hidden_neurons_20x1


def backward(output_neurons_10x1, learn_rate):
    """Learn: push every weight a little, in place."""
    # How wrong was each output?
    output_delta_10x1 = (
        output_neurons_10x1 - expected_output_10x1
    )

    # A weight is to blame for the error of its output
    # as far as its hidden neuron was active.
    hidden_to_output_adjustment_10x20 = np.matmul(
        output_delta_10x1,
        np.transpose(hidden_neurons_20x1),
    )
    hidden_to_output_weights_10x20 += (
        -learn_rate
        * hidden_to_output_adjustment_10x20
    )
    output_biases_10x1 += (
        -learn_rate * output_delta_10x1
    )
'''


def told(text: str = TAUGHT, caption: str = "One thing at a time.", note: str = "") -> Timeline:
    """A film of the text: a shot for each operation and call, a chapter for each statement."""
    operations: list[Operation] = []
    chapters: list[Chapter] = []
    for function in (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)):
        for statement in function.body:
            shots = []
            for part in ast.walk(statement) if isinstance(statement, ast.Assign | ast.AugAssign) else ():
                if isinstance(part, ast.BinOp | ast.Call):
                    shots.append(_shot(len(operations), caption, note))
                    source = Source(_span(part), _span(statement), function.name, _span(function))
                    operations.append(_operation(len(operations), ast.unparse(part), source))
            if shots:
                number = len(chapters) + 1
                phase = PHASES[len(chapters) % 4]
                chapters.append(Chapter(number, f"Chapter {number}", phase, "It computes.", tuple(shots)))
    trace = Trace("step", tuple(operations), (SourceFile(FILE, text),))
    return schedule(Storyboard("A test", "test", trace, tuple(chapters)))


def _shot(number: int, caption: str, note: str) -> Shot:
    return Shot(f"operation {number}", "generic", caption, (number,), (number,), 20, 15, note)


def _operation(number: int, expression: str, source: Source) -> Operation:
    value = Value(number, f"value_{number}", "activation", np.zeros((1, 1)))
    return Operation(number, "add", expression, (), value, source)


def _span(node: ast.expr | ast.stmt) -> Span:
    last, column = node.end_lineno or 0, node.end_col_offset or 0
    return Span(FILE, node.lineno, node.col_offset, last, column)
