"""For those who learn and those who teach: guess first, the presenter's view, numbers to take along, swipes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from mnistviz.export.page.questions import question
from mnistviz.picture.display import Matrix
from mnistviz.picture.numbers import signed
from mnistviz.scene import load_scene
from mnistviz.story.timeline import schedule
from tests.export.page import demo
from tests.export.page.conftest import Opener, Visit

pytestmark = pytest.mark.needs("chromium")
CLIPS, STOPS = demo.timeline().clips, demo.timeline().stops
ASKED = [question(demo.storyboard(), clip) for clip in CLIPS]


def test_questions_of_the_default_film_have_one_right_answer() -> None:
    scene = load_scene()
    story = schedule(scene.storyboard(scene.record()))
    asked = [one for clip in story.clips if (one := question(story.storyboard, clip))]
    values = {one.output.id: one.output.value for one in story.storyboard.trace}
    assert {one.asks for one in asked} == {"winner", "number"}
    assert len(asked) > 10
    for one in asked:
        right = one.answers[one.right]
        assert len(set(one.answers)) == len(one.answers) > 1
        value = values[one.array].ravel()[one.cell]
        assert right == (
            signed(value) if one.asks == "number" else story.storyboard.labels_of(10).names[value]
        )
    assert len({one.right for one in asked}) > 1


def asking(visit: Opener, folder: Path) -> Visit:
    seen = visit(folder, "#step=3.1")
    seen.page.keyboard.press("g")
    expect(seen.page.locator("#question")).to_be_visible()
    return seen


def test_a_number_is_covered_until_it_is_guessed(visit: Opener, folder: Path) -> None:
    seen = asking(visit, folder)
    one = ASKED[4]
    assert one is not None
    page = seen.page
    assert seen.frame() == CLIPS[4].start * 6
    assert page.evaluate("document.getElementById('video').paused")
    assert all(text in page.inner_text("#question-answers") for text in one.answers)
    assert page.locator(".cover").first.is_visible()
    page.select_option("#cells-matrix", label="hidden_neurons_20x1  20 × 1")
    page.fill("#cells-index input >> nth=0", str(one.cell))
    expect(page.locator("#cells-value")).to_have_text("guess first")
    page.evaluate("document.activeElement.blur()")
    wrong = next(place for place in range(len(one.answers)) if place != one.right)
    page.keyboard.press(str(wrong + 1))
    expect(page.locator("#question")).to_be_hidden()
    expect(page.locator("#toast")).to_have_text(f"no: {one.answers[one.right]}")
    expect(page.locator("#score")).to_have_text("0 of 1 guessed right")
    assert not page.locator(".cover").first.is_visible()
    assert float(page.inner_text("#cells-value")) or page.inner_text("#cells-value") == "—"
    assert seen.errors == []


def test_right_guesses_are_counted_to_the_end(visit: Opener, folder: Path) -> None:
    seen = visit(folder, "#step=5.2")
    seen.page.keyboard.press("g")
    one = ASKED[8]
    assert one is not None
    seen.page.click(f"[data-guess='{one.right}']")
    expect(seen.page.locator("#score")).to_have_text("1 of 1 guessed right")
    seen.page.select_option("#speed", "2")
    seen.until("document.getElementById('video').ended")
    expect(seen.page.locator("#notices")).to_contain_text("You guessed 1 of 1 right.")
    assert seen.errors == []


def test_who_steps_on_has_not_guessed_and_a_jump_asks_first(visit: Opener, folder: Path) -> None:
    seen = asking(visit, folder)
    seen.page.keyboard.press("ArrowRight")
    expect(seen.page.locator("#question")).to_be_hidden()
    expect(seen.page.locator("#score")).to_be_hidden()
    place = next(place for place in range(6, len(ASKED)) if ASKED[place])
    seen.go(CLIPS[place].start / 10)
    seen.page.evaluate(f"location.hash = '#t={CLIPS[place].finished / 10}'")
    expect(seen.page.locator("#question")).to_be_visible()
    seen.until(f"Math.abs(document.getElementById('video').currentTime - {CLIPS[place].start / 10}) < 0.01")


def test_the_presenters_view(visit: Opener, folder: Path) -> None:
    seen = visit(folder, f"#t={STOPS[4] / 10}")
    with seen.page.expect_popup() as opening:
        seen.page.keyboard.press("v")
    view = opening.value
    at = demo.timeline().clips[demo.timeline().clip_index(Fraction(STOPS[4], 10))]
    following = demo.timeline().clips[demo.timeline().clip_index(Fraction(STOPS[5], 10))]
    expect(view.locator("#presenter-this-title")).to_contain_text(at.shot.title)
    expect(view.locator("#presenter-next-title")).to_contain_text(following.shot.title)
    expect(view.locator("#presenter-next-caption")).to_have_text(str(following.shot.caption))
    expect(view.locator("#presenter-clock")).not_to_have_text("0:00")
    Visit(view).until("document.querySelector('#presenter-this-picture img').naturalWidth === 640")
    view.keyboard.press("ArrowRight")
    expect(view.locator("#presenter-this-title")).to_contain_text(following.shot.title)
    assert seen.frame() == STOPS[5] * 6
    noted = next(clip for clip in CLIPS if clip.shot.note)
    seen.go(noted.start / 10)
    expect(view.locator("#presenter-note")).to_have_text(str(noted.shot.note))
    view.click("#presenter-next")
    assert seen.frame() == next(stop for stop in STOPS if stop > noted.start) * 6
    assert view.evaluate("document.documentElement.scrollWidth <= innerWidth")
    view.close()
    seen.page.keyboard.press("ArrowRight")
    assert seen.errors == []


def test_a_browser_without_second_windows_says_so(visit: Opener, folder: Path) -> None:
    seen = visit(folder, init="window.open = () => null;")
    seen.page.click("#present")
    expect(seen.page.locator("#notices")).to_contain_text("did not open a second window")
    assert seen.errors == []


def pinned(visit: Opener, folder: Path, init: str = "") -> Visit:
    """A cell of the hidden weights, chosen."""
    clip = CLIPS[2]
    seen = visit(folder, f"#t={clip.finished / 10}", init=init)
    seen.page.select_option("#cells-matrix", index=1)
    return seen


def test_an_array_can_be_taken_along(visit: Opener, folder: Path, tmp_path: Path) -> None:
    seen = pinned(visit, folder)
    weights = demo.lesson().operations[CLIPS[2].shot.subject[-1]].inputs[0].value
    for button, read in (
        ("#cells-npy", np.load),
        ("#cells-csv", lambda path: np.loadtxt(path, delimiter=",")),
    ):
        with seen.page.expect_download() as download:
            seen.page.click(button)
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        found = read(path)
        assert path.stem == "input_to_hidden_weights_20x784"
        assert found.dtype == weights.dtype
        assert np.array_equal(found, weights)
    assert seen.errors == []


@pytest.mark.parametrize("allowed", [True, False])
def test_a_cell_can_be_copied(visit: Opener, folder: Path, allowed: bool) -> None:
    taken = (
        "window.taken = ''; Object.defineProperty(navigator, 'clipboard', { value: { writeText: (text) => {"
        f"window.taken = text; return {'Promise.resolve()' if allowed else 'Promise.reject(new Error())'}; }} }} }});"
    )
    seen = pinned(visit, folder, taken)
    seen.page.click("#cells-copy")
    name, value = seen.page.inner_text("#cells-name"), seen.page.inner_text("#cells-value")
    assert seen.page.evaluate("window.taken").startswith(f"{name} = {value}")
    if not allowed:
        expect(seen.page.locator("#notices")).to_contain_text(f"here it is: {name} = {value}")
    assert seen.errors == []


def test_a_swipe_goes_from_stop_to_stop(visit: Opener, folder: Path) -> None:
    seen = visit(folder, "#t=5", viewport={"width": 390, "height": 844}, has_touch=True)
    box = seen.page.locator("#video").bounding_box()
    assert box is not None
    touch = seen.page.context.new_cdp_session(seen.page)

    def swipe(across: float) -> None:
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for kind, points in (
            ("touchStart", [{"x": x, "y": y}]), ("touchMove", [{"x": x + across / 2, "y": y + 2}]),
            ("touchMove", [{"x": x + across, "y": y + 4}]), ("touchEnd", []),
        ):  # fmt: skip
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    after = next(stop for stop in STOPS if stop > 50)
    swipe(-120)
    seen.until(f"Math.floor(document.getElementById('video').currentTime * 10 + 0.01) === {after}")
    swipe(120)
    before = max(stop for stop in STOPS if stop < after)
    seen.until(f"Math.floor(document.getElementById('video').currentTime * 10 + 0.01) === {before}")
    assert seen.page.evaluate("document.getElementById('video').paused")


def test_full_screen_shows_the_formula_too(visit: Opener, folder: Path) -> None:
    clip = CLIPS[3]
    seen = visit(folder, f"#t={clip.finished / 10}")
    seen.page.keyboard.press("f")
    seen.until(
        "document.fullscreenElement?.id === 'watch' &&"
        "document.getElementById('watch').getBoundingClientRect().width === innerWidth"
    )
    expect(seen.page.locator("#cells")).to_be_hidden()
    display = demo.compose(demo.timeline(), Fraction(clip.finished, 10)).display
    matrix = [part for part in display.primitives if isinstance(part, Matrix)][-1]
    box = seen.page.evaluate(
        """() => { const m = document.getElementById('overlay').getScreenCTM(); return [m.a, m.e, m.f]; }"""
    )
    at = matrix.cell_centre(0, 4, 0)
    seen.page.mouse.click(box[1] + at[0] * box[0], box[2] + at[1] * box[0])
    expect(seen.page.locator("#cells-formula li").first).to_be_visible()
    seen.page.locator("#cells-from button").last.click()
    assert seen.page.locator("#cells-formula").is_visible()
    assert seen.errors == []


def test_numbers_are_written_one_way(visit: Opener, folder: Path) -> None:
    seen = visit(folder)
    written = seen.page.evaluate("""() => {
      const numbers = makeNumbers({ arrays: {}, operations: {} });
      return [0.00002272907647678626, -0.00002272907647678626, -0.5, 3, 1e22, 0.001, NaN, -Infinity].map((one) =>
        [numbers.exact(one), numbers.short(one), numbers.filmed(one)]);
    }""")
    assert written == [
        ["2.272907647678626e-5", "2.2729e-5", "+2.27e-5"],
        ["-2.272907647678626e-5", "-2.2729e-5", "-2.27e-5"],
        ["-0.5", "-0.5", "-0.500"],
        ["3.0", "3", "+3.00"],
        ["1e22", "1.0000e22", "+1.00e22"],
        ["0.001", "0.001", "+1.00e-3" if signed(0.001) == "+1.00e-3" else signed(0.001)],
        ["nan", "nan", "nan"],
        ["-inf", "-inf", "-inf"],
    ]
    random = np.random.default_rng(4)
    many = [
        float(one)
        for one in np.concatenate(
            [random.normal(size=200), random.normal(size=200) * 1e-5, random.normal(size=99) * 1e4]
        )
    ]
    same = seen.page.evaluate(
        "(all) => { const numbers = makeNumbers({ arrays: {}, operations: {} }); return all.map(numbers.filmed); }",
        many,
    )
    assert same == [signed(one) for one in many]
