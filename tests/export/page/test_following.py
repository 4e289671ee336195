"""Where from, where to: the page's cells are those that numpy really used, back to the pixels and on to the update.

The oracle changes one cell of an operation's input, does the operation again, and sees which cells of the
result are others.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from mnistviz.export.page.build import Content, page
from mnistviz.picture.compose import compose
from mnistviz.story.default import default_storyboard
from mnistviz.story.timeline import schedule
from mnistviz.trace.model import Operation, Trace
from mnistviz.trace.recording.recorder import record
from tests.export.default_film import DefaultFilm
from tests.export.page import demo
from tests.export.page.conftest import Opener, Visit

pytestmark = pytest.mark.needs("chromium")
WITH = """(asked) => {
  const data = unpacked(JSON.parse(document.getElementById("data").textContent));
  const numbers = makeNumbers(data), relations = makeRelations(data, numbers);
  return asked.map(([array, flat]) => ({
    value: numbers.carried(array) ? numbers.exact(numbers.at(array, flat)) : null,
    parents: relations.parents(array, flat), children: relations.children(array, flat).map((one) => [one.array, one.flat]),
  }));
}"""
SETS: dict[str, Callable[..., Any]] = {
    "reshape": lambda one: np.reshape(one, (784, 1)),
    "setitem": lambda whole, part: np.concatenate([whole[:3], [[float(part)]], whole[4:]]),
}


@dataclass(frozen=True, eq=False)
class Oracle:
    """An operation, and how it is done on other inputs."""

    operation: Operation
    function: Callable[..., Any]

    @cached_property
    def inputs(self) -> list[NDArray[Any]]:
        return [np.array(value.value, dtype=float) for value in self.operation.inputs]

    @cached_property
    def base(self) -> NDArray[Any]:
        return self.again()

    def again(self) -> NDArray[Any]:
        with np.errstate(all="ignore"):
            return np.asarray(self.function(*self.inputs), dtype=float).ravel()

    def changed(self, place: int, cells: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which cells of the result are others where these cells of an input are."""
        one, others = self.inputs[place], np.zeros(self.base.shape, dtype=bool)
        kept = one.flat[cells]
        for strange in (np.nan, -1e300) if self.operation.operation in ORDERED else (np.nan,):
            one.flat[cells] = strange
            others |= self.again() != self.base
        one.flat[cells] = kept
        return others

    def used(self, place: int, cell: int) -> NDArray[np.intp]:
        """The cells of the result in which one of an input has a say."""
        return np.flatnonzero(self.changed(place, np.array([cell])))

    @functools.cache  # noqa: B019  # of what is on a way, twice
    def parents(self, cell: int) -> list[set[int]]:
        return [
            set(self._having_a_say(place, np.arange(one.size), cell)) for place, one in enumerate(self.inputs)
        ]

    def _having_a_say(self, place: int, cells: NDArray[np.intp], cell: int) -> Iterator[int]:
        """By halves: of cells that change nothing together, none does alone."""
        if not self.changed(place, cells)[cell]:
            return
        if len(cells) == 1:
            yield int(cells[0])
            return
        for half in np.array_split(cells, 2):
            yield from self._having_a_say(place, half, cell)


ORDERED = ("argmax", "argmin", "max", "min")


def oracle(operation: Operation) -> Oracle:
    own = SETS.get(operation.operation)
    return Oracle(operation, own or getattr(np, operation.operation))


@dataclass(frozen=True, eq=False)
class Lesson:
    """The default film's trace, its page, and an oracle for each of its arrays."""

    folder: Path
    trace: Trace

    @cached_property
    def makers(self) -> dict[int, Operation]:
        return {operation.output.id: operation for operation in self.trace}

    @cached_property
    def oracles(self) -> dict[int, Oracle]:
        return {number: oracle(one) for number, one in self.makers.items() if one.inputs}

    @functools.cache  # noqa: B019
    def children(self, array: int, flat: int) -> set[tuple[int, int]]:
        return set(self._children(array, flat))

    def _children(self, array: int, flat: int) -> Iterator[tuple[int, int]]:
        for made, one in self.oracles.items():
            for place, value in enumerate(one.operation.inputs):
                if value.id == array:
                    yield from ((made, int(cell)) for cell in one.used(place, flat))

    def number(self, array: int, flat: int) -> float:
        values = [
            value for one in self.trace for value in (*one.inputs, one.output)
        ] + list(self.trace.inputs)  # fmt: skip
        return float(next(value for value in values if value.id == array).value.ravel()[flat])


@pytest.fixture(scope="module")
def lesson(default: DefaultFilm) -> Lesson:
    """The default film's page, without its films: numbers are followed without them."""
    return Lesson(default.bare, default.timeline.storyboard.trace)


def opened(visit: Opener, folder: Path) -> Visit:
    return visit(folder, play=False)


def way(lesson: Lesson, chance: random.Random) -> list[tuple[int, int]]:
    """From a random cell of a random operation back to what was given, and on to the last that is made of it."""
    one = chance.choice([made for made in lesson.trace if made.inputs])
    start = (one.output.id, chance.randrange(one.output.value.size))
    return [*_back(lesson, chance, start), *_forth(lesson, chance, start)]


def _back(lesson: Lesson, chance: random.Random, cell: tuple[int, int]) -> Iterator[tuple[int, int]]:
    while cell[0] in lesson.oracles:
        yield cell
        one = lesson.oracles[cell[0]]
        cells = [(value.id, own) for value, found in zip(one.operation.inputs, one.parents(cell[1]), strict=True)
                 for own in found if value.role != "constant"]  # fmt: skip
        if not cells:
            return
        made = [own for own in cells if own[0] in lesson.makers] or cells
        cell = chance.choice(made)
    yield cell


def _forth(lesson: Lesson, chance: random.Random, cell: tuple[int, int]) -> Iterator[tuple[int, int]]:
    while found := sorted(lesson.children(*cell)):
        cell = chance.choice(found)
        yield cell


def test_fifty_cells_to_their_pixels_and_on_to_the_update(visit: Opener, lesson: Lesson) -> None:
    chance = random.Random(16)
    seen = opened(visit, lesson.folder)
    ends, updated, steps = set(), 0, 0
    for _ in range(50):
        cells = way(lesson, chance)
        for (array, flat), found in zip(cells, seen.page.evaluate(WITH, cells), strict=True):
            assert float(found["value"]) == lesson.number(array, flat)
            if array in lesson.oracles:
                assert list(map(set, found["parents"])) == lesson.oracles[array].parents(flat)
                assert not any(len(own) != len(set(own)) for own in found["parents"])
            assert set(map(tuple, found["children"])) == lesson.children(array, flat)
            ends |= {array} if array not in lesson.makers else set()
            updated += array in lesson.makers and lesson.makers[array].in_place
            steps += 1
    names = {value.id: value.name for value in lesson.trace.inputs}
    assert "picture_28x28" in {names.get(array) for array in ends}
    assert updated > 5
    assert steps > 300


def test_by_clicks_and_by_keys_from_a_neuron_to_a_pixel_and_back(visit: Opener, lesson: Lesson) -> None:
    seen = opened(visit, lesson.folder)
    neuron = lesson.trace.making("hidden_neurons_20x1").output
    seen.page.evaluate("location.hash = '#chapter=3'")
    seen.page.keyboard.press("ArrowRight")
    seen.page.select_option("#cells-matrix", value=str(neuron.id))
    seen.page.fill("#cells-index input >> nth=0", "7")
    path = ["hidden_neurons_20x1[7, 0]"]
    name = seen.page.locator("#cells-name")
    for _ in range(20):
        rows = seen.page.locator("#cells-from li:has(button)")
        if not rows.count():
            break
        row = rows.first if "products" in seen.page.inner_text("#cells-from-head") else rows.last
        row.locator("button").last.focus()
        seen.page.keyboard.press("Enter")
        path.append(name.inner_text())
        shown = seen.page.inner_text("#cells-value")
        array, flat = seen.page.evaluate("""() => {
          const at = document.querySelector('#cells-trail [aria-current]');
          return [at.textContent, at.dataset.place];
        }""")
        assert (array, int(flat)) == (path[-1], len(path) - 1)
        assert float(shown) == float(shown)
    assert path[-1].startswith("picture_28x28[")
    expect(seen.page.locator("#cells-from-head")).to_have_text("given to the program")
    for back in reversed(path[:-1]):
        seen.page.keyboard.press("Backspace")
        expect(name).to_have_text(back)
    seen.page.locator("#cells-to button").first.click()
    assert name.inner_text() != path[0]


def test_a_cell_that_is_not_in_view_can_be_shown_in_the_film(visit: Opener, lesson: Lesson) -> None:
    seen = opened(visit, lesson.folder)
    seen.page.evaluate("location.hash = '#step=2.2'")
    seen.until("document.getElementById('cells-matrix').options.length > 1")
    seen.page.select_option("#cells-matrix", index=1)
    onward, show = seen.page.locator("#cells-to button"), seen.page.locator("#cells-show")
    for _ in range(40):
        if show.is_visible() or not onward.count():
            break
        onward.first.click()
    name = seen.page.inner_text("#cells-name")
    assert re.search("not in view now|not computed yet", seen.page.inner_text("#cells-where"))
    show.click()
    assert seen.page.inner_text("#cells-name") == name
    assert not re.search("not in view now|not computed yet", seen.page.inner_text("#cells-where"))
    assert seen.page.get_attribute("#lit-cell", "points")


def many(x: NDArray[Any], w: NDArray[Any], row: NDArray[Any], t: NDArray[Any]) -> list[NDArray[Any]]:
    """One of each way in which cells are made of cells."""
    w += row
    x[1] = 0.5
    return [
        x @ w, np.inner(row, row), np.outer(row, row), x.sum(axis=0), x.mean(axis=1, keepdims=True), np.max(x),
        np.argmax(x, axis=1), x[1:, ::2], x[[2, 0]], x.T, np.concatenate([row, row]), x * row[:3], t @ w,
        np.swapaxes(t, 0, 1), np.roll(row, 1), np.sum(t, axis=(0, 2)), np.dot(row, row), 2 * x, x.ravel(), np.repeat(row, 2),
    ]  # fmt: skip


def test_every_way_to_make_a_cell(visit: Opener, tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    arrays = [chance.normal(size=shape) for shape in ((4, 3), (3, 5), (5,), (2, 4, 3))]
    trace = record(many, *arrays)
    story = schedule(default_storyboard(trace))
    places = demo.places_of(story, lambda at: compose(story, at, demo.LOOK))
    film = Content(story, demo.SIZE, demo.LOOK.regions.size, (), places)
    (tmp_path / "index.html").write_bytes(page(film))
    seen = opened(visit, tmp_path)
    known = 0
    for operation in trace:
        cells = [[operation.output.id, flat] for flat in range(operation.output.value.size)]
        found = [one["parents"] for one in seen.page.evaluate(WITH, cells)]
        assert all(found) or not any(found)
        if not found or found[0] is None:
            continue
        known += 1
        for (_, flat), parents in zip(cells, found, strict=True):
            assert list(map(set, parents)) == replayed(operation, flat), operation.expression
    assert known == len(trace)


def replayed(operation: Operation, flat: int) -> list[set[int]]:
    """The cells that matter, by the trace's own way to do an operation again."""
    from mnistviz.trace.replay import replay

    def again(inputs: list[NDArray[Any]]) -> NDArray[Any]:
        output = operation.output
        if output.before is not None:
            assert operation.call is not None and operation.call.changes is not None
            output = replace(output, before=inputs[operation.call.changes])
        return np.asarray(replay(replace(operation, output=output), inputs)[0], dtype=float).ravel()

    found = []
    inputs = [np.array(value.value, dtype=float) for value in operation.inputs]
    if operation.operation == "getitem":  # what is not the array itself is where to look in it
        inputs = [inputs[0], *(np.array(value.value) for value in operation.inputs[1:])]
    base = again(inputs)
    for place, one in enumerate(inputs):
        own = set()
        for cell in range(one.size):
            kept = one.flat[cell]
            for strange in (np.nan, -1e300) if one.dtype.kind == "f" else ():
                one.flat[cell] = strange
                if again(inputs)[flat] != base[flat]:
                    own.add(cell)
            one.flat[cell] = kept
        if operation.inputs[place].role == "constant" and operation.operation != "setitem":
            own = {0}  # it stands in the source, and is no input of the call
        literal = operation.operation == "setitem" and place == len(inputs) - 1
        found.append(own if not literal else ({0} if base[flat] == one.flat[0] else set()))
    return found
