"""The same map on its way from one box to another, on a bow: the small one stands beside the title, and clears it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Box, Point
from mnistviz.picture.easing import mix, mix_point
from mnistviz.picture.hashing import changed
from mnistviz.picture.map.layout import MapLayout
from mnistviz.picture.map.ways import Slot
from mnistviz.picture.stage.tableau import Place, growing


def layout_between(start: MapLayout, end: MapLayout, q: float) -> MapLayout:
    """The same map on its way from one box to another, at q, 0..1."""
    first, last, bow = _points_of(start, end)
    places = np.rint((first + (last - first) * q + bow * (q * (1 - q))) * 2) / 2  # as `mix_point` does
    between = iter(map(tuple, places.tolist()))
    slots = tuple([
        _slot_between(one, other, q, between) for one, other in zip(start.slots, end.slots, strict=True)
    ])  # fmt: skip
    links = tuple([
        changed(other, points=tuple(itertools.islice(between, max(len(one.points), len(other.points)))))
        for one, other in zip(start.links, end.links, strict=True)
    ])  # fmt: skip
    return MapLayout(_mixed(start.box, end.box, q), slots, links)


@lru_cache(maxsize=8)
def _points_of(
    start: MapLayout, end: MapLayout
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The points of all slots and links of two layouts, as many of each, one after the other, and their bow.

    (points, 2) each.  Half-way a place is by a quarter of its bow off the straight line; directions have none.
    """
    firsts = [point for slot in start.slots for point in _corners(slot)]
    lasts = [point for slot in end.slots for point in _corners(slot)]
    bows = [bow for slot in end.slots for bow in _bows(slot, _bow(start.box, end.box))]
    for one, other in zip(start.links, end.links, strict=True):
        count = max(len(one.points), len(other.points))
        firsts += _resampled(one.points, count)
        lasts += _resampled(other.points, count)
        bows += [_bow(start.box, end.box)] * count
    firsts_at, lasts_at, bows_at = (np.array(some).reshape(-1, 2) for some in (firsts, lasts, bows))
    return firsts_at, lasts_at, bows_at


def _bow(start: Box, end: Box) -> Point:
    """Down before it goes to the left, and to the right before it goes up."""
    return start[0] - end[0], end[1] - start[1]


def _bows(slot: Slot, bow: Point) -> tuple[Point, ...]:
    """The bow of each of the slot's `_corners`."""
    return (bow, *[(0.0, 0.0)] * (3 + len(slot.place.steps)), bow, bow)


def _corners(slot: Slot) -> tuple[Point, ...]:
    """All points of a slot: those of its place, the two of its box."""
    place, box = slot.place, slot.box
    return place.at, place.across, place.down, place.depth, *place.steps, box[:2], box[2:]


def _slot_between(start: Slot, end: Slot, q: float, between: Iterator[Point]) -> Slot:
    """The slot at the next points, which are those of `_corners`."""
    at, across, down, depth = itertools.islice(between, 4)
    steps = tuple(itertools.islice(between, len(end.place.steps)))
    ends = ((one.across, one.down) for one in (start.place, end.place))
    place = Place(at, across, down, steps, depth, growing((across, down), *ends))
    box, scale = (*next(between), *next(between)), mix(start.scale, end.scale, q)
    return changed(end, place=place, box=box, scale=scale, before=mix(start.before, end.before, q))


def _mixed(start: Box, end: Box, q: float) -> Box:
    (a, b), (c, d) = mix_point(start[:2], end[:2], q), mix_point(start[2:], end[2:], q)
    aside, down = (part * q * (1 - q) for part in _bow(start, end))
    return a + aside, b + down, c + aside, d + down


def _resampled(points: tuple[Point, ...], count: int) -> tuple[Point, ...]:
    """So many points on the same line: its own, and the middles of its longest pieces."""
    found = list(points)
    while len(found) < count:
        place = max(range(len(found) - 1), key=lambda one: math.dist(found[one], found[one + 1]))
        found.insert(place + 1, mix_point(found[place], found[place + 1], 0.5))
    return tuple(found)
