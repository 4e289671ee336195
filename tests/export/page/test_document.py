"""The document: valid, accessible, small, the same every time, and honest about what lies beside it."""

from __future__ import annotations

import io
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from mnistviz.export.page import stills
from mnistviz.export.page.build import LARGEST_PAGE
from mnistviz.picture.wording import text_of
from tests.export.page import demo
from tests.export.page.conftest import LOOKS, Opener


def parsed(folder: Path) -> Any:
    """The document tree; html5lib in its strict mode raises at the first parse error of the HTML standard."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse((folder / "index.html").read_text(), scripting=True)


def test_the_document_is_valid(folder: Path) -> None:
    tree = parsed(folder)
    ids = Counter(node.attrib["id"] for node in tree.iter() if "id" in node.attrib)
    assert [name for name, times in ids.items() if times > 1] == []
    for node in tree.iter():
        for attribute in ("aria-labelledby", "for"):
            assert set(node.attrib.get(attribute, "").split()) <= set(ids)
        if node.attrib.get("href", "").startswith("#"):
            assert node.attrib["href"][1:] in ids
        assert not any(name.startswith("on") or name == "style" for name in node.attrib)
    levels = [int(node.tag[1]) for node in tree.iter() if re.fullmatch("h[1-6]", str(node.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_no_two_scripts_have_a_name_in_common(folder: Path) -> None:
    """All are one script: of two functions of a name the second would be taken for the first, without a word."""
    text = (folder / "index.html").read_text()
    names = Counter(re.findall(r"^(?:async )?(?:function|const|let|class)\*? (\w+)", text, re.MULTILINE))
    assert len(names) > 200
    assert [name for name, times in names.items() if times > 1] == []


def test_a_planted_parse_error_is_found() -> None:
    with pytest.raises(html5lib.html5parser.ParseError):
        html5lib.HTMLParser(strict=True).parse("<!DOCTYPE html><title>x</title><p></div>")


def test_every_chapter_and_step_is_a_real_link(folder: Path) -> None:
    tree = parsed(folder)
    links = {node.attrib["href"] for node in tree.iter("a")}
    for chapter in demo.timeline().chapters:
        start = demo.timeline().span(chapter)[0] / 10
        assert {f"film-10fps.mp4#t={start:g}", f"film-60fps.mp4#t={start:g}"} <= links
    for clip in demo.timeline().clips:
        assert f"film-60fps.mp4#t={clip.start / 10:g}" in links


def test_the_transcript_holds_the_whole_film(folder: Path) -> None:
    tree = parsed(folder)
    text = " ".join("".join(tree.find(".//section[@id='transcript']").itertext()).split())
    for clip in demo.timeline().clips:
        for words in (clip.shot.title, text_of(clip.shot.caption), text_of(clip.shot.note)):
            assert words in text
    assert "}}" not in text  # nothing of the template
    assert "np.matmul( input_to_hidden_weights_20x784, image_784x1, )" in text
    assert "input_to_hidden_weights_20x784 20 × 784, image_784x1 784 × 1" in text
    pictures = {node.attrib["src"] for node in tree.iter("img")}
    assert pictures == {f"stills/{path.name}" for path in (folder / "stills").iterdir()}


def test_its_policy_lets_nothing_in_from_elsewhere(folder: Path) -> None:
    html = (folder / "index.html").read_text(encoding="utf-8")
    policy = html.partition('http-equiv="Content-Security-Policy" content="')[2].partition('">')[0]
    policy = policy.replace("&#39;", "'")
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed["default-src"] == "'none'"
    assert (allowed["connect-src"], allowed["worker-src"]) == ("'self'", "blob:")
    assert all(re.fullmatch(r"'sha256-[\w+/=]+'", allowed[name]) for name in ("script-src", "style-src"))
    assert "blob:" in allowed["media-src"]
    assert "http" not in policy
    assert "unsafe" not in policy


def test_the_page_is_small_and_the_same_every_time(folder: Path) -> None:
    document = (folder / "index.html").read_bytes()
    assert len(document) < LARGEST_PAGE
    assert demo.page(demo.film(demo.timeline())) == document
    assert b"/tmp" not in document
    assert b"/home" not in document


def test_stills_are_the_rests_and_small(folder: Path) -> None:
    for clip in demo.timeline().clips:
        picture = Image.open(io.BytesIO((folder / stills.name(clip)).read_bytes()))
        assert (picture.format, picture.size) == ("WEBP", (640, 360))
    for chapter in demo.timeline().chapters:
        best = demo.timeline().best_instant(chapter)
        named = stills.chapter_still(demo.timeline(), chapter.number)
        clip = next(clip for clip in demo.timeline().clips if stills.name(clip) == named)
        assert stills.instant(clip) == best


@pytest.mark.parametrize(
    ("size", "painted"),
    [
        ((640, 360), (640, 360)),
        ((3840, 2160), (1280, 720)),
        ((1080, 1920), (1080, 1920)),
        ((2000, 1126), (1280, 720)),
    ],
)
def test_stills_are_painted_at_twice_their_size_at_most(
    size: tuple[int, int], painted: tuple[int, int]
) -> None:
    assert stills.painted_size(size) == painted


@pytest.mark.needs("chromium")
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_axe_finds_nothing_serious(visit: Opener, folder: Path, scheme: str, width: int) -> None:
    seen = visit(folder, "#t=6.5", color_scheme=scheme, viewport={"width": width, "height": 844})
    seen.page.click("#chapter-2 .row .start")
    seen.page.select_option("#cells-matrix", index=1)
    seen.page.locator("#cells-to button").first.click()
    seen.page.keyboard.press("c")
    seen.page.keyboard.press("g")
    seen.page.evaluate("location.hash = '#step=3.1'")
    seen.page.wait_for_selector("#question:not([hidden])")
    assert serious(seen.page) == []


@pytest.mark.needs("chromium")
def test_axe_finds_nothing_serious_in_the_help_and_something_where_it_is(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    seen.page.keyboard.press("?")
    assert serious(seen.page) == []
    seen.page.evaluate("document.getElementById('close').textContent = ''")
    assert any(one.startswith("button-name") for one in serious(seen.page))


def serious(page: Any) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]}" for one in found if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]  # fmt: skip


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("width", [1440, 1080, 768, 390, 320])
def test_nothing_is_wider_than_the_window(visit: Opener, folder: Path, width: int) -> None:
    seen = visit(folder, viewport={"width": width, "height": 800})
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.needs("chromium")
def test_the_keyboard_reaches_everything_and_shows_where_it_is(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    reached = []
    for _ in range(24):
        seen.page.keyboard.press("Tab")
        reached.append(seen.page.evaluate("document.activeElement.id"))
        assert seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    wanted = {
        "position",
        "previous",
        "play",
        "next",
        "loop",
        "caption",
        "speed",
        "rate",
        "fullscreen",
        "help",
    }
    wanted |= {"cells-matrix", "chapters-scroll"}
    assert wanted <= set(reached)


@pytest.mark.needs("chromium")
def test_print_shows_the_transcript_alone(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    seen.page.emulate_media(media="print")
    assert not seen.page.is_visible("#film")
    assert not seen.page.is_visible("#chapters")
    assert seen.page.is_visible("#transcript")
