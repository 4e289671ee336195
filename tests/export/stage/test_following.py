"""The stage follows the laboratory: cells and numbers are those of a run of the program with what was changed."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from mnistviz.export.laboratory import ENGINE_SCRIPTS, laboratory_script
from mnistviz.export.page.build import _script
from mnistviz.export.page.values import Arrays
from mnistviz.export.stage import stage_script
from mnistviz.picture.compose import compose
from mnistviz.picture.display import Matrix, Primitive, Text, Told
from mnistviz.picture.theme import table_index
from mnistviz.picture.wording import STYLES
from mnistviz.scene import PictureChoice, load_scene
from mnistviz.trace.model import Trace, Value
from tests.export.default_film import PAGE, DefaultFilm
from tests.export.laboratory.node import run_script
from tests.export.page import demo
from tests.picture.test_cell_maps import numbers

pytestmark = pytest.mark.needs("node")
SCRIPTS = (
    *(_script(name) for name in ("tables.js", "numbers.js", "maps.js")), *map(laboratory_script, ENGINE_SCRIPTS),
    *(stage_script(name) for name in ("shapes.js", "reel.js", "travel.js", "following.js", "cells.js")),
)  # fmt: skip
BENCH = """
(async () => {
  const { html, given, ticks } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const part = (id) => new RegExp(`<script type="[^"]*" id="${id}">([^]*?)</script>`).exec(html)[1];
  const data = unpacked(JSON.parse(part("data")));
  const numbers = makeNumbers(data);
  const engine = makeEngine(data.laboratory, data.arrays, (id) => Float64Array.from(numbers.decode(data.arrays[id].data)));
  const array = ([id, { shape, data, type }]) => [Number(id), { shape, data: Float64Array.from(data), type }];
  const news = { run: engine.run(new Map(Object.entries(given).map(array))), count: 1 };
  const reel = makeReel(await unpackFilm(part("stages")), 0);
  const following = makeFollowing(data, numbers, reel, news);
  const travel = makeTravel(reel);
  const text = (form) => (form.kind === "t" ? { text: following.text(form) } : {});
  const codes = (form) => (form.kind === "m" ? { codes: following.codes(form) && [...following.codes(form)] } : {});
  const said = ({ form }) => ({ seen: following.seen(form), ...text(form), ...codes(form) });
  process.stdout.write(JSON.stringify(ticks.map((tick) => travel.display(tick).map(said))));
})();
"""
INSTANTS = 40


def followed(film: DefaultFilm, given: dict[int, Any], ticks: list[int]) -> list[list[dict[str, Any]]]:
    """What the stage shows at these ticks, part by part, with some given arrays changed."""
    asked = {
        "html": (film.folder / PAGE).read_text(encoding="utf-8"),
        "ticks": ticks,
        "given": {
            number: {"shape": array.shape, "data": array.ravel().tolist(), "type": str(array.dtype)}
            for number, array in given.items()
        },
    }
    found: list[list[dict[str, Any]]] = run_script("\n".join(SCRIPTS) + BENCH, asked)
    return found


@pytest.fixture(scope="module")
def ticks(default: DefaultFilm) -> list[int]:
    chosen = random.Random(5).sample(range(default.timeline.ticks), INSTANTS)
    return sorted({*chosen, *(clip.finished for clip in default.timeline.clips)})


@pytest.fixture(scope="module")
def other(default: DefaultFilm) -> Trace:
    """The same lesson on another picture, which shows another digit: array by array the numbers of the film's."""
    found = load_scene(choice=PictureChoice(index=3)).record()
    film = default.timeline.storyboard.trace
    assert [one.output.id for one in found] == [one.output.id for one in film]
    assert [one.id for one in found.inputs] == [one.id for one in film.inputs]
    return found


@pytest.fixture(scope="module")
def shown(default: DefaultFilm, other: Trace, ticks: list[int]) -> list[tuple[Primitive, dict[str, Any]]]:
    """Part by part, the film's own and what the stage makes of it."""
    film = default.timeline.storyboard.trace
    given = {
        one.id: one.value
        for one, before in zip(other.inputs, film.inputs, strict=True)
        if not np.array_equal(one.value, before.value)
    }
    assert len(given) == 2  # the picture and its label
    pairs = []
    for tick, parts in zip(ticks, followed(default, given, ticks), strict=True):
        display = compose(default.timeline, Fraction(tick, 10), demo.LOOK).display
        pairs += list(zip(display.primitives, parts, strict=True))
    return pairs


def arrays_of(trace: Trace, film: DefaultFilm) -> dict[int, Value]:
    """By id; those beside the film's trace that are one of its own stand for that one."""
    read = [value for one in trace for value in one.inputs]
    found = {value.id: value for value in (*trace.inputs, *read, *(one.output for one in trace))}
    same = Arrays(film.timeline.storyboard, ()).aliases
    return found | {number: found[one] for number, one in same.items()}


Shown = list[tuple[Primitive, dict[str, Any]]]


def test_every_cell_has_the_colour_that_its_number_has_now(
    shown: Shown, other: Trace, default: DefaultFilm
) -> None:
    arrays, compared = arrays_of(other, default), 0
    for part, found in shown:
        if not isinstance(part, Matrix) or part.shows is None or not found["codes"]:
            continue
        cells = numbers(part.shows, arrays, part.cells.values.size).reshape(part.cells.values.shape)
        expected = table_index(cells, part.colours).astype(int).ravel()
        assert np.abs(np.array(found["codes"]) - expected).max() <= 1  # a number half-way between two colours
        compared += 1
    assert compared > 500


def test_every_number_is_written_as_it_is_now(shown: Shown, other: Trace, default: DefaultFilm) -> None:
    arrays, compared = arrays_of(other, default), 0
    for part, found in shown:
        if not isinstance(part, Text) or found["seen"] < 1:
            continue
        if not all(told.rule in ("cell", "least", "greatest") for told in part.told):
            continue
        expected = part.text
        for told in reversed(part.told):
            expected = expected[: told.start] + written(told, arrays) + expected[told.stop :]
        assert found["text"] == expected
        compared += found["text"] != part.text
    assert compared > 200


def written(told: Told, arrays: dict[int, Value]) -> str:
    """A number in the film's own hand."""
    cells = numbers(replace(told.of[0], factor=1.0), arrays, told.count)
    one = {"cell": cells[0], "least": cells.min(), "greatest": cells.max()}[told.rule]
    return STYLES[told.style](float(one))


def test_what_is_not_computed_again_is_faint_and_nothing_else(shown: Shown, default: DefaultFilm) -> None:
    known = arrays_of(default.timeline.storyboard.trace, default)
    for part, found in shown:
        maps = part.shows if isinstance(part, Matrix) else None
        if isinstance(part, Matrix):
            assert (found["seen"] < 1) <= (maps is not None and maps.value not in known)
        elif not isinstance(part, Text) or not part.told:
            assert found["seen"] == 1
    assert any(found["seen"] < 1 for _, found in shown)


def test_the_verdict_is_another_one(shown: Shown, other: Trace) -> None:
    label = int(other.inputs[1].value)
    said = {
        found["text"]
        for part, found in shown
        if isinstance(part, Text) and any(one.rule == "verdict" for one in part.told)
    }
    chosen = next(int(one.output.value) for one in other if one.operation == "argmax")
    assert said == (
        {f"✓ {label} is right"} if chosen == label else {f"✗ {chosen} is wrong, {label} was expected"}
    )


def test_nothing_changed_is_the_film(default: DefaultFilm, ticks: list[int]) -> None:
    for tick, parts in zip(ticks[:12], followed(default, {}, ticks[:12]), strict=True):
        display = compose(default.timeline, Fraction(tick, 10), demo.LOOK).display
        for part, found in zip(display.primitives, parts, strict=True):
            assert found["seen"] == 1
            assert not found.get("codes")
            assert found.get("text") == (part.text if isinstance(part, Text) else None)
