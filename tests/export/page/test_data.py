"""What travels with the page: geometry said once, numbers exact or as drawn, and nothing too large."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnistviz.errors import InputError
from mnistviz.export.page import build, geometry, listing
from mnistviz.export.page.values import LARGEST_EXACT, Numbers
from mnistviz.picture.display import Cells, ColourScale, DisplayList, Mask, Matrix
from mnistviz.story.storyboard import Chapter, Shot, Storyboard
from mnistviz.story.timeline import Timeline, schedule
from mnistviz.trace.model import Span, Value
from mnistviz.trace.recording.recorder import record
from tests.export.page import demo


def film_of(
    cells: NDArray[Any], array: NDArray[Any], key: str = "", value_id: int | None = None
) -> tuple[Timeline, geometry.Composer]:
    """A film of one card of an array named `a`."""

    def step(a: NDArray[Any]) -> Any:
        return a + 0

    trace = record(step, array)
    shot = Shot("s", "plain", "c", (0,), (0,), act_ticks=10, rest_ticks=200)
    board = Storyboard("t", "s", trace, (Chapter(1, "c", "forward", "c", (shot,)),))
    number = trace.operations[0].inputs[0].id if value_id is None else value_id
    colours = ColourScale("signed", -1, 1)
    card = Matrix(
        key or "a", Cells(cells), colours, ((10.0, 10.0),), (50.0, -20.0), (0.0, 90.0), value_id=number
    )
    return schedule(board), lambda _: DisplayList((1920, 1080), (0, 0, 0), (card,))


def numbers_of(*arguments: Any, **named: Any) -> tuple[Numbers, geometry.Geometry]:
    told, composer = film_of(*arguments, **named)
    found = geometry.gather(told, composer)
    return Numbers(told.storyboard, found), found


def decoded(text: str, kind: str = "<f8") -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), kind)


def data_of(document: bytes) -> dict[str, Any]:
    found = re.search(rb'<script type="application/json" id="data">(.*?)</script>', document, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def test_geometry_of_every_tick_is_what_is_composed() -> None:
    story = demo.timeline()
    found = geometry.gather(story, lambda at: demo.compose(story, at))
    scenes, cards, places = found.scenes, found.cards.rows, found.places.rows
    for tick in range(story.ticks):
        scene = [scene for first, scene in scenes if first <= tick][-1]
        matrices = geometry.visible(demo.compose(story, Fraction(tick, 10)))
        assert len(scene) == len(matrices)
        for number, matrix in zip(scene, matrices, strict=True):
            shown, place, layers, mask = cards[number]
            points = (matrix.across, matrix.down, *matrix.origins)
            assert np.allclose(np.array(places[place]) / 10, np.ravel(points), atol=0.051)
            assert found.layers.rows[layers] == matrix.layers
            assert found.shown.rows[shown].value_id == matrix.value_id
            if matrix.mask is not None:
                runs = found.masks.rows[mask]
                there = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
                assert np.array_equal(there, matrix.mask.shown.ravel())


def test_what_rests_is_said_once() -> None:
    told, composer = film_of(np.zeros((2, 3)), np.zeros((2, 3)))
    found = geometry.gather(told, composer)
    assert [len(found.scenes), len(found.cards.rows), len(found.places.rows)] == [1, 1, 1]


def test_a_rest_that_moves_is_told_tick_by_tick() -> None:
    told, composer = film_of(np.zeros((2, 3)), np.zeros((2, 3)))

    def moving(at: Fraction) -> DisplayList:
        (card,) = composer(at).primitives
        assert isinstance(card, Matrix)
        return replace(composer(at), primitives=(replace(card, origins=((float(at), 0.0),)),))

    assert len(geometry.gather(told, moving).scenes) == told.ticks


@pytest.mark.parametrize("shown", [[1, 1, 0], [0, 0, 1], [1, 1, 1], [0, 0, 0], [0, 1, 0, 1]])
def test_masks_as_runs(shown: list[int]) -> None:
    runs = geometry._runs(Mask(np.array(shown, dtype=bool)))
    assert np.repeat(np.arange(len(runs)) % 2, runs).tolist() == shown


def test_exact_numbers_travel_bit_for_bit() -> None:
    array = np.array([[0.1, -0.0, np.nan], [np.inf, 5e-324, 1 / 3]])
    numbers, _ = numbers_of(array, array)
    entry = numbers.plain(10**6)[str(numbers.links[0].array)]
    assert entry["form"] == "exact"
    assert decoded(entry["data"]).tobytes() == array.tobytes()


def test_integers_that_doubles_cannot_hold_are_not_said() -> None:
    array = np.array([[2**63 - 1, 1], [2, 3]])
    numbers, _ = numbers_of(array.astype(float), array)
    assert numbers.plain(10**6)[str(numbers.links[0].array)]["form"] == "absent"


def test_layers_and_turned_cards_lead_back_to_the_array() -> None:
    array = np.arange(60.0).reshape(3, 20)
    part, _ = numbers_of(array[1].reshape(4, 5), array)
    assert (part.links[0].offset, part.links[0].transposed) == (20, False)
    named, _ = numbers_of(array[2].reshape(4, 5), array, key="a/layer", value_id=-1)
    assert named.links[0].offset == 40
    turned, _ = numbers_of(array.T.copy(), array)
    assert (turned.links[0].offset, turned.links[0].transposed) == (0, True)


def test_a_card_of_no_recorded_array_carries_its_own_numbers() -> None:
    cells = np.arange(12.0).reshape(3, 4) * np.pi
    numbers, _ = numbers_of(cells, np.zeros((2, 2)), key="products", value_id=-1)
    entry = numbers.plain(10**6)[str(numbers.links[0].array)]
    assert (entry["name"], entry["form"], tuple(entry["shape"])) == ("products", "drawn only", (3, 4))
    assert np.array_equal(decoded(entry["data"]), cells.ravel())


def test_a_large_matrix_travels_as_drawn() -> None:
    array = np.random.default_rng(1).normal(size=(300, 250))
    assert array.size > LARGEST_EXACT
    means = [[block.mean() for block in np.split(rows, np.arange(1, 9) * 250 // 9, axis=1)]
             for rows in np.split(array, np.arange(1, 7) * 300 // 7)]  # fmt: skip
    numbers, _ = numbers_of(np.array(means), array)
    assert numbers.links[0].blocks
    entry = numbers.plain(10**6)[str(numbers.links[0].array)]
    assert (entry["form"], tuple(entry["drawn"])) == ("as drawn", (7, 9))
    assert entry["single"]
    mean, low, high = (decoded(entry[name], "<f4").reshape(7, 9) for name in ("data", "low", "high"))
    for row, column in ((0, 0), (3, 4), (6, 8)):
        rows = slice(row * 300 // 7, (row + 1) * 300 // 7)
        block = array[rows, column * 250 // 9 : (column + 1) * 250 // 9]
        assert mean[row, column] == pytest.approx(block.mean(), rel=1e-6)
        assert (low[row, column], high[row, column]) == (np.float32(block.min()), np.float32(block.max()))


def test_a_shrunk_card_of_a_small_matrix_leads_to_its_exact_numbers() -> None:
    array = np.arange(512.0)
    numbers, _ = numbers_of(array.reshape(256, 2).mean(axis=1).reshape(256, 1), array)
    assert (numbers.links[0].blocks, numbers.links[0].how) == (True, 2)
    assert numbers.plain(10**6)[str(numbers.links[0].array)]["form"] == "exact"


def test_over_the_budget_the_largest_are_left_out_and_said_so() -> None:
    found = geometry.gather(demo.timeline(), lambda at: demo.compose(demo.timeline(), at))
    numbers = Numbers(demo.storyboard(), found)
    told = numbers.plain(100_000)
    sizes = {number: int(np.prod(entry["shape"])) for number, entry in told.items()}
    absent = {number for number, entry in told.items() if entry["form"] == "absent"}
    assert absent
    assert min(sizes[number] for number in absent) >= max(sizes[number] for number in set(told) - absent)
    assert len(json.dumps(told)) < 120_000


def test_a_page_that_would_be_too_large_says_less(monkeypatch: pytest.MonkeyPatch) -> None:
    full = demo.page(demo.film(demo.timeline()))
    monkeypatch.setattr(build, "LARGEST_PAGE", len(full) - 1)
    monkeypatch.setattr(build, "DETAILS", (build.DETAILS[0], build.Detail(False, 50_000)))
    smaller = demo.page(demo.film(demo.timeline()))
    assert len(smaller) < len(full)
    data = data_of(smaller)
    assert data["moving"] is False
    firsts = {tick for tick, _ in data["geometry"]["scenes"]}
    assert firsts <= {tick for clip in demo.timeline().clips for tick in (clip.start, clip.rest_start)}
    monkeypatch.setattr(build, "LARGEST_PAGE", 1000)
    with pytest.raises(InputError, match="bytes, demo, tell it in fewer"):
        demo.page(demo.film(demo.timeline()))


def test_what_is_lit_comes_from_the_drawing_where_it_says_so() -> None:
    story = demo.timeline()
    operation = story.storyboard.operation(story.clips[0].shot.subject[0])
    inner = replace(
        operation.source.expression, last_line=operation.source.expression.first_line, last_column=20
    )

    def lit_at(at: Fraction) -> Span | None:
        return inner if at < 1 else None

    runs = listing.lit_runs(story, lit_at)
    assert runs[0] == listing.Lit(0, operation.source.statement, inner)
    assert (runs[1].tick, runs[1].expression) == (10, None)


def test_moments_of_a_line_are_where_it_begins_to_be_computed() -> None:
    story = demo.timeline()
    runs = listing.lit_runs(story, None)
    (source,) = listing.listings(story, runs)
    for line in source.lines:
        for moment in line.moments:
            run = [run for run in runs if run.tick <= moment][-1]
            assert run.tick == moment
            assert run.statement is not None
            assert run.statement.first_line <= line.number <= run.statement.last_line
    assert sum(bool(line.moments) for line in source.lines) > 10


def test_values_beside_the_trace_can_be_shown() -> None:
    extra = Value(-101, "after", "activation", np.array([[1.5], [2.5]]))
    told, composer = film_of(extra.value, np.zeros((3, 3)), key="after", value_id=-101)
    (chapter,) = told.storyboard.chapters
    board = replace(
        told.storyboard, chapters=(replace(chapter, shots=(replace(chapter.shots[0], extra=(extra,)),)),)
    )
    numbers = Numbers(board, geometry.gather(schedule(board), composer))
    assert decoded(numbers.plain(10**6)["-101"]["data"]).tolist() == [1.5, 2.5]
