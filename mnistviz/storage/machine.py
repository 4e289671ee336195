"""What differs from machine to machine, asked of the machine when it runs, never concluded from its name.

Everything in here has a plain way that always works; `locks`, `pipes`, `processes` and `signals` beside it
do the same for what they are named after.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mnistviz.errors import MachineError

if TYPE_CHECKING:
    import logging

# What the system says of a thing that it does not do; anything else is a failure.
UNABLE = frozenset(
    {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF, errno.EPERM, errno.ENOTTY}
)
LEAST_BYTES = 256 << 20  # that any command takes beside numpy's
BUSY_SECONDS = 2.0  # how long a file may be held open by a virus scanner or a player
_HELD_OPEN = (5, 32, 33)  # Windows: denied, shared, locked
# What matplotlib says of a home that cannot be written has one of these in it.
_OF_HOME = ("mkdir -p failed", "is not a writable directory", "MPLCONFIGDIR")
_FAR = 1 << 30  # a byte that no ledger reaches: locked, it stands for the whole file

# What asks the libraries of numpy and OpenCV to start no threads.
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


def spare_threads() -> None:
    """Where the machine has few threads to give, have libraries that are imported from now on start none.

    OpenBLAS, which starts one a core, ends a process that gets none, as by Ctrl-C, or that has no memory for what
    each takes.  Tried, for a limit on a user's processes counts the other processes too.
    """
    if _memory_is_limited():
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
        return
    enough, tried = threading.Event(), []
    try:
        for _ in range(3 * cores() + 2):  # numpy's, OpenCV's and the encoder's
            thread = threading.Thread(target=enough.wait, daemon=True)
            thread.start()
            tried.append(thread)
    except RuntimeError:
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    finally:
        enough.set()
        for thread in tried:
            thread.join()


def take_memory() -> None:
    """Where memory is limited, have numpy's library take what it needs now, while there is most.

    Later, or where there is too little even so, OpenBLAS ends the process with a word of its own: tried in another
    process first.  Raises `MachineError`.
    """
    if not _memory_is_limited():
        return
    import subprocess

    room = (
        f"import mmap; from {__name__} import hold_memory; room = mmap.mmap(-1, {LEAST_BYTES}); hold_memory()"
    )
    command = [sys.executable, "-c", room]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if tried.returncode:
        words = tried.stderr.strip().splitlines()[-1:] or ["no word"]
        cure = "let it have more memory (ulimit -v)"
        raise MachineError("out of memory", f"where numpy starts ({words[0]})", cure)
    hold_memory()


def hold_memory() -> None:
    """Multiply matrices large enough for OpenBLAS to take its memory, which it keeps, where memory is limited."""
    if _memory_is_limited():
        import numpy as np

        square = np.ones((300, 300))
        np.matmul(square, square)


def _memory_is_limited() -> bool:
    """Whether there is a limit on addresses (ulimit -v), each thread of which takes many."""
    try:
        import resource
    except ImportError:  # Windows
        return False
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def sync_file(descriptor: int) -> None:
    """Have what was written on the disk itself."""
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # type: ignore[attr-defined]  # a Mac's own
    except (ImportError, AttributeError):
        os.fsync(descriptor)
    except OSError:  # a Mac's, on a disk that has no such thing
        os.fsync(descriptor)


def sync_folder(folder: Path) -> bool:
    """Have a folder's names on the disk; whether this machine and its file system can do so.

    Where they cannot, the names are there a few seconds later: nothing is torn by that.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except (PermissionError, IsADirectoryError):  # Windows opens no folders
        return False
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in UNABLE:
            raise
        return False
    finally:
        os.close(descriptor)
    return True


def replace(source: Path, target: Path) -> None:
    """Rename over whatever file is at `target`, waiting a little for those who hold one of them open."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            source.replace(target)
            return
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _HELD_OPEN or time.monotonic() > end:
                raise
        time.sleep(0.05)


def append(path: Path, content: bytes) -> None:
    """Add to the end of a file, in one piece also where several processes do so, and have it on the disk."""
    with path.open("ab", buffering=0) as file, _alone(file.fileno()):
        if file.write(content) != len(content):
            file.write(b"\n")  # raises where the disk is full
        sync_file(file.fileno())


@contextmanager
def _alone(descriptor: int) -> Iterator[None]:
    """Nobody else appends meanwhile: on Windows appending is a seek and a write, elsewhere one call."""
    try:
        import msvcrt
    except ImportError:
        yield
        return
    os.lseek(descriptor, _FAR, os.SEEK_SET)
    msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def give_memory_back() -> None:
    """Have the C library return what is free to the system; glibc can, the others need it less."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Many objects that all stay: to look through them for rubbish again and again takes as long as to make them."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def hush_about_home() -> None:
    """Have matplotlib, of which only colours are used, not say that there is no home for its settings."""
    from logging import getLogger

    getLogger("matplotlib").addFilter(_is_not_about_home)


def _is_not_about_home(record: logging.LogRecord) -> bool:
    return not any(words in str(record.msg) for words in _OF_HOME)
