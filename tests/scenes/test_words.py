"""The words of the lesson for a dozen pictures: wrong ones, right ones, unknown ones; other weights, and photographs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistviz.picture.compose import compose
from mnistviz.picture.drawings.outer import stamps
from mnistviz.picture.layout import look
from mnistviz.picture.stage.studio import studio_of
from mnistviz.picture.wording import text_of
from mnistviz.scene import PictureChoice
from mnistviz.story.storyboard import Shot, Storyboard
from mnistviz.story.timeline import schedule
from mnistviz.trace.model import Trace
from scenes.mnist_mlp.inputs import Inputs, gather, record_scene
from scenes.mnist_mlp.storyboard import storyboard
from tests.data import photos
from tests.picture.lint import drawn_faults
from tests.picture.lint_truth import untrue_sentence
from tests.picture.oracle import Facts

SHARED = Path(__file__).parents[3] / "shared" / "data"
BUILT_IN = (1, 69, 77, 100, 157, 175, 193, 217, 5364)
ARTICLE = (5, 149, 1234)
PHOTOGRAPHS = {"photo, known": 7, "photo, unknown": None}
PICTURES = [*map(str, BUILT_IN), *(f"article {index}" for index in ARTICLE), *PHOTOGRAPHS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    sheet = np.uint8(250 - 220 * photos.stroke(7))
    Image.fromarray(sheet).save(folder / "seven.png")
    return folder


def chosen(name: str, folder: Path) -> PictureChoice:
    if name in PHOTOGRAPHS:
        return PictureChoice(image=folder / "seven.png", label=PHOTOGRAPHS[name])
    if not name.startswith("article"):
        return PictureChoice(index=int(name))
    if not SHARED.is_dir():
        pytest.skip("the article's weights are not here")
    index = int(name.rpartition(" ")[2])
    weights, data = SHARED / "reference-weights-epoch0", SHARED / "mnist-t10k"
    return PictureChoice(weights=weights, data=data, index=index, orientation="clockwise")


@cache
def lesson(name: str, folder: Path) -> tuple[Inputs, Trace, Storyboard]:
    inputs = gather(chosen(name, folder))
    trace = record_scene(inputs)
    return inputs, trace, storyboard(trace, inputs)


def shots(board: Storyboard) -> list[Shot]:
    return [shot for chapter in board.chapters for shot in chapter.shots]


def at_both_paces(board: Storyboard) -> list[tuple[Storyboard, Shot]]:
    return [(told, shot) for told in (board, board.at_article_pace()) for shot in shots(told)]


def words(board: Storyboard) -> str:
    said = [beat.caption for shot in shots(board) for beat in shot.said]
    return " ".join(map(text_of, [*said, *(shot.note for shot in shots(board))]))


@pytest.mark.parametrize("name", PICTURES)
def test_every_number_and_claim_in_the_words_is_true(name: str, folder: Path) -> None:
    _, _, board = lesson(name, folder)
    found = [
        fault
        for told, shot in at_both_paces(board)
        for said in (*(beat.caption for beat in shot.said), shot.note, shot.aside)
        for fault in untrue_sentence(Facts(told, shot), said)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", PICTURES)
def test_an_answer_is_called_what_it_is(name: str, folder: Path) -> None:
    inputs, trace, board = lesson(name, folder)
    answer, said = int(trace.making("detected").output.value), words(board)
    assert f"It says {answer}." in said
    a = "an" if inputs.label == 8 else "a"
    assert (f"It is {a} {inputs.label}." in said) == (inputs.label_known and answer != inputs.label)
    assert (f"It is {a} {inputs.label}: right." in said) == (inputs.label_known and answer == inputs.label)
    assert ("Nobody told us" in said) == (not inputs.label_known)
    assert ("But the picture shows" in said) == (answer != inputs.label)
    output = float(trace.making("output_neurons_10x1").output.value[inputs.label, 0])
    right = inputs.label_known and answer == inputs.label
    assert ("right, and sure" in said) == (right and output >= 0.9)
    assert ("right, but unsure" in said) == (right and output < 0.9)


@pytest.mark.parametrize("name", PICTURES)
def test_why_it_says_so_is_answered_by_a_neuron_that_says_yes(name: str, folder: Path) -> None:
    inputs, trace, board = lesson(name, folder)
    answer = int(trace.making("detected").output.value)
    says = inputs.hidden_to_output_weights * trace.making("hidden_neurons_20x1").output.value.T
    for told in (board, board.at_article_pace()):
        shot = next(shot for shot in shots(told) if shot.drawing == "wires-forth")
        assert (f"says yes to the {answer}" in text_of(shot.caption)) == bool((says[answer] > 0).any())


@pytest.mark.parametrize("name", PICTURES)
def test_what_many_steps_do_is_said_where_there_are_any(name: str, folder: Path) -> None:
    inputs, _, board = lesson(name, folder)
    repeats = [shot for shot in shots(board) if shot.drawing == "repeat"]
    assert "After 0" not in words(board) and "after 0" not in words(board)
    if not repeats:
        first = board.trace.making("output_neurons_10x1").output.value[:, 0]
        assert first.argmax() == inputs.label and first[inputs.label] >= 0.9
        return
    history = repeats[0].extra[0].value
    assert len(history) > 1 and history[-1][inputs.label] >= 0.9
    ahead = int(np.flatnonzero(history.argmax(axis=1) == inputs.label)[0])
    said = text_of(repeats[0].caption)
    assert f"{len(history) - 1}" in said and ("was ahead" in said) == (ahead == 0)


@pytest.mark.parametrize("pace", ["story", "article"])
@pytest.mark.parametrize("name", PICTURES)
def test_every_caption_can_be_read_in_its_time(name: str, pace: str, folder: Path) -> None:
    """At most three words a second and twelve at a time; none is lost, or stands for long while things move."""
    _, _, board = lesson(name, folder)
    for clip in schedule(board, "article" if pace == "article" else "story").clips:
        assert len(clip.beats) == len(clip.shot.said), [text_of(beat.caption) for beat in clip.shot.said]
        for start, end, said in clip.beats:
            count, seconds = len(text_of(said).split()), (end - start) / 10
            assert count <= 12 and count / seconds <= 3.0, (text_of(said), seconds)
            moving = (min(end, clip.rest_start) - max(start, clip.start + clip.waits)) / 10
            assert moving <= 8.0, (text_of(said), moving)


@pytest.mark.parametrize("pace", ["story", "article"])
@pytest.mark.parametrize("name", PICTURES)
def test_nothing_moves_before_a_question_is_read(name: str, pace: str, folder: Path) -> None:
    """A question that the action answers stands alone first, but for its last second; on the map the ways go on."""
    _, _, board = lesson(name, folder)
    for clip in schedule(board, "article" if pace == "article" else "story").clips:
        (_, end, said), *others = clip.beats
        if (
            text_of(said).endswith("?")
            and others
            and not clip.shot.drawing.startswith("map")
            and end < clip.rest_start
        ):
            assert -3 <= end - clip.start - clip.waits <= 9, (clip.shot.title, end - clip.start, clip.waits)


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_told_slowly_that_is_next_to_nothing(name: str, folder: Path) -> None:
    """Of the cells that come first none is under a fiftieth of the largest, but for the one that the story is about."""
    _, trace, board = lesson(name, folder)
    small = []
    for shot in shots(board):
        if not shot.order:
            continue
        output = trace.operations[shot.subject[-1]].output
        sizes = np.abs(
            np.asarray(output.value, float) - (0 if output.before is None else output.before)
        ).ravel()
        weak = [cell for cell in shot.order[1:] if sizes[cell] < 0.02 * sizes.max()]
        if output.name == "hidden_to_output_adjustment_10x20":  # there it is the point, and said
            hidden = trace.making("hidden_neurons_20x1").output.value
            assert all(hidden[cell % 20] == hidden.min() for cell in weak), shot.title
            weak = []
        assert not weak, shot.title
        small += [shot.title] if sizes[shot.order[0]] < 0.02 * sizes.max() else []
    assert len(small) <= 3, small


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_tangent_of_the_loss_is_named_clear_of_the_curves_and_of_their_names(
    name: str, folder: Path
) -> None:
    timeline = schedule(lesson(name, folder)[2])
    clip = next(clip for clip in timeline.clips if clip.shot.title == "Why so small a step?")
    assert not drawn_faults(compose(timeline, Fraction(clip.finished, 10), look((1920, 1080))).display)


def stamped_without(name: str) -> Inputs:
    """A lesson whose stamps are all empty: there is no ink, or no blame comes through to the hidden neurons."""
    inputs = gather(PictureChoice())
    if name == "ink":
        return replace(inputs, picture=np.zeros_like(inputs.picture))
    return replace(
        inputs, hidden_to_output_weights=np.zeros_like(inputs.hidden_to_output_weights), learn_rate=0.0
    )


@pytest.mark.parametrize("name", ["ink", "blame"])
def test_of_empty_stamps_it_is_not_said_that_they_are_pressed_in(name: str) -> None:
    inputs = stamped_without(name)
    trace = record_scene(inputs)
    assert not trace.making("input_to_hidden_adjustment_20x784").output.value.any()
    board = storyboard(trace, inputs)
    shot = next(shot for shot in shots(board) if shot.title == "Twenty stamps of the picture")
    (wall,) = stamps(studio_of(board, look((1280, 720))), trace.operations[shot.subject[-1]].output)
    assert (len(wall.layers), wall.gain) == (20, 0)
    said = " ".join(text_of(beat.caption) for shot in shots(board) for beat in shot.said)
    assert "pressed into its layer" not in said and "enlarge it" not in said
    assert ("is stamped" in said) == (name == "blame")
    assert "All of them are empty: nothing will change." in said
    assert ("carries the largest blame" in said) == (name == "ink")
    for told in (board, board.at_article_pace()):
        for clip in schedule(told).clips:
            assert len(clip.beats) == len(clip.shot.said), clip.shot.title


def odd(name: str) -> Inputs:
    """A lesson that few would ask for: nothing in the picture, nothing in the weights, or far too much of either."""
    inputs = gather(PictureChoice())
    weights = ("input_to_hidden_weights", "hidden_to_output_weights")
    match name:
        case "nothing in it":
            return replace(inputs, picture=np.zeros_like(inputs.picture))
        case "all ink":
            return replace(inputs, picture=np.full_like(inputs.picture, 255), label=8)
        case "nobody knows":
            return replace(inputs, label=8, label_known=False)
        case "saturated":
            return replace(inputs, **{one: 100 * getattr(inputs, one) for one in weights})
        case "one pixel":
            return replace(inputs, picture=np.uint8(255 * np.eye(28)[14][:, None] * np.eye(28)[8]))
        case "nothing wrong":
            return replace(inputs, output_biases=np.where(np.arange(10)[:, None] == 8, 2e3, -2e3), label=8)
        case "rate 0" | "rate 20" | "rate -1":
            return replace(inputs, learn_rate=float(name.split()[1]))
    arrays = (*weights, "hidden_biases", "output_biases")
    return replace(inputs, **{one: np.zeros_like(getattr(inputs, one)) for one in arrays})


ODD = {
    "nothing in it": ("Called a 3: 28 × 28 pixels.", "It is called a 3.", "But the picture is called a 3."),
    "all ink": ("Called an 8: 28 × 28 pixels.", "It is called an 8: right.", "Every pixel is the same.",
                "Folded, it is the picture again."),
    "nobody knows": ("What to expect? Nobody knows.", "So we expect 1 for the 8, 0 for all others."),
    "saturated": ("None is half on, where it would be steep.", "But it is too weak to change any weight.",
                  "None of 15,680 weights has moved.", "1 of 20 is weak: enlarged to be seen."),
    "all zeros": ("Several are largest: the first counts, 0.", "No neuron says anything: all weights are zero.",
                  "The 3 must rise, and all others fall.", "Neuron 0 and others share the blame.",
                  "Nothing is enlarged: it can be seen as it is."),
    "one pixel": ("Called a 3: 28 × 28 pixels.", "Folded, it is the picture again."),
    "nothing wrong": ("Nothing must rise, and nothing fall.", "None of 200 weights has moved.", "None of 15,910"),
    "rate 0": ("Take 0 times the adjustment: nothing.", "The learn rate is 0: so nothing is learned.",
               "One step, and nothing has moved.", "Ten answers, the same as before.", "How much? Not at all."),
    "rate 20": ("Take 20 times the adjustment", "20 times the adjustment: others pay for it.",
                "All 200 weights have taken a large step.", "After 1 step the 3 is ahead, and sure."),
    "rate -1": ("Take 1 of the adjustment, and forwards.", "each along its own blame.", "The 3 went down from"),
}  # fmt: skip
FALSE = {
    "nothing in it": ("handwritten", "shows a", "Every neuron gets its own stamp"),
    "all ink": ("handwritten", "shows an", "we can read it"),
    "nobody knows": ("Was the largest right?",),
    "saturated": ("Half on", "pressed into its layer", "Each weight moves"),
    "all zeros": ("The largest output is", "carries the largest blame", "The 0 must fall", "enlarge it"),
    "one pixel": ("handwritten", "shows a", "we can read it"),
    "nothing wrong": (
        "must fall",
        "must rise.",
        "against its own blame",
        "Now they learn",
        "the changed weights",
    ),
    "rate 0": (
        "small",
        "enough for now",
        "against its own blame",
        "Now they learn",
        "the changed weights",
        "hardly moves",
    ),
    "rate 20": ("small step", "Again only", "enlarge it", "of the way", "Why so small"),
    "rate -1": ("small step", "against its", "backwards", "Why so small", "And the same step"),
}  # of the same lessons


@pytest.mark.parametrize("name", ODD)
def test_of_odd_lessons_nothing_is_said_that_is_not_so_and_no_words_stand_over_others(name: str) -> None:
    inputs = odd(name)
    board = storyboard(record_scene(inputs), inputs)
    said = words(board)
    assert [one for one in ODD[name] if one not in said] == []
    assert [one for one in FALSE[name] if one in said] == []
    for told, shot in at_both_paces(board):
        for one in (*(beat.caption for beat in shot.said), shot.note):
            assert not list(untrue_sentence(Facts(told, shot), one)), text_of(one)
    for told in (schedule(board), schedule(board.at_article_pace())):
        assert all(len(clip.beats) == len(clip.shot.said) for clip in told.clips)
    timeline = schedule(board)
    for clip in (clip for clip in timeline.clips if clip.chapter.number in (9, 11, 16)):
        rest = compose(timeline, Fraction(clip.finished, 10), look((1920, 1080))).display
        assert not drawn_faults(rest), clip.shot.title
