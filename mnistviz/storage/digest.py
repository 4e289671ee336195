"""Hashes by content: of plain data of any room, and of files; the same in every process."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    import numpy as np

_ADDRESS = re.compile(" at 0x[0-9a-f]+")


def digest(value: object, without: Collection[str] = ()) -> str:
    """Hash of dataclasses, tuples, lists, mappings, sets, arrays and plain values, by content.

    Every field of a dataclass counts, but for those named in `without`, as `Class.field`.
    """
    hasher = hashlib.blake2b(digest_size=20)
    for piece in _pieces(value, without):
        hasher.update(len(piece).to_bytes(8, "little"))
        hasher.update(piece)
    return hasher.hexdigest()


def _pieces(value: object, without: Collection[str]) -> Iterator[bytes | memoryview]:
    """The value as a sequence of byte strings that no other value gives."""
    if _is_array(value):
        yield from _array_pieces(value, without)
    elif is_dataclass(value) and not isinstance(value, type):
        kind = type(value).__qualname__
        yield f"{kind}{{".encode()
        for field in fields(value):
            if f"{kind}.{field.name}" not in without:
                yield field.name.encode()
                yield from _pieces(getattr(value, field.name), without)
        yield b"}"
    elif isinstance(value, tuple | list):
        yield f"[{len(value)}".encode()
        for item in value:
            yield from _pieces(item, without)
    elif isinstance(value, Mapping):
        pairs = sorted((digest(key, without), digest(item, without)) for key, item in value.items())
        yield from _pieces(pairs, without)
    elif isinstance(value, set | frozenset):
        yield from _pieces(sorted(digest(item, without) for item in value), without)
    else:
        yield _plain(value)


def _is_array(value: object) -> TypeGuard[np.ndarray[Any, Any]]:
    """Whether it is an array: there is none where nobody has imported numpy, which takes a while."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def _array_pieces(array: np.ndarray[Any, Any], without: Collection[str]) -> Iterator[bytes | memoryview]:
    import numpy as np

    yield f"array {array.dtype.str} {array.shape}".encode()
    if array.dtype.hasobject:
        yield from _pieces(array.tolist(), without)
    else:
        yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data if array.size else b""


def _plain(value: object) -> bytes:
    """Type and repr of a value, without the address that a repr may hold: it would differ in every run."""
    name = getattr(value, "__qualname__", getattr(value, "__name__", None))
    if name is not None:
        return f"name {getattr(value, '__module__', '')}.{name}".encode()
    return f"{type(value).__qualname__} {_ADDRESS.sub('', repr(value))}".encode("utf-8", "surrogatepass")


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
