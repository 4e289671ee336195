"""Hashes by content: of plain data of any room, and of files; the same in every process."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    import numpy as np

Put = Callable[[bytes | memoryview], None]
_LEAVES = frozenset({str, int, float, bool, type(None)})  # what is most of all that is hashed
_ADDRESS = re.compile(" at 0x[0-9a-f]+")


def digest(value: object, without: Collection[str] = ()) -> str:
    """Hash of dataclasses, tuples, lists, mappings, sets, arrays and plain values, by content.

    Every field of a dataclass counts, but for those named in `without`, as `Class.field`.
    """
    hasher = hashlib.blake2b(digest_size=20)

    def put(piece: bytes | memoryview) -> None:
        hasher.update(len(piece).to_bytes(8, "little"))
        hasher.update(piece)

    _put_pieces(value, without, put)
    return hasher.hexdigest()


def _put_pieces(value: object, without: Collection[str], put: Put) -> None:
    """The value as a sequence of byte strings that no other value gives."""
    if type(value) in _LEAVES:
        put(_plain(value))
    elif _is_array(value):
        _put_array(value, without, put)
    elif is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        put(f"{kind.__qualname__}{{".encode())
        for name, whole, encoded in _fields(kind):
            if whole not in without:
                put(encoded)
                _put_pieces(getattr(value, name), without, put)
        put(b"}")
    elif isinstance(value, tuple | list):
        put(f"[{len(value)}".encode())
        for item in value:
            _put_pieces(item, without, put)
    elif isinstance(value, Mapping):
        pairs = sorted((digest(key, without), digest(item, without)) for key, item in value.items())
        _put_pieces(pairs, without, put)
    elif isinstance(value, set | frozenset):
        _put_pieces(sorted(digest(item, without) for item in value), without, put)
    else:
        put(_plain(value))


@lru_cache(maxsize=1024)
def _fields(kind: type[Any]) -> tuple[tuple[str, str, bytes], ...]:
    """Of each field of a dataclass its name, alone, with the class's, and as bytes."""
    return tuple((one.name, f"{kind.__qualname__}.{one.name}", one.name.encode()) for one in fields(kind))


def _is_array(value: object) -> TypeGuard[np.ndarray[Any, Any]]:
    """Whether it is an array: there is none where nobody has imported numpy, which takes a while."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def _put_array(array: np.ndarray[Any, Any], without: Collection[str], put: Put) -> None:
    import numpy as np

    put(f"array {array.dtype.str} {array.shape}".encode())
    if array.dtype.hasobject:
        _put_pieces(array.tolist(), without, put)
    else:
        put(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data if array.size else b"")


def _plain(value: object) -> bytes:
    """Type and repr of a value, without the address that a repr may hold: it would differ in every run."""
    if type(value) in _LEAVES and type(value) is not str:
        return f"{type(value).__name__} {value!r}".encode()
    name = getattr(value, "__qualname__", getattr(value, "__name__", None))
    if name is not None:
        return f"name {getattr(value, '__module__', '')}.{name}".encode()
    return f"{type(value).__qualname__} {_ADDRESS.sub('', repr(value))}".encode("utf-8", "surrogatepass")


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
