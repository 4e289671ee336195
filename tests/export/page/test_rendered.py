"""The page of a film that was really rendered: the default scene, its own drawings, the whole flow."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from mnistviz.export.page.geometry import FAINTEST
from mnistviz.picture.compose import compose, lit_at
from mnistviz.picture.display import Matrix
from mnistviz.picture.layout import look
from mnistviz.render import render
from mnistviz.scene import load_scene
from mnistviz.story.timeline import Timeline, schedule
from mnistviz.trace.model import Value
from tests.export.page import demo
from tests.export.page.conftest import Opener
from tests.export.page.test_cells import point_at, topmost

pytestmark = pytest.mark.needs("chromium")
CHAPTERS, TICKS = (13, 15), 240


@dataclass(frozen=True, eq=False)
class Rendered:
    """A finished folder and the timeline that it shows."""

    folder: Path
    timeline: Timeline

    def value(self, number: int) -> Value | None:
        trace = self.timeline.storyboard.trace
        values = [one for operation in trace for one in (*operation.inputs, operation.output)]
        return next((value for value in values if value.id == number), None)


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
    checked = 0
    while checked < 50:
        tick = chance.randrange(rendered.timeline.ticks)
        seen.go(tick / 10)
        display = compose(rendered.timeline, Fraction(tick, 10), look(demo.SIZE))
        matrices = [
            part for part in display.primitives if isinstance(part, Matrix) and part.opacity >= FAINTEST
        ]
        for _ in range(40):
            matrix = chance.choice(matrices)
            place = chance.randrange(len(matrix.origins))
            layers, rows, columns = matrix.cells.values.shape
            row, column = chance.randrange(rows), chance.randrange(columns)
            value = rendered.value(matrix.value_id)
            at = matrix.cell_centre(place, row, column)
            if topmost(matrices, at) != (matrix, place) or value is None:
                continue
            cell = (matrix.layers[place], row, column)
            if value.value.size != layers * rows * columns or (
                matrix.mask is not None and not matrix.mask.shown[cell]
            ):
                continue
            point_at(seen, at)
            index = np.unravel_index(np.ravel_multi_index(cell, matrix.cells.values.shape), value.shape)
            name = seen.page.text_content("#cells-name") or ""
            assert name.endswith("[" + ", ".join(map(str, index)) + "]")
            assert float(seen.page.inner_text("#cells-value")) == value.value[index]
            checked += 1
            if checked % 5 == 0:
                break
    assert seen.errors == []


def test_the_lit_expression_is_the_one_lit_in_the_film(visit: Opener, rendered: Rendered) -> None:
    seen = visit(rendered.folder)
    for tick in random.Random(3).sample(range(rendered.timeline.ticks), 10):
        seen.go(tick / 10)
        span = lit_at(rendered.timeline, Fraction(tick, 10), look(demo.SIZE))
        lit = seen.page.evaluate("[...(CSS.highlights.get('lit') ?? [])].map((range) => range.toString())")
        if span is not None:
            lines = rendered.timeline.storyboard.trace.source_file(span.file).lines
            assert lit
            assert lines[span.first_line - 1][span.first_column :].startswith(lit[0])
            assert len(lit) <= span.last_line - span.first_line + 1


def test_the_table_and_chapters_json_say_the_same(visit: Opener, rendered: Rendered) -> None:
    seen = visit(rendered.folder)
    told = json.loads((rendered.folder / "chapters.json").read_text())["chapters"]
    assert [chapter["number"] for chapter in told] == [13, 14, 15]
    for chapter in told:
        seen.page.click(f"#chapter-{chapter['number']} .title")
        assert seen.frame() == chapter["start_frame"]["10"]
    assert seen.errors == []
