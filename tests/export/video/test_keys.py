"""Key frames: at chapters, at stops that are far enough from all others, never far apart, and no more than that."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest

from mnistviz.export.video.keys import LEAST_TICKS, MOST_TICKS, anchored, key_ticks
from mnistviz.scene import load_scene
from mnistviz.story.timeline import schedule


def count(anchors: list[int]) -> int:
    return sum(-(-(last - first) // MOST_TICKS) for first, last in pairwise(anchors))


def choices(start: int, stops: list[int], end: int) -> list[list[int]]:
    """All ways to choose among stops that are 4 s apart, none left out that is 4 s from all that are chosen."""

    def far(one: int, others: list[int]) -> bool:
        return all(abs(one - other) >= LEAST_TICKS for other in others)

    sets = [
        [start, *some, end] for many in range(len(stops) + 1) for some in combinations(stops, many)
    ]  # fmt: skip
    apart = [one for one in sets if len(one) == 2 or min(b - a for a, b in pairwise(one)) >= LEAST_TICKS]
    return [one for one in apart if not any(far(stop, one) for stop in stops)]


@pytest.mark.parametrize("seed", range(30))
def test_of_all_stops_that_may_have_key_frames_those_have_them_that_cost_fewest(seed: int):
    dice = random.Random(seed)
    start, length = dice.randrange(100), dice.randrange(5, 400)
    stops = sorted(dice.sample(range(start + 1, start + length), min(length - 1, dice.randrange(9))))
    found = anchored(start, stops, start + length)
    ways = choices(start, stops, start + length)
    assert found in ways
    assert count(found) == min(map(count, ways))


def test_the_default_film_has_about_a_hundred_key_frames_none_far_apart():
    timeline = schedule((scene := load_scene()).storyboard(scene.record()))
    keys = [tick for chapter in timeline.chapters for tick in key_ticks(timeline, chapter)]
    assert {timeline.span(chapter)[0] for chapter in timeline.chapters} <= set(keys)
    assert all(0 < after - before <= MOST_TICKS for before, after in pairwise([*keys, timeline.ticks]))
    assert timeline.ticks / MOST_TICKS <= len(keys) <= 100
