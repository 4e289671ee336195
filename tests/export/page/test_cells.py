"""Pointing at a cell of the paused film tells that cell's exact value, and how it was made."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from mnistviz.picture.compose import compose
from mnistviz.picture.display import Matrix, Point
from mnistviz.story.default import default_storyboard
from mnistviz.story.timeline import schedule
from mnistviz.trace.model import Value
from mnistviz.trace.recording.recorder import record
from tests.export.page import demo
from tests.export.page.conftest import Opener, Visit

pytestmark = pytest.mark.needs("chromium")
WINDOWS = ((1440, 900), (1000, 700), (390, 844))
INSTANTS, CELLS_EACH = 6, 3


def point_at(seen: Visit, at: Point) -> None:
    """Moves the pointer to a place of the film in design units."""
    box = seen.page.locator("#video").bounding_box()
    assert box is not None
    wide, high = demo.LOOK.regions.size
    seen.page.mouse.move(box["x"] + at[0] * box["width"] / wide, box["y"] + at[1] * box["height"] / high)


def covered(matrix: Matrix, place: int, at: Point) -> bool:
    """Whether the point lies in a layer, by the signs of its distances from the four edges."""
    corners = matrix.corners(matrix.origins[place])
    sides = []
    for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
        sides.append((x1 - x0) * (at[1] - y0) - (y1 - y0) * (at[0] - x0))
    return all(side >= 0 for side in sides) or all(side <= 0 for side in sides)


def topmost(matrices: list[Matrix], at: Point) -> tuple[Matrix, int] | None:
    """The layer painted last of those that cover the point."""
    painted = [(matrix, place) for matrix in matrices for place in range(len(matrix.origins))]
    return next(((matrix, place) for matrix, place in reversed(painted) if covered(matrix, place, at)), None)


def value(number: int) -> Value:
    trace = demo.lesson()
    found = [one for operation in trace for one in (*operation.inputs, operation.output) if one.id == number]
    return found[0]


@pytest.mark.parametrize("window", WINDOWS)
def test_the_value_shown_is_the_traces_and_the_cell_is_the_one_under_the_pointer(
    visit: Opener, folder: Path, window: tuple[int, int]
) -> None:
    chance = random.Random(window[0])
    seen = visit(folder, viewport={"width": window[0], "height": window[1]})
    checked = 0
    for tick in chance.sample(range(demo.timeline().ticks), INSTANTS):
        seen.go(tick / 10)
        display = demo.compose(demo.timeline(), Fraction(tick, 10)).display
        matrices = [part for part in display.primitives if isinstance(part, Matrix)]
        for _ in range(CELLS_EACH):
            matrix = chance.choice(matrices)
            place = chance.randrange(len(matrix.origins))
            _, rows, columns = matrix.cells.values.shape
            row, column = chance.randrange(rows), chance.randrange(columns)
            at = matrix.cell_centre(place, row, column)
            if topmost(matrices, at) != (matrix, place):  # another layer lies over it: its front one then
                place = len(matrix.origins) - 1
                at = matrix.cell_centre(place, row, column)
            if topmost(matrices, at) != (matrix, place):
                continue
            point_at(seen, at)
            check(seen, matrix, place, row, column)
            checked += 1
    assert checked >= INSTANTS * CELLS_EACH - 2
    assert seen.errors == []


def check(seen: Visit, matrix: Matrix, place: int, row: int, column: int) -> None:
    layer = matrix.layers[place]
    recorded = value(matrix.shows.value)
    index = np.unravel_index(
        np.ravel_multi_index((layer, row, column), matrix.cells.values.shape), recorded.shape
    )
    name = seen.page.inner_text("#cells-name")
    shown = seen.page.inner_text("#cells-value")
    assert name.endswith("[" + ", ".join(map(str, index)) + "]")
    assert name.startswith(recorded.name)
    if matrix.mask is not None and not matrix.mask.shown[layer, row, column]:
        assert shown == "—"
        assert "not computed yet" in seen.page.inner_text("#cells-where")
    else:
        assert float(shown) == recorded.value[index]
    outline = seen.page.get_attribute("#lit-cell", "points") or ""
    corners = [tuple(map(float, point.split(","))) for point in outline.split()]
    middle = np.mean(corners, axis=0)
    assert np.allclose(middle, matrix.cell_centre(place, row, column), atol=0.2)


def test_a_number_of_the_poster_can_be_pointed_at_and_leads_into_the_film(
    visit: Opener, folder: Path
) -> None:
    instant = demo.timeline().poster
    seen = visit(folder)
    matrices = [
        part for part in demo.compose(demo.timeline(), instant).display.primitives if isinstance(part, Matrix)
    ]
    at = matrices[-1].cell_centre(0, 3, 0)
    point_at(seen, at)
    check(seen, matrices[-1], 0, 3, 0)
    expect(seen.page.locator("#tip")).to_be_visible()
    name = seen.page.inner_text("#cells-name")
    seen.page.mouse.down()
    seen.page.mouse.up()
    seen.comes_to(int(instant * 60))
    expect(seen.page.locator("#welcome")).to_be_hidden()
    expect(seen.page.locator("#cells-trail [aria-current]")).to_have_text(name)
    check(seen, matrices[-1], 0, 3, 0)
    assert seen.errors == []


def test_a_card_on_its_way_is_found_between_its_two_places(visit: Opener, folder: Path) -> None:
    clip = demo.timeline().clips[4]
    instant = Fraction(clip.start * 6 + 15, 60)  # two and a half ticks into the motion
    seen = visit(folder, f"#t={float(instant):.4f}")
    matrix = next(
        part for part in demo.compose(demo.timeline(), instant).display.primitives if isinstance(part, Matrix)
    )
    point_at(seen, matrix.cell_centre(0, 3, 0))
    assert seen.page.inner_text("#cells-name").endswith("[3, 0]")


def test_the_formula_names_the_largest_products(visit: Opener, folder: Path) -> None:
    clip = demo.timeline().clips[2]
    seen = visit(folder, f"#t={clip.finished / 10}")
    operation = demo.lesson().operations[clip.shot.subject[-1]]
    weights, picture = (one.value for one in operation.inputs)
    display = demo.compose(demo.timeline(), Fraction(clip.finished, 10)).display
    matrix = [part for part in display.primitives if isinstance(part, Matrix)][-1]
    point_at(seen, matrix.cell_centre(0, 4, 0))
    lines = seen.page.locator("#cells-formula li").all_inner_texts()
    products = weights[4] * picture[:, 0]
    largest = np.argsort(-np.abs(products), kind="stable")[:3]
    assert "Σ" in lines[0]
    assert lines[1] == "784 products, the largest of them:"
    for line, k in zip(lines[2:], largest, strict=True):
        assert line.startswith(f"k = {k}: ")
        assert float(line.rpartition("= ")[2].replace("−", "-")) == pytest.approx(products[k], rel=1e-4)


def test_nested_and_in_place_formulas(visit: Opener, folder: Path) -> None:
    clips = demo.timeline().clips
    seen = visit(folder, f"#t={clips[4].finished / 10}")

    def lines(clip: int, row: int, column: int) -> list[str]:
        tick = clips[clip].finished
        seen.go(tick / 10)
        display = demo.compose(demo.timeline(), Fraction(tick, 10)).display
        matrix = [part for part in display.primitives if isinstance(part, Matrix)][-1]
        point_at(seen, matrix.cell_centre(len(matrix.origins) - 1, row, column))
        return seen.page.locator("#cells-formula li").all_inner_texts()

    sigmoid = lines(4, 2, 0)
    assert sigmoid[0].startswith("hidden_neurons_20x1[2, 0] = 1 ÷ ")
    assert any("exp(" in line for line in sigmoid)
    assert any(line.startswith("(-hidden_pre_sigmoid_20x1)[2, 0] = -") for line in sigmoid)
    change = demo.lesson().making("input_to_hidden_weights_20x784")
    assert change.output.before is not None
    flat = 9 * 28 + 10
    before, after = (float(one[0, flat]) for one in (change.output.before, change.output.value))
    assert lines(8, 9, 10)[2] == f"was {before!r}, is {after!r}"


def test_cells_can_be_chosen_without_a_pointer(visit: Opener, folder: Path) -> None:
    clip = demo.timeline().clips[2]
    seen = visit(folder, f"#t={clip.finished / 10}")
    seen.page.select_option("#cells-matrix", label="input_to_hidden_weights_20x784  20 × 784 · given, before")
    row, column = seen.page.locator("#cells-index input").all()
    row.fill("7")
    column.fill("391")
    weights = demo.lesson().operations[clip.shot.subject[-1]].inputs[0].value
    assert float(seen.page.inner_text("#cells-value")) == weights[7, 391]
    expect(seen.page.locator("#cells-name")).to_have_text("input_to_hidden_weights_20x784[7, 391]")


def test_a_tap_on_a_cell_tells_it_and_a_tap_beside_plays(visit: Opener, folder: Path) -> None:
    clip = demo.timeline().clips[4]
    seen = visit(folder, f"#t={clip.finished / 10}", viewport={"width": 390, "height": 844}, has_touch=True)
    display = demo.compose(demo.timeline(), Fraction(clip.finished, 10)).display
    matrix = next(part for part in display.primitives if isinstance(part, Matrix))
    box = seen.page.locator("#video").bounding_box()
    assert box is not None
    x, y = matrix.cell_centre(0, 3, 0)
    scale = box["width"] / demo.LOOK.regions.size[0]
    seen.page.touchscreen.tap(box["x"] + x * scale, box["y"] + y * scale)
    expect(seen.page.locator("#cells-name")).to_contain_text("[3, 0]")
    assert seen.page.evaluate("document.getElementById('video').paused")
    seen.page.touchscreen.tap(box["x"] + box["width"] - 20, box["y"] + 100)
    seen.until("!document.getElementById('video').paused")


def test_nothing_is_told_while_it_plays_or_where_no_card_is(visit: Opener, folder: Path) -> None:
    seen = visit(folder, "#t=6")
    point_at(seen, (1900, 1000))
    expect(seen.page.locator("#cells-answer")).to_be_hidden()
    expect(seen.page.locator("#tip")).to_be_hidden()
    seen.page.keyboard.press("k")
    seen.until("!document.getElementById('video').paused")
    point_at(seen, (150, 600))
    expect(seen.page.locator("#cells-answer")).to_be_hidden()


def test_odd_arrays_are_told_too(visit: Opener, folder: Path, tmp_path: Path) -> None:
    """Truth values, single numbers, complex ones, and a matrix too large to travel, in a film of the default story."""

    def step(x: np.ndarray) -> tuple[np.ndarray, ...]:
        large = np.outer(np.arange(400.0) * x[0, 0], np.arange(300.0))
        long = np.arange(512.0) * x[0, 1]
        return x > 1, x * 1j, np.argmax(x), np.maximum(x, 0).mean(axis=0), large, long

    trace = record(step, np.arange(12.0).reshape(3, 4) - 5)
    told = schedule(default_storyboard(trace), duration_ticks=demo.timeline().ticks)
    film = demo.film(told, places=demo.places_of(told, lambda at: compose(told, at, demo.LOOK)))
    (tmp_path / "index.html").write_bytes(demo.page(film))
    for name in (*demo.FILMS.values(), "stills", "poster.png"):
        (tmp_path / name).symlink_to(folder / name)
    seen = visit(tmp_path)
    found: dict[str, str] = {}
    for operation in trace:
        clip = next(clip for clip in told.clips if operation.number in clip.shot.completes)
        seen.go(clip.finished / 10)
        for option in seen.page.locator("#cells-matrix option").all()[1:]:
            seen.page.select_option("#cells-matrix", value=option.get_attribute("value"))
            name, shown = seen.page.inner_text("#cells-name"), seen.page.inner_text("#cells-value")
            found[name] = shown + " | " + " | ".join(seen.page.locator("#cells-formula li").all_inner_texts())
    assert "False | (x > 1)[0, 0] = x[0, 0] > 1 | = (-5) > 1 = False" in found.values()
    assert any("complex128 is not written as a plain number" in words for words in found.values())
    assert found["np.argmax(x)"].startswith(
        "11 | np.argmax(x) = 11: the place of the largest of x | x[2, 3] = 6"
    )
    assert any(name.endswith("(axis=0)[0]") and "mean of 3 numbers" in words for name, words in found.items())
    assert any(words.startswith("mean ") and "single precision" in words for words in found.values())
    assert any(name.endswith(("[0:2, 0:1]", "[0:1, 0:1]")) for name in found)
    assert found["long[0:2]"] == "mean -2 | from -4.0 to -0.0"
    assert not [error for error in seen.errors if "ERR_FILE_NOT_FOUND" not in error]
