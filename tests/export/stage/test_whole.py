"""The map over the whole frame, on a stage that has room for the picture alone."""

from __future__ import annotations

from typing import Any

import pytest

from mnistviz.export.stage import stage_script
from mnistviz.export.stage.pack import picture
from mnistviz.picture.layout import Regions, look
from tests.export.laboratory.node import run_script

pytestmark = pytest.mark.needs("node")
# What stands where in the film: places of the title's words, a word of the map, the caption's panel and words, the bar.
BENCH = """
const { reel, display } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const parts = display.map(({ kind, place }) => ({ form: { kind }, place: Float64Array.from(place) }));
const whole = makeWhole(reel);
const shown = whole.parts(parts);
process.stdout.write(JSON.stringify({ frame: whole.frame, shown: shown.map(({ place }) => [...place]),
  kept: shown.map((part) => parts.indexOf(part)), again: whole.parts(parts).every((part, at) => part === shown[at]) }));
"""


def laid_out(regions: Regions) -> dict[str, Any]:
    left, top = regions.title[:2]
    words = [
        ("t", [1, 0, 46, left, top + 30]), ("t", [1, 0, 24, left + 90, top + 70]),
        ("t", [1, 0, 20, regions.whole_map[0] + 5, regions.whole_map[1] + 40]),
        ("b", [1, 0, *regions.whole_caption, 8, 0]),
        ("t", [1, 0, 30, regions.whole_caption[0] + 20, regions.whole_caption[1] + 50]),
        ("b", [1, 0, *regions.bar, 4, 0]),
    ]  # fmt: skip
    boxes = {
        "title": regions.title,
        "map": regions.whole_map,
        "caption": regions.whole_caption,
        "bar": regions.bar,
    }
    asked = {
        "reel": {"size": regions.size, "picture": picture(regions), "boxes": boxes},
        "display": [{"kind": kind, "place": place} for kind, place in words],
    }
    scripts = "\n".join(map(stage_script, ("inspector.js", "whole.js")))
    found: dict[str, Any] = run_script(scripts + BENCH, asked)
    return found | {"display": [place for _, place in words]}


@pytest.mark.parametrize("size", [(1920, 1080), (1920, 1200), (2560, 1080)])
def test_the_title_stands_where_it_does_beside_the_panels_and_the_map_below_it(size: tuple[int, int]) -> None:
    regions = look(size, "dark").regions
    found = laid_out(regions)
    (left, top, right, bottom), seen = found["frame"], picture(regions)
    larger = (right - left) / (seen[2] - seen[0])
    assert (bottom - top) / (seen[3] - seen[1]) == pytest.approx(larger)  # nothing is left free around it
    for before, after in zip(found["display"][:2], found["shown"][:2], strict=True):
        assert after[2] == pytest.approx(before[2] * larger)
        assert after[3] - left == pytest.approx((before[3] - seen[0]) * larger)
        assert after[4] - top == pytest.approx((before[4] - seen[1]) * larger)
    assert found["kept"] == [-1, -1, 2]  # the map as it is; caption and bar are the page's
    assert found["again"]
    assert top + (regions.title[3] - seen[1]) * larger <= regions.whole_map[1]
    assert regions.whole_map[3] <= bottom


@pytest.mark.parametrize("size", [(1080, 1080), (1080, 1920)])
def test_a_film_that_is_high_is_shown_as_it_is(size: tuple[int, int]) -> None:
    regions = look(size, "dark").regions
    found = laid_out(regions)
    assert found["frame"] == [0, 0, *regions.size]
    assert found["kept"] == list(range(6))
