"""The stage and the film show the same: the page's painter in a real Chromium, held against the raster.

A few instants run here; MNISTVIZ_ROUNDS=200 runs a hundred in each theme.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from mnistviz.export.raster.raster import Raster
from mnistviz.export.stage import STAGE_SCRIPTS, stage_script
from mnistviz.export.stage.bundle import bundle
from mnistviz.export.stage.pack import STEPS, Packer
from mnistviz.export.stage.twofold import twofold
from mnistviz.picture.compose import Moment, compose
from mnistviz.picture.display import Cells, ColourScale, DisplayList, Mask, Matrix, Text
from mnistviz.picture.layout import look
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.picture.theme import colour_table, table_index
from mnistviz.story.timeline import Timeline
from tests.export.default_film import DefaultFilm
from tests.export.page import demo
from tests.export.stage.likeness import LEAST_SIMILARITY, picture_of, similarity
from tests.storage.torn import EVERY

pytestmark = pytest.mark.needs("chromium")
SIZE = (1920, 1080)
INSTANTS = 100 if EVERY else 6
BENCH = """<!DOCTYPE html><meta charset="utf-8"><canvas id="c" width="1920" height="1080"></canvas><script>%s
let reel, travel, painter;
async function load([packed, theme]) {
  reel = makeReel(await unpackFilm(packed), theme);
  travel = makeTravel(reel); painter = makePainter(reel);
}
function draw(ticks) {
  const context = document.getElementById("c").getContext("2d", { willReadFrequently: true });
  painter.paint(context, travel.display(ticks), viewOf(context.canvas, [0, 0, ...reel.size]));
  return context.canvas.toDataURL("image/png");
}
// Frame by frame, as while it plays: how far each is from the same one painted alone, in the mean and in the worst pixel.
function played(from, count) {
  const [moving, alone] = [makePainter(reel), makePainter(reel)];
  const [one, other] = [0, 1].map(() => new OffscreenCanvas(640, 360).getContext("2d", { willReadFrequently: true }));
  const view = viewOf(one.canvas, [0, 0, ...reel.size]);
  const found = [];
  for (let frame = 0; frame < count; frame++) {
    const display = travel.display(from + frame / 6);
    moving.paint(one, display, view, true);
    alone.paint(other, display, view);
    const [a, b] = [one, other].map((surface) => surface.getImageData(0, 0, 640, 360).data);
    let [sum, most] = [0, 0];
    a.forEach((value, place) => { sum += Math.abs(value - b[place]); most = Math.max(most, Math.abs(value - b[place])); });
    found.push([sum / a.length, most]);
  }
  return found;
}
const codes = (form) => (form.kind === "m" ? [...reel.codes(form.cells)] : []);
const plain = (ticks) => travel.display(ticks).map(({ form, place }) =>
  ({ ...form, place: [...place], codes: codes(form) }));
</script>"""


@pytest.fixture
def lesson(default: DefaultFilm) -> Timeline:
    """The default film."""
    return default.timeline


@pytest.fixture(scope="module")
def bench(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """A page with the stage's scripts alone."""
    path: Path = tmp_path_factory.mktemp("bench") / "bench.html"
    path.write_text(BENCH % "\n".join(stage_script(name) for name in STAGE_SCRIPTS))
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(path.as_uri())
    return page


def drawn(bench: Page, ticks: float) -> NDArray[np.uint8]:
    return picture_of(bench.evaluate("(ticks) => draw(ticks)", ticks))


@pytest.fixture(scope="module", params=["dark", "light"])
def themed(request: pytest.FixtureRequest, bench: Page, default: DefaultFilm) -> str:
    assert look(SIZE) == demo.LOOK  # of the size in pixels a packed film knows nothing
    bench.evaluate("(film) => load(film)", [bundle(default.packed), ["dark", "light"].index(request.param)])
    return str(request.param)


def instants(lesson: Timeline, seed: int, rate: int) -> list[Fraction]:
    chosen = random.Random(seed)
    return [Fraction(chosen.randrange(lesson.ticks * rate // 10), rate) for _ in range(INSTANTS)]


def test_it_looks_like_the_film(bench: Page, themed: str, lesson: Timeline) -> None:
    raster, appearance = Raster(SIZE), look(SIZE, themed)
    for instant in instants(lesson, 1, 10):
        film = raster.paint(compose(lesson, instant, appearance).display).rgb()
        found = similarity(drawn(bench, float(instant * 10)), film)
        assert found >= LEAST_SIMILARITY, f"{found:.4f} at {float(instant)} s"


def test_words_corners_and_colours_are_the_films(bench: Page, themed: str, lesson: Timeline) -> None:
    for instant in instants(lesson, 2, 10):
        display = compose(lesson, instant, twofold(look(SIZE))).display
        stage = bench.evaluate("(ticks) => plain(ticks)", float(instant * 10))
        assert len(stage) == len(display.primitives)
        for found, part in zip(stage, display.primitives, strict=True):
            if isinstance(part, Text):
                assert (found["text"], found["face"], found["anchor"]) == (part.text, part.face, part.anchor)
                assert np.allclose(found["place"][2:], (part.size, *part.at), atol=1 / STEPS)
            if isinstance(part, Matrix):
                assert (
                    np.abs(corners(found) - np.array([part.corners(one) for one in part.origins])).max() < 1
                )
                assert np.array_equal(found["codes"], table_codes(part))


def test_between_two_ticks_things_travel_as_in_the_film(bench: Page, themed: str, lesson: Timeline) -> None:
    """At the frames of 60 in a second that are packed nowhere: what the painter makes up lies on the way."""
    away = []
    for instant in instants(lesson, 3, 60):
        stage = bench.evaluate("(ticks) => plain(ticks)", float(instant * 10))
        for part in compose(lesson, instant, look(SIZE, themed)).display.primitives:
            if not isinstance(part, Matrix):
                continue
            expected = np.array([part.corners(one) for one in part.origins])
            same = [
                one
                for one in stage
                if one["kind"] == "m" and (one["key"], one["layers"]) == (part.key, list(part.layers))
            ]
            away += [min(np.abs(corners(one) - expected).max() for one in same)] if same else []
    assert len(away) > 5 * INSTANTS
    assert np.quantile(away, 0.95) < 1, away


def test_what_is_kept_from_frame_to_frame_is_what_would_be_painted(
    bench: Page, themed: str, lesson: Timeline
) -> None:
    """Where much moves and much stands still: pictures of what stands still are never those of before.

    What is kept hangs on no colour: in the light theme one chapter tells whether it is kept in that one's colours.
    """
    for chapter in (2, 14) if themed == "dark" or EVERY else (14,):
        start = lesson.clips_of(lesson.chapters[chapter - 1])[0].start
        found = bench.evaluate("([from, count]) => played(from, count)", [start, 120])
        assert max(mean for mean, _ in found) < 0.5, found


def corners(found: dict[str, Any]) -> NDArray[np.float64]:
    across, down, origins = (
        np.array(found["place"][part]) for part in (slice(3, 5), slice(5, 7), slice(9, None))
    )
    return np.array([[one, one + across, one + across + down, one + down] for one in origins.reshape(-1, 2)])


def table_codes(part: Matrix) -> NDArray[np.int64]:
    codes = table_index(part.cells.values, part.colours).astype(np.int64)
    codes[~np.isfinite(part.cells.values)] = 257
    return codes.ravel()


def packed(*parts: Any) -> str:
    packer = Packer(look(SIZE))
    packer.note(0, Moment(DisplayList.of((1920.0, 1080.0), (13, 17, 23), parts), Tableau(())))
    return bundle(packer.packed())


@pytest.fixture
def show(bench: Page) -> Callable[..., NDArray[np.uint8]]:
    def shown(*parts: Any) -> NDArray[np.uint8]:
        bench.evaluate("(packed) => load([packed, 0])", packed(*parts))
        return drawn(bench, 0)

    return shown


def test_every_cell_has_its_colour(show: Callable[..., NDArray[np.uint8]]) -> None:
    values = np.random.default_rng(1).normal(size=(2, 9, 14))
    scale = ColourScale("signed", -2.0, 2.0)
    matrix = Matrix(
        "w", Cells(values), scale, ((100.0, 200.0), (900.0, 300.0)), (560.0, -120.0), (40.0, 450.0), (0, 1)
    )
    picture = show(matrix)
    colours = colour_table("signed")[table_index(values, scale)]
    for place, row, column in np.ndindex(2, 9, 14):
        x, y = matrix.cell_centre(place, row, column)
        assert np.abs(picture[int(y), int(x)].astype(int) - colours[place, row, column]).max() <= 4


def test_cells_not_there_and_cells_that_are_no_number(show: Callable[..., NDArray[np.uint8]]) -> None:
    values = np.array([[0.5, np.nan], [np.inf, 0.25]])
    mask = Mask(np.array([[True, True], [True, False]]))
    matrix = Matrix(
        "x",
        Cells(values),
        ColourScale("level", 0.0, 1.0),
        ((400.0, 300.0),),
        (400.0, 0.0),
        (0.0, 400.0),
        mask=mask,
        empty=(1, 99, 3),
    )
    picture = show(matrix)
    at = {
        (row, column): tuple(picture[int(y), int(x)])
        for row in (0, 1)
        for column in (0, 1)
        for x, y in [matrix.cell_centre(0, row, column)]
    }
    assert at[1, 1] == (1, 99, 3)
    assert at[0, 1] == at[1, 0] == (255, 0, 200)  # the middle of the cross


def test_a_card_too_fine_for_the_screen_shows_means(show: Callable[..., NDArray[np.uint8]]) -> None:
    values = np.indices((400, 400)).sum(axis=0) % 2
    matrix = Matrix(
        "x",
        Cells(values),
        ColourScale("level", 0.0, 1.0),
        ((100.0, 100.0),),
        (90.0, 0.0),
        (0.0, 90.0),
        shadow=False,
    )
    middle = show(matrix)[120:170, 120:170].astype(int)
    assert np.abs(middle - colour_table("level")[128]).max() <= 4


def test_it_can_fail(bench: Page, show: Callable[..., NDArray[np.uint8]]) -> None:
    """A card that stands elsewhere is seen, however much around it is the same."""
    values = np.random.default_rng(2).normal(size=(12, 12))
    card, aside = (
        Matrix(
            "w", Cells(values), ColourScale("signed", -1.0, 1.0), ((x, 300.0),), (600.0, 0.0), (0.0, 600.0)
        )
        for x in (500.0, 530.0)
    )
    assert similarity(show(card), show(card)) == 1
    assert similarity(show(card), show(aside)) < LEAST_SIMILARITY
