"""A film in two themes at once: composed and packed once, for the second differs in its colours alone."""

from __future__ import annotations

from dataclasses import replace

from mnistviz.picture.layout import Look
from mnistviz.picture.theme import DARK, LIGHT, paired


def other_theme(look: Look) -> Look:
    """The same look in the light theme, or in the dark one where it is light itself."""
    return replace(look, theme=DARK if look.theme == LIGHT else LIGHT)


def twofold(look: Look) -> Look:
    """The look in its own theme and in the other one."""
    return replace(look, theme=paired(look.theme, other_theme(look).theme))
