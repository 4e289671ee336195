"""The map as primitives: small cards with their own colours, ways between them, names where there is room."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from mnistviz.picture import fonts as lettering
from mnistviz.picture.contrast import legible, mix
from mnistviz.picture.display import Box, Cells, Face, Line, Mask, Matrix, Panel, Point, Primitive, Text
from mnistviz.picture.easing import mix as mix_number
from mnistviz.picture.easing import mix_point
from mnistviz.picture.group import Group
from mnistviz.picture.hashing import changed
from mnistviz.picture.map.detours import clear_of_names
from mnistviz.picture.map.graph import Graph, Way, graph_of
from mnistviz.picture.map.layout import MapLayout, Words, lay_out, spread
from mnistviz.picture.map.ways import MOST_INSET, Link, Slot
from mnistviz.picture.map.zoom import layout_between
from mnistviz.picture.stage.labels import named_in
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, MapState, Place
from mnistviz.picture.theme import Theme
from mnistviz.picture.wording import text_of, told_of
from mnistviz.story.sentence import say
from mnistviz.story.storyboard import Labels, Phase
from mnistviz.trace.model import Value, set_at_once

NAME, SHAPE, LEADING, LINES = 20.0, 17.0, 23.0, 3
GAUGE = 26.0  # size of a gauge on the whole map
WAYS: dict[Way, Phase] = {"forth": "forward", "back": "backward", "update": "update"}
ON_MAP = "map/"  # begins the keys of cards on the map
DOT = 4.0  # radius of a dot on its way
WORDS_FROM = 0.8  # share of the zoom from which there are names
ROW_GAP = 8.0  # between a column and the names of its rows
LEAST_ROW = 14.0  # of a row that has its name beside it, in design units
NAME_GAP = 10.0  # between two names
MARGIN = 100.0  # right of the last card, for its name
BESIDE = 24.0  # of the map, where a way may go that has no room on it
CAPITALS = 0.78  # of a size are above the baseline
RESTING, DIMMED = 0.62, 0.45  # opacity of a card that is not in play; of one that is not computed
STILL = 0.45  # share of the ink in a way that is not taken
HEAD = 0.07  # of an arrow, in heights of a lane
LEAST_HEAD, MOST_HEAD = 4.0, 13.0
_SHAPE_SUFFIX = re.compile(r"_\d+(?:x\d+)*$")
_KEY = re.compile(r"\[[\"'](.+?)[\"']\]$")  # of a dict, at the end of a name
_PLACE = re.compile(r"\w+(?:\[\d+\])+")  # in a list


@lru_cache(maxsize=32)
def layout_in(studio: Studio, box: Box, words: bool, pairs: frozenset[str] = frozenset()) -> MapLayout:
    """The map of the studio's storyboard in a box; `words`: names and shapes stand above the cards.

    Nodes of `pairs` have room for what they were before.
    """
    graph = graph_of(studio.board.trace)
    forms = {node.key: studio.form(graph.values[node.versions[-1]].shape) for node in graph.nodes}
    if not words:
        return lay_out(graph, forms, box, Words(), pairs)
    left, top, right, bottom = box
    layout = lay_out(graph, forms, (left, top, right - MARGIN, bottom), _room_for_words(studio, graph), pairs)
    names = [box_around(text) for text in _texts(studio, graph, layout)]
    bounds = (left - BESIDE, top, right + BESIDE, bottom)
    return changed(layout, links=clear_of_names(layout.links, layout.slots, names, bounds))


def box_around(text: Text) -> Box:
    """What a text on the map fills, its left end at `at`."""
    (x, y), wide = text.at, lettering.width(text.text, text.size, text.face)
    over = CAPITALS * text.size if text.anchor == "ls" else text.size / 2
    return x, y - over, x + wide, y - over + text.size


def _texts(studio: Studio, graph: Graph, layout: MapLayout) -> list[Text]:
    """All names on a map."""
    return [
        text
        for slot in layout.slots
        for text in (*_words(studio, graph, layout, slot), *_row_names(studio, graph, layout, slot))
    ]


def _room_for_words(studio: Studio, graph: Graph) -> Words:
    longest = {
        node.key: max(lettering.width(word, NAME, "mono-bold") for word in _called(studio, node.name).split())
        for node in graph.nodes
    }
    most = max(len(_called(studio, node.name).split()) for node in graph.nodes)
    high = LEADING * (min(most, LINES) + 1) + 8
    return Words(high, {key: wide + NAME_GAP + 1.0 for key, wide in longest.items()}, MARGIN - 4.0)


def layout_of(studio: Studio, state: MapState, whole: bool) -> MapLayout:
    """The small map, or the one that fills the frame, on which what was before stands where the state says."""
    regions = studio.look.regions
    plain = layout_in(studio, regions.whole_map if whole else regions.map, words=whole)
    if state.apart <= 0 or not whole:
        return plain
    pairs = frozenset(key for key, _ in state.before)
    paired = layout_in(studio, regions.whole_map, whole, pairs)
    return paired if state.apart >= 1 else layout_between(plain, paired, state.apart)


@lru_cache(maxsize=64)
def map_primitives(studio: Studio, box: Box, state: MapState, words: bool) -> Group:
    """The whole map in a box, back to front; the same state gives the same tuple again."""
    return Group.of(_drawn(studio, layout_in(studio, box, words), state, 1.0 if words else 0.0))


def zoomed(studio: Studio, state: MapState, q: float) -> tuple[Primitive, ...]:
    """The map on its way from its small place, 0, to the whole frame, 1."""
    regions = studio.look.regions
    if q <= 0 or (q >= 1 and not state.apart):
        return map_primitives(studio, regions.map if q <= 0 else regions.whole_map, state, q >= 1)
    small, whole = (layout_of(studio, state, filled) for filled in (False, True))
    layout = layout_between(small, whole, q) if q < 1 else whole
    return _drawn(studio, layout, state, max(q - WORDS_FROM, 0.0) / (1 - WORDS_FROM))


def runners(studio: Studio, state: MapState, q: float) -> tuple[Primitive, ...]:
    """Dots that run along the ways that are taken on the small map, at q, 0..1."""
    if not 0 < q < 1 or state.phase is None:
        return ()
    layout = layout_in(studio, studio.look.regions.map, words=False)
    colour = studio.theme.ink
    taken = [
        one for one in layout.links if any(number in state.made for edge in one.edges for number in edge.made)
    ]
    spots = [_along(link.points, q) for link in taken]
    return tuple(Panel((x - DOT, y - DOT, x + DOT, y + DOT), colour, DOT) for x, y in spots)


def _along(points: tuple[Point, ...], q: float) -> Point:
    """The point of a line at a share of its length."""
    lengths = [math.dist(a, b) for a, b in pairwise(points)]
    left = q * sum(lengths)
    for (a, b), length in zip(pairwise(points), lengths, strict=True):
        if left <= length and length > 0:
            return mix_point(a, b, left / length)
        left -= length
    return points[-1]


def _drawn(studio: Studio, layout: MapLayout, state: MapState, words: float) -> tuple[Primitive, ...]:
    """All of a layout, its names seen as far as `words`."""
    graph = graph_of(studio.board.trace)
    behind: list[Primitive] = []
    front: list[Primitive] = []
    for link in layout.links:
        parts = _link(studio, layout, link, state)
        (behind if link.behind else front).extend(parts)
    cards = [card for slot in layout.slots for card in _cards(studio, graph, slot, state)]
    texts = _texts(studio, graph, layout) if words > 0 else []
    gauge = _gauge(studio, layout, state, words)
    answers = _answers(studio, graph, layout) if words < 1 else ()
    named = (
        *(changed(text, opacity=1 - words) for text in answers),
        *(changed(text, opacity=words) for text in texts),
    )
    return (*behind, *cards, *front, *gauge, *named)


def _gauge(studio: Studio, layout: MapLayout, state: MapState, words: float) -> Iterator[Text]:
    """What sums up an array, left of its card and above the way that comes there."""
    gauge = state.gauge
    slot = next((slot for slot in layout.slots if gauge and slot.node.name == gauge.array), None)
    if gauge is None or slot is None:
        return
    left, top, _, bottom = slot.box
    size = mix_number(SHAPE, GAUGE, words)
    said = say(f"{gauge.words} {{}}", gauge.number)
    colour = legible(studio.theme.phase("error"), studio.theme.background)
    at = (left - 0.1 * slot.scale, top + 0.24 * (bottom - top))
    owner = f"{ON_MAP}{slot.node.key}"
    yield Text(text_of(said), at, size, colour, "mono-bold", "rm", owner, told=told_of(said))


def _cards(studio: Studio, graph: Graph, slot: Slot, state: MapState) -> tuple[Matrix, ...]:
    """A node as a card; where the state says so, left of it what it was before, above it while it is empty."""
    number, earlier = state.value_of(slot.node.key), dict(state.before).get(slot.node.key)
    card = card_of(studio, graph, slot, state, number)
    if earlier is None:
        return (card,)
    (x, y), lit = slot.place.at, changed(state, lit=frozenset())
    there = changed(slot, place=changed(slot.place, at=(x - slot.before, y)))
    before = card_of(studio, graph, there, lit, earlier)
    before = changed(before, key=f"{before.key}/before")
    return (card, before) if number is None else (before, card)


def card_of(studio: Studio, graph: Graph, slot: Slot, state: MapState, number: int | None) -> Matrix:
    """A node as a card: the numbers of that value, or an empty outline before there are any."""
    key, place = slot.node.key, slot.place
    value = graph.values[number if number is not None else slot.node.versions[0]]
    card = _face(studio, value)
    layers = _few_layers(card.cells, len(place.steps), value.role == "gradient")
    steps = tuple(reversed(place.steps[: len(layers)]))
    lit = key in state.lit
    opacity = 1.0 if lit or not state.lit else RESTING
    return Matrix(
        key=f"{ON_MAP}{key}",
        cells=card.cells,
        colours=studio.theme.coloured(card.colours),
        origins=tuple((place.at[0] + dx, place.at[1] + dy) for dx, dy in steps),
        across=place.across,
        down=place.down,
        layers=tuple(reversed(layers)),
        mask=None if number is not None else _nothing(card.cells.values.shape),
        edge=studio.accent(slot.node.name),
        edge_width=2.0 if lit else 1.2,
        empty=studio.theme.empty,
        depth=place.depth,
        grid=False,
        shadow=False,
        glow=0.6 if lit and number is not None else 0.0,
        opacity=opacity if number is not None else DIMMED,
        shows=card.shows,
        grows=place.grows,
    )


@lru_cache(maxsize=256)
def _face(studio: Studio, value: Value) -> Card:
    """The cells and colours of a value, wherever it stands."""
    return studio.card(value, Place((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))


@lru_cache(maxsize=64)
def _nothing(shape: tuple[int, ...]) -> Mask:
    """No cell of so many."""
    return Mask(np.zeros(shape, dtype=bool))


@lru_cache(maxsize=256)
def _few_layers(cells: Cells, count: int, strongest: bool) -> tuple[int, ...]:
    """So many layers of a deck, evenly chosen; or those with the largest numbers, the largest in front."""
    layers = len(cells.values)
    if layers <= count:
        return tuple(range(layers))
    if strongest:
        sizes = np.nan_to_num(np.abs(cells.values)).max(axis=(1, 2))
        return tuple(np.argsort(-sizes, kind="stable")[:count].tolist())
    return tuple(layer * layers // count for layer in range(count))


def _link(studio: Studio, layout: MapLayout, link: Link, state: MapState) -> Iterator[Line]:
    """The line of a link: in its phase's colour where it is taken, faint where not, absent if it is behind."""
    theme = studio.theme
    taken = any(number in state.made for edge in link.edges for number in edge.made)
    if link.seldom and not taken:
        return
    size = layout.slots[0].scale
    way = WAYS[link.edges[0].way]
    colour = theme.phase(state.phase if taken and state.phase and way != "update" else way)
    head = min(max(HEAD * size, LEAST_HEAD), MOST_HEAD)
    line = Line(
        link.points, colour if taken else mix(theme.background, colour, STILL), 1.0 + size / 180, head
    )
    yield changed(line, glow=0.7, width=line.width * 1.5) if taken else line


def _words(studio: Studio, graph: Graph, layout: MapLayout, slot: Slot) -> Iterator[Text]:
    """Name and shape above or below a card, as wide as the way to its neighbours lets them be."""
    theme: Theme = studio.theme
    left, top, _, bottom = slot.box
    room = _room(layout, slot)
    shape = "×".join(map(str, graph.values[slot.node.versions[-1]].shape)) or "one number"
    lines = [(line, True) for line in _fitted(_called(studio, slot.node.name), room)]
    lines += [(shape, False)] if lettering.width(shape, SHAPE, "mono") <= room else []
    y = bottom + 28 if slot.node.lane == "back" else top - 12 - LEADING * (len(lines) - 1)
    for line, name in lines:
        colour = studio.accent(slot.node.name) if name else theme.soft
        face: Face = "mono-bold" if name else "mono"
        owner = f"{ON_MAP}{slot.node.key}"
        yield Text(
            line, (left, y), NAME if name else SHAPE, legible(colour, theme.background), face, "ls", owner
        )
        y += LEADING


def _row_names(studio: Studio, graph: Graph, layout: MapLayout, slot: Slot) -> Iterator[Text]:
    """What the rows of a column are called, right of it, where they can be read and no way goes."""
    column = _named_column(studio, graph, layout, slot)
    if column is None:
        return
    high, told = slot.place.down[1] / column.rows, _told(column)
    rows = range(column.rows) if high >= LEAST_ROW else told if _far_apart(told, high) else ()
    yield from (_row_name(studio, column, slot, row, row + 0.5) for row in rows)


def _answers(studio: Studio, graph: Graph, layout: MapLayout) -> Iterator[Text]:
    """On a map that is too small for names, those of the right row and its rival, as far apart as can be read."""
    for slot in layout.slots:
        column = _column(studio, graph.values[slot.node.versions[-1]])
        told = sorted(_told(column)) if column else []
        if column is None or not told or _leads_on(layout, slot):
            continue
        room = SHAPE * column.rows / slot.place.down[1]
        middles = spread([row + 0.5 for row in told], [room] * len(told), 0.0, (0.0, float(column.rows)))
        for row, middle in zip(told, middles, strict=True):
            yield _row_name(studio, column, slot, row, middle)


def _far_apart(rows: Sequence[int], high: float) -> bool:
    return min((abs(a - b) for a, b in pairwise(rows)), default=1) * high >= LEAST_ROW


@set_at_once
@dataclass(frozen=True)
class _Column:
    """A column of the map whose rows have names."""

    rows: int
    labels: Labels


def _named_column(studio: Studio, graph: Graph, layout: MapLayout, slot: Slot) -> _Column | None:
    """The column of a slot, where its rows have names and no way goes right of it."""
    column = _column(studio, graph.values[slot.node.versions[-1]])
    return None if column is None or _leads_on(layout, slot) else column


@lru_cache(maxsize=256)
def _column(studio: Studio, value: Value) -> _Column | None:
    """The value as a column, where it is one whose rows have names."""
    form = studio.form(value.shape)
    labels = studio.labels(form)[1]
    return _Column(form.rows, labels) if labels is not None and form.column else None


def _told(column: _Column) -> list[int]:
    """The right row and its rival."""
    rows = (column.labels.right, column.labels.rival)
    return list(dict.fromkeys(row for row in rows if row is not None))


def _row_name(studio: Studio, column: _Column, slot: Slot, row: int, middle: float) -> Text:
    """The name of a row, right of the card and so many rows below its corner."""
    (x, y), (ax, ay), high = slot.place.at, slot.place.across, slot.place.down[1] / column.rows
    colour, face = named_in(column.labels, row, False, studio.theme)
    colour = legible(colour, studio.theme.background)
    owner = f"{ON_MAP}{slot.node.key}"
    return Text(
        column.labels.names[row], (x + ax + ROW_GAP, y + ay + high * middle), SHAPE, colour, face, "lm", owner
    )


def _leads_on(layout: MapLayout, slot: Slot) -> bool:
    """Whether a way begins or ends right of the card."""
    _, top, right, bottom = slot.box
    return any(right < x < right + 2 * MOST_INSET and top < y < bottom for x, y in layout.ends)


def _room(layout: MapLayout, slot: Slot) -> float:
    """From the card's left edge to what stands next to it on the right."""
    others = [
        other.box[0]
        for other in layout.slots
        if other is not slot
        and other.box[0] > slot.box[0]
        and (other.band, other.node.lane) == (slot.band, slot.node.lane)
    ]
    return min([*others, layout.box[2] + MARGIN]) - slot.box[0] - NAME_GAP


@lru_cache(maxsize=256)
def _fitted(name: str, room: float) -> tuple[str, ...]:
    """A name in at most so many lines, its last word cut where there is no room."""
    lines = list(lettering.wrap(name, NAME, room, "mono-bold"))
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], lines[LINES - 1] + "…"]
    return tuple(_cut(line, room) for line in lines)


def _cut(line: str, room: float) -> str:
    while len(line) > 1 and lettering.width(line, NAME, "mono-bold") > room:
        line = line.rstrip("…")[:-1] + "…"
    return line


def _called(studio: Studio, name: str) -> str:
    return studio.board.nickname_of(name) or pretty(name)


def pretty(name: str) -> str:
    """`hidden_neurons_20x1` is `hidden neurons`; `net.layers[0].grads["w"]` is `layers[0] grads w`."""
    key = _KEY.search(name)
    owner, last = (name[: key.start()], key.group(1)) if key else name.rpartition(".")[::2]
    places = _PLACE.findall(owner)
    if places or key:
        held = owner.rpartition(".")[2]
        return " ".join(dict.fromkeys([*places[-1:], *([held] if key else []), last]))
    return _SHAPE_SUFFIX.sub("", name).replace("_", " ").strip() or name
