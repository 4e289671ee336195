"""Ten photographs of other kinds again, written after all that was tuned: surfaces, shadows and accidents.

With a pen of the usual width all ten were read rightly from the start; with a thin one small print was taken for
ruled lines, and the digit cut where it crosses them: what is clearly stronger than a line is left of it since then.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from tests.data.photos import BLACK, BLUE, GREEN, HIGH, RED, WIDE, Array, grain, on, ramp, sheet


def dotted_journal(cover: Array, seed: int) -> Array:
    """Paper with a grid of dots."""
    dots = np.zeros((HIGH, WIDE))
    dots[seed % 20 :: 20, seed % 20 :: 20] = 1
    return grain(on(on(sheet(), cv2.dilate(dots, np.ones((3, 3))), (150, 150, 150)), cover, BLACK), seed)


def coffee_ring(cover: Array, seed: int) -> Array:
    """The brown ring that a cup has left, through the digit."""
    ring = np.zeros((HIGH, WIDE), np.uint8)
    cv2.circle(ring, (150 + seed, 260), 110, 255, 9)
    stain = cv2.GaussianBlur(ring, (0, 0), 2.5) / 255.0 * 0.6
    return grain(on(on(sheet(), stain, (150, 104, 60)), cover, BLUE), seed)


def wood(cover: Array, seed: int) -> Array:
    """Black felt pen on a board with its grain."""
    rng = np.random.default_rng(seed)
    rings = cv2.GaussianBlur(rng.normal(0, 160, (HIGH, WIDE)), (0, 0), sigmaX=2, sigmaY=60)
    return grain(
        on(sheet((196, 154, 106)) + rings[..., None] * np.array([1.0, 0.8, 0.6]), cover, BLACK), seed
    )


def brick_chalk(cover: Array, seed: int) -> Array:
    """Chalk on a wall of bricks with lighter joints."""
    wall = sheet((128, 62, 48))
    for row in range(0, HIGH, 48):
        wall[row : row + 3] = (150, 110, 98)
        for column in range((row // 48 % 2) * 50 + seed % 20, WIDE, 100):
            wall[row : row + 48, column : column + 3] = (150, 110, 98)
    return grain(on(wall, cover, (236, 232, 226)), seed, 7)


def blueprint(cover: Array, seed: int) -> Array:
    """White on blue, with a pale grid."""
    paper = sheet((24, 60, 128))
    for place in range(seed % 30, HIGH, 30):
        paper[place : place + 1] = (60, 98, 168)
        paper[:, min(place, WIDE - 1) : place + 1] = (60, 98, 168)
    return grain(on(paper, cover, (236, 240, 248)), seed)


def folded(cover: Array, seed: int) -> Array:
    """A letter with two folds: each third has its own light, and the folds a shadow."""
    light = np.ones((HIGH, WIDE))
    light[HIGH // 3 : 2 * HIGH // 3], light[2 * HIGH // 3 :] = 0.86, 0.95
    for fold in (HIGH // 3, 2 * HIGH // 3):
        light[fold - 2 : fold + 2] -= 0.1
    return grain(on(sheet(), cover, BLUE) * cv2.GaussianBlur(light, (0, 0), 1.5)[..., None], seed)


def thumb(cover: Array, seed: int) -> Array:
    """A thumb holds the sheet at its corner."""
    mask = np.zeros((HIGH, WIDE), np.uint8)
    cv2.ellipse(mask, (WIDE - 20, HIGH - 10), (110, 48), 220, 0, 360, 255, -1)
    skin = cv2.GaussianBlur(mask, (0, 0), 2) / 255.0
    return grain(on(on(sheet(), cover, BLACK), skin, (214, 160, 132)), seed)


def vignette(cover: Array, seed: int) -> Array:
    """A cheap lens: dark corners, and a colour cast."""
    y, x = np.mgrid[-1 : 1 : HIGH * 1j, -1 : 1 : WIDE * 1j]
    light = (1 - 0.32 * (x**2 + y**2))[..., None] * np.array([0.98, 0.92, 0.76])
    return grain(on(sheet(), cover, GREEN) * light, seed, 5)


def newspaper(cover: Array, seed: int) -> Array:
    """A thick red pen over small print."""
    print_ = np.zeros((HIGH, WIDE), np.uint8)
    rng = np.random.default_rng(seed)
    for row in range(14, HIGH, 13):
        words = "".join(rng.choice(list("abdeghiklmnoprstu  "), 70))
        cv2.putText(print_, words, (4, row), cv2.FONT_HERSHEY_PLAIN, 0.6, 255, 1, cv2.LINE_AA)
    pale = print_ / 255.0 * 0.45
    return grain(on(on(sheet((226, 222, 212)), pale, (70, 70, 70)), cover, RED), seed)


def moire(cover: Array, seed: int) -> Array:
    """A tablet's screen, taken with a telephone: bands of colour where the two rasters meet, and its own light."""
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    bands = [np.sin(x * 0.11 + y * (0.03 + shift) + seed) * 7 for shift in (0.0, 0.01, 0.02)]
    return grain(
        (on(sheet((238, 240, 246)), cover, BLACK) + np.stack(bands, axis=2)) * ramp(seed, 0.75), seed
    )


FRESH: dict[str, Callable[[Array, int], Array]] = {
    one.__name__: one
    for one in (
        dotted_journal, coffee_ring, wood, brick_chalk, blueprint, folded, thumb, vignette, newspaper, moire,
    )
}  # fmt: skip
