"""How far the map is at a moment of a storyboard: what was computed, what is in play, which ways are taken."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache

from mnistviz.picture.map.graph import Graph, graph_of, only_lays_out
from mnistviz.picture.stage.tableau import MapState
from mnistviz.story.storyboard import Gauge, Phase, Shot, Storyboard

THERE = -1  # the operation that made what was there before the first


@dataclass(frozen=True)
class _Stop:
    """The map around one shot."""

    before: MapState
    after: MapState
    made: tuple[tuple[str, int], ...]  # nodes and ids of values


def state_before(board: Storyboard, shot: Shot) -> MapState:
    """The map as a shot begins: what earlier shots completed is there, what this one is about is lit."""
    return _stop(board, shot).before


def state_after(board: Storyboard, shot: Shot) -> MapState:
    """The map once a shot is over: what it completed is there too."""
    return _stop(board, shot).after


def newly_made(board: Storyboard, shot: Shot) -> tuple[tuple[str, int], ...]:
    """Nodes and ids of the values that are there once the shot is over and were not before."""
    return _stop(board, shot).made


def _stop(board: Storyboard, shot: Shot) -> _Stop:
    """The map around a shot; one that is not of the board is drawn as if it came last."""
    return _stops(board).get(id(shot)) or _around(board, shot)


def _around(board: Storyboard, shot: Shot) -> _Stop:
    before, after = (_state(board, shot, finished) for finished in (False, True))
    there = set(before.shown)
    return _Stop(before, after, tuple(one for one in after.shown if one not in there))


@lru_cache(maxsize=8)
def _stops(board: Storyboard) -> dict[int, _Stop]:
    """The map around every shot, by the shot's identity: a shot is asked for in every frame."""
    return {id(shot): _around(board, shot) for chapter in board.chapters for shot in chapter.shots}


@lru_cache(maxsize=64)
def state_along(board: Storyboard, shot: Shot, share: float) -> MapState:
    """The map while it is gone through what the shot is about, a share of which is computed; the last is lit."""
    graph, before = graph_of(board.trace), dict(state_before(board, shot).shown)
    gone = shot.subject[: max(round(share * len(shot.subject)), _at_first(board, shot))]
    last: str | None = None
    for node in graph.nodes:
        made = [pair for pair in zip(node.made, node.versions, strict=True) if pair[0] in gone]
        if made:
            before[node.key] = made[-1][1]
            last = node.key if last is None or made[-1][0] >= _made(graph, last, gone) else last
    phase = state_before(board, shot).phase
    lit = frozenset() if last is None or share >= 1 else frozenset((last, *graph.sources(last)))
    return MapState(tuple(before.items()), lit, frozenset(gone), phase, state_before(board, shot).gauge)


@lru_cache(maxsize=64)
def ends_of(board: Storyboard, shot: Shot) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Nodes of what the shot's last operation makes, of its first one; and all that is changed later on."""
    graph, operations = graph_of(board.trace), [board.operation(number) for number in shot.subject]
    came_out, went_in = (
        frozenset(graph.homes[value.id] for value in values if value.id in graph.homes)
        for values in ((operations[-1].output,), (operations[0].output,))
    )
    changed = (node.key for node in graph.nodes if THERE in node.made and len(node.made) > 1)
    return came_out, went_in, frozenset(changed)


def _at_first(board: Storyboard, shot: Shot) -> int:
    """How many operations of the subject are there from the start: what was given, in another layout or unit."""
    laid_out = itertools.takewhile(lambda number: only_lays_out(board.operation(number)), shot.subject)
    return sum(1 for _ in laid_out)


@lru_cache(maxsize=64)
def state_beside(board: Storyboard, shot: Shot, share: float, apart: float) -> MapState:
    """The same, and what is computed anew stands beside what it was before, `apart` of the way from there."""
    along, earlier = state_along(board, shot, share), dict(state_before(board, shot).shown)
    anew = [
        node.key
        for node in graph_of(board.trace).nodes
        if node.key in earlier and set(node.made) & set(shot.subject)
    ]
    shown = tuple(one for one in along.shown if one[0] not in anew or one[1] != earlier[one[0]])
    return replace(along, shown=shown, before=tuple((key, earlier[key]) for key in anew), apart=apart)


@lru_cache(maxsize=64)
def state_ahead(board: Storyboard, shot: Shot, share: float) -> MapState:
    """The map as it is, the ways that what comes will take lit up, a share of them."""
    before = state_before(board, shot)
    ahead = shot.subject[: round(share * len(shot.subject))]
    return MapState(before.shown, frozenset(), frozenset(ahead), before.phase, before.gauge)


def _made(graph: Graph, key: str, among: tuple[int, ...]) -> int:
    return max((number for number in graph.node(key).made if number in among), default=THERE)


def _state(board: Storyboard, shot: Shot, finished: bool) -> MapState:
    graph = graph_of(board.trace)
    done, phase = _done(board, shot, finished)
    shown = []
    for node in graph.nodes:
        there = [number for number, made in zip(node.versions, node.made, strict=True) if made in done]
        if there:
            shown.append((node.key, there[-1]))
    gauge = _gauge(board, shot, finished)
    return MapState(tuple(shown), _in_play(board, graph, shot), frozenset(shot.subject), phase, gauge)


def _gauge(board: Storyboard, shot: Shot, finished: bool) -> Gauge | None:
    """The latest gauge of the shots that are over."""
    found: Gauge | None = None
    for other in (other for chapter in board.chapters for other in chapter.shots):
        if other is shot and not finished:
            break
        found = other.gauge or found
        if other is shot:
            break
    return found


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
