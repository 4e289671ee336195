"""What objects of a list or dict are called, that a loop goes through."""

from __future__ import annotations

import ast
import gc
import importlib.util
import sys
import weakref
from pathlib import Path

import pytest

from mnistviz import record
from mnistviz.trace.recording.objects import Objects
from mnistviz.trace.source.sites import Loop

CLASS = """
import numpy as np
from collections import OrderedDict


class Layer:
    def __init__(self, size):
        self.w = np.arange(1.0, size + 1)

    def __call__(self, x):
        return x * self.w

    def back(self, g):
        self.w -= 0.1 * g
        return g * self.w


class Net:
    def __init__(self):
        self.layers = [Layer(3), Layer(3)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


net, plain, named = Net(), [Layer(3), Layer(3)], OrderedDict(first=Layer(3), second=Layer(3))
weights = [{"w": np.ones(3)}, {"w": np.ones(3)}]
nested = [(Layer(3), Layer(3)), (Layer(3),)]
a, b = Layer(3), Layer(3)


def step(x):
"""
BODIES = {
    "a list": ("for layer in plain: x = layer(x)", ["plain[0].w", "plain[1].w"]),
    "backwards": ("for layer in reversed(plain): x = layer.back(x)", ["plain[1].w", "plain[0].w"]),
    "turned round": ("for layer in plain[::-1]: x = layer(x)", ["plain[1].w", "plain[0].w"]),
    "all but the first": ("for layer in plain[1:]: x = layer(x)", ["plain[1].w"]),
    "counted": ("for i, layer in enumerate(plain): x = layer(x)", ["plain[0].w", "plain[1].w"]),
    "side by side": ("for layer, k in zip(plain, (2, 3)): x = layer(x) * k", ["plain[0].w", "plain[1].w"]),
    "in an object": ("x = net.forward(x)", ["net.layers[0].w", "net.layers[1].w"]),
    "of a dict": ("for layer in named.values(): x = layer(x)", ['named["first"].w', 'named["second"].w']),
    "with its key": (
        "for key, layer in named.items(): x = layer.w * x",
        ['named["first"].w', 'named["second"].w'],
    ),
    "dicts": ("for layer in weights: x = layer['w'] * x", ["weights[0]['w']", "weights[1]['w']"]),
    "in a comprehension": ("x = sum([layer(x) for layer in plain])", ["plain[0].w", "plain[1].w"]),
    "in pairs in a list": (
        "every = [one for pair in nested for one in pair]\n    for layer in every: x = layer(x)",
        ["nested[0][0].w", "nested[0][1].w", "nested[1][0].w"],
    ),
    "in pairs of loops": (
        "for pair in nested:\n        for layer in pair: x = layer(x)",
        ["nested[0][0].w", "nested[0][1].w", "nested[1][0].w"],
    ),
    "set to another": (
        "for layer in plain:\n        x = layer(x)\n        layer = a\n        x = layer(x)",
        ["layer.w"] * 4,
    ),
    "after the loop": ("for layer in plain: pass\n    x = layer(x)", ["layer.w"]),
    "another of that name": (
        "for layer in plain: x = layer(x)\n    for layer in (a, b): x = layer(x)",
        ["plain[0].w", "plain[1].w", "layer.w", "layer.w"],
    ),
    "of no name": ("for layer in [a, b]: x = layer(x)", ["layer.w", "layer.w"]),
    "a slice of which nobody says where": ("k = 1\n    for layer in plain[k:]: x = layer(x)", ["layer.w"]),
    "known by the list": (
        "for layer in plain: x = layer(x)\n    for layer in [one for one in plain]: x = layer(x)",
        ["plain[0].w", "plain[1].w"] * 2,
    ),
}


def test_what_is_gone_is_forgotten_and_kept_alive_by_nobody() -> None:
    class Thing:
        pass

    found, frame = Objects(), sys._getframe()
    loop = ast.parse("for one in things: pass").body[0]
    things = [Thing(), Thing()]
    found.enter(loop, frame, things, ast.parse("things", mode="eval").body, lambda _: "things")
    found.turn(loop, frame, (things[1],))
    assert found.called("one", (Loop(loop),), frame) == "things[1]"
    alive = [weakref.ref(one) for one in things]
    things.clear()
    gc.collect()
    assert [one() for one in alive] == [None, None]
    assert found._known == {}


@pytest.mark.parametrize("name", BODIES)
def test_an_object_is_called_by_its_list(name: str, tmp_path: Path) -> None:
    body, wanted = BODIES[name]
    path = tmp_path / "objects_of_a_list.py"
    path.write_text(f"{CLASS}    {body}\n    return x\n")
    spec = importlib.util.spec_from_file_location("objects_of_a_list", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["objects_of_a_list"] = module
    spec.loader.exec_module(module)
    try:
        trace = record(module.step, module.np.ones(3))
    finally:
        del sys.modules["objects_of_a_list"]
    met = [value.name for one in trace if one.operation == "multiply" for value in one.inputs]
    assert [one for one in met if one.endswith((".w", "['w']"))] == wanted
