"""The stage on the page: alone, beside a film, in a film's place; the same clock, stops and keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mnistviz.export.page.build import page
from mnistviz.export.stage.pack import picture
from mnistviz.picture.display import Matrix
from mnistviz.picture.theme import DARK, LIGHT
from tests.export.page import demo
from tests.export.page.conftest import Opener, Visit

pytestmark = pytest.mark.needs("chromium")
STOPS = demo.timeline().stops
CLIPS = demo.timeline().clips
POSTER = int(demo.timeline().poster * 10)
STAGE = "document.getElementById('stage')"
TICK = f"Number({STAGE}.dataset.tick)"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo.write_alone(tmp_path_factory.mktemp("alone"))


@pytest.fixture
def both(folder: Path, tmp_path: Path) -> Iterator[Path]:
    """Films and a page that can draw them too."""
    shutil.copytree(folder, tmp_path / "both")
    content = replace(demo.film(demo.timeline()), stages=demo.stages())
    (tmp_path / "both" / "index.html").write_bytes(page(content))
    yield tmp_path / "both"


def drawn_at(seen: Visit, tick: float) -> None:
    """Waits until the stage shows an instant."""
    seen.until(f"Math.abs({TICK} - {tick}) < 0.01")


def test_alone_it_plays_and_asks_for_nothing(visit: Opener, alone: Path) -> None:
    seen = visit(alone)
    drawn_at(seen, POSTER)
    expect(seen.page.locator("#notices li")).to_have_count(0)
    seen.page.keyboard.press("k")
    seen.until(f"5 < {TICK} && {TICK} !== {POSTER}")
    seen.page.keyboard.press("k")
    at = seen.page.evaluate(TICK)
    seen.page.wait_for_timeout(200)
    assert seen.page.evaluate(TICK) == at == round(at * 6) / 6
    assert (seen.errors, seen.requests) == ([], [(alone / "index.html").as_uri()])


def test_stops_steps_chapters_frames_and_links_lead_where_the_films_do(visit: Opener, alone: Path) -> None:
    seen = visit(alone, "#chapter=2")
    drawn_at(seen, CLIPS[1].start)
    for key, tick in (
        ("ArrowRight", next(stop for stop in STOPS if stop > CLIPS[1].start)),
        (".", next(stop for stop in STOPS if stop > CLIPS[1].start) + 1 / 6),
        ("Shift+ArrowRight", CLIPS[2].start),
        ("PageUp", CLIPS[1].start),
        ("End", CLIPS[1].start),
    ):
        seen.page.keyboard.press(key)
        drawn_at(seen, tick)
    seen.page.click("li[data-step='2.3'] a")
    drawn_at(seen, CLIPS[3].start)
    expect(seen.page.locator("#now-title")).to_have_text("The bias joins")


def test_it_plays_to_its_end_and_from_its_start_again(visit: Opener, alone: Path) -> None:
    ticks = demo.timeline().ticks
    seen = visit(alone, f"#t={(ticks - 8) / 10}")
    drawn_at(seen, ticks - 8)
    seen.page.keyboard.press("k")
    seen.until("document.getElementById('play').getAttribute('aria-label') === 'Play'")
    seen.page.keyboard.press("k")
    seen.until(f"{TICK} < {ticks - 10}")


def test_a_number_can_be_pointed_at(visit: Opener, alone: Path) -> None:
    seen = visit(alone, f"#t={CLIPS[1].finished / 10}")
    drawn_at(seen, CLIPS[1].finished)
    box = seen.page.locator("#overlay").bounding_box()
    assert box is not None
    for across in range(20, 620, 40):
        seen.page.mouse.move(box["x"] + across, box["y"] + box["height"] / 2)
        if seen.page.locator("#tip").is_visible():
            break
    expect(seen.page.locator("#tip")).to_be_visible()


def test_the_film_and_the_stage_change_places_at_the_same_instant(visit: Opener, both: Path) -> None:
    seen = visit(both, "#t=4.2")
    assert seen.frame() == 252
    seen.page.click("#exchange")
    drawn_at(seen, 42)
    expect(seen.page.locator("#stage")).to_be_visible()
    expect(seen.page.locator("#video")).to_be_hidden()
    expect(seen.page.locator("#exchange")).to_have_attribute("aria-pressed", "true")
    seen.page.keyboard.press("ArrowRight")
    stop = next(stop for stop in STOPS if stop > 42)
    drawn_at(seen, stop)
    seen.page.keyboard.press("s")
    expect(seen.page.locator("#video")).to_be_visible()
    assert (seen.fps(), seen.frame()) == (60, stop * 6)
    assert seen.errors == []


def test_the_poster_stands_until_one_begins(visit: Opener, alone: Path, both: Path) -> None:
    for folder in (alone, both):
        seen = visit(folder)
        if folder == both:
            seen.page.click("#exchange")
        drawn_at(seen, POSTER)
        assert "#" not in seen.page.url  # nobody has gone anywhere: opened anew it looks the same
        seen.page.click("#chapter-1 .title")
        drawn_at(seen, 0)
        assert seen.page.url.endswith("#t=0.0")


def test_light_or_dark_as_one_likes(visit: Opener, alone: Path) -> None:
    seen = visit(alone)
    drawn_at(seen, POSTER)
    for theme in ("light", "dark"):
        seen.page.keyboard.press("t")
        seen.until(f"{STAGE}.dataset.theme === '{theme}'")
    assert seen.errors == []


def test_what_is_asked_for_is_covered_in_the_films_own_colour(visit: Opener, alone: Path) -> None:
    for scheme in ("dark", "light"):  # of the page; the film has one of its own
        seen = visit(alone, "#step=3.1", color_scheme=scheme)
        seen.page.keyboard.press("g")
        expect(seen.page.locator("#question")).to_be_visible()
        for theme, colour in (("dark", DARK.panel), ("light", LIGHT.panel)):
            seen.until(f"{STAGE}.dataset.theme === '{theme}'")
            fill = "getComputedStyle(document.querySelector('.cover')).fill"
            assert seen.page.evaluate(fill) == f"rgb({', '.join(map(str, colour))})"
            seen.page.keyboard.press("t")


def test_where_the_films_are_lost_the_stage_plays_and_they_are_named(visit: Opener, both: Path) -> None:
    for name in demo.FILMS.values():
        (both / name).unlink()
    seen = visit(both, "#t=4.2", play=False)
    expect(seen.page.locator("#notices")).to_contain_text("missing or damaged. The page draws it itself.")
    drawn_at(seen, 42)


def test_it_has_the_screens_own_pixels(visit: Opener, alone: Path) -> None:
    for density in (1, 2):
        seen = visit(alone, device_scale_factor=density, viewport={"width": 900, "height": 700})
        for width in (900, 750):
            seen.page.set_viewport_size({"width": width, "height": 700})
            seen.until(f"{STAGE}.clientWidth <= {width}")
            seen.until(f"{STAGE}.width === Math.round({STAGE}.clientWidth * {density})")
        left, top, right, bottom = picture(demo.LOOK.regions)
        shape = seen.page.evaluate(f"{STAGE}.clientWidth / {STAGE}.clientHeight")
        assert abs(shape - (right - left) / (bottom - top)) < 0.02
        assert seen.errors == []


def test_on_a_narrow_screen_the_picture_alone_is_drawn_and_pointed_at(visit: Opener, alone: Path) -> None:
    tick = CLIPS[1].finished
    seen = visit(alone, f"#t={tick / 10}", viewport={"width": 390, "height": 844})
    drawn_at(seen, tick)
    left, top, right, bottom = picture(demo.LOOK.regions)
    box = f"{left:g} {top:g} {right - left:g} {bottom - top:g}"
    seen.until(f"document.getElementById('overlay').getAttribute('viewBox') === '{box}'")
    expect(seen.page.locator("#now-caption")).to_be_visible()
    card = topmost_card(tick)
    x, y = card.cell_centre(0, 3, 0)
    screen = seen.page.locator("#overlay").bounding_box()
    assert screen is not None
    scale = screen["width"] / (right - left)
    seen.page.mouse.move(screen["x"] + (x - left) * scale, screen["y"] + (y - top) * scale)
    expect(seen.page.locator("#tip")).to_be_visible()
    assert seen.errors == []


def topmost_card(tick: int) -> Matrix:
    parts = demo.compose(demo.timeline(), Fraction(tick, 10)).display.primitives
    return [part for part in parts if isinstance(part, Matrix) and part.shows is not None][-1]


def test_at_rest_it_draws_nothing(visit: Opener, alone: Path) -> None:
    counted = """
      const paint = CanvasRenderingContext2D.prototype.fillRect;
      window.painted = 0;
      CanvasRenderingContext2D.prototype.fillRect = function (...box) { window.painted++; return paint.apply(this, box); };
    """
    seen = visit(alone, init=counted)
    drawn_at(seen, POSTER)
    counts = [-1, 0]
    while (counts[-1] == 0 or counts[-1] != counts[-2]) and len(
        counts
    ) < 50:  # it settles: its size, the transcript's pictures
        seen.page.wait_for_timeout(700)
        counts.append(seen.page.evaluate("window.painted"))
    assert counts[-1] == counts[-2] > 0


def test_the_transcripts_pictures_are_drawn_when_they_come_into_view(visit: Opener, alone: Path) -> None:
    seen = visit(alone)
    seen.page.locator("#transcript canvas").last.scroll_into_view_if_needed()
    inked = """(() => { const shot = [...document.querySelectorAll('#transcript canvas')].at(-1);
      return new Set(shot.getContext('2d').getImageData(0, 0, 640, 360).data).size > 8; })()"""
    seen.until(inked)


def test_the_presenters_view_draws_this_stop_and_the_next(visit: Opener, alone: Path) -> None:
    stops = demo.timeline().stops
    seen = visit(alone, f"#t={stops[4] / 10}")
    with seen.page.expect_popup() as opening:
        seen.page.keyboard.press("v")
    view = Visit(opening.value)
    for first in (4, 5):
        for name, stop in (("this", stops[first]), ("next", stops[first + 1])):
            view.until(f"""(() => {{ const picture = document.querySelector('#presenter-{name}-picture canvas');
              return picture.dataset.tick === '{stop}' && picture.width !== 300
                && new Set(picture.getContext('2d').getImageData(0, 0, 200, 100).data).size > 8; }})()""")
        view.page.keyboard.press("ArrowRight")
    assert seen.errors == []


def test_a_browser_that_cannot_inflate_says_so(visit: Opener, alone: Path, both: Path) -> None:
    without = "delete window.DecompressionStream"
    seen = visit(alone, init=without)
    expect(seen.page.locator("#notices")).to_contain_text("This browser cannot draw the stage")
    seen = visit(both, init=without)
    seen.page.click("#exchange")
    expect(seen.page.locator("#notices")).to_contain_text("This browser cannot draw the stage")
    expect(seen.page.locator("#video")).to_be_visible()
