"""Whether text can be read: contrast as the Web Content Accessibility Guidelines 2.2 measure it."""

from __future__ import annotations

from functools import lru_cache

from mnistviz.picture.display import Colour

ENOUGH = 4.5  # WCAG 1.4.3, level AA
WISHED = 5.0  # more than enough, so that rounding, blending and a soft shadow never bring it below


def luminance(colour: Colour) -> float:
    """Relative luminance of an sRGB colour, 0..1 (WCAG 2.2)."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of two colours, 1..21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with that share, 0..1, of `other`, mixed in sRGB as the raster blends."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


@lru_cache(maxsize=1024)
def legible(colour: Colour, ground: Colour) -> Colour:
    """The colour, made lighter or darker just so far that it can be read on that ground."""
    white: Colour = (255, 255, 255)
    black: Colour = (0, 0, 0)
    away = max((white, black), key=lambda end: contrast(end, ground))
    steps = (mix(colour, away, step / 20) for step in range(21))
    return next((mixed for mixed in steps if contrast(mixed, ground) >= WISHED), away)
