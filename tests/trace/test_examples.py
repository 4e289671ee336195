"""The numbered examples: recorded, proved, told; their gradients are checked by finite differences."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from mnistviz.story.default import default_storyboard
from mnistviz.story.timeline import schedule
from mnistviz.trace.recording.recorder import record

NAMES = [
    "02_relu_softmax", "03_convolution", "04_attention", "05_logistic_regression", "06_power_iteration",
    "07_k_means",
]  # fmt: skip


@pytest.fixture
def example(root):
    def load(name):
        spec = importlib.util.spec_from_file_location(f"example_{name}", root / "examples" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_recorded_proved_and_told(example, name):
    module = example(name)
    expected = module.step(*module.inputs())
    trace = record(module.step, *module.inputs())
    assert trace.failure is None
    trace.check()
    results = expected if isinstance(expected, tuple) else (expected,)
    assert [value.value.tobytes() for value in trace.returned] == [
        np.asarray(one).tobytes() for one in results
    ]
    storyboard = default_storyboard(trace)
    told = sorted(n for chapter in storyboard.chapters for shot in chapter.shots for n in shot.completes)
    assert told == list(range(len(trace)))
    assert 200 < schedule(storyboard, "story").ticks < 2400  # 4 minutes


def _numeric(loss, array, step=1e-6):
    """Gradient of `loss()` by central differences over each cell of `array`."""
    gradient = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + step
        above = loss()
        array[place] = kept - step
        below = loss()
        array[place] = kept
        gradient[place] = (above - below) / (2 * step)
    return gradient


def test_the_classifier_goes_down_its_gradient(example):
    module = example("02_relu_softmax")
    x, labels, w1, b1, w2, b2, v1, v2 = module.inputs()

    def loss():
        scores = np.maximum(x @ w1 + b1, 0) @ w2 + b2
        return -np.log(module.softmax(scores)[np.arange(len(labels)), labels]).mean()

    numeric = {
        name: _numeric(loss, array) for name, array in (("w1", w1), ("b1", b1), ("w2", w2), ("b2", b2))
    }
    trace = record(module.step, x, labels, w1, b1, w2, b2, 0 * v1, 0 * v2)
    for name, gradient in numeric.items():
        update = trace.making(name).output
        assert np.allclose((update.before - update.value) / 0.1, gradient, atol=1e-7), name
    roles = {value.name: value.role for one in trace for value in (one.output,) if value.name}
    assert {roles["d_hidden"], roles["hidden"], roles["v1"]} == {"gradient", "activation", "parameter"}


def test_the_regression_goes_down_its_gradient(example):
    module = example("05_logistic_regression")
    x, y = module.inputs()
    w, b = np.zeros(2), np.zeros(1)

    def loss():
        p = 1 / (1 + np.exp(-(x @ w + b)))
        return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()

    numeric_w, numeric_b = _numeric(loss, w), _numeric(loss, b)
    trace = record(module.step, x, y)
    first = trace.making("model.w", 1).output
    assert np.allclose(first.before - first.value, numeric_w, atol=1e-8)
    second = trace.making("model.b", 1).output
    assert np.allclose(second.before - second.value, numeric_b, atol=1e-8)


def test_attention_looks_at_nothing_that_comes_later(example):
    module = example("04_attention")
    weights = record(module.step, *module.inputs()).making("weights").output.value
    assert np.allclose(weights.sum(axis=1), 1)
    assert np.array_equal(weights, np.tril(weights))


def test_loops_and_windows_convolve_alike(example):
    module = example("03_convolution")
    pooled, difference = module.step(*module.inputs())
    assert difference == 0
    assert pooled.shape == (3, 3)
