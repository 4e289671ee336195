"""The tangents of chapter 11 lie on the curve that is drawn, and are as steep as it is there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mnistviz.picture.display import Line
from mnistviz.picture.drawings import drawing
from mnistviz.picture.layout import look
from mnistviz.picture.stage.studio import studio_of
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.scene import load_scene
from mnistviz.story.storyboard import Shot, Storyboard

LOOK = look((1920, 1080))


@pytest.fixture(scope="module")
def board() -> Storyboard:
    scene = load_scene("mnist_mlp")
    return scene.storyboard(scene.record())


@pytest.fixture(scope="module")
def shot(board: Storyboard) -> Shot:
    return next(shot for shot in board.chapters[10].shots if shot.drawing == "slope")


def drawn(board: Storyboard, shot: Shot, p: float) -> Tableau:
    return drawing("slope")(studio_of(board, LOOK), shot, p)


def lines(tableau: Tableau) -> list[np.ndarray]:
    return [np.array(mark.points) for mark in tableau.marks if isinstance(mark, Line)]


def test_each_tangent_touches_the_curve_and_is_as_steep(board: Storyboard, shot: Shot) -> None:
    rest = drawn(board, shot, 1.0)
    curve = max((np.array(part.points) for part in rest.under if isinstance(part, Line)), key=len)
    tangents = lines(rest)
    assert len(tangents) == 21  # one a neuron, and the protagonist's once more, longer
    fine = np.linspace(curve[0, 0], curve[-1, 0], 4001)
    heights = np.interp(fine, *curve.T)
    steep = np.interp(fine, (curve[1:, 0] + curve[:-1, 0]) / 2, np.diff(curve[:, 1]) / np.diff(curve[:, 0]))
    for start, end in tangents:
        x, y = (start + end) / 2
        assert y == pytest.approx(np.interp(x, fine, heights), abs=1.5)
        slope = (end[1] - start[1]) / (end[0] - start[0])
        assert slope == pytest.approx(np.interp(x, fine, steep), abs=0.06 + 0.03 * abs(slope))


def test_the_slopes_come_with_their_tangents(board: Storyboard, shot: Shot) -> None:
    before, halfway = drawn(board, shot, 0.0), drawn(board, shot, 0.6)
    assert not lines(before)
    result = halfway.cards[1]
    assert result.mask is not None
    there = int(result.mask.shown.sum())
    assert 0 < there < 20 and there <= len(lines(halfway)) <= there + 1


def test_where_no_curve_made_the_numbers_the_function_itself_is_drawn(board: Storyboard, shot: Shot) -> None:
    chapters = tuple(chapter for chapter in board.chapters if chapter.number != 3)
    alone = replace(board, chapters=chapters)
    tableau = drawing("slope")(studio_of(alone, LOOK), shot, 1.0)
    assert tableau == drawing("curve")(studio_of(alone, LOOK), shot, 1.0)
