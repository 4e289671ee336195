"""The page of the default film as a whole: small, quiet, reached by the keyboard alone, clean for screen readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnistviz.export.page import stills
from tests.export.default_film import PAGE, DefaultFilm
from tests.export.page import demo
from tests.export.page.conftest import Opener
from tests.export.page.test_document import serious

pytestmark = pytest.mark.needs("chromium")
MOST_BYTES = 3_000_000
MOST_TAB_STOPS = 86  # a third of what they once were


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, default: DefaultFilm, folder: Path) -> Path:
    """The default film's page; the films beside it are the demo's, for nobody looks at them here."""
    found = tmp_path_factory.mktemp("whole")
    (found / PAGE).symlink_to(default.folder / PAGE)
    still = next((folder / "stills").iterdir())
    (found / "stills").mkdir()
    for clip in default.timeline.clips:
        (found / stills.name(clip)).symlink_to(still)
    for name in (*demo.FILMS.values(), "poster.png"):
        (found / name).symlink_to(folder / name)
    return found


def test_it_is_small(whole: Path) -> None:
    assert len((whole / "index.html").read_bytes()) < MOST_BYTES


def test_the_keyboard_alone_reaches_everything(visit: Opener, whole: Path) -> None:
    """Each thing that can be clicked is a stop, or leads where another one leads that is."""
    seen = visit(whole)
    reached = []
    while True:
        seen.page.keyboard.press("Tab")
        if seen.page.evaluate("document.activeElement === document.body"):
            break
        reached.append(seen.page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        assert len(reached) <= MOST_TAB_STOPS
    buttons = seen.page.evaluate(
        "[...document.querySelectorAll('button')].filter((one) => one.checkVisibility()).map((one) => one.id)"
    )
    assert set(buttons) <= set(reached)
    targets = "(selector) => [...document.querySelectorAll(selector)].map((one) => one.dataset.tick)"
    apart = seen.page.evaluate(targets, "a[tabindex='-1']")
    assert set(apart) <= set(seen.page.evaluate(targets, "a[data-tick]:not([tabindex])"))


def test_the_stage_is_as_clean_for_those_who_cannot_see_it(visit: Opener, whole: Path) -> None:
    seen = visit(whole)
    seen.page.click("#exchange")
    seen.until("document.getElementById('stage').dataset.tick !== undefined")
    assert serious(seen.page) == []


def test_all_chapters_are_in_view_at_once(visit: Opener, whole: Path) -> None:
    seen = visit(whole, viewport={"width": 1440, "height": 900})
    bottom = "document.querySelector('.chapters tbody:last-child').getBoundingClientRect().bottom"
    assert seen.page.evaluate(bottom) <= 900
    assert seen.page.evaluate(
        "document.getElementById('chapters-scroll').scrollHeight <= "
        "document.getElementById('chapters-scroll').clientHeight"
    )


def test_what_a_number_is_made_of_is_in_view_too(visit: Opener, whole: Path, default: DefaultFilm) -> None:
    """And the player's buttons are in one row, with two films and a stage."""
    seen = visit(whole, viewport={"width": 1440, "height": 900})
    seen.page.click("#exchange")
    tick = int(default.timeline.poster * 10)
    seen.page.evaluate(f"location.hash = '#t={tick / 10}'")
    seen.until(f"Number(document.getElementById('position').value) === {tick}")
    made = default.timeline.storyboard.trace.making("hidden_pre_sigmoid_20x1").output.id
    seen.page.select_option("#cells-matrix", value=str(made))
    bottom = "document.querySelector('#cells-from li').getBoundingClientRect().bottom"
    assert seen.page.evaluate(bottom) <= 900
    tops = "[...document.querySelectorAll('.buttons button')].map((one) => one.getBoundingClientRect().top)"
    shown = [top for top in seen.page.evaluate(tops) if top]
    assert max(shown) - min(shown) < 10


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1920, 1440, 768, 390])
def test_axe_finds_nothing_serious(visit: Opener, whole: Path, scheme: str, width: int) -> None:
    seen = visit(whole, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert serious(seen.page) == []
    assert seen.errors == []
    assert all(url.startswith(("data:", whole.as_uri())) for url in seen.requests)
