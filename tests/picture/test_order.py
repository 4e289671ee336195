"""Who is told first: the cast of the lesson, or the largest by size; and each rest shows them framed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
import pytest

from mnistviz.picture.compose import AT_REST, compose, tableau_at
from mnistviz.picture.display import Polygon, Text
from mnistviz.picture.drawings.fold import rows_flying, rows_together
from mnistviz.picture.drawings.order import Order, largest_cells, order_by_size
from mnistviz.picture.layout import look
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.picture.wording import text_of
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import Value
from tests.benchmarks.film_measure import spoken_of
from tests.picture.exercises import exercise
from tests.picture.test_films import film

LOOK = look((1280, 720))
TELLING = (
    "matmul",
    "curve",
    "slope",
    "subtract",
    "multiply",
    "update",
)  # drawings that tell cells one by one
LEAST = 0.02  # of the largest


def telling(timeline: Timeline) -> Iterator[tuple[int, Clip]]:
    return ((place, clip) for place, clip in enumerate(timeline.clips) if clip.shot.drawing in TELLING)


def at(timeline: Timeline, place: int, share: float) -> Tableau:
    clip = timeline.clips[place]
    moving = clip.rest_start - clip.start
    return tableau_at(timeline, place, Fraction(round(share * moving * 10), 10), LOOK, AT_REST)


def test_slow_telling_never_goes_to_what_is_nothing() -> None:
    """Nearly half of a shot's time goes to its first few cells: each is at least 2 % of the largest."""
    timeline = film("mnist_mlp")
    for place, clip in telling(timeline):
        result = timeline.storyboard.operation(clip.shot.subject[-1]).output
        told = {spoken_of(at(timeline, place, share).inspector) for share in np.linspace(0.25, 0.42, 12)} - {
            None
        }
        assert told, clip.shot.title
        assert {cell.index for cell in told if cell} <= set(clip.shot.order), clip.shot.title
        for cell in clip.shot.order[:3]:
            if cell == the_least_told(result):
                continue
            assert share_of(result, cell) >= LEAST, f"{clip.chapter.number} {clip.shot.title}: cell {cell}"


def the_least_told(result: Value) -> int | None:
    """Of the weights that are to blame for the largest error that of the neuron that was hardly on: it is the point."""
    if result.name != "hidden_to_output_adjustment_10x20":
        return None
    row = int(np.abs(result.value).max(axis=1).argmax())
    return row * 20 + int(np.abs(result.value[row]).argmin())


@pytest.mark.parametrize("shot", ["Each weight's share", "A small step downhill"])
def test_a_sweep_passes_over_what_is_nothing(shot: str) -> None:
    timeline = film("mnist_mlp")
    place = next(place for place, clip in enumerate(timeline.clips) if clip.shot.title == shot)
    clip = timeline.clips[place]
    result = timeline.storyboard.operation(clip.shot.subject[-1]).output
    told = [spoken_of(at(timeline, place, share).inspector) for share in np.linspace(0.62, 0.99, 80)]
    assert len(set(told)) > 12
    weak = {cell.index for cell in told if cell and share_of(result, cell.index) < LEAST}
    assert weak <= {the_least_told(result)}


@pytest.mark.parametrize("title", ["Unrolled", "Folded again"])
def test_rows_without_ink_leave_together_at_once_and_are_not_spoken_of(title: str) -> None:
    timeline = film("mnist_mlp")
    place = next(place for place, clip in enumerate(timeline.clips) if clip.shot.title == title)
    clip = timeline.clips[place]
    rows = timeline.storyboard.operation(clip.shot.subject[-1]).output.value.reshape(28, 28)
    inked = set(np.flatnonzero(rows.max(axis=1)).tolist())
    ticks = [
        tableau_at(timeline, place, Fraction(tick), LOOK, AT_REST)
        for tick in range(clip.waits + 1, clip.rest_start - clip.start + 1)
    ]
    told = {cell.index // 28 for tableau in ticks if (cell := spoken_of(tableau.inspector))}
    assert told and told <= inked
    together = [len(tableau.marks) for tableau in ticks if len(tableau.marks) > 1]
    above, below = min(inked), 27 - max(inked)
    assert set(together) <= {above, below} and above > 1 and len(together) <= 0.1 * len(ticks)


@pytest.mark.parametrize("inked", [range(28), [14], [0, 1, 27], [2, 9, 10, 20], []], ids=str)
def test_each_row_of_a_picture_flies_once_and_the_first_with_ink_longest(inked: Sequence[int]) -> None:
    picture = np.zeros((28, 28))
    picture[list(inked), 5] = 1.0
    rows = rows_together(picture)
    assert [row for one in rows for row in range(one.start, one.stop)] == list(range(28))
    flights = [rows_flying(rows, step / 2000) for step in range(2001)]
    assert [one.start for one in flights] == sorted(one.start for one in flights)
    flown = Counter(one.start for one in flights if 0 < one.q < 1)
    assert flown.most_common(1)[0][0] == (inked[0] if len(inked) else 0)
    assert {one.told for one in flights} == set(inked or range(28))
    assert (flights[0].stop, flights[-1].start) == (0, 28)


def test_nobody_is_crowned_before_all_were_seen() -> None:
    timeline = film("mnist_mlp")
    place = next(place for place, clip in enumerate(timeline.clips) if clip.shot.title == "What it did say")
    crowns = [
        any(isinstance(mark, Polygon) and mark.opacity > 0 for mark in at(timeline, place, share).marks)
        for share in (0.1, 0.4, 0.6, 0.75)
    ]
    assert crowns == [False, False, False, True]


def share_of(value: Value, cell: int) -> float:
    """How large a number, or its change, is beside the largest."""
    array = value.value if value.before is None else value.value - value.before
    return float(abs(array.reshape(-1)[cell]) / np.abs(array).max())


@pytest.mark.parametrize("name", ["mnist_mlp", "descend"])
def test_every_rest_shows_the_protagonist_framed(name: str) -> None:
    timeline = film(name) if name == "mnist_mlp" else exercise(name)
    for place, clip in telling(timeline):
        result = timeline.storyboard.operation(clip.shot.subject[-1]).output
        if result.value.size < 2:
            continue
        rest = at(timeline, place, 1.0)
        cell = spoken_of(rest.inspector)
        where = f"{clip.chapter.number} {clip.shot.title}"
        assert cell is not None, where
        assert cell.index == order_by_size(clip.shot.order, changed(result)).protagonist, where
        shown = [card for card in rest.cards if card.shows is not None and card.shows.value == result.id]
        assert any(card.lit for card in shown), where


def changed(value: Value) -> np.ndarray:
    return value.value if value.before is None else value.value - value.before


def test_the_default_order_is_by_size_and_says_so() -> None:
    timeline = exercise("descend")
    place = next(place for place, clip in telling(timeline) if clip.shot.drawing == "matmul")
    told = text_of(at(timeline, place, 0.5).inspector.heading)
    assert told.startswith("Largest first: cell ["), told
    assert text_of(at(timeline, place, 1.0).inspector.heading).startswith("Largest: cell [")


def test_nothing_is_counted_as_n_of_m() -> None:
    timeline = film("mnist_mlp")
    heads = [text_of(at(timeline, place, 1.0).inspector.heading) for place, _ in telling(timeline)]
    assert not [head for head in heads if " of 2" in head or " of 10" in head], heads
    assert "Hidden neuron 13" in heads
    assert "Output for the digit 8" in heads
    assert "Weight from hidden neuron 13 to the digit 8" in heads
    assert "Weight from the pixel in row 5, column 13 to hidden neuron 13" in heads


def test_an_order_is_told_first_and_then_all_others_as_they_stand() -> None:
    order = Order(6, (4, 1))
    assert [order.cell(place) for place in range(6)] == [4, 1, 0, 2, 3, 5]
    for places in range(7):
        assert set(np.flatnonzero(order.done(places))) == {order.cell(place) for place in range(places)}
    assert [order.cell(order.pace(p).cell) for p in (0.1, 0.99)] == [4, 5]
    assert order.protagonist == 4


def test_where_many_come_first_each_is_told_slowly() -> None:
    few, many = Order(20, (3, 1, 2)), Order(20, tuple(range(12, 4, -1)))
    slow = [{order.cell(order.pace(p / 400).cell) for p in range(400) if order.pace(p / 400).slow}
            for order in (few, many)]  # fmt: skip
    assert slow == [{3, 1, 2}, set(range(5, 13))]
    shares = [sum(many.pace(p / 4000).cell == place for p in range(4000)) / 4000 for place in range(9)]
    assert shares[1:8] == pytest.approx([shares[1]] * 7, abs=1e-3)
    assert shares[0] > shares[1] > 2 * shares[8]


def test_the_largest_come_first_but_for_what_is_nothing_beside_them() -> None:
    assert largest_cells(np.array([0.5, -3.0, 0.01, 2.0])) == (1, 3, 0)
    assert largest_cells(np.array([0.5, -300.0, 0.01, 2.0])) == (1,)
    assert largest_cells(np.array([np.nan, 0.0])) == (0,)
    assert largest_cells(np.array(["a", "b"])) == (0,)
    assert largest_cells(np.array([1, 1, 1, 1])) == (0, 1, 2)


def test_digits_stand_wherever_ten_outputs_stand() -> None:
    """Beside every column, and every grid with a row for each, at rest, in the size in which words are read."""
    timeline = film("mnist_mlp")
    seen = 0
    for place, clip in enumerate(timeline.clips):
        rest = at(timeline, place, 1.0)
        display = compose(timeline, Fraction(clip.rest_start, 10), LOOK).display
        for card in rest.cards:
            if card.shape not in ((10, 1), (10,)) or card.opacity * card.words < 1:
                continue
            labels = [
                part for part in display.primitives if isinstance(part, Text) and part.owner == card.key
            ]
            digits = {part.text: part.colour for part in labels if part.text in "0123456789"}
            assert len(digits) == 10, f"{clip.chapter.number} {clip.shot.title}: {card.key} {sorted(digits)}"
            assert digits["3"] == LOOK.theme.phase("forward")
            assert digits["8"] == LOOK.theme.phase("error")
            seen += 1
    assert seen >= 14
