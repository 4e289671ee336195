"""A photograph that is loaded in the page becomes the picture that `--image` makes of it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mnistviz.data.pictures import read_picture
from mnistviz.export.laboratory import ENGINE_SCRIPTS, laboratory_script
from tests.data import photos
from tests.export.laboratory.node import run_script

KINDS = {
    "soft_shadow": 2, "hard_shadow": 7, "squared": 46, "blurred": 3, "chalk": 8, "red_on_green": 5,
    "screenshot": 11, "specks": 23, "neighbours": 34, "night": 36,
}  # fmt: skip
LONGEST = 256  # pixels
BENCH = """
const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const made = asked.map(({ wide, high, data }) => {
  const bytes = new Uint8ClampedArray(Buffer.from(data, "base64"));
  return [...fitted({ pixels: inkOf(bytes, wide, high), wide, high }, 28)];
});
process.stdout.write(JSON.stringify(made));
"""


def photograph(kind: str) -> Image.Image:
    """A photograph of that kind, of the size at which the page looks at it."""
    make = {**photos.TUNED, **photos.UNSEEN}[kind]
    taken = Image.fromarray(np.clip(make(photos.stroke(KINDS[kind]), KINDS[kind]), 0, 255).astype(np.uint8))
    taken.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return taken


def in_page(pictures: list[Image.Image]) -> NDArray[np.float64]:
    """What the page's script makes of pictures, (pictures, 28, 28)."""
    asked: list[dict[str, Any]] = [
        {
            "wide": one.width,
            "high": one.height,
            "data": base64.b64encode(one.convert("RGBA").tobytes()).decode(),
        }
        for one in pictures
    ]
    script = "\n".join(map(laboratory_script, (*ENGINE_SCRIPTS, "ink.js", "photo.js"))) + BENCH
    return np.array(run_script(script, asked), np.float64).reshape(len(pictures), 28, 28)


@pytest.fixture(scope="module")
def made() -> dict[str, NDArray[np.float64]]:
    return dict(zip(KINDS, in_page([photograph(kind) for kind in KINDS]), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_photograph_becomes_what_the_command_makes_of_it(
    kind: str, made: dict[str, NDArray[np.float64]], tmp_path: Path
) -> None:
    photograph(kind).save(tmp_path / "photo.png")
    own = read_picture(tmp_path / "photo.png").picture
    assert np.corrcoef(made[kind].ravel(), own.ravel())[0, 1] > 0.85
    assert np.abs(made[kind] - own).mean() < 16  # of 255; with the paper's shade for ink it was 30 and more


def test_where_nothing_is_written_there_is_no_ink() -> None:
    black, white = (Image.new("RGB", (200, 160), colour) for colour in ("black", "white"))
    rng = np.random.default_rng(3)
    grey = Image.fromarray(np.uint8(np.clip(128 + rng.normal(0, 3, (160, 200, 3)), 0, 255)))
    assert not in_page([black, white, grey]).any()
