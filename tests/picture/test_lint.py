"""The visual lint can fail: each rule on a planted fault, and on its nearest innocent neighbour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mnistviz.export.raster.raster import still
from mnistviz.picture.display import (
    Cells,
    ColourMap,
    ColourScale,
    DisplayList,
    Line,
    Mask,
    Matrix,
    Panel,
    Primitive,
    Text,
)
from mnistviz.picture.theme import THEMES, Theme, colour_table
from tests.picture import lint_pixels

SIZE = (640, 360)
GROUND = (13, 17, 23)
INK = (240, 246, 252)
SCALE = ColourScale("signed", -1.0, 1.0)
WORDS = Text("hidden neurons", (200, 300), 26, INK)
CARD = Matrix(
    "w", Cells(np.linspace(-1, 1, 100).reshape(10, 10)), SCALE, ((600, 300),), (300, -120), (0, 300)
)


def shown(*parts: Primitive) -> DisplayList:
    return DisplayList.of((1920, 1080), GROUND, parts)


def rules(*parts: Primitive, resting: bool = True) -> set[str]:
    return {fault.rule for fault in lint_pixels.faults(shown(*parts), SIZE, resting)}


def test_an_honest_frame_has_no_fault() -> None:
    label = replace(WORDS, text="W", at=(640, 400), owner="w", colour=(255, 255, 255))
    assert rules(WORDS, CARD, Line(((10, 10), (1900, 1000)), INK)) == set()
    assert rules(replace(CARD, cells=Cells(np.zeros((10, 10)))), label) == set()


@pytest.mark.parametrize(("down", "wrong"), [(12.0, True), (40.0, False)])
def test_text_over_text(down: float, wrong: bool) -> None:
    second = replace(WORDS, at=(240.0, 300.0 + down), text="output")
    assert ("text over text" in rules(WORDS, second)) is wrong


def test_text_over_a_card_it_does_not_belong_to() -> None:
    on_card = replace(WORDS, at=(640.0, 400.0), text="W")
    assert "text over card" in rules(CARD, on_card)
    assert "text over card" in rules(CARD, replace(on_card, owner="x"))
    assert "text over card" not in rules(CARD, replace(on_card, owner="w"))
    assert "text over card" in rules(on_card, CARD), "also when the card covers it"


def test_a_card_is_as_slanted_as_it_is_drawn() -> None:
    beside = replace(WORDS, at=(610.0, 240.0), text="W")  # within the card's box, above its slanted edge
    assert "text over card" not in rules(CARD, beside)
    assert "text over card" in rules(CARD, replace(beside, at=(610.0, 320.0)))


def test_the_thickness_and_every_layer_of_a_deck_count() -> None:
    thick = replace(CARD, depth=(60.0, -60.0))
    edge = replace(WORDS, at=(920.0, 240.0), text="I", size=22.0)
    assert "text over card" not in rules(CARD, edge)
    assert "text over card" in rules(thick, edge)
    deck = replace(CARD, cells=Cells(np.zeros((2, 10, 10))), layers=(0, 1), origins=((600, 300), (1200, 300)))
    assert "text over card" in rules(deck, replace(WORDS, at=(1250.0, 400.0)))


def test_a_card_over_the_legend() -> None:
    ramp = replace(CARD, key="legend", origins=((620.0, 560.0),), across=(100.0, 0.0), down=(0.0, 14.0))
    assert rules(CARD, ramp) == {"card over legend"}
    assert rules(CARD, replace(ramp, origins=((620.0, 620.0),))) == set()
    assert rules(replace(CARD, key=""), ramp) == set(), "ornaments belong to nobody"


@pytest.mark.parametrize(("x", "wrong"), [(220.0, True), (180.0, False)])
def test_a_way_of_a_map_through_a_name(x: float, wrong: bool) -> None:
    name = replace(WORDS, owner="map/hidden", face="mono-bold")
    way = Line(((220.0, 100.0), (x, 250.0), (x, 400.0)), INK, 2.0, head=8.0)
    assert ("way over name" in rules(name, way)) is wrong
    assert "way over name" not in rules(replace(name, owner=""), way), "a plot's curve is no way"
    assert "way over name" not in rules(name, replace(way, head=0.0)), "nor is a line that points nowhere"


def test_text_over_a_panel_it_does_not_belong_to() -> None:
    panel = Panel((180, 200, 700, 400), (22, 27, 34), name="caption")
    assert rules(panel, WORDS) == {"text over card"}
    assert rules(panel, replace(WORDS, owner="caption")) == set()
    assert rules(replace(panel, box=(180, 200, 300, 400)), replace(WORDS, owner="caption")) == {
        "outside its panel"
    }


@pytest.mark.parametrize(
    "part",
    [
        replace(WORDS, at=(1850.0, 300.0)),
        replace(WORDS, at=(200.0, 10.0)),
        replace(CARD, origins=((1700.0, 300.0),)),
        Line(((10, 10), (10, 1090)), INK),
        Panel((-20, 20, 30, 40), INK),
    ],
)
def test_outside_the_frame(part: Primitive) -> None:
    assert "outside the frame" in rules(part)


def test_small_text() -> None:
    assert "small text" in rules(replace(WORDS, size=21.9))
    assert "small text" not in rules(replace(WORDS, size=22.0))
    assert "small text" in rules(replace(WORDS, size=16.9, face="mono"))
    assert "small text" not in rules(replace(WORDS, size=17.0, face="mono-bold"))


def test_cut_words() -> None:
    assert rules(replace(WORDS, text="hidden neu…", owner="caption")) == {"cut words"}
    assert rules(replace(WORDS, text="a long line of code …", owner="source")) == set()


def test_contrast_with_what_is_really_beneath() -> None:
    grey = replace(WORDS, colour=(110, 115, 120))
    assert "contrast" in rules(grey)
    assert "contrast" in rules(replace(WORDS, opacity=0.3))
    assert "contrast" not in rules(replace(WORDS, opacity=0.3), resting=False), "it may be on its way"
    bright = replace(CARD, cells=Cells(np.ones((10, 10))))
    on_card = replace(WORDS, text="W", at=(700.0, 400.0), owner="w")
    assert "contrast" in rules(bright, on_card)
    assert "contrast" not in rules(replace(CARD, cells=Cells(np.zeros((10, 10)))), on_card)


def test_a_text_that_is_covered_is_not_there() -> None:
    cover = Panel((100, 200, 800, 400), (22, 27, 34))
    assert rules(WORDS, cover) == {"hidden"}
    assert rules(cover, WORDS) == set()
    flying = replace(CARD, key="", origins=((150.0, 290.0),))
    assert rules(WORDS, flying) & {"hidden", "contrast"}
    assert rules(WORDS, flying, resting=False) == set(), "it flies over"


@pytest.mark.parametrize(
    ("text", "exact", "right"),
    [
        ("+0.490", "0.48974", True),
        ("+0.49", "0.48974", False),
        ("0.490", "0.48974", False),
        ("+0.491", "0.48974", False),
        ("= -4.45e-4", "-0.000444999", True),
        ("-4.44e-4", "-0.000444999", False),
        ("-0.0000", "-0.0", False),
        ("0", "0.0", True),
        ("23,336", "23336.0", True),
        ("23,337", "23336.0", False),
        ("nan", "nan", True),
        ("+inf", "inf", True),
        ("+inf", "-inf", False),
    ],
)
def test_misquoted_numbers(text: str, exact: str, right: bool) -> None:
    assert ("misquoted" not in rules(replace(WORDS, text=text, counted=exact))) is right


def test_cells_have_the_colour_of_their_value() -> None:
    painted = still(shown(CARD), (1920, 1080))
    assert lint_pixels.wrong_cells(shown(CARD), painted) == ([], 100)
    wider = replace(CARD, colours=ColourScale("signed", -1.0, 1.05))
    found, _ = lint_pixels.wrong_cells(shown(wider), painted)
    assert {fault.rule for fault in found} == {"cell"}
    one = CARD.cells.values[0].copy()
    one[3, 4] += 0.1
    found, _ = lint_pixels.wrong_cells(shown(replace(CARD, cells=Cells(one))), painted)
    assert len(found) == 1


def test_cells_that_are_not_there_yet_are_empty() -> None:
    mask = np.ones((10, 10), bool)
    mask[5:] = False
    half = replace(CARD, mask=Mask(mask), empty=(90, 20, 90))
    assert lint_pixels.wrong_cells(shown(half), still(shown(half), (1920, 1080))) == ([], 100)
    found, _ = lint_pixels.wrong_cells(shown(half), still(shown(CARD), (1920, 1080)))
    assert len(found) == 50


def test_the_table_is_matplotlibs() -> None:
    from matplotlib import colormaps

    for name, (other, start, stop) in lint_pixels.TABLES.items():
        wish = np.rint(colormaps[other](np.linspace(start, stop, 256))[:, :3] * 255)
        assert np.array_equal(colour_table(name), wish)  # type: ignore[arg-type]


def _blinking(
    per_second: float, step: float, share: float, fps: int = 30, seconds: int = 2
) -> list[np.ndarray]:
    frames = []
    for number in range(fps * seconds):
        frame = np.full((72, 128, 3), 60, np.uint8)
        if int(number * per_second * 2 / fps) % 2:
            frame[: round(72 * share)] = round(60 + step)
        frames.append(frame)
    return frames


def test_more_than_three_flashes_a_second() -> None:
    assert lint_pixels.flashing(_blinking(5, 150, 0.5), 30)
    assert not lint_pixels.flashing(_blinking(3, 150, 0.5), 30), "three are allowed"
    assert not lint_pixels.flashing(_blinking(5, 30, 0.5), 30), "too faint to be a flash"
    assert not lint_pixels.flashing(_blinking(5, 150, 0.02), 30), "too small to be a flash"


# ---- what the themes promise ----------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_both_themes_can_be_read(theme: Theme) -> None:
    named = {"ink": theme.ink, "soft": theme.soft, **dict(theme.phases)}
    named |= {f"accent {place}": colour for place, colour in enumerate(theme.accents)}
    for ground in (theme.background, theme.panel):
        for name, colour in named.items():
            assert _ratio(colour, ground) >= lint_pixels.LEAST_CONTRAST, f"{name} on {ground}"


APART, TURNED = 18.0, 20.0  # CIE 1976 colour difference, and degrees of hue: red and green are said of digits


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_no_arrays_colour_could_be_taken_for_a_phases(theme: Theme) -> None:
    for phase, meant in theme.phases:
        for place, accent in enumerate(theme.accents):
            one, other = (_seen(np.array(colour), WHOLE) for colour in (meant, accent))
            assert np.linalg.norm(one - other) >= APART, f"accent {place} is as good as {phase}"
            if phase in ("forward", "error") and np.hypot(*other[1:]) > 30:
                turn = np.degrees(np.arctan2(one[2], one[1]) - np.arctan2(other[2], other[1]))
                assert abs((turn + 180) % 360 - 180) >= TURNED, f"accent {place} has the hue of {phase}"


def _ratio(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    dark, light = sorted(float(lint_pixels.luminance(np.array(colour))) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
WHOLE = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))  # full colour sight
BLINDNESS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
ENDS_APART, HALVES_APART = 40.0, 25.0  # CIE 1976 colour difference; 2.3 is just noticeable


def _seen(colour: np.ndarray, matrix: tuple[tuple[float, ...], ...]) -> np.ndarray:
    """CIELAB (D65) of an sRGB colour as somebody with that colour blindness sees it."""
    part = np.asarray(colour, float) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(matrix) @ linear, 0, 1)
    to_xyz = np.array([(0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)])
    xyz = to_xyz @ linear / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _apart(table: np.ndarray, low: int, high: int, matrix: tuple[tuple[float, ...], ...]) -> float:
    """The least distance among negative, zero and positive."""
    negative, zero, positive = (_seen(table[place], matrix) for place in (low, 127, high))
    pairs = ((negative, zero), (zero, positive), (negative, positive))
    return min(float(np.linalg.norm(one - other)) for one, other in pairs)


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("name", ["signed", "signed-light"])
def test_signs_can_be_told_apart_without_full_colour_sight(name: ColourMap, blindness: str) -> None:
    table = colour_table(name)
    assert _apart(table, 0, 255, BLINDNESS[blindness]) >= ENDS_APART
    assert _apart(table, 64, 191, BLINDNESS[blindness]) >= HALVES_APART


def test_a_table_of_red_and_green_would_fail() -> None:
    red_green = np.array([(200 - place, place, 0) if place < 200 else (0, 200, 0) for place in range(256)])
    assert _apart(red_green, 0, 255, BLINDNESS["deuteranopia"]) < ENDS_APART
