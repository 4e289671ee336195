"""Records that keep their hash, and how they are changed."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import pytest

from mnistviz.picture.hashing import HashedTuple, changed, hashed_once

asked: list[str] = []


class Name(str):
    """A string that tells that its hash was asked for."""

    __slots__ = ()

    def __hash__(self) -> int:
        asked.append(str(self))
        return super().__hash__()


@hashed_once
@dataclass(frozen=True)
class Thing:
    name: str
    size: int = 1


def test_a_hash_is_taken_once_and_equal_records_have_the_same() -> None:
    asked.clear()
    one = Thing(Name("card"), 2)
    assert hash(one) == hash(one) == hash(Thing("card", 2))
    assert asked == ["card"]
    assert {one: "found"}[Thing("card", 2)] == "found"
    assert one != Thing("card", 3)


def test_a_hash_stays_in_its_process() -> None:
    one = Thing("card", 2)
    hash(one)
    assert "_hash" not in copy.copy(one).__dict__
    assert copy.copy(one) == one


def test_a_changed_record_is_what_replace_makes_and_has_its_own_hash() -> None:
    one = Thing("card", 2)
    hash(one)
    other = changed(one, size=3)
    assert other == replace(one, size=3)
    assert hash(other) == hash(Thing("card", 3)) != hash(one)
    assert one == Thing("card", 2)


def test_a_field_that_is_not_there_is_not_changed() -> None:
    with pytest.raises(TypeError, match="Thing has no colour"):
        changed(Thing("card"), colour="red")


def test_a_tuple_that_keeps_its_hash_is_a_tuple() -> None:
    pairs = HashedTuple([("a", 1), ("b", 2)])
    assert pairs == (("a", 1), ("b", 2))
    assert hash(pairs) == hash((("a", 1), ("b", 2)))
    back = copy.deepcopy(pairs)
    assert (type(back), back) == (HashedTuple, pairs)
