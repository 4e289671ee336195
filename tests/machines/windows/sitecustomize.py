"""Windows, as far as Python shows it: names, folders that cannot be opened, renames that do not replace."""

from __future__ import annotations

import ctypes
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lacking import Lacking, install

# Who opens a file without saying in which encoding gets cp1252 there; with PYTHONWARNDEFAULTENCODING here.
warnings.simplefilter("ignore", EncodingWarning)
warnings.filterwarnings("error", category=EncodingWarning, module=r"(mnistviz|scenes)")

_rename, _replace = os.rename, os.replace


def opened(path, flags, *more, **named):
    if Path(path).is_dir():
        raise PermissionError(13, "Permission denied", str(path))
    return os.open(path, flags, *more, **named)


def synced(descriptor):
    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(9, "Bad file descriptor")
    os.fsync(descriptor)


def renamed(source, target, **named):
    if os.path.lexists(target):
        raise FileExistsError(17, "Cannot create a file when that file already exists", str(source))
    _rename(source, target, **named)


def replaced(source, target, **named):
    if Path(target).is_dir():
        raise PermissionError(13, "Access is denied", str(source))
    _replace(source, target, **named)


def killed(process, number):
    raise AssertionError("os.kill ends the other process there, whatever the number")


def hear(number, handler):
    if number not in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGABRT,
        signal.SIGFPE,
        signal.SIGILL,
        signal.SIGSEGV,
    ):
        raise ValueError("invalid signal value")
    return signal.signal(number, handler)


class Popen(subprocess.Popen):
    def __init__(self, *arguments, **named):
        if named.get("preexec_fn") is not None or named.get("start_new_session"):
            raise ValueError("preexec_fn is not supported on Windows platforms")
        super().__init__(*arguments, **named)


def selected(*descriptors):
    raise OSError(10038, "An operation was attempted on something that is not a socket")


def library(name, *more, **named):
    if name is None:
        raise TypeError("argument of type 'NoneType' is not iterable")
    return ctypes.CDLL(name, *more, **named)


class Kernel:
    """Windows' kernel, which has jobs; that one ends whom is in it is not done here."""

    def __init__(self, name, **named):
        assert name == "kernel32"
        self.CreateJobObjectW = self._create

    class _Create:
        restype = None

        def __call__(self, security, name):
            return 77

    _create = _Create()

    def SetInformationJobObject(self, job, kind, limits, size):
        return int((kind, size) == (9, 144))

    def AssignProcessToJobObject(self, job, process):
        assert job.value == 77 and process.value
        return 1


def locking(descriptor, mode, length):
    place = os.lseek(descriptor, 0, os.SEEK_CUR)
    fcntl.lockf(descriptor, fcntl.LOCK_EX if mode == 1 else fcntl.LOCK_UN, length, place)


msvcrt = ModuleType("msvcrt")
msvcrt.LK_LOCK, msvcrt.LK_UNLCK, msvcrt.locking = 1, 0, locking
sys.modules["msvcrt"] = msvcrt

pathlib.Path.rename = lambda self, target: (renamed(self, target), self.__class__(target))[1]
pathlib.Path.replace = lambda self, target: (replaced(self, target), self.__class__(target))[1]

NO_OS = """memfd_create splice sched_getaffinity sched_setaffinity pread pwrite preadv pwritev O_CLOEXEC
O_DIRECTORY O_NOFOLLOW O_NONBLOCK fork forkpty killpg setsid setpgid getpgid getpgrp waitid wait getuid geteuid
getgid getegid chown fchmod fchown mkfifo mknod statvfs fstatvfs sync nice uname register_at_fork set_blocking
pidfd_open eventfd sysconf posix_spawn openpty sendfile copy_file_range posix_fallocate getloadavg
fdatasync WNOHANG EX_OK confstr"""
NO_SIGNAL = """SIGHUP SIGXFSZ SIGKILL SIGALRM SIGUSR1 SIGUSR2 SIGPIPE SIGCHLD SIGQUIT SIGTSTP SIGSTOP SIGWINCH
pthread_sigmask pthread_kill setitimer getitimer alarm pause sigwait sigpending siginterrupt SIG_BLOCK SIG_SETMASK
SIG_UNBLOCK"""

install(
    [
        Lacking(
            "os",
            set(NO_OS.split()) | {name for name in vars(os) if name.startswith(("MFD_", "SPLICE_"))},
            {"open": opened, "fsync": synced, "rename": renamed, "replace": replaced, "kill": killed},
        ),
        Lacking("signal", set(NO_SIGNAL.split()), {"signal": hear}),
        Lacking("select", {"poll", "epoll", "devpoll", "kqueue"}, {"select": selected}),
        Lacking("subprocess", set(), {"Popen": Popen}),
        Lacking("ctypes", set(), {"CDLL": library, "WinDLL": Kernel}),
    ],
    {"fcntl", "resource", "termios", "pwd", "grp", "pty", "tty", "posix", "syslog"},
)
