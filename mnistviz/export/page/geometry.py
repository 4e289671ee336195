"""Where every card stands at every tick, small enough to travel with the page.

The page's script finds the cell under the pointer from this: cards in painter's order, each a list of
parallelograms.  What is equal between ticks is said once: places, masks and cards are rows of tables,
and the cards of one instant stay until those of the next one.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from mnistviz.export.stage.pack import MATRIX, PARTS, STEPS, Packer, Row, Table, mask_runs
from mnistviz.picture.display import CellMap
from mnistviz.picture.map.draw import ON_MAP
from mnistviz.story.timeline import Timeline
from mnistviz.trace.model import Span

NO_CARD = -1
STEPS_PER_UNIT = 10  # places are whole tenths of a design unit: a cell is never that small
STEPS_A_TENTH = STEPS / STEPS_PER_UNIT  # of the packed film, whose places they are made of
FAINTEST = 0.15  # a card of less opacity hides nothing and cannot be pointed at
SMALLEST_CELL = 2.0  # design units: in the corner the map's cells are less, and nobody could hit one


@dataclass(frozen=True)
class Shown:
    """What a card shows, without where."""

    key: str
    shows: CellMap | None  # None: no numbers
    shape: tuple[int, ...]  # layers, rows, columns of what is drawn


@dataclass(frozen=True)
class CardPlaces:
    """Tables of what can be pointed at; rows of `cards` are numbers of `shown`, `places`, `layers`, `masks`."""

    moments: list[list[Any]] = field(
        default_factory=list
    )  # [first tick, [numbers of cards, painter's order]]
    lit: list[tuple[int, Span | None]] = field(default_factory=list)  # by tick: the sub-expression
    cards: Table = field(default_factory=Table)
    shown: Table = field(default_factory=Table)
    places: Table = field(default_factory=Table)  # across x y, down x y, then each layer's origin x y
    layers: Table = field(default_factory=Table)
    masks: Table = field(default_factory=Table)  # lengths of runs of cells: absent, there, absent ...

    def enter(self, tick: int, cards: list[int]) -> None:
        """What is there from a tick on."""
        if not self.moments or self.moments[-1][1] != cards:
            self.moments.append([tick, cards])

    def card(self, row: Row) -> int:
        """The number of a card, said without numbers: what it shows, its place, layers and mask."""
        shown, place, layers, mask = row
        numbers = self.shown.number(shown), self.places.number(place), self.layers.number(layers)
        return self.cards.number((*numbers, -1 if mask is None else self.masks.number(mask)))

    def rows(self) -> list[Row]:
        """All cards by number, said without numbers."""
        shown, places, layers, masks = self.shown.rows, self.places.rows, self.layers.rows, self.masks.rows
        return [
            (shown[one], places[place], layers[layer], None if mask < 0 else masks[mask])
            for one, place, layer, mask in self.cards.rows
        ]

    def plain(self) -> dict[str, Any]:
        """For JSON, without what is shown: tables as columns, for a name is then said once and not a thousand times."""
        shown, places, layers, masks = zip(*self.cards.rows, strict=True) if self.cards.rows else ((),) * 4
        return {
            "unit": STEPS_PER_UNIT,
            "moments": {
                "ticks": [tick for tick, _ in self.moments],
                "cards": [cards for _, cards in self.moments],
            },
            "cards": {"shown": shown, "places": places, "layers": layers, "masks": masks},
            "places": [{"across": row[:2], "down": row[2:4], "origins": row[4:]} for row in self.places.rows],
            "layers": self.layers.rows,
            "masks": self.masks.rows,
        }


def card_places(packer: Packer, lit: list[tuple[int, Span | None]]) -> CardPlaces:
    """Where the cards of a packed film are; `lit` has what is lit, by tick."""
    found = CardPlaces(lit=lit)
    cards = [_entered(form, place, found) for form, place in packer.parts]
    for parts, run in groupby(packer.instants, itemgetter(1)):
        tick = next(run)[0]
        found.enter(tick, [card for card in map(cards.__getitem__, parts) if card != NO_CARD])
    return found


def _entered(form: Row, place: Row, tables: CardPlaces) -> int:
    """The number of a card, said as it is packed; `NO_CARD` for what is none, or cannot be pointed at."""
    if form[0] != MATRIX:
        return NO_CARD
    _, key, _, _, shape, layers, mask, *_, shows = form
    opacity, _, _, *points = place
    across, down, _, *origins = [points[start : start + 2] for start in range(0, len(points), 2)]
    if opacity < FAINTEST * PARTS or (
        key.startswith(ON_MAP) and _cell_size(shape, across, down) < SMALLEST_CELL
    ):
        return NO_CARD
    row = tuple([round(step / STEPS_A_TENTH) for point in (across, down, *origins) for step in point])
    return tables.card((Shown(key, shows, shape), row, layers, None if mask is None else mask_runs(mask)))


def _cell_size(shape: tuple[int, ...], across: list[int], down: list[int]) -> float:
    """The shorter side of a cell, in design units; of the map's cards, which are small in the corner."""
    _, rows, columns = shape
    return min(math.hypot(*across) / columns, math.hypot(*down) / rows) / STEPS


def resting(timeline: Timeline, places: CardPlaces) -> CardPlaces:
    """The same, but cards that move cannot be pointed at."""
    found, rows = CardPlaces(lit=places.lit), places.rows()
    moments = deque(places.moments)
    now: list[int] = []
    for clip in timeline.clips:
        for tick in range(clip.start, clip.end):
            if moments and moments[0][0] == tick:
                now = moments.popleft()[1]
            rests = clip.rest_start <= tick < clip.leave_start
            found.enter(tick, [found.card(rows[card]) for card in now] if rests else [])
    return found
