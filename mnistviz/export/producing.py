"""Which segments a film lacks, whether there is room for them, and having them made."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from mnistviz.errors import MachineError
from mnistviz.export.folder import Folder
from mnistviz.export.ledger import Entry
from mnistviz.export.pool import Crew, Job, work
from mnistviz.export.segments import Plan

Progress = Callable[[int, int, str], None]  # frames done, frames in all, what is being made
BYTES_PER_PIXEL = 0.012  # of a film, generously: our films are mostly still
BESIDE_BYTES = 32 << 20  # for the page, its stills and the trace


def lacking(plan: Plan, rates: Sequence[int], found: Mapping[str, Entry]) -> list[Job]:
    """The stretches that have to be drawn, each with the rates that lack it."""
    jobs = []
    for stretch in plan.stretches:
        lack = tuple(rate for rate in rates if plan.name(stretch, rate) not in found)
        if lack:
            jobs.append(Job(stretch, lack))
    return jobs


def check_space(folder: Folder, plan: Plan, rates: Sequence[int], jobs: Sequence[Job]) -> None:
    """Raises `MachineError` where the disk has no room for the segments and the films joined of them."""
    pixels = plan.size[0] * plan.size[1] * BYTES_PER_PIXEL
    joined = sum(stretch.frames(rate) for stretch in plan.stretches for rate in rates)
    needed = int(pixels * (sum(job.frames for job in jobs) + joined)) + BESIDE_BYTES
    free = shutil.disk_usage(folder.path).free
    if free < needed:
        what = f"the disk is full: about {_mega(needed)} are needed and {_mega(free)} are free"
        raise MachineError(what, folder.path, "make room, or name another folder with --out")


def _mega(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def produce(
    plan: Plan,
    rates: Sequence[int],
    jobs: Sequence[Job],
    found: Mapping[str, Entry],
    crew: AbstractContextManager[Crew],
    progress: Progress,
) -> dict[str, Entry]:
    """All segments of the films at these rates, by name: those found and those made now."""
    made = dict(found)
    total = sum(stretch.frames(rate) for stretch in plan.stretches for rate in rates)
    finished = total - sum(job.frames for job in jobs)

    def done(job: Job, entries: tuple[Entry, ...]) -> None:
        nonlocal finished
        finished += job.frames
        made.update((entry.name, entry) for entry in entries)
        progress(finished, total, f"drawing chapter {job.stretch.chapter}")

    progress(finished, total, "drawing")
    if jobs:
        with crew as hands:
            work(jobs, hands, done)
    return made
