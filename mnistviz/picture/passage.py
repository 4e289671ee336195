"""How one shot becomes the next: cards that stay travel, the others come from the map and go to it.

Nothing appears out of nothing that has a place on the map, and the stage is never empty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mnistviz.picture.display import Primitive
from mnistviz.picture.easing import eased, mix
from mnistviz.picture.hashing import changed
from mnistviz.picture.map.draw import layout_of
from mnistviz.picture.map.graph import graph_of, laid_out_from
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, MapState, Place, Tableau

# Shares of the passage in which cards go to the map, travel on the stage, come from the map.
GOING, STAYING, COMING = (0.0, 0.6), (0.15, 0.9), (0.3, 0.95)
MEETING = (0.1, 0.85)  # in which they come where none stays: the stage would be empty
# And in which those without a place on the map fade and rise: out of the way of others, or so that the stage is
# never empty.
FADING, LINGERING = (0.0, 0.2), (0.4, 0.9)
RISING, HURRYING = (0.55, 0.95), (0.1, 0.6)
SIGNS_FADE = (0.0, 0.2)  # they stand at cards that are about to leave


@dataclass(frozen=True)
class Homes:
    """Where on the map cards belong, of arrays that are there by then."""

    nodes: Mapping[str, str]  # key of the node by the name of an array
    places: Mapping[str, Place]  # by key of the node
    small: bool  # whether the map stands beside the title, not over the whole frame
    laid_out: Mapping[int, int]  # of what value another one is the numbers, in another layout or unit; by id

    def node(self, card: Card) -> str:
        """The node of a card; its own key where the map has none."""
        name = card.key.partition("/")[0]
        return self.nodes.get(name, name)

    def source(self, card: Card) -> int | None:
        """The value whose numbers the card shows, whatever their layout or unit."""
        return None if card.shows is None else self.laid_out.get(card.shows.value, card.shows.value)

    def of(self, card: Card) -> Place | None:
        """The card's place on the map, with as many layers as the card has."""
        node, _, version = card.key.partition("/")
        earlier = self.places.get(f"{self.nodes.get(node, node)}/{version}")
        place = earlier or self.places.get(self.node(card))
        if place is None:
            return None
        if _turned(card, place):
            return _turned_over(place) if _stands(card.place) else None
        return _with_layers(place, len(card.place.steps))

    def way(self, staged: Place, home: Place, share: float) -> Place:
        """Where a card is between the stage (0) and its place on the map (1).

        It comes to a small map and leaves it from below: so it does not pass over the title, which stands beside it.
        """
        between = cards.place_between(staged, home, share)
        if not (self.small and 0 < share < 1):
            return between
        ahead = mix(staged.at[0], home.at[0], 1 - (1 - share) ** 2)
        aside = min(ahead, max(_right(staged), _right(home)) - _right(between) + between.at[0])
        return changed(between, at=(round(max(aside, between.at[0]) * 2) / 2, between.at[1]))


def _turned(card: Card, place: Place) -> bool:
    """Whether a row would have to become a column: on its way it would be as thin as a line."""
    _, rows, columns = card.cells.values.shape
    return rows == 1 and columns > 1 and math.hypot(*place.across) < math.hypot(*place.down)


def _stands(place: Place) -> bool:
    """Whether what is a row stands upright, as it does before it lies down."""
    return abs(place.across[1]) > abs(place.across[0])


def _turned_over(place: Place) -> Place:
    """The place of a column for the row that it becomes: each cell where it was."""
    return changed(place, across=place.down, down=place.across)


@lru_cache(maxsize=64)
def homes_on(studio: Studio, state: MapState, whole: bool) -> Homes:
    """The places of the small map in a state, or of the one that fills the frame."""
    layout, there, earlier = layout_of(studio, state, whole), dict(state.shown), dict(state.before)
    places = {slot.node.key: slot.place for slot in layout.slots if slot.node.key in there}
    for slot in layout.slots:
        if slot.node.key in earlier:
            (x, y) = slot.place.at
            places[f"{slot.node.key}/before"] = changed(slot.place, at=(x - slot.before, y))
    trace = studio.board.trace
    return Homes(graph_of(trace).names, places, not whole, laid_out_from(trace))


def _with_layers(place: Place, count: int) -> Place:
    """The place of a deck of so many layers that fills the room of another one."""
    last = place.steps[-1]
    parts = max(count - 1, 1)
    steps = tuple((last[0] * layer / parts, last[1] * layer / parts) for layer in range(count))
    return changed(place, steps=steps)


def passing(old: Tableau, new: Tableau, q: float, homes: Homes) -> Tableau:
    """The way from one tableau to the next at q, 0..1; words, plots and what is lit are still the old ones."""
    origins = _origins(old.cards, new.cards, homes)
    stay = {id(origin) for origin in origins if origin is not None}
    leaving = [card for card in old.cards if id(card) not in stay]
    alone = not stay and not any(map(homes.of, leaving)) and new.view is None
    gone = [_gone(card, q, homes, LINGERING if alone else FADING) for card in leaving]
    coming = COMING if stay or old.view or new.view else MEETING
    first = not stay and not any(map(homes.of, new.cards)) and old.view is None
    came = [
        _came(card, q, homes, coming, HURRYING if first else RISING)
        for card, origin in zip(new.cards, origins, strict=True)
        if origin is None
    ]  # beneath what stays: it may have to pass it
    stayed = [
        _stayed(origin, card, q)
        for card, origin in zip(new.cards, origins, strict=True)
        if origin is not None
    ]
    fading, rising = 1 - eased(q, *SIGNS_FADE), eased(q, 0.6, 1.0)
    return changed(
        old,
        cards=(*gone, *came, *stayed),
        marks=(*faded(old.marks, fading), *faded(new.marks, rising)),
        under=(*faded(old.under, fading), *faded(new.under, rising)),
    )


def flying_home(tableau: Tableau, names: frozenset[str], q: float, homes: Homes) -> Tableau:
    """What was just made flies to its place on the map, and stays on the stage as well."""
    ghosts = []
    for card in tableau.cards:
        place = homes.of(card)
        if card.key in names and place is not None:
            way = cards.place_between(card.place, place, eased(q, 0.0, 1.0))
            made = changed(bare(card), place=way, glow=0.0, mask=None)  # no cell is missing
            ghosts.append(made)
    return changed(tableau, cards=(*tableau.cards, *ghosts)) if 0 < q < 1 else tableau


def bare(card: Card) -> Card:
    """The card without words."""
    return changed(card, words=0.0, numbers=(), exact=(), lit=(), shadow=False)


def _gone(card: Card, q: float, homes: Homes, fading: tuple[float, float]) -> Card:
    place, way = homes.of(card), eased(q, *GOING)
    if place is None:
        return changed(card, words=1 - eased(q, 0.0, 0.3), opacity=card.opacity * (1 - eased(q, *fading)))
    left = 1 - eased(q, GOING[1] - 0.15, GOING[1])  # there the map's own card stands
    return changed(bare(card), place=homes.way(card.place, place, way), opacity=card.opacity * left)


def _came(
    card: Card, q: float, homes: Homes, coming: tuple[float, float], rising: tuple[float, float]
) -> Card:
    place = homes.of(card)
    if place is None:
        words = card.words * eased(q, 0.7, 1.0)
        return changed(card, words=words, opacity=card.opacity * eased(q, *rising))
    there = homes.way(card.place, place, 1 - eased(q, *coming))
    seen = card.opacity * eased(q, coming[0] - 0.1, coming[0])
    return changed(card, place=there, words=card.words * eased(q, 0.85, 1.0), opacity=seen, shadow=q > 0.9)


def _right(place: Place) -> float:
    return place.at[0] + place.across[0] + place.steps[-1][0]


def _stayed(origin: Card, card: Card, q: float) -> Card:
    way = eased(q, *STAYING)
    moved = origin.place != card.place
    words = 1 - eased(q, 0.0, 0.2) + eased(q, 0.8, 1.0) if moved else 1.0
    return changed(cards.between(origin, card, way), words=words)


def _origins(old: tuple[Card, ...], new: tuple[Card, ...], homes: Homes) -> list[Card | None]:
    """For each new card the old one that it is: of the same key and form, the latest made, used only once.

    Where there is none, one of the same array: its change, or what it was before; or what it is laid out from.
    """
    left = {(card.key, card.cells.values.shape): card for card in old}
    found = [left.pop((card.key, card.cells.values.shape), None) for card in new]
    akin = {
        (key.partition("/")[0], shape): card for (key, shape), card in left.items() if "/ghost" not in key
    }
    found = [
        akin.pop((card.key.partition("/")[0], card.cells.values.shape), None) if origin is None else origin
        for card, origin in zip(new, found, strict=True)
    ]
    sources = {(homes.source(card), card.cells.values.shape): card for card in akin.values()}
    return [
        sources.pop((homes.source(card), card.cells.values.shape), None) if origin is None else origin
        for card, origin in zip(new, found, strict=True)
    ]


def faded(parts: tuple[Primitive, ...], opacity: float) -> tuple[Primitive, ...]:
    """The parts, seen as far as `opacity`."""
    if opacity <= 0:
        return ()
    return parts if opacity >= 1 else tuple(changed(part, opacity=part.opacity * opacity) for part in parts)
