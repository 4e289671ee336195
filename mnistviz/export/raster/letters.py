"""Coverage of words: DejaVu letters by Pillow, each at its unhinted place."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnistviz.picture import fonts as lettering
from mnistviz.picture.display import Face

PHASES = 4  # places of a letter within a pixel, across


class Glyph(NamedTuple):
    """A letter's coverage, and where its top left pixel is from the pen, in pixels."""

    cover: NDArray[np.uint8]
    x: int
    y: int


@lru_cache(maxsize=4096)
def glyph(letter: str, face: Face, size_px: float, phase: int) -> Glyph | None:
    """A letter with the pen at `phase / PHASES` of a pixel; None where it has no ink."""
    drawn, font = lettering.letter_font(letter, face, size_px)
    room = math.ceil(size_px * 1.5) + 2
    image = Image.new("L", (2 * room, 2 * room))
    ImageDraw.Draw(image).text((room + phase / PHASES, room), drawn, 255, font, "ls")
    box = image.getbbox()
    if box is None:
        return None
    return Glyph(np.asarray(image.crop(box)), box[0] - room, box[1] - room)


@lru_cache(maxsize=8192)
def _kerning(pair: str, face: Face) -> float:
    first, second = (lettering.width(letter, 1.0, face) for letter in pair)
    return lettering.width(pair, 1.0, face) - first - second


def pens(text: str, face: Face) -> list[float]:
    """Where each letter starts, as parts of the size, by the widths that layout measures."""
    places, at = [], 0.0
    for place, letter in enumerate(text):
        if place:
            at += _kerning(text[place - 1] + letter, face)
        places.append(at)
        at += lettering.width(letter, 1.0, face)
    return places


@lru_cache(maxsize=2048)
def line_of_text(text: str, face: Face, size_px: float, start_phase: int) -> Glyph | None:
    """A line of text as one coverage, from the pen's start at `start_phase / PHASES` of a pixel."""
    found = []
    for letter, pen in zip(text, pens(text, face), strict=True):
        steps = start_phase + round(pen * size_px * PHASES)
        drawn = glyph(letter, face, size_px, steps % PHASES)
        if drawn is not None:
            found.append(drawn._replace(x=drawn.x + steps // PHASES))
    return _joined(found) if found else None


def _joined(glyphs: list[Glyph]) -> Glyph:
    """Glyphs as one, the stronger coverage where two overlap."""
    left, top = min(one.x for one in glyphs), min(one.y for one in glyphs)
    right = max(one.x + one.cover.shape[1] for one in glyphs)
    bottom = max(one.y + one.cover.shape[0] for one in glyphs)
    cover = np.zeros((bottom - top, right - left), np.uint8)
    for one in glyphs:
        height, width = one.cover.shape
        part = cover[one.y - top : one.y - top + height, one.x - left : one.x - left + width]
        np.maximum(part, one.cover, out=part)
    return Glyph(cover, left, top)
