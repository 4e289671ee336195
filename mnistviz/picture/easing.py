"""Pure functions of progress: how things start, move and stop, and in which order cells are told.

Every function takes and returns 0..1 unless it says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from mnistviz.picture.display import Point
from mnistviz.trace.model import set_at_once

LANDED = 0.97  # of a cell's own progress: what has flown to it is there


def clamp(p: float) -> float:
    """Held within 0..1."""
    return 0.0 if p < 0 else 1.0 if p > 1 else p


def ramp(p: float, start: float, end: float) -> float:
    """Progress within the window [start, end) of p, linear, held outside."""
    return clamp((p - start) / (end - start))


def smooth(p: float) -> float:
    """Ease in and out: 6p^5 - 15p^4 + 10p^3, still at both ends (Perlin's smootherstep)."""
    p = clamp(p)
    return p * p * p * (p * (6 * p - 15) + 10)


def eased(p: float, start: float, end: float) -> float:
    """`smooth` within the window [start, end) of p."""
    return smooth(ramp(p, start, end))


def still_acts(p: float) -> float:
    """0 before an action, 1 after it, and the same number all the time in between."""
    return 0.0 if p <= 0 else 1.0 if p >= 1 else 0.5


def mix(a: float, b: float, q: float) -> float:
    """From a to b."""
    return a + (b - a) * q


def mix_point(a: Point, b: Point, q: float) -> Point:
    """From point a to point b, straight; on its way at half units, so that what hardly moves is held."""
    if q <= 0:
        return a
    if q >= 1:
        return b
    return round((a[0] + (b[0] - a[0]) * q) * 2) / 2, round((a[1] + (b[1] - a[1]) * q) * 2) / 2


@set_at_once
@dataclass(frozen=True)
class CellPace:
    """Which cell is being told: `done` cells are finished, the one at place `cell` is at progress `q` of its own."""

    done: int
    cell: int  # its place in the order in which cells are told
    q: float
    tier: int  # 0 the first cell, slowly; 1 the next few, faster; 2 the sweep over the rest

    @property
    def slow(self) -> bool:
        """Whether there is time to show the cell's own arithmetic move."""
        return self.tier < 2

    @property
    def flies(self) -> bool:
        """Whether what the cell is made of, or its result, is still on its way."""
        return self.slow and self.q < LANDED

    @property
    def seen(self) -> CellPace:
        """The same for as long as it looks the same: between two cells of a sweep nothing moves."""
        return self if self.slow else CellPace(self.done, self.cell, 1.0, self.tier)

    def landed(self, q: float = LANDED) -> int:
        """How many cells have their results: one that is told slowly has it from `q` of its own progress on."""
        return self.done + (self.q >= q if self.slow else 1)


def pacing(count: int, p: float, slow: float = 0.46, few: int = 2, brisk: float = 0.26) -> CellPace:
    """The first of `count` cells takes `slow` of the time, the next `few` share `brisk`, the rest sweep by."""
    if count <= 1 or p >= 1:
        return CellPace(count if p >= 1 else 0, max(count - 1, 0), clamp(p), 0 if count <= 1 else 2)
    few = min(few, count - 1)
    brisk = brisk if few else 0.0
    swept = count - 1 - few
    if swept == 0:
        slow, brisk = slow / (slow + brisk), brisk / (slow + brisk)
    if p < slow:
        return CellPace(0, 0, clamp(p / slow), 0)
    if p < slow + brisk:
        along = (p - slow) / brisk * few
        done = min(int(along), few - 1)
        return CellPace(1 + done, 1 + done, clamp(along - done), 1)
    along = (p - slow - brisk) / (1 - slow - brisk) * swept
    done = min(int(along), max(swept - 1, 0))
    return CellPace(1 + few + done, 1 + few + done, clamp(along - done), 2)
