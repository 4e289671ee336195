"""Where a film's key frames are: at chapters, at stops, and never far apart, for they are what one seeks to.

A key frame is 140 kB of 1080p, so there are no more than seeking needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from mnistviz.story.storyboard import Chapter
from mnistviz.story.timeline import Timeline

LEAST_TICKS = 40  # from any key frame to a stop that has one too
MOST_TICKS = 50  # from one key frame to the next
RESTS = 4  # ticks of a rest are as much work as one in which things move: few of their frames are encoded


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


def work_of(timeline: Timeline, chapter: Chapter) -> list[int]:
    """By tick of a chapter: how much work there is until then, in ticks in which things move, times `RESTS`."""
    start, end = timeline.span(chapter)
    moving = [RESTS] * (end - start)
    for clip in timeline.clips_of(chapter):
        moving[clip.rest_start - start : clip.leave_start - start] = [1] * (
            clip.leave_start - clip.rest_start
        )
    return [0, *accumulate(moving)]


def runs(keys: tuple[int, ...], work: Sequence[int], most: int) -> list[tuple[tuple[int, ...], int]]:
    """The keys in runs of about as much work as `most`, each with the tick at which it ends; `work` as by `work_of`."""
    done = {key: work[key - keys[0]] for key in keys}
    pieces = max(1, round(work[-1] / most))
    cuts = sorted({min(keys, key=lambda key: abs(done[key] - cut)) for cut in evenly(0, work[-1], pieces)})
    end = keys[0] + len(work) - 1
    return [
        (tuple(key for key in keys if first <= key < last), last) for first, last in pairwise([*cuts, end])
    ]
