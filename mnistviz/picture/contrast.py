"""Whether text can be read: contrast as the Web Content Accessibility Guidelines 2.2 measure it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from mnistviz.picture.display import Colour

ENOUGH = 4.5  # WCAG 1.4.3, level AA
WISHED = 5.0  # more than enough, so that rounding, blending and a soft shadow never bring it below
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
BOTH = (0, 1)  # places of the themes that a colour may be for


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


def in_theme(colour: Colour, place: int) -> Colour:
    """A colour in the first theme, 0, or in the second, 1, where it has one of its own there."""
    return colour[3 * place : 3 * place + 3] or colour


def joined(colours: Iterable[Colour]) -> Colour:
    """A colour for several themes."""
    return tuple(chain.from_iterable(colours))


@lru_cache(maxsize=1024)
def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with that share, 0..1, of `other`, mixed in sRGB as the raster blends."""
    if len(one) != len(other):
        return joined(mix(in_theme(one, place), in_theme(other, place), share) for place in BOTH)
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def end_on(ground: Colour) -> Colour:
    """Black or white, whichever has the higher contrast on that ground."""
    if len(ground) > 3:
        return joined(end_on(in_theme(ground, place)) for place in BOTH)
    return max(WHITE, BLACK, key=lambda end: contrast(end, ground))


@lru_cache(maxsize=1024)
def legible(colour: Colour, ground: Colour) -> Colour:
    """The colour, made lighter or darker just so far that it can be read on that ground."""
    if max(len(colour), len(ground)) > 3:
        return joined(legible(in_theme(colour, place), in_theme(ground, place)) for place in BOTH)
    away = end_on(ground)
    steps = (mix(colour, away, step / 20) for step in range(21))
    return next((mixed for mixed in steps if contrast(mixed, ground) >= WISHED), away)
