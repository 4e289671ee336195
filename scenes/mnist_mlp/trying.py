# mypy: allow-untyped-calls
"""What a reader may try on the page: another picture, another answer, other weights; and what to try first."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Change, Laboratory, Suggestion
from mnistviz.trace.model import Trace

from . import network
from .inputs import Inputs

DIGIT: Final = 7  # to be read rightly
SILENT: Final = 8  # the hidden neuron that says nothing
RATE: Final = 1.0


def laboratory(trace: Trace, inputs: Inputs) -> Laboratory:
    """The arrays of one lesson that one may change, and three suggestions."""
    given = {value.name: value.id for value in trace.inputs}
    picture, expected, rate = (given[name] for name in ("picture_28x28", "label", "learn_rate"))
    weights = given["hidden_to_output_weights_10x20"]
    digits, neurons = inputs.hidden_to_output_weights.shape
    cells = tuple(digit * neurons + SILENT for digit in range(digits))
    found = [
        *_well_read(inputs, picture, expected),
        Suggestion(f"Let hidden neuron {SILENT} say nothing", (Change(weights, cells, (0.0,) * digits),)),
        Suggestion("A learn rate of 1", (Change(rate, (0,), (RATE,)),)),
    ]
    outputs = Statements(trace).output("output_neurons_10x1").id
    return Laboratory(picture, expected, rate, outputs, tuple(found))


def _well_read(inputs: Inputs, picture: int, expected: int) -> list[Suggestion]:
    """Of the other digits the one of that kind that is read most surely; none where none is read rightly.

    One that reaches the edge looks cut off: it is taken where there is no other.
    """
    others = inputs.others[inputs.other_labels == DIGIT]
    columns = others.reshape(len(others), -1).T / 256  # (784, n)
    outputs = network.forward(columns, *inputs.network)[1]  # (10, n)
    right = np.flatnonzero(outputs.argmax(axis=0) == DIGIT) if len(others) else np.array([], np.int64)
    if not right.size:
        return []
    inside = right[[not _reaches_edge(one) for one in others[right]]]
    right = inside if inside.size else right
    best = others[right[outputs[DIGIT, right].argmax()]].ravel()
    cells = tuple(range(best.size))
    pixels = Change(picture, cells, tuple(float(number) for number in best))
    return [Suggestion(f"A {DIGIT} that it reads right", (pixels, Change(expected, (0,), (float(DIGIT),))))]


def _reaches_edge(picture: NDArray[np.uint8]) -> bool:
    """Whether there is ink in the outermost rows and columns of a picture (28, 28)."""
    return bool(picture[[0, -1]].any() or picture[:, [0, -1]].any())
