"""Writing that survives a crash: complete under a temporary name, on the disk, then renamed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnistviz.errors import MachineError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


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
    if error.errno in FULL:
        return MachineError("the disk is full", where, "make room and run the same command again")
    cure = "name a folder that can be written, with --out"
    if error.errno == errno.EIO:
        cure = "check the disk and run the same command again"
    return MachineError((error.strerror or str(error)).lower(), where, cure)


def write_whole(path: Path, content: bytes, via: Path) -> None:
    """Write a file that is there entirely or not at all, through a temporary file in the folder `via`."""
    temporary = via / f"{path.name}.{os.urandom(6).hex()}.part"
    try:
        write_synced(temporary, content)
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def write_synced(path: Path, content: bytes) -> None:
    """Write a file and have it on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Have a file's contents, or a folder's names, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
