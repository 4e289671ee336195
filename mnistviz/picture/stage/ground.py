"""What words stand on beside cards, and how they are coloured to be read there."""

from __future__ import annotations

from functools import lru_cache

from mnistviz.picture.contrast import joined, legible, mix
from mnistviz.picture.display import Colour
from mnistviz.picture.theme import Theme


@lru_cache(maxsize=8)
def beside_cards(theme: Theme) -> Colour:
    """The background where it is hardest to read: on a light one where a card throws its shadow."""
    if theme.of:
        return joined(map(beside_cards, theme.of))
    return mix(theme.background, (0, 0, 0), theme.shadow) if theme.light else theme.background


@lru_cache(maxsize=256)
def by_cards(colour: Colour, theme: Theme) -> Colour:
    """The colour, so that it can be read beside cards, also while one passes."""
    return legible(colour, beside_cards(theme))
