"""Clocks in words are exact, both ways."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistviz.errors import InputError
from mnistviz.story import timecode


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("78", 78),
        ("1:18.0", 78),
        ("75.5", Fraction(151, 2)),
        ("1:01:15", 3675),
        ("0:00.016", Fraction(2, 125)),
    ],
)
def test_instants(text: str, seconds: Fraction) -> None:
    assert timecode.parse_instant(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "1:60", "1:61:00", "-1", "1e3", "1:2:3:4", "1.", "∞", "1:18,0"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(InputError):
        timecode.parse_instant(text)


def test_a_duration_has_whole_tenths() -> None:
    assert timecode.parse_ticks("0:30") == 300
    with pytest.raises(InputError, match="finer than a tenth"):
        timecode.parse_ticks("30.05")


@given(st.integers(0, 10**6))
def test_a_clock_reads_back(ticks: int) -> None:
    assert timecode.parse_ticks(timecode.clock(ticks)) == ticks
    assert Fraction(str(timecode.seconds(ticks))) == Fraction(ticks, 10)


def test_notations() -> None:
    assert timecode.clock(780) == "1:18.0"
    assert timecode.clock(36_780) == "1:01:18.0"
    assert timecode.whole_clock(789) == "1:18"
    assert timecode.subtitle_clock(785) == "00:01:18.500"
    assert timecode.subtitle_clock(36_785, ",") == "01:01:18,500"
