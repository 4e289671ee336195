"""Records of which a frame is made: hashed once, and changed in little time."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

Record = TypeVar("Record")
Item = TypeVar("Item")
HASH = "_hash"  # in the record's own dict, beside its fields


def hashed_once(kind: type[Record]) -> type[Record]:
    """A frozen dataclass that keeps its hash: a large one is looked up in several caches a frame.

    The hash stays in its process: strings have others in the next one.
    """
    hash_of = kind.__hash__

    def kept(self: Any) -> int:
        held = self.__dict__
        found: int | None = held.get(HASH)
        if found is None:
            found = held[HASH] = hash_of(self)
        return found

    def state(self: Any) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != HASH}

    kind.__hash__, kind.__getstate__ = kept, state  # type: ignore
    return kind


class HashedTuple(tuple[Item, ...]):
    """A tuple that keeps its hash."""

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[tuple[Item, ...]], tuple[list[Item]]]:
        return HashedTuple, (list(self),)


def changed(record: Record, **changes: Any) -> Record:
    """`dataclasses.replace` for what is made in every frame: the other fields are taken over as they are.

    Raises `TypeError` where the record has no such field.
    """
    kind = type(record)
    fields = kind.__dataclass_fields__  # type: ignore[attr-defined]
    held = record.__dict__ | changes
    held.pop(HASH, None)
    if len(held) > len(fields):  # a property that is kept, or what is no field
        if not changes.keys() <= fields.keys():
            raise TypeError(f"{kind.__name__} has no {', '.join(changes.keys() - fields.keys())}")
        held = {name: held[name] for name in fields}
    fresh = object.__new__(kind)
    object.__setattr__(fresh, "__dict__", held)
    return fresh
