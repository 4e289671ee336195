"""The page of the default film as a whole: small, quiet, reached by the keyboard alone, clean for screen readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnistviz.export.page import stills
from mnistviz.scene import load_scene
from mnistviz.trace.model import Trace
from tests.export.default_film import PAGE, DefaultFilm
from tests.export.page import demo
from tests.export.page.conftest import LOOKS, Opener, Visit
from tests.export.page.test_document import serious
from tests.storage.torn import EVERY

pytestmark = pytest.mark.needs("chromium")
STAGE = "document.getElementById('stage')"
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
        "[...document.querySelectorAll('button:enabled')].filter((one) => one.checkVisibility()).map((one) => one.id)"
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


LETTERS = """
  // The smallest letters that are painted on each canvas: their paths are upside down, 2048 units an em.
  window.smallest = {};
  const fill = CanvasRenderingContext2D.prototype.fill;
  CanvasRenderingContext2D.prototype.fill = function (...given) {
    const { a, d } = this.getTransform();
    const { id, height, clientHeight } = this.canvas; // letters may be narrower than they are high
    if (d < 0 && a === -d && this.globalAlpha > 0.1) {
      window.smallest[id] = Math.min(window.smallest[id] ?? Infinity, (2048 * a * clientHeight) / height);
    }
    return fill.apply(this, given);
  };
"""


# How much wider than what is shown the stage is, or narrower.
FREE = f"""(([,, wide, high]) => Math.abs((wide / high) / ({STAGE}.clientWidth / {STAGE}.clientHeight) - 1))(
  document.getElementById("overlay").getAttribute("viewBox").split(" ").map(Number))"""


@pytest.mark.parametrize(
    ("width", "height", "full"), [(1440, 900, False), (390, 844, False), (1440, 900, True)]
)
def test_no_letters_are_too_small_to_be_read(
    visit: Opener, whole: Path, default: DefaultFilm, width: int, height: int, full: bool
) -> None:
    """On the stage and on the inspector beside it, at the end of every fifth step, and at each start of one.

    Where the picture is alone nothing is left free around it, also where the map fills the frame.
    """
    seen = visit(whole, init=LETTERS, viewport={"width": width, "height": height})
    seen.page.keyboard.press("s")
    seen.until(f"{STAGE}.dataset.tick !== undefined")
    if full:
        seen.page.keyboard.press("f")
        seen.until(f"document.fullscreenElement?.id === 'watch' && {STAGE}.clientWidth === {width}")
    seen.page.evaluate("window.smallest = {}")
    for tick in [tick for clip in default.timeline.clips[::5] for tick in (clip.start, clip.finished)]:
        seen.page.evaluate(f"location.hash = '#t={tick / 10}'")
        seen.until(f"Math.abs(Number({STAGE}.dataset.tick) - {tick}) < 0.01")
        assert full or seen.page.evaluate(FREE) < 0.02
    smallest = seen.page.evaluate("window.smallest")
    assert set(smallest) - {""} == ({"stage"} if full else {"stage", "inspector"})
    assert min(size for name, size in smallest.items() if name) > 10.9
    assert seen.errors == []


def test_where_not_all_digits_have_room_the_right_one_has(visit: Opener, whole: Path) -> None:
    """Ten rows with room for every other one: those in bold are shown, wherever they stand."""
    seen = visit(whole)
    shown = seen.page.evaluate("""() => {
      const digit = (row) => ({
        form: { kind: "t", text: `${row}`, face: [3, 8].includes(row) ? "mono-bold" : "mono", anchor: "lm", counted: 0 },
        place: new Float64Array([1, 0, 10, 100, 20 + 12 * row]),
      });
      const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit);
      return makeReadable(() => 0.6)(digits, 18, [0, 0, 500, 500]).map(({ form }) => form.text);
    }""")
    assert {"3", "8"} < set(shown)
    assert len(shown) < 10


@pytest.mark.parametrize(("width", "scheme"), LOOKS if EVERY else LOOKS[2:3])  # all of them: `test_document`
def test_axe_finds_nothing_serious(visit: Opener, whole: Path, scheme: str, width: int) -> None:
    seen = visit(whole, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert serious(seen.page) == []
    assert seen.errors == []
    assert all(url.startswith(("data:", whole.as_uri())) for url in seen.requests)


def outputs(seen: Visit) -> list[float]:
    """The ten outputs, as the laboratory writes them."""
    numbers = (
        "[...document.querySelectorAll('#laboratory-outputs .live')].map((one) => Number(one.textContent))"
    )
    return [float(number) for number in seen.page.evaluate(numbers)]


def network(picture: NDArray[Any], trace: Trace) -> NDArray[Any]:
    """The ten outputs for a picture of bytes, with the weights that were given to the lesson."""
    w1, b1, w2, b2 = (value.value for value in trace.inputs[2:6])
    hidden = 1 / (1 + np.exp(-(b1 + w1 @ (picture.reshape(784, 1) / 256))))
    return (1 / (1 + np.exp(-(b2 + w2 @ hidden)))).ravel()


def test_what_is_drawn_is_read_as_numpy_reads_it(visit: Opener, whole: Path) -> None:
    """A 1 by the mouse, centred; the address has it, and gives the same numbers to whoever opens it."""
    seen = visit(whole)
    film = outputs(seen)
    seen.page.locator("#laboratory-pad").scroll_into_view_if_needed()
    seen.page.click("#laboratory-clear")
    box = seen.page.locator("#laboratory-pad").bounding_box()
    assert box is not None
    seen.page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.7 * box["height"], steps=8)
    seen.page.mouse.up()
    seen.page.click("#laboratory-centre")
    pixels = seen.page.evaluate(
        "[...document.getElementById('laboratory-pad').getContext('2d').getImageData(0, 0, 28, 28).data]"
    )
    picture = np.array(pixels, float).reshape(28, 28, 4)[:, :, 0]
    assert 19 <= np.ptp(np.nonzero(picture > 24)[0]) + 1 <= 22
    mass = picture.sum()
    assert abs((picture.sum(axis=0) @ (np.arange(28) + 0.5)) / mass - 14) < 0.6
    assert abs((picture.sum(axis=1) @ (np.arange(28) + 0.5)) / mass - 14) < 0.6
    expected = network(picture, load_scene().record())
    assert np.abs(np.array(outputs(seen)) - expected).max() < 1e-3  # as written
    verdict = f"It reads {'an' if expected.argmax() == 8 else 'a'} {expected.argmax()}"
    assert seen.page.inner_text("#laboratory-verdict").startswith(verdict)
    assert seen.page.is_visible("#laboratory-ask")  # what is taught is still the film's digit
    again = visit(whole, fragment=f"#{seen.page.url.partition('#')[2]}")
    assert outputs(again) == outputs(seen)
    seen.page.click("#laboratory-reset")
    assert outputs(seen) == film
    assert not seen.page.is_visible("#laboratory-ask")
    assert "lab=" not in seen.page.url
    assert seen.errors == again.errors == []


def test_it_learns_as_often_as_the_film_counts_and_undoes_it(visit: Opener, whole: Path) -> None:
    seen = visit(whole)
    film = outputs(seen)
    seen.page.click("#laboratory-step")
    after = [round(float(one), 3) for one in load_scene().record().operations[-1].output.value.ravel()]
    assert outputs(seen) == after
    seen.page.click("#laboratory-until")
    seen.until("document.getElementById('laboratory-verdict').className === 'right'")
    assert seen.page.is_visible("#laboratory-curve")
    seen.page.click("#laboratory-undo")
    assert outputs(seen) == film
    assert seen.page.is_disabled("#laboratory-undo")
    for place in range(3):
        seen.page.click(f"[data-suggestion='{place}']")
        assert seen.page.is_visible("#laboratory-changed")
        assert (outputs(seen) == film) == (place == 2)  # the rate acts with the next step
    assert seen.page.input_value("#laboratory-rate") == "1"
    assert seen.errors == []


def test_a_given_number_is_changed_by_the_keyboard_and_its_results_say_what_they_are_now(
    visit: Opener, whole: Path
) -> None:
    seen = visit(whole)
    seen.page.select_option("#laboratory-array", label="output_biases_10x1")
    seen.page.fill("#laboratory-place", "3, 0")
    was = seen.page.input_value("#laboratory-value")
    seen.page.fill("#laboratory-value", "9")
    seen.page.keyboard.press("Enter")
    assert outputs(seen)[3] > 0.99
    assert serious(seen.page) == []
    seen.page.fill("#laboratory-value", was)
    seen.page.keyboard.press("Enter")
    assert seen.page.is_hidden("#laboratory-changed")  # to the bit
    seen.page.fill("#laboratory-place", "3, 7")
    assert seen.page.is_disabled("#laboratory-set")
    seen.page.select_option("#laboratory-array", label="label")
    assert seen.page.is_enabled("#laboratory-set")
    seen.page.fill("#laboratory-value", "2.5")  # which an array of whole numbers cannot hold
    assert seen.page.is_disabled("#laboratory-set")
    seen.page.keyboard.press("Enter")
    assert seen.page.is_hidden("#laboratory-changed")
    assert seen.errors == []
