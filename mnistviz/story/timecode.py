"""Exact time in words: ticks of 1/10 s to and from the notations of people, players and subtitle files."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final, Literal, get_args

from mnistviz.errors import InputError

TICKS_PER_SECOND = 10
SHORTEST_FILM_TICKS = 200
Pace = Literal["story", "article"]  # how much time each idea gets: what it needs, or what the article gave it
PACES: Final[tuple[Pace, ...]] = get_args(Pace)
RATES = (10, 60)  # frames a second of the two films; a tick is a whole number of frames of both
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:\.(\d{1,6}))?")


def parse_instant(text: str, what: str = "instant") -> Fraction:
    """Seconds, exact, from `75`, `75.5`, `1:15.5` or `1:01:15`.

    Raises `InputError` for anything else.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{what} {text!r} is not a time", "", "write minutes and seconds, as in 1:18.0")
    hours, minutes, seconds, decimals = match.groups()
    if (minutes is not None and int(seconds) >= 60) or (hours is not None and int(minutes) >= 60):
        raise InputError(
            f"{what} {text!r} has 60 or more where a clock has less", "", "write it as in 1:18.0"
        )
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return whole + Fraction(int(decimals or 0), 10 ** len(decimals or ""))


def parse_ticks(text: str, what: str = "duration") -> int:
    """Ticks from a clock notation; raises `InputError` where it is finer than a tenth of a second."""
    ticks = parse_instant(text, what) * TICKS_PER_SECOND
    if ticks.denominator != 1:
        raise InputError(f"{what} {text!r} is finer than a tenth of a second", "", "round it to 0.1 s")
    return int(ticks)


def seconds(ticks: int) -> float:
    """Seconds with one decimal, for JSON: the nearest double of an exact tenth."""
    return ticks / TICKS_PER_SECOND


def clock(ticks: int) -> str:
    """`1:18.0`, or `1:01:18.0` from an hour on."""
    minutes, rest = divmod(ticks, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def whole_clock(ticks: int) -> str:
    """`1:18`, rounded down, as YouTube's chapter lists want it."""
    return clock(ticks).rpartition(".")[0]


def subtitle_clock(ticks: int, point: str = ".") -> str:
    """`00:01:18.000`, with the decimal point of the format (`.` WebVTT, `,` SubRip)."""
    minutes, rest = divmod(ticks, 600)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 10:02d}{point}{rest % 10}00"
