"""What may not be on a frame: rules over a display list, and over the pixels painted from it.

Each rule is a function that returns the faults it finds.  The measures here (ink, contrast, rounding,
flashes) are written anew from their definitions and share no code with the package, so that a fault
there cannot hide itself here.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import ImageFont

from mnistviz.picture.display import (
    Box,
    DisplayList,
    Formula,
    Line,
    Matrix,
    Panel,
    Point,
    Polygon,
    Primitive,
    Text,
)
from mnistviz.picture.fonts import FILES, font_folder, formula_box

SLACK = 1.0  # design units that two things may share
LEAST_WORDS, LEAST_CODE = 22.0, 17.0
LEAST_CONTRAST = 4.5
THERE = 0.2  # opacity from which something is there
COMING = 1.0  # opacity below which a text is on its way in or out, where things move
CELL_PX, CELL_TOLERANCE = 6.0, 3
SHADE = 28.0  # design units around a card that its shadow or glow may tint
FLASHES, FLASH_STEP, FLASH_DARK = 3, 0.1, 0.8  # WCAG 2.3.1: a second; in relative luminance
FLASH_AREA = 0.25 * 341 * 256 / (1024 * 768)  # a quarter of ten degrees of sight, as WCAG measures it
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


def faults(display: DisplayList, size: tuple[int, int], resting: bool = True) -> list[Fault]:
    """Everything that is wrong with one frame; `resting` frames may have no text that is half gone."""
    return [*drawn_faults(display), *unreadable(display, size, resting)]


def drawn_faults(display: DisplayList) -> list[Fault]:
    """What is wrong with a frame as far as it is seen without painting it."""
    return [
        *text_over_text(display),
        *text_over_card(display),
        *card_over_legend(display),
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


def ink(text: Text | Formula) -> Box:
    """The box around what a text really paints."""
    if isinstance(text, Formula):
        return formula_box(text)
    left, top, right, bottom = (part * text.size for part in _ink(text.text, text.face))
    x, y = text.at
    x -= {"l": 0.0, "m": 0.5, "r": 1.0}[text.anchor[0]] * _advance(text.text, text.face) * text.size
    if text.anchor[1] != "s":  # the raster's capitals: 0.78 above the baseline, 0.22 below
        y += {"a": 0.78, "m": 0.28, "d": -0.22}[text.anchor[1]] * text.size
    return x + left, y + top, x + right, y + bottom


def outlines(matrix: Matrix) -> Iterator[tuple[Point, ...]]:
    """Each painted layer with its thickness, as a convex outline."""
    dx, dy = matrix.depth
    for origin in matrix.origins:
        front = matrix.corners(origin)
        yield _hull((*front, *((x + dx, y + dy) for x, y in front)))


def _hull(points: Sequence[Point]) -> tuple[Point, ...]:
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


def _corners(box: Box) -> tuple[Point, ...]:
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _around(points: Iterable[Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _texts(display: DisplayList) -> list[Text | Formula]:
    return [
        part
        for part in display.primitives
        if isinstance(part, Text | Formula) and part.opacity >= THERE and (_words(part)).strip()
    ]


def _words(text: Text | Formula) -> str:
    return text.text if isinstance(text, Text) else text.tex


# ---- the rules over a display list ----------------------------------------------------------------


def text_over_text(display: DisplayList) -> list[Fault]:
    """No text over text."""
    texts = _texts(display)
    if not texts:
        return []
    boxes = np.array([ink(text) for text in texts])
    left, top, right, bottom = boxes.T
    wide = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    high = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    pairs = np.argwhere(np.triu((wide > SLACK) & (high > SLACK), 1))
    return [
        Fault("text over text", f"{_words(texts[a])!r} and {_words(texts[b])!r}", tuple(boxes[a]))
        for a, b in pairs
    ]


def text_over_card(display: DisplayList) -> list[Fault]:
    """No text over a card or a panel that it does not belong to; ornaments (no key) belong to nobody."""
    found = []
    cards = [
        part for part in display.primitives if isinstance(part, Matrix) and part.key and part.opacity >= THERE
    ]
    panels = [part for part in display.primitives if isinstance(part, Panel) and part.name]
    shapes = [(card.key, shape) for card in cards for shape in outlines(card)]
    shapes += [(panel.name, _corners(panel.box)) for panel in panels]
    bounds = np.array([_around(shape) for _, shape in shapes]).reshape(-1, 4)
    for text in _texts(display):
        box = ink(text)
        near = (
            (bounds[:, 0] < box[2])
            & (bounds[:, 2] > box[0])
            & (bounds[:, 1] < box[3])
            & (bounds[:, 3] > box[1])
        )
        hit = {
            shapes[place][0]
            for place in np.flatnonzero(near)
            if shapes[place][0] != text.owner and overlap(_corners(box), shapes[place][1])
        }
        found += [
            Fault("text over card", f"{_words(text)!r} of {text.owner!r} over {key!r}", box)
            for key in sorted(hit)
        ]
    return found


def card_over_legend(display: DisplayList) -> list[Fault]:
    """No card where the legend is."""
    cards = [part for part in display.primitives if isinstance(part, Matrix) and part.opacity >= THERE]
    ramps = [shape for part in cards if part.key == "legend" for shape in outlines(part)]
    return [
        Fault("card over legend", part.key, _around(ramp))
        for part in cards
        if part.key and part.key != "legend"
        for ramp in ramps
        if any(overlap(shape, ramp) for shape in outlines(part))
    ]


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
        elif (
            box is not None
            and isinstance(part, Text | Formula)
            and not _inside(box, panels.get(part.owner, frame))
        ):
            found.append(Fault("outside its panel", f"{_named(part)} of {part.owner!r}", box))
    return found


def extent(part: Primitive) -> Box | None:
    """What a primitive is, without its shadow and its glow."""
    match part:
        case Text() | Formula():
            return ink(part)
        case Matrix():
            return _around(point for shape in outlines(part) for point in shape)
        case Panel():
            return part.box
        case Line() | Polygon():
            return _around(part.points) if part.points else None


def _inside(box: Box, frame: Box) -> bool:
    starts = box[0] >= frame[0] - SLACK and box[1] >= frame[1] - SLACK
    return starts and box[2] <= frame[2] + SLACK and box[3] <= frame[3] + SLACK


def _named(part: Primitive) -> str:
    match part:
        case Text() | Formula():
            return repr(_words(part))
        case Matrix():
            return f"card {part.key!r}"
        case Panel():
            return f"panel {part.name!r}"
        case _:
            return type(part).__name__.lower()


def small_text(display: DisplayList) -> list[Fault]:
    """Words at least 22, code and numbers (mono faces) at least 17, in design units: pixels at 1080p."""
    return [
        Fault("small text", f"{_words(text)!r} is {text.size:g}", ink(text))
        for text in _texts(display)
        if text.size
        < (LEAST_CODE if isinstance(text, Text) and text.face.startswith("mono") else LEAST_WORDS) - 1e-6
    ]


def _face(text: Text | Formula) -> str:
    return text.face if isinstance(text, Text) else ""


def cut_words(display: DisplayList) -> list[Fault]:
    """No word of a caption, a heading or the inspector had to be cut; code (mono faces) may be."""
    return [
        Fault("cut words", repr(_words(text)), ink(text))
        for text in _texts(display)
        if _words(text).endswith("…") and (text.owner, _face(text)) in WORDS_OF_OURS
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
    for text in _texts(display):
        if isinstance(text, Text) and text.counted and not _quotes(text.text, text.counted):
            found.append(Fault("misquoted", f"{text.text!r} for {text.counted}", ink(text)))
    return found


def _quotes(shown: str, counted: str) -> bool:
    value = float(counted)
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


# ---- pixels ---------------------------------------------------------------------------------------


def luminance(rgb: NDArray[Any]) -> NDArray[np.float64]:
    """Relative luminance, 0..1, of sRGB 0..255 in the last axis (WCAG 2.2)."""
    values = np.asarray(rgb)
    linear = _LINEAR[values] if values.dtype == np.uint8 else _linear(values)
    return linear @ np.array([0.2126, 0.7152, 0.0722])  # type: ignore[no-any-return]


def _linear(values: NDArray[Any]) -> NDArray[np.float64]:
    part = np.asarray(values, dtype=np.float64) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


_LINEAR = _linear(np.arange(256))


def unreadable(display: DisplayList, size: tuple[int, int], resting: bool = True) -> list[Fault]:
    """Contrast of each text with what is painted beneath it, and whether it is seen at all.

    Beneath is the frame painted without any text.  Where things move, a text may be on its way, or under
    an ornament that flies over it.  Four fifths of the pixels under a text must be far
    enough from its colour, and so must their mean.
    """
    texts = _texts(display) if resting else [text for text in _texts(display) if not _passing(text, display)]
    bare = tuple(part for part in display.primitives if not isinstance(part, Text | Formula))
    from mnistviz.export.raster import ycbcr  # the rules above need no pixels, and no room that paints them

    ground = _canvas(size, "bare").paint(replace(display, primitives=bare)).full  # (3, H, W)
    painted = _canvas(size, "whole").paint(display).full
    found = []
    for text in texts:
        rows, columns = _pixels(ink(text), display, size)
        beneath = ground[:, rows, columns]
        if not beneath.size:
            continue
        rgb = ycbcr.to_rgb(beneath).reshape(-1, 3).astype(np.float64)
        ratio = _contrast(np.array(text.colour, dtype=np.float64), rgb, text.opacity)
        if ratio < LEAST_CONTRAST:
            found.append(Fault("contrast", f"{_words(text)!r} has {ratio:.2f}", ink(text)))
        elif np.abs(painted[:, rows, columns].astype(int) - beneath).max() < 20:
            found.append(Fault("hidden", f"{_words(text)!r} is covered", ink(text)))
    return found


def _passing(text: Text | Formula, display: DisplayList) -> bool:
    """Whether a text is coming or going, or an ornament is painted over it."""
    above = display.primitives[display.primitives.index(text) + 1 :]
    flying = [part for part in above if isinstance(part, Matrix) and not part.key]
    box = _corners(ink(text))
    return text.opacity < COMING or any(overlap(box, shape) for part in flying for shape in outlines(part))


@lru_cache(maxsize=4)
def _canvas(size: tuple[int, int], kind: str) -> Any:
    """A canvas to paint on again and again: only what differs is painted."""
    from mnistviz.export.raster.raster import Raster

    return Raster(size)


def _pixels(box: Box, display: DisplayList, size: tuple[int, int]) -> tuple[slice, slice]:
    scale = size[0] / display.size[0]
    left, top, right, bottom = (part * scale for part in box)
    rows = slice(max(0, math.floor(top)), max(1, math.ceil(bottom)))
    return rows, slice(max(0, math.floor(left)), max(1, math.ceil(right)))


def _contrast(colour: NDArray[np.float64], beneath: NDArray[np.float64], opacity: float) -> float:
    """Contrast with the mean of what is beneath, or with its worst fifth, whichever is less."""
    grounds = np.vstack([beneath, beneath.mean(axis=0)])
    text = luminance(grounds + (colour - grounds) * opacity)
    ground = luminance(grounds)
    ratios = (np.maximum(text, ground) + 0.05) / (np.minimum(text, ground) + 0.05)
    return float(min(ratios[-1], np.quantile(ratios[:-1], 0.2)))


def wrong_cells(display: DisplayList, painted: NDArray[np.uint8]) -> tuple[list[Fault], int]:
    """Cells of at least 6 px whose middle is not their value's colour within 3/255; and how many were seen.

    Colours come from matplotlib's own maps: entry round((v - low) / (high - low) * 255) of 256.  A cell
    that something later in the list may cover is left out, as are cells that are not finite (they are
    marked instead).
    """
    size = (painted.shape[1], painted.shape[0])
    scale = size[0] / display.size[0]
    found, seen = [], 0
    for place, part in enumerate(display.primitives):
        if not isinstance(part, Matrix) or part.opacity < 1:
            continue
        above = [box for later in display.primitives[place + 1 :] if (box := _cover(later)) is not None]
        shapes = list(outlines(part))
        for layer, (centres, colours) in enumerate(_cells(part, scale)):
            later = [_grown(_around(shape), SHADE) for shape in shapes[layer + 1 :]]
            pixels = np.floor(centres * scale).astype(int)
            free = (pixels >= 0).all(axis=1) & (pixels < size).all(axis=1)
            x, y = centres.T
            for left, top, right, bottom in (*above, *later):
                free &= (x < left) | (x > right) | (y < top) | (y > bottom)
            shown, wished = painted[pixels[free, 1], pixels[free, 0]].astype(np.int64), colours[free]
            seen += len(shown)
            wrong = np.abs(shown - wished).max(axis=1, initial=0) > CELL_TOLERANCE
            for at, got, wish in zip(centres[free][wrong], shown[wrong], wished[wrong], strict=True):
                found.append(Fault("cell", f"{part.key!r} {got} not {wish}", (*at, *at)))
    return found, seen


def _cover(part: Primitive) -> Box | None:
    """What a primitive may tint: itself, its glow and its shadow."""
    box = extent(part)
    return None if box is None else _grown(box, SHADE if isinstance(part, Matrix) or _glows(part) else 3.0)


def _glows(part: Primitive) -> bool:
    return bool(getattr(part, "glow", 0))


def _grown(box: Box, reach: float) -> Box:
    return box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach


def _cells(matrix: Matrix, scale: float) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """For each painted layer, the middles of its cells and their colours; nothing where they are small."""
    _, rows, columns = matrix.cells.values.shape
    (ax, ay), (dx, dy) = matrix.across, matrix.down
    sides = (math.hypot(ax, ay) / columns * scale, math.hypot(dx, dy) / rows * scale)
    area = abs(ax * dy - ay * dx) / (rows * columns) * scale * scale
    if not area or min(area / max(sides), *sides) < CELL_PX:
        return
    table = colormaps[{"signed": "berlin", "level": "inferno"}[matrix.colours.table]]
    low, high = matrix.colours.low, matrix.colours.high
    for place, layer in enumerate(matrix.layers):
        values = matrix.cells.values[layer]
        there = np.ones(values.shape, bool) if matrix.mask is None else matrix.mask.shown[layer]
        entry = np.rint(np.clip(np.nan_to_num((values - low) / ((high - low) or 1)), 0, 1) * 255)
        colours = np.rint(table(entry.astype(int))[..., :3] * 255).astype(np.int64)
        colours[~there] = matrix.empty
        picked = np.argwhere(np.isfinite(values) | ~there)
        downward, along = ((picked + 0.5) / (rows, columns)).T
        x, y = matrix.origins[place]
        centres = np.stack([x + ax * along + dx * downward, y + ay * along + dy * downward], axis=1)
        yield centres, colours[picked[:, 0], picked[:, 1]]


def flashing(frames: Iterable[NDArray[np.uint8] | None], fps: int) -> list[int]:
    """Numbers of the frames at which more than three flashes a second are seen; `None` is one that is held.

    A flash is a pair of opposing changes of relative luminance by 0.1 or more, the darker of the two
    below 0.8, on an area of a quarter of ten degrees of sight or more (WCAG 2.3.1).
    """
    found: list[int] = []
    recent: deque[NDArray[np.bool_] | None] = deque()
    high = low = rising = turns = None
    for number, frame in enumerate(frames):
        if frame is not None and (high is None or low is None or rising is None or turns is None):
            high, low = luminance(frame), luminance(frame)
            rising, turns = np.zeros(high.shape, np.int8), np.zeros(high.shape, np.int16)
            continue
        turned = None
        if frame is not None:
            now = luminance(frame)
            high, low = np.maximum(high, now), np.minimum(low, now)
            falls = (high - now >= FLASH_STEP) & (now < FLASH_DARK) & (rising >= 0)
            rises = (now - low >= FLASH_STEP) & (low < FLASH_DARK) & (rising <= 0)
            turned = falls | rises
            rising = np.where(falls, -1, np.where(rises, 1, rising)).astype(np.int8)
            high, low = np.where(turned | (rising < 0), now, high), np.where(turned | (rising > 0), now, low)
            turns += turned
        recent.append(turned)
        if len(recent) > fps and (gone := recent.popleft()) is not None:
            turns -= gone
        if turned is not None and (turns > 2 * FLASHES).mean() >= FLASH_AREA:
            found.append(number)
    return found
