"""A function that calls itself does the same again, one level deeper: it is told once, and then the rest of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnistviz.picture.wording import text_of
from mnistviz.story.default import default_storyboard
from mnistviz.story.recursion import unrolled
from mnistviz.trace.recording.recorder import record

TURN = np.array([[0.5, -0.5], [0.5, 0.5]])


def dragon(points: Any, n: int) -> Any:
    if n == 0:
        return points
    first = points @ TURN.T
    second = points @ TURN + np.array([1.0, 0.0])
    return dragon(np.vstack((first, second[::-1])), n - 1)


def curve(points: Any) -> Any:
    return dragon(points, 6)


def fourier(x: Any) -> Any:
    if len(x) == 1:
        return x
    even, odd = fourier(x[::2]), fourier(x[1::2])
    turned = np.exp(-2j * np.pi * np.arange(len(x) // 2) / len(x)) * odd
    return np.concatenate([even + turned, even - turned])


def leaves(tree: Any, x: Any) -> Any:
    for branch in tree:
        x = leaves(branch, np.tanh(x) + len(branch))
    return x


def summed(x: Any) -> Any:
    total = np.zeros(2)
    for row in x:
        total = total + leaves([[[], [[]]], []], row)
    return total


class Whole:
    """Of parts, which are called as it is: no function that calls itself."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __call__(self, x: Any) -> Any:
        return self.forward(x)

    def forward(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return x


class Scaled(Whole):
    """Twice as much."""

    def forward(self, x: Any) -> Any:
        return np.tanh(x) * 2.0


def test_what_a_function_does_in_calls_of_itself_is_told_with_the_sweep() -> None:
    board = default_storyboard(record(curve, np.array([[0.0, 0.0], [1.0, 0.0]])))
    titles = [chapter.title for chapter in board.chapters]
    assert titles == ["first = points @ TURN.T", "second = points @ TURN + array([1.0, 0.0])",
                      "dragon(vstack((first, second[::-1])), n - 1)"]  # fmt: skip
    said = [text_of(shot.caption) for shot in board.chapters[-1].shots]
    assert [one for one in said if one.startswith("The same again in 5 more calls, 35 operations.")], said


def test_a_function_that_calls_itself_twice_has_as_few_chapters() -> None:
    board = default_storyboard(record(fourier, np.arange(16.0)))
    assert len(board.chapters) <= 5 < len(board.trace) / 10


def test_loops_around_calls_of_itself_leave_with_them() -> None:
    trace = record(summed, np.ones((3, 2)))
    told, levels = unrolled(trace)
    passes = {one.source.passes for one in told if one.operation == "tanh"}
    assert passes == {(row, branch) for row in (1, 2, 3) for branch in (1, 2)}
    assert {level.count for level in levels.values()} == {1, 2}
    assert all(len(one.source.calls) == 1 for one in told if one.operation == "tanh")


def test_what_only_calls_its_like_is_not_folded() -> None:
    network = Whole(Scaled(), Whole(Scaled(), Scaled()))

    def step(x: Any) -> Any:
        return network(x)

    trace = record(step, np.ones(3))
    assert unrolled(trace)[0] is trace
