"""Points in a plane are known by what is done with them, and weights with two columns are not taken for some."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnistviz.story.default import default_storyboard
from mnistviz.story.planes import plane_of
from mnistviz.story.storyboard import Storyboard
from mnistviz.trace.recording.recorder import record

RNG = np.random.default_rng(1)
POINTS = RNG.normal(size=(12, 2))


def cluster(points: Any, centres: Any) -> Any:
    for _ in range(3):
        apart = ((points[:, None] - centres) ** 2).sum(axis=2)
        nearest = apart.argmin(axis=1)
        for k in range(2):
            centres[k] = points[nearest == k].mean(axis=0)
    return nearest


def swim(position: Any, velocity: Any) -> Any:
    speed = np.abs(velocity)
    position += 0.1 * velocity
    return position, speed


def learn(x: Any, w: Any, t: Any) -> Any:
    w -= 0.1 * x.T @ (x @ w - t)


def drawings(board: Storyboard) -> dict[str, str]:
    return {shot.title: shot.drawing for chapter in board.chapters for shot in chapter.shots}


def test_groups_centres_and_their_ways() -> None:
    trace = record(cluster, POINTS, POINTS[:2].copy())
    found = drawings(default_storyboard(trace))
    assert found["nearest: argmin"] == found["centres: setitem"] == "plane"
    assert found["Again: centres"] == "tracks"
    made = {value.id: one for one in trace for value in (one.output, *one.more)}
    grouping = plane_of(next(one for one in trace if one.operation == "argmin"), made)
    assert grouping is not None and grouping.ground is not None and grouping.beside is not None
    assert (grouping.ground.name, grouping.beside.name) == ("points", "centres")
    moving = plane_of(next(one for one in trace if one.operation == "setitem"), made)
    assert moving is not None and moving.groups is not None and moving.before is not None
    assert moving.groups.name == "nearest"


def test_points_that_move_are_shown_where_they_were() -> None:
    trace = record(swim, POINTS.copy(), RNG.normal(size=(12, 2)))
    found = drawings(default_storyboard(trace))
    assert found["position: +"] == "plane" and found["speed: absolute"] == "absolute"
    last = plane_of(trace.operations[-1], {})
    assert last is not None and last.before is not None and np.array_equal(last.before, POINTS)


def test_weights_are_no_points() -> None:
    trace = record(learn, RNG.normal(size=(9, 8)), RNG.normal(size=(8, 2)), RNG.normal(size=(9, 2)))
    assert "plane" not in drawings(default_storyboard(trace)).values()


def test_a_few_rows_and_numbers_that_are_none_are_no_points() -> None:
    def few(a: Any) -> None:
        a += 1.0

    for array in (np.ones((3, 2)), np.full((9, 2), np.nan), np.ones((0, 2)), np.ones((9, 2), complex)):
        assert "plane" not in drawings(default_storyboard(record(few, array))).values()


def turn(points: Any) -> Any:
    u, s, vh = np.linalg.svd((points - points.mean(axis=0)).T @ points)
    turned = points @ u
    return turned, s, vh


def test_a_matrix_that_turns_points_is_no_point_itself() -> None:
    board = default_storyboard(record(turn, POINTS))
    assert [name for name, drawing in drawings(board).items() if drawing == "plane"] == ["turned: ×"]
