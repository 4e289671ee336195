"""Records that keep their hash, how they are changed, and what of them stays one object from frame to frame."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
import pytest

from mnistviz.picture.display import Cells, ColourScale, Text
from mnistviz.picture.group import Group, room_of
from mnistviz.picture.hashing import HashedTuple, changed, hashed_once
from mnistviz.picture.kept import taken_over
from mnistviz.picture.stage.tableau import Card, Inspector, Place, Tableau

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


def a_tableau(heading: str = "", x: float = 0.0, says: str = "+", whole: bool = False) -> Tableau:
    """Two cards, the second of them at x, a sign and a heading, all made anew."""
    places = [Place((at, 0.0), (1.0, 0.0), (0.0, 1.0)) for at in (5.0, x)]
    cells, scale = Cells(np.zeros((1, 1))), ColourScale("level", 0.0, 1.0)
    cards = tuple(Card(str(k), "a", (1,), cells, None, scale, place) for k, place in enumerate(places))
    return Tableau(
        cards, (Text(says, (0.0, 0.0), 9.0, (1, 2, 3)),), inspector=Inspector(heading), whole=whole
    )


@pytest.mark.parametrize(
    ("other", "cards", "marks", "inspector"),
    [
        (a_tableau(), True, True, True),
        (a_tableau(whole=True), True, True, True),
        (a_tableau(x=1.0), False, True, True),
        (a_tableau(says="-"), True, False, True),
        (a_tableau(heading="Cell"), True, True, False),
        (Tableau(()), False, False, True),
    ],
)
def test_what_stays_is_one_object_and_what_is_seen_the_same(
    other: Tableau, cards: bool, marks: bool, inspector: bool
) -> None:
    last = a_tableau()
    taken = taken_over(other, last)
    assert taken == other
    assert (taken is last) == (other == last)
    same = (taken.cards is last.cards, taken.marks is last.marks, taken.inspector is last.inspector)
    assert same == (cards, marks, inspector)
    assert [card is last.cards[0] for card in taken.cards[:1]] == [True] * bool(taken.cards)


def test_a_group_knows_where_its_texts_are_and_has_none_that_cannot_be_seen() -> None:
    texts = [Text("abc", (100.0 * k, 50.0), 10.0, (1, 2, 3), opacity=1.0 - k) for k in range(2)]
    group = Group.of(texts)
    left, top, right, bottom = found = group.written or (0.0, 0.0, 0.0, 0.0)
    assert list(group) == texts[:1]
    assert found == room_of(texts[0])
    assert left <= 0 and right >= 30 and top <= 40 and bottom >= 60
    assert Group().written is None
