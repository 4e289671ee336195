"""Ideas are found by what they compute, however they are written, and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mnistviz.picture.wording import text_of
from mnistviz.story.default import default_storyboard
from mnistviz.story.ideas import ideas_in
from mnistviz.story.kinds import KINDS, Kind
from mnistviz.story.passes import few
from mnistviz.trace.recording.recorder import record

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 5))
LABELS = np.array([1, 0, 4, 2])


def split_sigmoid(x: Any) -> Any:
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def softmax_by_rows(z: Any) -> Any:
    shifted = np.exp(z - np.max(z, axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def softmax_by_columns(z: Any) -> Any:
    return np.exp(z) / np.sum(np.exp(z), axis=0)


def masked(x: Any) -> Any:
    return x * (x > 0)


def leaky(x: Any) -> Any:
    return np.maximum(0.01 * x, x)


def normed(x: Any, gain: Any, shift: Any) -> Any:
    mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return gain * (x - mean) / np.sqrt(variance + 1e-5) + shift


def entropy_of_labels(p: Any, labels: Any) -> Any:
    return -np.log(p[np.arange(len(labels)), labels]).mean()


def binary_entropy(p: Any, t: Any) -> Any:
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def squares(a: Any, b: Any) -> Any:
    return 0.5 * np.sum((a - b) ** 2)


def look(q: Any, k: Any, v: Any) -> Any:
    scores = q @ k.T / np.sqrt(k.shape[1])
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)) @ v


def look_back(q: Any, k: Any, v: Any, hidden: Any) -> Any:
    e = np.exp(q @ k.T / np.sqrt(q.shape[-1]) + hidden)
    return e / e.sum(axis=1, keepdims=True) @ v


def slid(image: Any, kernel: Any) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


def pooled(x: Any) -> Any:
    return x.reshape(2, 2, 3, 2).max(axis=(1, 3))


def hot(labels: Any) -> Any:
    y = np.zeros((4, 5))
    y[np.arange(4), labels] = 1
    return y


def adam(p: Any, g: Any, m: Any, v: Any) -> Any:
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    p -= 0.01 * (m / (1 - 0.9**3)) / (np.sqrt(v / (1 - 0.999**3)) + 1e-8)
    return p


def rms(p: Any, g: Any, v: Any) -> Any:
    v = 0.9 * v + 0.1 * g * g
    p -= 0.01 * g / np.sqrt(v + 1e-10)
    return p


def momentum(p: Any, g: Any, v: Any) -> Any:
    v = 0.9 * v - 0.1 * g
    p += v
    return p


MOVED = [RNG.normal(size=(3, 2)) for _ in range(3)] + [RNG.random(size=(3, 2))]
SHARES = np.array([[0.2, 0.5, 0.1, 0.1, 0.1]] * 4)
FOUND: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "sigmoid": (lambda x: 1.0 / (1.0 + np.exp(-x)), (X,)),
    "sigmoid ": (split_sigmoid, (X,)),
    "sigmoid  ": (lambda x: 0.5 * (np.tanh(x / 2) + 1), (X,)),
    "softmax": (softmax_by_rows, (X,)),
    "softmax ": (softmax_by_columns, (X,)),
    "ReLU": (lambda x: np.maximum(x, 0), (X,)),
    "ReLU ": (masked, (X,)),
    "leaky ReLU": (leaky, (X,)),
    "softplus": (lambda x: np.log(1 + np.exp(x)), (X,)),
    "SiLU": (lambda x: x / (1 + np.exp(-x)), (X,)),
    "slope of the sigmoid": (lambda s: s * (1 - s), (abs(np.tanh(X)),)),
    "slope of tanh": (lambda t: 1 - t**2, (np.tanh(X),)),
    "standardising": (lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5), (X,)),
    "norm": (normed, (X, np.ones(5) * 2, np.ones(5) * 3)),
    "cross-entropy": (entropy_of_labels, (SHARES, LABELS)),
    "cross-entropy ": (binary_entropy, (np.array([0.2, 0.7, 0.6]), np.array([0.0, 1.0, 1.0]))),
    "squared error": (squares, (X, X[::-1].copy())),
    "attention": (look, (X, X[::-1].copy(), X * 2)),
    "attention ": (look_back, (X, X[::-1].copy(), X * 2, np.triu(np.full((len(X), len(X)), -1e9), 1))),
    "convolution": (slid, (RNG.normal(size=(6, 6)), RNG.normal(size=(3, 3)))),
    "Adam": (adam, tuple(MOVED)),
    "RMSProp": (rms, (MOVED[0].copy(), MOVED[1], MOVED[3])),
    "momentum": (momentum, (MOVED[0].copy(), MOVED[1], MOVED[2])),
    "pooling": (pooled, (RNG.normal(size=(4, 6)),)),
    "one-hot": (hot, (LABELS,)),
}


@pytest.mark.parametrize("name", FOUND)
def test_an_idea_is_found_by_what_it_computes(name: str) -> None:
    function, arrays = FOUND[name]
    trace = record(function, *arrays)
    found = ideas_in(trace.operations)
    assert [one.kind.name for one in found] == [name.strip()]
    assert found[0].operations == trace.operations
    assert found[0].given[0].shape == arrays[0].shape


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 1 / (2 + np.exp(-x)),
        lambda x: np.exp(x) / np.sum(np.exp(x) + 1, axis=0),
        lambda x: np.maximum(x, 0.5),
        lambda x: -0.1 * x,
        lambda x: 1 - x**3,
        lambda x: np.maximum(np.abs(x), 0),
        lambda x: (x - x.mean()) / (x.std() + 1),
        lambda x: ((0 * x - 0 * x[::-1]) ** 2).sum(),
    ],
)
def test_what_only_looks_like_it_is_not(function: Callable[[Any], Any]) -> None:
    assert ideas_in(record(function, X).operations) == []


def test_what_is_around_an_idea_is_no_part_of_it() -> None:
    trace = record(lambda x: 3 / (1 + np.exp(-(x + 1))) * 2, X)
    assert ideas_in(trace.operations) == []  # 3 / ... is no sigmoid
    trace = record(lambda x: 1 / (1 + np.exp(-(x + 1))) * 2, X)
    (found,) = ideas_in(trace.operations)
    assert [one.operation for one in found.operations] == ["negative", "exp", "add", "divide"]


def test_sums_without_a_name_are_no_update() -> None:
    def weighed(p: Any, v: Any) -> Any:
        return (0.5 * p + 0.9 * v - 0.1 * np.cos(p)) * 2.0

    trace = record(weighed, X.copy(), X + 1.0)
    assert not {"momentum", "Adam", "RMSProp"} & {idea.kind.name for idea in ideas_in(trace.operations)}


def test_what_fades_by_a_share_of_itself_has_no_momentum() -> None:
    def reacts(v: Any, spread: Any) -> Any:
        v += 0.7 * spread - 0.1 * v
        return v

    trace = record(reacts, X.copy(), RNG.normal(size=X.shape))
    assert "momentum" not in {idea.kind.name for idea in ideas_in(trace.operations)}


def masked(x: Any) -> Any:
    mask = x <= 0
    out = x.copy()
    out[mask] = 0
    return out


def cut(x: Any) -> Any:
    x[x < 0] = 0
    return x


@pytest.mark.parametrize("function", [masked, cut])
def test_what_is_put_out_where_it_is_negative_is_a_ReLU(function: Callable[[Any], Any]) -> None:
    board = default_storyboard(record(function, X.copy()))
    shots = [
        shot for chapter in board.chapters for shot in chapter.shots if ": ReLU." in text_of(shot.caption)
    ]
    assert [shot.drawing for shot in shots] == ["whole"]


def test_an_idea_is_a_shot_of_its_own_in_a_long_chapter() -> None:
    runs = [(one,) for one in record(lambda x: np.exp(x + 1 + 2 + 3) * 4 * 5 * 6, X).operations]
    assert runs[3] in few(runs, 3, lambda run: [one.operation for one in run] == ["exp"])
    assert runs[3] not in few(runs, 3)


def test_what_climbs_is_not_moved_against() -> None:
    def climbs(p: Any, g: Any, v: Any) -> Any:
        v = 0.9 * v + 0.1 * g * g
        p = p + 0.01 * g / np.sqrt(v)
        return p, v

    trace = record(climbs, X.copy(), RNG.normal(size=X.shape), np.abs(X) + 1.0)
    assert "RMSProp" not in {idea.kind.name for idea in ideas_in(trace.operations)}


def test_flags_are_no_slopes() -> None:
    trace = record(lambda t: 1 - t**2, np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert ideas_in(trace.operations) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_words_of_an_idea_hold_no_digits(kind: Kind) -> None:
    """A number in a sentence is one that is held against the trace."""
    assert not re.search(r"\d", re.sub(r"\{\d\}", "", kind.words))


def test_what_is_an_idea_by_chance_in_a_later_pass_is_none_in_the_first() -> None:
    def settling(x: Any) -> Any:
        for place in range(12):
            x = x / (x - place + 0.5)
            y = x + 1  # near 0 it is 1 - x ** 2, too
        return y

    board = default_storyboard(record(settling, np.arange(4.0)))
    assert not any("tanh" in shot.title for chapter in board.chapters for shot in chapter.shots)
