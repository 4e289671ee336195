"""How far the map is at a moment of a storyboard: what was computed, what is in play, which ways are taken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mnistviz.picture.map.graph import Graph, graph_of
from mnistviz.story.storyboard import Phase, Shot, Storyboard

THERE = -1  # the operation that made what was there before the first


@dataclass(frozen=True)
class MapState:
    """What the map shows; two that are equal look the same."""

    shown: tuple[tuple[str, int], ...]  # node and id of its latest value, of those that are computed
    lit: frozenset[str] = frozenset()  # nodes in play
    made: frozenset[int] = frozenset()  # operations in play: their ways glow
    phase: Phase | None = None  # in its colour

    def value_of(self, key: str) -> int | None:
        """The id of the latest value of a node; None before it is computed."""
        return dict(self.shown).get(key)


def state_before(board: Storyboard, shot: Shot) -> MapState:
    """The map as a shot begins: what earlier shots completed is there, what this one is about is lit."""
    return _state(board, shot, finished=False)


def state_after(board: Storyboard, shot: Shot) -> MapState:
    """The map once a shot is over: what it completed is there too."""
    return _state(board, shot, finished=True)


def newly_made(board: Storyboard, shot: Shot) -> tuple[tuple[str, int], ...]:
    """Nodes and ids of the values that are there once the shot is over and were not before."""
    before = set(state_before(board, shot).shown)
    return tuple(one for one in state_after(board, shot).shown if one not in before)


@lru_cache(maxsize=512)
def _state(board: Storyboard, shot: Shot, finished: bool) -> MapState:
    graph = graph_of(board.trace)
    done, phase = _done(board, shot, finished)
    shown = []
    for node in graph.nodes:
        there = [number for number, made in zip(node.versions, node.made, strict=True) if made in done]
        if there:
            shown.append((node.key, there[-1]))
    return MapState(tuple(shown), _in_play(board, graph, shot), frozenset(shot.subject), phase)


def _done(board: Storyboard, shot: Shot, finished: bool) -> tuple[set[int], Phase | None]:
    """Operations that are over by the time of the shot, and its phase."""
    done = {THERE}
    for chapter in board.chapters:
        for other in chapter.shots:
            if other is shot:
                done |= set(shot.completes) if finished else set()
                return done | {number for number in board.left_out if number < max(done)}, chapter.phase
            done |= set(other.completes)
    return done, None


def _in_play(board: Storyboard, graph: Graph, shot: Shot) -> frozenset[str]:
    """Nodes of the arrays that the shot's operations take and make."""
    operations = [board.operation(number) for number in shot.subject]
    values = [value for made in operations for value in (*made.inputs, made.output, *made.more)]
    return frozenset(graph.homes[value.id] for value in values if value.id in graph.homes)
