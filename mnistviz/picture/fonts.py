"""Fonts and how wide a line of text is: matplotlib's DejaVu fonts through Pillow, measured without hinting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import ImageFont

from mnistviz.picture.display import (
    GLOW_REACH,
    Box,
    Face,
    Line,
    Matrix,
    Panel,
    Polygon,
    Primitive,
    Text,
)
from mnistviz.picture.fallback import UNKNOWN, font_file, is_own, is_wide

FILES: dict[Face, str] = {
    "sans": "DejaVuSans.ttf",
    "sans-bold": "DejaVuSans-Bold.ttf",
    "mono": "DejaVuSansMono.ttf",
    "mono-bold": "DejaVuSansMono-Bold.ttf",
}
REGULAR = 400  # weight of a variable font
KEPT = 32  # fonts, each of a size: one takes 300 KiB, and a tenth of a millisecond to open
# Pieces of code, each with the joint that ends it.
JOINTS = re.compile(r"[^.,(\[{=+*/_-]*[.,(\[{=+*/_-]+|[^.,(\[{=+*/_-]+")
MEASURE_PX = 200  # widths are measured once at this size and scaled: the same layout at every film size


@lru_cache(maxsize=1)
def font_folder() -> Path:
    """Folder of the fonts that matplotlib ships."""
    from importlib.util import find_spec

    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("matplotlib is not installed")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


@lru_cache(maxsize=KEPT)
def font(face: Face, pixels: float) -> ImageFont.FreeTypeFont:
    """The font of a face at a size in pixels."""
    return ImageFont.truetype(str(font_folder() / FILES[face]), pixels, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=KEPT)
def _other_font(file: str, pixels: float) -> ImageFont.FreeTypeFont:
    found = ImageFont.truetype(file, pixels, layout_engine=ImageFont.Layout.BASIC)
    with suppress(OSError):  # a font of one weight has no axes
        found.set_variation_by_axes([_upright(axis) for axis in found.get_variation_axes()])
    return found


def _upright(axis: Any) -> float:
    """Where an axis of a variable font stands: its weight as of words that are read, the others as they are."""
    weight = axis["maximum"] >= REGULAR and axis["name"] in (b"Weight", "Weight")
    return float(REGULAR if weight else axis["default"])


def letter_in(letter: str, face: Face) -> tuple[str, str]:
    """What is drawn for a letter, and the file of the font that has it."""
    own = str(font_folder() / FILES[face])
    found = font_file(letter, own)
    return (letter, found) if found else (UNKNOWN, own)


def letter_font(letter: str, face: Face, pixels: float) -> tuple[str, ImageFont.FreeTypeFont]:
    """What is drawn for a letter, and the font, at a size in pixels."""
    if is_own(letter):
        return letter, font(face, pixels)
    drawn, file = letter_in(letter, face)
    return drawn, _other_font(file, pixels)


@lru_cache(maxsize=4096)
def _advance(letter: str, face: Face) -> float:
    """Width of a letter, in sizes; in a mono face of one column, or of two."""
    if is_own(letter):
        return font(face, MEASURE_PX).getlength(letter) / MEASURE_PX
    if face in ("mono", "mono-bold"):
        return font(face, MEASURE_PX).getlength("0") / MEASURE_PX * (1 + is_wide(letter))
    drawn, other = letter_font(letter, face, MEASURE_PX)
    return other.getlength(drawn) / MEASURE_PX


@lru_cache(maxsize=8192)
def width(text: str, size: float, face: Face = "sans") -> float:
    """Width of a line of text, in the unit of `size`."""
    if not is_own(text):
        return sum(_advance(letter, face) for letter in text) * size
    return font(face, MEASURE_PX).getlength(text) * size / MEASURE_PX


ASCENT, DESCENT = 0.78, 0.22  # of the size: what capitals, digits and descenders of DejaVu really fill


def box(text: Text) -> Box:
    """The box that a text fills, in design units."""
    long = width(text.text, text.size, text.face)
    x, y = text.at
    left = {"l": x, "m": x - long / 2, "r": x - long}[text.anchor[0]]
    up, down = ASCENT * text.size, DESCENT * text.size
    base = {"s": y, "a": y + up, "m": y + (up - down) / 2, "d": y - down}[text.anchor[1]]
    return left, base - up, left + long, base + down


def bounds(primitive: Primitive) -> Box:
    """Everything that a primitive may paint on, in design units."""
    match primitive:
        case Matrix():
            return primitive.bounds
        case Text():
            return _grown(box(primitive), 0.35 * primitive.size + 2)
        case Panel():
            return _grown(primitive.box, 2)
        case Line():
            return _around(primitive.points, primitive.width / 2 + primitive.head, primitive.glow)
        case Polygon():
            return _around(primitive.points, primitive.edge_width / 2, primitive.glow)


def _around(points: tuple[tuple[float, float], ...], reach: float, glow: float) -> Box:
    xs, ys = zip(*points, strict=True) if points else ((0.0,), (0.0,))
    return _grown((min(xs), min(ys), max(xs), max(ys)), reach + GLOW_REACH * (glow > 0) + 2)


def _grown(inner: Box, margin: float) -> Box:
    left, top, right, bottom = inner
    return left - margin, top - margin, right + margin, bottom + margin


@lru_cache(maxsize=2048)
def wrap(text: str, size: float, limit: float, face: Face = "sans") -> tuple[str, ...]:
    """The text broken at spaces, and between letters that are wide, into lines of at most `limit`.

    A longer word is broken where code has a joint, `self.layer.` and `weight[k]`; without one it keeps its line.
    """
    lines: list[str] = []
    for gap, word in _words(text):
        for piece, joint in _pieces(word, size, limit, face):
            between = "" if joint else gap
            if lines and width(f"{lines[-1]}{between}{piece}", size, face) <= limit:
                lines[-1] += f"{between}{piece}"
            else:
                lines.append(piece)
    return tuple(lines)


def _pieces(word: str, size: float, limit: float, face: Face) -> Iterator[tuple[str, bool]]:
    """The word, in pieces where it is too long for a line, and whether a piece goes on with the one before."""
    pieces = JOINTS.findall(word) if width(word, size, face) > limit else [word]
    yield from ((piece, place > 0) for place, piece in enumerate(pieces))


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Words, each with the gap before it; a wide letter is a word, without one, as its language has it."""
    for word in text.split():
        gap, plain = " ", ""
        for letter in word:
            if is_wide(letter) and plain:
                yield gap, plain
                gap, plain = "", ""
            plain += letter
            if is_wide(letter):
                yield gap, plain
                gap, plain = "", ""
        if plain:
            yield gap, plain
