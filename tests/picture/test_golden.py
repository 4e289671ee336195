"""Four golden pictures: the frame's panels in both themes and standing, and every kind of primitive."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mnistviz.export.raster.raster import still
from mnistviz.picture.display import (
    Cells,
    ColourScale,
    DisplayList,
    Line,
    Mask,
    Matrix,
    Panel,
    Polygon,
    Text,
)
from mnistviz.picture.frame import overlay
from mnistviz.picture.layout import look
from mnistviz.picture.stage.tableau import Bar, Counter, Curve, Inspector, Plot
from mnistviz.picture.theme import DARK
from mnistviz.story.sentence import Code, Number, Quantity, line
from tests.picture.golden import compare
from tests.picture.told import told

ZERO = Quantity("zero")
INSPECTOR = Inspector(
    "Neuron 7 of 20",
    (line(Code("hidden[7] = b[7] + Σ W[7,j]·x[j]"), tone="formula"), line(Code("= -1.78"), tone="result")),
    Plot(
        (0.0, 784.0),
        (-2.0, 1.5),
        (Curve((0.0, 200.0, 400.0, 784.0), (0.0, 1.2, -1.0, -1.78)),),
        (784.0, -1.78),
        drop=True,
        caption="running sum",
    ),
    Counter("multiplications so far", Number(23336, Quantity("multiplications"), "count")),
)
BARS = Inspector(
    "The biggest terms",
    (line(Code("W[7,j] · x[j]"), tone="working"),),
    Plot(
        (-0.3, 0.5),
        (0, 1),
        (),
        bars=(Bar("pixel 405", Number(0.48, ZERO), ""), Bar("pixel 12", Number(-0.29, ZERO), "")),
    ),
)


def panels(size: tuple[int, int], theme: str, place: int, inspector: Inspector) -> NDArray[np.uint8]:
    """All that stands around the stage, at a clip of the test's film."""
    film, looked = told(), look(size, theme)
    clip = film.clips[place]
    lit = film.storyboard.operation(clip.shot.subject[0]).source.expression
    accents = (("image_784x1", looked.theme.accents[1]), ("output_delta_10x1", looked.theme.accents[2]))
    caption = "Each hidden neuron multiplies every pixel by a weight of its own, and adds them up."
    parts = (
        *overlay.title_strip(film, clip, looked),
        *overlay.source_panel(film, clip, lit, accents, looked),
        *overlay.inspector_panel(inspector, accents, looked),
        *overlay.caption_panel(caption, "it is plain numpy.", looked),
        *overlay.chapter_bar(film, Fraction(clip.start + 3), looked),
        *overlay.legend((ColourScale("signed", -0.49, 0.49), ColourScale("level", 0, 1)), looked),
    )
    return still(
        DisplayList.of(looked.regions.size, looked.theme.background, parts, looked.theme.shadow), size
    )


def primitives() -> NDArray[np.uint8]:
    """One of each kind, with what it can: a deck, a mask, what is not finite, glow, thickness, opacity."""
    random = np.random.default_rng(7)
    layers = random.uniform(-1, 1, (3, 8, 8))
    layers[2, 3, 3:6] = np.nan, np.inf, -np.inf
    shown = np.ones((3, 8, 8), bool)
    shown[2, 6:] = False
    deck = Matrix(
        "deck",
        Cells(layers),
        ColourScale("signed", -1, 1),
        ((300, 300), (240, 360), (180, 420)),
        (360, -150),
        (0, 400),
        layers=(0, 1, 2),
        mask=Mask(shown),
        depth=(14, -9),
        glow=0.8,
        edge=DARK.accents[0],
    )
    column = Matrix(
        "column",
        Cells(np.linspace(0, 1, 10)[:, None]),
        ColourScale("level", 0, 1),
        ((900, 200),),
        (60, -25),
        (0, 600),
    )
    parts = (
        Panel((60, 60, 1860, 1020), DARK.panel, 24, DARK.panel_edge, 3),
        deck,
        column,
        Polygon(((1100, 300), (1300, 260), (1260, 480)), DARK.accents[1], DARK.ink, 4, glow=0.7),
        Line(((1100, 700), (1300, 600), (1500, 720)), DARK.accents[3], 6, head=30, glow=0.5),
        Text("+0.490", (1000, 400), 40, DARK.ink, "mono-bold", "lm"),
        Text("a faint word", (1400, 300), 60, DARK.soft, opacity=0.6),
    )
    return still(DisplayList.of((1920, 1080), DARK.background, parts), (640, 360))


PICTURES = {
    "panels-dark": lambda: panels((640, 360), "dark", 1, INSPECTOR),
    "panels-light": lambda: panels((640, 360), "light", 6, BARS),
    "panels-tall": lambda: panels((360, 640), "dark", 8, INSPECTOR),
    "primitives": primitives,
}


@pytest.mark.parametrize("name", PICTURES)
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    compare(name, PICTURES[name](), update=request.config.getoption("--update-goldens"))


# ---- that it can fail -----------------------------------------------------------------------------


def picture() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 255, (90, 160, 3)).astype(np.uint8)


def test_an_equal_picture_passes_and_leaves_nothing(tmp_path: Path) -> None:
    compare("x", picture(), tmp_path, update=True)
    noisy = np.clip(picture().astype(int) + (np.arange(160) % 8 == 0)[None, :, None], 0, 255).astype(np.uint8)
    compare("x", picture(), tmp_path)
    compare("x", noisy, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


@pytest.mark.parametrize("change", ["a spot", "a shade", "a word moved"])
def test_a_difference_fails_and_is_shown(change: str, tmp_path: Path) -> None:
    compare("x", picture(), tmp_path, update=True)
    changed = picture()
    if change == "a spot":
        changed[:10, :10] = 255 - changed[:10, :10]
    elif change == "a shade":
        changed = np.clip(changed.astype(int) + 2, 0, 255).astype(np.uint8)
    else:
        changed[40:50] = np.roll(changed[40:50], 3, axis=1)
    with pytest.raises(AssertionError, match="--update-goldens"):
        compare("x", changed, tmp_path)
    import imageio.v3 as imageio

    assert imageio.imread(tmp_path / "failed" / "x.png").shape == (90, 480, 3)


def test_another_size_and_a_missing_picture_fail(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"there is no .*x\.png"):
        compare("x", picture(), tmp_path)
    compare("x", picture(), tmp_path, update=True)
    with pytest.raises(AssertionError, match="it was"):
        compare("x", picture()[:80], tmp_path)
