"""Other processes: started so that they never outlive this one, watched, and ended.

Linux kills a process with its parent, Windows all of a job with the last who holds it.  Elsewhere a worker
has a thread that waits for its parent's end, and an encoder's standard input closes.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from multiprocessing import spawn
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, BinaryIO
from weakref import WeakSet

from mnistviz.storage.signals import undisturbed

_PR_SET_PDEATHSIG, _SIGKILL = 1, 9  # Linux's numbers
_KILL_ON_JOB_CLOSE = 0x2000
_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
# What a process of multiprocessing runs, which knows nothing of us yet. A parent that lives tells all: where what it
# is for ends too early there is no parent, and nobody to hear of it.
_TOLD_OR_SILENT = """\
import os
from pickle import UnpicklingError
try:
    {}
except (EOFError, UnpicklingError):
    os._exit(1)
"""
_started: WeakSet[subprocess.Popen[bytes]] = WeakSet()  # what to end with this process


def start(
    command: Sequence[str], folder: Path, messages: BinaryIO, stdin: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start a program in a folder that dies with this process; its messages go to the file `messages`."""
    with undisturbed():  # one that is started and not known would be stopped by nobody
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd=folder,
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=messages,
            preexec_fn=_kernel_ties(),
        )
        _started.add(process)
        tie(getattr(process, "_handle", None))
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Make sure that the process is gone."""
    if process.poll() is None:
        process.kill()
        process.wait()


def stop_all() -> None:
    """Make sure that no program which was started here is at work."""
    for process in list(_started):
        with suppress(OSError):
            process.kill()


def kill_whole(worker: BaseProcess) -> None:
    """Kill a process that multiprocessing has started, and what it has started, also where no kernel does that."""
    left = []
    if prctl() is None and worker.pid is not None:
        import psutil

        with suppress(psutil.Error):
            left = psutil.Process(worker.pid).children(recursive=True)
    worker.kill()
    for process in left:
        with suppress(psutil.Error):
            process.kill()


@contextmanager
def told_or_silent() -> Iterator[None]:
    """Processes that multiprocessing starts inside end in silence where this one dies before it has told them all."""
    usual = spawn.get_command_line

    def command_line(**told: Any) -> list[str]:
        words = usual(**told)
        if "-c" in words:  # else a frozen program, which starts itself
            place = words.index("-c") + 1
            words[place] = _TOLD_OR_SILENT.format(words[place])
        return words

    spawn.get_command_line = command_line
    try:
        yield
    finally:
        spawn.get_command_line = usual


def follow(parent: int) -> None:
    """In a process that multiprocessing has started: end with the parent, whatever way there is."""
    ties = prctl()
    if ties is not None:
        ties(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    if ties is None:
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        stop_all()
        os._exit(1)


@lru_cache(maxsize=1)
def prctl() -> Callable[..., int] | None:
    """Linux's call that ties a process to its parent; None where there is none."""
    try:
        return ctypes.CDLL(None, use_errno=True).prctl
    except (AttributeError, OSError, TypeError):
        return None


def _kernel_ties() -> Callable[[], None] | None:
    """What a new process calls first, so that the kernel ends it with this one; None where it cannot."""
    ties = prctl()
    return None if ties is None else partial(_tied, ties, os.getpid())


def _tied(ties: Callable[..., int], parent: int) -> None:
    ties(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it has died meanwhile
        os._exit(1)


def tie(handle: int | None) -> None:
    """Have Windows end the process of that handle with this one; nothing elsewhere."""
    found = job()
    if found is not None and handle is not None:
        kernel, held = found
        kernel.AssignProcessToJobObject(ctypes.c_void_p(held), ctypes.c_void_p(int(handle)))


class BasicLimits(ctypes.Structure):
    """Windows' JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("smallest_set", ctypes.c_size_t),
        ("largest_set", ctypes.c_size_t),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class Limits(ctypes.Structure):
    """Windows' JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", BasicLimits),
        ("counters", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t * 4),
    )


@lru_cache(maxsize=1)
def job() -> tuple[Any, int] | None:
    """Windows' kernel and a job of this process: whoever is in it ends when this process does."""
    library = getattr(ctypes, "WinDLL", None)
    if library is None:
        return None
    kernel = library("kernel32", use_last_error=True)
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    held = kernel.CreateJobObjectW(None, None)
    limits = Limits()
    limits.basic.flags = _KILL_ON_JOB_CLOSE
    asked = (ctypes.c_void_p(held), _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
    return (kernel, held) if held and kernel.SetInformationJobObject(*asked) else None


class Watchdog:
    """Does something, once, when a piece of work takes too long: a thread that looks on."""

    def __init__(self, seconds: float, act: Callable[[], None]) -> None:
        self.has_acted = False
        self._seconds, self._act = seconds, act
        self._end: float | None = None  # of the work at hand
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """What is done inside must not take longer than the seconds."""
        self._end = time.monotonic() + self._seconds
        try:
            yield
        finally:
            self._end = None

    def _look_on(self) -> None:
        with self._changed:
            while not self._closed:
                end = self._end
                if end is not None and time.monotonic() > end:
                    self.has_acted = True
                    self._act()
                    return
                self._changed.wait(min(1.0, self._seconds / 4))

    def close(self) -> None:
        """No longer needed."""
        with self._changed:
            self._closed = True
            self._changed.notify()
