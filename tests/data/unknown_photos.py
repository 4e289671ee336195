"""Photographs of still other kinds, written before they were read once; changed was for `board_with_glare` alone."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from tests.data.further_photos import moved
from tests.data.photos import (
    BLACK,
    BLUE,
    GREEN,
    HIGH,
    RED,
    WIDE,
    Array,
    grain,
    grid,
    on,
    ramp,
    sheet,
    warp,
    written,
)


def _packed(picture: Array, quality: int) -> Array:
    packed = cv2.imencode(
        ".jpg", np.clip(picture, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(float)


def _lines(mask_points: list[tuple[tuple[int, int], tuple[int, int]]], width: int) -> Array:
    mask = np.zeros((HIGH, WIDE), np.uint8)
    for one, other in mask_points:
        cv2.line(mask, one, other, 255, width, cv2.LINE_AA)
    return mask / 255


def colour_cast(cover: Array, seed: int) -> Array:
    """A camera that took lamplight for daylight, or the reverse."""
    cast = ((1.0, 0.74, 0.42), (0.55, 0.8, 1.0), (0.7, 1.0, 0.66))[seed % 3]
    return grain(on(sheet(), cover, BLUE) * ramp(seed, 0.6) * np.array(cast), seed)


def jpeg_20(cover: Array, seed: int) -> Array:
    return _packed(grain(on(grid(48, (170, 190, 220), seed), cover, BLUE) * ramp(seed, 0.6), seed, 5), 20)


def lens_vignette(cover: Array, seed: int) -> Array:
    """A cheap lens: a quarter of the light in the corners, off the middle."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    far = np.hypot(x - rng.uniform(140, 260), y - rng.uniform(180, 300)) / 300
    return grain(on(sheet((220, 224, 228)), cover, BLACK) / (1 + 1.6 * far**4)[..., None], seed, 4)


def near_the_edge(cover: Array, seed: int) -> Array:
    """The digit lies in a corner, a few pixels from two edges."""
    away = moved(cover, 0.55, ((0.265, 0.735)[seed % 2], (0.24, 0.76)[seed // 2 % 2]))
    return grain(on(sheet(), away, BLACK) * ramp(seed, 0.5), seed)


def table_cell(cover: Array, seed: int) -> Array:
    """A cell of a printed table with words in the cells around it."""
    picture = on(sheet((252, 252, 250)), moved(cover, 0.62, (0.52, 0.5)), BLUE)
    frame = [((6, 92), (394, 92)), ((6, 386), (394, 386)), ((96, 4), (96, 476)), ((318, 4), (318, 476))]
    picture = on(picture, _lines(frame, 2), (40, 40, 40))
    for words, at in (("Name", (110, 50)), ("Points", (110, 440)), ("3.1", (330, 250)), ("a", (40, 250))):
        picture = written(picture, words, at, 0.8, (30, 30, 30))
    return grain(picture, seed)


def thick_marker(cover: Array, seed: int) -> Array:
    """A marker as broad as a finger, whose ink is uneven."""
    fat = cv2.dilate(cover, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    uneven = 1 - 0.2 * np.abs(np.sin(np.mgrid[0:HIGH, 0:WIDE][0] * 0.11 + seed))
    return grain(on(sheet(), fat * uneven, (20, 20, 24)) * ramp(seed, 0.6), seed)


def grid_at_20_degrees(cover: Array, seed: int) -> Array:
    """A ball pen on squared paper that lies askew."""
    how = cv2.getRotationMatrix2D((WIDE / 2, HIGH / 2), 20 if seed % 2 else -20, 1.45)
    paper = cv2.warpAffine(
        grid(34, (160, 180, 214), seed), how, (WIDE, HIGH), borderMode=cv2.BORDER_REPLICATE
    )
    return grain(on(paper, cover, (34, 46, 140)) * ramp(seed, 0.65), seed)


def board_with_glare(cover: Array, seed: int) -> Array:
    """A white board, two lamps in it, a blue marker."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    picture = on(sheet((186, 190, 196)) * ramp(seed, 0.7), cover, (40, 60, 170))
    for _ in range(2):
        a, b = rng.uniform(40, 360), rng.uniform(40, 440)
        lamp = np.exp(-(((x - a) / 60) ** 2) - ((y - b) / 30) ** 2)[..., None]
        picture = picture * (1 - 0.55 * lamp) + 255 * 0.55 * lamp
    return grain(picture, seed)


def folded_in_four(cover: Array, seed: int) -> Array:
    """A sheet that was folded twice: each quarter has its own light, the folds are lines."""
    rng = np.random.default_rng(seed)
    light = np.ones((HIGH, WIDE))
    row, column = 240 + int(rng.integers(-30, 30)), 200 + int(rng.integers(-30, 30))
    for rows in (slice(0, row), slice(row, HIGH)):
        for columns in (slice(0, column), slice(column, WIDE)):
            light[rows, columns] = rng.uniform(0.68, 1.0)
    light[row - 1 : row + 1], light[:, column - 1 : column + 1] = 0.6, 0.6
    return grain(on(sheet(), cover, BLACK) * cv2.GaussianBlur(light, (0, 0), 1.2)[..., None], seed)


def computer_paper(cover: Array, seed: int) -> Array:
    """Broad bars of pale green, holes at both sides."""
    paper = sheet((250, 250, 246))
    for top in range(seed % 80, HIGH, 80):
        paper[top : top + 40] = (206, 232, 208)
    picture = on(paper, cover, BLACK)
    for y in range(16, HIGH, 42):
        for x in (12, WIDE - 12):
            cv2.circle(picture, (x, y), 6, (70, 66, 60), -1)
    return grain(cv2.GaussianBlur(picture, (0, 0), 0.7), seed)


def monitor_bands(cover: Array, seed: int) -> Array:
    """A screen photographed: dark bands that roll, rows of pixels."""
    y = np.arange(HIGH)[:, None, None]
    bands = 0.78 + 0.22 * np.sin(y * 0.035 + seed)
    rows = 1 - 0.06 * (y % 3 == 0)
    return grain(on(sheet((228, 236, 250)), cover, BLACK) * bands * rows, seed, 4)


def thumbnail(cover: Array, seed: int) -> Array:
    """Very small: 48 pixels wide."""
    return cv2.resize(
        grain(on(sheet(), cover, BLUE) * ramp(seed, 0.6), seed), (48, 58), interpolation=cv2.INTER_AREA
    )


def overexposed(cover: Array, seed: int) -> Array:
    """So bright that the sheet is white and the ink grey."""
    return grain(np.minimum(on(sheet(), cover, (70, 76, 96)) * 1.9, 255), seed, 3)


def steamed_window(cover: Array, seed: int) -> Array:
    """A finger's stroke on a steamed window: the dark behind it is seen, uneven."""
    rng = np.random.default_rng(seed)
    behind = cv2.GaussianBlur(rng.uniform(20, 110, (HIGH, WIDE, 3)), (0, 0), 30) * 1.0
    steam = (
        sheet((190, 198, 204)) + 60 * (cv2.GaussianBlur(rng.normal(0, 1, cover.shape), (0, 0), 20))[..., None]
    )
    share = cover[..., None] * 0.85
    return grain(steam * (1 - share) + behind * share, seed)


def bent(picture: Array) -> Array:
    """On a bottle: narrower towards its sides."""
    x = np.linspace(-1.15, 1.15, WIDE)
    source = (np.arcsin(x / 1.3) / np.arcsin(1.15 / 1.3) + 1) / 2 * (WIDE - 1)
    across = np.broadcast_to(source.astype(np.float32), (HIGH, WIDE)).copy()
    down = np.broadcast_to(np.arange(HIGH, dtype=np.float32)[:, None], (HIGH, WIDE)).copy()
    return cv2.remap(picture, across, down, cv2.INTER_LINEAR)


def bottle(cover: Array, seed: int) -> Array:
    """A bottle's label, darker towards its sides."""
    light = np.sqrt(1 - (np.linspace(-1.15, 1.15, WIDE) / 1.3) ** 2)[None, :, None]
    return grain(bent(on(sheet((240, 226, 190)), cover, BLACK)) * light, seed)


def smudged(cover: Array, seed: int) -> Array:
    """Wet ink, over which a hand went to the right."""
    kernel = np.zeros((1, 81))
    kernel[0, :41] = 1 / 41
    smear = cv2.filter2D(cover, -1, kernel)
    return grain(on(on(sheet(), smear * 0.25, BLUE), cover, BLUE), seed)


def dark_app(cover: Array, seed: int) -> Array:
    """A notes' app at night: a bar of tools in colours, a title."""
    picture = on(sheet((28, 28, 30)), moved(cover, 0.8, (0.5, 0.52)), (250, 250, 250))
    picture[:40] = (44, 44, 46)
    for place, colour in enumerate(((255, 69, 58), (255, 159, 10), (48, 209, 88), (10, 132, 255))):
        cv2.circle(picture, (70 + 86 * place, HIGH - 24), 12, colour, -1)
    return written(picture, "Notes", (16, 28), 0.7, (255, 204, 0))


def hexagons(cover: Array, seed: int) -> Array:
    """Paper of chemists: honeycomb."""
    mask, side = np.zeros((HIGH, WIDE), np.uint8), 22
    for row, y in enumerate(np.arange(-side, HIGH + side, 1.5 * side)):
        for x in np.arange((row % 2) * side * 0.866, WIDE + side, 1.732 * side):
            turn = np.radians(np.arange(30, 390, 60))
            points = np.stack([x + side * np.cos(turn), y + side * np.sin(turn)], axis=1)
            cv2.polylines(mask, [points.astype(np.int32)], True, 255, 1, cv2.LINE_AA)
    return grain(on(on(sheet(), mask / 255 * 0.8, (170, 188, 206)), cover, BLACK), seed)


def pointed_at(cover: Array, seed: int) -> Array:
    """An arrow drawn beside it in red."""
    arrow = _lines([((14, 460), (74, 392)), ((74, 392), (46, 400)), ((74, 392), (70, 420))], 4)
    return grain(on(on(sheet(), arrow, RED), moved(cover, 0.8, (0.52, 0.47)), BLACK), seed)


def fingers(cover: Array, seed: int) -> Array:
    """Two fingers hold the sheet at its sides."""
    picture = on(sheet(), moved(cover, 0.85, (0.5, 0.5)), BLUE)
    for at in ((0, 300 + 20 * (seed % 4)), (WIDE, 180)):
        cv2.ellipse(picture, at, (52, 34), 8, 0, 360, (206, 158, 132), -1)
    return grain(cv2.GaussianBlur(picture, (0, 0), 1.0) * ramp(seed, 0.7), seed)


def crayon(cover: Array, seed: int) -> Array:
    """Wax on rough paper: whole grains stay bare."""
    rough = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, cover.shape), (0, 0), 1.6)
    return grain(on(sheet(), cover * np.clip(0.85 + 2.2 * rough, 0.1, 1), (200, 60, 40)), seed)


def tiles(cover: Array, seed: int) -> Array:
    """A felt pen on tiles: grey joints, each tile a little different."""
    rng = np.random.default_rng(seed)
    wall = np.zeros((HIGH, WIDE, 3))
    for y in range(0, HIGH, 120):
        for x in range(0, WIDE, 120):
            wall[y : y + 120, x : x + 120] = 226 + rng.uniform(-10, 10)
    wall[seed % 40 :: 120], wall[seed % 40 + 1 :: 120] = (150, 148, 144), (150, 148, 144)
    wall[:, 30 + seed % 40 :: 120], wall[:, 31 + seed % 40 :: 120] = (150, 148, 144), (150, 148, 144)
    return grain(on(cv2.GaussianBlur(wall, (0, 0), 0.8), cover, GREEN) * ramp(seed, 0.75), seed)


def from_far_aside(cover: Array, seed: int) -> Array:
    """On lined paper, from the side, in uneven light."""
    paper = on(grid(54, (160, 178, 212), seed, both=False), cover, BLACK)
    return grain(warp(paper, seed, 0.05) * ramp(seed, 0.5), seed)


UNKNOWN: dict[str, Callable[[Array, int], Array]] = {
    one.__name__: one
    for one in (
        colour_cast, jpeg_20, lens_vignette, near_the_edge, table_cell, thick_marker, grid_at_20_degrees,
        board_with_glare, folded_in_four, computer_paper, monitor_bands, thumbnail, overexposed, steamed_window,
        smudged, dark_app, hexagons, pointed_at, fingers, crayon, tiles, from_far_aside,
    )
}  # fmt: skip
