"""What tells nothing alone is told with what it is for, and functions of one name by who made them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mnistviz.scene import load_scene
from mnistviz.story.default import default_storyboard
from mnistviz.story.storyboard import Storyboard
from mnistviz.trace.recording.recorder import record


def titles(board: Storyboard) -> list[str]:
    return [chapter.title for chapter in board.chapters]


def test_objects_that_make_their_own_way_back_are_told_by_what_they_do(root: Path) -> None:
    scene = load_scene(str(root / "examples" / "16_micro_autograd.py"))
    board = scene.storyboard(scene.record())
    assert titles(board) == [
        "x @ w1",
        "bent = tanh((x @ w1).data)",
        "(x @ w1).tanh() @ w2",
        "squared error",
        "loss.grad = ones_like(loss.data)",
        "back of squared_error",
        "back of matmul → w2.grad",
        "back of tanh → (x @ w1).grad",
        "weight.data -= 0.1 * weight.grad",
        "weight.grad[:] = 0",
    ]
    assert [chapter.phase for chapter in board.chapters][4:] == ["backward"] * 4 + ["update"] * 2


def test_empty_arrays_are_told_together_or_with_what_fills_them() -> None:
    def fill(x: Any) -> Any:
        marks = np.zeros(3)
        marks[1] = 5
        total = np.zeros(2)
        count = np.zeros(2)
        for one in x:
            total += one
            count += 1
        return total, count, marks

    found = titles(default_storyboard(record(fill, np.ones((3, 2)))))
    assert found[:2] == ["marks[1] = 5", "total and count"]


def test_what_is_made_of_nothing_and_single_numbers_are_told_together() -> None:
    """A chapter is about something: not about the array that a program begins with, or each number of a sum."""

    def walk(spins: Any) -> Any:
        """spins: where it walks, ones and minus ones."""
        way = np.array([2.0, 3.0])
        at = np.random.default_rng(0).integers(0, 3)
        spin = spins[at]
        energy = spin * spins[0]
        spins[at] = -energy
        return spins @ np.eye(3)[0] * way

    board = default_storyboard(record(walk, np.array([1.0, -1.0, 1.0])))
    assert titles(board)[:3] == ["way and at", "spin and energy", "spins[at] = -energy"]
    assert "spins" not in str(board.subtitle)


def test_an_argument_is_told_with_the_call_that_takes_it() -> None:
    def halves(part: Any) -> Any:
        half = part / 2
        return half.sum()

    def step(x: Any) -> Any:
        return halves(x[:2]) + 1

    found = titles(default_storyboard(record(step, np.arange(4.0))))
    assert found == ["half = part / 2", "half.sum()", "halves(x[:2]) + 1"]


def test_what_is_handed_on_goes_with_the_update_and_a_copy_with_the_error() -> None:
    def step(x: Any, w: Any, v: Any, right: Any) -> Any:
        share = 1 / (1 + np.exp(-(x @ w)))
        error = share.copy()
        error[right] -= 1
        slope = x.T @ error
        v *= 0.9
        v -= 0.1 * slope
        w += v
        return share

    rng = np.random.default_rng(1)
    board = default_storyboard(record(step, rng.normal(size=(3, 2)), np.ones(2), np.ones(2), np.array([1])))
    phases = {chapter.title: chapter.phase for chapter in board.chapters}
    assert phases["error = share.copy()"] == "error"
    assert phases["v *= 0.9"] == phases["v -= 0.1 * slope"] == phases["w += v"] == "update"
