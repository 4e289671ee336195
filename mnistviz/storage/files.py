"""Writing that survives a crash: complete under a temporary name, on the disk, then renamed."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final

from mnistviz.errors import MachineError
from mnistviz.storage.locks import lives, numbering
from mnistviz.storage.machine import replace, sync_file, sync_folder

TORN: Final = re.compile(r"\.([0-9a-f]{8})-([0-9]{1,10})-[0-9a-f]{8}\.part")  # whose number, and what it is
# What a place lacks that is no more than room, and the cure.
NO_ROOM: Final = {
    getattr(errno, name): told
    for name, told in {
        "ENOSPC": ("the disk is full", "make room and run the same command again"),
        "EDQUOT": ("your share of the disk is full", "make room and run the same command again"),
        "EFBIG": (
            "a file is not allowed to be so large",
            "raise the limit (ulimit -f) and run the same command again",
        ),
    }.items()
    if hasattr(errno, name)
}
# What a process lacks that is no place on a disk, and the cure.
LACKING: Mapping[int, str] = MappingProxyType(
    {
        errno.EAGAIN: "end other programs, or let this user have more processes or memory (ulimit -u, -v)",
        errno.EMFILE: "let it have more open files (ulimit -n)",
        errno.ENFILE: "end other programs, or let the machine have more open files",
        errno.ENOMEM: "use a smaller --size or fewer --workers, or let it have more memory (ulimit -v)",
    }
)

WRITABLE: Final = "name a folder that can be written"
# Why nothing can be written in a place, where another cure is better than another folder.
NOWHERE: Mapping[int, str] = MappingProxyType(
    {
        errno.EIO: "check the disk and run the same command again",
        errno.EISDIR: "name a file, there is a folder of that name",
        errno.EEXIST: "name another, something else has that name",
    }
)


@contextmanager
def machine_errors(doing: str) -> Iterator[None]:
    """An `OSError` inside becomes a `MachineError` that says what was being done, and the cure."""
    try:
        yield
    except OSError as error:
        raise machine_error(error, doing) from error


def machine_error(error: OSError, doing: str) -> MachineError:
    """The `MachineError` that tells a user about an `OSError`."""
    where = f"{doing} {Path(error.filename).name!r}" if isinstance(error.filename, str) else doing
    if error.errno in NO_ROOM:
        what, cure = NO_ROOM[error.errno]
        return MachineError(what, where, cure)
    cure = LACKING.get(error.errno or 0) or NOWHERE.get(error.errno or 0, f"{WRITABLE}, with --out")
    return MachineError((error.strerror or str(error)).lower(), where, cure)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """An `OSError` inside becomes a `MachineError` about a file or folder that cannot be written."""
    try:
        yield
    except OSError as error:
        no_room, told = NO_ROOM.get(error.errno or 0), LACKING.get(error.errno or 0)
        cure = no_room[1] if no_room else told or NOWHERE.get(error.errno or 0, WRITABLE)
        raise MachineError(f"cannot be written: {error.strerror or error}", path, cure) from error


@contextmanager
def replacing(path: Path, via: Path | None = None) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `path` once it is whole and on the disk.

    Until then it has a temporary name in the folder `via`, or beside `path`; where anything fails it is
    removed, and what was at `path` stays.  What processes that were killed have left beside it is removed
    too.  Raises `OSError`.
    """
    if via is None:
        _clear_torn(path.parent)
    _refuse_what_is_no_file(path)
    name = f".{numbering()}-{os.getpid()}-{os.urandom(4).hex()}.part"  # short: names may be as long as can be
    temporary = (via or path.parent) / name
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            sync_file(file.fileno())
        replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _refuse_what_is_no_file(path: Path) -> None:
    """A device or a pipe is not to be replaced by a file, as who may do all would do to the machine's /dev/null."""
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode)):
            raise OSError(errno.EEXIST, "It is no plain file", str(path))


def _clear_torn(folder: Path) -> None:
    """Remove what processes that live no more were writing there; those of other machines are not known."""
    with suppress(OSError):
        for file in os.scandir(folder):
            torn = TORN.fullmatch(file.name)
            if torn and torn[1] == numbering() and not lives(int(torn[2]), file.stat().st_mtime):
                Path(file.path).unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, via: Path | None = None) -> None:
    """Write a file that is there entirely or not at all; raises `OSError`."""
    with replacing(path, via) as file:
        file.write(content)


def write_file(path: Path, content: bytes) -> None:
    """Write a file that is there entirely or not at all; `MachineError` where that fails."""
    with writing(path):
        write_whole(path, content)


def write_synced(path: Path, content: bytes) -> None:
    """Write a file and have it on the disk; raises `OSError`."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        sync_file(file.fileno())


def sync_path(path: Path) -> None:
    """Have a file's contents on the disk, whoever has written them."""
    with path.open("rb+") as file:  # Windows syncs what may be written only
        sync_file(file.fileno())
