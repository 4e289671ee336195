"""How numbers are written on the screen, the one place that rounds them.

A number is rounded to three significant digits by Python's correctly rounded conversion of the exact
double: to the nearest decimal, the exact tie (which a double seldom is) to the even digit.
"""

from __future__ import annotations

import math
from typing import SupportsFloat

DIGITS = 3  # significant
LONGEST_COUNT = 10**6
SMALLEST_EXPONENT, LARGEST_EXPONENT = -3, 2  # decimal powers that are written out: 0.001 up to below 1000


def signed(value: SupportsFloat) -> str:
    """`+0.490`, `-4.45e-4`, `+1.23e3`, `0` for either zero, `nan`, `+inf`, `-inf`."""
    number = float(value)
    if math.isnan(number):
        return "nan"
    if math.isinf(number):
        return "+inf" if number > 0 else "-inf"
    if number == 0:
        return "0"
    mantissa, _, power = f"{number:+.{DIGITS - 1}e}".partition("e")
    exponent = int(power)
    if SMALLEST_EXPONENT <= exponent <= LARGEST_EXPONENT:
        return f"{number:+.{DIGITS - 1 - exponent}f}"
    return f"{mantissa}e{exponent}"


def counted(value: SupportsFloat) -> str:
    """A whole number as one counts: `7`, `-3`, `23,336`; rounded where it would be long."""
    number = float(value)
    return plain(int(number)) if abs(number) < LONGEST_COUNT else signed(number)


def bare(value: SupportsFloat) -> str:
    """A number inside an expression, behind a sign of arithmetic: without a plus, a minus in brackets."""
    text = signed(value).removeprefix("+")
    return f"({text})" if text.startswith("-") else text


def plain(count: int) -> str:
    """A count, exact, with separators of thousands: `23,336`."""
    return f"{count:,}"


def times(gain: int, longest: int = LONGEST_COUNT) -> str:
    """How many times something is enlarged: `20,000`; from `longest` on a power of ten, as in `7e24`."""
    return plain(gain) if gain < longest else f"{gain:.2g}".replace("e+0", "e").replace("e+", "e")


def tick(value: float) -> str:
    """An end of an axis: at most three significant digits, no sign but a minus: `784`, `-6`, `0.25`."""
    if abs(value) >= 10**6:
        return signed(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value + 0.0:.{DIGITS}g}"
