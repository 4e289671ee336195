"""A frame is a pure function of its instant, and says what the trace says."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mnistviz.picture.compose import compose
from mnistviz.picture.display import CellMap, DisplayList, Line, Matrix, Text
from mnistviz.picture.drawings.outer import FAINT, gain_of
from mnistviz.picture.layout import Look, look
from mnistviz.picture.numbers import signed
from mnistviz.picture.theme import colour_table, table_index
from mnistviz.scene import load_scene
from mnistviz.story.timeline import Timeline, schedule
from tests.picture.lint import text_over_card
from tests.picture.lint_pixels import luminance

WIDE = (1920, 1080)


@pytest.fixture(scope="module")
def film() -> Timeline:
    scene = load_scene("mnist_mlp")
    return schedule(scene.storyboard(scene.record()))


@pytest.fixture(scope="module")
def dark() -> Look:
    return look(WIDE)


def at(film: Timeline, chapter: int, shot: int = 1, share: Fraction = Fraction(1)) -> Fraction:
    clip = film.clips_of(film.storyboard.chapters[chapter - 1])[shot - 1]
    return Fraction(clip.start, 10) + (Fraction(clip.finished - clip.start, 10)) * share


def matrices(display: DisplayList) -> dict[str, Matrix]:
    return {
        part.key: part
        for part in display.primitives
        if isinstance(part, Matrix) and part.key and not part.key.startswith("map/")
    }


def test_the_same_instant_is_the_same_picture_in_any_order(film: Timeline, dark: Look) -> None:
    instants = [at(film, chapter, 1, Fraction(k, 5)) for chapter in (1, 2, 4, 8, 15, 17) for k in range(5)]
    forwards = [compose(film, instant, dark).display for instant in instants]
    backwards = [compose(film, instant, dark).display for instant in reversed(instants)]
    assert forwards == backwards[::-1]


def test_what_rests_does_not_change_but_for_the_bar(film: Timeline, dark: Look) -> None:
    clip = film.clips_of(film.storyboard.chapters[2])[-1]
    rests = [
        compose(film, Fraction(6 * clip.rest_start + sixtieth, 60), dark).display for sixtieth in range(4)
    ]
    assert any(one is other for one, other in pairwise(rests))  # but where the bar's mark moves between them
    one = rests[0]
    last = compose(film, Fraction(clip.leave_start, 10) - Fraction(1, 60), dark).display
    changed = set(one.primitives) ^ set(last.primitives)
    _, top, _, _ = dark.regions.bar
    assert changed
    assert all(getattr(part, "box", (0, top))[1] >= top - 10 for part in changed)


@pytest.mark.parametrize("chapter", [2, 3])
def test_what_is_held_while_a_clip_moves_is_one_object(film: Timeline, dark: Look, chapter: int) -> None:
    clip = film.clips_of(film.storyboard.chapters[chapter - 1])[0]
    instants = [Fraction(clip.start, 10) + Fraction(number, 60) for number in range(150)]
    onward = [compose(film, instant, dark).display for instant in instants]
    back = [compose(film, instant, dark).display for instant in reversed(instants)]
    assert onward == back[::-1]
    equal = [one is other for one, other in pairwise(onward) if one == other]
    assert sum(equal) > len(equal) / 2 > 10


def test_frame_k_of_10_is_frame_6k_of_60(film: Timeline, dark: Look) -> None:
    for k in (0, 17, 440, 1234):
        assert (
            compose(film, Fraction(k, 10), dark).display == compose(film, Fraction(6 * k, 60), dark).display
        )


def test_every_chapter_says_its_number_from_its_first_frame(film: Timeline, dark: Look) -> None:
    for chapter in film.chapters:
        start, _ = film.span(chapter)
        texts = [
            part.text
            for part in compose(film, Fraction(start, 10), dark).display.primitives
            if isinstance(part, Text)
        ]
        assert f"{chapter.number} / 17" in " ".join(texts)
        assert chapter.title in " ".join(texts)
        if start:
            before = compose(film, Fraction(start, 10) - Fraction(1, 60), dark).display.primitives
            words = " ".join(part.text for part in before if isinstance(part, Text))
            assert f"{chapter.number - 1} / 17" in words


def test_the_cells_at_rest_are_the_traces(film: Timeline, dark: Look) -> None:
    beside = [value for chapter in film.chapters for shot in chapter.shots for value in shot.extra]
    recorded = [value for o in film.storyboard.trace for value in (*o.inputs, o.output)]
    values = {value.id: value.value for value in (*beside, *recorded)}
    seen = 0
    for chapter in film.chapters:
        for part in matrices(compose(film, film.best_instant(chapter), dark).display).values():
            if part.shows is not None and part.shows == CellMap(part.shows.value):
                np.testing.assert_array_equal(part.cells.values.ravel(), values[part.shows.value].ravel())
                assert part.mask is None or chapter.number == 1  # there the rows have moved on
                assert part.grows is None  # it is painted exactly
                seen += 1
    assert seen > 25


def test_every_number_beside_a_cell_is_the_recorded_one_rounded(film: Timeline, dark: Look) -> None:
    counted = [
        part
        for chapter in film.chapters
        for part in compose(film, film.best_instant(chapter), dark).display.primitives
        if isinstance(part, Text) and part.counted and not part.text.replace(".", "").isdigit()
    ]
    assert len(counted) > 200
    assert all(part.text == signed(float(part.counted)) for part in counted)


def test_no_card_jumps_where_a_shot_ends(film: Timeline, dark: Look) -> None:
    """The cards of a shot are there, in their places, before it begins; those of the one before are gone."""
    stayed = 0
    for before, after in pairwise(film.clips):
        old = matrices(compose(film, Fraction(before.end, 10) - Fraction(1, 6000), dark).display)
        new = matrices(compose(film, Fraction(after.start, 10), dark).display)
        there = {key for key, part in old.items() if part.opacity > 0.05}
        assert there - {"legend"} == set(new) - {"legend"}, after.shot.title
        for key in new.keys() & old.keys() - {"legend"}:
            np.testing.assert_allclose(new[key].origins[0], old[key].origins[0], atol=0.5)
            assert new[key].edge == old[key].edge
            assert new[key].grows is None and old[key].grows is None  # it is exact before it is there
            stayed += 1
    assert stayed > 60


def test_the_stage_is_never_empty_where_shots_meet(film: Timeline, dark: Look) -> None:
    whole = {"title", "ending", "map-along", "map-early", "map-beside", "map-ahead"}  # there is no stage
    plots = {"step-taken-further", "repeat", "training-curve"}  # there are no cards
    for clip, following in pairwise(film.clips):
        if {clip.shot.drawing, following.shot.drawing} & (whole | plots):
            continue
        for sixth in range(6 * clip.leaving):
            display = compose(film, Fraction(clip.leave_start, 10) + Fraction(sixth, 60), dark).display
            seen = [
                part for part in matrices(display).values() if part.opacity > 0.5 and part.key != "legend"
            ]
            assert seen, f"{clip.chapter.number}.{clip.step} {clip.shot.title}"


def test_cards_on_their_way_pass_no_words(film: Timeline, dark: Look) -> None:
    """Words are gone before a card is over them: between two shots, and now and then within them."""
    passed = [
        f"{tick / 10} s: {fault}"
        for clip in film.clips
        for tick in (*range(clip.start, clip.leave_start, 15), *range(clip.leave_start, clip.end, 2))
        for fault in text_over_card(compose(film, Fraction(tick, 10), dark).display)
    ]
    assert passed == []


def test_a_column_that_lies_down_comes_from_its_card_on_the_map(film: Timeline, dark: Look) -> None:
    clip = next(clip for clip in film.clips if clip.chapter.number == 8 and clip.step == 2)
    leaving = film.clips[film.clips.index(clip) - 1].leaving
    early = compose(film, Fraction(clip.start, 10) - Fraction(6 * leaving, 100), dark).display
    row = matrices(early)["hidden_neurons_20x1"]
    at_rest = matrices(compose(film, Fraction(clip.start, 10), dark).display)["hidden_neurons_20x1"]
    assert row.opacity == 1 and 0 < row.across[1] < 0.7 * at_rest.across[1]


def test_the_picture_travels_to_where_it_is_told_in_another_unit(film: Timeline, dark: Look) -> None:
    """There is one picture at each instant, not one that fades and one that rises beside it."""
    clip = next(clip for clip in film.clips if clip.shot.drawing == "appear")
    for tick in range(clip.leave_start, clip.end):
        parts = compose(film, Fraction(tick, 10), dark).display.primitives
        pictures = [
            part
            for part in parts
            if isinstance(part, Matrix)
            and part.key in ("picture_28x28", "image_784x1")
            and part.cells.values.shape == (1, 28, 28)
        ]
        assert [part.opacity for part in pictures] == [1.0], tick


@pytest.mark.parametrize(("size", "named"), [(WIDE, True), ((1080, 1080), False)])
def test_wires_begin_where_the_names_of_their_neurons_end(
    film: Timeline, size: tuple[int, int], named: bool
) -> None:
    clip = next(clip for clip in film.clips if clip.shot.drawing == "wires-forth")
    display = compose(film, Fraction(clip.finished, 10), look(size)).display
    card = matrices(display)["hidden_neurons_20x1"]
    (x, _), (ax, _) = card.origins[0], card.across
    texts = [part for part in display.primitives if isinstance(part, Text) and part.owner == card.key]
    wires = [
        part for part in display.primitives if isinstance(part, Line) and part.glow > 0 and not part.head
    ]
    assert wires and {round(wire.points[0][0] - x - ax) for wire in wires} == {38 if named else 8}
    assert any(text.text == "19" for text in texts) is named


def test_a_column_that_is_copied_does_not_hide_its_own_numbers_first(film: Timeline, dark: Look) -> None:
    clip = next(clip for clip in film.clips if clip.chapter.number == 12 and clip.shot.drawing == "matmul")
    display = compose(film, Fraction(clip.start, 10) + Fraction(1, 60), dark).display
    assert not [part for part in display.primitives if isinstance(part, Matrix) and not part.key]


def test_what_the_opening_looked_ahead_to_fades_from_the_map(film: Timeline, dark: Look) -> None:
    place = next(place for place, clip in enumerate(film.clips) if clip.shot.drawing == "map-early")
    clip, following = film.clips[place : place + 2]
    seen = []
    for instant in (
        Fraction(clip.leave_start, 10),
        Fraction(following.start, 10) - Fraction(clip.leaving, 20),
    ):
        display = compose(film, instant, dark).display
        outputs = [
            part
            for part in display.primitives
            if isinstance(part, Matrix) and "map/output_neurons" in part.key
        ]
        seen.append(max((part.opacity for part in outputs if part.mask is None), default=0.0))
    assert seen[0] > 0.5 and 0 < seen[1] < seen[0]


def test_what_is_made_flies_to_the_map(film: Timeline, dark: Look) -> None:
    clip = film.clips_of(film.storyboard.chapters[2])[0]
    flying = compose(film, Fraction(clip.rest_start, 10) - Fraction(1, 4), dark).display
    hidden = [
        part for part in flying.primitives if isinstance(part, Matrix) and part.key == "hidden_neurons_20x1"
    ]
    assert len(hidden) == 2 and hidden[0].down != hidden[1].down
    landed = compose(film, Fraction(clip.rest_start, 10), dark).display
    assert (
        len([p for p in landed.primitives if isinstance(p, Matrix) and p.key == "hidden_neurons_20x1"]) == 1
    )


def test_the_digit_is_always_on_the_stage_or_on_the_map(film: Timeline, dark: Look) -> None:
    away = [tick for tick in range(0, film.ticks, 4) if not _shows_the_digit(film, tick, dark)]
    assert away == []


def test_the_digit_is_there_on_an_upright_film_where_words_fill_the_frame(film: Timeline) -> None:
    upright = look((1080, 1920))
    words = [clip for clip in film.clips if clip.shot.drawing in ("title", "ending")]
    assert len(words) == 2
    assert all(_shows_the_digit(film, clip.finished, upright) for clip in words)


def _shows_the_digit(film: Timeline, tick: int, seen: Look) -> bool:
    """Whether the picture, in any of its layouts, is more there than not; on the map an outline is not it."""
    for part in compose(film, Fraction(tick, 10), seen).display.primitives:
        if isinstance(part, Matrix) and part.opacity > 0.5:
            on_map = part.key.startswith("map/")
            name = part.key.removeprefix("map/").partition("/")[0].partition(" ")[0]
            if name in ("image_784x1", "picture_28x28") and not (on_map and part.mask is not None):
                return True
    return False


def test_the_inspector_says_from_the_first_frame_what_is_told(film: Timeline, dark: Look) -> None:
    """Which cell comes first and what it is called, but not its number: that is a question until it is there."""
    for clip in film.clips:
        for share in (0, 1, 4):  # tenths of what moves
            tick = clip.start + (clip.rest_start - clip.start) * share // 10
            tableau = compose(film, Fraction(tick, 10), dark).tableau
            if not tableau.whole:
                assert tableau.inspector.heading, (clip.chapter.number, clip.step, share)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_stamp_can_be_told_from_an_empty_one(film: Timeline, theme: str) -> None:
    shown = compose(film, at(film, 14), look(WIDE, theme)).display
    seen: dict[int, float] = {}
    for card in matrices(shown).values():
        for layer in card.layers if len(card.cells.values) == 20 else ():
            ends = np.array([np.abs(card.cells.values[layer]).max(), 0.0])
            low, high = sorted(luminance(colour_table(card.colours.table)[table_index(ends, card.colours)]))
            seen[layer] = (high + 0.05) / (low + 0.05)
    assert sorted(seen) == list(range(20))
    assert min(seen.values()) > 2


@pytest.mark.parametrize("share", [1.0, 0.31, 0.29, 0.1, 0.034, 0.033, 0.01, 2.2e-4, 9e-7])
def test_a_faint_stamp_is_enlarged_until_it_can_be_seen(share: float) -> None:
    gain = gain_of(share * 7, 7)
    assert FAINT <= share * gain <= 1
    assert str(gain).rstrip("0") in ("1", "3")


def test_a_frame_is_seen_on_cells_of_its_own_colour(film: Timeline) -> None:
    """Below each frame in the ink's colour lies a wider one in that of the ground."""
    seen = look(WIDE, "light")
    lines = [part for part in compose(film, at(film, 4), seen).display.primitives if isinstance(part, Line)]
    rings = [one for one in lines if len(one.points) == 5 and one.colour == seen.theme.ink]
    grounds = {one.points: one.width for one in lines if one.colour == seen.theme.background}
    framed = [one for one in rings if grounds.get(one.points, 0) > one.width]
    assert len(framed) == 11  # ten factors and the sum


def test_the_lit_expression_belongs_to_the_clips_operations(film: Timeline, dark: Look) -> None:
    for clip in film.clips:
        middle = Fraction(clip.start + clip.rest_start, 20)
        lit = compose(film, middle, dark).lit
        if clip.shot.drawing in ("title", "ending", "map-along", "map-early", "map-beside", "map-ahead"):
            continue
        spans = [film.storyboard.operation(number).source for number in clip.subject]
        assert lit in [span for source in spans for span in (source.expression, source.statement)]


@pytest.mark.parametrize(
    "size", [(640, 360), (1280, 720), (3840, 2160), (1080, 1920), (1080, 1080), (1000, 800)]
)
def test_every_chapter_lays_out_at_every_shape(film: Timeline, size: tuple[int, int]) -> None:
    seen = look(size, "light")
    for chapter in film.chapters:
        display = compose(film, film.best_instant(chapter), seen).display
        wide, high = display.size
        assert wide / high == pytest.approx(size[0] / size[1])
        for part in display.primitives:
            if isinstance(part, Matrix):
                for origin in part.origins:
                    for x, y in part.corners(origin):
                        assert -1 <= x <= wide + 1
                        assert -1 <= y <= high + 1


def test_a_film_of_the_users_own_function(tmp_path: Path, dark: Look) -> None:
    (tmp_path / "own.py").write_text(
        "import numpy as np\n\ndef inputs():\n    return (np.arange(6.0).reshape(2, 3), np.ones(3))\n\n"
        "def step(a, b):\n    c = a @ b\n    a += 0.5\n    return np.sort(np.maximum(c, 3)), a.T, a.sum(axis=0)\n"
    )
    scene = load_scene(str(tmp_path / "own.py"))
    timeline = schedule(scene.storyboard(scene.record()))
    for clip in timeline.clips:
        for instant in (Fraction(clip.start, 10), Fraction(clip.start + clip.rest_start, 20)):
            assert compose(timeline, instant, dark).display.primitives
