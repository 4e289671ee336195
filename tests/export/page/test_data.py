"""What travels with the page: geometry said once, numbers exact or as drawn, and nothing too large."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnistviz.errors import InputError
from mnistviz.export.laboratory import program
from mnistviz.export.page import build, geometry, listing
from mnistviz.export.page.values import LARGEST_EXACT, Arrays
from mnistviz.export.stage.pack import mask_runs
from mnistviz.picture.compose import Moment
from mnistviz.picture.display import Blocks, CellMap, Cells, ColourScale, DisplayList, Mask, Matrix
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.story.default import default_storyboard
from mnistviz.story.storyboard import Chapter, Shot, Storyboard
from mnistviz.story.timeline import Timeline, schedule
from mnistviz.trace.model import Value
from mnistviz.trace.recording.recorder import record
from tests.export.page import demo

Composer = Callable[[Fraction], Moment]


def film_of(
    cells: NDArray[Any], array: NDArray[Any], shows: CellMap | None = None
) -> tuple[Timeline, Composer]:
    """A film of one card, of an array named `a` where nothing else is said."""

    def step(a: NDArray[Any]) -> Any:
        return a + 0

    trace = record(step, array)
    shot = Shot("s", "plain", "c", (0,), (0,), act_ticks=10, rest_ticks=200)
    board = Storyboard("t", "s", trace, (Chapter(1, "c", "forward", "c", (shot,)),))
    shows = shows or CellMap(trace.operations[0].inputs[0].id)
    colours = ColourScale("signed", -1, 1)
    card = Matrix("a", Cells(cells), colours, ((10.0, 10.0),), (50.0, -20.0), (0.0, 90.0), shows=shows)
    return schedule(board), lambda _: Moment(DisplayList((1920, 1080), (0, 0, 0), (card,)), Tableau(()))


def arrays_of(*arguments: Any, **named: Any) -> Arrays:
    told, composer = film_of(*arguments, **named)
    return Arrays(told.storyboard, demo.places_of(told, composer).shown.rows)


def only_entry(arrays: Arrays) -> dict[str, Any]:
    """The array of the only card."""
    (shows,) = arrays.maps
    assert shows is not None
    return dict(arrays.plain(10**6)[str(shows["array"])])


def decoded(text: str, kind: str = "<f8") -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), kind)


def data_of(document: bytes) -> dict[str, Any]:
    found = re.search(rb'<script type="application/json" id="data">(.*?)</script>', document, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def test_geometry_of_every_tick_is_what_is_composed() -> None:
    story = demo.timeline()
    found = demo.places_of(story, lambda at: demo.compose(story, at))
    moments, cards, places = found.moments, found.cards.rows, found.places.rows
    for tick in range(story.ticks):
        there = [there for first, there in moments if first <= tick][-1]
        parts = demo.compose(story, Fraction(tick, 10)).display.primitives
        matrices = [part for part in parts if isinstance(part, Matrix) and part.opacity >= geometry.FAINTEST]
        assert len(there) == len(matrices)
        for number, matrix in zip(there, matrices, strict=True):
            shown, place, layers, mask = cards[number]
            points = (matrix.across, matrix.down, *matrix.origins)
            assert np.allclose(
                np.array(places[place]) / 10, np.ravel(points), atol=0.076
            )  # a packed place, and of it a tenth
            assert found.layers.rows[layers] == matrix.layers
            assert found.shown.rows[shown].shows == matrix.shows
            if matrix.mask is not None:
                runs = found.masks.rows[mask]
                made = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
                assert np.array_equal(made, matrix.mask.shown.ravel())


def test_what_rests_is_said_once() -> None:
    told, composer = film_of(np.zeros((2, 3)), np.zeros((2, 3)))
    found = demo.places_of(told, composer)
    assert [len(found.moments), len(found.cards.rows), len(found.places.rows)] == [1, 1, 1]


def test_a_rest_that_moves_is_told_tick_by_tick() -> None:
    told, composer = film_of(np.zeros((2, 3)), np.zeros((2, 3)))

    def moving(at: Fraction) -> Moment:
        (card,) = composer(at).display.primitives
        assert isinstance(card, Matrix)
        moved = (replace(card, origins=((float(at), 0.0),)),)
        return replace(composer(at), display=replace(composer(at).display, primitives=moved))

    assert len(demo.places_of(told, moving).moments) == told.ticks


@pytest.mark.parametrize("shown", [[1, 1, 0], [0, 0, 1], [1, 1, 1], [0, 0, 0], [0, 1, 0, 1]])
def test_masks_as_runs(shown: list[int]) -> None:
    runs = mask_runs(Mask(np.array(shown, dtype=bool)))
    assert np.repeat(np.arange(len(runs)) % 2, runs).tolist() == shown


def test_exact_numbers_travel_bit_for_bit() -> None:
    array = np.array([[0.1, -0.0, np.nan], [np.inf, 5e-324, 1 / 3]])
    entry = only_entry(arrays_of(array, array))
    assert entry["form"] == "exact"
    assert decoded(entry["data"]).tobytes() == array.tobytes()


def test_integers_that_doubles_cannot_hold_are_not_said() -> None:
    array = np.array([[2**63 - 1, 1], [2, 3]])
    assert only_entry(arrays_of(array.astype(float), array))["form"] == "absent"


def test_what_a_card_shows_is_said_without_what_is_as_usual() -> None:
    array = np.arange(60.0).reshape(3, 20)
    (whole,) = arrays_of(array, array).maps
    assert whole is not None
    number = whole["array"]
    assert whole == {"array": number}
    part = CellMap(number, first=20, step=2, times=CellMap(number, factor=-0.5))
    (told,) = arrays_of(array[1, ::2], array, shows=part).maps
    assert told == {"array": number, "first": 20, "step": 2, "times": {"array": number, "factor": -0.5}}
    (nothing,) = arrays_of(array, array, shows=CellMap(12345)).maps
    assert nothing is None


def test_the_array_before_an_update_is_the_one_that_went_into_it() -> None:
    def step(w: NDArray[Any], x: NDArray[Any]) -> Any:
        w -= x
        return w

    trace = record(step, np.ones(3), np.arange(3.0))
    update = trace.operations[0]
    shown = [
        geometry.Shown("w", CellMap(update.output.id, before=True, old=((0, 1),)), (1, 3, 1)),
        geometry.Shown(
            "w", CellMap(update.output.id, minus=CellMap(update.output.id, before=True)), (1, 3, 1)
        ),
    ]
    arrays = Arrays(default_storyboard(trace), shown)
    before = update.inputs[0].id
    assert arrays.maps == [
        {"array": before, "old": [[0, 1]], "oldArray": before},
        {"array": update.output.id, "minus": {"array": before}},
    ]
    assert decoded(arrays.plain(10**6)[str(before)]["data"]).tolist() == [1.0, 1.0, 1.0]


def test_an_array_before_a_change_that_nobody_names_travels_by_itself() -> None:
    """As a trace has it that was recorded without its calls."""
    trace = record(lambda w: np.add(w, 1.0, out=w), np.zeros(3))
    update = replace(trace.operations[0], call=None)
    board = default_storyboard(replace(trace, operations=(update,)))
    arrays = Arrays(board, [geometry.Shown("w", CellMap(update.output.id, before=True), (1, 3, 1))])
    entry = only_entry(arrays)
    assert (entry["name"], decoded(entry["data"]).tolist()) == ("w", [0.0, 0.0, 0.0])


def block_means(array: NDArray[Any], rows: int, columns: int) -> NDArray[np.float64]:
    height, width = array.shape
    return np.array([[block.mean() for block in np.split(part, np.arange(1, columns) * width // columns, axis=1)]
                     for part in np.split(array, np.arange(1, rows) * height // rows)])  # fmt: skip


def test_a_large_matrix_travels_as_drawn() -> None:
    array = np.random.default_rng(1).normal(size=(300, 250))
    assert array.size > LARGEST_EXACT
    shows = CellMap(0, blocks=Blocks(1, 300, 250, 7, 9))
    arrays = arrays_of(block_means(array, 7, 9), array, shows=shows)
    (told,) = arrays.maps
    assert told is not None and told["blocks"] == {
        "layers": 1, "rows": 300, "columns": 250, "drawnRows": 7, "drawnColumns": 9,
    }  # fmt: skip
    entry = only_entry(arrays)
    assert entry["form"] == "as drawn"
    assert entry["single"]
    mean, low, high = (decoded(entry[name], "<f4").reshape(7, 9) for name in ("data", "low", "high"))
    assert mean == pytest.approx(block_means(array, 7, 9), rel=1e-6)
    for row, column in ((0, 0), (3, 4), (6, 8)):
        rows = slice(row * 300 // 7, (row + 1) * 300 // 7)
        block = array[rows, column * 250 // 9 : (column + 1) * 250 // 9]
        assert (low[row, column], high[row, column]) == (np.float32(block.min()), np.float32(block.max()))


def test_only_the_layers_that_are_drawn_travel() -> None:
    array = np.random.default_rng(2).normal(size=(30, 80, 60))
    shows = CellMap(0, blocks=Blocks(30, 80, 60, 4, 3))
    means = np.array([block_means(layer, 4, 3) for layer in array[:24]])
    entry = only_entry(arrays_of(means, array, shows=shows))
    assert decoded(entry["data"], "<f4").reshape(24, 4, 3) == pytest.approx(means, rel=1e-5)


def test_a_shrunk_card_of_a_small_matrix_leads_to_its_exact_numbers() -> None:
    array = np.arange(512.0)
    shows = CellMap(0, blocks=Blocks(1, 512, 1, 256, 1))
    assert (
        only_entry(arrays_of(array.reshape(256, 2).mean(axis=1).reshape(256, 1), array, shows=shows))["form"]
        == "exact"
    )


def test_over_the_budget_the_largest_are_left_out_and_said_so() -> None:
    found = demo.places_of(demo.timeline(), lambda at: demo.compose(demo.timeline(), at))
    told = Arrays(demo.storyboard(), found.shown.rows).plain(100_000)
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
    firsts = set(data["geometry"]["moments"]["ticks"])
    assert firsts <= {
        tick for clip in demo.timeline().clips for tick in (clip.start, clip.rest_start, clip.leave_start)
    }
    monkeypatch.setattr(build, "LARGEST_PAGE", 1000)
    with pytest.raises(InputError, match="bytes, demo, tell it in fewer"):
        demo.page(demo.film(demo.timeline()))


def test_a_program_too_long_for_the_laboratory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert b"There is no laboratory" not in demo.page(demo.film(demo.timeline()))
    monkeypatch.setattr(program, "MOST_OPERATIONS", 10)
    alone = demo.page(demo.film(demo.timeline()))
    words = f"the program has {len(demo.lesson())} operations, and a page runs at most 10 again"
    assert words.encode() in alone and data_of(alone)["laboratory"] is None


def test_what_is_lit_comes_from_the_drawing_where_it_says_so() -> None:
    story = demo.timeline()
    operation = story.storyboard.operation(story.clips[0].shot.subject[0])
    inner = replace(
        operation.source.expression, last_line=operation.source.expression.first_line, last_column=20
    )

    runs = listing.lit_runs(story, [(tick, inner if tick < 10 else None) for tick in range(story.ticks)])
    assert runs[0] == listing.Lit(0, operation.source.statement, inner)
    assert (runs[1].tick, runs[1].expression) == (10, None)


def test_moments_of_a_line_are_where_it_begins_to_be_computed() -> None:
    story = demo.timeline()
    runs = listing.lit_runs(story, demo.places_of(story, lambda at: demo.compose(story, at)).lit)
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
    told, composer = film_of(extra.value, np.zeros((3, 3)), shows=CellMap(-101))
    (chapter,) = told.storyboard.chapters
    board = replace(
        told.storyboard, chapters=(replace(chapter, shots=(replace(chapter.shots[0], extra=(extra,)),)),)
    )
    arrays = Arrays(board, demo.places_of(schedule(board), composer).shown.rows)
    assert decoded(arrays.plain(10**6)["-101"]["data"]).tolist() == [1.5, 2.5]
