"""The packed film as text that a page carries; `reel.js` reads it."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

LARGEST = 2_600_000  # characters


@dataclass(frozen=True)
class Stages:
    """A packed film, and the themes that it is in, its own first; none where it would be too large."""

    themes: tuple[str, ...] = ()
    packed: str = ""


NO_STAGES = Stages()


def bundle(packed: bytes) -> str:
    """Deflated, in base64."""
    return base64.b64encode(zlib.compress(packed, 6)).decode()


def fitting(themes: tuple[str, ...], packed: bytes) -> Stages:
    """A packed film for a page, where it is not too large for one."""
    text = bundle(packed)
    return Stages(themes, text) if len(text) <= LARGEST else NO_STAGES
