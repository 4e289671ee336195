"""Whether a number is written right: rounded anew from the exact double, in each of the styles."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

from mnistviz.story.sentence import Style
from tests.picture.lint import rounded

DECIMALS: dict[Style, int] = {"long": 6, "share": 3}


def same(one: float, other: float, slack: float) -> bool:
    """Whether two numbers are equal, NaN to NaN, or no further apart than allowed."""
    return one == other or (math.isnan(one) and math.isnan(other)) or abs(one - other) <= slack


def written_right(shown: str, value: float, style: Style) -> bool:
    """Whether a text is the number in its style."""
    if not math.isfinite(value):
        return shown.strip("+") == ("nan" if math.isnan(value) else "inf" if value > 0 else "-inf")
    bracketed = shown.startswith("(")
    digits = Decimal(shown.strip("()").replace(",", ""))
    if style in ("count", "whole", "index"):
        return (
            digits == Decimal(value)
            and "." not in shown
            and bracketed == (style == "whole" and value < 0)
            and ("," in shown) == (style != "index" and abs(value) >= 1000)
        )
    if style in DECIMALS:
        wish = Decimal(value).quantize(Decimal(1).scaleb(-DECIMALS[style]), ROUND_HALF_EVEN)
        return digits == wish and (style != "long" or shown[0] in "+-")
    if style == "short":
        return digits == Decimal(f"{Decimal(value):.4g}")
    if bracketed != (style == "bare" and value < 0):
        return False
    sign = shown.strip("(")[0]
    signed_right = value == 0 or (
        (sign == "-") == (value < 0) and (sign == "+") == (value > 0 and style != "bare")
    )
    return signed_right and digits == (rounded(value) if value else 0)
