"""On a Dask cluster: a real scheduler, two worker processes over TCP, one of them killed midway."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import mnistviz
from mnistviz.errors import InputError, MachineError
from mnistviz.export.workers import cluster
from tests.export.stories import ROOT, SMALL, contents, render, small_story

OPTIONS = {"size": SMALL, "duration": "0:30", "fps": (10, 60), "quality": "draft"}

pytestmark = pytest.mark.needs("/bin/sh")


@contextmanager
def dask(role: str, *arguments: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler or a worker in a process of its own."""
    log = (folder / f"{role}-{time.monotonic_ns()}.log").open("wb")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", f"distributed.cli.dask_{role}", *arguments]
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True)
    process.log = Path(log.name)  # type: ignore[attr-defined]
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


def address(scheduler: subprocess.Popen[bytes]) -> str:
    """Where the scheduler listens, once it does."""
    end = time.monotonic() + 60
    while time.monotonic() < end and scheduler.poll() is None:
        found = re.search(r"Scheduler at:\s+(tcp://\S+)", scheduler.log.read_text())  # type: ignore[attr-defined]
        if found:
            return found[1]
        time.sleep(0.05)
    pytest.fail(scheduler.log.read_text())  # type: ignore[attr-defined]


def worker(where: str, folder: Path):
    return dask("worker", where, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", folder=folder)


def test_a_cluster_that_loses_a_worker_gives_the_bytes_of_a_local_render(tmp_path):
    render(small_story(), tmp_path / "here", **OPTIONS)
    seen: list[int] = []
    with dask(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", folder=tmp_path
    ) as scheduler:
        where = address(scheduler)
        with worker(where, tmp_path) as doomed, worker(where, tmp_path):

            def kill_one_midway(done: int, total: int, what: str) -> None:
                seen.append(done)
                if done >= total // 4 and doomed.poll() is None:
                    os.killpg(doomed.pid, signal.SIGKILL)
                    doomed.wait()

            away = mnistviz.render(
                small_story(), tmp_path / "away", cluster=where, progress=kill_one_midway, **OPTIONS
            )
    assert doomed.returncode == -signal.SIGKILL and any(0 < done < max(seen) for done in seen)
    assert contents(away) == contents(tmp_path / "here")


def test_nobody_at_that_address(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1)
    with pytest.raises(MachineError, match="no Dask cluster answers"):
        mnistviz.render(small_story(), tmp_path / "out", cluster="tcp://127.0.0.1:1", **OPTIONS)
    assert contents(tmp_path / "out") == {}


@pytest.mark.parametrize(
    "address", ["nonsense", "what://is this", "http://127.0.0.1:8786", "tcp://:8786", ""]
)
def test_an_address_that_is_none(tmp_path, address):
    with pytest.raises(InputError, match="not the address"):
        mnistviz.render(small_story(), tmp_path / "out", cluster=address, **OPTIONS)
    assert not (tmp_path / "out").exists()


def test_without_the_extra_its_name_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r'pip install "mnistviz\[cluster\]"'):
        mnistviz.render(small_story(), tmp_path / "out", cluster="tcp://127.0.0.1:8786", **OPTIONS)
