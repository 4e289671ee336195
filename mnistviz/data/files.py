"""Files from outside, read with bounds."""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnistviz.errors import InputError, MachineError


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the operating system says while `path` is read into errors with a cure."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("there is no such file", path, "check its name") from None
    except IsADirectoryError:
        raise InputError("a folder where a file should be", path, "name a file") from None
    except ValueError as error:  # a NUL in the name
        raise InputError(f"cannot be read: {error}", path, "check the file") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENAMETOOLONG):
            raise InputError(f"leads nowhere: {error.strerror}", path, "check its name") from None
        what = f"cannot be read: {error.strerror or error}"
        raise MachineError(what, path, "check its permissions") from None


def size_of(path: Path) -> int:
    """Bytes in the plain file `path`; `InputError` where it is no plain file (a pipe would never end)."""
    with reading(path):
        status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise InputError("a folder where a file should be", path, "name a file")
    if not stat.S_ISREG(status.st_mode):
        raise InputError("not a plain file", path, "name a file on the disk")
    return status.st_size


def read_at_most(path: Path, limit: int) -> bytes:
    """The whole of `path`; `InputError` where it has more than `limit` bytes, found before any is read."""
    size = size_of(path)
    if size > limit:
        what = f"has {size:,} bytes, more than the {limit:,} that it can need"
        raise InputError(what, path, "check the file")
    with reading(path), path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) != size:
        raise InputError("changed while it was read", path, "try again")
    return content
