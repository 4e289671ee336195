"""Workers that are processes here: where these cannot be started, one thread of this process does the jobs."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest

from mnistviz.export.video.encoder import find_encoder
from mnistviz.export.workers import local
from mnistviz.export.workers.jobs import SegmentJob, run_jobs
from mnistviz.storage.cache import Cache
from tests.export.stories import ROOT, small_plan

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


LEAVES_AT_ONCE = """
import os
import sys
from pathlib import Path

sys.path.insert(0, {root!r})
from mnistviz.export.video.encoder import find_encoder
from mnistviz.export.workers.local import LocalWorkers
from mnistviz.storage.cache import Cache
from tests.export.stories import small_plan

encoder, place = find_encoder(), Path({place!r})
LocalWorkers(small_plan(encoder), 1, encoder.program, Cache(place), place)
os._exit(130)
"""


def test_what_a_process_leaves_behind_that_ends_at_once_is_tidied_in_silence(tmp_path: Path) -> None:
    code = LEAVES_AT_ONCE.format(root=str(ROOT), place=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (130, "")
