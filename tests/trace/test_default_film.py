"""The default film's trace: the same 47 operations, names, roles and places as ever, and the numbers of the run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from mnistviz.scene import PictureChoice, load_scene
from scenes.mnist_mlp import inputs, network


def _value(value):
    return [value.name, value.role, list(value.shape), str(value.dtype)]


def _row(operation):
    span = operation.source.expression
    return [
        operation.operation,
        operation.expression,
        operation.source.function,
        [span.first_line, span.first_column, span.last_line, span.last_column],
        [call.first_line for call in operation.source.calls],
        [_value(value) for value in operation.inputs],
        _value(operation.output),
        operation.in_place,
    ]


def test_the_film_keeps_its_operations():
    trace = load_scene("mnist_mlp", PictureChoice()).record()
    kept = json.loads(Path(__file__).with_name("default_film.json").read_text(encoding="utf-8"))
    assert [_row(operation) for operation in trace] == kept
    assert trace.check() == 0
    assert (trace.coverage.made, trace.coverage.replayed, trace.coverage.complete) == (47, 47, True)


def test_its_numbers_are_those_of_the_run_that_nobody_watches():
    given = inputs.gather(PictureChoice())
    plain, watched = given.arguments, given.arguments
    hidden, output = network.lesson(*plain)
    trace = inputs.record_scene(given)
    assert [value.value.tobytes() for value in trace.returned] == [hidden.tobytes(), output.tobytes()]
    for place, name in ((2, "input_to_hidden_weights_20x784"), (5, "output_biases_10x1")):
        assert np.array_equal(trace.making(name).output.value, plain[place])
        assert np.array_equal(trace.making(name).output.before, watched[place])
