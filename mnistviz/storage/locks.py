"""A lock on a folder: the kernel's own where it has one, else a file with the name of a living owner.

The kernel forgets its lock with the process.  A file would stay: so it says whose it is, and one whose
owner is dead counts for nothing.  Such files are numbered, and only the highest number counts: a dead
owner's is never removed before the next one is there, so that two who come at once cannot both hold it.
"""

from __future__ import annotations

import errno
import json
import math
import os
import platform
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mnistviz.storage.machine import UNABLE

NO_LOCKS = UNABLE | {errno.ENOLCK}
WRITING_SECONDS = 10.0  # an owner's file without a word is being written, for so long
SAME_START_SECONDS = 10.0  # clocks are set; a process of the same number has not begun within this
_FREE = b"free"


class InUseError(Exception):
    """Another process holds the lock; says which, as `process 12` or `process 12 on HOST`."""


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """Hold the lock of a folder, or that at a path, a file which is made for it and says whose it is.

    Raises `InUseError` where a living process holds it, `OSError` where nothing can be written there.
    """
    folder = place.is_dir()
    with ExitStack() as stack:
        descriptor = _opened(place, folder)
        if descriptor is not None:
            stack.callback(os.close, descriptor)
        if descriptor is None or not _flocked(descriptor, "" if folder else place):
            stack.enter_context(_owned(place / ".lock" if folder else place))
        elif not folder:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        yield


def _opened(place: Path, folder: bool) -> int | None:
    """A descriptor of the lock; None where folders cannot be opened."""
    if not folder:
        return os.open(place, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        return os.open(place, os.O_RDONLY)
    except PermissionError:
        return None


def _flocked(descriptor: int, owner_file: Path | str) -> bool:
    """Take the kernel's lock; False where there is none to be had.  `owner_file`: a file that says who has it."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        return False
    except BlockingIOError:
        owner = Path(owner_file).read_bytes()[:20].decode("ascii", "replace").strip() if owner_file else ""
        raise InUseError(f"process {owner}" if owner else "another process") from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        return False
    return True


def flock_fault(folder: Path) -> str:
    """Why the kernel gives no locks in this folder; "" where it does.  Tried."""
    question = folder / "lock"
    descriptor = os.open(question, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        return "" if _flocked(descriptor, question) else "there are none of the system's here"
    finally:
        os.close(descriptor)


@contextmanager
def _owned(path: Path) -> Iterator[None]:
    """Hold the lock by a file with our name."""
    mine = _claim(path)
    try:
        yield
    finally:
        mine.write_bytes(_FREE)


def _claim(path: Path) -> Path:
    while True:
        before = _claims(path)
        latest = max(before, default=0)
        if latest and (owner := _living_owner(before[latest])):
            raise InUseError(owner)
        mine = path.with_name(f"{path.name}.{latest + 1}")
        try:
            with mine.open("xb") as file:
                file.write(json.dumps([os.getpid(), _started(os.getpid()), platform.node()]).encode())
        except FileExistsError:  # another was quicker: who is it?
            continue
        for file_before in before.values():
            file_before.unlink(missing_ok=True)
        return mine


def _claims(path: Path) -> dict[int, Path]:
    """The owners' files by number."""
    found = {file.name.removeprefix(f"{path.name}."): file for file in path.parent.glob(f"{path.name}.*")}
    return {int(number): file for number, file in found.items() if number.isdecimal()}


def _living_owner(file: Path) -> str:
    """Who holds the lock by this file; "" where nobody does any more."""
    try:
        content, age = file.read_bytes(), time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return ""
    if not content:
        return "another process" if age < WRITING_SECONDS else ""
    try:
        number, started, host = json.loads(content)
        elsewhere = host != platform.node()
        if elsewhere:  # nobody here can say whether it lives
            return f"process {int(number)} on {host} (gone? remove {file})"
        alive = abs(_started(int(number)) - float(started)) < SAME_START_SECONDS
    except (ValueError, TypeError):
        return ""
    return f"process {int(number)}" if alive else ""


def lives(process: int, since: float) -> bool:
    """Whether the process of that number lives and began before a time, in seconds: is not another of its number."""
    return _started(process) < since + SAME_START_SECONDS


def numbering() -> str:
    """Among whom process numbers are known, as 8 hex digits: those of this machine, and of this container."""
    try:
        space = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        space = 0
    return f"{zlib.crc32(f'{platform.node()} {space}'.encode()):08x}"


def _started(process: int) -> float:
    """When a process began, in seconds; never where it is dead."""
    import psutil

    try:
        known = psutil.Process(process)
        return math.inf if known.status() == psutil.STATUS_ZOMBIE else float(known.create_time())
    except psutil.NoSuchProcess:
        return math.inf
