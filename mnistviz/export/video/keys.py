"""Where a film's key frames are: at chapters, at stops, and never far apart, for they are what one seeks to.

A key frame is 100 kB of 1080p, so there are no more than seeking needs.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise, takewhile

from mnistviz.story.storyboard import Chapter
from mnistviz.story.timeline import Timeline

LEAST_TICKS = 40  # between chapters, and stops that have a key frame
MOST_TICKS = 50  # from one key frame to the next


def key_ticks(timeline: Timeline, chapter: Chapter) -> tuple[int, ...]:
    """The ticks of a chapter's key frames: its start, its stops at least 4 s apart, and what lies between."""
    start, end = timeline.span(chapter)
    anchors = anchored(start, [clip.rest_start for clip in timeline.clips_of(chapter)], end)
    return tuple(
        tick for first, last in pairwise(anchors) for tick in evenly(first, last, _pieces(first, last))
    )


def anchored(start: int, stops: Sequence[int], end: int) -> list[int]:
    """The start, the stops that have a key frame, and the end: 4 s apart, and no stop left out that is 4 s from all.

    Of all such choices it is one with the fewest key frames.
    """
    stops = [tick for tick in stops if start + LEAST_TICKS <= tick <= end - LEAST_TICKS]
    # Of each that may be one: how many key frames are before it, and which is the one before it.
    best: dict[int, tuple[float, int]] = {start: (0, start)}
    for tick in (start, *stops):
        if tick in best:
            for other in _next(tick, stops) or [end]:
                way = best[tick][0] + _pieces(tick, other), tick
                best[other] = min(best.get(other, (math.inf, 0)), way)
    found = [end]
    while found[-1] > start:
        found.append(best[found[-1]][1])
    return found[::-1]


def _next(tick: int, stops: Sequence[int]) -> list[int]:
    """The stops that may follow one, with none between that is 4 s from both."""
    left = stops[bisect_left(stops, tick + LEAST_TICKS) :]
    return list(takewhile(lambda stop: stop < left[0] + LEAST_TICKS, left))


def _pieces(first: int, last: int) -> int:
    """How many key frames there are in [first, last)."""
    return -(-(last - first) // MOST_TICKS)


def evenly(start: int, end: int, pieces: int) -> list[int]:
    """Where [start, end) begins and is to be cut, for so many pieces that are about equal."""
    return [start + (end - start) * piece // pieces for piece in range(pieces)]


def runs(keys: tuple[int, ...], end: int, ticks: int) -> list[tuple[tuple[int, ...], int]]:
    """The keys in runs of about `ticks`, each with the tick at which it ends."""
    start = keys[0]
    pieces = max(1, round((end - start) / ticks))
    cuts = sorted({min(keys, key=lambda key: abs(key - cut)) for cut in evenly(start, end, pieces)})
    return [
        (tuple(key for key in keys if first <= key < last), last) for first, last in pairwise([*cuts, end])
    ]
