from __future__ import annotations

import math
import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistviz.picture.numbers import plain, signed, tick
from tests.picture.lint import rounded

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.49, "+0.490"),
        (-4.45e-4, "-4.45e-4"),
        (-1.7795, "-1.78"),
        (0.0, "0"),
        (-0.0, "0"),
        (1, "+1.00"),
        (0.001, "+0.00100"),
        (-0.00099999, "-0.00100"),
        (0.0009994, "+9.99e-4"),
        (999.4, "+999"),
        (999.6, "+1.00e3"),
        (0.09996, "+0.100"),
        (-1e-300, "-1.00e-300"),
        (1e22, "+1.00e22"),
        (5e-324, "+4.94e-324"),
        (math.nan, "nan"),
        (math.inf, "+inf"),
        (-math.inf, "-inf"),
        (np.float32(0.1), "+0.100"),
        (0.125, "+0.125"),
        (2.125, "+2.12"),  # a tie that a double holds exactly goes to the even digit
        (2.375, "+2.38"),
    ],
)
def test_three_significant_digits_with_a_sign(value: float, text: str) -> None:
    assert signed(value) == text


@given(finite)
def test_is_the_exact_value_rounded_and_nothing_else(value: float) -> None:
    assert Decimal(signed(value)) == rounded(value)


@given(finite.filter(bool))
def test_has_a_sign_and_three_digits_and_is_never_zero(value: float) -> None:
    text = signed(value)
    assert re.fullmatch(r"[+-](\d\.\d\d|\d\d\.\d|\d\d\d|0\.0{0,2}[1-9]\d\d|[1-9]\.\d\de-?[1-9]\d*)", text)
    assert (text[0] == "-") == (value < 0)
    assert float(text) != 0 and len(text) <= 10


@given(finite, finite)
def test_never_changes_which_of_two_is_larger(one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert float(signed(small)) <= float(signed(large))


@given(st.integers())
def test_counts_are_exact(count: int) -> None:
    assert int(plain(count).replace(",", "")) == count
    assert plain(23336) == "23,336"


def test_ticks_are_short() -> None:
    assert [tick(value) for value in (784, -6, 0.25, -0.0, 1.23456)] == ["784", "-6", "0.25", "0", "1.23"]
    assert tick(15_680_000) == "+1.57e7"
