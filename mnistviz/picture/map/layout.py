"""Where the nodes of a map stand in a box: what goes forth on top, what comes back below it, under what it belongs to.

Places are in design units.  A box that is taller than wide is filled in bands: the way forth is broken like
a line of text, and each piece has what comes back to it below.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnistviz.picture.display import Box, Point
from mnistviz.picture.map.graph import Edge, Graph, Node
from mnistviz.picture.stage.forms import Form
from mnistviz.picture.stage.studio import FORESHORTENING, SLOPE, across
from mnistviz.picture.stage.tableau import Place

MOST_BANDS = 6
GAP = 0.3  # between two cards of a lane, in heights of the lane
FILL = 0.78  # share of a lane's height that its tallest cards take
DECK_LAYERS = 8  # of a deck that are drawn
DECK_SPREAD = 0.42  # of a deck's width and height that its layers are shifted by
NARROWEST, WIDEST = 0.3, 2.2  # width of a grid in heights of it
CURVE_POINTS = 17
MOST_INSET = 16.0  # between a card and the end of a line


@dataclass(frozen=True)
class Slot:
    """Where a node stands: its card, and the box around it."""

    node: Node
    place: Place
    box: Box
    band: int
    scale: float  # height of the lane, in design units


@dataclass(frozen=True)
class Link:
    """A line that stands for edges: lit when any of the nodes that they make is made."""

    points: tuple[Point, ...]  # from where it comes to where it goes
    edges: tuple[Edge, ...]
    behind: bool  # it passes other cards, beneath them
    seldom: bool = False  # seen only while it is lit


@dataclass(frozen=True, eq=False)
class MapLayout:
    """A whole map in its box."""

    box: Box
    slots: tuple[Slot, ...]
    links: tuple[Link, ...]

    def slot(self, key: str) -> Slot:
        """Where the node of that key stands."""
        return next(slot for slot in self.slots if slot.node.key == key)


@dataclass(frozen=True)
class _Lane:
    """Cards of a band side by side: their nodes, centres and the height that they may take."""

    nodes: tuple[Node, ...]
    centres: tuple[float, ...]
    widths: tuple[float, ...]
    high: float
    middle: float  # y


def lay_out(graph: Graph, forms: Mapping[str, Form], box: Box, words: float = 0.0) -> MapLayout:
    """The map in a box, its cards as large as they fit.

    `words`: height kept free for names, above what goes forth and below what comes back.
    """
    if not graph.nodes:
        return MapLayout(box, (), ())
    forth = tuple(node for node in graph.nodes if node.lane == "forth")
    back = tuple(node for node in graph.nodes if node.lane == "back")
    lanes = 2 if back else 1
    bands = max(range(1, MOST_BANDS + 1), key=lambda count: _height(forth, forms, box, words, count, lanes))
    pieces = _pieces(forth, forms, bands)
    left, top, right, bottom = box
    high = (bottom - top) / (len(pieces) * lanes)
    placed: list[_Lane] = []
    size = min(_height(forth, forms, box, words, bands, lanes), high - words)
    for band, piece in enumerate(pieces):
        middle = top + (band * lanes + 0.5) * high + words / 2
        placed.append(_forth_lane(piece, forms, (left, right), size, middle))
    slots = [_slot(node, forms[node.key], lane, place, band) for band, lane in enumerate(placed)
             for place, node in enumerate(lane.nodes)]  # fmt: skip
    anchors = _anchors(graph, back, {slot.node.key: slot for slot in slots})
    for band, lane in enumerate(placed):
        own = tuple(node for node in back if anchors[node.key][0] == band)
        if own:
            wished = [anchors[node.key][1] for node in own]
            below = _back_lane(own, wished, forms, (left, right), size, lane.middle + high - words)
            slots += [
                _slot(node, forms[node.key], below, place, band) for place, node in enumerate(below.nodes)
            ]
    by_key = {slot.node.key: slot for slot in slots}
    ordered = tuple(by_key[node.key] for node in graph.nodes)
    return MapLayout(box, ordered, _links(graph, ordered))


def _height(
    forth: Sequence[Node], forms: Mapping[str, Form], box: Box, words: float, bands: int, lanes: int
) -> float:
    """How tall the cards can be in so many bands."""
    pieces = _pieces(forth, forms, bands)
    left, top, right, bottom = box
    widest = max(_total(piece, forms) for piece in pieces)
    return min((bottom - top) / (len(pieces) * lanes) - words, (right - left) / widest)


def _total(nodes: Sequence[Node], forms: Mapping[str, Form]) -> float:
    return sum(width_of(forms[node.key]) for node in nodes) + GAP * (len(nodes) - 1)


def _pieces(nodes: Sequence[Node], forms: Mapping[str, Form], count: int) -> list[tuple[Node, ...]]:
    """The nodes in so many pieces of about the same width, in their order."""
    whole, done = _total(nodes, forms), 0.0
    pieces: list[list[Node]] = [[] for _ in range(count)]
    for node in nodes:
        wide = width_of(forms[node.key])
        pieces[min(int((done + wide / 2) / whole * count), count - 1)].append(node)
        done += wide + GAP
    return [tuple(piece) for piece in pieces if piece]


def _forth_lane(
    nodes: tuple[Node, ...], forms: Mapping[str, Form], span: tuple[float, float], size: float, middle: float
) -> _Lane:
    """From the left to the right, with equal gaps."""
    widths = tuple(width_of(forms[node.key]) * size for node in nodes)
    spare = span[1] - span[0] - sum(widths)
    gap = min(spare / max(len(nodes) - 1, 1), 3 * GAP * size)
    x = span[0] + (spare - gap * (len(nodes) - 1)) / 2
    centres = []
    for wide in widths:
        centres.append(x + wide / 2)
        x += wide + gap
    return _Lane(nodes, tuple(centres), widths, size, middle)


def _back_lane(
    nodes: tuple[Node, ...], wished: Sequence[float], forms: Mapping[str, Form],
    span: tuple[float, float], size: float, middle: float,
) -> _Lane:  # fmt: skip
    """From the right to the left, each as near as it can be to where it is wished; all smaller if need be."""
    room = span[1] - span[0]
    size = min(size, room / _total(nodes, forms))
    widths = [width_of(forms[node.key]) * size for node in nodes]
    gap = min(GAP * size, (room - sum(widths)) / max(len(nodes) - 1, 1))
    turned = spread([-x for x in wished], widths, gap, (-span[1], -span[0]))
    return _Lane(nodes, tuple(-x for x in turned), tuple(widths), size, middle)


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


def width_of(form: Form) -> float:
    """How wide a card of that form is, in heights of its lane."""
    return _size(form)[0]


def _size(form: Form) -> tuple[float, float, float]:
    """Width of the whole card, edge along a row, edge along a column, in heights of the lane."""
    if form.layers > 1:
        edge = FILL * (1 - DECK_SPREAD)
        row = edge * _aspect(form) / (1 - SLOPE * FORESHORTENING * _aspect(form))
        return row * FORESHORTENING + DECK_SPREAD * FILL, row, row / _aspect(form)
    if form.columns == 1:
        down = FILL * min(0.25 + form.rows / 16, 0.92)
        row = 0.16
        return row * FORESHORTENING, row, down
    aspect = _aspect(form)
    down = FILL / (1 - SLOPE * FORESHORTENING * aspect)
    return down * aspect * FORESHORTENING, down * aspect, down


def _aspect(form: Form) -> float:
    return min(max(form.columns / form.rows, NARROWEST), WIDEST)


def _slot(node: Node, form: Form, lane: _Lane, number: int, band: int) -> Slot:
    """The card of a node in the middle of its lane."""
    row, down = (part * lane.high for part in _size(form)[1:])
    over = across(row)
    layers = min(form.layers, DECK_LAYERS)
    shift = DECK_SPREAD * FILL * lane.high / max(layers - 1, 1)
    steps = tuple((shift * layer, -shift * layer) for layer in range(layers))
    wide, tall = over[0] + steps[-1][0], down - over[1] - steps[-1][1]
    x, y = lane.centres[number] - wide / 2, lane.middle - tall / 2
    at = (x, y - over[1] - steps[-1][1])
    depth = max(0.012 * lane.high, 1.0)
    place = Place(at, over, (0.0, down), steps, (depth, -depth))
    return Slot(node, place, (x, y, x + wide, y + tall), band, lane.high)


def _links(graph: Graph, slots: Sequence[Slot]) -> tuple[Link, ...]:
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
            far.append(
                Link(_line(start, end, edge.way == "update"), (edge,), beneath, beneath and across_lanes)
            )
    near = [
        Link(_line(by_key[one], by_key[other], False), tuple(edges), False)
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
