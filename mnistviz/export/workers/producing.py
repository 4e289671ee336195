"""Which segments a film lacks, in which order, whether there is room for them, and having them made."""

from __future__ import annotations

import heapq
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from mnistviz.errors import MachineError
from mnistviz.export.folder.folder import Folder
from mnistviz.export.report import Report
from mnistviz.export.video.segments import Plan, Stretch
from mnistviz.export.workers.jobs import Job, PageJob, SegmentJob, Workers, build_page_of, run_jobs
from mnistviz.storage.cache import Entry
from mnistviz.story.timeline import Timeline

BYTES_PER_PIXEL = 0.004  # of a frame, more than twice of what the default film takes
BESIDE_BYTES = 32 << 20  # for the page, its stills and the trace
RESTING = (
    0.1  # of the time that a tick takes in which something moves, takes one in which nothing does; about
)


def missing_jobs(plan: Plan, rates: Sequence[int], found: Mapping[str, Entry]) -> list[SegmentJob]:
    """The stretches that have to be drawn, each with the rates that lack it."""
    jobs = []
    for stretch in plan.stretches:
        lack = tuple(rate for rate in rates if plan.name(stretch, rate) not in found)
        if lack:
            jobs.append(SegmentJob(stretch, lack))
    return jobs


def well_ordered(plan: Plan, jobs: Sequence[SegmentJob], workers: int) -> list[SegmentJob]:
    """The jobs in the film's order or the longest first: as so many workers are done sooner, at a guess.

    Of a few segments the last one is often long, and only one of the workers has it.
    """
    orders = list(jobs), sorted(jobs, key=lambda job: effort(plan.timeline, job.stretch), reverse=True)
    return min(orders, key=lambda order: _end([effort(plan.timeline, job.stretch) for job in order], workers))


def effort(timeline: Timeline, stretch: Stretch) -> float:
    """How long it takes to draw a stretch, about: in ticks in which something moves."""
    moves = [(clip.start, clip.rest_start) for clip in timeline.clips]
    moves += [(clip.leave_start, clip.end) for clip in timeline.clips]
    moving = sum(max(0, min(end, stretch.end) - max(start, stretch.start)) for start, end in moves)
    return moving + RESTING * (stretch.end - stretch.start - moving)


def _end(efforts: Sequence[float], workers: int) -> float:
    """When the last of so many workers is done, where each takes the next job as soon as it is free."""
    busy = [0.0] * workers
    for one in efforts:
        heapq.heapreplace(busy, busy[0] + one)
    return max(busy)


def check_space(folder: Folder, plan: Plan, rates: Sequence[int], jobs: Sequence[SegmentJob]) -> None:
    """Raises `MachineError` where the disk has no room for the segments and the films joined of them."""
    pixels = plan.size[0] * plan.size[1] * BYTES_PER_PIXEL
    frames = sum(job.frames for job in jobs) + plan.frames(rates)
    needed = int(pixels * frames) + BESIDE_BYTES
    free = shutil.disk_usage(folder.path).free
    if free < needed:
        what = f"the disk is full: about {_mega(needed)} are needed and {_mega(free)} are free"
        raise MachineError(what, folder.path, "make room, or name another folder with --out")


def _mega(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


@dataclass(frozen=True)
class Work:
    """What there is to do for a film."""

    plan: Plan
    jobs: Sequence[SegmentJob]
    page: PageJob
    frames: int  # of all films, also of what is there already


def produce(
    work: Work,
    workers: Callable[[], AbstractContextManager[Workers]],
    report: Report,
    take_page: Callable[[Mapping[str, bytes], Mapping[str, bytes]], None],
) -> dict[str, Entry]:
    """Have all jobs done: the new segments by name.

    The page comes first: `take_page` is given it as it is without films, to be looked at meanwhile where there is
    something to wait for, and as it is beside them.
    """
    jobs, total = work.jobs, work.frames
    finished = total - sum(job.frames for job in jobs)
    made: dict[str, Entry] = {}

    def done(job: Job, result: Any) -> None:
        nonlocal finished
        if not isinstance(job, SegmentJob):
            take_page(*result)
            return
        finished += job.frames
        made.update((entry.name, entry) for entry in result)
        report(finished, total, f"drawing chapter {job.stretch.chapter}")

    report(finished, total, "drawing")
    if not jobs:
        take_page({}, build_page_of(work.plan, work.page)[1])
        return {}
    with workers() as ready:
        run_jobs([work.page, *jobs], ready, done)
    return made
