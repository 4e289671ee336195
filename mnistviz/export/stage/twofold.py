"""A film in two themes at once: composed and packed once, for the second differs in its colours alone."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from mnistviz.picture.layout import Look
from mnistviz.picture.theme import DARK, LIGHT, paired


def other_theme(look: Look) -> Look:
    """The same look in the light theme, or in the dark one where it is light itself."""
    return replace(look, theme=DARK if look.theme == LIGHT else LIGHT)


@lru_cache(maxsize=2)
def twofold(look: Look) -> Look:
    """The look in its own theme and in the other one; the same object for all pieces of a film, whose caches it keys."""
    return replace(look, theme=paired(look.theme, other_theme(look).theme))
