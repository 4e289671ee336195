"""Where the nodes of a map stand in a box: what goes forth on top, what comes back below it, under what it belongs to.

Places are in design units.  A box that is taller than wide is filled in bands: the way forth is broken like
a line of text, and each piece has what comes back to it below.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mnistviz.picture.display import Box, Point
from mnistviz.picture.map.graph import Graph, Node
from mnistviz.picture.map.ways import Aisle, Link, Slot, links_between
from mnistviz.picture.stage.forms import Form
from mnistviz.picture.stage.studio import FORESHORTENING, SLOPE, across
from mnistviz.picture.stage.tableau import Place
from mnistviz.trace.model import set_at_once

MOST_BANDS = 6
LOOP_ROOM = 0.09  # below a lane that has none below it, for ways of updates: a share of its height
GAP = 0.3  # between two cards of a lane, in heights of the lane
FILL = 0.78  # share of a lane's height that its tallest cards take
DECK_LAYERS = 8  # of a deck that are drawn
DECK_SPREAD = 0.42  # of a deck's width and height that its layers are shifted by
NARROWEST, WIDEST = 0.3, 2.2  # width of a grid in heights of it
PAIR_GAP = 0.05  # between a card and what it was before, in heights of the lane


@set_at_once
@dataclass(frozen=True, eq=False)
class MapLayout:
    """A whole map in its box."""

    box: Box
    slots: tuple[Slot, ...]
    links: tuple[Link, ...]

    @cached_property
    def ends(self) -> tuple[Point, ...]:
        """Where ways begin and end."""
        return tuple(point for link in self.links for point in (link.points[0], link.points[-1]))

    def slot(self, key: str) -> Slot:
        """Where the node of that key stands."""
        return next(slot for slot in self.slots if slot.node.key == key)


@dataclass(frozen=True)
class Words:
    """Room for names, in design units."""

    high: float = 0.0  # above what goes forth and below what comes back
    wide: Mapping[str, float] = field(default_factory=dict)  # of a node's longest word
    margin: float = 6.0  # right of the last card, where ways from band to band go as well


@dataclass(frozen=True)
class _Size:
    """Of a node, in heights of its lane."""

    wide: float  # of all that stands there
    row: float  # edge along a row of its card,
    down: float  # and along a column
    layers: int
    before: float  # how far left of the card stands what it was before
    words: float  # width of its longest word, in design units


@dataclass(frozen=True)
class _Lane:
    """Cards of a band side by side: their nodes, centres and the height that they may take."""

    nodes: tuple[Node, ...]
    centres: tuple[float, ...]
    widths: tuple[float, ...]
    high: float
    middle: float  # y


def lay_out(
    graph: Graph,
    forms: Mapping[str, Form],
    box: Box,
    words: Words = Words(),
    pairs: frozenset[str] = frozenset(),
) -> MapLayout:
    """The map in a box, its cards as large as they fit.

    Nodes of `pairs` have room for two cards side by side.
    """
    if not graph.nodes:
        return MapLayout(box, (), ())
    forth = tuple(node for node in graph.nodes if node.lane == "forth")
    back = tuple(node for node in graph.nodes if node.lane == "back")
    lanes = 2 if back else 1
    sizes = {
        node.key: _size(forms[node.key], node.key in pairs, words.wide.get(node.key, 0.0))
        for node in graph.nodes
    }
    bands = max(
        range(1, MOST_BANDS + 1), key=lambda count: _height(forth, sizes, box, words.high, count, lanes)
    )
    pieces = _pieces(forth, sizes, bands)
    left, top, right, bottom = box
    if lanes == 1 and any(edge.way == "update" for edge in graph.edges):
        bottom -= LOOP_ROOM * (bottom - top) / len(pieces)
    high = (bottom - top) / (len(pieces) * lanes)
    placed: list[_Lane] = []
    size = min(_height(forth, sizes, box, words.high, bands, lanes), high - words.high)
    for band, piece in enumerate(pieces):
        middle = top + (band * lanes + 0.5) * high + words.high / 2
        placed.append(_forth_lane(piece, sizes, (left, right), size, middle))
    slots = [_slot(node, sizes[node.key], lane, place, band) for band, lane in enumerate(placed)
             for place, node in enumerate(lane.nodes)]  # fmt: skip
    anchors = _anchors(graph, back, {slot.node.key: slot for slot in slots})
    for band, lane in enumerate(placed):
        own = tuple(node for node in back if anchors[node.key][0] == band)
        if own:
            wished = [anchors[node.key][1] for node in own]
            below = _back_lane(own, wished, sizes, (left, right), size, lane.middle + high - words.high)
            slots += [
                _slot(node, sizes[node.key], below, place, band) for place, node in enumerate(below.nodes)
            ]
    by_key = {slot.node.key: slot for slot in slots}
    ordered = tuple(by_key[node.key] for node in graph.nodes)
    tops = tuple(top + band * lanes * high for band in range(len(pieces)))
    return MapLayout(box, ordered, links_between(graph, ordered, Aisle(right + words.margin, tops)))


def _height(
    forth: Sequence[Node], sizes: Mapping[str, _Size], box: Box, words: float, bands: int, lanes: int
) -> float:
    """How tall the cards can be in so many bands."""
    pieces = _pieces(forth, sizes, bands)
    left, top, right, bottom = box
    widest = max(_total(piece, sizes) for piece in pieces)
    return min((bottom - top) / (len(pieces) * lanes) - words, (right - left) / widest)


def _total(nodes: Sequence[Node], sizes: Mapping[str, _Size]) -> float:
    return sum(sizes[node.key].wide for node in nodes) + GAP * (len(nodes) - 1)


def _pieces(nodes: Sequence[Node], sizes: Mapping[str, _Size], count: int) -> list[tuple[Node, ...]]:
    """The nodes in so many pieces of about the same width, in their order."""
    whole, done = _total(nodes, sizes), 0.0
    pieces: list[list[Node]] = [[] for _ in range(count)]
    for node in nodes:
        wide = sizes[node.key].wide
        pieces[min(int((done + wide / 2) / whole * count), count - 1)].append(node)
        done += wide + GAP
    return [tuple(piece) for piece in pieces if piece]


def _forth_lane(
    nodes: tuple[Node, ...], sizes: Mapping[str, _Size], span: tuple[float, float], size: float, middle: float
) -> _Lane:
    """From the left to the right, with equal gaps, but for those that a name needs wider."""
    widths = tuple(sizes[node.key].wide * size for node in nodes)
    spare = span[1] - span[0] - sum(widths)
    needed = [sizes[node.key].words - wide for node, wide in zip(nodes[:-1], widths, strict=False)]
    gaps = _gaps(needed, min(spare, 3 * GAP * size * len(needed)))
    x = span[0] + (spare - sum(gaps)) / 2
    centres = []
    for wide, gap in zip(widths, (*gaps, 0.0), strict=True):
        centres.append(x + wide / 2)
        x += wide + gap
    return _Lane(nodes, tuple(centres), widths, size, middle)


def _gaps(needed: Sequence[float], spare: float) -> list[float]:
    """Gaps that fill what is spare, as equal as they can be while none is less than is needed there."""
    even = spare / max(len(needed), 1)
    wide = [need for need in needed if need > even]
    if not wide or sum(max(need, 0.0) for need in needed) >= spare:
        return [even] * len(needed)
    while True:
        rest = (spare - sum(wide)) / (len(needed) - len(wide))
        more = [need for need in needed if need > rest]
        if len(more) == len(wide):
            return [max(need, rest) for need in needed]
        wide = more


def _back_lane(
    nodes: tuple[Node, ...], wished: Sequence[float], sizes: Mapping[str, _Size],
    span: tuple[float, float], size: float, middle: float,
) -> _Lane:  # fmt: skip
    """From the right to the left, each as near as it can be to where it is wished; all smaller if need be."""
    room = span[1] - span[0]
    size = min(size, room / _total(nodes, sizes))
    widths = [sizes[node.key].wide * size for node in nodes]
    gap = min(GAP * size, (room - sum(widths)) / max(len(nodes) - 1, 1))
    rooms = [
        max(wide, sizes[node.key].words - gap) if place else wide
        for place, (node, wide) in enumerate(zip(nodes, widths, strict=True))
    ]  # its name may go on right of the card, but for that of the first, right of which there is nothing
    if sum(rooms) + gap * (len(nodes) - 1) > room:
        rooms = widths
    asides = [(all_of - wide) / 2 for all_of, wide in zip(rooms, widths, strict=True)]
    turned = spread(
        [-x - aside for x, aside in zip(wished, asides, strict=True)], rooms, gap, (-span[1], -span[0])
    )
    centres = tuple(-x - aside for x, aside in zip(turned, asides, strict=True))
    return _Lane(nodes, centres, tuple(widths), size, middle)


def spread(
    wished: Sequence[float], widths: Sequence[float], gap: float, span: tuple[float, float]
) -> list[float]:
    """Centres in the given order that neither overlap nor leave the span, as near to the wished ones as can be.

    The least squares under these bounds, by pooling neighbours that are in each other's way.
    """
    offsets = [0.0]
    for one, other in itertools.pairwise(widths):
        offsets.append(offsets[-1] + one / 2 + gap + other / 2)
    pools: list[tuple[float, int]] = []  # mean of what its members wish, how many they are
    for place, wish in enumerate(wished):
        mean, count = wish - offsets[place], 1
        while pools and pools[-1][0] >= mean:
            before, members = pools.pop()
            mean, count = (before * members + mean * count) / (members + count), members + count
        pools.append((mean, count))
    shifts = [mean for mean, count in pools for _ in range(count)]
    least, most = span[0] + widths[0] / 2, span[1] - widths[-1] / 2 - offsets[-1]
    return [min(max(shift, least), most) + offset for shift, offset in zip(shifts, offsets, strict=True)]


def _anchors(graph: Graph, back: Sequence[Node], forth: Mapping[str, Slot]) -> dict[str, tuple[int, float]]:
    """Band and x where each node that comes back belongs, never right of or after those it is made from."""
    found: dict[str, tuple[int, float]] = {}
    for node in back:
        before = [found[key] for key in graph.sources(node.key) if key in found]
        latest = max(before, key=lambda one: (-one[0], -one[1])) if before else None
        own = _belongs(graph, node, forth, latest)
        found[node.key] = own if latest is None else min(own, latest)
    return found


def _belongs(
    graph: Graph, node: Node, forth: Mapping[str, Slot], before: tuple[int, float] | None
) -> tuple[int, float]:
    """Under what it is made from where that has its shape, else what it updates, else what has its shape."""
    shape = _shape(graph, node.key)
    same = [key for key in forth if _shape(graph, key) == shape]
    updated = [key for key in graph.updates(node.key) if key in forth]
    made_from = [key for key in graph.sources(node.key) if key in same]
    left = [key for key in same if before is None or _centre(forth[key]) <= before]
    for keys in (made_from, [key for key in updated if key in same] or updated, left):
        if keys:
            return max(_centre(forth[key]) for key in keys)
    return before or max(_centre(slot) for slot in forth.values())


def _shape(graph: Graph, key: str) -> tuple[int, ...]:
    return graph.values[graph.node(key).versions[-1]].shape


def _centre(slot: Slot) -> tuple[int, float]:
    return slot.band, (slot.box[0] + slot.box[2]) / 2


def _size(form: Form, pair: bool, words: float) -> _Size:
    """Of one card of a form, or of two side by side."""
    if form.layers > 1:
        edge = FILL * (1 - DECK_SPREAD)
        row = edge * _aspect(form) / (1 - SLOPE * FORESHORTENING * _aspect(form))
        down, spread_over = row / _aspect(form), DECK_SPREAD * FILL
    elif form.columns == 1:
        row, down, spread_over = 0.16, FILL * min(0.25 + form.rows / 16, 0.92), 0.0
    else:
        down = FILL / (1 - SLOPE * FORESHORTENING * _aspect(form))
        row, spread_over = down * _aspect(form), 0.0
    wide = row * FORESHORTENING + spread_over
    before = wide + PAIR_GAP if pair else 0.0
    return _Size(wide + before, row, down, min(form.layers, DECK_LAYERS), before, words)


def _aspect(form: Form) -> float:
    return min(max(form.columns / form.rows, NARROWEST), WIDEST)


def _slot(node: Node, size: _Size, lane: _Lane, number: int, band: int) -> Slot:
    """The card of a node in the middle of its lane."""
    row, down, before = (part * lane.high for part in (size.row, size.down, size.before))
    over = across(row)
    shift = DECK_SPREAD * FILL * lane.high / max(size.layers - 1, 1)
    steps = tuple((shift * layer, -shift * layer) for layer in range(size.layers))
    wide, tall = before + over[0] + steps[-1][0], down - over[1] - steps[-1][1]
    x, y = lane.centres[number] - wide / 2, lane.middle - tall / 2
    at = (x + before, y - over[1] - steps[-1][1])
    depth = max(0.012 * lane.high, 1.0)
    place = Place(at, over, (0.0, down), steps, (depth, -depth))
    return Slot(node, place, (x, y, x + wide, y + tall), band, lane.high, before)
