"""The table of drawings, and what each drawing makes of odd operands."""

from __future__ import annotations

import numpy as np
import pytest

from mnistviz.picture.display import Matrix
from mnistviz.picture.drawings import SAYING, drawing, draws, known, undrawn
from mnistviz.picture.drawings.combine import partner
from mnistviz.picture.drawings.curve import chain
from mnistviz.picture.drawings.props import first_cells, multiplications, short
from mnistviz.picture.easing import eased, pacing, smooth
from mnistviz.picture.layout import look
from mnistviz.picture.numbers import bare
from mnistviz.picture.stage.forms import MOST_CELLS, nice_limit, shrunk
from mnistviz.picture.stage.studio import studio_of
from mnistviz.picture.wording import text_of
from mnistviz.story.default import default_storyboard
from mnistviz.story.storyboard import Shot, Storyboard
from mnistviz.trace.model import Value
from mnistviz.trace.recording.recorder import record

LOOK = look((1920, 1080))


def board_of(function: object, *arrays: object) -> Storyboard:
    return default_storyboard(record(function, *arrays))


def odd(a: np.ndarray) -> np.ndarray:
    empty = np.zeros((0, 3))
    word = a * (1 + 2j)
    scalar = np.sum(a)
    low = np.where(a > 1, np.nan, a) + np.inf
    whole = a.astype(int) // 2
    a[0] = 7
    deep = np.ones((2, 3, 2, 2)) @ np.ones((2, 2))
    return np.concatenate([empty, low]) * scalar, word, whole, deep


class Wordless(Shot):
    """A shot whose words nobody may read."""

    def __getattribute__(self, name: str) -> object:
        assert name not in ("caption", "beats", "said"), f"the drawing reads {name}"
        return super().__getattribute__(name)


@pytest.mark.parametrize("p", [0.0, 0.001, 0.3, 0.77, 0.999, 1.0])
def test_every_drawing_draws_every_operation(p: float) -> None:
    """A drawing that does not suit an operation falls back to the generic one: it never fails.

    Of the engine's, those that are not said to say the words of their shot do not read them.
    """
    board = board_of(odd, np.arange(6.0).reshape(2, 3))
    studio = studio_of(board, LOOK)
    for operation in board.trace:
        shots = [kind("", "", "Words.", (operation.number,)) for kind in (Shot, Wordless)]
        for name in known():
            ours = drawing(name).__module__.startswith("mnistviz.")
            drawing(name)(studio, shots[ours and name not in SAYING], p)


def test_what_has_no_drawing_is_generic_and_said() -> None:
    board = board_of(lambda a: np.flip(np.sort(a)) @ a, np.arange(3.0))
    assert set(undrawn(board)) == {"flip", "sort"}
    assert drawing("flip") is drawing("generic")


def test_a_name_is_drawn_once() -> None:
    with pytest.raises(ValueError, match="two drawings are called 'matmul'"):
        draws("matmul")(drawing("generic"))


def test_a_chain_of_operations_is_its_own_function() -> None:
    trace = record(lambda x: 1 / (1 + np.exp(-x)), np.linspace(-3, 3, 7))
    board = default_storyboard(trace)
    found = chain(board, tuple(range(len(trace))))
    assert found is not None
    xs = np.array([-1.0, 0.0, 2.5])
    np.testing.assert_array_equal(found(xs), 1 / (1 + np.exp(-xs)))
    assert chain(board_of(lambda x, y: x * y, np.ones(2), np.ones(2)), (0,)) is None


@pytest.mark.parametrize(
    ("shape", "result", "flat", "partner_flat"),
    [
        ((3, 1), (3, 4), 7, 1),
        ((4,), (3, 4), 7, 3),
        ((), (3, 4), 7, 0),
        ((3, 4), (3, 4), 7, 7),
        ((1, 4), (3, 4), 11, 3),
    ],
)
def test_the_cell_that_broadcasting_pairs(shape: tuple, result: tuple, flat: int, partner_flat: int) -> None:
    values = [Value(n, "", "input", np.zeros(s)) for n, s in enumerate((shape, result))]
    assert partner(*values, flat) == partner_flat
    numbers = np.broadcast_to(np.arange(values[0].value.size).reshape(shape), result)
    assert numbers.ravel()[flat] == partner_flat


def test_multiplications_are_counted_from_the_trace() -> None:
    trace = record(lambda w, x: (w @ x) * 2 + np.outer(x, x).sum(), np.ones((4, 3)), np.ones(3))
    assert [multiplications(operation) for operation in trace] == [12, 4, 9, 0, 0]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 20, 200])
def test_pacing_tells_every_cell_in_order(count: int) -> None:
    beats = [pacing(count, step / 4000) for step in range(4001)]
    cells = [pace.cell for pace in beats]
    assert cells == sorted(cells)
    assert set(cells) == set(range(count))
    assert beats[0].done == 0
    assert beats[-1].done == count
    assert all(0 <= pace.q <= 1 for pace in beats)


def test_easing_is_still_at_both_ends() -> None:
    assert (smooth(0), smooth(0.5), smooth(1)) == (0, 0.5, 1)
    assert smooth(1e-3) < 1e-7
    assert (eased(0.2, 0.3, 0.4), eased(0.5, 0.3, 0.4)) == (0, 1)


@pytest.mark.parametrize(
    ("largest", "limit"), [(0.0, 1), (0.62, 0.7), (1.0, 1), (1.01, 1.5), (12.6, 15), (8e-5, 1e-4)]
)
def test_limits_are_nice_and_hold_everything(largest: float, limit: float) -> None:
    assert nice_limit(largest) == pytest.approx(limit)


def test_a_large_matrix_is_shrunk_to_means() -> None:
    numbers = np.arange(1000.0 * 600).reshape(1, 1000, 600)
    small = shrunk(shrunk(numbers, 1), 2)
    assert small.shape == (1, MOST_CELLS, MOST_CELLS)
    assert small.mean() == pytest.approx(numbers.mean(), rel=0.01)
    rows = 1000 // MOST_CELLS
    np.testing.assert_allclose(small[0, 0, 0], numbers[0, :rows, :2].mean(), rtol=1e-12)


def test_small_words() -> None:
    assert short("image_784x1") == "image"
    assert short("hidden_20x1.T") == "hidden.T"
    assert short("v2") == "v2"
    assert (bare(0.5), bare(-0.5)) == ("0.500", "(-0.500)")
    assert first_cells((2, 2, 2), 3).shown.ravel().tolist() == [True] * 3 + [False] * 5


def test_the_change_says_its_gain_and_its_own_range() -> None:
    def step(w: np.ndarray) -> None:
        w += np.full(4, 0.001)

    board = board_of(step, np.array([1.0, -2.0, 3.0, 0.5]))
    shot = Shot("", "update", "Words.", (len(board.trace) - 1,))
    tableau = drawing("update")(studio_of(board, LOOK), shot, 1.0)
    change = next(card for card in tableau.cards if card.name == "change")
    assert change.shows is not None
    gain = change.shows.factor
    assert gain > 100
    assert f"{gain:,.0f}" in change.note
    assert change.span == (0.001, 0.001)
    np.testing.assert_allclose(change.cells.values.ravel(), 0.001 * gain)


def test_a_whole_statement_that_adds_to_an_array_shows_before_change_and_after() -> None:
    def learn(w: np.ndarray, x: np.ndarray, error: np.ndarray) -> None:
        w -= 0.1 * x.T @ error

    board = board_of(learn, np.ones((3, 2)), np.eye(3), np.ones((3, 2)))
    shot = Shot("", "whole", "Words.", tuple(range(len(board.trace))))
    shown = drawing("whole")(studio_of(board, LOOK), shot, 1.0).cards
    assert [card.name for card in shown] == ["w before", "change", "w after"]


def test_a_number_alone_is_as_large_as_a_cell_of_a_column_and_stands_in_it() -> None:
    board = board_of(lambda x: np.log(x.max()), np.arange(1.0, 4.0))
    studio = studio_of(board, LOOK)
    shot = Shot("", "generic", "Words.", (len(board.trace) - 1,))
    given, made = drawing("generic")(studio, shot, 1.0).cards
    for card in (given, made):
        assert card.numbers and card.side == "inside" and card.place.down[1] > 60 * studio.scale


@pytest.mark.parametrize(("rows", "columns", "numbers"), [(120, 2, False), (16, 4, True), (12, 3, True)])
def test_a_narrow_array_has_wide_cells(rows: int, columns: int, numbers: bool) -> None:
    board = board_of(lambda x: x * 2, np.linspace(-1, 1, rows * columns).reshape(rows, columns))
    studio = studio_of(board, LOOK)
    value = board.trace.operations[0].output
    card = studio.card(value, studio.place(studio.form(value.shape), 0, 0, 560, 700, 96))
    assert card.place.across[0] > 70 * studio.scale
    assert bool(card.numbers) == numbers


def test_cards_are_one_primitive_a_matrix() -> None:
    from fractions import Fraction

    from mnistviz.picture.compose import compose
    from mnistviz.story.timeline import schedule

    timeline = schedule(board_of(lambda w, x: w @ x, np.ones((40, 30)), np.ones((30, 20))))
    display = compose(timeline, Fraction(timeline.ticks - 1, 10), LOOK).display
    keys = [part.key for part in display.primitives if isinstance(part, Matrix) and part.key != "legend"]
    assert len(keys) == len(set(keys)) == 3 + 3  # on the stage and on the map


def test_a_large_matrix_says_its_own_range_and_that_it_is_drawn_as_means() -> None:
    rng = np.random.default_rng(0)
    board = board_of(lambda w: w * 2, rng.normal(size=(900, 700)))
    card = drawing("multiply")(studio_of(board, LOOK), Shot("", "multiply", "Words.", (0,)), 1.0).cards[0]
    value = board.trace.operations[0].inputs[0].value
    assert card.span == (value.min(), value.max())
    assert card.note == f"means, drawn as {MOST_CELLS}×{MOST_CELLS}"
    assert card.cells.values.max() < value.max() / 2


def test_what_a_curve_makes_of_a_number_is_told_step_by_step() -> None:
    trace = record(lambda x: 1 / (1 + np.exp(-x)), np.array([[-4.0], [0.5], [3.0]]))
    shot = Shot("", "curve", "Words.", tuple(range(len(trace))))
    inspector = drawing("curve")(
        studio_of(default_storyboard(trace), look((1920, 1080))), shot, 1.0
    ).inspector
    *_, raised, added, divided = (text_of(sentence) for sentence in inspector.sentences)
    assert (raised, added, divided) == (
        "exp(-3.00) = +0.0498",
        "1 + 0.0498 = +1.05",
        "1 ÷ 1.05 = +0.953",
    )
    assert inspector.plot is None  # the curve stands on the stage


def _attend(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    scores = q @ k.T / np.sqrt(2.0)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights @ v


def test_attention_weighs_all_rows_before_it_gathers_any() -> None:
    rng = np.random.default_rng(3)
    board = board_of(_attend, rng.normal(size=(4, 2)), rng.normal(size=(5, 2)), rng.normal(size=(5, 3)))
    shots = [shot for chapter in board.chapters for shot in chapter.shots]
    (shot,) = [one for one in shots if one.drawing == "attention"]
    studio = studio_of(board, look((1920, 1080)))
    half, end = (drawing("attention")(studio, shot, p).cards for p in (0.5, 1.0))
    assert [card.name for card in end][:4] == ["q", "k", "weights", "v"]
    assert half[2].mask is None and not half[-1].mask.shown.any()
    assert end[-1].mask is None


def test_passes_over_a_vector_are_columns_that_come_one_after_the_other() -> None:
    def halved(v: np.ndarray, end: np.ndarray) -> np.ndarray:
        for _ in range(6):
            v = (v + end) / 2
        return v

    board = board_of(halved, np.zeros(3), np.array([1.0, 2.0, 4.0]))
    (shot,) = [one for chapter in board.chapters for one in chapter.shots if one.drawing == "strip"]
    (card,) = drawing("strip")(studio_of(board, look((1920, 1080))), shot, 0.5).cards
    assert card.mask.shown[0].all(axis=0).tolist() == [True] * 3 + [False] * 3
    assert shot.extra[0].value[:, -1].tolist() == board.trace.operations[-1].output.value.tolist()


def test_what_is_other_than_a_pass_before_is_framed_and_counted() -> None:
    def visited(grid: np.ndarray) -> None:
        for place in range(4):
            grid[place, 2] = 1.0

    board = board_of(visited, np.zeros((4, 5)))
    (shot,) = [one for chapter in board.chapters for one in chapter.shots if one.drawing == "passes"]
    at = studio_of(board, look((1920, 1080)))
    assert [card.lit for card in drawing("passes")(at, shot, 1.0).cards[1:]] == [
        ((0, place, 2),) for place in (1, 2, 3)
    ]
    begun, done = (drawing("passes")(at, shot, p) for p in (0.0, 1.0))
    assert begun.cards[-1].lit == ()
    told = [[text_of(each) for each in one.inspector.sentences] for one in (begun, done)]
    assert told == [
        ["grid[place, 2] = 1.0"],
        ["grid[place, 2] = 1.0", "grid[3, 2] = +1.00"],
    ]  # not grid[0, 0]
    said = text_of(shot.caption)
    assert said.endswith("3 of 20 cells of grid have changed since the first pass.")

    def settling(grid: np.ndarray) -> None:
        for step in range(3):
            for place in range(2):
                grid[place] = min(step, 1.0)  # in the last step nothing changes any more

    board = board_of(settling, np.zeros(9))
    said = text_of(board.chapters[-1].shots[-2].caption)  # before the end
    assert said.endswith("2 of 9 cells of grid have changed since the first pass.")


def test_the_vectors_of_an_outer_product_cross() -> None:
    board = board_of(lambda a, b: np.outer(a, b), np.arange(3.0), np.arange(1.0, 5.0))
    shot = board.chapters[0].shots[-1]
    tableau = drawing("outer")(studio_of(board, look((1920, 1080))), shot, 1.0)
    grid, column, row = tableau.cards
    assert (grid.name, column.name, row.name) == ("np.outer(a, b)", "a", "b")
    assert column.lit == ((0, 2, 0),) and row.lit == ((0, 0, 3),)  # 2 x 4 is the largest
    assert row.cells.values.tolist() == [[[1.0, 2.0, 3.0, 4.0]]]  # it lies


def test_an_array_that_is_taken_apart_is_drawn_with_its_parts_one_after_the_other() -> None:
    def apart(point: np.ndarray) -> np.ndarray:
        x, y = point
        return x * y

    board = board_of(apart, np.array([3.0, 4.0]))
    shot = next(one for chapter in board.chapters for one in chapter.shots if one.drawing == "apart")
    studio = studio_of(board, LOOK)
    shown = [drawing("apart")(studio, shot, p) for p in (0.0, 0.55, 1.0)]
    assert [card.name for card in shown[0].cards] == ["point", "x", "y"]
    said = [[text_of(one) for one in tableau.inspector.sentences[1:]] for tableau in shown]
    assert said == [[], ["x = +3.00"], ["x = +3.00", "y = +4.00"]]
    assert [[card.mask is None for card in tableau.cards[1:]] for tableau in shown] == [
        [False, False],
        [True, False],
        [True, True],
    ]
