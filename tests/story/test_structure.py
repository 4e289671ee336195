"""The default storyboard follows the author: statements, calls, loops, comments, names; and phases follow the data."""

from __future__ import annotations

import importlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistviz.picture.wording import text_of
from mnistviz.story.comments import words_of
from mnistviz.story.default import default_storyboard
from mnistviz.story.flow import learning
from mnistviz.story.storyboard import Storyboard
from mnistviz.story.structure import MOST
from mnistviz.trace.model import Trace
from mnistviz.trace.recording.recorder import record
from tests.trace.recording import running, test_programs

NAMES = [name.removeprefix("programs.") for name in running.PROGRAMS]
LEARNING = (
    "char_rnn", "functional_dicts", "layers", "minibatches", "variational", "weight_lists", "word_vectors",
)  # fmt: skip
NOT_LEARNING = (
    "kalman", "heat", "n_body", "pagerank", "pca", "mandelbrot", "game_of_life", "elimination", "k_means",
    "signals", "dct", "transformer", "lstm", "mixture",
)  # fmt: skip


@lru_cache(maxsize=64)
def told(name: str) -> tuple[Trace, Storyboard]:
    trace = test_programs.recorded(f"programs.{name}")
    return trace, default_storyboard(trace, name)


@pytest.mark.parametrize("name", NAMES)
def test_no_program_has_too_many_chapters_or_two_alike(name: str) -> None:
    trace, board = told(name)
    titles = [chapter.title for chapter in board.chapters]
    assert len(titles) <= MOST + 1  # and one of how it failed, or what is not vouched for
    assert len(set(titles)) == len(titles)
    captions = [text_of(shot.caption) for chapter in board.chapters for shot in chapter.shots]
    assert not [one for one in captions if re.search(r" is \d+x\d+", one)]
    assert sorted(n for chapter in board.chapters for shot in chapter.shots for n in shot.completes) == list(
        range(len(trace))
    )


@pytest.mark.parametrize("name", LEARNING)
def test_where_something_is_learned_there_are_phases(name: str) -> None:
    _, board = told(name)
    phases = [chapter.phase for chapter in board.chapters]
    assert "forward" in phases and "update" in phases and None not in phases


@pytest.mark.parametrize("name", NOT_LEARNING)
def test_where_nothing_is_learned_there_are_none(name: str) -> None:
    _, board = told(name)
    assert {chapter.phase for chapter in board.chapters} == {None}


class Dense:
    """A layer."""

    def __init__(self, n: int, m: int, seed: int) -> None:
        self.w = np.random.RandomState(seed).randn(n, m)

    def forward(self, x: Any) -> None:
        """Multiply by the weights, and bend."""
        self.x = x
        raw = np.dot(x, self.w)
        self.output = np.tanh(raw)


dense1, dense2 = Dense(3, 4, 0), Dense(4, 2, 1)


def layered(x: Any, t: Any) -> Any:
    """Two layers, one after the other."""
    # what goes in first
    y = x * 2
    dense1.forward(y)
    dense2.forward(dense1.output)
    error = dense2.output - t  # how wrong it is
    rows = []
    for i in range(4):
        row = error * i
        rows.append(row + 1)
    z = np.zeros((3, 3))
    z[1, :2] = 5
    a = z[0]
    b = z[1]
    c = z[2]
    return error, rows, a, b, c


def test_chapters_are_calls_and_statements_with_the_author_s_words() -> None:
    board = default_storyboard(record(layered, np.ones((2, 3)), np.ones((2, 2))))
    titles = [chapter.title for chapter in board.chapters]
    assert titles[:4] == ["y = x * 2", "dense1.forward → dense1.output", "dense2.forward → dense2.output",
                          "error = dense2.output - t"]  # fmt: skip
    assert board.chapters[0].caption == "what goes in first"
    assert board.chapters[1].caption == "Multiply by the weights, and bend."
    assert board.chapters[3].caption == "how wrong it is"
    assert text_of(board.chapters[0].shots[2].beats[0].caption) == "what goes in first"
    assert board.subtitle == "Two layers, one after the other."
    loop = board.chapters[titles.index("rows.append(row + 1)")]
    assert [shot.drawing for shot in loop.shots] == ["add", "passes"]
    assert "3 more passes" in text_of(loop.shots[-1].caption)


def nielsen(weights: Any, x: Any, y: Any) -> Any:
    a = [x]
    for w in weights:
        a.append(np.tanh(np.dot(w, a[-1])))
    delta = (a[-1] - y) * (1 - a[-1] ** 2)
    last = np.dot(delta, a[1].T)
    delta = np.dot(weights[1].T, delta) * (1 - a[1] ** 2)
    first = np.dot(delta, a[0].T)
    return [w - 0.1 * nw for w, nw in zip(weights, (first, last), strict=True)]


def test_phases_follow_the_data_where_weights_are_new_lists() -> None:
    random = np.random.RandomState(0)
    trace = record(nielsen, [random.randn(3, 4), random.randn(2, 3)], np.ones((4, 1)), np.ones((2, 1)))
    phases = [chapter.phase for chapter in default_storyboard(trace).chapters]
    assert phases == ["forward", "error", "backward", "backward", "backward", "update"]


def critic(w: Any, real: Any) -> Any:
    score = 1 / (1 + np.exp(-(real @ w)))
    wrong = score - 1
    slope = real.T @ wrong
    w -= 0.1 * slope
    return w


def surprised(w: Any, x: Any) -> Any:
    raised = np.exp(x @ w)
    shares = raised / np.sum(raised)
    answer = np.zeros(3)
    answer[1] = -1 / shares[1]
    through = answer * shares * (1 - shares)
    w -= 0.1 * np.outer(x, through)
    return w


@pytest.mark.parametrize(
    ("function", "arrays", "error"),
    [
        (critic, (np.full((3, 1), 0.2), np.ones((4, 3))), "score - 1"),
        (surprised, (np.full((2, 3), 0.2), np.ones(2)), "-1 / shares[1]"),
    ],
)
def test_how_far_a_probability_is_from_certain_is_an_error(function: Any, arrays: Any, error: str) -> None:
    trace = record(function, *arrays)
    found = learning(trace)
    assert found is not None
    assert [trace.operations[number].expression for number in found.errors] == [error]
    phases = [chapter.phase for chapter in default_storyboard(trace).chapters]
    assert phases[0] == "forward"
    assert "error" in phases
    assert phases[-1] == "update"


def centring(w: Any, x: Any) -> Any:
    w -= 0.1 * (1 / (w + x) - 2)
    return w


def test_a_reciprocal_and_a_number_taken_away_are_no_error() -> None:
    assert learning(record(centring, np.ones(3), np.full(3, 2.0))) is None


def diffusion(u: Any) -> Any:
    for _ in range(3):
        u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return u


def residual(x: Any, w: Any) -> Any:
    return x + 0.5 * np.tanh(w @ x)


@pytest.mark.parametrize("function", [diffusion, residual])
def test_what_changes_without_an_error_learns_nothing(function: Any) -> None:
    arrays = (np.ones(5),) if function is diffusion else (np.ones(3), np.eye(3))
    assert learning(record(function, *arrays)) is None


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# forward pass", "forward pass"),
        ("#### Update ####", "Update"),
        ("# x = w @ y", ""),
        ("# noqa: E501", ""),
        ("# ----------", ""),
        ("# print(x)", ""),
        ("#print target", ""),
        ("# print the target", "print the target"),
    ],
)
def test_comments_are_words_of_the_author_and_not_code(comment: str, words: str) -> None:
    assert words_of(comment) == words


def test_a_long_loop_is_told_in_bounded_time() -> None:
    trace = record(_long_loop, np.eye(4), np.ones(4))
    assert len(trace) == 8500
    board = default_storyboard(trace)
    assert len(board.chapters) <= 4
    assert sum(len(chapter.shots) for chapter in board.chapters) < 20


def _long_loop(w: Any, x: Any) -> Any:
    for _ in range(1700):
        y = np.tanh(w @ x)
        x = x + 0.01 * (y - x)
    return x


def _halves(points: Any) -> Any:
    return np.split(points, 2)


class _Clusters:
    def predict(self, points: Any) -> Any:
        centres = self._start(points)
        halves = list(map(_halves, [points * 1.5, points * 2.5, points * 3.5]))
        moved = centres - points[0]
        if not moved.any():
            return centres
        return self._start(halves[0][1])

    def _start(self, points: Any) -> Any:
        first = points[:1]
        return first + points[1:2]


def test_titles_name_what_is_done_not_list_or_self() -> None:
    def step(points: Any) -> Any:
        return _Clusters().predict(points)

    titles = [chapter.title for chapter in default_storyboard(record(step, np.eye(4))).chapters]
    assert titles[0] == "_start → centres"
    assert "moved.any()" in titles
    assert not any(title.startswith(("list", "self.")) or title == "any" for title in titles), titles


def _pair(w: Any, x: Any) -> Any:
    low = np.tanh(w @ x)
    high = np.exp(low)
    return low, high


def _pairs(w: Any, x: Any) -> Any:
    (a, b), (c, d) = _pair(w, x), _pair(w, x + 1.0)
    _, e = _pair(w, np.abs(c) + 0.0)
    _, e = _pair(w, e + 0.0)
    k = np.minimum(a, d)
    k = np.maximum(k, b)
    k = k * c
    k = k - e
    k = np.square(k)
    return np.sqrt(k)


def test_chapters_are_called_by_what_is_called_most() -> None:
    board = default_storyboard(record(_pairs, np.ones((3, 3)), np.ones((3, 1))))
    titles = [chapter.title for chapter in board.chapters]
    assert titles[:3] == ["_pair → a, b, c and d", "_pair → e", "_pair(w, e + 0.0)"]


def _chosen(wrong: Any, x: Any) -> Any:
    through = np.zeros((3, 1))
    for row in range(3):
        if x[row, 0] * 1.0 > 0.5:
            through[row] = wrong[row]
    return through


def _pooled_back(w: Any, x: Any) -> Any:
    raw = x @ w
    score = 1 / (1 + np.exp(-raw))
    wrong = score - 1
    through = _chosen(wrong, x)
    slope = x.T @ through
    small = 0.1 * slope
    w -= small
    return w


def test_after_the_error_what_leads_back_is_backward_however_much_is_asked_on_the_way() -> None:
    x = np.array([[0.9, 0.4], [0.2, 0.3], [0.1, 0.6]])
    board = default_storyboard(record(_pooled_back, np.full((2, 1), 0.3), x))
    phases = {chapter.title: chapter.phase for chapter in board.chapters}
    assert phases["_chosen → through"] == "backward"


def test_of_later_passes_that_end_in_a_question_an_array_is_shown() -> None:
    def searching(x: Any) -> Any:
        best = x * 0.0
        for each in range(4):
            moved = x - 1.0 * each
            if moved.sum() > 1.5:
                best = best + moved
        return best

    board = default_storyboard(record(searching, np.full((2, 2), 1.0)))
    again = [shot for chapter in board.chapters for shot in chapter.shots if shot.title.startswith("Again")]
    assert again
    assert all(board.operation(shot.subject[-1]).output.shape for shot in again)


def _falling(position: Any, speed: Any) -> Any:
    speed += 0.05 * (position * -2.0)
    position += 0.1 * speed
    pull = position * -2.0
    pull -= 0.5 * speed
    speed += 0.05 * pull
    return np.abs(speed)


def test_friction_is_no_error() -> None:
    board = default_storyboard(record(_falling, np.ones((4, 3)), np.ones((4, 3))))
    assert {chapter.phase for chapter in board.chapters} == {None}


def _embedded(rows: Any, out: Any) -> Any:
    raw = rows[2] @ out
    share = np.exp(raw) / np.exp(raw).sum()
    share[1] -= 1
    step_in, step_out = out @ share, np.outer(rows[2], share)
    out = out - 0.1 * step_out
    rows[2] = rows[2] - 0.1 * step_in
    return rows, out


def test_a_row_that_is_written_anew_is_an_update() -> None:
    board = default_storyboard(record(_embedded, np.ones((5, 4)), np.eye(4, 3)))
    phases = {chapter.title: chapter.phase for chapter in board.chapters}
    assert phases["rows[2] = rows[2] - 0.1 * step_in"] == "update"


def _critic(w: Any, v: Any, x: Any, fakes: Any, reals: Any) -> Any:
    made = x @ w
    judged = 1 / (1 + np.exp(-(made @ v)))
    v_error = judged - fakes
    v -= 0.1 * made.T @ v_error
    w_error = judged - reals
    back = w_error @ v.T
    w -= 0.1 * x.T @ back
    return np.abs(judged)


def test_a_critic_and_what_it_judges_have_an_error_each() -> None:
    rng = np.random.default_rng(0)
    arrays = (
        rng.normal(size=(3, 4)),
        rng.normal(size=(4, 1)),
        rng.normal(size=(5, 3)),
        np.zeros((5, 1)),
        np.ones((5, 1)),
    )
    phases = {one.title: one.phase for one in default_storyboard(record(_critic, *arrays)).chapters}
    assert phases["w_error = judged - reals"] == "error"
    assert [phase for phase in phases.values() if phase == "update"] == ["update"] * 2


def pull_nearest(weights: Any, x: Any) -> None:
    nearest = np.argmin(np.sum((weights - x) ** 2, axis=1))
    apart = np.abs(np.arange(len(weights)) - nearest)
    for place in range(len(weights)):
        weights[place] += 0.5 * np.exp(-apart[place]) * (x - weights[place])


def test_no_error_flows_through_a_choice() -> None:
    board = default_storyboard(record(pull_nearest, np.arange(12.0).reshape(4, 3), np.full(3, 5.0)))
    assert {chapter.phase for chapter in board.chapters[:-1]} == {"forward"}
    assert board.chapters[-1].phase == "update"


class Layer:
    def __init__(self, wide: int) -> None:
        self.w, self.gain = np.eye(wide) + 0.5, np.linspace(1, 2, wide)

    def forward(self, x: Any) -> Any:
        centred = x - x.mean(axis=-1, keepdims=True)
        out = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-6)
        return out @ self.w * self.gain


class Block:
    def __init__(self) -> None:
        self.first, self.second = Layer(4), Layer(4)

    def forward(self, x: Any) -> Any:
        x = x + self.first.forward(x)
        return x + self.second.forward(x)


def through_blocks(x: Any, blocks: Any) -> Any:
    scaled = x * 2
    shifted = scaled + 1
    bent = np.abs(shifted)
    root = np.sqrt(bent)
    low = root - 1
    high = low * 3
    for block in blocks:
        high = block.forward(high)
        high = block.forward(high)
        high = block.forward(high)
    return high / 2


def test_calls_are_called_by_their_object_and_are_no_idea_with_what_was_before_them() -> None:
    board = default_storyboard(record(through_blocks, np.arange(8.0).reshape(2, 4) ** 2, [Block()]))
    titles = [chapter.title for chapter in board.chapters]
    assert titles[4:8] == [
        "low = root - 1", "high = low * 3", "blocks[0].forward → high", "blocks[0].forward → high (again)"
    ]  # fmt: skip


def _said(w: Any, x: Any) -> Any:
    for _ in range(20):
        z = w @ x
        e = np.exp(z)
        p = e / e.sum()
        q = np.sqrt(p)
        r = q * 2.0
        x = np.tanh(r)
    return x


def _asided(w: Any, x: Any, t: Any) -> Any:
    said = _said(w, x)
    y = w @ x
    error = y - t
    slope = np.outer(error, x)
    w -= 0.1 * slope
    return said


def test_what_nothing_is_learned_from_is_not_looked_into() -> None:
    board = default_storyboard(record(_asided, np.eye(3), np.ones(3), np.zeros(3)))
    titles = [chapter.title for chapter in board.chapters]
    assert titles == [
        "_said → said",
        "y = w @ x",
        "error = y - t",
        "slope = outer(error, x)",
        "w -= 0.1 * slope",
    ]
    assert [chapter.phase for chapter in board.chapters] == [
        "forward",
        "forward",
        "error",
        "backward",
        "update",
    ]


LONG = "\n".join([
    "import numpy as np", "def whole(w, x, t):", "    h = x", "    back = 0.0",
    *(f"    a{n} = np.tanh(w[{n}] @ h)\n    h = a{n} * {n + 2}.0" for n in range(10)),
    "    error = h - t",
    *(f"    d{n} = (1 - a{n} ** 2) * error\n    s{n} = np.outer(d{n}, x)" for n in range(10)),
    "    return [" + ", ".join(f"s{n}" for n in range(10)) + "]",
    "def step(w, x, t):", "    slopes = whole(w, x, t)",
    "    for n in range(10):", "        w[n] -= 0.1 * slopes[n]", "    return w", "",
])  # fmt: skip


def test_a_function_with_too_many_statements_is_told_in_as_many_parts_as_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "long_one.py").write_text(LONG)
    monkeypatch.syspath_prepend(tmp_path)
    step = importlib.import_module("long_one").step
    w = 0.3 * np.random.default_rng(4).normal(size=(10, 3, 3))
    board = default_storyboard(record(step, w, np.ones(3), np.zeros(3)))
    phases = [chapter.phase for chapter in board.chapters]
    assert phases.count("forward") >= 8 and phases.count("backward") >= 8 and len(phases) <= MOST
    assert phases == sorted(phases, key=["forward", "error", "backward", "update"].index)
    assert len({chapter.title for chapter in board.chapters}) == len(phases)
