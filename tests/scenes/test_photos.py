"""A photograph is read as the stroke drawn cleanly is, and a person is shown what was read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistviz.data.weights import load
from mnistviz.scene import PictureChoice, load_scene
from scenes.mnist_mlp import learner
from tests.data import photos
from tests.data.test_photos import DIGITS, clean, taken

MATRICES = load(learner.SHIPPED, learner.FILES).matrices


@pytest.mark.parametrize("name", [*photos.TUNED, *photos.UNSEEN])
def test_a_photograph_is_read_as_the_clean_stroke_is(name: str, tmp_path: Path) -> None:
    for index in DIGITS:
        read = learner.detect(MATRICES, taken(name, index, tmp_path).picture)
        assert read == learner.detect(MATRICES, clean(index, tmp_path)), index


def test_what_was_read_is_shown_and_what_is_unsure_is_said(tmp_path: Path) -> None:
    sheet = np.concatenate([photos.stroke(2), photos.stroke(7)], axis=1)
    Image.fromarray(np.uint8(250 - 220 * sheet)).save(tmp_path / "two.png")
    remarks = load_scene("mnist_mlp", PictureChoice(image=tmp_path / "two.png")).remarks
    assert remarks[0].startswith("read from two.png:\n") and remarks[0].count("@") > 10
    assert any("--box" in remark for remark in remarks[1:])
    chosen = load_scene("mnist_mlp", PictureChoice(image=tmp_path / "two.png", box="400,0,400,480"))
    assert not any("--box" in remark for remark in chosen.remarks)
    assert load_scene("mnist_mlp").remarks == ()
