"""What is missing is said for as long as it is missing, and the page does what it still can."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.export.page import demo
from tests.export.page.conftest import Opener, Server, pasted

pytestmark = pytest.mark.needs("chromium")
CLIPS, STOPS = demo.timeline().clips, demo.timeline().stops
EXPECTED = "net::ERR_FILE_NOT_FOUND"  # what the browser itself says of a file that is not there


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """The folder once more, to take something away from it."""
    shutil.copytree(folder, tmp_path / "copy")
    return tmp_path / "copy"


def test_one_lost_film_is_named_and_the_other_plays(visit: Opener, copy: Path) -> None:
    (copy / demo.FILMS[60]).unlink()
    seen = visit(copy, "#t=5.5")
    expect(seen.page.locator("#notices")).to_contain_text("film-60fps.mp4 cannot be read")
    assert (seen.fps(), seen.frame()) == (10, 55)
    seen.page.click("#rate")  # back to the one that is lost: it stays
    seen.page.keyboard.press("ArrowRight")
    assert seen.frame() == next(stop for stop in STOPS if stop > 55)
    expect(seen.page.locator("#notices")).to_contain_text("film-60fps.mp4 cannot be read")
    assert [error for error in seen.errors if EXPECTED not in error] == []


def test_a_film_that_has_not_begun_to_load_is_not_lost(visit: Opener, folder: Path) -> None:
    """WebKit, on a large page, has not yet chosen the film when the script runs."""
    seen = visit(
        folder, init="Object.defineProperty(HTMLMediaElement.prototype, 'networkState', { get: () => 3 });"
    )
    assert seen.fps() == 60
    expect(seen.page.locator("#notices")).to_be_empty()


@pytest.mark.parametrize("how", ["lost", "damaged"])
def test_without_films_the_pictures_of_the_steps_are_shown(visit: Opener, copy: Path, how: str) -> None:
    for name in demo.FILMS.values():
        (copy / name).unlink()
        if how == "damaged":
            (copy / name).write_bytes(b"no film" * 1000)
    seen = visit(copy, play=False)
    page = seen.page
    expect(page.locator("#notices")).to_contain_text("film-60fps.mp4 and film-10fps.mp4 cannot be read")
    for clip in CLIPS[:4]:
        page.click(f"#chapter-{clip.chapter.number} .row .start")
        page.click(f"li[data-step='{clip.chapter.number}.{clip.step}'] a")
        still = f"stills/step-{clip.chapter.number:02}-{clip.step:02}.webp"
        expect(page.locator("#still")).to_have_attribute("src", still)
        seen.until("document.getElementById('still').naturalWidth === 640")
    page.keyboard.press("0")
    page.keyboard.press("k")
    seen.until("Number(document.getElementById('position').value) > 4")
    page.keyboard.press("k")
    expect(page.locator("#notices")).to_contain_text("the last picture of each step")
    assert [error for error in seen.errors if EXPECTED not in error] == []


def test_a_server_with_ranges_seeks_at_once(visit: Opener, folder: Path, serve: Server) -> None:
    seen = visit(serve(folder, True), offline=False)
    for place in (9, 3, 17, 6):
        seen.page.evaluate(f"location.hash = '#t={place}'")
        seen.comes_to(place * 60)
    assert seen.page.evaluate("document.getElementById('video').currentSrc").startswith("http")
    expect(seen.page.locator("#notices")).to_be_empty()
    assert seen.errors == []


def test_a_server_that_cannot_seek_is_helped(visit: Opener, folder: Path, serve: Server) -> None:
    seen = visit(serve(folder, False), offline=False)
    for place in (12, 3, 17):
        seen.page.evaluate(f"location.hash = '#t={place}'")
        seen.comes_to(place * 60)
    expect(seen.page.locator("#notices")).to_be_empty()
    assert seen.errors == []


def test_a_history_that_refuses_stops_nothing(visit: Opener, folder: Path) -> None:
    """WebKit allows a hundred changes in half a minute, a frame inside a page none."""
    refusing = "history.replaceState = () => { throw new DOMException('no', 'SecurityError'); };"
    seen = visit(folder, init=refusing)
    for _ in range(4):
        seen.page.keyboard.press("ArrowRight")
    assert seen.frame() == STOPS[3] * 6
    seen.page.keyboard.press("k")
    seen.until(f"document.getElementById('video').currentTime > {STOPS[3] / 10 + 0.3}")
    seen.page.keyboard.press("r")
    expect(seen.page.locator("#loop")).to_have_attribute("aria-pressed", "true")
    assert seen.errors == []


def test_scrubbing_writes_the_address_once(visit: Opener, folder: Path) -> None:
    counting = (
        "window.written = 0; const real = history.replaceState.bind(history);"
        "history.replaceState = (...words) => { window.written++; real(...words); };"
    )
    seen = visit(folder, init=counting)
    seen.page.keyboard.press("k")
    seen.until("document.getElementById('video').currentTime > 1")
    assert seen.page.evaluate("window.written") <= 1
    seen.page.keyboard.press("k")
    seen.until("location.hash.startsWith('#t=')")
    written, shown = seen.page.evaluate(
        "[Number(location.hash.slice('#t='.length)), document.getElementById('video').currentTime]"
    )
    assert (
        written >= 1 and abs(written - shown) <= 0.1
    )  # tenths of a second are written: one who is quick rests at 1.0


@pytest.mark.parametrize("sandbox", ["", "sandbox='allow-scripts'"])
def test_inside_another_page_it_works(visit: Opener, folder: Path, tmp_path: Path, sandbox: str) -> None:
    seen = visit(pasted(folder, tmp_path, sandbox), play=False)
    frame = seen.page.frames[1]
    for _ in range(2):
        frame.click("#next")
    expect(frame.locator("#time")).to_have_text(f"0:{STOPS[1] // 10:02}.{STOPS[1] % 10}")
    frame.click("#loop")
    expect(frame.locator("#loop")).to_have_attribute("aria-pressed", "true")
    assert [
        error for error in seen.errors if "Failed to load" not in error and "Not allowed" not in error
    ] == []


def test_an_error_of_the_page_is_shown(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    seen.page.evaluate("setTimeout(() => { throw new Error('a fault'); })")
    expect(seen.page.locator("#notices")).to_contain_text("The page met an error: Uncaught Error: a fault")


def test_it_waits_at_every_stop_for_those_who_learn(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    seen.page.keyboard.press("p")
    for stop in STOPS[:3]:
        seen.page.keyboard.press(" ")
        seen.comes_to(stop * 6)
        seen.until("document.getElementById('video').paused")


def test_stops_both_ways_are_the_finished_pictures(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    for stop in STOPS:
        seen.page.keyboard.press("ArrowRight")
        assert seen.frame() == stop * 6
    for stop in reversed(STOPS[:-1]):
        seen.page.keyboard.press("ArrowLeft")
        assert seen.frame() == stop * 6


def test_embedded_it_is_the_film_alone(visit: Opener, folder: Path) -> None:
    seen = visit(folder, "#chapter=3&embed")
    for name in ("chapters", "transcript", "cells"):
        expect(seen.page.locator(f"#{name}")).to_be_hidden()
    seen.page.keyboard.press("ArrowRight")
    seen.settled()
    assert seen.page.url.endswith("&embed")


def test_first_it_says_what_to_do(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    expect(seen.page.locator("#welcome")).to_be_visible()
    expect(seen.page.locator("#video")).to_have_attribute("poster", "poster.png")
    seen.page.click("#begin")
    seen.until("!document.getElementById('video').paused")
    expect(seen.page.locator("#welcome")).to_be_hidden()
