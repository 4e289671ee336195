"""What may not be on a frame, seen in the pixels painted from it: contrast, colours of cells, flashes.

The measures here are written anew from their definitions and share no code with the package, so that a
fault there cannot hide itself here.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

from mnistviz.picture.display import Box, DisplayList, Matrix, Point, Primitive, Text
from tests.picture.lint import (
    Fault,
    around,
    corners_of,
    drawn_faults,
    extent,
    ink,
    outlines,
    overlap,
    texts_of,
)

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3, level AA
TABLES = {  # matplotlib's name, and from where to where
    "signed": ("berlin", 0.0, 1.0),
    "level": ("inferno", 0.0, 1.0),
    "signed-light": ("RdBu_r", 0.06, 0.94),
    "level-light": ("CMRmap_r", 0.0, 1.0),
    "grey": ("gray", 0.0, 1.0),
}
TRUTHS = {  # of false and of true
    "truth": ((44, 55, 68), (128, 224, 208)),
    "truth-light": ((212, 220, 228), (0, 92, 92)),
}
COMING = 1.0  # opacity below which a text is on its way in or out, where things move
CELL_PX, CELL_TOLERANCE = 6.0, 3
SHADE = 28.0  # design units around a card that its shadow or glow may tint
FLASHES, FLASH_STEP, FLASH_DARK = 3, 0.1, 0.8  # WCAG 2.3.1: a second; in relative luminance
FLASH_AREA = 0.25 * 341 * 256 / (1024 * 768)  # a quarter of ten degrees of sight, as WCAG measures it


def faults(display: DisplayList, size: tuple[int, int], resting: bool = True) -> list[Fault]:
    """Everything that is wrong with one frame; `resting` frames may have no text that is half gone."""
    return [*drawn_faults(display), *unreadable(display, size, resting)]


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
    texts = texts_of(display) if resting else _standing(display)
    bare = tuple(part for part in display.primitives if not isinstance(part, Text))
    # The rules above need no pixels, and no room that paints them.
    from mnistviz.export.raster import stamps, ycbcr

    canvas = _canvas(size)
    painted = canvas.paint(display).full.copy()  # (3, H, W)
    ground = canvas.paint(replace(display, primitives=bare)).full  # what lies under texts is painted anew
    found = []
    for text in texts:
        rows, columns = _pixels(ink(text), display, size)
        beneath = ground[:, rows, columns]
        if not beneath.size:
            continue
        flat = (beneath == beneath[:, :1, :1]).all()
        rgb = ycbcr.to_rgb(beneath[:, :1, :1] if flat else beneath).reshape(-1, 3).astype(np.float64)
        ratio = _contrast(np.array(text.colour, dtype=np.float64), rgb, text.opacity)
        if ratio < LEAST_CONTRAST:
            found.append(Fault("contrast", f"{text.text!r} has {ratio:.2f}", ink(text)))
        elif (
            not stamps.is_dust(text, size[0] / display.size[0])
            and np.abs(painted[:, rows, columns].astype(int) - beneath).max() < 20
        ):
            found.append(Fault("hidden", f"{text.text!r} is covered", ink(text)))
    return found


def _standing(display: DisplayList) -> list[Text]:
    """Texts that are neither coming nor going, and have no ornament painted over them."""
    asked = {id(text) for text in texts_of(display) if text.opacity >= COMING}
    found: list[Text] = []
    flying: list[tuple[Point, ...]] = []
    for part in reversed(display.primitives):
        if isinstance(part, Matrix) and not part.key:
            flying += outlines(part)
        elif isinstance(part, Text) and id(part) in asked:
            box = corners_of(ink(part))
            if not any(overlap(box, shape) for shape in flying):
                found.append(part)
    return found[::-1]


@lru_cache(maxsize=4)
def _canvas(size: tuple[int, int]) -> Any:
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
    if (least := ratios.min()) >= LEAST_CONTRAST:
        return float(least)  # then no share of them is too little
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
            later = [_grown(around(shape), SHADE) for shape in shapes[layer + 1 :]]
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
    ends = np.array([matrix.colours.low, matrix.colours.high])
    bend = 0.5 if matrix.colours.rooted else 1.0  # of sizes; their signs stay
    low, high = np.copysign(np.abs(ends) ** bend, ends)
    for place, layer in enumerate(matrix.layers):
        values = matrix.cells.values[layer]
        there = np.ones(values.shape, bool) if matrix.mask is None else matrix.mask.shown[layer]
        bent = np.copysign(np.abs(values) ** bend, values)
        entry = np.rint(np.clip(np.nan_to_num((bent - low) / ((high - low) or 1)), 0, 1) * 255)
        colours = _shades(matrix.colours.table, entry / 255)
        colours[~there] = matrix.empty
        picked = np.argwhere(np.isfinite(values) | ~there)
        downward, along = ((picked + 0.5) / (rows, columns)).T
        x, y = matrix.origins[place]
        centres = np.stack([x + ax * along + dx * downward, y + ay * along + dy * downward], axis=1)
        yield centres, colours[picked[:, 0], picked[:, 1]]


def _shades(table: str, share: NDArray[np.float64]) -> NDArray[np.int64]:
    """sRGB of shares 0..1 of the way along a table."""
    if table in TRUTHS:
        false, true = np.array(TRUTHS[table])
        return np.rint(false + (true - false) * share[..., None]).astype(np.int64)
    name, start, stop = TABLES[table]
    return np.rint(colormaps[name](start + (stop - start) * share)[..., :3] * 255).astype(np.int64)


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
