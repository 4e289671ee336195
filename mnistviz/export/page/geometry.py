"""Where every card stands at every tick, small enough to travel with the page.

The page's script finds the cell under the pointer from this: cards in painter's order, each a list of
parallelograms.  What is equal between ticks is said once: places, masks and cards are rows of tables,
and the cards of one instant stay until those of the next one.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.export.stage.pack import PARTS, STEPS
from mnistviz.picture.compose import Moment
from mnistviz.picture.display import CellMap, DisplayList, Mask, Matrix, Primitive
from mnistviz.picture.map.draw import ON_MAP
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import Span

Composer = Callable[[Fraction], Moment]
# Of each primitive at a tick a name; what looks alike has the same.
Naming = Callable[[int], Sequence[Hashable]]
Row = tuple[Any, ...]
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


class Table:
    """Rows without repetition, each known by its number."""

    def __init__(self) -> None:
        self.numbers: dict[Hashable, int] = {}

    def number(self, row: Hashable) -> int:
        """The number of a row, a new one where it was not there."""
        return self.numbers.setdefault(row, len(self.numbers))

    @property
    def rows(self) -> list[Any]:
        """All rows, by number."""
        return list(self.numbers)


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
    known: dict[Hashable, int] = field(default_factory=dict)  # numbers of cards, or `NO_CARD`, by their names

    def __getstate__(self) -> dict[str, Any]:
        """To travel: without the names, which others give otherwise."""
        return {**self.__dict__, "known": {}}

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

    def join(self, later: CardPlaces) -> None:
        """Take in where the cards of a later part of the film are."""
        numbers = list(map(self.card, later.rows()))
        for tick, cards in later.moments:
            self.enter(tick, [numbers[card] for card in cards])
        self.lit.extend(later.lit)

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


def gather(
    timeline: Timeline,
    composer: Composer,
    piece: tuple[int, int] | None = None,
    naming: Naming | None = None,
) -> CardPlaces:
    """Where the cards of a film are, or of the ticks [start, end) of it, and what is lit; no rest may be cut.

    `naming` is asked of ticks that were composed just now; without one, primitives stand for themselves.
    """
    places = CardPlaces()
    start, end = piece or (0, timeline.ticks)
    for clip in timeline.clips:
        for ticks in (
            range(max(clip.start, start), min(clip.rest_start, end)),
            _rest(clip, composer) if start <= clip.rest_start < end else (),
            range(max(clip.leave_start, start), min(clip.end, end)),
        ):
            for tick in ticks:
                _note(places, tick, composer, naming)
    return places


def _note(places: CardPlaces, tick: int, composer: Composer, naming: Naming | None) -> None:
    moment = composer(Fraction(tick, TICKS_PER_SECOND))
    places.lit.append((tick, moment.lit))
    parts = moment.display.primitives
    names: Sequence[Hashable] = parts if naming is None else naming(tick)
    for name, part in zip(names, parts, strict=True):
        if name not in places.known:
            places.known[name] = _entered(part, places)
    found = map(places.known.__getitem__, names)
    places.enter(tick, [number for number in found if number != NO_CARD])


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


def _rest(clip: Clip, composer: Composer) -> range:
    """The ticks of a clip's rest: the first alone, where the last one shows the same."""
    whole = range(clip.rest_start, clip.leave_start)
    ends = [visible(composer(Fraction(tick, TICKS_PER_SECOND)).display) for tick in (*whole[:1], *whole[-1:])]
    return whole[:1] if ends[:1] == ends[-1:] else whole


def visible(display: DisplayList) -> list[Matrix]:
    """The matrices that can be seen and pointed at, the first painted first; the map's while it fills the stage."""
    return [part for part in display.primitives if isinstance(part, Matrix) and _is_visible(part)]


def _is_visible(matrix: Matrix) -> bool:
    return round(matrix.opacity * PARTS) >= FAINTEST * PARTS and (
        not matrix.key.startswith(ON_MAP) or _cell_size(matrix) >= SMALLEST_CELL
    )


def _cell_size(matrix: Matrix) -> float:
    """The shorter side of a cell, in design units."""
    _, rows, columns = matrix.cells.values.shape
    return float(min(math.hypot(*matrix.across) / columns, math.hypot(*matrix.down) / rows))


def _entered(part: Primitive, tables: CardPlaces) -> int:
    """The number of a card; `NO_CARD` for what is none, or cannot be pointed at."""
    return _enter(part, tables) if isinstance(part, Matrix) and _is_visible(part) else NO_CARD


def _enter(matrix: Matrix, tables: CardPlaces) -> int:
    shown = Shown(matrix.key, matrix.shows, matrix.cells.values.shape)
    points = (matrix.across, matrix.down, *matrix.origins)
    place = tuple(
        [round(round(coordinate * STEPS) / STEPS_A_TENTH) for point in points for coordinate in point]
    )
    return tables.card((shown, place, matrix.layers, None if matrix.mask is None else _runs(matrix.mask)))


def _runs(mask: Mask) -> tuple[int, ...]:
    """Lengths of alternating runs in row-major order, the first of cells that are not there."""
    flat: NDArray[np.bool_] = mask.shown.ravel()
    changes = np.flatnonzero(np.diff(np.concatenate(([False], flat, [not flat[-1] if flat.size else True]))))
    edges = np.concatenate(([0], changes))
    return tuple(int(length) for length in np.diff(edges))
