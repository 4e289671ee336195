"""Workers that are processes here: where these cannot be started, one thread of this process does the jobs."""

from __future__ import annotations

import errno
import os
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest

from mnistviz.export.video.encoder import find_encoder
from mnistviz.export.workers import local
from mnistviz.export.workers.jobs import SegmentJob, run_jobs
from mnistviz.storage.cache import Cache
from tests.export.stories import small_plan

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
