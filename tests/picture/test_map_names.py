"""What a map calls arrays that lie in lists and dicts, and that each is on it, by whichever quotes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnistviz.picture.map.draw import pretty
from mnistviz.picture.map.graph import graph_of, plain_name
from mnistviz.story.default import default_storyboard
from mnistviz.trace.model import Value
from mnistviz.trace.recording.recorder import record

NAMES = {  # without an index into the array itself; and as the map has it
    "x": ("x", "x"),
    "hidden_weights_4x2": ("hidden_weights_4x2", "hidden weights"),
    "self.w.T": ("self.w", "self.w"),
    "h[3]": ("h", "h"),
    "h[3].T": ("h", "h"),
    "x[0].T[1]": ("x", "x"),
    "x[1:, 0]": ("x", "x"),
    "weights[0]": ("weights", "weights"),
    'params["W1"].T': ('params["W1"]', "params W1"),
    "p['W0'][:, 1]": ("p['W0']", "p W0"),
    "layers[0].w": ("layers[0].w", "layers[0] w"),
    'net.layers[1].grads["b"]': ('net.layers[1].grads["b"]', "layers[1] grads b"),
    "net.layers[0][1].data": ("net.layers[0][1].data", "layers[0][1] data"),
    "f(x)": ("", ""),
    "(x @ w).data": ("", ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_without_its_index_and_as_it_stands_on_the_map(name: str) -> None:
    plain, shown = NAMES[name]
    assert plain_name(Value(0, name, "input", np.ones(2))) == plain
    assert not plain or pretty(plain) == shown


class Layer:
    def __init__(self, size: int) -> None:
        self.params = {"w": np.eye(size) * 0.5}

    def forward(self, x: Any) -> Any:
        self.taken = x
        return x @ self.params["w"]

    def backward(self, d: Any) -> Any:
        self.grads = {"w": self.taken.T @ d}
        return d @ self.params["w"].T


def step(layers: Any, x: Any, t: Any) -> Any:
    y = x
    for layer in layers:
        y = layer.forward(y)
    d = y - t
    for layer in reversed(layers):
        d = layer.backward(d)
    for layer in layers:
        for key in layer.params:
            layer.params[key] -= 0.1 * layer.grads[key]
    return y


def test_each_layer_of_a_list_is_on_the_map_and_what_is_learned_leads_back_to_it() -> None:
    trace = record(step, [Layer(3), Layer(3)], np.ones((2, 3)), np.zeros((2, 3)))
    graph = graph_of(trace)
    weights = [node for node in graph.nodes if node.name.endswith(('.params["w"]', ".params['w']"))]
    assert len(weights) == 2 and all(len(node.versions) == 2 for node in weights)
    assert {pretty(node.name) for node in weights} == {"layers[0] params w", "layers[1] params w"}
    assert default_storyboard(trace).chapters[-1].phase == "update"
