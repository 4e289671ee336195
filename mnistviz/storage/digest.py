"""Hashes by content: of plain data of any room, and of files; the same in every process."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

_ADDRESS = re.compile(" at 0x[0-9a-f]+")


def digest(value: object) -> str:
    """Hash of dataclasses, tuples, lists, mappings, sets, arrays and plain values, by content."""
    hasher = hashlib.blake2b(digest_size=20)
    for piece in _pieces(value):
        hasher.update(len(piece).to_bytes(8, "little"))
        hasher.update(piece)
    return hasher.hexdigest()


def _pieces(value: object) -> Iterator[bytes | memoryview]:
    """The value as a sequence of byte strings that no other value gives."""
    if isinstance(value, np.ndarray):
        yield from _array_pieces(value)
    elif is_dataclass(value) and not isinstance(value, type):
        yield f"{type(value).__qualname__}{{".encode()
        for field in fields(value):
            yield field.name.encode()
            yield from _pieces(getattr(value, field.name))
        yield b"}"
    elif isinstance(value, tuple | list):
        yield f"[{len(value)}".encode()
        for item in value:
            yield from _pieces(item)
    elif isinstance(value, dict):
        yield from _pieces(sorted((digest(key), digest(item)) for key, item in value.items()))
    elif isinstance(value, set | frozenset):
        yield from _pieces(sorted(digest(item) for item in value))
    else:
        yield _plain(value)


def _array_pieces(array: np.ndarray[Any, Any]) -> Iterator[bytes | memoryview]:
    yield f"array {array.dtype.str} {array.shape}".encode()
    if array.dtype.hasobject:
        yield from _pieces(array.tolist())
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
