"""What one more worker brings, and where a cluster's limit lies: the real scheduler, a stand-in for the drawing.

    python tests/benchmarks/scaling_bench.py                 1 to 1,000 workers, a film of ten hours
    python tests/benchmarks/scaling_bench.py --seconds 60    of a minute

The stand-in takes no processor time: a worker is an entry in a heap of moments at which segments are finished, on a
clock that runs faster than ours, so that 1,000 of them fit into this process.  What is measured is what
`run_jobs` does: hand out, hear, take back, hand out again what was lost; and the bytes that travel, by pickling them.
"""

from __future__ import annotations

import argparse
import heapq
import pickle
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT)]

from mnistviz.export.video.segments import SEGMENT_TICKS, Stretch  # noqa: E402
from mnistviz.export.workers.jobs import Job, SegmentJob, run_jobs  # noqa: E402

DRAWING = 4.5  # seconds of one core for a segment of 8 s at 1080p60, measured
SEGMENT_BYTES = 1_000_000  # of such a segment at 60 fps, measured
FASTER = {
    1: 200.0,
    2: 200.0,
    10: 100.0,
    100: 50.0,
    1000: 20.0,
}  # than our clock, by the workers: no faster than hands out
PATIENCE = 20.0  # seconds of our clock for a line of the table


class LostError(Exception):
    """Workers are gone."""


class StandIns:
    """So many workers that only take their time."""

    lost: tuple[type[Exception], ...] = (LostError,)

    def __init__(self, count: int, drawing: float, faster: float, lose_at: Sequence[int] = ()) -> None:
        self._free, self._drawing = count, drawing / faster
        self._lose_at = set(lose_at)
        self._waiting: deque[Future[Any]] = deque()
        self._busy: list[tuple[float, int, Future[Any]]] = []
        self._changed = threading.Condition()
        self.submitted = self.renewed = self.begun = 0
        self._over = False
        self._clock = threading.Thread(target=self._run, daemon=True)
        self._clock.start()

    def submit(self, job: Job) -> Future[Any]:
        """Hand a job out."""
        future: Future[Any] = Future()
        with self._changed:
            self.submitted += 1
            self._waiting.append(future)
            self._begin()
            self._changed.notify()
        return future

    def _begin(self) -> None:
        while self._free and self._waiting:
            self._free -= 1
            self.begun += 1
            heapq.heappush(
                self._busy, (time.monotonic() + self._drawing, self.begun, self._waiting.popleft())
            )

    def _run(self) -> None:
        while not self._over:
            with self._changed:
                left = self._busy[0][0] - time.monotonic() if self._busy else 0.05
                if left > 0:
                    self._changed.wait(left)
                    continue
                _, number, future = heapq.heappop(self._busy)
                self._free += 1
                self._begin()
            if number in self._lose_at:
                future.set_exception(LostError())
            else:
                future.set_result(number)

    def collect(self, job: Job, result: Any) -> Any:
        """What a job makes."""
        return result

    def renew(self) -> None:
        """All that ran are lost with the worker that died."""
        self.renewed += 1
        with self._changed:
            self._free += len(self._busy)
            self._busy.clear()
            self._waiting.clear()

    def leave(self) -> None:
        """End the clock."""
        self._over = True
        self._clock.join()


@dataclass(frozen=True)
class Run:
    """One simulated film."""

    workers: int
    segments: int
    seconds: float  # on the film's clock, or on ours where the drawing takes none
    scheduler: float  # seconds of processor time in this process, clock thread and all


def film(seconds: int) -> list[SegmentJob]:
    """The jobs of a film of that length."""
    stretches = (
        Stretch(start, start + SEGMENT_TICKS, 1, (start, start + SEGMENT_TICKS // 2))
        for start in range(0, seconds * 10, SEGMENT_TICKS)
    )
    return [SegmentJob(stretch, (60,)) for stretch in stretches]


def simulated(jobs: Sequence[SegmentJob], count: int, drawing: float = DRAWING, faster: float = 1.0) -> Run:
    """Have so many stand-ins do the jobs; every one of them comes back once."""
    done: list[Job] = []
    workers = StandIns(count, drawing, faster)
    began, before = time.monotonic(), time.process_time()
    try:
        run_jobs(jobs, workers, lambda job, _: done.append(job))
    finally:
        workers.leave()
    assert sorted(job.stretch.start for job in done) == [job.stretch.start for job in jobs]  # type: ignore[union-attr]
    wall = time.monotonic() - began
    return Run(count, len(jobs), wall * (faster if drawing else 1.0), time.process_time() - before)


def plan_bytes() -> int:
    """What each worker is sent once: the default film's plan."""
    from mnistviz.export.video import segments
    from mnistviz.picture.layout import look
    from mnistviz.scene import load_scene
    from mnistviz.story.timeline import schedule

    scene = load_scene()
    timeline = schedule(scene.storyboard(scene.record()), "story")
    size = (1920, 1080)
    return len(pickle.dumps(segments.plan(timeline, look(size), size, "standard", "")))


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=36_000, help="length of the film")
    told = "seconds of our clock for a line of the table; beyond, it is nothing but the sum"
    parser.add_argument("--patience", type=float, default=PATIENCE, help=told)
    options = parser.parse_args()
    jobs = film(options.seconds)
    print(f"a film of {len(jobs) * SEGMENT_TICKS / 600:,.0f} minutes, {len(jobs):,} segments")
    print(f"{'workers':>8} {'film s':>9} {'times 1 worker':>15} {'of the ideal':>13}")
    one = len(jobs) * DRAWING
    for count, faster in FASTER.items():
        if one / count > options.patience * faster:
            print(f"{count:8,} {one / count:9,.0f} {count:15.1f} {'(the sum)':>13}")
            continue
        run = simulated(jobs, count, faster=faster)
        print(f"{count:8,} {run.seconds:9,.0f} {one / run.seconds:15.1f} {one / count / run.seconds:13.1%}")
    limit = simulated(jobs, max(FASTER), drawing=0.0)
    rate = limit.segments / limit.seconds
    print(
        f"handed out and taken back, where drawing takes no time: {rate:,.0f} segments a second, {len(jobs):,} waiting"
    )
    print(f"so one scheduler keeps {rate * DRAWING:,.0f} workers busy")
    print(
        f"on the wire: {plan_bytes():,} bytes to each worker once, {len(pickle.dumps(jobs[0])):,} a job, about"
    )
    print(
        f"{SEGMENT_BYTES:,} back for a segment: {SEGMENT_BYTES * 1000 / DRAWING / 1e6:,.0f} MB a second from 1,000 workers"
    )
    films = 10_000 * len(film(60))
    print(
        f"10,000 films of a minute are {films:,} segments: {films * DRAWING / 1000 / 60:,.1f} minutes of 1,000 workers"
    )


if __name__ == "__main__":
    main()
