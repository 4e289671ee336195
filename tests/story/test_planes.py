"""Points in a plane are known by what is done with them, and weights with two columns are not taken for some."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnistviz.story.default import default_storyboard
from mnistviz.story.planes import columns_of, plane_of
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


class Plotter:
    """Draws, as far as anybody knows."""

    def plot(self, *columns: Any) -> None:
        """One line."""


plt = Plotter()


def plotted(x: Any) -> None:
    whole = x * 2.0
    plt.plot(whole[:, 0], whole[:, 1])


def plotted_in_part(x: Any) -> None:
    whole = x * 2.0
    plt.plot(whole[:, 0])


def test_points_whose_columns_are_plotted_are_seen_in_their_plane() -> None:
    trace = record(plotted, POINTS)
    board = default_storyboard(trace)
    assert drawings(board)["whole: points in a plane"] == "plane"
    ground = columns_of(trace.operations[-1])
    assert ground is not None and ground.ground is not None and ground.ground.name == "whole"
    assert "plane" not in drawings(default_storyboard(record(plotted_in_part, POINTS))).values()


def turned(turn: Any, x: Any) -> Any:
    there = turn @ x
    return there, np.abs(turn)


def test_points_may_be_columns_where_a_matrix_turns_the_plane() -> None:
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    trace = record(turned, turn, POINTS.T.copy())
    assert drawings(default_storyboard(trace))["there: ×"] == "plane"
    plane = plane_of(trace.operations[0], {})
    assert plane is not None and plane.moved is not None and plane.before is not None
    assert plane.moved.shape == (12, 2) and np.array_equal(plane.before, POINTS)
    flat = record(turned, np.ones((2, 3)), np.ones((3, 12)))
    assert drawings(default_storyboard(flat))["there: ×"] == "matmul"


def centred(x: Any) -> Any:
    middle = x.mean(axis=0)
    apart = x - middle
    return apart, apart - np.abs(x)


def test_points_that_are_shifted_as_a_whole_are_shown_where_they_were() -> None:
    trace = record(centred, POINTS)
    assert drawings(default_storyboard(trace))["apart: −"] == "plane"
    plane = plane_of(trace.making("apart"), {})
    assert plane is not None and plane.before is not None and np.array_equal(plane.before, POINTS)
    assert plane_of(trace.operations[-1], {}) is None


def mixed(x: Any, mu: Any) -> Any:
    near = np.exp(-((x - mu) ** 2))
    shares = near / near.sum(axis=1, keepdims=True)
    mu = (shares * x).sum(axis=0, keepdims=True) / shares.sum(axis=0, keepdims=True)
    return shares, mu


def test_two_means_of_numbers_are_no_point_among_shares() -> None:
    board = default_storyboard(record(mixed, RNG.normal(size=(12, 1)), np.array([[0.0, 1.0]])))
    assert "plane" not in drawings(board).values()
