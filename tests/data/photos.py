"""Photographs of digits as people take them, made by script: paper, light, pens and cameras around a clean stroke.

Each is a function of the stroke's coverage (H, W), 0..1, and a seed; it gives a picture (H, W, 3), 0..255.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.data.builtin import built_in

Array = NDArray[np.float64]
HIGH, WIDE = 480, 400
BLACK, BLUE, RED, GREEN = (30, 30, 34), (28, 50, 150), (180, 36, 44), (30, 120, 60)
PAPER = (236, 233, 224)


def stroke(index: int, side: int = 250, thin: int = 0) -> Array:
    """A built-in digit as a smooth stroke on an empty sheet, `thin` pixels taken off on each side."""
    digit = built_in("test", 1, index).pictures[0]
    large = cv2.GaussianBlur(
        cv2.resize(digit, (side, side), interpolation=cv2.INTER_CUBIC), (0, 0), side / 90
    )
    mask = (large > 110).astype(np.uint8)
    if thin:
        mask = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * thin + 1, 2 * thin + 1)))
    sheet = np.zeros((HIGH, WIDE))
    top, left = (HIGH - side) // 2, (WIDE - side) // 2
    sheet[top : top + side, left : left + side] = mask
    return np.clip(cv2.GaussianBlur(sheet, (0, 0), 1.0), 0, 1)


def on(ground: Array, cover: Array, ink: tuple[int, int, int]) -> Array:
    """Ink laid over a ground (H, W, 3)."""
    share = cover[..., None]
    return ground * (1 - share) + np.array(ink, float) * share


def sheet(colour: tuple[int, int, int] = PAPER) -> Array:
    return np.broadcast_to(np.array(colour, float), (HIGH, WIDE, 3)).copy()


def grain(picture: Array, seed: int, strength: float = 3.0) -> Array:
    return picture + np.random.default_rng(seed).normal(0, strength, picture.shape)


def ramp(seed: int, low: float) -> Array:
    """Light that falls off across the sheet, in a direction of the seed's."""
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi)
    y, x = np.mgrid[-1 : 1 : HIGH * 1j, -1 : 1 : WIDE * 1j]
    along = (np.cos(angle) * x + np.sin(angle) * y + 1.4) / 2.8
    return (low + (1 - low) * along)[..., None]


def grid(spacing: int, colour: tuple[int, int, int], seed: int, both: bool = True, width: int = 2) -> Array:
    """Squared or lined paper."""
    paper, start = sheet(), seed % spacing
    for place in range(start, HIGH, spacing):
        paper[place : place + width] = colour
    if both:
        for place in range(start, WIDE, spacing):
            paper[:, place : place + width] = colour
    return cv2.GaussianBlur(paper, (0, 0), 0.7)


def warp(picture: Array, seed: int, amount: float = 0.06, border: tuple[int, int, int] = PAPER) -> Array:
    """Seen from the side."""
    rng = np.random.default_rng(seed)
    corners = np.array([[0, 0], [WIDE, 0], [WIDE, HIGH], [0, HIGH]], np.float32)
    moved = corners + rng.uniform(-amount, amount, (4, 2)).astype(np.float32) * (WIDE, HIGH)
    how = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return cv2.warpPerspective(picture, how, (WIDE, HIGH), borderMode=cv2.BORDER_CONSTANT, borderValue=border)


def written(picture: Array, words: str, at: tuple[int, int], size: float, ink: tuple[int, int, int]) -> Array:
    """Words in a plain hand."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.putText(mask, words, at, cv2.FONT_HERSHEY_SIMPLEX, size, 255, max(1, round(2.5 * size)))
    return on(picture, mask / 255, ink)


def soft_shadow(cover: Array, seed: int) -> Array:
    return grain(on(sheet(), cover, BLACK) * ramp(seed, 0.3), seed)


def hard_shadow(cover: Array, seed: int) -> Array:
    """Half of the sheet lies in the shadow of a hand."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    edge = x * rng.uniform(0.5, 1) + y * rng.uniform(-0.3, 0.3) > rng.uniform(100, 230)
    light = cv2.GaussianBlur(np.where(edge, 1.0, 0.55), (0, 0), 3)[..., None]
    return grain(on(sheet(), cover, BLUE) * light, seed)


def corner_shadow(cover: Array, seed: int) -> Array:
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    far = np.hypot(x - WIDE / 2, y - HIGH / 2) / np.hypot(WIDE / 2, HIGH / 2)
    return grain(on(sheet(), cover, BLACK) * (1 - 0.65 * far**2)[..., None], seed)


def glare(cover: Array, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    away = np.hypot(x - rng.uniform(60, 340), y - rng.uniform(60, 420))
    light = np.exp(-((away / 110) ** 2))[..., None]
    return grain(on(sheet((190, 188, 180)), cover, (40, 40, 46)) + 90 * light, seed)


def squared(cover: Array, seed: int) -> Array:
    return grain(on(grid(36, (150, 175, 215), seed), cover, BLUE), seed)


def squared_dark(cover: Array, seed: int) -> Array:
    return grain(on(grid(44, (110, 120, 140), seed), cover, BLACK) * ramp(seed, 0.6), seed)


def lined(cover: Array, seed: int) -> Array:
    return grain(on(grid(58, (120, 150, 200), seed, both=False), cover, BLACK), seed)


def lined_red_margin(cover: Array, seed: int) -> Array:
    paper = grid(58, (150, 170, 210), seed, both=False)
    paper[:, 46:49] = (215, 120, 125)
    return grain(on(paper, cover, BLUE) * ramp(seed, 0.55), seed)


def perspective(cover: Array, seed: int) -> Array:
    return grain(warp(on(sheet(), cover, BLACK), seed), seed)


def blurred(cover: Array, seed: int) -> Array:
    return grain(cv2.GaussianBlur(on(sheet(), cover, BLACK), (0, 0), 6), seed)


def shaken(cover: Array, seed: int) -> Array:
    kernel = np.zeros((19, 19))
    np.fill_diagonal(kernel if seed % 2 else kernel[::-1], 1 / 19)
    return grain(cv2.filter2D(on(sheet(), cover, BLUE), -1, kernel), seed)


def pencil(cover: Array, seed: int) -> Array:
    """Grey, uneven, with bare paper in the stroke."""
    rough = np.random.default_rng(seed).uniform(0.35, 0.9, cover.shape)
    rough = cv2.GaussianBlur(rough, (0, 0), 1.2)
    return grain(on(sheet(), cover * rough, (110, 110, 114)), seed)


def chalk(cover: Array, seed: int) -> Array:
    """White on a board that was wiped."""
    rng = np.random.default_rng(seed)
    smear = cv2.GaussianBlur(rng.uniform(0, 1, cover.shape), (0, 0), 25)
    board = sheet((44, 74, 62)) + 260 * (smear - smear.mean())[..., None]
    rough = cv2.GaussianBlur(rng.uniform(0.5, 1.0, cover.shape), (0, 0), 1.0)
    return grain(on(board, cover * rough, (232, 232, 226)), seed)


def blackboard_green(cover: Array, seed: int) -> Array:
    return grain(on(sheet((30, 66, 50)) * ramp(seed, 0.5), cover, (240, 220, 120)), seed)


def red_ink(cover: Array, seed: int) -> Array:
    return grain(on(sheet(), cover, RED) * ramp(seed, 0.5), seed)


def green_on_yellow(cover: Array, seed: int) -> Array:
    return grain(on(sheet((250, 232, 140)), cover, GREEN), seed)


def red_on_green(cover: Array, seed: int) -> Array:
    """As bright as its ground: only the hue tells."""
    return grain(on(sheet((110, 160, 110)), cover, (205, 110, 110)), seed, 2)


def screenshot(cover: Array, seed: int) -> Array:
    """A drawing app on a telephone: bars above and below, a button in a corner."""
    picture = on(sheet((255, 255, 255)), cover, (0, 0, 0))
    picture[:34], picture[-46:] = (28, 30, 40), (242, 242, 247)
    for place in range(40, 360, 80):
        cv2.circle(picture, (place, HIGH - 23), 8, (130, 130, 140), -1)
    return written(picture, "12:41", (14, 24), 0.55, (255, 255, 255))


def form_cell(cover: Array, seed: int) -> Array:
    """A cell of a form, cut out with its frame and a piece of the next."""
    picture = on(sheet((250, 250, 248)), cover, BLUE)
    cv2.rectangle(picture, (34, 40), (WIDE - 40, HIGH - 44), (60, 60, 60), 3)
    cv2.line(picture, (WIDE - 40, 40), (WIDE - 1, 40), (60, 60, 60), 3)
    return grain(picture, seed)


def desk(cover: Array, seed: int) -> Array:
    """A sheet on a dark desk, with its edges in view."""
    picture = on(sheet(), cover, BLACK)
    picture[:30], picture[-26:], picture[:, :24], picture[:, -30:] = (
        (86, 60, 42),
        (80, 56, 40),
        (84, 58, 40),
        (90, 62, 44),
    )
    return grain(cv2.GaussianBlur(picture, (0, 0), 1.0) * ramp(seed, 0.7), seed)


def specks(cover: Array, seed: int) -> Array:
    """Dust, and an ink spot."""
    rng = np.random.default_rng(seed)
    picture = on(sheet(), cover, BLACK)
    for _ in range(40):
        at = (int(rng.uniform(0, WIDE)), int(rng.uniform(0, HIGH)))
        cv2.circle(picture, at, int(rng.uniform(1, 3)), (90, 88, 86), -1)
    cv2.circle(picture, (350, 60), 9, BLACK, -1)
    return grain(picture, seed)


def crumpled(cover: Array, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    folds = cv2.GaussianBlur(rng.normal(0, 1, cover.shape), (0, 0), 14)
    light = 1 + 0.12 * folds / np.abs(folds).max()
    return grain(on(sheet(), cover, BLACK) * light[..., None], seed)


def neighbours(cover: Array, seed: int) -> Array:
    """Smaller things written beside it."""
    picture = written(on(sheet(), cover, BLUE), "No.", (12, 60), 1.2, BLUE)
    return grain(written(picture, "a)", (320, 440), 1.3, BLUE), seed)


TUNED: dict[str, Callable[[Array, int], Array]] = {
    one.__name__: one
    for one in (
        soft_shadow, hard_shadow, corner_shadow, glare, squared, squared_dark, lined, lined_red_margin, perspective,
        blurred, shaken, pencil, chalk, blackboard_green, red_ink, green_on_yellow, red_on_green, screenshot,
        form_cell, desk, specks, crumpled, neighbours,
    )
}  # fmt: skip


def turned_grid(cover: Array, seed: int) -> Array:
    """Squared paper that lies askew under the camera."""
    how = cv2.getRotationMatrix2D((WIDE / 2, HIGH / 2), 4 + seed % 5, 1.2)
    paper = cv2.warpAffine(
        grid(30, (140, 165, 205), seed), how, (WIDE, HIGH), borderMode=cv2.BORDER_REPLICATE
    )
    return grain(on(paper, cover, BLACK) * ramp(seed, 0.55), seed)


def whiteboard(cover: Array, seed: int) -> Array:
    """A green marker, a lamp's reflection, a rest of what was wiped off."""
    rest = cv2.GaussianBlur(np.roll(cover, (90, -120), (0, 1)), (0, 0), 8) * 0.18
    picture = on(on(sheet((214, 218, 222)), rest, (60, 110, 70)), cover, (20, 120, 70))
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    lamp = np.exp(-(((x - 300) / 50) ** 2) - ((y - 90) / 35) ** 2)[..., None]
    return grain(picture + 40 * lamp, seed)


def punched(cover: Array, seed: int) -> Array:
    """Holes at the side, through which a dark desk is seen."""
    picture = on(sheet(), cover, BLUE)
    for y in (110, 370):
        cv2.circle(picture, (26, y), 15, (60, 52, 46), -1)
    return grain(picture * ramp(seed, 0.5), seed)


def fountain_pen_on_brown(cover: Array, seed: int) -> Array:
    return grain(on(sheet((176, 140, 98)), cover, (24, 26, 70)), seed, 6)


def white_on_blue(cover: Array, seed: int) -> Array:
    return grain(on(sheet((40, 60, 160)) * ramp(seed, 0.6), cover, (245, 245, 250)), seed)


def poor_jpeg(cover: Array, seed: int) -> Array:
    small = np.clip(grain(on(sheet(), cover, BLACK) * ramp(seed, 0.5), seed), 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", cv2.resize(small, (100, 120)), [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(float)


def night(cover: Array, seed: int) -> Array:
    """Hardly any light, and the camera's noise."""
    return grain(on(sheet(), cover, BLACK) * 0.16, seed, 4)


def negative(cover: Array, seed: int) -> Array:
    return 255 - grain(on(grid(40, (170, 180, 200), seed), cover, BLACK), seed)


def margin_of_print(cover: Array, seed: int) -> Array:
    """A line of print above it, as on an exercise sheet."""
    picture = on(sheet(), cover, BLUE)
    for row, words in enumerate(("Write the number", "in your own hand")):
        picture = written(picture, words, (20, 34 + 30 * row), 0.75, (40, 40, 40))
    return grain(picture, seed)


def pale_pencil_on_lines(cover: Array, seed: int) -> Array:
    return grain(
        on(grid(52, (176, 196, 224), seed, both=False, width=1), cover * 0.8, (128, 128, 132)), seed, 2
    )


UNSEEN: dict[str, Callable[[Array, int], Array]] = {
    one.__name__: one
    for one in (
        turned_grid, whiteboard, punched, fountain_pen_on_brown, white_on_blue, poor_jpeg, night, negative,
        margin_of_print, pale_pencil_on_lines,
    )
}  # fmt: skip
