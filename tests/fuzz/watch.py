"""Holds one reading to its promises: what it may raise, take, write and run.

Memory is the highest that the process ever had in it, held against what it had before the reading; what is
written, run or started is told by Python's own audit events (https://docs.python.org/3/library/audit_events.html).
"""

from __future__ import annotations

import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

SECONDS: Final = 2.0  # of processor time
MEMORY: Final = 64 * 2**20  # bytes
ADDRESSES: Final = 4 * 2**30  # bytes of address space beyond what there is: a machine that would survive
WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
NEVER: Final = (
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile", "os.remove",
    "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.utime",
    "os.putenv", "os.chdir", "os.kill", "subprocess.Popen", "pty.spawn", "pickle.find_class", "socket.connect",
    "socket.bind", "urllib.Request", "ctypes.dlopen", "shutil.rmtree",
)  # fmt: skip
OWN_CODE: Final = tuple(
    {
        os.path.realpath(folder)
        for folder in (sys.prefix, sys.base_prefix, Path(__file__).parents[2], *sys.path[1:])
    }
)


class Broken(Exception):
    """A promise that a reading did not keep."""


class Watch:
    """Watches this process from now on; an audit hook cannot be taken away again."""

    def __init__(self, runs_code: bool = False) -> None:
        self._runs_code = runs_code  # the readings run the user's own code, as they should
        self._told: list[str] | None = None
        import resource  # which Windows has not

        sys.addaudithook(self._hear)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_memory()[0] + ADDRESSES, hard))

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._told is None:
            return
        if event in NEVER:
            self._told.append(f"{event} {arguments!r:.200}")
        elif event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
            self._told.append(f"open for writing {arguments!r:.200}")
        elif event == "exec" and not self._runs_code:
            file = getattr(arguments[0], "co_filename", "?")
            if not os.path.realpath(file).startswith(OWN_CODE) and not file.startswith("<frozen"):
                self._told.append(f"exec {arguments!r:.200}")

    def _warned(self, message: Any, category: type[Warning], *_: Any, **__: Any) -> None:
        if self._told is not None and not issubclass(category, DeprecationWarning):  # nobody sees those
            self._told.append(f"a warning, a second line on standard error: {message!r}")

    def hold(self, read: Callable[[], None], allowed: tuple[type[Exception], ...], folder: Path) -> bool:
        """Whether the reading took what it was given; `Broken` where it did what no reading may."""
        before = _listing(folder), _listing(Path.cwd())
        _forget_peak()
        _, resident, _ = _memory()
        shown, warnings.showwarning = warnings.showwarning, self._warned
        self._told = []
        started = time.process_time()
        took = True
        try:
            read()
        except allowed as error:
            took = False
            line = str(error)
            if not line.isprintable() or not line:
                raise Broken(
                    f"an error of no or several lines, or with what a terminal obeys: {line!r}"
                ) from error
            if _lacked_memory(error):
                raise Broken(f"asked for gigabytes, then said {line!r:.300}") from error
        except BaseException as error:
            raise Broken("".join(traceback.format_exception(error, limit=-12))) from error
        finally:
            warnings.showwarning = shown
            seconds = time.process_time() - started
            told, self._told = self._told, None
        _, _, peak = _memory()
        if told:
            raise Broken(f"did what no reading does: {told[:5]}")
        if peak - resident > MEMORY:
            raise Broken(f"took {(peak - resident) >> 20} MiB")
        if seconds > SECONDS:
            raise Broken(f"took {seconds:.1f} s")
        if (_listing(folder), _listing(Path.cwd())) != before:
            raise Broken("something was written, changed or removed")
        return took


def _lacked_memory(error: BaseException) -> bool:
    """Whether numpy had asked for more than a large machine has, or than we allow."""
    seen: BaseException | None = error
    while seen is not None:
        if type(seen).__name__ == "_ArrayMemoryError":
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _memory() -> tuple[int, int, int]:
    """Bytes of address space, bytes in memory, and the most that were in memory since `_forget_peak`."""
    told = dict(line.split(b":", 1) for line in Path("/proc/self/status").read_bytes().splitlines())
    size, resident, peak = (int(told[name].split()[0]) * 1024 for name in (b"VmSize", b"VmRSS", b"VmHWM"))
    return size, resident, peak


def _forget_peak() -> None:
    """Let the peak be what is in memory now (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_bytes(b"5")


def _listing(folder: Path) -> list[tuple[str, int, int]]:
    """Everything in a folder with its size and time of change."""
    found = []
    for base, folders, files in os.walk(folder):
        for path in (Path(base) / name for name in (*folders, *files)):
            status = path.lstat()
            found.append((str(path), status.st_size, status.st_mtime_ns))
    return sorted(found)
