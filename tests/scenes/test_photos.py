"""A photograph is read as the stroke drawn cleanly is, and a person is shown what was read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistviz.data.pictures import read_picture
from mnistviz.data.weights import load
from mnistviz.scene import PictureChoice, load_scene
from mnistviz.story.storyboard import Storyboard
from mnistviz.story.timeline import schedule
from scenes.mnist_mlp import drawings, learner
from scenes.mnist_mlp.inputs import gather, record_scene
from scenes.mnist_mlp.storyboard import storyboard
from tests.data import photos
from tests.data.test_photos import DIGITS, clean, taken
from tests.picture.oracle import Facts
from tests.picture.test_truth import everything_wrong, moments

MATRICES = load(learner.SHIPPED, learner.FILES).matrices


@pytest.mark.parametrize("name", [*photos.TUNED, *photos.UNSEEN])
def test_a_photograph_is_read_as_the_clean_stroke_is(name: str, tmp_path: Path) -> None:
    for index in DIGITS:
        read = learner.detect(MATRICES, taken(name, index, tmp_path).picture)
        assert read == learner.detect(MATRICES, clean(index, tmp_path)), index


def test_the_film_of_a_photograph_begins_with_how_it_became_a_digit(tmp_path: Path) -> None:
    """With the true arrays of each step; no other film has that shot."""
    taken(next(iter(photos.TUNED)), 2, tmp_path)
    file = tmp_path / "photo.jpg"
    found = read_picture(file)
    inputs = gather(PictureChoice(image=file, label=2))
    trace = record_scene(inputs)
    board = storyboard(trace, inputs)
    shots = board.chapters[0].shots
    (place,) = (place for place, shot in enumerate(shots) if shot.drawing == "photo")
    assert shots[place + 1].drawing == "appear" and shots[board.chapters[0].main_shot].drawing == "unroll"
    photo, box, ink, picture = (value.value for value in shots[place].extra)
    np.testing.assert_array_equal(picture, found.picture)
    np.testing.assert_array_equal(picture, trace.inputs[0].value)
    np.testing.assert_allclose(ink, found.found.ink)
    left, top, wide, high = box.tolist()
    within = photo[top : top + high, left : left + wide]
    assert within.shape == (high, wide) and max(photo.shape) == 256
    assert np.ptp(within.astype(int)) > 50  # the stroke is in the box
    assert "photo" in drawings.__all__  # they have entered the table
    timeline = schedule(board)
    wrong = [
        fault
        for number, clip in enumerate(timeline.clips)
        if clip.shot is shots[place]
        for moment in moments(timeline, number)
        for fault in everything_wrong(Facts(board, clip.shot), moment.tableau)
    ]
    assert not wrong, "\n".join(wrong)
    assert not any(shot.drawing == "photo" for shot in load_storyboard().chapters[0].shots)


def load_storyboard() -> Storyboard:
    scene = load_scene("mnist_mlp")
    return scene.storyboard(scene.record())


def test_what_was_read_is_shown_and_what_is_unsure_is_said(tmp_path: Path) -> None:
    sheet = np.concatenate([photos.stroke(2), photos.stroke(7)], axis=1)
    Image.fromarray(np.uint8(250 - 220 * sheet)).save(tmp_path / "two.png")
    remarks = load_scene("mnist_mlp", PictureChoice(image=tmp_path / "two.png")).remarks
    assert remarks[0].startswith("read from two.png:\n") and remarks[0].count("@") > 10
    assert any("--box" in remark for remark in remarks[1:])
    chosen = load_scene("mnist_mlp", PictureChoice(image=tmp_path / "two.png", box="400,0,400,480"))
    assert not any("--box" in remark for remark in chosen.remarks)
    assert load_scene("mnist_mlp").remarks == ()
