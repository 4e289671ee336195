"""A story for any trace: each operation told once, in bounded time, with words made from the operations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnistviz.errors import InputError
from mnistviz.picture.wording import text_of
from mnistviz.story.default import default_storyboard
from mnistviz.story.storyboard import check
from mnistviz.story.structure import MOST as MOST_CHAPTERS
from mnistviz.story.timeline import schedule
from mnistviz.story.together import whole_caption
from mnistviz.trace.recording.recorder import record
from tests.trace.recording import odd, taught
from tests.trace.recording.test_names import network_arrays


def _completed(storyboard):
    shots = [shot for chapter in storyboard.chapters for shot in chapter.shots]
    return sorted(number for shot in shots for number in shot.completes)


@pytest.mark.parametrize("function", list(odd.CASES), ids=lambda function: function.__name__)
def test_each_operation_of_any_trace_is_told_once(function):
    trace = record(function, *odd.arguments(function))
    storyboard = check(default_storyboard(trace))
    assert _completed(storyboard) == list(range(len(trace)))
    for chapter in storyboard.chapters:
        assert chapter.title
        assert chapter.caption
        assert all(shot.caption and shot.title and shot.subject for shot in chapter.shots)
    assert schedule(storyboard, "story").ticks > 0


def test_the_network_is_told_statement_by_statement():
    trace = record(taught.network, *network_arrays())
    storyboard = default_storyboard(trace, "net", "A step")
    assert (storyboard.title, storyboard.scene) == ("A step", "net")
    titles = [chapter.title for chapter in storyboard.chapters]
    assert titles[:5] == [
        "pre = b1 + matmul(w1, image)", "hidden: sigmoid", "out = 1 / (1 + exp(-(b2 + matmul(w2, hidden))))",
        "expected[label] = 1", "detected = argmax(out)",
    ]  # fmt: skip
    phases = [chapter.phase for chapter in storyboard.chapters]
    assert phases[5:] == ["error", "backward", "update", "update"] + ["backward"] * 2 + ["update"] * 2
    assert phases[:5] == ["forward"] * 5
    title, question, first, second = storyboard.chapters[0].shots
    assert (title.drawing, question.drawing) == ("title", "map-ahead")
    end = storyboard.chapters[-1].shots[-1]
    assert (end.drawing, end.completes) == ("map-along", ())
    assert "should change, and by how much?" in text_of(question.beats[-1].caption)
    assert text_of(end.beats[0].caption).endswith(".")
    assert text_of(first.caption) == "Multiply w1 (4x9) by image (9x1). The result has 4x1 numbers."
    assert text_of(second.caption) == "Add b1 (4x1) and np.matmul(w1, image) (4x1). pre has 4x1 numbers."
    assert (first.drawing, second.drawing) == ("matmul", "add")
    assert storyboard.chapters[1].shots[0].drawing == "curve"
    assert [shot.drawing for shot in storyboard.chapters[3].shots] == ["setitem"]


def _many(x):
    y = np.zeros(4)
    for i in range(200):
        z = x * i
        y += z
    return y


def _long(x):
    a = x + 1
    a = a * 2
    a = a - 3
    a = a / 4
    b = np.exp(a)
    c = np.log(b)
    return np.tanh(c)


def test_later_passes_of_a_loop_are_told_in_one_shot():
    trace = record(_many, np.ones(4))
    storyboard = default_storyboard(trace)
    first, *shots, last = [shot for chapter in storyboard.chapters for shot in chapter.shots]
    assert (first.drawing, last.drawing) == ("title", "map-along")  # though it has one chapter
    assert [shot.drawing for shot in shots] == ["zeros", "multiply", "add", "passes"]
    assert shots[-1].completes == tuple(range(3, 401))
    assert "199 more passes" in text_of(shots[-1].caption)


def test_a_long_trace_stays_short(tmp_path):
    lines = "\n".join(f"    x{i + 1} = x{i} @ w" for i in range(300))
    file = tmp_path / "long.py"
    file.write_text(f"def long(x0, w):\n{lines}\n    return x300\n")
    namespace = {}
    exec(compile(file.read_text(), str(file), "exec"), namespace)  # noqa: S102
    trace = record(namespace["long"], np.ones((1, 9)), np.eye(9))
    storyboard = default_storyboard(trace)
    assert _completed(storyboard) == list(range(300))
    assert len(storyboard.chapters) <= MOST_CHAPTERS


def test_a_failure_ends_the_film():
    trace = record(taught.fails, np.ones((3, 4)), np.ones((3, 4)))
    last = default_storyboard(trace).chapters[-1]
    assert [shot.drawing for shot in last.shots] == ["failure"]
    assert "z (3x4) and y (3x4)" in text_of(last.shots[0].caption)
    assert "mismatch" in text_of(last.shots[0].caption)
    at_once = default_storyboard(record(lambda x: x[10], np.ones(3)))
    assert [shot.drawing for shot in at_once.chapters[0].shots] == ["failure"]


def test_nothing_computed_is_nothing_to_tell():
    with pytest.raises(InputError, match="no chapters"):
        default_storyboard(record(lambda x: x, np.ones(3)))


def test_what_the_recording_cannot_vouch_for_is_said_at_the_end():
    def drawn():
        return np.random.default_rng(0).normal(size=3) * 2

    def sure(x):
        return x * 2

    note = default_storyboard(record(drawn)).chapters[-1].shots[-1].note
    assert "on trust" in text_of(note) and text_of(note).startswith("1 of all operations is")
    assert default_storyboard(record(sure, np.ones(3))).chapters[-1].shots[-1].note == ""


def _steps(x: Any) -> Any:
    a = x + 1
    b = a * 2
    c = b - x
    return np.exp(c)


def test_where_nothing_is_learned_the_opening_asks_nothing() -> None:
    board = default_storyboard(record(_steps, np.ones(3)))
    first, last = board.chapters[0], board.chapters[-1]
    assert [shot.title for shot in first.shots[:2]] == ["Title", "The way ahead"]
    assert first.shots[first.main_shot].drawing == "add"
    assert text_of(last.shots[-1].caption) == "That was all of it: 4 operations."
    assert not any("?" in text_of(beat.caption) for shot in first.shots[:2] for beat in shot.said)


def test_a_story_that_is_over_at_once_has_no_title() -> None:
    board = default_storyboard(record(lambda x: x + 1, np.ones(3)))
    assert next(shot.title for chapter in board.chapters for shot in chapter.shots) != "Title"


def _several(x: Any, t: Any, weights: Any) -> Any:
    y = x @ weights[0] @ weights[1]
    error = y - t
    back = error @ weights[1].T
    gradients = [x.T @ back, (x @ weights[0]).T @ error]
    for weight, gradient in zip(weights, gradients, strict=True):
        weight -= 0.1 * gradient
    return y


def test_the_question_counts_each_array_that_is_written() -> None:
    weights = [np.ones((3, 4)), np.ones((4, 2))]
    board = default_storyboard(record(_several, np.ones((5, 3)), np.zeros((5, 2)), weights))
    question = board.chapters[0].shots[1]
    assert "Which of the 20 numbers of" in text_of(question.beats[-1].caption)


def _in_place(w: Any, step: Any) -> Any:
    w -= step
    return w


def _anew(w: Any, step: Any) -> Any:
    return w - step


def _a_part(w: Any, step: Any) -> Any:
    w[:, 1:] -= step[:, 1:]
    return w


def _clipped(w: Any, step: Any) -> Any:
    w -= step
    np.clip(w, -0.9, 0.9, out=w)
    return w


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    ("write", "told"), [(_in_place, True), (_anew, True), (_a_part, True), (_clipped, False)]
)
def test_the_end_tells_how_much_the_whole_run_has_changed(write: Any, told: bool, times: int) -> None:
    """What an array was before its last write is not what it was before the run, and what is clipped is not that either."""

    def run(w: Any, x: Any, y: Any) -> Any:
        for _ in range(times):
            out = np.tanh(w @ x)
            error = out - y
            slope = error * (1 - out**2)
            step = 0.5 * slope @ np.transpose(x)
            w = write(w, step)
        return w

    given = (np.ones((2, 3)), np.ones((3, 1)), np.zeros((2, 1)))
    end = default_storyboard(record(run, *(one.copy() for one in given))).chapters[-1].shots[-1]
    after = run(*(one.copy() for one in given))
    changes, most = np.count_nonzero(after != given[0]), np.abs(after - given[0]).max()
    assert end.title == "The end"
    said = text_of(end.said[0].caption)
    assert (said == f"{changes} numbers have changed, none by more than {most:.4g}.") is told, said


def _rolled_out(w: Any, u: Any, xs: Any) -> Any:
    h = np.zeros(3)
    for x in xs:
        h = np.tanh(w @ h + u @ x)
    return h * 2.0


def _network(w: Any, u: Any, xs: Any) -> Any:
    state = _rolled_out(w, u, xs)
    return state - 1.0


def test_a_loop_within_a_chapter_is_told_once_and_its_other_passes_side_by_side() -> None:
    random = np.random.default_rng(5)
    board = default_storyboard(
        record(_network, random.normal(size=(3, 3)), random.normal(size=(3, 2)), random.normal(size=(6, 2)))
    )
    (chapter,) = [one for one in board.chapters if any(shot.drawing == "strip" for shot in one.shots)]
    (beside,) = [shot for shot in chapter.shots if shot.drawing == "strip"]
    made = [board.operation(number) for number in beside.subject]
    assert [one.source.passes for one in made] == [(place,) for place in range(1, 7)]
    for strip in beside.extra:
        assert strip.shape[1] == 6
    assert (beside.extra[-1].value == np.stack([one.output.value.ravel() for one in made], axis=1)).all()
    assert text_of(beside.caption).startswith("The same again in 5 more passes, ")
    titles = [(shot.title, text_of(shot.caption)) for shot in chapter.shots]
    assert len(set(titles)) == len(titles)


def test_a_part_that_a_loop_goes_through_is_not_its_whole_again() -> None:
    def search(x: Any) -> Any:
        best = np.inf
        for column in x.T:
            for edge in np.sort(column)[::2]:
                best = min(best, np.where(column > edge, 1.0, -1.0).sum())
        return x * best

    board = default_storyboard(record(search, np.random.default_rng(3).normal(size=(8, 3))))
    said = [text_of(shot.caption) for chapter in board.chapters for shot in chapter.shots]
    again = [one for one in said if one.startswith("The same again")]
    assert again and all("more passes" in one for one in again), said


def test_several_operations_as_one_are_told_by_what_goes_in_and_what_comes_out() -> None:
    def mixed(a: Any, b: Any, c: Any, d: Any) -> Any:
        e = a @ b + b @ c - d
        e += a @ b + b
        return e

    operations = record(mixed, *(np.eye(2) * place for place in range(1, 5))).operations
    made, changed = operations[:4], operations[4:]
    assert (
        text_of(whole_caption(made, {}))
        == "e is made from a, b, c and others, in 4 operations: matmul, matmul, add, subtract. e has 2x2 numbers."
    )
    assert (
        text_of(whole_caption(changed, {}))
        == "e is changed with a and b, in 3 operations: matmul, add, add. No number changes by more than 4."
    )
    (inner,) = [one for one in operations if one.expression == "b @ c"]
    assert text_of(whole_caption([operations[0], inner], {})).startswith("b @ c is made from b and c, in ")


def test_what_a_statement_reads_and_writes_back_is_no_other_pass_of_it() -> None:
    def less(a: Any, place: Any) -> Any:
        a[place] -= 1
        return a

    def one_less(a: Any) -> Any:
        a[1] -= 1
        return a

    for function, given in ((less, (np.ones(3), np.array([0, 2]))), (one_less, (np.arange(3.0),))):
        board = default_storyboard(record(function, *given))
        ((shot,),) = [chapter.shots for chapter in board.chapters]
        assert (shot.drawing, len(shot.completes)) == ("setitem", 3)
        assert text_of(shot.caption).startswith("Take 1 from a[")


def test_an_idea_is_looked_into_once() -> None:
    def softmax(x: Any) -> Any:
        powers = np.exp(x - x.max())
        return powers / powers.sum()

    def twice(x: Any) -> Any:
        first = softmax(x)
        return softmax(first * 3)

    board = default_storyboard(record(twice, np.array([1.0, 3.0, 2.0])))
    shots = [[shot.drawing for shot in chapter.shots] for chapter in board.chapters]
    assert shots[0][:2] == ["title", "whole"] and len(shots[0]) > 4
    assert shots[1:] == [["multiply"], ["whole", "map-along"]]


def test_an_idea_inside_of_another_is_told_as_one() -> None:
    def attention(q: Any, k: Any, v: Any) -> Any:
        scores = q @ k.T / np.sqrt(k.shape[-1])
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights = powers / powers.sum(axis=1, keepdims=True)
        return weights @ v

    rng = np.random.default_rng(0)
    (chapter,) = default_storyboard(record(attention, *rng.normal(size=(3, 4, 4)))).chapters
    assert [shot.title for shot in chapter.shots[1:-1]] == [
        "attention",
        "q @ k.T",
        "scores: ÷",
        "weights: softmax",
        "weights @ v",
    ]


def test_what_is_only_made_is_told_with_what_it_is_for() -> None:
    def made(a: Any) -> Any:
        b, c = a * 2, np.zeros(3)
        return b, c

    def several(a: Any) -> Any:
        low, high = np.zeros_like(a), np.zeros((2, 2))
        return low, high

    (product,) = (
        shot for chapter in default_storyboard(record(made, np.ones(3))).chapters for shot in chapter.shots
    )
    assert (product.drawing, len(product.completes)) == ("multiply", 2)
    (both,) = (
        shot for chapter in default_storyboard(record(several, np.ones(3))).chapters for shot in chapter.shots
    )
    assert (both.drawing, len(both.subject)) == ("passes", 2)
    assert text_of(both.caption) == "low and high begin with nothing but 0."


def test_a_vector_that_settles_is_told_by_how_much_it_still_changes() -> None:
    def halved(v: Any, target: Any) -> Any:
        for _ in range(6):
            v = (v + target) / 2
        return v

    board = default_storyboard(record(halved, np.zeros(3), np.array([1.0, 2.0, 4.0])))
    again = [text_of(shot.caption) for chapter in board.chapters for shot in chapter.shots][-2]
    assert again.endswith("At first v changes by up to 1, in the last pass by up to 0.0625.")


def test_what_a_later_pass_shows_to_be_an_idea_is_one_in_the_first() -> None:
    def fitted(x: Any, y: Any) -> Any:
        w = np.zeros(2)
        for _ in range(3):
            guess = 1 / (1 + np.exp(-(x @ w)))  # of zeros alone at first
            w = w - x.T @ (guess - y)
        return w

    x = np.array([[0.2, 1.0], [0.5, 2.0], [2.0, 0.3]])
    board = default_storyboard(record(fitted, x, np.array([0.0, 0.0, 1.0])))
    (shot,) = [shot for chapter in board.chapters for shot in chapter.shots if shot.title == "guess: sigmoid"]
    assert board.operation(shot.subject[-1]).source.passes == (1,)
    assert shot.drawing == "curve"
