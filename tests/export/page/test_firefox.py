"""The page in a real Firefox: from the disk it seeks, stops, tells numbers, follows them, asks and waits."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistviz.export.raster.raster import Raster
from mnistviz.picture.display import Matrix, Point
from tests.conftest import ROOT, missing
from tests.export.laboratory.test_programs import AGAIN as AGAIN_EACH
from tests.export.laboratory.test_programs import each_is_numpys
from tests.export.page import demo
from tests.export.page.conftest import LONGEST_WAIT, READY, Server, pasted
from tests.export.page.test_cells import topmost, value
from tests.export.stage.likeness import LEAST_SIMILARITY, picture_of, similarity

pytestmark = pytest.mark.needs("firefox-esr", "node")
MODULES = ROOT / ".ci" / "javascript" / "node_modules"
STOPS = demo.timeline().stops

DRAWN = """(async () => {
  const reel = makeReel(await unpackFilm(document.getElementById("stages").textContent), 0);
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  paintOn(canvas, { reel, painter: makePainter(reel) }, makeTravel(reel).display(%d), [0, 0, ...reel.size]);
  return canvas.toDataURL("image/png");
})()"""

AGAIN = """(() => {
  const data = unpacked(JSON.parse(document.getElementById("data").textContent));
  const numbers = makeNumbers(data);
  const engine = makeEngine(data.laboratory, data.arrays, (id) => Float64Array.from(numbers.decode(data.arrays[id].data)));
  return engine.differences().filter(({ why }) => !why).map(({ difference }) => difference);
})()"""


class Firefox:
    """A page in a Firefox of its own, driven by a program that speaks to it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def do(self, verb: str, **words: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": verb, **words}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "Firefox is gone"}')
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def open(self, folder: Path, fragment: str = "", **size: int) -> None:
        self.do("open", url=(folder / "index.html").as_uri() + fragment, **size)
        self.until(READY)

    def evaluate(self, expression: str) -> Any:
        return self.do("evaluate", expression=expression)

    def until(self, expression: str, seconds: float = LONGEST_WAIT) -> None:
        end = time.monotonic() + seconds
        while not self.evaluate(expression):
            assert time.monotonic() < end, f"never came true: {expression}"
            time.sleep(0.02)

    def text(self, selector: str) -> str:
        return str(self.evaluate(f"document.querySelector({selector!r}).textContent"))

    def frame(self) -> int:
        self.until(READY)
        return int(self.evaluate("document.getElementById('video').currentTime * 60 + 0.01"))

    def press(self, key: str) -> None:
        self.do("press", key=key)

    def place(self, at: Point) -> dict[str, float]:
        """Where on the screen a place of the film is."""
        box = self.evaluate(
            "(({ x, y, width, height }) => [x, y, width, height])"
            "(document.getElementById('overlay').getBoundingClientRect())"
        )
        wide, high = demo.LOOK.regions.size
        return {"x": box[0] + at[0] * box[2] / wide, "y": box[1] + at[1] * box[3] / high}


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    """A Firefox for this module's tests."""
    if not MODULES.is_dir():
        missing("needs puppeteer-core: npm ci --prefix .ci/javascript")
    program = shutil.which("firefox-esr")
    command = ["node", str(Path(__file__).with_name("firefox.mjs")), str(MODULES), str(program)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield running
        assert running.stdin is not None
        running.stdin.close()
        running.wait(LONGEST_WAIT)


@pytest.fixture
def firefox(process: subprocess.Popen[str]) -> Iterator[Firefox]:
    """It, and afterwards nothing has been said on its console."""
    yield (browser := Firefox(process))
    assert browser.do("said") == []


def test_it_plays_from_the_disk(firefox: Firefox, folder: Path) -> None:
    firefox.open(folder)
    firefox.do("click", selector="#begin")
    firefox.until("document.getElementById('video').currentTime > 0.5")
    firefox.press("k")
    firefox.until("document.getElementById('video').paused")
    assert firefox.text("#notices") == ""


def test_the_program_is_run_again(firefox: Firefox, folder: Path) -> None:
    firefox.open(folder)
    found = firefox.evaluate(AGAIN)
    assert len(found) > 10
    assert max(found) <= 1e-12


def test_each_operation_of_programs_is_numpys(firefox: Firefox, folder: Path) -> None:
    """Of those that another engine is asked beside it: each has its own exponential function."""
    firefox.open(folder)
    each_is_numpys(lambda asked: firefox.evaluate(f"({AGAIN_EACH})({json.dumps(asked)})"))


def test_it_seeks_to_the_frame(firefox: Firefox, folder: Path) -> None:
    firefox.open(folder)
    for tick in random.Random(8).sample(range(demo.timeline().ticks), 12):
        firefox.evaluate(f"location.hash = '#t={tick / 10}'")
        firefox.until(f"Math.abs(document.getElementById('video').currentTime - {tick / 10}) < 0.01")
        assert firefox.frame() == tick * 6


def test_stops_both_ways(firefox: Firefox, folder: Path) -> None:
    firefox.open(folder)
    for stop in STOPS:
        firefox.press("ArrowRight")
        assert firefox.frame() == stop * 6
    for stop in reversed(STOPS[:-1]):
        firefox.press("ArrowLeft")
        assert firefox.frame() == stop * 6


def test_a_number_under_the_pointer_is_the_traces(firefox: Firefox, folder: Path) -> None:
    firefox.open(folder)
    chance = random.Random(2)
    told = 0
    while told < 12:
        clip = chance.choice(demo.timeline().clips)
        instant = Fraction(clip.finished, 10)
        firefox.evaluate(f"location.hash = '#t={clip.finished / 10}'")
        firefox.until(
            f"Math.abs(document.getElementById('video').currentTime - {clip.finished / 10}) < 0.01 && {READY}"
        )
        matrices = [
            part
            for part in demo.compose(demo.timeline(), instant).display.primitives
            if isinstance(part, Matrix)
        ]
        matrix = chance.choice(matrices)
        place = len(matrix.origins) - 1
        layers, rows, columns = matrix.cells.values.shape
        row, column = chance.randrange(rows), chance.randrange(columns)
        at = matrix.cell_centre(place, row, column)
        if topmost(matrices, at) != (matrix, place):
            continue
        firefox.do("move", **firefox.place(at))
        assert matrix.shows is not None
        recorded = value(matrix.shows.value).value
        flat = np.ravel_multi_index((matrix.layers[place], row, column), (layers, rows, columns))
        assert float(firefox.text("#cells-value")) == recorded.ravel()[flat]
        told += 1


def test_a_number_is_followed_to_the_pixels_and_its_way_back(firefox: Firefox, folder: Path) -> None:
    clip = demo.timeline().clips[3]
    firefox.open(folder, f"#t={clip.finished / 10}")
    firefox.until(
        f"Math.abs(document.getElementById('video').currentTime - {clip.finished / 10}) < 0.01 && {READY}"
    )
    display = demo.compose(demo.timeline(), Fraction(clip.finished, 10)).display
    matrix = [part for part in display.primitives if isinstance(part, Matrix)][-1]
    firefox.do("hit", **firefox.place(matrix.cell_centre(0, 4, 0)))
    firefox.until("document.getElementById('cells-name').textContent === 'hidden_pre_sigmoid_20x1[4, 0]'")
    firefox.do("click", selector="#cells-from li:last-child button")
    assert firefox.text("#cells-from-head") == "Made of 784 products, the largest first"
    firefox.do("click", selector="#cells-from li button:last-of-type")
    assert firefox.text("#cells-name").startswith("image_784x1[")
    firefox.press("Backspace")
    firefox.press("Backspace")
    assert firefox.text("#cells-name") == "hidden_pre_sigmoid_20x1[4, 0]"


def test_it_asks_first_and_waits_at_stops(firefox: Firefox, folder: Path) -> None:
    firefox.open(folder, "#step=3.1")
    firefox.press("g")
    firefox.until("!document.getElementById('question').hidden")
    right = firefox.evaluate(
        "JSON.parse(document.getElementById('data').textContent).clips[4].question.right"
    )
    firefox.press("p")
    firefox.press(str(right + 1))
    assert firefox.text("#score") == "1 of 1 guessed right"
    stop = next(stop for stop in STOPS if stop > demo.timeline().clips[4].start)
    firefox.until("document.getElementById('video').paused && document.getElementById('video').currentTime > "
                  f"{(stop - 1) / 10}")  # fmt: skip
    assert firefox.frame() == stop * 6


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_nothing_is_wider_than_the_window(firefox: Firefox, folder: Path, width: int) -> None:
    firefox.open(folder, width=width, height=844)
    assert firefox.evaluate("document.documentElement.scrollWidth") <= width


def test_a_lost_film_is_named(firefox: Firefox, folder: Path, tmp_path: Path) -> None:
    for name in ("index.html", "poster.png", demo.FILMS[10]):
        shutil.copy(folder / name, tmp_path / name)
    firefox.do("open", url=(tmp_path / "index.html").as_uri() + "#t=5.5")
    firefox.until("document.getElementById('notices').textContent.includes('film-60fps.mp4 cannot be read')")
    firefox.until(READY)
    assert firefox.evaluate("Math.floor(document.getElementById('video').currentTime * 10 + 0.01)") == 55


@pytest.mark.parametrize("ranges", [True, False])
def test_from_a_server_it_seeks(firefox: Firefox, folder: Path, serve: Server, ranges: bool) -> None:
    firefox.do("open", url=serve(folder, ranges))
    firefox.until(READY)
    for place in (17, 6, 12):
        firefox.evaluate(f"location.hash = '#t={place}'")
        firefox.until(f"Math.abs(document.getElementById('video').currentTime - {place}) < 0.1")
        assert firefox.frame() == place * 60
    assert firefox.text("#notices") == ""


def test_a_history_that_refuses_stops_nothing(firefox: Firefox, folder: Path) -> None:
    firefox.open(folder)
    firefox.evaluate("history.replaceState = () => { throw new DOMException('no', 'SecurityError'); }")
    for stop in STOPS[:3]:
        firefox.press("ArrowRight")
        assert firefox.frame() == stop * 6
    firefox.press("r")
    assert firefox.evaluate("document.getElementById('loop').getAttribute('aria-pressed')") == "true"


def test_inside_another_page_it_works(firefox: Firefox, folder: Path, tmp_path: Path) -> None:
    firefox.do("open", url=(pasted(folder, tmp_path, "") / "index.html").as_uri())
    inner = "document.querySelector('iframe').contentDocument.getElementById"
    firefox.until(f"{inner}('controls') && !{inner}('controls').hidden")
    for stop in STOPS[:2]:
        firefox.evaluate(f"{inner}('next').click()")
        firefox.until(f"{inner}('time').textContent === '0:{stop // 10:02}.{stop % 10}'")
    assert firefox.evaluate(f"{inner}('notices').textContent").find("met an error") < 0


def test_the_stage_plays_alone_and_looks_like_the_film(firefox: Firefox, tmp_path: Path) -> None:
    firefox.do("open", url=(demo.write_alone(tmp_path) / "index.html").as_uri() + "#t=5.5")
    tick = "Number(document.getElementById('stage').dataset.tick)"
    firefox.until(f"{tick} === 55")
    firefox.press("k")
    firefox.until(f"{tick} > 58")
    firefox.press("k")
    assert firefox.text("#notices") == ""
    raster = Raster(demo.SIZE)
    for clip in demo.timeline().clips[:5]:
        picture = firefox.evaluate(DRAWN % clip.finished)
        film = raster.paint(demo.compose(demo.timeline(), Fraction(clip.finished, 10)).display).rgb()
        assert similarity(picture_of(picture), film) >= LEAST_SIMILARITY
