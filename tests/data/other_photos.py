"""Photographs of other kinds again, written before they were read once: nothing was changed for any of them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from tests.data.photos import BLACK, BLUE, HIGH, RED, WIDE, Array, grain, on, ramp, sheet, warp


def skipping_ballpoint(cover: Array, seed: int) -> Array:
    """A dry pen: short gaps in the stroke."""
    rng = np.random.default_rng(seed)
    gaps = cv2.GaussianBlur(rng.normal(0, 1, cover.shape), (0, 0), 4)
    return grain(on(sheet(), cover * np.where(gaps > 0.115, 0.15, 1.0), BLUE), seed)


def highlighted(cover: Array, seed: int) -> Array:
    """A yellow marker's stripe over the digit."""
    stripe = np.zeros((HIGH, WIDE))
    top = 150 + 20 * (seed % 5)
    stripe[top : top + 90, 20:-20] = 0.8
    marked = on(on(sheet(), cover, BLACK), cv2.GaussianBlur(stripe, (0, 0), 2) * (1 - cover), (248, 240, 60))
    return grain(marked * ramp(seed, 0.7), seed)


def cheque(cover: Array, seed: int) -> Array:
    """Fine waves of pale green and rose, as on a cheque."""
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    waves = [np.sin((y + 14 * np.sin(x * 0.05 + shift)) * 0.8) > 0.72 for shift in (0.0, 1.7)]
    paper = on(on(sheet(), waves[0] * 1.0, (190, 222, 196)), waves[1] * 1.0, (232, 204, 210))
    return grain(on(cv2.GaussianBlur(paper, (0, 0), 0.7), cover, BLUE), seed)


def stamped(cover: Array, seed: int) -> Array:
    """An office's round stamp, pale red, over half of it."""
    mask = np.zeros((HIGH, WIDE), np.uint8)
    at = (240 + 7 * (seed % 6), 260)
    for radius in (96, 84, 40):
        cv2.circle(mask, at, radius, 255, 3)
    cv2.putText(mask, "PAID", (at[0] - 38, at[1] + 12), cv2.FONT_HERSHEY_DUPLEX, 1.1, 255, 3)
    return grain(on(on(sheet(), mask / 255 * 0.45, (214, 70, 70)), cover, BLACK), seed)


def music_paper(cover: Array, seed: int) -> Array:
    """Staves of five lines."""
    paper = sheet((250, 248, 240))
    for top in range(20 + seed % 30, HIGH, 110):
        for row in range(5):
            paper[top + 11 * row : top + 11 * row + 1] = (120, 118, 112)
    return grain(on(cv2.GaussianBlur(paper, (0, 0), 0.6), cover, BLUE) * ramp(seed, 0.7), seed)


def isometric_paper(cover: Array, seed: int) -> Array:
    """Lines in three directions."""
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    lines = np.zeros((HIGH, WIDE))
    for angle in (90, 30, 150):
        along = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
        lines = np.maximum(lines, ((along + seed) % 32 < 1.4) * 1.0)
    return grain(on(on(sheet(), cv2.GaussianBlur(lines, (0, 0), 0.6), (170, 196, 176)), cover, BLACK), seed)


def dirty_lens(cover: Array, seed: int) -> Array:
    """Blots out of focus, a greasy haze."""
    rng = np.random.default_rng(seed)
    blots = np.zeros((HIGH, WIDE))
    for _ in range(7):
        cv2.circle(
            blots, (int(rng.uniform(0, WIDE)), int(rng.uniform(0, HIGH))), int(rng.uniform(15, 45)), 1, -1
        )
    haze = cv2.GaussianBlur(blots, (0, 0), 14)[..., None]
    return grain(on(sheet(), cover, BLACK) * (1 - 0.25 * haze) * 0.8 + 40, seed)


def on_a_desk(cover: Array, seed: int) -> Array:
    """A sheet on a dark desk, seen from the side."""
    picture = np.broadcast_to(np.array((70.0, 50, 40)), (HIGH, WIDE, 3)).copy()
    small = cv2.resize(
        on(sheet(), cover, BLACK), (WIDE * 4 // 5, HIGH * 4 // 5), interpolation=cv2.INTER_AREA
    )
    picture[HIGH // 10 : HIGH // 10 + small.shape[0], WIDE // 10 : WIDE // 10 + small.shape[1]] = small
    seen = warp(picture, seed, 0.07, (70, 50, 40))
    return grain(cv2.GaussianBlur(seen, (0, 0), 0.8) * ramp(seed, 0.7), seed)


def a_hair(cover: Array, seed: int) -> Array:
    """A hair on the scanner."""
    points = [(40 + 34 * k, int(120 + 24 * (seed % 5) + 50 * np.sin(k * 0.7 + seed))) for k in range(10)]
    mask = np.zeros((HIGH, WIDE), np.uint8)
    cv2.polylines(mask, [np.array(points, np.int32)], False, 255, 1, cv2.LINE_AA)
    return grain(on(on(sheet(), cover, BLUE), mask / 255, (50, 40, 36)), seed)


def coloured_lamps(cover: Array, seed: int) -> Array:
    """A party: red light from one side, green from the other."""
    one = ramp(seed, 0.2)
    light = one * np.array((1.0, 0.35, 0.4)) + (1.2 - one) * np.array((0.3, 0.8, 0.45))
    return grain(np.clip(on(sheet(), cover, BLACK) * light, 0, 255), seed, 4)


def halftone(cover: Array, seed: int) -> Array:
    """Printed on grey, which is a raster of dots."""
    paper = sheet((248, 248, 246))
    for y in range(seed % 5, HIGH, 5):
        paper[y, (y // 5 % 2) * 2 :: 5] = (150, 150, 150)
    return grain(on(cv2.GaussianBlur(paper, (0, 0), 0.7), cover, BLACK), seed)


def corrugated(cover: Array, seed: int) -> Array:
    """On a cardboard box, whose waves are seen."""
    x = np.arange(WIDE)[None, :, None]
    box = sheet((186, 150, 110)) * (1 + 0.05 * np.sin(x * 0.5 + seed))
    return grain(on(box, cover, BLACK) * ramp(seed, 0.7), seed, 5)


def ringed(cover: Array, seed: int) -> Array:
    """A ring drawn around it with a pencil, as around an answer."""
    mask = np.zeros((HIGH, WIDE), np.uint8)
    cv2.ellipse(mask, (WIDE // 2 + 6, HIGH // 2), (168, 176), 8 + seed % 9, 0, 352, 255, 3, cv2.LINE_AA)
    return grain(on(on(sheet(), mask / 255 * 0.6, (90, 90, 96)), cover, BLUE), seed)


def two_papers(cover: Array, seed: int) -> Array:
    """A blue sheet lies over a white one; the digit over both."""
    paper = sheet()
    paper[:, : 170 + 9 * (seed % 6)] = (176, 200, 226)
    return grain(on(cv2.GaussianBlur(paper, (0, 0), 0.8), cover, BLACK), seed)


def yellow_pencil(cover: Array, seed: int) -> Array:
    return grain(on(sheet((246, 246, 244)), cover * 0.9, (226, 196, 60)), seed, 2)


def corrected(cover: Array, seed: int) -> Array:
    """Beside a figure that was struck out."""
    mask = np.zeros((HIGH, WIDE), np.uint8)
    cv2.putText(mask, "4", (16, 110), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 255, 5, cv2.LINE_AA)
    cv2.line(mask, (10, 116), (70, 60), 255, 5, cv2.LINE_AA)
    return grain(on(on(sheet(), mask / 255, RED), cover, RED) * ramp(seed, 0.6), seed)


OTHER: dict[str, Callable[[Array, int], Array]] = {
    one.__name__: one
    for one in (
        skipping_ballpoint, highlighted, cheque, stamped, music_paper, isometric_paper, dirty_lens, on_a_desk, a_hair,
        coloured_lamps, halftone, corrugated, ringed, two_papers, yellow_pencil, corrected,
    )
}  # fmt: skip
