"""The packed films of all themes as one text: they differ in colours and in little else.

Piece by piece in turn, so that what is alike lies near enough for the deflating to find it again: the second
theme costs less than half of the first.  `reel.js` takes them apart.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

PIECE = 2048  # bytes; as small as it may be: the deflating looks at what is near first
LARGEST = 2_600_000  # characters


@dataclass(frozen=True)
class Stages:
    """Packed films that travel together; none where none fits."""

    themes: tuple[str, ...] = ()
    packed: str = ""


NO_STAGES = Stages()


def bundle(reels: Sequence[bytes]) -> str:
    """Deflated, in base64: the films' lengths as JSON, a space, and their bytes, piece by piece in turn."""
    most = max(map(len, reels), default=0)
    pieces = [reel[start : start + PIECE] for start in range(0, most, PIECE) for reel in reels]
    head = json.dumps([len(reel) for reel in reels], separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(b" ".join((head, b"".join(pieces))), 6)).decode()


def fitting(packs: Mapping[str, Callable[[], bytes]]) -> Stages:
    """Of the packed films, by theme, as many as go on a page together, the first ones first."""
    reels = {name: pack() for name, pack in packs.items()}
    names = tuple(reels)
    for count in range(len(names), 0, -1):
        packed = bundle([reels[name] for name in names[:count]])
        if len(packed) <= LARGEST:
            return Stages(names[:count], packed)
    return NO_STAGES
