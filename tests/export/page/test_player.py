"""The player in a real browser: it plays, seeks, steps, follows, and works without its script."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import expect

from mnistviz.export.page.listing import lit_runs
from mnistviz.picture.wording import text_of
from tests.export.page import demo
from tests.export.page.conftest import Opener, Visit

pytestmark = pytest.mark.needs("chromium")
STARTS = [clip.start for clip in demo.timeline().clips]
STOPS = demo.timeline().stops
CHAPTERS = [demo.timeline().span(chapter)[0] for chapter in demo.timeline().chapters]
ADDRESS = """(hash) => new Promise((done) => {
  if (location.hash === hash) history.replaceState(null, "", "#"); // or it were no news
  addEventListener("hashchange", () => done(), { once: true });
  location.hash = hash;
})"""  # after which the page has begun to go there


def test_from_the_disk_without_a_network_it_plays_and_asks_for_nothing_else(
    visit: Opener, folder: Path
) -> None:
    seen = visit(folder)
    before = seen.seconds()
    seen.page.keyboard.press("k")
    seen.until(f"document.getElementById('video').currentTime > {before + 0.3}")
    seen.page.locator("#transcript").scroll_into_view_if_needed()
    seen.until("[...document.images].some((image) => image.complete && image.naturalWidth === 640)")
    assert seen.errors == []
    beside = folder.as_uri() + "/"
    assert [url for url in seen.requests if not url.startswith((beside, "data:"))] == []
    assert any(url.endswith(".mp4") for url in seen.requests)


def test_a_click_on_a_row_lands_on_its_chapters_first_frame(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    for number, start in enumerate(CHAPTERS, start=1):
        seen.page.click(f"#chapter-{number} .row .start")
        assert seen.frame() == start * 6
        seen.page.click(f"#chapter-{number} a[data-fps='10']")
        assert (seen.fps(), seen.frame()) == (10, start)
        seen.page.click(f"#chapter-{number} a[data-fps='60']")
        assert (seen.fps(), seen.frame()) == (60, start * 6)


def test_a_step_unfolds_and_is_a_link(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    seen.page.click("#chapter-2 .row .start")
    seen.page.click("li[data-step='2.3'] a")
    assert seen.frame() == STARTS[3] * 6
    expect(seen.page.locator("#now-title")).to_have_text("The bias joins")


@pytest.mark.parametrize(
    ("keys", "at", "lands"),
    [
        (["ArrowRight"], STOPS[2] - 3, STOPS[2] * 6),
        (["ArrowRight"], STOPS[2], STOPS[3] * 6),
        (["ArrowLeft"], STOPS[2], STOPS[1] * 6),
        (["ArrowLeft"], STOPS[2] + 1, STOPS[2] * 6),
        (["ArrowRight", "ArrowRight"], 0, STOPS[1] * 6),
        (["ArrowLeft"], 0, 0),
        (["Shift+ArrowRight"], STARTS[2] + 3, STARTS[3] * 6),
        (["Shift+ArrowLeft"], STARTS[2] + 3, STARTS[1] * 6),
        (["Shift+ArrowLeft"], STARTS[2] + 12, STARTS[2] * 6),
        (["PageDown"], CHAPTERS[1] + 30, CHAPTERS[2] * 6),
        (["PageUp"], CHAPTERS[3] + 5, CHAPTERS[2] * 6),
        (["PageUp"], CHAPTERS[3] + 20, CHAPTERS[3] * 6),
        (["."], 50, 301),
        ([","], 50, 299),
        ([".", ".", ","], 50, 301),
        (["l"], 50, 900),
        (["j"], 150, 300),
        (["l"], 200, 1259),
        (["j"], 50, 0),
        (["5"], 0, 105 * 6),
        (["0"], 100, 0),
    ],
)
def test_keys_that_move(standing: Visit, keys: list[str], at: int, lands: int) -> None:
    standing.page.evaluate(ADDRESS, f"#t={at / 10}")
    standing.comes_to(at * 6)
    for key in keys:
        standing.page.keyboard.press(key)
    assert standing.frame() == lands
    assert standing.errors == []


def test_keys_that_switch(visit: Opener, folder: Path) -> None:
    seen = visit(folder, "#t=3")
    page = seen.page

    def video(what: str) -> object:
        return page.evaluate(f"document.getElementById('video').{what}")

    for key in ("k", " "):
        page.keyboard.press(key)
        seen.until("!document.getElementById('video').paused")
        expect(page.locator("#play")).to_have_attribute("aria-label", "Pause")
        page.keyboard.press(key)
        seen.until("document.getElementById('video').paused")
    page.keyboard.press(">")
    assert video("playbackRate") == 1.25
    page.keyboard.press("<")
    page.keyboard.press("<")
    assert video("playbackRate") == 0.75
    assert page.input_value("#speed") == "0.75"
    page.keyboard.press("c")
    expect(page.locator("#caption-line")).to_be_visible()
    assert video("textTracks[0].mode") == "hidden"  # the film has its own captions: nothing lies over them
    page.keyboard.press("c")
    expect(page.locator("#caption-line")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("f")
    seen.until("document.fullscreenElement?.id === 'watch'")
    page.keyboard.press("f")
    seen.until("document.fullscreenElement === null")
    assert seen.errors == []


def test_keys_leave_fields_and_buttons_alone(visit: Opener, folder: Path) -> None:
    seen = visit(folder, "#t=3")
    seen.page.focus("#speed")
    seen.page.keyboard.press("ArrowRight")
    assert seen.frame() == 180
    seen.page.focus("#next")
    seen.page.keyboard.press(" ")
    assert seen.frame() == next(stop for stop in STOPS if stop > 30) * 6
    assert seen.page.evaluate("document.getElementById('video').paused")


def test_captions_are_the_storyboards(visit: Opener, folder: Path) -> None:
    seen = visit(folder, "#t=5")
    seen.page.keyboard.press("c")
    caption = text_of(demo.timeline().clips[demo.timeline().clip_index(Fraction(5))].shot.caption)
    expect(seen.page.locator("#caption-line")).to_have_text(caption)
    cues = seen.page.evaluate(
        "[...document.getElementById('video').textTracks[0].cues].map((cue) => [cue.startTime, cue.endTime, cue.text])"
    )
    clips = demo.timeline().clips
    assert cues == [[clip.start / 10, clip.end / 10, text_of(clip.shot.caption)] for clip in clips]
    assert seen.errors == []


@pytest.mark.parametrize(
    ("fragment", "frame"),
    [
        ("#t=7.5", 450),
        ("#t=7.517", 451),
        ("#step=4.2", STARTS[6] * 6),
        ("#step=9.9", 0),
        ("#chapter=3", STARTS[4] * 6),
        ("#stop=2.2.1", STOPS[2] * 6),
        ("#stop=2.2.9", STOPS[2] * 6),
        ("#t=1e9", 0),
        ("#chapter=2&embed", STARTS[1] * 6),
    ],
)
def test_deep_links(visit: Opener, folder: Path, fragment: str, frame: int) -> None:
    seen = visit(folder, fragment)
    assert seen.frame() == frame


def test_the_address_follows_and_leads_back(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    seen.page.keyboard.press("ArrowRight")
    seen.page.keyboard.press(".")
    frame = seen.frame()
    address = seen.page.url
    assert address.endswith(f"#t={frame / 60:.3f}")
    assert visit(folder, "#" + urlsplit(address).fragment).frame() == frame
    seen.page.evaluate("location.hash = '#step=3.1'")
    seen.until(f"document.getElementById('time').textContent === '0:0{STARTS[4] / 10}'")
    assert seen.frame() == STARTS[4] * 6


def test_changing_the_film_keeps_the_instant_and_the_motion(visit: Opener, folder: Path) -> None:
    seen = visit(folder, "#t=9.3")
    for expected in (10, 60, 10):
        seen.page.click("#rate")
        seen.until(f"document.getElementById('video').currentSrc.includes('{expected}fps')")
        assert seen.fps() == expected
        assert seen.frame() == 93 * expected // 10
    seen.page.keyboard.press("k")
    seen.until("document.getElementById('video').currentTime > 9.5")
    seen.page.click("#rate")
    seen.until("document.getElementById('video').currentTime > 9.9")
    assert not seen.page.evaluate("document.getElementById('video').paused")


def test_the_lit_row_and_line_follow_the_film(visit: Opener, folder: Path) -> None:
    seen = visit(folder, reduced_motion="reduce")  # so that lists are scrolled at once
    seen.page.click("#source summary")
    story = demo.timeline()
    runs = lit_runs(story, demo.places_of(story, lambda at: demo.compose(story, at)).lit)
    for tick in random.Random(7).sample(range(story.ticks), 10):
        seen.go(tick / 10)
        clip = story.clips[story.clip_index(Fraction(tick, 10))]
        run = [run for run in runs if run.tick <= tick][-1]
        assert run.statement is not None
        assert run.expression is not None
        rows = seen.page.evaluate(
            "[...document.querySelectorAll('tbody.current')].map((body) => body.dataset.chapter)"
        )
        assert rows == [str(clip.chapter.number)]
        lines = seen.page.evaluate(
            "[...document.querySelectorAll('.code li.lit .line-number')].map((n) => Number(n.textContent))"
        )
        assert lines == list(range(run.statement.first_line, run.statement.last_line + 1))
        lit = seen.page.evaluate("[...CSS.highlights.get('lit')].map((range) => range.toString()).join('')")
        text = story.storyboard.trace.source_file(run.expression.file).lines
        first, last = run.expression.first_line, run.expression.last_line
        wanted = "".join(text[first - 1 : last])[run.expression.first_column :]
        cut = len(text[last - 1]) - run.expression.last_column
        assert "".join(lit.split()) == "".join(wanted[: len(wanted) - cut].split())
        assert seen.page.evaluate(_IN_VIEW, "tbody.current .row")
        assert seen.page.evaluate(_IN_VIEW, ".code li.lit")


_IN_VIEW = """(selector) => {
  const item = document.querySelector(selector), box = item.closest(".scroll").getBoundingClientRect();
  const { top, bottom } = item.getBoundingClientRect();
  return top >= box.top - 1 && bottom <= box.bottom + 1;
}"""


def test_a_click_on_a_line_goes_to_its_next_moment(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    seen.page.click("#source summary")
    line = seen.page.locator(".code li.computed").first
    moments = [int(moment) for moment in (line.get_attribute("data-moments") or "").split()]
    line.locator("code").click(position={"x": 2, "y": 4})
    after = next((moment for moment in moments if moment > 0), moments[0])
    assert seen.frame() == after * 6


def test_loop_repeats_the_step(visit: Opener, folder: Path) -> None:
    clip = demo.timeline().clips[2]
    seen = visit(folder, f"#t={clip.end / 10 - 0.4}")
    seen.page.click("#loop")
    seen.page.keyboard.press("k")
    seen.until(f"document.getElementById('video').currentTime < {clip.start / 10 + 0.8}")
    assert seen.page.evaluate("document.getElementById('video').currentTime") >= clip.start / 10
    assert not seen.page.evaluate("document.getElementById('video').paused")


def test_links_work_without_script(visit: Opener, folder: Path) -> None:
    seen = visit(folder, java_script_enabled=False)
    links = seen.page.locator("main a[href], header a[href]")
    for href in {link.get_attribute("href") for link in links.all()}:
        path = unquote(urlsplit(href or "").path)
        assert not path or (folder / path).is_file(), href
    for hidden in ("#controls", "#now", "#cells"):
        expect(seen.page.locator(hidden)).to_be_hidden()
    seen.page.click("#chapter-2 .title")
    seen.page.wait_for_url(f"**/film-60fps.mp4#t={STARTS[1] / 10:g}")
    assert seen.errors == []


def test_a_film_that_was_not_rendered_has_no_link(visit: Opener, folder: Path, tmp_path: Path) -> None:
    only = {10: demo.FILMS[10]}
    (tmp_path / "index.html").write_bytes(demo.page(demo.film(demo.timeline(), only)))
    for name in (demo.FILMS[10], "stills", "poster.png"):
        (tmp_path / name).symlink_to(folder / name)
    seen = visit(tmp_path)
    assert "60fps" not in seen.page.content().partition("<script")[0]
    expect(seen.page.locator("#rate")).to_have_count(0)
    (tmp_path / "index.html").write_bytes(demo.page(demo.film(demo.timeline(), {})))
    none = visit(tmp_path)
    assert none.page.locator("main a").count() == 0
    expect(none.page.locator("#notices")).to_contain_text("No film was rendered into this folder")
    assert none.errors == []
