"""Sizes of what the inspector says, and how wide that is."""

from __future__ import annotations

from mnistviz.picture.display import Face
from mnistviz.picture.fonts import width
from mnistviz.picture.frame.source_panel import ADVANCE
from mnistviz.picture.frame.source_rows import widened

OWNER = "inspector"
WORDS, NUMBERS = 22.0, 17.0
ROW = 27.0  # of words beside the plot


def text_width(text: str, size: float, face: Face) -> float:
    """Width of a line, in the unit of `size`; without measuring where every glyph is as wide."""
    return len(widened(text)) * ADVANCE * size if face.startswith("mono") else width(text, size, face)


def fitted(text: str, size: float, face: Face, limit: float) -> str:
    """The text, cut with an ellipsis where it is wider than the limit."""
    if text_width(text, size, face) <= limit:
        return text
    kept = len(text)
    while kept and text_width(text[:kept].rstrip() + "…", size, face) > limit:
        kept -= 1
    return text[:kept].rstrip() + "…"
