"""Ways that would cross a name, or a card that they do not lead to, go around: clear of all cards and names.

They go along straight pieces with round corners.  The shortest such way with the fewest corners is found on a
grid of the lines that pass beside what stands there.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Box, Point
from mnistviz.picture.map.ways import MOST_INSET, Link, Slot, rounded

CLEAR = 8.0  # design units between a way and what it goes around,
TOUCH = 3.0  # and nearer than which one has to
MOST_AROUND = 3  # ways beneath cards that are led around them: more would lie on each other
STUB = 10.0  # of a way, straight out of a card and into one
CORNER = 150.0  # as much is a corner worth, in design units of length
SIDES: tuple[Point, ...] = ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))  # of a card, outwards


@dataclass(frozen=True)
class _Port:
    """A side of a card where a way may begin or end: at the card, a little out of it, and along which axis."""

    tip: Point
    stub: Point
    axis: int  # 0: across, 1: down


def clear_of_names(
    links: Sequence[Link], slots: Sequence[Slot], names: Sequence[Box], bounds: Box
) -> tuple[Link, ...]:
    """The links, those that cross a name or a card led around it; one for which there is no room stays as it is.

    What would pass beneath the cards of its own row looked as if it came out of the last of them.
    """
    by_key = {slot.node.key: slot for slot in slots}
    beneath = {
        id(link) for link in links if _is_beneath(link, by_key[link.ends[0]], by_key[link.ends[1]], slots)
    }
    obstacles = np.array([*(slot.box for slot in slots), *names]).reshape(-1, 4)

    def led(link: Link) -> Link:
        around = id(link) in beneath and len(beneath) <= MOST_AROUND
        if not (around or any(crosses(link.points, name) for name in names)):
            return link
        points = _way(by_key[link.ends[0]], by_key[link.ends[1]], obstacles, bounds)
        return replace(link, points=points) if points else link

    return tuple(led(link) for link in links)


def _is_beneath(link: Link, start: Slot, end: Slot, slots: Sequence[Slot]) -> bool:
    """Whether a way forth passes beneath other cards of its row; what comes back passes over what it is for."""
    row = (start.node.lane, start.band)
    if not link.behind or row != (end.node.lane, end.band) or row[0] == "back":
        return False
    return any(crosses(link.points, slot.box, 0.0) for slot in slots if slot not in (start, end))


def crosses(points: Sequence[Point], box: Box, berth: float = TOUCH) -> bool:
    """Whether a line comes nearer to a box than that."""
    left, top, right, bottom = box
    grown = (left - berth, top - berth, right + berth, bottom + berth)
    return any(_cuts(one, other, grown) for one, other in itertools.pairwise(points))


def _cuts(one: Point, other: Point, box: Box) -> bool:
    """Whether a piece of a line has a point in a box (Liang and Barsky, 1984)."""
    enters, leaves = 0.0, 1.0
    for axis in (0, 1):
        start, step = one[axis], other[axis] - one[axis]
        low, high = box[axis] - start, box[axis + 2] - start
        if step == 0:
            if low > 0 or high < 0:
                return False
            continue
        first, last = sorted((low / step, high / step))
        enters, leaves = max(enters, first), min(leaves, last)
    return enters <= leaves


def _way(start: Slot, end: Slot, obstacles: NDArray[np.float64], bounds: Box) -> tuple[Point, ...]:
    begins, ends = (tuple(_ports(slot, obstacles, bounds)) for slot in (start, end))
    grid = _Grid(obstacles, [port.stub for port in (*begins, *ends)], bounds)
    found = grid.shortest(begins, ends)
    return rounded(found, min(0.12 * min(start.scale, end.scale), 2 * MOST_INSET)) if found else ()


def _ports(slot: Slot, obstacles: NDArray[np.float64], bounds: Box) -> Iterator[_Port]:
    """The middles of the sides of a card from which there is a way out."""
    left, top, right, bottom = slot.box
    inset = min(0.05 * slot.scale, MOST_INSET)
    for dx, dy in SIDES:
        x, y = (left + right + dx * (right - left)) / 2, (top + bottom + dy * (bottom - top)) / 2
        tip, stub = ((x + dx * out, y + dy * out) for out in (inset, inset + STUB))
        inside = bounds[0] <= stub[0] <= bounds[2] and bounds[1] <= stub[1] <= bounds[3]
        others = obstacles[(obstacles != slot.box).any(axis=1)]
        if inside and not any(crosses((tip, stub), tuple(box)) for box in others.tolist()):
            yield _Port(tip, stub, int(dx == 0))


class _Grid:
    """Lines across and down that pass beside what stands there, and which pieces of them are free."""

    def __init__(self, obstacles: NDArray[np.float64], stubs: Sequence[Point], bounds: Box) -> None:
        self.lines = tuple(_lines(obstacles, stubs, bounds, axis) for axis in (0, 1))
        self.free = tuple(_free(self.lines, obstacles, axis) for axis in (0, 1))  # [along, beside]

    def shortest(self, begins: Sequence[_Port], ends: Sequence[_Port]) -> tuple[Point, ...]:
        """Corners from one of the ports to one of the others; nothing where there is no way (Dijkstra, 1959)."""
        goals = {(*self._place(port.stub), port.axis): port for port in ends}
        starts = {(*self._place(port.stub), port.axis): port for port in begins}
        waiting = [(0.0, state, state) for state in starts]
        came: dict[tuple[int, int, int], tuple[int, int, int]] = {}
        while waiting:
            cost, state, before = heapq.heappop(waiting)
            if state in came:
                continue
            came[state] = before
            if state in goals:
                return self._corners(came, state, starts, goals[state])
            for length, following in self._next(state):
                if following not in came:
                    heapq.heappush(waiting, (cost + length, following, state))
        return ()

    def _place(self, point: Point) -> tuple[int, int]:
        x, y = (int(np.abs(line - part).argmin()) for line, part in zip(self.lines, point, strict=True))
        return x, y

    def _next(self, state: tuple[int, int, int]) -> Iterator[tuple[float, tuple[int, int, int]]]:
        """Where one can go from there, and how long it is: on along the axis, or around a corner."""
        x, y, axis = state
        yield CORNER, (x, y, 1 - axis)
        along, beside = (x, y) if axis == 0 else (y, x)
        line = self.lines[axis]
        for low, goal in ((along, along + 1), (along - 1, along - 1)):
            if 0 <= low < len(line) - 1 and self.free[axis][low, beside]:
                yield float(line[low + 1] - line[low]), (goal, y, 0) if axis == 0 else (x, goal, 1)

    def _corners(
        self,
        came: dict[tuple[int, int, int], tuple[int, int, int]],
        last: tuple[int, int, int],
        starts: dict[tuple[int, int, int], _Port],
        goal: _Port,
    ) -> tuple[Point, ...]:
        states = [last]
        while came[states[-1]] != states[-1]:
            states.append(came[states[-1]])
        states.reverse()
        turns = [one for one, other in itertools.pairwise(states) if one[2] != other[2]]
        corners = [(float(self.lines[0][x]), float(self.lines[1][y])) for x, y, _ in turns]
        return (starts[states[0]].tip, *corners, goal.tip)


def _lines(
    obstacles: NDArray[np.float64], stubs: Sequence[Point], bounds: Box, axis: int
) -> NDArray[np.float64]:
    """Where a way may go along the other axis: just beside what stands there, and where it begins and ends."""
    beside = (
        *(obstacles[:, axis] - CLEAR),
        *(obstacles[:, axis + 2] + CLEAR),
        *(stub[axis] for stub in stubs),
    )
    found = np.unique(np.round(beside, 3))
    return found[(found >= bounds[axis]) & (found <= bounds[axis + 2])]


def _free(
    lines: tuple[NDArray[np.float64], ...], obstacles: NDArray[np.float64], axis: int
) -> NDArray[np.bool_]:
    """Whether each piece of each line along an axis is clear of everything; (pieces, lines)."""
    along, beside = lines[axis], lines[1 - axis]
    berth = CLEAR - 0.1
    low, high = obstacles[:, axis] - berth, obstacles[:, axis + 2] + berth
    near, far = obstacles[:, 1 - axis] - berth, obstacles[:, 3 - axis] + berth
    meets = (along[:-1, None] < high) & (along[1:, None] > low)  # (pieces, obstacles)
    level = (beside[:, None] > near) & (beside[:, None] < far)  # (lines, obstacles)
    return np.asarray(~(meets[:, None, :] & level[None, :, :]).any(axis=2))
