"""The ways of a map: lines from card to card, beside what stands there or around it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from mnistviz.picture.display import Box, Point
from mnistviz.picture.map.graph import Edge, Graph, Node
from mnistviz.picture.stage.tableau import Place
from mnistviz.trace.model import set_at_once

CURVE_POINTS = 17
MOST_INSET = 16.0  # between a card and the end of a line


@set_at_once
@dataclass(frozen=True)
class Slot:
    """Where a node stands: its card, and the box around it."""

    node: Node
    place: Place
    box: Box
    band: int
    scale: float  # height of the lane, in design units
    before: float = 0.0  # how far left of the card stands what it was before, in design units


@set_at_once
@dataclass(frozen=True)
class Link:
    """A line that stands for edges: lit when any of the nodes that they make is made."""

    points: tuple[Point, ...]  # from where it comes to where it goes
    edges: tuple[Edge, ...]
    ends: tuple[str, str]  # keys of the nodes where it begins and ends
    behind: bool  # it passes other cards, beneath them
    seldom: bool = False  # seen only while it is lit


@dataclass(frozen=True)
class Aisle:
    """Where ways go from band to band, clear of cards and names."""

    right: float
    tops: tuple[float, ...]  # of the bands


def links_between(graph: Graph, slots: Sequence[Slot], aisle: Aisle) -> tuple[Link, ...]:
    """Lines for all edges: from neighbour to neighbour, from lane to lane, or beneath what is between."""
    links: dict[tuple[str, str], list[Edge]] = {}
    far: list[Link] = []
    by_key = {slot.node.key: slot for slot in slots}
    for edge in graph.edges:
        start, end = by_key[edge.start], by_key[edge.end]
        chain = _chain(slots, graph, start, end) if edge.way != "update" else ()
        for one, other in itertools.pairwise(chain):
            links.setdefault((one.node.key, other.node.key), []).append(edge)
        if not chain:
            beneath = edge.way != "update" and not _begins_back(graph, start, end)
            across_lanes = start.node.lane != end.node.lane
            around = _around(slots, start, end, aisle) if edge.way != "update" else ()
            points = around or _line(start, end, edge.way == "update")
            far.append(Link(points, (edge,), (edge.start, edge.end), beneath, beneath and across_lanes))
    near = [
        Link(_line(by_key[one], by_key[other], False), tuple(edges), (one, other), False)
        for (one, other), edges in links.items()
    ]
    return (*near, *far)


def _chain(slots: Sequence[Slot], graph: Graph, start: Slot, end: Slot) -> tuple[Slot, ...]:
    """The slots from start to end in one lane and band, where those between are sources of the end too."""
    if (start.node.lane, start.band) != (end.node.lane, end.band):
        return ()
    lane = [slot for slot in slots if (slot.node.lane, slot.band) == (end.node.lane, end.band)]
    lane.sort(key=lambda slot: slot.box[0], reverse=end.node.lane == "back")
    first, last = lane.index(start), lane.index(end)
    sources = graph.sources(end.node.key)
    if first < last and all(slot.node.key in sources for slot in lane[first:last]):
        return tuple(lane[first : last + 1])
    return ()


def _begins_back(graph: Graph, start: Slot, end: Slot) -> bool:
    """Whether an edge leads from the way forth to the first array that comes back."""
    lanes = {graph.node(key).lane for key in graph.sources(end.node.key)}
    return (start.node.lane, end.node.lane) == ("forth", "back") and lanes == {"forth"}


def _line(start: Slot, end: Slot, update: bool) -> tuple[Point, ...]:
    """A line from edge to edge: sideways in a lane, up or down between lanes."""
    (a, b, c, d), (e, f, g, h) = start.box, end.box
    size = min(start.scale, end.scale)
    inset = min(0.05 * size, MOST_INSET)
    if update and start.node.lane == end.node.lane and start.band == end.band:
        return _loop(((a + c) / 2, d + inset), ((e + g) / 2, h + inset), 0.16 * size)
    if update or start.node.lane != end.node.lane:
        up = (f + h) / 2 < (b + d) / 2
        x = min(max((e + g) / 2, a), c) if update else (a + c) / 2
        begin = (x, b - inset) if up else (x, d + inset)
        finish = ((e + g) / 2, h + inset) if up else ((e + g) / 2, f - inset)
        return _curve(begin, finish, upright=True)
    if start.band != end.band:  # in from the left, where no name stands
        begin, finish = ((a + c) / 2, d + inset), (e - inset, (f + h) / 2)
        return _bezier(
            begin, (begin[0], (d + f) / 2), (max(e - 0.25 * size, MOST_INSET), (d + f) / 2), finish
        )
    leftward = (e + g) / 2 < (a + c) / 2
    begin = (a - inset, (b + d) / 2) if leftward else (c + inset, (b + d) / 2)
    finish = (g + inset, (f + h) / 2) if leftward else (e - inset, (f + h) / 2)
    return _curve(begin, finish, upright=False)


def _around(slots: Sequence[Slot], start: Slot, end: Slot, aisle: Aisle) -> tuple[Point, ...]:
    """From the last card of a lane to another band: along the right edge; nothing where it is not the last."""
    if start.band == end.band or not _is_last(slots, start):
        return ()
    (_, b, c, d), (e, f, g, h) = start.box, end.box
    size = min(start.scale, end.scale)
    inset, corner = min(0.05 * size, MOST_INSET), min(0.12 * size, 2 * MOST_INSET)
    beside = inset / 2 if end.band < start.band else 0.0  # one that goes down
    right = aisle.right - beside
    begin, low, middle = (c + inset, (b + d) / 2), aisle.tops[end.band], (f + h) / 2
    if _is_last(slots, end):
        return rounded((begin, (right, begin[1]), (right, middle), (g + inset, middle)), corner)
    left = max(e - 0.12 * size, MOST_INSET)
    way = (begin, (right, begin[1]), (right, low), (left, low), (left, middle), (e - inset, middle))
    return rounded(way, corner)


def _is_last(slots: Sequence[Slot], slot: Slot) -> bool:
    lane = [one for one in slots if (one.node.lane, one.band) == (slot.node.lane, slot.band)]
    return max(lane, key=lambda one: one.box[2]) is slot


def rounded(corners: Sequence[Point], radius: float) -> tuple[Point, ...]:
    """A line through corners that are rounded off."""
    points = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        ends = []
        for other in (before, after):
            length = math.dist(corner, other) or 1.0
            share = min(radius, length / 2) / length
            ends.append(
                (corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share)
            )
        points += _bezier(ends[0], corner, corner, ends[1])[::4]
    return (*points, corners[-1])


def _loop(begin: Point, finish: Point, deep: float) -> tuple[Point, ...]:
    """A line from one card to another beneath both."""
    low = max(begin[1], finish[1]) + deep
    return _bezier(begin, (begin[0], low), (finish[0], low), finish)


def _curve(begin: Point, finish: Point, upright: bool) -> tuple[Point, ...]:
    """A line that leaves and arrives straight; two points where it is straight."""
    (x0, y0), (x3, y3) = begin, finish
    if (abs(x3 - x0) if upright else abs(y3 - y0)) < 1:
        return (begin, finish)
    if upright:
        return _bezier(begin, (x0, (y0 + y3) / 2), (x3, (y0 + y3) / 2), finish)
    return _bezier(begin, ((x0 + x3) / 2, y0), ((x0 + x3) / 2, y3), finish)


def _bezier(p0: Point, p1: Point, p2: Point, p3: Point) -> tuple[Point, ...]:
    """Points of a cubic Bezier curve."""
    points = []
    for step in range(CURVE_POINTS):
        t = step / (CURVE_POINTS - 1)
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        points.append(
            (a * p0[0] + b * p1[0] + c * p2[0] + d * p3[0], a * p0[1] + b * p1[1] + c * p2[1] + d * p3[1])
        )
    return tuple(points)
