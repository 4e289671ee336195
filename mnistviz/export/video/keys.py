"""Where a film's key frames are: at chapters, at stops, and never far apart, for they are what one seeks to.

A key frame is 140 kB of 1080p, so there are no more than seeking needs.
"""

from __future__ import annotations

from itertools import pairwise

from mnistviz.story.storyboard import Chapter
from mnistviz.story.timeline import Timeline

LEAST_TICKS = 40  # from any key frame to a stop that has one too
MOST_TICKS = 50  # from one key frame to the next


def key_ticks(timeline: Timeline, chapter: Chapter) -> tuple[int, ...]:
    """The ticks of a chapter's key frames: its start, its stops at least 4 s apart, and what lies between."""
    start, end = timeline.span(chapter)
    anchors = [start]
    for clip in timeline.clips_of(chapter):
        if anchors[-1] + LEAST_TICKS <= clip.rest_start < end:
            anchors.append(clip.rest_start)
    return tuple(
        tick
        for first, last in pairwise([*anchors, end])
        for tick in evenly(first, last, -(-(last - first) // MOST_TICKS))
    )


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
