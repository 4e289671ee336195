"""What `reduce`, `map` and a solver call again and again is told as passes of one thing, though no loop stands there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import reduce
from itertools import accumulate
from typing import Any

import numpy as np
import pytest

from mnistviz.picture.wording import text_of
from mnistviz.story.called import called_again
from mnistviz.story.default import default_storyboard
from mnistviz.story.storyboard import Storyboard
from mnistviz.trace.recording.recorder import record

A = np.diag([1.0, 2.0, 3.0])


def nearer(x: Any, _: Any) -> Any:
    r = A @ x - 1.0
    return x - 0.1 * r


def descent(x: Any) -> Any:
    return reduce(nearer, range(40), x) * 2.0


def smoothed(x: Any) -> Any:
    means = list(accumulate([x, x + 1, x + 2, x + 3], lambda a, b: 0.9 * a + 0.1 * b))
    return means[-1] - x


def twice_over(x: Any) -> Any:
    for _ in range(3):
        x = reduce(nearer, range(4), x)
        x = x / 2.0
    return x


def summed(x: Any, _: Any) -> Any:
    for power in range(3):
        x = x + x**power
    return x / 8.0


def with_loops_inside(x: Any) -> Any:
    return reduce(summed, range(5), x)


def first_two(pair: Any) -> Any:
    a, b, c = pair
    return (0 < a < b) * c


def unpacked(x: Any) -> Any:
    return [*map(first_two, (x, x + 1, x + 2))]


def handed(f: Any) -> Any:
    def run(*given: Any) -> Any:
        return f(*given)

    return run


@handed
def once(x: Any) -> Any:
    y = x * 2.0
    return y + 1.0


def decorated(x: Any) -> Any:
    return once(x) - 1.0


def told(function: Any) -> Storyboard:
    return default_storyboard(record(function, np.ones(3)))


def again(board: Storyboard) -> list[str]:
    shots = [shot for chapter in board.chapters for shot in chapter.shots]
    words = [text_of(said.caption) for shot in shots for said in shot.said]
    return [one for one in words if one.startswith("The same again")]


@pytest.mark.parametrize(
    ("function", "chapters", "said"),
    [
        (descent, 3, ["The same again in 39 more calls, 156 operations."]),
        (smoothed, 3, ["The same again in 2 more calls, 6 operations."]),
        (
            with_loops_inside,
            2,
            [
                "The same again in 2 more passes, 4 operations.",
                "The same again in 4 more calls, 28 operations.",
            ],
        ),
    ],
)
def test_calls_by_code_that_is_not_watched_are_passes(function: Any, chapters: int, said: list[str]) -> None:
    board = told(function)
    assert len(board.chapters) == chapters, [one.title for one in board.chapters]
    assert [one[: len(words)] for one, words in zip(again(board), said, strict=True)] == said


def test_they_are_counted_in_each_pass_of_a_loop_around_them() -> None:
    trace = record(twice_over, np.ones(3))
    sources = [one.source for one in called_again(trace)[0] if one.source.function == "nearer"]
    assert [one.passes for one in sources[::4]] == [
        (turn, call) for turn in (1, 2, 3) for call in (1, 2, 3, 4)
    ]
    assert all(len(one.passes) == len(one.variables) for one in sources)


def test_what_stands_in_one_expression_is_of_one_call() -> None:
    trace, _, once_each = called_again(record(unpacked, np.ones(3)))
    calls = [one.source.passes for one in trace if one.source.function == "first_two"]
    assert sorted(set(calls)) == [(1,), (2,), (3,)] and calls == sorted(calls)
    assert all(once_each.values())


def test_what_only_hands_on_is_looked_through() -> None:
    titles = [chapter.title for chapter in told(decorated).chapters]
    assert titles == ["y = x * 2.0", "y + 1.0", "once(x) - 1.0"]


@pytest.mark.parametrize("function", [decorated, lambda x: nearer(nearer(x, 0), 0)])
def test_what_is_called_once_in_each_place_is_as_it_was(function: Any) -> None:
    trace = record(function, np.ones(3))
    assert called_again(trace)[0] is trace


def of_a_pool(x: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return sum(pool.map(halved, (x, x + 1, x + 2)))


def submitted(x: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        for _ in range(2):
            waiting = [pool.submit(halved, x + each) for each in range(3)]
            x = sum(one.result() for one in waiting)
    return x


def halved(x: Any) -> Any:
    y = x - 1.0
    return y / 2.0


@pytest.mark.parametrize(
    ("function", "passes"),
    [(of_a_pool, [(1,), (2,), (3,)]), (submitted, [(turn, one) for turn in (1, 2) for one in (1, 2, 3)])],
)
def test_what_threads_do_is_told_once_and_swept(function: Any, passes: list[tuple[int, ...]]) -> None:
    """A worker thread has no caller of its own: it does what was handed to the pool, in the pass that waits for it."""
    trace = record(function, np.ones(3))
    assert {one.source.thread != "" for one in trace if one.source.function == "halved"} == {True}
    sources = [one.source for one in called_again(trace)[0] if one.source.function == "halved"]
    assert [one.passes for one in sources[::2]] == passes
    titles = [chapter.title for chapter in told(function).chapters]
    assert len(set(titles)) == len(titles) <= 4, titles


def test_calls_of_threads_that_take_turns_are_told_apart() -> None:
    trace = record(of_a_pool, np.ones(3))
    first = next(place for place, one in enumerate(trace) if one.source.thread)
    one, two = trace.operations[first : first + 2], trace.operations[first + 2 : first + 4]
    other = [replace(each, source=replace(each.source, thread="another")) for each in two]
    mixed = (*trace.operations[:first], one[0], other[0], one[1], other[1], *trace.operations[first + 4 :])
    counted = called_again(replace(trace, operations=mixed))[0].operations[first : first + 6]
    assert [each.source.passes for each in counted] == [(1,), (2,), (1,), (2,), (3,), (3,)]
