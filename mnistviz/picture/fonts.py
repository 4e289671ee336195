"""Fonts and how wide a line of text is: matplotlib's DejaVu fonts through Pillow, measured without hinting."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

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

FILES: dict[Face, str] = {
    "sans": "DejaVuSans.ttf",
    "sans-bold": "DejaVuSans-Bold.ttf",
    "mono": "DejaVuSansMono.ttf",
    "mono-bold": "DejaVuSansMono-Bold.ttf",
}
MEASURE_PX = 200  # widths are measured once at this size and scaled: the same layout at every film size


@lru_cache(maxsize=1)
def font_folder() -> Path:
    """Folder of the fonts that matplotlib ships."""
    from importlib.util import find_spec

    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("matplotlib is not installed")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


@lru_cache(maxsize=256)
def font(face: Face, pixels: float) -> ImageFont.FreeTypeFont:
    """The font of a face at a size in pixels."""
    return ImageFont.truetype(str(font_folder() / FILES[face]), pixels, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8192)
def width(text: str, size: float, face: Face = "sans") -> float:
    """Width of a line of text, in the unit of `size`."""
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
    """The text broken at spaces into lines of at most `limit`; a longer word keeps a line of its own."""
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}", size, face) <= limit:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)
