"""A trace on disk: an `npz` (a plain zip of `.npy` files) with a JSON table of everything but numbers.

Values that share memory are saved as one buffer with offsets and strides, so that what was a view is one
again.  A file is taken to be hostile: its members are stored, not compressed, so they are as large as the
file says; every size is checked against it before memory is taken; nothing in it is ever run or unpickled.
"""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from os import PathLike
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from mnistviz.errors import InputError, MachineError
from mnistviz.storage.files import replacing
from mnistviz.trace.memory import Array
from mnistviz.trace.model import Trace
from mnistviz.trace.saved.codec import TableError, read_table
from mnistviz.trace.saved.writing import Buffers, write_table

VERSION = 2
TABLE = "trace.json"
MOST_BYTES = 2 * 2**30
MOST_TABLE_BYTES = 256 * 2**20
MOST_MEMBERS = 1_000_000
MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 4096
EPOCH = (1980, 1, 1, 0, 0, 0)  # no time of day in a file
CURE = "save it again with Trace.save"


def save(trace: Trace, path: str | PathLike[str]) -> None:
    """Write the trace; the file appears whole or not at all.  Raises `MachineError` where it cannot."""
    whole = Path(path)
    buffers = Buffers()
    table = json.dumps(
        {"version": VERSION, **write_table(trace, buffers)}, ensure_ascii=True, allow_nan=False
    )
    try:
        with replacing(whole) as file:
            _write(file, table.encode(), buffers.flat)
    except OSError as error:
        raise MachineError(
            f"the trace cannot be saved: {error.strerror}", whole, "free space or name another"
        ) from error


def load(path: str | PathLike[str], limit: int = MOST_BYTES) -> Trace:
    """Read a trace that `save` wrote.  Raises `InputError` for anything else; runs nothing of it."""
    where = Path(path)
    try:
        with where.open("rb") as file, zipfile.ZipFile(file) as archive:
            members = _checked(archive, where, limit)
            table = _parsed(archive.read(members.pop(TABLE)), where)
            buffers = [_buffer(archive, members, place, where) for place in range(len(members))]
        return read_table(table, buffers)
    except OSError as error:
        raise InputError(
            f"the trace cannot be read: {error.strerror or error}", where, "name another file"
        ) from error
    except TableError as error:
        raise InputError(f"not a trace: {error}", where, CURE) from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise InputError(f"not a trace: {error}", where, CURE) from error


def _write(file: Any, table: bytes, flat: list[Array]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(TABLE), table)
        for place, array in enumerate(flat):
            with archive.open(_entry(f"{place}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = 0o644 << 16
    return entry


def _checked(archive: zipfile.ZipFile, where: Path, limit: int) -> dict[str, zipfile.ZipInfo]:
    """The members, once the archive is known to be as large as it says and to hold what a trace holds."""
    entries = archive.infolist()
    size = where.stat().st_size
    if len(entries) > MOST_MEMBERS:
        raise InputError(f"not a trace: {len(entries)} members", where, CURE)
    if any(
        entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size
        for entry in entries
    ):
        raise InputError("not a trace: a member is compressed", where, CURE)
    if sum(entry.file_size for entry in entries) > min(size, limit):
        raise InputError(f"not a trace: its members claim more than its {size} bytes", where, CURE)
    members = {entry.filename: entry for entry in entries}
    if TABLE not in members or members[TABLE].file_size > MOST_TABLE_BYTES:
        raise InputError(f"not a trace: no {TABLE} of at most {MOST_TABLE_BYTES >> 20} MiB", where, CURE)
    if set(members) != {TABLE, *(f"{place}.npy" for place in range(len(entries) - 1))}:
        raise InputError("not a trace: members of other names", where, CURE)
    return members


def _parsed(text: bytes, where: Path) -> dict[str, Any]:
    try:
        table = json.loads(text)
    except RecursionError:
        raise InputError("not a trace: its table is nested too deep", where, CURE) from None
    if not isinstance(table, dict):
        raise InputError("not a trace: its table is no table", where, CURE)
    if table.get("version") != VERSION:
        found = table.get("version")
        cure = "save it again with this version of mnistviz"
        raise InputError(f"a trace of version {found!r:.20}, this program reads {VERSION}", where, cure)
    return table


def _buffer(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], place: int, where: Path) -> Array:
    """A flat array; its header may not claim more than the member holds."""
    entry = members[f"{place}.npy"]
    data = archive.read(entry)
    if data[:6] != MAGIC:
        raise InputError(f"not a trace: {entry.filename} is no npy file", where, CURE)
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's and numpy's, of odd spellings in the header
            shape, _, dtype = read(stream, max_header_size=LONGEST_HEADER)
    except (ValueError, TypeError, SyntaxError, TokenError, RecursionError, MemoryError):
        raise InputError(f"not a trace: {entry.filename} has no header of an array", where, CURE) from None
    length = shape[0] if len(shape) == 1 else -1
    if (
        dtype.hasobject
        or length < 0
        or dtype.itemsize == 0
        or length * dtype.itemsize != len(data) - stream.tell()
    ):
        raise InputError(f"not a trace: {entry.filename} is not as large as it says", where, CURE)
    return np.frombuffer(data, dtype, length, stream.tell())
