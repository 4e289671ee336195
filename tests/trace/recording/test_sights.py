"""What a program can see of the interpreter is the same, watched or not: frames, lines, warnings, names, order."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from mnistviz.trace.recording.recorder import record
from tests.trace.recording import sights
from tests.trace.recording.freezing import freeze

SIGHTS = [
    one
    for one in vars(sights).values()
    if isinstance(one, types.FunctionType) and one.__module__ == sights.__name__
]
for helper in (sights.math_of, sights._unpack_into, sights._worked, sights.recursion_goes_as_deep):
    SIGHTS.remove(helper)


def seen(sight: Any, watched: bool) -> Any:
    box: list[Any] = []

    def keep(x: Any) -> None:
        box.append(sight(x))

    x = np.array([1.0, 2.5, -3.0])
    if watched:
        assert record(keep, x).failure is None
    else:
        keep(x)
    return freeze([box, x])


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.__name__)
def test_a_sight_is_the_same(sight: Any) -> None:
    code = sight.__code__
    plain = seen(sight, watched=False)
    assert seen(sight, watched=True) == plain
    assert sight.__code__ is code
    assert seen(sight, watched=False) == plain


def test_recursion_goes_as_deep_and_little_deeper() -> None:
    """Watchers need room on the stack: a recording gives them a little, which the program may use too."""
    (plain,), (watched,) = (_levels(watched=one) for one in (False, True))
    assert plain <= watched <= plain + 10


def _levels(watched: bool) -> list[int]:
    box: list[int] = []

    def keep(x: Any) -> None:
        box.append(sights.recursion_goes_as_deep(x))

    record(keep, np.ones(2)) if watched else keep(np.ones(2))
    return box
