"""Signs and words fade while a card passes over them: a text is read whole, or it is gone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from mnistviz.picture import fonts as lettering
from mnistviz.picture.display import Box, Matrix, Panel, Point, Primitive, Text
from mnistviz.picture.group import Group, room_of
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.arrange import extent, extent_on_the_way
from mnistviz.picture.stage.labels import ADVANCE
from mnistviz.picture.stage.tableau import Place, Tableau
from mnistviz.trace.model import set_at_once

CLEARING = 6.0  # design units from a card within which a sign fades
# The same of a card that travels between two shots, of one that moves within its own and may stop there, of a cell
# or a layer that leaves its card, and of a plate.
WIDE_BERTH, BERTH, GHOST_BERTH, PLATE_BERTH = 30.0, 0.5, 2.0, 2.0
TITLE_BERTH = 8.0  # of any of them from the title, which all look at while the stage changes
SEEN = 0.2  # opacity from which a card covers as if it were all there
BERTH_A_WAY = 0.5  # of how far it is from where it rests: what stands beside a resting card is not faded
# From a text's place to its middle, by its anchor: in its widths, in its sizes.
SIDEWAYS, RISING_BY = {"l": 0.5, "m": 0.0, "r": -0.5}, {"s": -0.36, "a": 0.5, "m": 0.0}
UPRIGHT = ((1.0, 0.0), (0.0, 1.0))  # the normals of a box
Rests = Mapping[str, Sequence[Place]]  # where cards stand before and after, by key


@set_at_once
@dataclass(frozen=True)
class Mover:
    """What is on its way: texts of others fade within its berth."""

    key: str
    box: Box
    place: Place | None  # None: the box itself
    berth: float
    opacity: float

    @cached_property
    def normals(self) -> list[Point]:
        """The directions of the edges' normals, and of a box's."""
        edges = (self.place.across, self.place.down) if self.place else ()
        return [*UPRIGHT, *((-y / long, x / long) for x, y in edges if (long := math.hypot(x, y)))]

    @cached_property
    def layers(self) -> list[list[Point]]:
        """From where to where each layer reaches along each of the normals."""
        if self.place is None:
            return [_reach(_corners(self.box), self.normals)]
        (ax, ay), (dx, dy), (left, top) = self.place.across, self.place.down, self.place.at
        starts = [(left + sx, top + sy) for sx, sy in self.place.steps]
        outlines = [
            ((x, y), (x + ax, y + ay), (x + ax + dx, y + ay + dy), (x + dx, y + dy)) for x, y in starts
        ]
        return [_reach(outline, self.normals) for outline in outlines]


def movers(tableau: Tableau, rests: Rests, widest: float) -> list[Mover]:
    """Cards that are away from where they rest, and plates that pass over cards."""
    found = []
    for card in tableau.cards:
        if card.opacity <= 0:
            continue
        ghost = card.key.endswith("/ghost")
        berth = GHOST_BERTH if ghost else min(BERTH_A_WAY * _way(card.place, rests.get(card.key, ())), widest)
        if berth > 0:
            thick = _with_thickness(card.place)
            found.append(Mover(card.key, extent_on_the_way(thick), thick, berth, card.opacity))
    plates = [part for part in tableau.marks if isinstance(part, Panel) and part.name]
    return found + [Mover(part.name, part.box, None, PLATE_BERTH, part.opacity) for part in plates]


def _with_thickness(place: Place) -> Place:
    """The place with the back of each layer as a layer of its own."""
    dx, dy = place.depth
    if not (dx or dy):
        return place
    backs = ((x + dx, y + dy) for x, y in place.steps)
    return changed(place, steps=(*place.steps, *backs))


def zooming(on_map: Iterable[Primitive], q: float) -> list[Mover]:
    """The cards of a map that becomes small or large, at q, 0..1."""
    cards = [part for part in on_map if isinstance(part, Matrix)]
    places = [Place((0.0, 0.0), card.across, card.down, card.origins) for card in cards]
    berth = min(q, 1 - q) * WIDE_BERTH
    return [
        Mover(card.key, extent_on_the_way(place), place, berth, card.opacity)
        for card, place in zip(cards, places, strict=True)
    ]


def closer(passing_over: Sequence[Mover], berth: float) -> list[Mover]:
    """The same, which need not go as far around."""
    return [changed(mover, berth=min(mover.berth, berth)) for mover in passing_over]


def _way(place: Place, rests: Sequence[Place]) -> float:
    """How far a place is from the nearest of some others, in design units."""
    nearest = math.inf
    for rest in rests:
        if place.at == rest.at and place.across == rest.across and place.down == rest.down:
            return 0.0  # so are most
        way = math.dist(place.at, rest.at) + math.dist(place.across, rest.across)
        nearest = min(nearest, way + math.dist(place.down, rest.down))
    return nearest


def uncovered(groups: Iterable[Sequence[Primitive]], passing_over: Sequence[Mover]) -> list[Primitive]:
    """What can be seen of the groups, their texts faded where what is on its way covers them or comes near."""
    if not passing_over:
        return [part for group in groups for part in _seen(group)]
    boxes = [(mover.box, mover.berth) for mover in passing_over]
    left, top = min(box[0] - berth for box, berth in boxes), min(box[1] - berth for box, berth in boxes)
    right, bottom = max(box[2] + berth for box, berth in boxes), max(box[3] + berth for box, berth in boxes)
    around = left, top, right, bottom
    shown: list[Primitive] = []
    for group in groups:
        if isinstance(group, Group) and (group.written is None or not _meet(group.written, around)):
            shown += group  # most are not near
            continue
        for part in group:
            if isinstance(part, Text) and _meet(room_of(part), around):
                part = _seen_beside(part, passing_over)
            if part.opacity > 0:
                shown.append(part)
    return shown


def _seen(group: Sequence[Primitive]) -> Sequence[Primitive]:
    return group if isinstance(group, Group) else [part for part in group if part.opacity > 0]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]


def _seen_beside(text: Text, passing_over: Sequence[Mover]) -> Text:
    left, top, right, bottom = lettering.box(text)
    clear = 1.0
    for mover in passing_over:  # most are not near, and it is asked often
        x0, y0, x1, y1 = mover.box
        reach = mover.berth
        if x0 - reach < right and x1 + reach > left and y0 - reach < bottom and y1 + reach > top:
            if mover.key == text.owner:
                continue
            gap = _gap((left, top, right, bottom), mover)
            near = 1 - min(max(gap / reach, 0.0), 1.0)
            clear = min(clear, 1 - near * min(mover.opacity / SEEN, 1.0))
    return text if clear == 1.0 else changed(text, opacity=text.opacity * clear)


def _gap(box: Box, mover: Mover) -> float:
    """How far a box is at least from what is on its way; below 0 where they overlap."""
    own = _reach(_corners(box), mover.normals)
    return min(
        max(max(low - far, near - high) for (near, far), (low, high) in zip(own, layer, strict=True))
        for layer in mover.layers
    )


def _reach(outline: Sequence[Point], normals: Sequence[Point]) -> list[Point]:
    """From where to where an outline reaches along some directions."""
    along = [[x * nx + y * ny for x, y in outline] for nx, ny in normals]
    return [(min(one), max(one)) for one in along]


def _corners(box: Box) -> tuple[Point, Point, Point, Point]:
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def cleared(tableau: Tableau) -> Tableau:
    """The tableau with its loose signs faded where a card is over them: they may be on their way themselves."""
    loose = [mark for mark in tableau.marks if isinstance(mark, Text) and not mark.owner]
    if not loose:
        return tableau
    obstacles = [(extent(card.place), card.place) for card in tableau.cards if card.opacity > 0.1]
    clear = {id(mark): _clear(_middle(mark), mark.size, obstacles) for mark in loose}
    if min(clear.values()) == 1.0:
        return tableau  # the very same: what rests costs nothing
    marks = tuple(
        mark if (seen := clear.get(id(mark), 1.0)) == 1.0 else changed(mark, opacity=mark.opacity * seen)
        for mark in tableau.marks
    )
    return changed(tableau, marks=marks)


def _middle(text: Text) -> Point:
    half = SIDEWAYS[text.anchor[0]] * len(text.text) * ADVANCE * text.size
    return text.at[0] + half, text.at[1] + RISING_BY[text.anchor[1]] * text.size


def _clear(middle: Point, size: float, obstacles: Sequence[tuple[Box, Place]]) -> float:
    """1 where no card is near the middle of a sign, 0 where one covers it."""
    x, y = middle
    reach = 2 * (0.25 * size + CLEARING)  # distances are measured along slanted edges
    clear = 1.0
    for (left, top, right, bottom), place in obstacles:  # most are not near, and it is asked often
        if left - reach < x < right + reach and top - reach < y < bottom + reach:
            clear = min(clear, 1 - _covered(middle, size, place))
    return clear


@lru_cache(maxsize=256)
def _covered(middle: Point, size: float, place: Place) -> float:
    """How far a card covers the middle of a sign, 0..1; most of both stay where they are."""
    return max(_over(middle, size, place, step) for step in place.steps)


def _over(middle: Point, size: float, place: Place, step: Point) -> float:
    """How far a layer of a card covers the middle of a sign, 0..1."""
    (ax, ay), (dx, dy) = place.across, place.down
    x, y = middle[0] - place.at[0] - step[0], middle[1] - place.at[1] - step[1]
    reach = 0.25 * size + CLEARING
    if not (min(ax, 0.0) + min(dx, 0.0) - reach < x < max(ax, 0.0) + max(dx, 0.0) + reach):
        return 0.0
    area = ax * dy - ay * dx
    if not area:
        return 0.0
    u, v = (x * dy - y * dx) / area, (ax * y - ay * x) / area  # 0..1 on the layer
    beside = (
        max(abs(u - 0.5) - 0.5, 0.0) * math.hypot(ax, ay),
        max(abs(v - 0.5) - 0.5, 0.0) * math.hypot(dx, dy),
    )
    return 1 - min(max(max(beside) - 0.25 * size, 0.0) / CLEARING, 1.0)
