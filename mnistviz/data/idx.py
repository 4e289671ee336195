"""Reading MNIST's forms: idx files, plain or gzip, and Keras' `mnist.npz`.

What a header claims is held against the size of the file before memory is taken for it, and compressed
content is counted first, through a small buffer.  Format: https://yann.lecun.com/exdb/mnist/
"""

from __future__ import annotations

import errno
import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnistviz.data.files import reading, size_of
from mnistviz.data.npy import HEADER_LIMIT, read_header
from mnistviz.errors import InputError

Part = Literal["train", "test"]
Open = Callable[[], BinaryIO]
Bytes = NDArray[np.uint8]

SIDE: Final = 28  # pixels
LIMIT: Final = 256 * 2**20  # bytes of values; 280,000 pictures of EMNIST fit
FREE: Final = 16 * 2**20  # bytes that may be packed as densely as they like
DENSEST: Final = 100  # times; real pictures are packed about 5 times, a bomb 1000 times
CHUNK: Final = 2**18  # bytes
BYTES: Final = 8  # idx' own code for unsigned bytes
KINDS: Final = {1: "labels", 3: "pictures"}  # by the number of dimensions
METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # numpy's own; others claim memory of their own
KERAS: Final = {"train": ("x_train.npy", "y_train.npy"), "test": ("x_test.npy", "y_test.npy")}


@dataclass(frozen=True, eq=False)
class Labelled:
    """Pictures of digits, with the digit that each one is."""

    pictures: NDArray[np.uint8]  # (count, 28, 28), light on dark
    labels: NDArray[np.uint8]  # (count,), 0..9
    part: Part
    name: str  # of what they were read from, without its folder

    def __len__(self) -> int:
        return len(self.labels)


def read_idx(path: Path, dimensions: int) -> Bytes:
    """The bytes of an idx file of so many dimensions, plain or gzip (told by its content)."""
    size = size_of(path)
    with reading(path), path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"

    def opened() -> BinaryIO:
        return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]

    with _unpacking(path), opened() as stream:
        header = stream.read(4 + 4 * dimensions)
        if header[:4] != bytes((0, 0, BYTES, dimensions)):
            raise InputError(f"is no idx file of {KINDS[dimensions]}", path, "check which file this is")
        if len(header) < 4 + 4 * dimensions:
            raise InputError("is cut off in its header", path, "get it again")
    shape = struct.unpack(f">{dimensions}I", header[4:])
    return _values(opened, len(header), shape, size if packed else None, path).reshape(shape)


def checked(pictures: Bytes, labels: NDArray[Any], where: object) -> tuple[Bytes, Bytes]:
    """The same two, once it is known that they are 28x28 pictures with as many labels from 0 to 9."""
    if pictures.shape[1:] != (SIDE, SIDE):
        raise InputError(f"holds pictures of {pictures.shape[1:]}, not 28 x 28", where, "use MNIST's")
    if len(pictures) != len(labels):
        what = f"{len(pictures):,} pictures and {len(labels):,} labels do not belong together"
        raise InputError(what, where, "use files of one set")
    if not len(labels):
        raise InputError("holds no pictures", where, "use MNIST's")
    if labels.min() < 0 or labels.max() > 9:
        wrong = labels[(labels < 0) | (labels > 9)][0]
        raise InputError(f"has the label {wrong}", where, "use digits, from 0 to 9")
    return pictures, labels.astype(np.uint8)


def _values(opened: Open, skip: int, shape: tuple[int, ...], packed: int | None, where: object) -> Bytes:
    """The bytes after the first `skip`, as many as `shape` needs: counted before memory is taken."""
    needed = prod(shape)
    if needed > LIMIT or (packed is not None and needed > max(FREE, DENSEST * packed)):
        claim = " x ".join(f"{length:,}" for length in shape)
        raise InputError(f"claims {claim} values, which cannot be true", where, "get it again")
    with _unpacking(where), opened() as stream:
        stream.read(skip)
        found = 0
        while found <= needed and (chunk := stream.read(min(CHUNK, needed + 1 - found))):
            found += len(chunk)
    if found != needed:
        what = "is cut off" if found < needed else "has bytes after its end"
        raise InputError(f"{what}: its header claims {needed:,} values", where, "get it again")
    values = np.empty(needed, np.uint8)
    with _unpacking(where), opened() as stream:
        stream.read(skip)
        filled = 0
        while filled < needed and (chunk := stream.read(min(CHUNK, needed - filled))):
            values[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
            filled += len(chunk)
    if filled != needed:
        raise InputError("changed while it was read", where, "try again")
    return values


@contextmanager
def _unpacking(where: object) -> Iterator[None]:
    """Turn what gzip and zip say into an error with a cure."""
    try:
        yield
    except EOFError:
        raise InputError("is cut off", where, "get it again") from None
    except (gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, struct.error, ValueError):
        raise InputError("is damaged: it cannot be unpacked", where, "get it again") from None
    except (NotImplementedError, RuntimeError, KeyError):
        raise InputError("is no mnist.npz", where, "use the one that Keras loads") from None
    except OSError as error:
        if error.errno in (None, errno.EINVAL):  # a table that leads out of the file
            raise InputError("is damaged: it cannot be unpacked", where, "get it again") from None
        with reading(Path(str(where))):
            raise error


def read_keras(path: Path, parts: tuple[Part, ...]) -> Labelled:
    """The first of the parts that Keras' `mnist.npz` holds; raises `InputError` where it is none."""
    size = size_of(path)
    if size > LIMIT:
        raise InputError(f"has {size:,} bytes", path, "use the mnist.npz that Keras loads")
    with _unpacking(path), zipfile.ZipFile(path) as archive:
        names = {entry.filename for entry in archive.infolist() if entry.compress_type in METHODS}
        for part in parts:
            if names.issuperset(KERAS[part]):
                images, labels = (_read_member(archive, name, size, path) for name in KERAS[part])
                if images.ndim != 3 or labels.ndim != 1:
                    break
                return Labelled(*checked(images, labels, path), part, path.name)
    raise InputError("is no mnist.npz", path, "use the one that Keras loads, with x_train and y_train")


def _read_member(archive: zipfile.ZipFile, name: str, packed: int, path: Path) -> NDArray[Any]:
    with archive.open(name) as member:
        start = io.BytesIO(member.read(HEADER_LIMIT))
    shape, by_columns, dtype = read_header(start, path)
    if dtype.kind not in "iu" or by_columns:
        raise InputError(f"holds {dtype} values in {name}", path, "use the mnist.npz that Keras loads")
    flat = _values(lambda: archive.open(name), start.tell(), (*shape, dtype.itemsize), packed, path)  # type: ignore[arg-type,return-value]
    values: NDArray[Any] = flat.view(dtype).reshape(shape)
    if name.startswith("x") and dtype != np.uint8:
        raise InputError(f"holds {dtype} values in {name}", path, "use the mnist.npz that Keras loads")
    return values
