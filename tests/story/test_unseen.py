"""Ways of writing that public programs have and our examples have not, one small program each."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

import numpy as np
import pytest

from mnistviz.picture.wording import text_of
from mnistviz.story.default import default_storyboard
from mnistviz.story.flow import learning
from mnistviz.story.storyboard import Storyboard
from mnistviz.story.together import whole_caption
from mnistviz.trace.recording.recorder import record


def told(function: Any, *arrays: Any) -> Storyboard:
    return default_storyboard(record(function, *arrays))


def titles(board: Storyboard) -> list[str]:
    return [chapter.title for chapter in board.chapters]


def captions(board: Storyboard) -> list[str]:
    return [text_of(beat.caption) for one in board.chapters for shot in one.shots for beat in shot.said]


def one_example(layers: Any, x: Any, target: Any) -> Any:
    layers[0]["o"] = np.tanh(layers[0]["w"].dot(x))
    output = 1 / (1 + np.exp(-(layers[1]["w"][:, :-1].dot(layers[0]["o"]) + layers[1]["w"][:, -1])))
    layers[1]["delta"] = output * (1 - output) * (target - output)
    layers[0]["delta"] = (1 - layers[0]["o"] ** 2) * layers[1]["delta"].dot(layers[1]["w"][:, :-1])
    layers[1]["w"][:, :-1] += 0.5 * np.outer(layers[1]["delta"], layers[0]["o"])
    layers[1]["w"][:, -1] += 0.5 * layers[1]["delta"]
    layers[0]["w"] += 0.5 * np.outer(layers[0]["delta"], x)
    return layers


def network() -> list[dict[str, Any]]:
    return [{"w": np.full((2, 3), 0.2)}, {"w": np.array([[0.3, -0.2, 0.1]])}]


def test_a_target_may_be_a_number_and_a_bias_the_last_column() -> None:
    board = told(one_example, network(), np.ones(3), 1)
    phases = {chapter.title: chapter.phase for chapter in board.chapters}
    assert phases["layers[1]['w'][:, -1] += 0.5 * …"] == "update"
    assert [one for one in phases.values() if one == "update"] == ["update"] * 3
    assert list(phases.values()).index("error") < list(phases.values()).index("backward")


def test_a_change_that_is_put_back_in_its_place_is_not_told_again() -> None:
    said = captions(told(one_example, network(), np.ones(3), 1))
    assert not [text for text in said if text.startswith("The same again")]


def test_what_is_too_long_for_a_title_says_what_it_is_made_of() -> None:
    found = titles(told(one_example, network(), np.ones(3), 1))
    assert "layers[1]['w'][:, :-1] += 0.5 * outer(…)" in found
    assert 'layers[0]["delta"] from layers[0]["o"], …' in found
    assert not [one for one in found if one.endswith((": multiply", ": setitem"))]


def perceptron(w: Any, xs: Any, ys: Any) -> Any:
    for place in range(len(xs)):
        error = ys[place] - np.sign(np.dot(w, xs[place]))
        w = w + 0.1 * error * xs[place]
    return w


def leaky(v: Any, rest: Any, current: Any) -> Any:
    for _ in range(3):
        v = v + 0.1 * (0.5 * (rest - v) + current)
    return v


def spring(x: Any, v: Any, mass: Any, length: Any) -> Any:
    for _ in range(2):
        x = x + 0.1 * v
        pull = np.sum(x * x) - length
        v = v - 0.1 * pull * x / mass
    return v


def reaction(u: Any, v: Any, whole: Any) -> Any:
    spread = whole[2:] + whole[:-2] - 2 * whole[1:-1]
    u += 0.2 * spread - u * v * v + 0.03 * (1 - u)
    return u


def late(w: Any, x: Any, y: Any) -> Any:
    wrong = y - w @ x
    w -= -0.1 * x * wrong
    return w


@pytest.mark.parametrize(
    ("function", "arrays", "learns"),
    [
        (reaction, (np.ones(4), np.ones(4), np.ones(6)), False),
        (late, (np.ones((3, 3)), np.ones(3), np.zeros(3)), True),
        (perceptron, (np.full(2, 0.1), np.eye(2), np.array([1, -1])), True),
        (leaky, (np.zeros(4), np.float64(-65.0), np.ones(4)), False),
        (spring, (np.ones(3), np.ones(3), np.ones(3), np.float64(2.0)), False),
    ],
)
def test_a_number_is_a_target_only_of_what_was_weighed_with_data(
    function: Any, arrays: Any, learns: bool
) -> None:
    assert (learning(record(function, *arrays)) is not None) is learns


def thresholds(w: Any, threshold: Any, x: Any, y: Any) -> Any:
    h = np.tanh(w @ x - threshold)
    wrong = h - y
    back = wrong * (1 - h * h)
    w = w - 0.1 * np.outer(back, x)
    threshold = threshold + 0.1 * back
    return w, threshold


def test_a_threshold_that_is_taken_away_is_no_error() -> None:
    trace = record(thresholds, np.full((2, 3), 0.1), np.zeros(2), np.ones(3), np.ones(2))
    found = learning(trace)
    assert found is not None
    assert [trace.operations[number].output.name for number in found.errors] == ["wrong"]


def walk(x: Any) -> Any:
    while True:
        step = np.cos(x) * 0.5
        x = x + step
        yield x


def walked(x: Any) -> Any:
    return [place[0] for place in islice(walk(x), 40)]


def test_the_steps_of_a_generator_are_passes_not_chapters() -> None:
    board = told(walked, np.ones(2))
    assert len(board.chapters) <= 5
    assert sum(len(shot.completes) for one in board.chapters for shot in one.shots) == len(board.trace)


def nearest(data: Any, x: Any, k: Any) -> Any:
    return np.sort(np.abs(data - x))[:k].mean()


def asked(data: Any) -> Any:
    print(nearest(data, 1, 3))
    print(nearest(data, 2, 3))
    print(nearest(data, 3, 3))


def test_calls_that_only_give_a_number_are_called_with_what_they_are_given() -> None:
    found = titles(told(asked, np.arange(5.0)))
    assert found == ["nearest(data, 1, 3)", "nearest(data, 2, 3)", "nearest(data, 3, 3)"]


def spread(images: Any) -> Any:
    mean = np.mean(images, axis=(0, 2))
    table = np.zeros((2, 2))
    table[1, 0] = mean[0] * 2 + np.max(mean)
    x =  mean + 1  # fmt: skip
    return table, x


def test_axes_and_places_are_said_as_one_says_them() -> None:
    board = told(spread, np.arange(12.0).reshape(2, 3, 2))
    said = captions(board)
    assert any(text.startswith("Take the mean of images (2x3x2) along axes 0 and 2.") for text in said), said
    assert not [text for text in said if re.search(r"axis \(", text)]
    assert "x = mean + 1" in titles(board)


def step_then_loss(w: Any, x: Any, y: Any) -> Any:
    wrong = x @ w - y
    w -= 0.1 * x.T @ wrong
    return (wrong**2).mean()


def test_what_is_computed_of_an_error_after_the_step_is_told_of_the_error() -> None:
    board = told(step_then_loss, np.ones((3, 1)), np.arange(12.0).reshape(4, 3), np.ones((4, 1)))
    assert [chapter.phase for chapter in board.chapters][-2:] == ["update", "error"]


def drifting(u: Any, flow: Any) -> Any:
    inward = 0.5 * np.roll(flow, 1, axis=0)
    u += inward
    u += -0.25 * np.roll(flow, -1, axis=1) + 0.4 * np.cos(flow)
    return u


def conserved(mass: Any, east: Any, north: Any) -> Any:
    mass += -0.1 * east
    gained = 0.1 * np.roll(north, 1, axis=1)
    mass += gained - 0.1 * north
    return mass


def faded(u: Any, lap: Any, eaten: Any) -> Any:
    u += 0.5 * lap - 0.3 * eaten
    return u


@pytest.mark.parametrize(
    ("function", "count"), [(drifting, 2), (conserved, 3), (faded, 3)], ids=["drifting", "conserved", "faded"]
)
def test_a_sum_of_two_arrays_is_no_momentum(function: Any, count: int) -> None:
    arrays = [np.cos(np.arange(12.0) * (place + 1)).reshape(3, 4) for place in range(count)]
    assert not [text for text in captions(told(function, *arrays)) if "momentum" in text]


def filled(rates: Any, state: Any, level: Any) -> Any:
    rates[rates == 0] = 0.5
    state[1, level.argmax()] = 4
    level[:2] = 3
    return rates, state, level


def test_a_number_that_is_written_where_a_mask_holds_is_not_what_the_array_is() -> None:
    trace = record(filled, np.array([0.0, 1.0, 2.0, 3.0]), np.ones((2, 4)), np.ones(4))
    runs = trace.operations[:2], trace.operations[2:4], trace.operations[4:5]
    said = [text_of(whole_caption(run, {})) for run in runs]
    assert ["It is now" in text for text in said] == [False, True, False]


def pulling(pos: Any, mass: Any, hot: Any) -> Any:
    x, y, z = pos[:, 0:1], pos[:, 1:2], pos[:, 2:3]
    dx = x.T - x
    dy = y.T - y
    dz = z.T - z
    mass[hot] = 0.0
    return dx, dy, dz, mass


def test_of_several_things_that_are_made_together_each_is_named() -> None:
    pos = np.arange(12.0).reshape(4, 3)
    operations = record(pulling, pos, np.ones(4), np.zeros(4, dtype=bool)).operations
    made = {one.output.id: one for one in operations}
    said = text_of(whole_caption(operations[3:9], made))
    assert said == "dx, dy and dz are made from x, y and z, in 6 operations. dz has 4x4 numbers."
    whole = text_of(whole_caption(operations[5:], made))
    assert whole.startswith("dy, dz and mass are computed with y, z and hot, in ")
    assert "nothing is written" in text_of(whole_caption(operations[-1:], {}))


def rippling(f: Any, g: Any) -> Any:
    inner = slice(1, -1)
    f[inner, inner] = (
        0.25 * (g[:-2, inner] + g[2:, inner] + g[inner, :-2] - 3 * g[inner, inner])
        + 2 * g[inner, inner]
        - f[inner, inner]
    )
    return f


def test_a_long_statement_is_told_as_a_whole_and_then_in_its_terms() -> None:
    board = told(rippling, np.ones((6, 5)), np.arange(30.0).reshape(6, 5))
    (chapter,) = board.chapters
    shots = [shot for shot in chapter.shots if shot.subject and not shot.drawing.startswith(("map", "title"))]
    assert (shots[0].completes, shots[0].drawing) == ((), "whole")
    assert [board.trace.operations[shot.subject[-1]].operation for shot in shots[1:]] == [
        "multiply", "multiply", "add", "subtract", "setitem",
    ]  # fmt: skip
    assert chapter.shots[chapter.main_shot] is shots[0]


def pairs(rows: Any, columns: Any, weights: Any) -> Any:
    total = np.zeros(2)
    for row, column, weight in zip(rows, columns, weights, strict=True):
        total = total + row * column * weight
    return total


def test_what_a_loop_goes_through_is_no_call_and_no_news() -> None:
    said = captions(told(pairs, np.eye(2), np.ones((2, 2)), np.arange(2.0)))
    again = [one for one in said if one.startswith("The same again")]
    assert again and not [one for one in again if "call" in one or "weight is" in one], said


def distribution(x: Any) -> Any:
    size = lambda y: np.sum(np.abs(y) + 1)  # noqa: E731
    return size(x) + size(2 * x)


def test_what_is_told_as_done_again_was_done_before() -> None:
    said = captions(told(distribution, np.arange(3.0)))
    assert not [one for one in said if one.startswith("The same again")], said


def test_the_first_sentence_of_what_a_function_says_of_itself_is_told_whole() -> None:
    def learned(x: Any) -> Any:
        """Go down the slope of ``x``
        as far as it goes, e.g. to it.  Then stop.

        More.
        """
        return x * 0.5

    assert told(learned, np.ones(2)).subtitle == "Go down the slope of ``x`` as far as it goes, e.g. to it."


def block(x: Any) -> Any:
    x = x + turned(x * 2)
    return x - turned(x)


def turned(x: Any) -> Any:
    x = x[::-1] * 3
    x += 1
    return x


def test_what_a_function_calls_its_result_is_not_taken_for_what_is_given() -> None:
    said = captions(told(block, np.arange(3.0)))
    assert [text for text in said if text.startswith("Add x (3) and turned(x * 2) (3).")]
    assert [text for text in said if text.startswith("Take turned(x) (3) from x (3).")]
    assert not [text for text in said if "Add x (3) and x (3)" in text]


def sized(x: Any, table: Any) -> Any:
    rows = np.shape(x)[0]
    scale = 0.0
    for i in range(rows):
        if table[i][0] + 1 > 1:
            scale = scale + np.exp(x[i])
    length = lambda v: np.sum(np.sin(v) + np.cos(v))  # noqa: E731
    return scale + length(x)


def test_sizes_and_questions_are_told_with_what_they_are_for_and_a_call_by_its_name() -> None:
    found = titles(told(sized, np.array([0.1, 0.2, 0.4]), np.eye(3)))
    assert found[0] == "scale = scale + exp(x[i])"
    assert not [one for one in found if "shape" in one or "> 1" in one or "lambda" in one]
    assert "length(x)" in found


def named_long(batch_of_pictures: Any, hidden_probabilities: Any) -> Any:
    association_of_both = batch_of_pictures.T.dot(hidden_probabilities)
    responsibility_of_each = association_of_both / hidden_probabilities.sum()
    return (
        responsibility_of_each
        + np.tanh(association_of_both) * responsibility_of_each
    )  # fmt: skip


def test_what_is_assigned_is_called_by_its_statement_however_long_its_names_are() -> None:
    found = titles(told(named_long, np.ones((3, 2)), np.ones((3, 4))))
    assert not [one for one in found if one.endswith((": dot", ": divide"))]
    assert found[0].startswith("association_of_both = ")


def test_what_is_made_of_a_loops_passes_is_not_the_same_again() -> None:
    def neighbours(b: Any) -> Any:
        return sum(np.roll(b, by, 0) for by in (-1, 1, 2))

    def live(board: Any) -> Any:
        n = neighbours(board)
        return np.where(n == 3, 1, board)

    board = default_storyboard(record(live, np.eye(5)))
    assert board.chapters[0].title == "neighbours → n"
    said = [text_of(shot.caption) for shot in board.chapters[0].shots]
    assert sum(one.startswith("The same again") for one in said) == 1 and said[-1].startswith("Add up"), said


def test_two_calls_of_a_statement_are_told_one_by_one_and_a_list_by_its_first() -> None:
    def log_p(x: Any) -> Any:
        return np.logaddexp(-0.5 * ((x - 2) / 0.7) ** 2, -0.5 * ((x + 1) / 1.0) ** 2)

    def judge(x: Any, kinds: Any) -> Any:
        ratio = log_p(x + 1) - log_p(x)
        means = np.array([ratio[kinds == one].mean() for one in range(3)])
        return means * 2

    board = default_storyboard(record(judge, np.arange(6.0), np.array([0, 1, 2, 2, 1, 0])))
    titles = [chapter.title for chapter in board.chapters]
    assert titles[:4] == ["x + 1", "log_p(x + 1)", "log_p(x)", "ratio = log_p(x + 1) - log_p(x)"]
    assert "means = array([ratio[kinds == one].mean(), …])" in titles, titles


def around(field: Any) -> Any:
    return (
        np.roll(field, 1, 0)
        + np.roll(field, -1, 0)
        + np.roll(field, 1, 1)
        + np.roll(field, -1, 1)
        - 4 * field
    )


def reacting(u: Any, v: Any) -> Any:
    both = u * v * v
    u += 0.16 * around(u) - both
    v += both + 0.08 * around(v)
    return u, v


def test_what_a_function_gives_back_without_a_name_is_called_by_its_call() -> None:
    board = told(reacting, np.ones((8, 8)), np.linspace(0, 1, 64).reshape(8, 8))
    assert titles(board)[1::2] == ["around(u)", "around(v)"]
    said = " ".join(captions(board))
    assert "Multiply 0.16 by around(u) (8x8)." in said and "Multiply 0.08 by around(v) (8x8)." in said
    assert "the last result" not in said
    rolled = "Add an earlier result (8x8) and np.roll(field, -1, 1) (8x8)."  # no `np.roll(…)`
    assert rolled in said and "np.roll(…)" not in said


def counted_and_kept(points: Any) -> Any:
    total = sum(w * p for w, p in zip((0.5, 0.25, 0.125), points, strict=True))
    longest = max(np.linalg.norm(p) for p in points)
    return total / longest


def test_what_is_made_for_each_element_is_not_called_like_the_whole_statement() -> None:
    board = told(counted_and_kept, np.arange(6.0).reshape(3, 2))
    assert titles(board) == [
        "w * p", "total = sum(w * p, …)", "longest = max(linalg.norm(p) for p in points)", "total / longest",
    ]  # fmt: skip
    assert "points" not in [chapter.caption for chapter in board.chapters]


def merged(left: Any, right: Any) -> Any:
    out = np.empty(3)
    out[0] = left[0]
    out[1] = right.sum()
    out[2] = left[1]
    return out


def test_what_was_not_written_yet_is_no_number() -> None:
    said = captions(told(merged, np.array([5.0, 7.0]), np.array([1.0, 2.0])))
    assert not [one for one in said if " 0" in one], said
    assert [one for one in said if "out is 5, 3 and 7" in one], said


def square_sum(x: Any) -> Any:
    return (x**2).sum()


def regular(x: Any, w: Any, h: Any) -> Any:
    return square_sum(x - w @ h) + 0.1 * (square_sum(w) + square_sum(h))


def test_each_call_in_a_statement_is_told_by_itself_and_an_idea_with_what_it_is_given() -> None:
    rng = np.random.default_rng(8)
    board = told(regular, rng.normal(size=(6, 5)), rng.normal(size=(6, 2)), rng.normal(size=(2, 5)))
    assert titles(board)[:3] == ["square_sum(x - w @ h)", "square_sum(w)", "square_sum(h)"]
    assert "How far is x (6x5) from w @ h (6x5)? By the squares of the differences." in " ".join(
        captions(board)
    )


def prepared(x: Any, a: Any) -> Any:
    turned = x.T
    small = np.linalg.inv(a.T @ a + np.eye(a.shape[1]))
    return turned, small


def test_what_is_made_on_the_way_is_no_part_of_a_result() -> None:
    trace = record(prepared, np.ones((3, 2)), np.arange(6.0).reshape(3, 2))
    said = text_of(whole_caption(trace.operations, {one.output.id: one for one in trace}))
    assert said.startswith("turned and small are made from x and a")
    trace = record(lambda x, a: x.T @ np.linalg.inv(a.T @ a), np.ones((2, 3)), np.arange(4.0).reshape(2, 2))
    said = text_of(whole_caption(trace.operations[:-1], {one.output.id: one for one in trace}))
    assert "from a, in" in said


def rate(words: Any, y: Any) -> Any:
    kinds = np.unique(y)
    prior = np.log(np.array([np.mean(y == kind) for kind in kinds]))
    counts = np.array([words[y == kind].sum(axis=0) for kind in kinds]) + 1.0
    likely = np.log(counts / counts.sum(axis=1, keepdims=True))
    return prior, likely


def blurred(image: Any, kernel: Any) -> Any:
    out = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            out[i, j] = np.sum(image[i : i + 3, j : j + 3] * kernel)
    return out


def edges(image: Any, kernel: Any) -> Any:
    across = blurred(image, kernel)
    along = blurred(image, kernel.T)
    return np.hypot(across, along)


def test_statements_are_told_apart_and_two_calls_with_loops_by_what_they_make() -> None:
    def rated(words: Any, y: Any) -> Any:
        return rate(words, y)

    board = default_storyboard(record(rated, np.arange(24.0).reshape(4, 6), np.array([0, 1, 0, 1])))
    told = [text_of(shot.caption) for chapter in board.chapters for shot in chapter.shots]
    assert any(one.startswith("Find what is in y (4), each once. kinds is 0") for one in told)
    assert not any("likely" in one and "prior" in one for one in told)
    board = default_storyboard(
        record(edges, np.arange(36.0).reshape(6, 6) ** 2, np.arange(9.0).reshape(3, 3))
    )
    titles = [chapter.title for chapter in board.chapters]
    assert {"across = blurred(image, kernel)", "along = blurred(image, kernel.T)"} <= set(titles)


def swing(state: Any) -> Any:
    angle, speed = state
    return np.array([speed, -9.81 * np.sin(angle)])


def runge_kutta(y: Any, h: Any) -> Any:
    k1 = swing(y)
    k2 = swing(y + h * k1 / 2)
    k3 = swing(y + h * k2 / 2)
    k4 = swing(y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def slopes(v: Any) -> Any:
    x, y = v
    return np.array([[2 * x, 2 * y], [np.exp(x), 1.0]])


def values(v: Any) -> Any:
    x, y = v
    return np.array([x**2 + y**2 - 4, np.exp(x) + y - 1])


def newton(v: Any) -> Any:
    step = np.linalg.solve(slopes(v), -values(v))
    return v + step


def test_what_is_taken_apart_is_told_at_once_and_calls_alike_alike() -> None:
    board = told(runge_kutta, np.array([1.0, 0.0]), np.array(0.05))
    assert titles(board)[:4] == [f"swing → k{number}" for number in range(1, 5)]
    assert "Take y (2) apart. angle is 1 and speed is 0." in captions(board)
    board = told(newton, np.array([1.0, -1.7]))
    assert titles(board)[:2] == ["slopes(v)", "values(v)"]


def closest(rows: Any, x: Any) -> Any:
    return np.array([find(rows, one) for one in x])


def find(rows: Any, x: Any) -> Any:
    away = [np.sqrt(np.sum((x - row) ** 2)) for row in rows]
    return rows[np.argsort(away)[0]].sum()


def test_what_a_loop_goes_through_is_no_state_that_settles_and_no_result_of_a_call() -> None:
    def asked(rows: Any, x: Any) -> Any:
        return closest(rows, x) + 1.0

    rng = np.random.default_rng(5)
    board = told(asked, np.sort(rng.normal(size=(12, 2)) ** 3, axis=0), rng.normal(size=(3, 2)))
    assert not any("At first row changes" in one or "At first one" in one for one in captions(board))
    assert not any(title.endswith(("→ x", "→ row", "→ one")) for title in titles(board))


def corrected(x: Any, gain: Any, gap: Any) -> Any:
    x = x + gain @ gap
    return np.tanh(x)


def test_a_chapter_is_summed_up_by_what_it_ends_with() -> None:
    board = told(corrected, np.ones((3, 1)), np.ones((3, 2)), np.ones((2, 1)))
    assert text_of(board.chapters[0].caption) == "Add x and gain @ gap"


def shifted(v: Any, dy: Any, dx: Any) -> Any:
    wide = np.pad(v, 1, mode="edge")
    return wide[1 + dy : 4 + dy, 1 + dx : 4 + dx]


def valued(v: Any, r: Any) -> Any:
    moves = [(-1, 0), (1, 0), (0, -1)]
    q = np.stack([r + 0.9 * shifted(v, *move) for move in moves])
    return q.max(axis=0)


def test_what_is_made_of_all_passes_of_a_comprehension_is_no_pass_of_it() -> None:
    board = told(valued, np.arange(9.0).reshape(3, 3), np.ones((3, 3)))
    again = [one for one in captions(board) if one.startswith("The same again")]
    assert again == ["The same again in 2 more passes, 8 operations. "]
    assert any(one.startswith("Stack arrays. q has 3x3x3 numbers") for one in captions(board))
