"""What may not be on a frame: rules over a display list; those over its pixels are in `lint_pixels`.

Each rule is a function that returns the faults it finds.  The measures here (ink, rounding)
are written anew from their definitions and share no code with the package, so that a fault
there cannot hide itself here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from mnistviz.picture.display import (
    Box,
    DisplayList,
    Line,
    Matrix,
    Panel,
    Point,
    Polygon,
    Primitive,
    Text,
)
from mnistviz.picture.fonts import FILES, font_folder

SLACK = 1.0  # design units that two things may share
LEAST_WORDS, LEAST_CODE = 22.0, 17.0
ON_MAP = "map/"  # begins what belongs to a card of a map
THERE = 0.2  # opacity from which something is there
WORDS_OF_OURS = {
    ("caption", "sans"),
    ("inspector", "sans"),
    ("inspector", "sans-bold"),
    ("title", "sans-bold"),
}  # owner, face
NUMBER = re.compile(r"[+-]?(?:\d[\d,]*\.?\d*(?:e-?\d+)?|inf)|nan")


@dataclass(frozen=True)
class Fault:
    """What is wrong, by which rule, and where."""

    rule: str
    what: str
    where: Box

    def __str__(self) -> str:
        return f"{self.rule}: {self.what} at ({', '.join(f'{part:.0f}' for part in self.where)})"


def drawn_faults(display: DisplayList) -> list[Fault]:
    """What is wrong with a frame as far as it is seen without painting it."""
    return [
        *text_over_text(display),
        *text_over_card(display),
        *card_over_legend(display),
        *way_over_name(display),
        *outside(display),
        *small_text(display),
        *cut_words(display),
        *misquoted(display),
    ]


# ---- geometry -------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _ink(text: str, face: str) -> Box:
    """Ink of a text whose baseline starts at the origin, for a size of 1."""
    font = ImageFont.truetype(str(font_folder() / FILES[face]), 400, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    return left / 400, top / 400, right / 400, bottom / 400


@lru_cache(maxsize=8192)
def _advance(text: str, face: str) -> float:
    font = ImageFont.truetype(str(font_folder() / FILES[face]), 400, layout_engine=ImageFont.Layout.BASIC)
    return font.getlength(text) / 400


def ink(text: Text) -> Box:
    """The box around what a text really paints."""
    return _inked(text.text, text.face, text.size, text.at, text.anchor)


@lru_cache(maxsize=8192)
def _inked(text: str, face: str, size: float, at: Point, anchor: str) -> Box:
    left, top, right, bottom = (part * size for part in _ink(text, face))
    x, y = at
    x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor[0]] * _advance(text, face) * size
    if anchor[1] != "s":  # the raster's capitals: 0.78 above the baseline, 0.22 below
        y += {"a": 0.78, "m": 0.28, "d": -0.22}[anchor[1]] * size
    return x + left, y + top, x + right, y + bottom


def outlines(matrix: Matrix) -> Iterator[tuple[Point, ...]]:
    """Each painted layer with its thickness, as a convex outline."""
    dx, dy = matrix.depth
    for origin in matrix.origins:
        front = matrix.corners(origin)
        yield _hull((*front, *((x + dx, y + dy) for x, y in front)))


@lru_cache(maxsize=8192)
def _hull(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Convex hull, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return tuple(ordered)

    def half(along: Iterable[Point]) -> list[Point]:
        chain: list[Point] = []
        for p in along:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], p) <= 0:
                chain.pop()
            chain.append(p)
        return chain[:-1]

    return tuple(half(ordered) + half(reversed(ordered)))


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def overlap(one: Sequence[Point], other: Sequence[Point], slack: float = SLACK) -> bool:
    """Whether two convex polygons share more than a strip of `slack` (separating axes)."""
    for polygon in (one, other):
        for (ax, ay), (bx, by) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
            nx, ny = by - ay, ax - bx
            length = math.hypot(nx, ny)
            if length == 0:
                continue
            first = [(x * nx + y * ny) / length for x, y in one]
            second = [(x * nx + y * ny) / length for x, y in other]
            if max(first) - slack <= min(second) or max(second) - slack <= min(first):
                return False
    return True


def corners_of(box: Box) -> tuple[Point, ...]:
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def around(points: Iterable[Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def texts_of(display: DisplayList) -> list[Text]:
    return [
        part
        for part in display.primitives
        if isinstance(part, Text) and part.opacity >= THERE and part.text.strip()
    ]


# ---- the rules over a display list ----------------------------------------------------------------


def text_over_text(display: DisplayList) -> list[Fault]:
    """No text over text."""
    texts = texts_of(display)
    if not texts:
        return []
    boxes = np.array([ink(text) for text in texts])
    left, top, right, bottom = boxes.T
    wide = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    high = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    pairs = np.argwhere(np.triu((wide > SLACK) & (high > SLACK), 1))
    return [
        Fault("text over text", f"{texts[a].text!r} and {texts[b].text!r}", tuple(boxes[a])) for a, b in pairs
    ]


def text_over_card(display: DisplayList) -> list[Fault]:
    """No text over a card or a panel that it does not belong to; ornaments (no key) belong to nobody."""
    found = []
    cards = [
        part for part in display.primitives if isinstance(part, Matrix) and part.key and part.opacity >= THERE
    ]
    panels = [
        part for part in display.primitives if isinstance(part, Panel) and part.name and part.opacity >= THERE
    ]
    shapes = [(card.key, shape) for card in cards for shape in outlines(card)]
    shapes += [(panel.name, corners_of(panel.box)) for panel in panels]
    plates = _plates(display)
    bounds = np.array([around(shape) for _, shape in shapes]).reshape(-1, 4)
    for text in texts_of(display):
        box = ink(text)
        hit = {
            shapes[place][0]
            for place in np.flatnonzero(_meet(bounds, box))
            if shapes[place][0] != text.owner
            and shapes[place][0] not in plates.get(text.owner, ())
            and overlap(corners_of(box), shapes[place][1])
        }
        found += [
            Fault("text over card", f"{text.text!r} of {text.owner!r} over {key!r}", box)
            for key in sorted(hit)
        ]
    return found


def _plates(display: DisplayList) -> dict[str, set[str]]:
    """Panels that lie on cards, each with the keys of those that are beneath it."""
    beneath: set[str] = set()
    plates: dict[str, set[str]] = {}
    for part in display.primitives:
        if isinstance(part, Matrix):
            beneath.add(part.key)
        elif isinstance(part, Panel) and part.name:
            plates[part.name] = set(beneath)
    return plates


def card_over_legend(display: DisplayList) -> list[Fault]:
    """No card where the legend is."""
    cards = [part for part in display.primitives if isinstance(part, Matrix) and part.opacity >= THERE]
    ramps = [shape for part in cards if part.key == "legend" for shape in outlines(part)]
    return [
        Fault("card over legend", part.key, around(ramp))
        for part in cards
        if part.key and part.key != "legend"
        for ramp in ramps
        if any(overlap(shape, ramp) for shape in outlines(part))
    ]


def way_over_name(display: DisplayList) -> list[Fault]:
    """No way of a map through a name there: a line's ink, arrow head left out, against the letters' ink."""
    names = [text for text in texts_of(display) if text.owner.startswith(ON_MAP)]
    ways = [
        part for part in display.primitives if isinstance(part, Line) and part.head and part.opacity >= THERE
    ]
    strokes = [_stroke(a, b, way.width) for way in ways for a, b in pairwise(way.points)]
    bounds = np.array([around(stroke) for stroke in strokes]).reshape(-1, 4)
    found = []
    for text in names:
        box = ink(text)
        near = np.flatnonzero(_meet(bounds, box))
        if any(overlap(strokes[place], corners_of(box)) for place in near):
            found.append(Fault("way over name", f"through {text.text!r}", box))
    return found


def _meet(bounds: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    """Which of many boxes, a row each, have anything in common with one."""
    left, top, right, bottom = box
    return (  # type: ignore[no-any-return]
        (bounds[:, 0] < right) & (bounds[:, 2] > left) & (bounds[:, 1] < bottom) & (bounds[:, 3] > top)
    )


def _stroke(a: Point, b: Point, width: float) -> tuple[Point, ...]:
    """The outline of a straight piece of a line."""
    length = math.dist(a, b) or 1.0
    x, y = (b[1] - a[1]) / length * width / 2, (a[0] - b[0]) / length * width / 2
    return (a[0] + x, a[1] + y), (b[0] + x, b[1] + y), (b[0] - x, b[1] - y), (a[0] - x, a[1] - y)


def outside(display: DisplayList) -> list[Fault]:
    """Nothing outside the frame, and no text out of the panel that it belongs to; shadows may go."""
    frame = (0.0, 0.0, *display.size)
    panels = {part.name: part.box for part in display.primitives if isinstance(part, Panel) and part.name}
    found = []
    for part in display.primitives:
        if part.opacity < THERE:
            continue
        box = extent(part)
        if box is not None and not _inside(box, frame):
            found.append(Fault("outside the frame", _named(part), box))
        elif box is not None and isinstance(part, Text) and not _inside(box, panels.get(part.owner, frame)):
            found.append(Fault("outside its panel", f"{_named(part)} of {part.owner!r}", box))
    return found


def extent(part: Primitive) -> Box | None:
    """What a primitive is, without its shadow and its glow."""
    match part:
        case Text():
            return ink(part)
        case Matrix():
            return around(point for shape in outlines(part) for point in shape)
        case Panel():
            return part.box
        case Line() | Polygon():
            return around(part.points) if part.points else None


def _inside(box: Box, frame: Box) -> bool:
    starts = box[0] >= frame[0] - SLACK and box[1] >= frame[1] - SLACK
    return starts and box[2] <= frame[2] + SLACK and box[3] <= frame[3] + SLACK


def _named(part: Primitive) -> str:
    match part:
        case Text():
            return repr(part.text)
        case Matrix():
            return f"card {part.key!r}"
        case Panel():
            return f"panel {part.name!r}"
        case _:
            return type(part).__name__.lower()


def small_text(display: DisplayList) -> list[Fault]:
    """Words at least 22, code and numbers (mono faces) at least 17, in design units: pixels at 1080p."""
    return [
        Fault("small text", f"{text.text!r} is {text.size:g}", ink(text))
        for text in texts_of(display)
        if text.size
        < (LEAST_CODE if isinstance(text, Text) and text.face.startswith("mono") else LEAST_WORDS) - 1e-6
    ]


def cut_words(display: DisplayList) -> list[Fault]:
    """No word of a caption, a heading or the inspector had to be cut; code (mono faces) may be."""
    return [
        Fault("cut words", repr(text.text), ink(text))
        for text in texts_of(display)
        if text.text.endswith("…") and (text.owner, text.face) in WORDS_OF_OURS
    ]


# ---- numbers --------------------------------------------------------------------------------------


def rounded(value: float) -> Decimal:
    """Three significant digits of the exact double, half to even."""
    exact = Decimal(value)
    return (
        exact if not exact.is_finite() or not exact else exact.quantize(_last_digit(exact), ROUND_HALF_EVEN)
    )


def _last_digit(exact: Decimal) -> Decimal:
    return Decimal(1).scaleb(exact.adjusted() - 2)


def misquoted(display: DisplayList) -> list[Fault]:
    """A text that stands for a value shows that value rounded, signed, or a count exactly."""
    found = []
    for text in texts_of(display):
        if isinstance(text, Text) and text.counted and not _quotes(text.text, text.counted):
            found.append(Fault("misquoted", f"{text.text!r} for {text.counted}", ink(text)))
    return found


def _quotes(shown: str, counted: str) -> bool:
    value = float(counted)
    if shown in ("true", "false"):
        return value == (1.0 if shown == "true" else 0.0)
    tokens = [token.replace(",", "") for token in NUMBER.findall(shown.replace("−", "-"))]
    if math.isnan(value):
        return "nan" in tokens
    if math.isinf(value):
        return ("+inf" if value > 0 else "-inf") in tokens
    if value == 0:
        return "0" in tokens
    wish = rounded(value)
    numbers = [word for word in tokens if word[-1].isdigit() or word[-1] == "."]
    for word in numbers:
        if Decimal(word) == wish and word[0] in "+-" and len(Decimal(word).as_tuple().digits) == 3:
            return True
    return value.is_integer() and str(int(value)) in (word.lstrip("+") for word in numbers)
