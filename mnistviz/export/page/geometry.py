"""Where every card stands at every tick, small enough to travel with the page.

The page's script finds the cell under the pointer from this: cards in painter's order, each a list of
parallelograms.  What is equal between ticks is said once: places, masks and cards are rows of tables,
and a scene (the cards of one instant) lasts until the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import CellMap, DisplayList, Mask, Matrix
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip, Timeline

Composer = Callable[[Fraction], DisplayList]
STEPS_PER_UNIT = 10  # places are whole tenths of a design unit: a cell is never that small
FAINTEST = 0.15  # a card of less opacity hides nothing and cannot be pointed at


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
class Geometry:
    """Tables of what can be pointed at; rows of `cards` are numbers of `shown`, `places`, `layers`, `masks`."""

    scenes: list[list[Any]] = field(default_factory=list)  # [first tick, [numbers of cards, painter's order]]
    cards: Table = field(default_factory=Table)
    shown: Table = field(default_factory=Table)
    places: Table = field(default_factory=Table)  # across x y, down x y, then each layer's origin x y
    layers: Table = field(default_factory=Table)
    masks: Table = field(default_factory=Table)  # lengths of runs of cells: absent, there, absent ...

    def plain(self) -> dict[str, Any]:
        """For JSON, without what is shown."""
        return {
            "unit": STEPS_PER_UNIT,
            "scenes": self.scenes,
            "cards": self.cards.rows,
            "places": self.places.rows,
            "layers": self.layers.rows,
            "masks": self.masks.rows,
        }


def gather(timeline: Timeline, composer: Composer, moving: bool = True) -> Geometry:
    """The geometry of a whole film; without `moving`, of its rests only."""
    geometry = Geometry()
    seen: list[int] | None = None
    for tick, cards in _cards_by_tick(timeline, composer, geometry, moving):
        if cards != seen:
            geometry.scenes.append([tick, cards])
            seen = cards
    return geometry


def _cards_by_tick(
    timeline: Timeline, composer: Composer, geometry: Geometry, moving: bool
) -> Iterator[tuple[int, list[int]]]:
    def cards(tick: int) -> list[int]:
        return [_enter(part, geometry) for part in visible(composer(Fraction(tick, TICKS_PER_SECOND)))]

    for clip in timeline.clips:
        if not moving and clip.rest_start > clip.start:
            yield clip.start, []
        for tick in _ticks_that_differ(clip, cards, moving):
            yield tick, cards(tick)


def _ticks_that_differ(clip: Clip, cards: Callable[[int], list[int]], moving: bool) -> Iterator[int]:
    """Every tick of the act; of the rest the first, where the last one shows the same."""
    if moving:
        yield from range(clip.start, clip.rest_start)
    if clip.rest_start < clip.end:
        held = cards(clip.rest_start) == cards(clip.end - 1)
        yield from range(clip.rest_start, clip.rest_start + 1 if held else clip.end)


def visible(display: DisplayList) -> list[Matrix]:
    """The matrices that can be seen, the first painted first."""
    return [part for part in display.primitives if isinstance(part, Matrix) and part.opacity >= FAINTEST]


def _enter(matrix: Matrix, geometry: Geometry) -> int:
    shown = Shown(matrix.key, matrix.shows, matrix.cells.values.shape)
    points = (matrix.across, matrix.down, *matrix.origins)
    place = tuple(round(coordinate * STEPS_PER_UNIT) for point in points for coordinate in point)
    mask = -1 if matrix.mask is None else geometry.masks.number(_runs(matrix.mask))
    return geometry.cards.number(
        (
            geometry.shown.number(shown),
            geometry.places.number(place),
            geometry.layers.number(matrix.layers),
            mask,
        )
    )


def _runs(mask: Mask) -> tuple[int, ...]:
    """Lengths of alternating runs in row-major order, the first of cells that are not there."""
    flat: NDArray[np.bool_] = mask.shown.ravel()
    changes = np.flatnonzero(np.diff(np.concatenate(([False], flat, [not flat[-1] if flat.size else True]))))
    edges = np.concatenate(([0], changes))
    return tuple(int(length) for length in np.diff(edges))
