"""A Mac, as far as Python shows it: none of Linux's calls, and a file is on the disk by a call of its own."""

from __future__ import annotations

import ctypes
import fcntl
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lacking import Lacking, install

NO_OS = """memfd_create splice pidfd_open sched_getaffinity sched_setaffinity posix_fallocate copy_file_range
eventfd O_DIRECT O_TMPFILE fdatasync getrandom setns unshare waitid sendfile"""
NO_FCNTL = "F_SETPIPE_SZ F_GETPIPE_SZ F_NOTIFY F_ADD_SEALS F_GET_SEALS F_OFD_SETLK"
F_FULLFSYNC = 51


class Library:
    """The C library, without what glibc alone has."""

    def __init__(self, name, *more, **named):
        self._real = ctypes.CDLL(name, *more, **named)

    def __getattr__(self, name):
        if name in ("prctl", "malloc_trim", "memfd_create"):
            raise AttributeError(f"dlsym: symbol not found: {name}")
        return getattr(self._real, name)


def told(descriptor, command, argument=0):
    if command == F_FULLFSYNC:
        os.fsync(descriptor)
        return 0
    assert command < 1024, "a command of Linux alone"
    return fcntl.fcntl(descriptor, command, argument)


linux = {name for name in vars(os) if name.startswith(("MFD_", "SPLICE_", "EFD_", "CLONE_"))}
install(
    [
        Lacking("os", set(NO_OS.split()) | linux),
        Lacking("fcntl", set(NO_FCNTL.split()), {"F_FULLFSYNC": F_FULLFSYNC, "fcntl": told}),
        Lacking("select", {"epoll"}),
        Lacking("ctypes", set(), {"CDLL": Library}),
    ]
)
