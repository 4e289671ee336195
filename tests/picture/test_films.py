"""The lint over whole films: every shot at its start, its middle and its rest."""

from __future__ import annotations

import os
import runpy
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mnistviz.export.raster.raster import Raster
from mnistviz.picture.compose import compose
from mnistviz.picture.display import Box, DisplayList, Matrix, Text
from mnistviz.picture.layout import look
from mnistviz.picture.stage.studio import studio_of
from mnistviz.scene import load_scene, scene_names
from mnistviz.story.timeline import Clip, Timeline, schedule
from tests.picture import lint, lint_pixels

EXAMPLES = sorted(
    path
    for path in (Path(__file__).parents[2] / "examples").glob("[0-9]*.py")
    if "\ndef inputs(" in path.read_text("utf-8")
)
FILMS = [*scene_names(), *(str(path) for path in EXAMPLES)]
FLASH_FPS, FLASH_SIZE = 12, (320, 180)  # 12: not in step with ticks, which are tenths


def named(name: str) -> str:
    return Path(name).stem


@cache
def film(name: str) -> Timeline:
    scene = load_scene(name)
    return schedule(scene.storyboard(scene.record()))


def moments(clip: Clip) -> Iterator[tuple[Fraction, bool]]:
    """Instants in seconds, and whether the shot rests then."""
    yield Fraction(clip.start, 10), False
    yield Fraction(clip.start + clip.rest_start, 20), False
    yield Fraction(clip.finished, 10), clip.rest_start < clip.end


def frames(timeline: Timeline, theme: str, size: tuple[int, int]) -> Iterator[tuple[str, bool, DisplayList]]:
    for clip in timeline.clips:
        for instant, resting in moments(clip):
            where = f"chapter {clip.chapter.number} step {clip.step} at {float(instant):.1f} s"
            yield where, resting, compose(timeline, instant, look(size, theme)).display


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("name", scene_names())
def test_no_colour_has_two_meanings(name: str, theme: str) -> None:
    accents = studio_of(film(name).storyboard, look((1920, 1080), theme)).accents()
    users: dict[tuple[int, int, int], list[str]] = {}
    for array, colour in accents:
        users.setdefault(colour, []).append(array)
    assert [arrays for arrays in users.values() if len(arrays) > 1] == []


@pytest.mark.parametrize("name", FILMS, ids=named)
def test_the_stage_is_never_empty_between_two_shots(name: str) -> None:
    """Each shot's cards come while those of the one before go; only the whole map and cards with words have none."""
    timeline, looked = film(name), look((1920, 1080))
    for before, after in pairwise(timeline.clips):
        assert before.leaving > 0, f"a jump cut to {after.shot.title}"
        ends = [
            compose(timeline, Fraction(tick, 10), looked).tableau for tick in (before.finished, after.start)
        ]
        if any(end.whole or not end.cards for end in ends):
            continue
        for tick in range(before.leave_start, after.start):
            cards = compose(timeline, Fraction(tick, 10), looked).tableau.cards
            assert any(card.opacity > 0.3 for card in cards), f"nothing at {tick / 10} s"


def test_the_gallery_shows_chapters_that_are_there() -> None:
    """All of them: as an example it runs with a few."""
    folder = EXAMPLES[0].parent
    for name, number in runpy.run_path(str(folder / "10_gallery.py"))["PROGRAMS"].items():
        assert 1 <= number <= len(film(str(folder / f"{name}.py")).chapters), name


IN_FULL = int(os.environ.get("MNISTVIZ_ROUNDS", "0")) >= 200  # else what is painted is a sample
LOOKS = [("dark", (1920, 1080)), ("light", (1280, 720)), ("dark", (1280, 720)), ("light", (1920, 1080))]
SAMPLED = EXAMPLES if IN_FULL else EXAMPLES[::3]
PAINTED = [(name, *drawn) for name in scene_names() for drawn in (LOOKS if IN_FULL else LOOKS[:2])]
SMALLER = [("dark", (1280, 720)), ("light", (1280, 720))]  # of examples, which are painted by the same code
PAINTED += [(str(path), *(LOOKS if IN_FULL else SMALLER)[place % 2]) for place, path in enumerate(SAMPLED)]


SQUARE = (1080, 1080)  # there the map comes close to the words below the title


@pytest.mark.parametrize("size", [(1920, 1080), SQUARE], ids=["wide", "square"])
@pytest.mark.parametrize("name", scene_names())
def test_the_title_stays_while_the_stage_changes(name: str, size: tuple[int, int]) -> None:
    timeline, looked = film(name), look(size)
    for before, after in pairwise(timeline.clips):
        for tick in range(before.leave_start, after.start):
            shown = compose(timeline, Fraction(tick, 10), looked).display.primitives
            words = [part for part in shown if isinstance(part, Text) and part.owner == "title"]
            largest = max((part.size for part in words), default=0.0)
            title = [part.opacity for part in words if size != SQUARE or part.size == largest]
            assert min(title, default=1.0) > 0.7, f"{float(tick / 10)} s, before {after.shot.title}"


@pytest.mark.parametrize("size", [(1920, 1080), SQUARE], ids=["wide", "square"])
def test_names_below_cards_stand_apart_from_one_another_and_from_the_legend(size: tuple[int, int]) -> None:
    sums, shares = "Multiply, add up, add the bias", "Each weight's share"
    boxes: dict[str, dict[str, Box]] = {sums: {}, shares: {}}  # of the ranges of the cards
    for clip in (clip for clip in film("mnist_mlp").clips if clip.shot.title in boxes):
        shown = compose(film("mnist_mlp"), Fraction(clip.finished, 10), look(size)).display.primitives
        for part in (part for part in shown if isinstance(part, Text) and " … " in part.text):
            boxes[clip.shot.title][part.owner] = lint.ink(part)
        if clip.shot.title == sums:
            legend = min(
                part.origins[0][1] for part in shown if isinstance(part, Matrix) and part.key == "legend"
            )
            assert boxes[sums]["products"][3] < legend - 5
    column, grid = (
        boxes[shares][name] for name in ("output_delta_10x1", "hidden_to_output_adjustment_10x20")
    )
    assert column[2] < grid[0] - 5


@pytest.mark.slow
@pytest.mark.parametrize(("name", "theme", "size"), PAINTED, ids=lambda part: Path(str(part)).stem)
def test_every_shot_is_clean(name: str, theme: str, size: tuple[int, int]) -> None:
    # What is drawn there, and not painted, is asked of every film below.
    faults = lint_pixels.unreadable if (theme, size) == LOOKS[0] else lint_pixels.faults
    found = [
        f"{where}: {fault}"
        for where, resting, display in frames(film(name), theme, size)
        for fault in faults(display, size, resting)
    ]
    assert not found, "\n".join([f"{len(found)} faults", *found[:60]])


@pytest.mark.parametrize("name", FILMS, ids=named)
def test_every_shot_is_clean_but_for_its_pixels(name: str) -> None:
    found = [
        f"{where}: {fault}"
        for where, _, display in frames(film(name), "dark", (1920, 1080))
        for fault in lint.drawn_faults(display)
    ]
    assert not found, "\n".join([f"{len(found)} faults", *found[:60]])


SHAPES = [(1080, 1080), (1440, 1080), (1620, 1080), (1728, 1080), (1080, 1920), (2560, 1080)]


@pytest.mark.slow
@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("name", scene_names())
def test_other_shapes_of_film_are_clean(name: str, size: tuple[int, int]) -> None:
    """Words beside the cards are as large as they must be to be read, however small the stage is."""
    found = [
        f"{where}: {fault}"
        for where, _, display in frames(film(name), "dark", size)
        for fault in lint.drawn_faults(display)
    ]
    assert not found, "\n".join([f"{len(found)} faults", *found[:60]])


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1080, 1080), (1080, 1920)])
@pytest.mark.parametrize("name", [str(path) for path in EXAMPLES], ids=named)
def test_examples_are_clean_as_squares_and_upright(name: str, size: tuple[int, int]) -> None:
    timeline = film(name)
    rests = [
        (f"chapter {clip.chapter.number} step {clip.step}", Fraction(clip.finished, 10))
        for clip in timeline.clips
    ]
    found = [
        f"{where}: {fault}"
        for where, instant in rests
        for fault in lint.drawn_faults(compose(timeline, instant, look(size)).display)
    ]
    assert not found, "\n".join([f"{len(found)} faults", *found[:60]])


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", scene_names())
def test_words_can_be_read_while_things_move(name: str, theme: str) -> None:
    """In the shadows of a deck that opens, on cards that are dim, beside what flies: every other shot in each theme."""
    timeline, size = film(name), (960, 540)
    opening = next(clip for clip in timeline.clips if clip.shot.drawing == "layers-cast")
    ticks = [*range(opening.start + 4, opening.rest_start, 6)]
    ticks += [
        clip.start + (clip.rest_start - clip.start) // 4 for clip in timeline.clips[theme == "dark" :: 2]
    ]
    found = [
        f"at {tick / 10} s: {fault}"
        for tick in ticks
        for fault in lint_pixels.unreadable(
            compose(timeline, Fraction(tick, 10), look(size, theme)).display, size, resting=False
        )
    ]
    assert not found, "\n".join([f"{len(found)} faults", *found[:60]])


@pytest.mark.slow
@pytest.mark.parametrize("name", [*scene_names(), *map(str, SAMPLED)], ids=named)
def test_every_cell_has_the_colour_of_its_value(name: str) -> None:
    timeline, raster = film(name), Raster((1920, 1080))
    seen = 0
    for chapter in timeline.chapters:
        display = compose(timeline, timeline.best_instant(chapter), look((1920, 1080))).display
        found, cells = lint_pixels.wrong_cells(display, raster.paint(display).rgb())
        assert not found, "\n".join(f"chapter {chapter.number}: {fault}" for fault in found[:20])
        seen += cells
    assert seen > (1000 if name in scene_names() else 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", scene_names())
def test_nothing_flashes(name: str) -> None:
    timeline, raster, looked = film(name), Raster(FLASH_SIZE), look(FLASH_SIZE)
    within = {number for clip in timeline.clips for number in resting(clip)[1:-1]}

    def painted() -> Iterator[NDArray[np.uint8] | None]:
        for number in range(timeline.ticks * FLASH_FPS // 10):
            if number in within:
                yield None
                continue
            frame = raster.paint(compose(timeline, Fraction(number, FLASH_FPS), looked).display)
            yield frame.rgb()[::2, ::2] if frame.changed else None  # what counts is many pixels large

    assert lint_pixels.flashing(painted(), FLASH_FPS) == []


def resting(clip: Clip) -> range:
    """Numbers of the frames in which nothing moves."""
    return range(-(-clip.rest_start * FLASH_FPS // 10), -(-clip.leave_start * FLASH_FPS // 10))
