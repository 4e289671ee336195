"""Many hands: segments are handed to processes here or to a cluster, and what fails is tried again.

Everything goes through `concurrent.futures.Executor`.  A worker never imports the caller's `__main__`,
so that a script without a guard, a notebook and standard input may all render.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from mnistviz.errors import EncoderError, InputError, MachineError, WorkerError
from mnistviz.export import encoder
from mnistviz.export.files import machine_errors
from mnistviz.export.fingerprint import code_digest
from mnistviz.export.ledger import Cache, Entry
from mnistviz.export.painting import Encoded, draw
from mnistviz.export.segments import Plan, Stretch
from mnistviz.export.signals import undisturbed

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
LEAVE_SECONDS = 1.0


@dataclass(frozen=True)
class Job:
    """A stretch to draw, and the rates that lack it."""

    stretch: Stretch
    rates: tuple[int, ...]

    @property
    def frames(self) -> int:
        """Frames of all its films."""
        return sum(self.stretch.frames(rate) for rate in self.rates)


class Crew(Protocol):
    """Those who draw."""

    def submit(self, job: Job) -> Future[Any]:
        """Hand a job out."""

    def collect(self, job: Job, result: Any) -> tuple[Entry, ...]:
        """The finished segments of a job, in the cache."""

    def renew(self) -> None:
        """New workers for those that died."""


def work(jobs: Sequence[Job], crew: Crew, done: Callable[[Job, tuple[Entry, ...]], None]) -> None:
    """Have all jobs done; `done` hears of each.

    Raises `EncoderError` where a job fails too often, `WorkerError` where workers die too often.
    """
    failures: Counter[Job] = Counter()
    deaths = 0
    running = {crew.submit(job): job for job in jobs}
    while running:
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        again: list[Job] = []
        died = False
        for future in finished:
            job = running.pop(future)
            try:
                done(job, crew.collect(job, future.result()))
                deaths = 0
            except EncoderError as error:
                failures[job] += 1
                if failures[job] >= encoder.TRIES or isinstance(error, encoder.HungEncoder):
                    raise
                again.append(job)
            except (BrokenProcessPool, LostWorker, CancelledError):
                died = True
                again.append(job)
        if died:
            deaths += 1
            if deaths >= encoder.TRIES:
                raise WorkerError(
                    "workers keep dying", f"{deaths} times", "is there enough memory? try --workers 1"
                )
            again += running.values()
            running = {}
            crew.renew()
        running |= {crew.submit(job): job for job in again}


class LostWorker(Exception):
    """A cluster has lost the workers of a job."""


class _Worker(SpawnProcess):
    """A process that starts with nothing of the caller's but what it is given."""

    def start(self) -> None:
        with _STARTING, _bare_surroundings():
            super().start()


class _Context(SpawnContext):
    """Starts `_Worker` processes and knows them."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *arguments: Any, **named: Any) -> SpawnProcess:  # type: ignore[override]
        process = _Worker(*arguments, **named)
        self.started.append(process)
        return process


_STARTING = threading.Lock()


@contextmanager
def _bare_surroundings() -> Iterator[None]:
    """What a process inherits: an empty `__main__`, one thread for every library, no terminal signals."""
    main = sys.modules["__main__"]
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        sys.modules["__main__"] = ModuleType("__main__")
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
        yield
    finally:
        sys.modules["__main__"] = main
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


class Here:
    """A crew of processes on this machine; each puts its segments into the cache itself."""

    def __init__(self, plan: Plan, workers: int, program: str, cache: Cache, scratch: Path) -> None:
        self._start = (plan, program, cache, scratch, os.getpid())
        self._workers = workers
        self._pool, self._context = self._fresh()

    def _fresh(self) -> tuple[Executor, _Context]:
        context = _Context()
        with _STARTING, _bare_surroundings():  # its queues may start a process too, Python's resource tracker
            return ProcessPoolExecutor(self._workers, context, _prepare, self._start), context

    def submit(self, job: Job) -> Future[Any]:
        """Hand a job out."""
        return self._pool.submit(_draw_here, job)

    def collect(self, job: Job, result: Any) -> tuple[Entry, ...]:
        """The entries that the worker has made."""
        return tuple(result)

    def renew(self) -> None:
        """A new pool."""
        self.leave()
        self._pool, self._context = self._fresh()

    def leave(self) -> None:
        """No worker is alive afterwards."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in self._context.started:
            if process.is_alive():
                process.kill()
        end = time.monotonic() + LEAVE_SECONDS
        for process in self._context.started:
            process.join(max(0.0, end - time.monotonic()))


@contextmanager
def here(plan: Plan, workers: int, program: str, cache: Cache, scratch: Path) -> Iterator[Crew]:
    """A crew of so many processes on this machine."""
    crew = Here(plan, workers, program, cache, scratch)
    try:
        yield crew
    finally:
        with undisturbed():
            crew.leave()


@dataclass(frozen=True)
class _Bench:
    """What a worker process works with, from its start to its end."""

    plan: Plan
    program: str
    cache: Cache
    scratch: Path


_bench: list[_Bench] = []  # filled once, when the worker starts


def _prepare(plan: Plan, program: str, cache: Cache, scratch: Path, parent: int) -> None:
    import cv2

    encoder.tie_to(parent)
    cv2.setNumThreads(1)
    _bench.append(_Bench(plan, program, cache, scratch))


def _draw_here(job: Job) -> tuple[Entry, ...]:
    bench = _bench[-1]
    if code_digest() != bench.plan.code:
        raise InputError("mnistviz itself changed while it ran", "a file of the package", "run it again")
    with machine_errors("writing a segment"), _own_folder(bench.scratch) as folder:
        encoded = draw(bench.plan, job.stretch, job.rates, bench.program, folder)
        return tuple(_kept(bench.cache, bench.plan, job, encoded))


def _kept(cache: Cache, plan: Plan, job: Job, encoded: Iterable[Encoded]) -> Iterator[Entry]:
    for segment in encoded:
        yield cache.keep(plan.name(job.stretch, segment.fps), segment.frames, segment.content)


@contextmanager
def _own_folder(parent: Path | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=parent, prefix="segment-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


class Away:
    """A crew on a Dask cluster; segments come back as bytes."""

    def __init__(self, client: Any, plan: Plan, cache: Cache) -> None:
        self._client, self._plan, self._cache = client, plan, cache
        self._executor: Executor = client.get_executor(pure=False, retries=encoder.TRIES)
        self._there = self._spread()

    def _spread(self) -> Any:
        return self._client.scatter(self._plan, broadcast=True, hash=False)

    def submit(self, job: Job) -> Future[Any]:
        """Hand a job out."""
        return self._executor.submit(_draw_away, self._there, job)

    def collect(self, job: Job, result: Any) -> tuple[Entry, ...]:
        """The segments, put into the cache."""
        with machine_errors("writing a segment"):
            return tuple(_kept(self._cache, self._plan, job, result))

    def renew(self) -> None:
        """Spread the plan again: those who had it may be gone."""
        self._there = self._spread()


def _draw_away(plan: Plan, job: Job) -> tuple[Encoded, ...]:
    import cv2

    cv2.setNumThreads(1)
    found = encoder.find_encoder()
    if (code_digest(), found.version) != (plan.code, plan.encoder):
        cure = "install the same versions there as here"
        raise MachineError(
            "a cluster worker has other versions of mnistviz, its libraries or ffmpeg", "", cure
        )
    with _own_folder(None) as folder:
        return draw(plan, job.stretch, job.rates, found.program, folder)


@contextmanager
def away(plan: Plan, address: str, cache: Cache) -> Iterator[Crew]:
    """The workers of a running Dask cluster.

    Raises `InputError` where `distributed` is not installed, `MachineError` where nobody answers.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise InputError("--cluster needs distributed", "", 'pip install "mnistviz[cluster]"') from None
    try:
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise MachineError("no Dask cluster answers", address, "start one, or check its address") from error
    except ValueError as error:
        raise InputError(
            "not the address of a Dask cluster", address, "write it as tcp://HOST:8786"
        ) from error
    try:
        yield Away(client, plan, cache)
    finally:
        client.close(timeout=LEAVE_SECONDS)
