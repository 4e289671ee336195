"""Workers that are processes here: where these cannot be started, one thread of this process does the jobs."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import process as pools
from dataclasses import replace
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mnistviz.data.builtin import built_in
from mnistviz.errors import WorkerError
from mnistviz.export.page import caching
from mnistviz.export.page.survey import Piece, Survey
from mnistviz.export.video.encoder import find_encoder
from mnistviz.export.video.segments import Plan, Stretch
from mnistviz.export.workers import early, jobs, local, producing
from mnistviz.export.workers.jobs import Job, PageJob, SegmentJob, run_jobs
from mnistviz.export.workers.producing import missing_jobs
from mnistviz.export.workers.worth import MOST_EARLY, worth_early_workers, worth_workers
from mnistviz.picture import fallback
from mnistviz.picture.layout import Look
from mnistviz.storage.cache import Cache
from mnistviz.story.timeline import Timeline, schedule
from tests.export.stories import ROOT, small_plan, small_story

FAULTS = {
    "no more processes": OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)),
    "no more threads": RuntimeError("can't start new thread"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("before", [0, 1])
def test_where_a_process_cannot_be_started_a_thread_works(
    fault: str, before: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[SpawnProcess] = []
    real = SpawnProcess.start

    def start(process: SpawnProcess) -> None:
        if len(started) == before:
            raise FAULTS[fault]
        real(process)
        started.append(process)

    monkeypatch.setattr(SpawnProcess, "start", start)
    encoder = find_encoder()
    plan, cache = small_plan(encoder), Cache(tmp_path)
    made = []
    with local.local_workers(plan, 2, encoder.program, cache, tmp_path) as workers:
        assert isinstance(workers, local.ThreadWorker)
        assert len(started) == before and not any(process.is_alive() for process in started)
        run_jobs([SegmentJob(plan.stretches[0], (10,))], workers, lambda job, result: made.extend(result))
    assert [entry.frames for entry in made] == [plan.stretches[0].frames(10)]


@pytest.mark.parametrize("dead", [False, True])
def test_nothing_serves_workers_that_have_left(dead: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool's own thread that is still closing its pipes when Python ends has it write into a closed one."""
    real = pools._ThreadWakeup.close

    def close(pipes: pools._ThreadWakeup) -> None:
        time.sleep(0.3)
        real(pipes)

    monkeypatch.setattr(pools._ThreadWakeup, "close", close)
    before = set(threading.enumerate())
    workers = local.LocalWorkers(1)
    if dead:
        workers._context.started[0].kill()
    workers.leave()
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(("before", "count"), [(0, 1), (0, 2), (1, 2)])
def test_workers_that_die_before_they_have_a_job_end_it(
    before: int, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool breaks while jobs, and workers, are still being given to it."""
    started: list[SpawnProcess] = []
    real = SpawnProcess.start

    def start(process: SpawnProcess) -> None:
        real(process)
        started.append(process)
        if len(started) > before:
            process.kill()
            wait([process.sentinel])
            time.sleep(0.1)  # for the pool to see it

    monkeypatch.setattr(SpawnProcess, "start", start)
    encoder = find_encoder()
    plan, cache = small_plan(encoder), Cache(tmp_path)
    with (
        local.local_workers(plan, count, encoder.program, cache, tmp_path) as workers,
        pytest.raises(WorkerError, match="workers keep dying"),
    ):
        assert isinstance(workers, local.LocalWorkers)
        run_jobs([SegmentJob(plan.stretches[0], (10,))], workers, lambda job, result: None)
    assert not any(process.is_alive() for process in started)


def test_a_pool_whose_own_thread_dies_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where no more threads can be started, it cannot hand out anything: one thread does the jobs, or it is said."""
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if thread.name == "QueueFeederThread":
            raise FAULTS["no more threads"]
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    encoder = find_encoder()
    plan, cache = small_plan(encoder), Cache(tmp_path)
    hook = threading.excepthook
    with local.local_workers(plan, 2, encoder.program, cache, tmp_path) as workers:
        job = SegmentJob(plan.stretches[0], (10,))
        if isinstance(workers, local.ThreadWorker):
            run_jobs([job], workers, lambda job, result: None)
        else:
            with pytest.raises(RuntimeError, match="new thread"):
                run_jobs([job], workers, lambda job, result: None)
    assert threading.excepthook is hook and capfd.readouterr().err == ""


def test_workers_may_start_before_it_is_known_what_there_is_to_do(tmp_path: Path) -> None:
    encoder = find_encoder()
    plan, cache, made = small_plan(encoder), Cache(tmp_path), []
    with early.early_workers(1) as started:
        assert started is not None
        assert started.begin(partial(built_in, "test", 2)).result().labels.shape == (2,)
        with local.local_workers(plan, 1, encoder.program, cache, tmp_path, started) as workers:
            assert workers is started
            run_jobs([SegmentJob(plan.stretches[0], (10,))], workers, lambda job, result: made.extend(result))
    assert [entry.frames for entry in made] == [plan.stretches[0].frames(10)]


@pytest.mark.parametrize("fault", [None, "no more threads"])
def test_no_worker_that_draws_has_built_the_page(
    fault: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their parent builds it, once, even where workers die meanwhile; where it can start no thread, one of them."""
    encoder = find_encoder()
    plan, places = small_plan(encoder), list[int]()
    here, drawn = [os.getpid()], threading.Event()

    def build(plan: Plan, job: PageJob, ask: Callable[[], None]) -> list[dict[str, bytes]]:
        places.append(os.getpid())
        assert drawn.wait(60)
        return [{}, {}]

    def done(job: Job, result: Any) -> None:
        drawn.set()
        made.append(type(job))

    def submit(*_: object) -> None:
        raise FAULTS["no more threads"]

    monkeypatch.setattr(jobs, "build_page_of", build)
    if fault:
        monkeypatch.setattr(local.ThreadPoolExecutor, "submit", submit)
    made = list[type]()
    with local.local_workers(plan, 1, encoder.program, Cache(tmp_path), tmp_path) as workers:
        assert isinstance(workers, local.LocalWorkers)
        if not fault:
            workers._context.started[0].kill()
        run_jobs([PageJob(()), SegmentJob(plan.stretches[0], (10,))], workers, done)
    assert places == ([] if fault else here)
    assert sorted(made, key=str) == [PageJob, SegmentJob]


def test_a_page_that_nobody_wants_is_not_built_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever interrupts a render waits for no page."""
    beside = local._PageThread(small_plan(find_encoder()))
    begun, found, real = threading.Event(), list[Piece](), caching.survey_piece

    def survey_piece(timeline: Timeline, look: Look, piece: Piece) -> Survey:
        begun.set()
        found.append(piece)
        assert beside._unwanted.wait(60)
        return real(timeline, look, piece)

    monkeypatch.setattr(caching, "survey_piece", survey_piece)
    promised = beside.build(PageJob(()))
    assert begun.wait(60)
    beside.leave()
    assert isinstance(promised.exception(60), CancelledError) and len(found) == 1


def test_a_worker_has_the_fonts_that_its_parent_has_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = small_plan(find_encoder())
    monkeypatch.setattr(fallback, "_looked_for", {"": ("found.ttf",)})
    place = local._write_bench(local._Bench(plan, "", Cache(tmp_path), tmp_path))
    monkeypatch.setattr(fallback, "_looked_for", {})
    monkeypatch.setattr(fallback, "_candidates", lambda named: (f"looked for beside {named}",))
    monkeypatch.setattr("tempfile.tempdir", None)
    local._bench_at(place)
    local._bench_at.cache_clear()
    assert fallback.candidates("") == ("found.ttf",)
    assert fallback.candidates("mine.ttf") == ("looked for beside mine.ttf",)


def test_where_there_are_no_processes_none_starts_early(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(process: SpawnProcess) -> None:
        raise FAULTS["no more processes"]

    monkeypatch.setattr(SpawnProcess, "start", start)
    with early.early_workers(1) as started:
        assert started is None


def test_an_early_worker_is_gone_where_there_was_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[SpawnProcess] = []
    real = SpawnProcess.start

    def start(process: SpawnProcess) -> None:
        real(process)
        started.append(process)

    monkeypatch.setattr(SpawnProcess, "start", start)
    with early.early_workers(1):
        assert len(started) == 1
    assert not started[0].is_alive()


DEAD_AT_ONCE = """
import os
import sys
from dataclasses import replace
from multiprocessing import popen_spawn_posix, util
from pathlib import Path

sys.path.insert(0, {root!r})
from mnistviz.data.builtin import built_in
from mnistviz.errors import WorkerError
from mnistviz.export.video.encoder import find_encoder
from mnistviz.export.workers.jobs import SegmentJob, run_jobs
from mnistviz.export.workers.producing import missing_jobs
from mnistviz.export.workers.worth import worth_workers
from mnistviz.picture import fallback
from mnistviz.export.workers.local import LocalWorkers, local_workers
from mnistviz.storage.cache import Cache
from tests.export.stories import small_plan

real = util.spawnv_passfds

def spawn(program, arguments, handed):
    pid = real(program, arguments, handed)
    if any(b"spawn_main" in os.fsencode(word) for word in arguments):
        os.kill(pid, 9)
    return pid

util.spawnv_passfds = spawn
encoder, place = find_encoder(), Path({place!r})
plan = replace(small_plan(encoder), quality="more than a pipe holds" * 10_000)
with local_workers(plan, 1, encoder.program, Cache(place), place) as workers:
    try:
        run_jobs([SegmentJob(plan.stretches[0], (10,))], workers, lambda job, result: None)
    except WorkerError as error:
        print(error)
"""


def test_a_worker_that_dies_before_it_has_read_its_plan_is_not_waited_for(tmp_path: Path) -> None:
    code = DEAD_AT_ONCE.format(root=str(ROOT), place=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("workers keep dying"), done.stderr


WRITES_TO_NOBODY = """
import os
import signal
import sys
from concurrent.futures import process as pools
from contextlib import suppress

sys.path.insert(0, {root!r})
from mnistviz.export.workers.local import LocalWorkers

workers, wait = LocalWorkers(1), pools._ExecutorManagerThread.wait_result_broken_or_wakeup
workers._submit(os.getpid).result()
os.kill(workers._context.started[0].pid, signal.SIGSTOP)

def fail(thread):
    raise MemoryError

pools._ExecutorManagerThread.wait_result_broken_or_wakeup = fail
with suppress(MemoryError):
    for _ in range(9):
        workers._submit(len, bytes(1 << 20))
        workers._submit(len, bytes(1 << 20)).result()
workers.leave()
print("left")
"""


def test_a_pool_whose_own_thread_dies_while_it_hands_out_is_not_waited_for() -> None:
    """For want of memory, say: at Python's end the one that writes into its pipe was waited for for ever."""
    code = WRITES_TO_NOBODY.format(root=str(ROOT))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("left\n", "")


LEAVES_AT_ONCE = """
import os
import sys

sys.path.insert(0, {root!r})
from mnistviz.export.workers.local import LocalWorkers

LocalWorkers(1)
os._exit(130)
"""


def test_what_a_process_leaves_behind_that_ends_at_once_is_tidied_in_silence() -> None:
    code = LEAVES_AT_ONCE.format(root=str(ROOT))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (130, "")


def test_more_workers_where_there_is_more_to_do() -> None:
    encoder = find_encoder()
    small = small_plan(encoder)
    large = replace(small, size=(3840, 2160))
    jobs = missing_jobs(large, (10, 60), {})
    assert worth_workers(small, missing_jobs(small, (10,), {}), 64) == 1
    assert worth_workers(large, jobs, 2) == 2
    assert worth_workers(large, jobs, 64) == len(jobs)
    assert worth_workers(large, jobs[:1], 64) == 1  # the page is made beside it
    assert worth_workers(small, [], 64) == 1
    assert worth_early_workers(200, (10,), small.size, 64) == 0  # one is enough, and soon there
    assert [worth_early_workers(200, (10, 60), large.size, most) for most in (0, 1, 2, 64)] == [
        0,
        0,
        2,
        MOST_EARLY,
    ]


@pytest.mark.parametrize(
    ("efforts", "order"),
    [((1, 1, 2), (2, 0, 1)), ((3, 2, 2, 3, 2), (0, 1, 2, 3, 4)), ((1, 1), (0, 1)), ((), ())],
    ids=["the last one is long", "longest first is later", "alike", "none"],
)
def test_jobs_are_ordered_so_that_the_workers_end_together(
    efforts: tuple[int, ...], order: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [SegmentJob(Stretch(place, place + 1, 1, (place,)), (60,)) for place in range(len(efforts))]
    monkeypatch.setattr(producing, "effort", lambda timeline, stretch: efforts[stretch.start])
    plan = SimpleNamespace(timeline=None)
    assert producing.well_ordered(plan, given, 2) == [given[place] for place in order]  # type: ignore[arg-type]


def test_a_rest_costs_next_to_nothing() -> None:
    timeline = schedule(small_story(), "story", 400)
    clip = timeline.clips[0]
    for start, end, share in (
        (clip.start, clip.rest_start, 1.0),
        (clip.rest_start, clip.leave_start, producing.RESTING),
    ):
        assert producing.effort(timeline, Stretch(start, end, 1, (start,))) == pytest.approx(
            share * (end - start)
        )
