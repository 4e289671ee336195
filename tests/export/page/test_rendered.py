"""The page of a film that was really rendered: the default scene, its own drawings, the whole flow."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from mnistviz.export.page.geometry import FAINTEST
from mnistviz.picture.compose import compose
from mnistviz.picture.display import CellMap, Matrix
from mnistviz.picture.layout import look
from mnistviz.render import render
from mnistviz.scene import load_scene
from mnistviz.story.timeline import Timeline, schedule
from tests.export.page import demo
from tests.export.page.conftest import Opener
from tests.export.page.test_cells import point_at, topmost
from tests.picture.test_cell_maps import numbers, values

pytestmark = pytest.mark.needs("chromium")
CHAPTERS, TICKS = (12, 15), 300


@dataclass(frozen=True, eq=False)
class Rendered:
    """A finished folder and the timeline that it shows."""

    folder: Path
    timeline: Timeline


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    scene = load_scene()
    board = scene.storyboard(scene.record())
    folder = render(
        board, tmp_path_factory.mktemp("film") / "out", fps=(10,), size=demo.SIZE, duration=TICKS,
        chapters=CHAPTERS, quality="draft", workers=1,
    )  # fmt: skip
    return Rendered(folder, schedule(board, duration_ticks=TICKS, chapters=CHAPTERS))


def test_fifty_cells_of_the_films_own_cards(visit: Opener, rendered: Rendered) -> None:
    chance = random.Random(11)
    seen = visit(rendered.folder)
    checked, told = 0, Counter[str]()
    arrays = values(rendered.timeline.storyboard)
    while checked < 50 or len(told) < 3:
        tick = chance.randrange(rendered.timeline.ticks)
        seen.go(tick / 10)
        display = compose(rendered.timeline, Fraction(tick, 10), look(demo.SIZE)).display
        matrices = [
            part for part in display.primitives if isinstance(part, Matrix) and part.opacity >= FAINTEST
        ]
        large = [part for part in matrices if smallest_side(part) >= 2.0]
        for _ in range(40 if large else 0):
            matrix = chance.choice(large)
            place = chance.randrange(len(matrix.origins))
            _, rows, columns = matrix.cells.values.shape
            row, column = chance.randrange(rows), chance.randrange(columns)
            at = matrix.cell_centre(place, row, column)
            if topmost(matrices, at) != (matrix, place) or matrix.shows is None:
                continue
            cell = (matrix.layers[place], row, column)
            if matrix.mask is not None and not matrix.mask.shown[cell]:
                continue
            point_at(seen, at)
            drawn = int(np.ravel_multi_index(cell, matrix.cells.values.shape))
            own = replace(matrix.shows, factor=1.0)  # what is enlarged for view is told as it is
            assert float(seen.page.inner_text("#cells-value")) == numbers(own, arrays, drawn + 1)[drawn]
            name = seen.page.text_content("#cells-name") or ""
            if own == CellMap(own.value):
                index = np.unravel_index(drawn, arrays[own.value].shape)
                assert name.endswith("[" + ", ".join(map(str, index)) + "]")
            told[kind(own)] += 1
            checked += 1
            if checked % 5 == 0:
                break
    assert seen.errors == []


def test_the_page_makes_the_same_numbers_of_what_every_card_says(visit: Opener, rendered: Rendered) -> None:
    """Products and changes are computed by the page from the trace's arrays: to the bit as they are drawn."""
    seen = visit(rendered.folder)
    told = demo.places_of(rendered.timeline, lambda at: compose(rendered.timeline, at, look(demo.SIZE)))
    arrays, chance = values(rendered.timeline.storyboard), random.Random(4)
    shown = [one.shows for one in told.shown.rows]
    sizes = [int(np.prod(one.shape)) for one in told.shown.rows]
    cells = [sorted(chance.sample(range(size), min(size, 6))) for size in sizes]
    script = """(cells) => {
      const data = unpacked(JSON.parse(document.getElementById("data").textContent));
      const maps = makeMaps(makeNumbers(data));
      return data.shown.map(({ map }, n) => map && cells[n].map((cell) => maps.value(map, cell)));
    }"""
    made = seen.page.evaluate(script, cells)
    kinds = Counter[str]()
    for shows, places, found, size in zip(shown, cells, made, sizes, strict=True):
        if shows is None:
            assert found is None
            continue
        own = replace(shows, factor=1.0)
        assert found == numbers(own, arrays, size)[places].tolist()
        kinds[kind(own)] += 1
    assert set(kinds) == {"whole", "part", "old", "computed"}


def smallest_side(matrix: Matrix) -> float:
    """Of a cell, in design units: what is smaller is the map in its corner."""
    _, rows, columns = matrix.cells.values.shape
    (ax, ay), (dx, dy) = matrix.across, matrix.down
    return float(min(np.hypot(ax, ay) / columns, np.hypot(dx, dy) / rows))


def kind(shows: CellMap) -> str:
    """Whole, a part, partly old, or computed for the picture."""
    if shows.times or shows.minus:
        return "computed"
    return "old" if shows.old or shows.before else "whole" if shows == CellMap(shows.value) else "part"


def test_stops_of_the_film_both_ways_to_the_frame(visit: Opener, rendered: Rendered) -> None:
    seen = visit(rendered.folder)
    for stop in rendered.timeline.stops:
        seen.page.keyboard.press("ArrowRight")
        assert seen.frame() == stop
    for stop in reversed(rendered.timeline.stops[:-1]):
        seen.page.keyboard.press("ArrowLeft")
        assert seen.frame() == stop


def test_the_lit_expression_is_the_one_lit_in_the_film(visit: Opener, rendered: Rendered) -> None:
    seen = visit(rendered.folder)
    for tick in random.Random(3).sample(range(rendered.timeline.ticks), 10):
        seen.go(tick / 10)
        span = compose(rendered.timeline, Fraction(tick, 10), look(demo.SIZE)).lit
        lit = seen.page.evaluate("[...(CSS.highlights.get('lit') ?? [])].map((range) => range.toString())")
        if span is not None:
            lines = rendered.timeline.storyboard.trace.source_file(span.file).lines
            assert lit
            assert lines[span.first_line - 1][span.first_column :].startswith(lit[0])
            assert len(lit) <= span.last_line - span.first_line + 1


def test_the_table_and_chapters_json_say_the_same(visit: Opener, rendered: Rendered) -> None:
    seen = visit(rendered.folder)
    told = json.loads((rendered.folder / "chapters.json").read_text())["chapters"]
    assert [chapter["number"] for chapter in told] == [12, 13, 14, 15]
    for chapter in told:
        seen.page.click(f"#chapter-{chapter['number']} .title")
        assert seen.frame() == chapter["start_frame"]["10"]
    assert seen.errors == []
