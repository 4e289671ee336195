"""How many workers are worth their start.  All imports here are light: it is asked before numpy is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mnistviz.story.timecode import TICKS_PER_SECOND

if TYPE_CHECKING:
    from mnistviz.export.video.segments import Plan
    from mnistviz.export.workers.jobs import SegmentJob

SECONDS_A_FRAME, SECONDS_A_PIXEL = 2e-3, 4e-9  # of processor time, to draw and encode a frame; about
SECONDS_A_WORKER = 1.0  # that it takes until one is ready
MOST_EARLY = 4  # workers: where few segments are missing, many would have started in vain


def worth_workers(plan: Plan, jobs: Sequence[SegmentJob], most: int) -> int:
    """So many workers as are worth their start, at most `most`: a short film of small pictures is done by one."""
    frames = sum(job.frames for job in jobs)
    worth = _worth(frames, plan.size)
    return max(1, min(most, len(jobs), worth))


def worth_early_workers(ticks: int, rates: Sequence[int], size: tuple[int, int], most: int) -> int:
    """So many workers as may start before it is known what a film lacks; 0 where one alone would do."""
    frames = sum(ticks * rate // TICKS_PER_SECOND for rate in rates)
    count = min(most, MOST_EARLY, _worth(frames, size))
    return count if count > 1 else 0


def _worth(frames: int, size: tuple[int, int]) -> int:
    """How many workers have something to do for longer than they take to start."""
    drawing = frames * (SECONDS_A_FRAME + SECONDS_A_PIXEL * size[0] * size[1])
    return int(drawing / SECONDS_A_WORKER)
