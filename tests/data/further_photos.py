"""A third row of photographs made by script, with every digit: what was changed for one of them is said at it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from tests.data.photos import BLACK, BLUE, HIGH, WIDE, Array, grain, grid, on, ramp, sheet, warp, written


def moved(cover: Array, times: float, at: tuple[float, float]) -> Array:
    """The stroke smaller, its middle at a place, both as shares of the sheet."""
    how = np.array([[times, 0, WIDE * (at[0] - times / 2)], [0, times, HIGH * (at[1] - times / 2)]])
    return np.clip(cv2.warpAffine(cover, how, (WIDE, HIGH), flags=cv2.INTER_AREA), 0, 1)


def red_squares(cover: Array, seed: int) -> Array:
    """Squared paper with red lines as strong as they are printed in school books."""
    return grain(on(grid(30 + seed % 9, (226, 96, 96), seed), cover, BLUE), seed)


def fine_red_squares(cover: Array, seed: int) -> Array:
    return grain(
        on(grid(16 + seed % 5, (232, 130, 126), seed, width=1), cover, BLACK) * ramp(seed, 0.6), seed
    )


def red_squares_red_pen(cover: Array, seed: int) -> Array:
    """A teacher's pen in the colour of the lines, darker than they are."""
    return grain(on(grid(40, (236, 150, 148), seed), cover, (190, 30, 40)), seed)


def red_lines_askew(cover: Array, seed: int) -> Array:
    paper = grid(34, (222, 92, 96), seed)
    how = cv2.getRotationMatrix2D((WIDE / 2, HIGH / 2), 3 + seed % 6, 1.2)
    paper = cv2.warpAffine(paper, how, (WIDE, HIGH), borderMode=cv2.BORDER_REPLICATE)
    return grain(on(paper, cover, BLUE) * ramp(seed, 0.6), seed)


def glossy(cover: Array, seed: int) -> Array:
    """A lamp's reflection, white in its middle, beside the stroke and over its edge."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    spot = np.exp(-(((x - rng.uniform(40, 360)) / 60) ** 2) - ((y - rng.uniform(40, 440)) / 45) ** 2)
    return grain(
        np.clip(on(sheet((200, 198, 192)), cover, (34, 34, 60)) + 160 * spot[..., None], 0, 255), seed
    )


def soft_pencil(cover: Array, seed: int) -> Array:
    """On rough paper, in the light of a window."""
    rng = np.random.default_rng(seed)
    rough = np.clip(cv2.GaussianBlur(rng.normal(0.6, 0.5, cover.shape), (0, 0), 1.4), 0, 1)
    return grain(on(sheet(), cover * rough, (96, 96, 102)) * ramp(seed, 0.5), seed)


def ruled_board(cover: Array, seed: int) -> Array:
    """Chalk on a school's board with its white lines."""
    board = grid(60, (112, 134, 124), seed, both=False)
    board = np.where(np.abs(board - sheet()).max(axis=2, keepdims=True) < 8, (36.0, 66.0, 54.0), board)
    rough = cv2.GaussianBlur(np.random.default_rng(seed).uniform(0.55, 1, cover.shape), (0, 0), 1.0)
    return grain(on(board, cover * rough, (236, 236, 230)), seed)


def night_mode(cover: Array, seed: int) -> Array:
    """A telephone's drawing program in its dark colours, buttons below."""
    picture = on(sheet((18, 18, 20)), cover, (240, 240, 245))
    picture[:30] = (36, 36, 40)
    for place in range(50, 400, 100):
        cv2.rectangle(picture, (place - 36, HIGH - 44), (place + 36, HIGH - 14), (58, 58, 64), -1)
    return written(picture, "23:08", (12, 22), 0.5, (230, 230, 235))


def boxes(cover: Array, seed: int) -> Array:
    """A form's row of boxes, one of them filled in."""
    picture = sheet((252, 252, 250))
    for left in (-300, 40, 380):
        cv2.rectangle(picture, (left, 60), (left + 320, HIGH - 60), (90, 130, 90), 3)
    return grain(on(picture, moved(cover, 0.85, (0.5, 0.5)), BLACK), seed)


def violet(cover: Array, seed: int) -> Array:
    return grain(on(sheet((244, 236, 214)), cover, (120, 50, 150)) * ramp(seed, 0.5), seed)


def orange(cover: Array, seed: int) -> Array:
    return grain(on(sheet((250, 250, 248)), cover, (244, 140, 30)) * ramp(seed, 0.6), seed)


def sharp_folds(cover: Array, seed: int) -> Array:
    """Crumpled, flattened again: facets of different light."""
    rng = np.random.default_rng(seed)
    light = np.ones(cover.shape)
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    for _ in range(14):
        angle, far = rng.uniform(0, np.pi), rng.uniform(-240, 240)
        side = (x - WIDE / 2) * np.cos(angle) + (y - HIGH / 2) * np.sin(angle) > far
        light += np.where(side, 1, -1) * rng.uniform(0, 0.035)
    return grain(on(sheet(), cover, BLACK) * cv2.GaussianBlur(light, (0, 0), 1.5)[..., None] * 0.9, seed)


def jpeg_noise(cover: Array, seed: int) -> Array:
    """Sent on by many: quality 8."""
    picture = np.clip(grain(on(sheet(), cover, BLUE) * ramp(seed, 0.6), seed), 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 8])[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(float)


def tiny(cover: Array, seed: int) -> Array:
    """A tenth of the sheet."""
    at = (0.2 + 0.15 * (seed % 5), 0.25 + 0.12 * (seed % 5))
    return grain(on(sheet(), moved(cover, 0.2, at), BLACK) * ramp(seed, 0.7), seed)


def at_the_border(cover: Array, seed: int) -> Array:
    """Ink three pixels from the picture's edge."""
    rows, columns = np.nonzero(cover > 0.2)
    shift = (3 - rows.min(), 0) if seed % 2 else (0, 3 - columns.min())
    return grain(on(sheet(), np.roll(cover, shift, (0, 1)), BLACK), seed)


def steep(cover: Array, seed: int) -> Array:
    """Seen from far to the side, in a shadow."""
    return grain(warp(on(sheet(), cover, BLACK), seed, 0.09) * ramp(seed, 0.45), seed)


def hand_in_lamplight(cover: Array, seed: int) -> Array:
    """The shadow of a hand over a part of the digit, in warm light."""
    mask = np.zeros((HIGH, WIDE), np.uint8)
    for finger in range(4):
        start = (WIDE + 20, 150 + 70 * finger + 5 * (seed % 5))
        cv2.line(mask, start, (190 + 22 * finger, start[1] - 60), 255, 54)
    shade = cv2.GaussianBlur(mask, (0, 0), 14)[..., None] / 255.0
    return grain(on(sheet(), cover, BLACK) * (1 - 0.4 * shade) * np.array((1.0, 0.84, 0.6)), seed)


def envelope(cover: Array, seed: int) -> Array:
    """A stamp in the corner, a line of writing below."""
    picture = on(sheet((232, 214, 180)), moved(cover, 0.75, (0.45, 0.45)), BLUE)
    cv2.rectangle(picture, (330, 16), (388, 84), (190, 90, 80), -1)
    return grain(written(picture, "Mill Lane, York", (40, 440), 0.7, (60, 60, 90)), seed)


def napkin(cover: Array, seed: int) -> Array:
    """Paper with pressed dots, each with a small shadow."""
    paper = sheet((240, 240, 238))
    for y in range(seed % 14, HIGH, 14):
        for x in range(seed % 14 + (y // 14 % 2) * 7, WIDE, 14):
            cv2.circle(paper, (x, y), 3, (226, 226, 224), -1)
    return grain(on(paper, cover, BLUE), seed)


def tablet(cover: Array, seed: int) -> Array:
    """A note-taking program: a pale blue grid, exact colours."""
    paper = sheet((255, 255, 255))
    paper[:: 24 + seed % 8], paper[:, :: 24 + seed % 8] = (205, 220, 240), (205, 220, 240)
    return on(paper, cover, (20, 20, 20))


def receipt(cover: Array, seed: int) -> Array:
    """Written over a faded print."""
    picture = sheet((226, 224, 220))
    for row in range(12):
        picture = written(picture, "ITEM 01   2.49  A", (20, 40 + 38 * row), 0.8, (200, 198, 196))
    return grain(on(picture, cover, BLACK) * ramp(seed, 0.6), seed)


def axes(cover: Array, seed: int) -> Array:
    """Drawn beside two thick axes."""
    picture = sheet((252, 252, 252))
    cv2.line(picture, (26, 0), (26, HIGH), (60, 60, 60), 3)
    cv2.line(picture, (0, HIGH - 30), (WIDE, HIGH - 30), (60, 60, 60), 3)
    return grain(on(picture, cover, BLUE), seed)


def note_on_wood(cover: Array, seed: int) -> Array:
    """A yellow note on a table with a strong grain."""
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    rings = np.sin(x * 0.11 + 3 * np.sin(y * 0.013 + seed))
    table = np.array((150.0, 104, 66)) + 16 * rings[..., None]
    table[34:-34, 30:-30] = on(sheet((252, 228, 110)), cover, BLACK)[34:-34, 30:-30]
    return grain(cv2.GaussianBlur(table, (0, 0), 0.8) * ramp(seed, 0.7), seed)


def dusk(cover: Array, seed: int) -> Array:
    """Little light, a moving hand, a camera's noise."""
    blurred = cv2.filter2D(on(sheet(), cover, BLACK), -1, np.full((1, 9), 1 / 9))
    return grain(blurred * 0.3 * ramp(seed, 0.6), seed, 3.5)


def against_the_light(cover: Array, seed: int) -> Array:
    """A window behind the sheet."""
    y, x = np.mgrid[0:HIGH, 0:WIDE]
    window = np.exp(-(((x - 60 - 30 * (seed % 8)) / 150) ** 2) - ((y - 140) / 190) ** 2)[..., None]
    return grain(on(sheet((150, 150, 156)), cover, (30, 30, 40)) * (0.6 + window), seed)


def calendar(cover: Array, seed: int) -> Array:
    """A day's cell with its printed number in the corner."""
    picture = sheet((250, 250, 246))
    cv2.rectangle(picture, (18, 18), (WIDE - 18, HIGH - 18), (150, 150, 150), 2)
    picture = written(picture, "14", (34, 62), 1.0, (200, 60, 60))
    return grain(on(picture, moved(cover, 0.9, (0.52, 0.54)), BLUE), seed)


FURTHER: dict[str, Callable[[Array, int], Array]] = {
    one.__name__: one
    for one in (
        red_squares, fine_red_squares, red_squares_red_pen, red_lines_askew, glossy, soft_pencil, ruled_board,
        night_mode, boxes, violet, orange, sharp_folds, jpeg_noise, tiny, at_the_border, steep, hand_in_lamplight,
        envelope, napkin, tablet, receipt, axes, note_on_wood, dusk, against_the_light, calendar,
    )
}  # fmt: skip
