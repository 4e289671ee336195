"""Workers that are processes of this machine, and the page, which their parent builds meanwhile.

A worker never imports the caller's `__main__`, so that a script without a guard, a notebook and standard
input may all render; it hears no Ctrl-C, because its parent does; and it never outlives its parent.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    InvalidStateError,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from mnistviz.errors import InputError
from mnistviz.picture.fallback import candidates_found, take_candidates
from mnistviz.storage import machine, processes
from mnistviz.storage.files import machine_errors
from mnistviz.storage.signals import undisturbed, withheld_from_children

# What workers do is imported when they do it: they start before anybody has drawn a thing.
if TYPE_CHECKING:
    from mnistviz.export.video.encoder import Encoder
    from mnistviz.export.video.segments import Plan
    from mnistviz.export.workers.jobs import Job, PageJob, Workers
    from mnistviz.storage.cache import Cache

Made = TypeVar("Made")

LEAVE_SECONDS = 0.5  # for a thread to see that it is to stop
GONE_SECONDS = 5.0  # for a killed process to be gone, however busy the machine is
_WARNINGS, _TIDIES = "PYTHONWARNINGS", "ignore::UserWarning:multiprocessing.resource_tracker"
# No semaphores, no shared memory, no more processes, no more threads: said in these ways.
NO_PROCESSES = (OSError, ImportError, NotImplementedError, RuntimeError)


class _Worker(SpawnProcess):
    """A process that starts with nothing of the caller's but what it is given, and ends with it.

    A signal waits until it is started: one that is handed half of what it is given complains aloud.
    """

    def start(self) -> None:
        with undisturbed():
            with _STARTING, _bare_surroundings():
                super().start()
            processes.tie(self.sentinel)


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
    """What a process inherits: an empty `__main__`, one thread for every library, no terminal signals.

    Python's resource tracker tidies in silence, also after a process that could not do so itself.
    """
    main = sys.modules["__main__"]
    before = {name: os.environ.get(name) for name in (*machine.ONE_THREAD, _WARNINGS)}
    asked = [words for words in (before[_WARNINGS], _TIDIES) if words]
    with withheld_from_children(), processes.told_or_silent():
        try:
            sys.modules["__main__"] = ModuleType("__main__")
            os.environ.update({**dict.fromkeys(machine.ONE_THREAD, "1"), _WARNINGS: ",".join(asked)})
            yield
        finally:
            sys.modules["__main__"] = main
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


@dataclass(frozen=True)
class _Bench:
    """What a worker works with."""

    plan: Plan
    program: str
    cache: Cache
    scratch: Path
    templates: Path | None = None  # a file: those of held pictures
    fonts: Mapping[str, tuple[str, ...]] = field(default_factory=candidates_found)  # looked for once


class LocalWorkers:
    """Processes of this machine; each puts its segments into the cache itself.

    They may be started before anybody knows what there is to do; `take` says it, before the first job.
    """

    lost: tuple[type[Exception], ...] = (BrokenProcessPool,)

    def __init__(self, count: int) -> None:
        self._bench = Path()  # a file that the workers read
        self._count = count
        self._running: set[Future[Any]] = set()
        self._fault: BaseException | None = None
        self._beside: _PageThread | None = None
        self.hashed: Future[str] | None = None  # of the code, where a worker gets warm
        self.encoder: Future[Encoder] | None = None  # where one has looked for it
        self._hook, threading.excepthook = threading.excepthook, self._hear_of_thread
        self._start_pool()

    def _hear_of_thread(self, lost: threading.ExceptHookArgs) -> None:
        """A pool whose own thread dies, as where no more can be started, would say nothing for ever."""
        if type(lost.thread).__module__ != ProcessPoolExecutor.__module__:
            self._hook(lost)
            return
        self._fault = lost.exc_value or lost.exc_type()
        for future in self._running.copy():
            with suppress(InvalidStateError):
                future.set_exception(self._fault)

    def _start_pool(self) -> None:
        """All processes, started: what the machine lacks for them is found here."""
        self._context = _Context()
        with _STARTING, _bare_surroundings():  # its queues may start a process too, Python's resource tracker
            self._pool: Executor = ProcessPoolExecutor(self._count, self._context, _prepare, (os.getpid(),))
        try:
            for _ in range(self._count):  # each has one more process started
                self._submit(os.getpid)
        except BrokenProcessPool:  # a worker is dead already: found again when a job is handed out
            return
        except (*NO_PROCESSES, KeyboardInterrupt):
            with undisturbed():
                self.leave()
            raise

    def take(self, bench: _Bench) -> None:
        """What the jobs are about."""
        self._bench = _write_bench(bench)
        self._beside = _PageThread(bench.plan)

    @property
    def count(self) -> int:
        """How many processes they are."""
        return self._count

    def begin(self, make: Callable[[], Made]) -> Future[Made]:
        """Have something made that is no job of a plan, before there is one."""
        return self._submit(make)

    def submit(self, job: Job) -> Future[Any]:
        """Hand a job out; the page to no worker: one that has built it would stay larger than those that draw."""
        from mnistviz.export.workers.jobs import PageJob

        if isinstance(job, PageJob) and self._beside is not None:
            with suppress(RuntimeError):  # the machine starts no more threads
                return self._beside.build(job)
        return self._submit(_do, self._bench, job)

    def _submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Raises `BrokenProcessPool` also where a pool breaks just now, whose pipes are closed under our hands."""
        try:
            future = self._pool.submit(function, *arguments)
        except BrokenProcessPool:
            raise
        except Exception:
            self._pool.submit(os.getpid)  # raises where the pool is broken
            raise
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        if self._fault is not None:
            raise self._fault
        return future

    def collect(self, job: Job, result: Any) -> Any:
        """What the worker has sent is what the job makes."""
        return result

    def renew(self) -> None:
        """A new pool; the page is still being built."""
        self._end_pool()
        threading.excepthook = self._hear_of_thread
        self._start_pool()

    def leave(self) -> None:
        """No worker is alive afterwards, and no thread that served them: at Python's end it would be in the way."""
        self._end_pool()
        if self._beside is not None:
            self._beside.leave()

    def _end_pool(self) -> None:
        serving: threading.Thread | None = getattr(self._pool, "_executor_manager_thread", None)
        calls: Any = getattr(self._pool, "_call_queue", None)
        if calls is not None:
            calls.cancel_join_thread()  # it may write to workers that are gone, and Python's end would wait for it
        self._pool.shutdown(wait=False, cancel_futures=True)
        started = [process for process in self._context.started if process.pid is not None]
        self._context.started.clear()
        for process in started:
            processes.kill_whole(process)
        end = time.monotonic() + GONE_SECONDS
        while any(one.is_alive() for one in (*started, serving) if one) and time.monotonic() < end:
            time.sleep(0.005)  # no `join`: the pool's own thread may be at it, and one of two hears nothing
        threading.excepthook = self._hook  # no earlier: it may die meanwhile


class _PageThread:
    """A thread of this process that builds the page.

    This process knows the story already and waits for its workers; another would have to start and to be told.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._pool = ThreadPoolExecutor(1)
        self._promised: Future[list[dict[str, bytes]]] | None = None
        self._unwanted = threading.Event()

    def build(self, job: PageJob) -> Future[list[dict[str, bytes]]]:
        """Have the page built, once, whoever asks again because workers have died."""
        from mnistviz.export.workers.jobs import build_alone

        if self._promised is None:
            self._promised = self._pool.submit(build_alone, self._plan, job, self._ask)
        return self._promised

    def _ask(self) -> None:
        """Raise where nobody wants the page any more."""
        if self._unwanted.is_set():
            raise CancelledError

    def leave(self) -> None:
        """It stops at its next piece of the film."""
        self._unwanted.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._promised is not None:
            wait([self._promised], LEAVE_SECONDS)


def _write_bench(bench: _Bench) -> Path:
    """Write a file for the workers to read.

    A plan is more than a pipe holds, and a worker that dies before it has read one would be waited for
    for ever: this process holds the other end of the pipe, too.
    """
    path = bench.scratch / "plan"
    with machine_errors("writing what the workers read"):
        path.write_bytes(pickle.dumps(bench))
    return path


def processes_fault() -> str:
    """Why there can be no worker processes here; "" where there can.  Tried."""
    try:
        ProcessPoolExecutor(1, SpawnContext()).shutdown()
    except NO_PROCESSES as error:
        return (getattr(error, "strerror", None) or str(error)).lower()
    return ""


class ThreadWorker:
    """One worker in this process: for machines that have nothing by which processes could talk.

    It is a thread, so that whoever waits for it can be interrupted.
    """

    lost: tuple[type[Exception], ...] = ()

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, initializer=_take_one_thread)
        self._jobs: list[Future[Any]] = []
        self._bench: _Bench

    def take(self, bench: _Bench) -> None:
        """What the jobs are about."""
        self._bench = bench

    def submit(self, job: Job) -> Future[Any]:
        """Hand a job out."""
        self._jobs.append(self._pool.submit(_work, self._bench, job))
        return self._jobs[-1]

    def collect(self, job: Job, result: Any) -> Any:
        """What the worker has made."""
        return result

    def renew(self) -> None:
        """It dies with this process only."""

    def leave(self) -> None:
        """Its encoders are gone afterwards, and it stops at its next frame."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        processes.stop_all()
        wait(self._jobs, LEAVE_SECONDS)


@contextmanager
def local_workers(
    plan: Plan,
    count: int,
    program: str,
    cache: Cache,
    scratch: Path,
    started: LocalWorkers | None = None,
    templates: Path | None = None,
) -> Iterator[Workers]:
    """So many processes of this machine, those that are `started` already, or one thread where there can be none.

    `templates` is the file in which those of held pictures are kept from one render to the next.
    """
    workers: LocalWorkers | ThreadWorker
    try:
        workers = started or LocalWorkers(count)
    except NO_PROCESSES:
        workers = ThreadWorker()
    try:
        workers.take(_Bench(plan, program, cache, scratch, templates))
        yield workers
    finally:
        with undisturbed():
            workers.leave()


def _prepare(parent: int) -> None:
    processes.follow(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it
    machine.hush_about_home()
    machine.hold_memory()
    _take_one_thread()


def _take_one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)


def _do(place: Path, job: Job) -> Any:
    """What a worker does."""
    return _work(_bench_at(place), job)


@lru_cache(maxsize=1)
def _bench_at(place: Path) -> _Bench:
    bench: _Bench = pickle.loads(place.read_bytes())  # noqa: S301  # our parent's
    take_candidates(bench.fonts)
    tempfile.tempdir = str(bench.scratch)  # what libraries leave there, when they are killed, goes with it
    return bench


def _work(bench: _Bench, job: Job) -> Any:
    """Do a job; a segment is in the cache afterwards."""
    from mnistviz.export.code import code_digest
    from mnistviz.export.workers.jobs import do_job, store

    if code_digest() != bench.plan.code:
        raise InputError("mnistviz itself changed while it ran", "a file of the package", "run it again")
    made = do_job(bench.plan, job, bench.program, bench.scratch, bench.templates)
    return store(bench.cache, bench.plan, job, made)
