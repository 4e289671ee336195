"""What is said is so by what is computed, not by the numbers of one run; what is another way is not the same again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnistviz.story.default import default_storyboard
from mnistviz.story.storyboard import Storyboard
from mnistviz.trace.recording.recorder import record
from tests.story.test_unseen import captions, titles

RNG = np.random.default_rng(5)


def told(function: Any, *arrays: Any) -> Storyboard:
    return default_storyboard(record(function, *arrays))


def line(x: Any, y: Any, m: float, c: float) -> Any:
    guess = m * x + c
    cost = ((y - guess) ** 2).mean()
    dm = (x * (y - guess)).mean()
    dc = (y - guess).mean()
    m = m + 0.1 * dm
    c = c + 0.1 * dc
    return m, c, cost


def test_a_number_that_is_0_is_not_left_out() -> None:
    board = told(line, np.arange(6.0), np.arange(6.0) * 2 + 1, 0.0, 0.0)
    assert titles(board)[:2] == ["guess = m * x + c", "cost: squared error"]
    assert [one for one in captions(board) if "How far is" in one and "m * x" in one] == []
    assert [one for one in captions(board) if "from guess (6)?" in one]


def test_a_slope_that_computes_the_error_again_leads_back() -> None:
    board = told(line, np.arange(6.0), np.arange(6.0) * 2 + 1, 0.0, 0.0)
    assert [chapter.phase for chapter in board.chapters] == [
        "forward", "error", "backward", "backward", "update"
    ]  # fmt: skip


def likelihood(x: Any, y: Any, w: Any) -> Any:
    p = 1 / (1 + np.exp(-(x @ w)))
    w = w - 0.1 * x.T @ (p - y)
    return w, (y * np.log(p) + (1 - y) * np.log(1 - p)).sum()


def test_how_well_it_was_answered_is_the_error_also_after_the_step() -> None:
    board = told(likelihood, RNG.normal(size=(8, 2)), np.arange(8) % 2 * 1.0, np.ones(2))
    assert board.chapters[-1].phase == "error"


def test_what_is_learned_may_be_a_number() -> None:
    said = captions(told(line, np.arange(6.0), np.arange(6.0) * 2 + 1, 0.0, 0.0))
    assert "Which of the 2 numbers of m and c should change, and by how much?" in said
    assert any(one.startswith("2 numbers have changed, none by more than ") for one in said)


def stepped(q: Any, by: float) -> Any:
    q[0] += by * (0.9 * q[1] - q[0] - 1)
    return q


def slopes(s: Any) -> Any:
    return s * (1 - s)


def of_tanh(t: Any) -> Any:
    return 1 - t**2


@pytest.mark.parametrize(
    ("function", "cells", "known"),
    [
        (lambda q: stepped(q, 0.5), [-0.5, 0, 0, 0], False),
        (lambda q: stepped(q, 0.5), [0.5, 0, 0, 0], False),
        (slopes, [0.5, 0.1, 0.9], True),
        (slopes, [0.5, 1.5, 0.9], False),
        (slopes, [-0.1, 0.2, 0.9], False),
        (of_tanh, [0.5, -0.3, 0.2], True),
        (of_tanh, [2.5, -0.3, 0.2], False),
    ],
)
def test_a_slope_is_one_where_its_function_reaches(function: Any, cells: list[float], known: bool) -> None:
    said = " ".join(captions(told(function, np.array(cells))))
    assert ("How steep" in said) == known


class Layer:
    def __init__(self, size: int, kind: str) -> None:
        self.w = RNG.normal(size=(size, size))
        self.kind = kind

    def forward(self, x: Any) -> Any:
        z = x @ self.w
        if self.kind == "sigmoid":
            z = 1 / (1 + np.exp(-z))
        elif self.kind == "tanh":
            z = np.tanh(z)
        return z


def stacked(layers: Any, x: Any) -> Any:
    for layer in layers:
        x = layer.forward(x)
    return x


def test_another_activation_is_told_by_itself() -> None:
    board = told(stacked, [Layer(3, "tanh"), Layer(3, "sigmoid")], np.ones((2, 3)))
    assert titles(board)[1::2] == ["z = tanh(z)", "z: sigmoid"]
    assert any("sigmoid" in one for one in captions(board))
    assert not any(one.startswith(("The same again", "And so on")) for one in captions(board))


def test_a_pass_with_something_more_is_not_the_same_again() -> None:
    board = told(stacked, [Layer(3, "linear"), Layer(3, "tanh"), Layer(3, "linear")], np.ones((2, 3)))
    assert [one[:9] for one in captions(board) if one.startswith(("The same", "And so on"))] == ["And so on"]
    alike = told(stacked, [Layer(3, "tanh"), Layer(3, "tanh")], np.ones((2, 3)))
    assert any(one.startswith("The same again") for one in captions(alike))


class Kept:
    grads: dict[str, Any]

    def back(self, x: Any, d: Any) -> Any:
        self.grads = {"w": x.T @ d / len(d), "b": d.mean(axis=0)}
        pair = [d.sum(axis=1), d.max()]
        whole = np.concatenate([x @ d[:3], d + 1.0])
        return whole, pair


def test_items_of_a_dict_or_list_are_called_by_their_place_and_each_is_a_result() -> None:
    kept = Kept()
    trace = record(kept.back, RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3)))
    assert [one.output.name.replace("'", '"') for one in trace if one.output.name] == [
        'self.grads["w"]', 'self.grads["b"]', "pair[0]", "pair[1]", "whole",
    ]  # fmt: skip
    said = captions(default_storyboard(trace))
    assert not any("is made from" in one and "transpose, matmul, divide, mean" in one for one in said)


def table(first: Any, by: Any) -> Any:
    best = np.zeros((5, 2))
    best[0] = first
    for t in range(1, 5):
        for j in range(2):
            best[t, j] = (best[t - 1] * by[:, j]).max()
    return best


def walk(start: Any, steps: Any) -> Any:
    place = np.zeros((6, 2))
    place[0] = start
    for t in range(1, 6):
        place[t] = place[t - 1] + steps[t]
    return place


def test_cells_of_a_table_are_no_points_in_a_plane() -> None:
    drawings = {
        shot.drawing for one in told(table, np.ones(2), np.full((2, 2), 0.5)).chapters for shot in one.shots
    }
    assert "plane" not in drawings
    walked = told(walk, np.ones(2), RNG.normal(size=(6, 2)))
    assert {"plane", "tracks"} & {shot.drawing for one in walked.chapters for shot in one.shots}


def sorted_by(values: Any, vectors: Any) -> Any:
    order = np.argsort(values)[::-1]
    return vectors[:, order], values[order], np.exp(-2.0 * len(order))


def test_another_order_is_said_and_of_a_number_nothing_of_cells() -> None:
    said = captions(told(sorted_by, np.array([0.1, 3.0, 1.0]), RNG.normal(size=(3, 3))))
    assert len([one for one in said if one.startswith("Put v") and "in another order, at [" in one]) == 2
    assert [one for one in said if "exponential" in one and "each cell" in one] == []
