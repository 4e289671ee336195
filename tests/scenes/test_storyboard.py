"""The seventeen chapters: their operations, phases and words."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mnistviz.picture.compose import AT_REST, tableau_at
from mnistviz.picture.display import Matrix
from mnistviz.picture.drawings import drawing
from mnistviz.picture.layout import look
from mnistviz.picture.map.state import state_after
from mnistviz.picture.stage.studio import studio_of
from mnistviz.picture.wording import text_of
from mnistviz.scene import PictureChoice, load_scene
from mnistviz.story.storyboard import Storyboard
from mnistviz.story.timeline import schedule
from scenes.mnist_mlp.drawings.loss import STACK
from scenes.mnist_mlp.inputs import gather

MADE = {
    1: "image_784x1", 2: "hidden_pre_sigmoid_20x1", 3: "hidden_neurons_20x1", 4: "output_pre_sigmoid_10x1",
    5: "output_neurons_10x1", 6: "detected", 7: "output_delta_10x1", 8: "hidden_to_output_adjustment_10x20",
    9: "hidden_to_output_weights_10x20", 10: "output_biases_10x1", 11: "hidden_sigmoid_differential_20x1",
    12: "weighted_output_delta_20x1", 13: "hidden_delta_20x1", 14: "input_to_hidden_adjustment_20x784",
    15: "input_to_hidden_weights_20x784", 16: "hidden_biases_20x1", 17: "output_neurons_10x1",
}  # fmt: skip
PHASES = (
    ["forward"] * 5
    + ["error"] * 2
    + ["backward"]
    + ["update"] * 2
    + ["backward"] * 4
    + ["update"] * 2
    + ["forward"]
)
ARTICLE = {1: 0, 2: 18, 4: 78, 7: 108, 8: 138, 9: 198, 11: 204, 12: 264, 13: 324, 14: 384, 15: 453}


@pytest.fixture(scope="module")
def board() -> Storyboard:
    scene = load_scene("mnist_mlp")
    return scene.storyboard(scene.record())


def test_each_chapter_ends_in_the_array_it_is_about(board: Storyboard) -> None:
    assert {c.number: board.operations_of(c)[-1].output.name for c in board.chapters} == MADE


def test_phases(board: Storyboard) -> None:
    assert [chapter.phase for chapter in board.chapters] == PHASES


def test_chapters_12_and_9_are_in_the_articles_order(board: Storyboard) -> None:
    """The weights that carry the error back are those that were changed before."""
    turned = next(o for o in board.operations_of(board.chapters[11]) if o.operation == "transpose")
    changed = board.operations_of(board.chapters[8])[-1]
    assert turned.inputs[0].id == changed.output.id


def test_the_articles_pace(board: Storyboard) -> None:
    film = schedule(board, pace="article")
    starts = {chapter.number: film.span(chapter)[0] / 10 for chapter in film.chapters}
    assert {number: starts[number] for number in ARTICLE} == ARTICLE
    told = board.at_article_pace()
    assert {c.number: told.operations_of(c)[-1].output.name for c in told.chapters} == MADE
    assert [(c.title, c.phase, c.caption) for c in told.chapters] == [
        (c.title, c.phase, c.caption) for c in board.chapters
    ]


def test_the_story_takes_six_to_nine_minutes_and_rests(board: Storyboard) -> None:
    film = schedule(board)
    assert 3600 <= film.ticks <= 5400
    assert all(clip.end - clip.rest_start >= 10 for clip in film.clips)


def test_captions_are_short(board: Storyboard) -> None:
    for chapter in board.chapters:
        for shot in chapter.shots:
            caption = text_of(shot.caption)
            assert 0 < len(caption) <= 190, caption
            assert caption.count(". ") <= 2


def test_the_two_departures_from_the_textbook_are_said(board: Storyboard) -> None:
    notes = " ".join(text_of(shot.aside) for chapter in board.chapters for shot in chapter.shots)
    assert "cross-entropy" in notes
    assert "textbook" in notes


def test_the_same_step_again_and_again_ends_with_the_right_digit(board: Storyboard) -> None:
    shot = next(s for c in board.chapters for s in c.shots if s.drawing == "repeat")
    outputs, right = shot.extra[0].value, int(shot.extra[1].value)
    np.testing.assert_array_equal(outputs[0], board.trace.making("output_neurons_10x1", 0).output.value[:, 0])
    np.testing.assert_array_equal(outputs[1], board.trace.making("output_neurons_10x1", 1).output.value[:, 0])
    assert outputs[-1].argmax() == right
    assert outputs[0].argmax() != right
    won = int(np.flatnonzero(outputs.argmax(axis=1) == right)[0])
    assert f"after {won:,} steps" in text_of(shot.caption)


def test_a_film_of_the_articles_weights_and_real_mnist(shared_data: Path) -> None:
    choice = PictureChoice(
        weights=shared_data / "reference-weights-epoch0",
        data=shared_data / "mnist-t10k",
        index=8,
        orientation="clockwise",
    )
    scene = load_scene("mnist_mlp", choice)
    told = scene.storyboard(scene.record())
    assert len(told.chapters) == 17
    assert "on its side" in text_of(told.chapters[0].shots[2].caption)


@pytest.mark.parametrize("pace", ["story", "article"])
def test_the_answer_is_on_the_map_before_it_is_said(board: Storyboard, pace: str) -> None:
    film = schedule(board, "article" if pace == "article" else "story")
    place = next(place for place, clip in enumerate(film.clips) if clip.shot.drawing == "map-early")
    start = next(start for start, _, said in film.clips[place].beats if text_of(said).startswith("It says"))
    moved = Fraction(start - film.clips[place].start)
    view = tableau_at(film, place, moved, look((640, 360)), AT_REST).view
    outputs = board.trace.making("output_neurons_10x1").output.id
    assert view is not None and outputs in {value for _, value in view.shown}


def test_what_is_compared_is_the_traces(board: Storyboard) -> None:
    shot = next(s for s in board.chapters[16].shots if s.title == "What one step changed")
    before, after, change, losses = (value.value for value in shot.extra)
    first, second = (board.trace.making("output_neurons_10x1", nth).output.value for nth in (0, 1))
    wish = board.trace.making("expected_output_10x1", 1).output.value
    np.testing.assert_array_equal(before, first)
    np.testing.assert_array_equal(after, second)
    np.testing.assert_array_equal(change, second - first)
    given = [1 - abs(outputs - wish) for outputs in (first, second)]  # to what was expected
    np.testing.assert_allclose(losses, [-np.log(one).sum() for one in given], rtol=1e-12)
    told = next(s for c in board.chapters for s in c.shots if s.drawing == "loss")
    np.testing.assert_allclose(told.extra[2].value, -np.log(given[0]), rtol=1e-9)
    assert float(told.extra[3].value) == pytest.approx(losses[0], rel=1e-12)
    studio = studio_of(board, look((640, 360)))
    shares = [part for part in drawing("loss")(studio, told, 1.0).marks if isinstance(part, Matrix)]
    heights = np.array([share.down[1] for share in shares])  # each output once, but for what cannot be seen
    shown = np.array([share.cells.values.item() for share in shares])
    np.testing.assert_allclose(heights / STACK[3], studio.scale * shown / told.extra[3].value, rtol=1e-6)
    assert len(set(heights)) == len(heights) and shown.sum() == pytest.approx(losses[0], rel=0.01)


def test_the_layers_before_training_are_those_that_came_with_the_weights(board: Storyboard) -> None:
    shot = next(s for c in board.chapters for s in c.shots if s.drawing == "layers-trained")
    inputs = gather(PictureChoice())
    np.testing.assert_array_equal(shot.extra[0].value, inputs.untrained_layers)
    np.testing.assert_array_equal(shot.extra[1].value, inputs.input_to_hidden_weights)


def test_one_weight_grows_factor_by_factor_to_its_change(board: Storyboard) -> None:
    """Each shot begins with the line that the one before has left, and the last product is what was added."""
    chains = [shot.chain for chapter in board.chapters[10:16] for shot in chapter.shots if any(shot.chain)]
    assert all(now[0] == before[1] for before, now in pairwise(chains))
    lines = list(dict.fromkeys(text_of(chain[1]) for chain in chains))
    assert [line.count("×") for line in lines] == [1, 1, 1, 2, 3]
    weights = next(o for o in board.operations_of(board.chapters[14]) if o.in_place).output
    change = np.asarray(weights.value - weights.before)
    last = chains[-1][1].parts[-1].value
    assert last == pytest.approx(change.flat[np.abs(change).argmax()], rel=1e-6)


def test_the_loss_stays_on_the_map_from_chapter_7_on(board: Storyboard) -> None:
    film = schedule(board)
    gauges = {
        clip.chapter.number: state_after(board, clip.shot).gauge
        for clip in film.clips
        if clip.rest_start < clip.end
    }
    assert all(gauges[number] is None for number in range(1, 7))
    before = next(s for s in board.chapters[6].shots if s.drawing == "loss").extra[3]
    assert all(gauges[number].number.value == float(before.value) for number in range(7, 17))
    assert gauges[17].number.value < float(before.value)


def test_what_is_pressed_into_the_weights_is_seen_in_them(board: Storyboard) -> None:
    """At rest the layer after the step has its change enlarged, says so, and keeps its own range."""
    film = schedule(board, "story")
    place = next(
        place for place, clip in enumerate(film.clips) if clip.shot.title == "Pressed into the weights"
    )
    ticks = film.clips[place].end - film.clips[place].start
    cards = tableau_at(film, place, Fraction(ticks), look((640, 360)), AT_REST).cards
    before, change, after = (
        next(c for c in cards if c.name.endswith(w)) for w in (" before", "change", " after")
    )
    assert change.shows is not None
    np.testing.assert_allclose(after.cells.values, before.cells.values + change.cells.values, rtol=1e-9)
    assert after.note == change.note
    assert after.note.endswith("for view")
    assert after.span == pytest.approx((before.cells.values.min(), before.cells.values.max()), abs=0.01)
    assert len({card.colours for card in (before, change, after)}) == 1


def test_the_weights_turn_over_with_the_weight_that_the_story_is_about(board: Storyboard) -> None:
    film = schedule(board, "story")
    place = next(place for place, clip in enumerate(film.clips) if clip.shot.title == "Turn the weights over")
    ticks = film.clips[place].end - film.clips[place].start
    view = tableau_at(film, place, Fraction(ticks), look((640, 360)), AT_REST)
    before, after = view.cards
    (_, row, column), (_, *turned) = before.lit[0], after.lit[0]
    assert [column, row] == turned
    neuron = int(np.abs(board.trace.making("hidden_delta_20x1").output.value).argmax())
    said = " ".join(map(text_of, view.inspector.sentences))
    assert turned[0] == neuron and f"eight from the digit {row} to hidden neuron {neuron}" in said
