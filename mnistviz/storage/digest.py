"""Hashes by content: of plain data of any room, and of files; the same in every process."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
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
    return _Hashing(without).of(value).hex()


class _Hashing:
    """Hashes whose records are hashed once, however many others hold them: a film's clips share their chapters."""

    def __init__(self, without: Collection[str]) -> None:
        self._without = without
        # By `id`; each is held, so that no other gets its id.
        self._records: dict[int, tuple[object, bytes]] = {}

    def of(self, value: object) -> bytes:
        """The hash of a value, 20 bytes."""
        hasher = hashlib.blake2b(digest_size=20)

        def put(piece: bytes | memoryview) -> None:
            hasher.update(len(piece).to_bytes(8, "little"))
            hasher.update(piece)

        if _is_record(value):
            self._put_fields(value, put)
        else:
            self._put_pieces(value, put)
        return hasher.digest()

    def _put_pieces(self, value: object, put: Put) -> None:
        """The value as a sequence of byte strings that no other value gives."""
        if type(value) in _LEAVES:
            put(_plain(value))
        elif _is_array(value):
            self._put_array(value, put)
        elif _is_record(value):
            if id(value) not in self._records:
                self._records[id(value)] = value, self.of(value)
            put(b"record")
            put(self._records[id(value)][1])
        elif isinstance(value, tuple | list):
            put(f"[{len(value)}".encode())
            for item in value:
                self._put_pieces(item, put)
        elif isinstance(value, Mapping):
            self._put_pieces(
                sorted((self.of(key).hex(), self.of(item).hex()) for key, item in value.items()), put
            )
        elif isinstance(value, set | frozenset):
            self._put_pieces(sorted(self.of(item).hex() for item in value), put)
        else:
            put(_plain(value))

    def _put_fields(self, record: Any, put: Put) -> None:
        kind: Any = type(record)
        put(f"{kind.__qualname__}{{".encode())
        for name, whole, encoded in _fields(kind):
            if whole not in self._without:
                put(encoded)
                self._put_pieces(getattr(record, name), put)
        put(b"}")

    def _put_array(self, array: np.ndarray[Any, Any], put: Put) -> None:
        import numpy as np

        put(f"array {array.dtype.str} {array.shape}".encode())
        if array.dtype.hasobject:
            self._put_pieces(array.tolist(), put)
        else:
            put(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data if array.size else b"")


def texts(value: object, without: Collection[str] = ()) -> Iterator[str]:
    """All that is written anywhere in what `digest` takes, but for the fields named in `without`."""
    seen: dict[int, object] = {}  # records, each held, so that no other gets its id
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, tuple | list | set | frozenset):
            waiting += one
        elif _is_array(one):
            waiting += one.ravel().tolist() if one.dtype.kind in "OU" else ()
        elif _is_record(one) and id(one) not in seen:
            kind: Any = type(one)
            seen[id(one)] = one
            waiting += [getattr(one, name) for name, whole, _ in _fields(kind) if whole not in without]


@lru_cache(maxsize=1024)
def _fields(kind: type[Any]) -> tuple[tuple[str, str, bytes], ...]:
    """Of each field of a dataclass its name, alone, with the class's, and as bytes."""
    return tuple((one.name, f"{kind.__qualname__}.{one.name}", one.name.encode()) for one in fields(kind))


def _is_record(value: object) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _is_array(value: object) -> TypeGuard[np.ndarray[Any, Any]]:
    """Whether it is an array: there is none where nobody has imported numpy, which takes a while."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


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
