"""Photographs of still other kinds: changed was for `leaves`, `window_glare`, `dappled` and `notebook`, no others."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from tests.data.further_photos import moved
from tests.data.photos import BLACK, BLUE, HIGH, WIDE, Array, grain, on, ramp, sheet, warp, written

Y, X = np.mgrid[0:HIGH, 0:WIDE].astype(float)


def clouds(seed: int, size: float) -> Array:
    """Soft blotches (H, W), 0..1."""
    rough = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (HIGH, WIDE)), (0, 0), size)
    return np.asarray((rough - rough.min()) / (rough.max() - rough.min()))


def packed(picture: Array, quality: int) -> Array:
    """What a JPEG of that quality leaves of it."""
    eight_bits = np.clip(picture, 0, 255).astype(np.uint8)
    told = cv2.imencode(".jpg", eight_bits, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(told, cv2.IMREAD_COLOR).astype(float)


def leaves(cover: Array, seed: int) -> Array:
    """Under a tree: blotches half as dark as the ink."""
    return grain(
        on(sheet(), cover, BLUE) * (1 - 0.5 / (1 + np.exp(-(clouds(seed, 28) - 0.5) * 14)))[..., None], seed
    )


def dappled(cover: Array, seed: int) -> Array:
    """In a tree's shadow: round spots of sun."""
    rng, light = np.random.default_rng(seed), np.full((HIGH, WIDE), 0.45)
    for _ in range(14):
        at = (int(rng.uniform(0, WIDE)), int(rng.uniform(0, HIGH)))
        cv2.circle(light, at, int(rng.uniform(24, 60)), 1.0, -1)
    return grain(on(sheet(), cover, BLACK) * cv2.GaussianBlur(light, (0, 0), 5)[..., None], seed)


def fence(cover: Array, seed: int) -> Array:
    """The shadows of a fence's rails, slanted."""
    rails = 1 / (1 + np.exp(-12 * (np.sin((X + 0.4 * Y + 10 * seed) / 19) - 0.1)))
    return grain(on(sheet(), cover, BLACK) * (1 - 0.42 * rails)[..., None], seed)


def window_glare(cover: Array, seed: int) -> Array:
    """Half of what is seen in one corner is the window."""
    veil = 0.75 * np.exp(-(((X - 120) / 120) ** 2) - ((Y - 144) / 90) ** 2)[..., None]
    return grain(on(sheet((225, 224, 222)), cover, (40, 42, 48)), seed) * (1 - veil) + 255 * veil


def window_bars(cover: Array, seed: int) -> Array:
    """A window with its cross in glossy paper."""
    veil = np.zeros((HIGH, WIDE))
    left, top = 40 + seed * 7 % 120, 50 + seed * 11 % 140
    for down in (0, 96):
        for right in (0, 84):
            veil[top + down : top + down + 86, left + right : left + right + 74] = 0.5
    veil = cv2.GaussianBlur(veil, (0, 0), 6)[..., None]
    return grain(on(sheet((214, 214, 212)), cover, BLACK) * (1 - veil) + 255 * veil, seed)


def faded_end(cover: Array, seed: int) -> Array:
    """A pen that runs dry towards one side."""
    along = X / WIDE if seed % 2 else Y / HIGH
    return grain(on(sheet(), cover * np.clip(1.25 - along, 0.3, 1), BLUE), seed)


def notebook(cover: Array, seed: int) -> Array:
    """Lined, a red margin, a spiral's torn holes, in a lamp's light."""
    paper = sheet((247, 246, 240))
    for y in range(30 + seed % 24, HIGH, 38):
        paper[y : y + 2] = (168, 190, 226)
    paper[:, 62:64] = (228, 130, 136)
    for y in range(14, HIGH, 30):
        cv2.rectangle(paper, (4, y), (20, y + 12), (52, 46, 42), -1)
    return grain(on(paper, cover, BLACK) * ramp(seed, 0.6), seed)


def whiteboard_lamp(cover: Array, seed: int) -> Array:
    """A red marker that skips, a lamp's long reflection."""
    skips = np.clip(0.72 + 0.5 * clouds(seed, 4), 0.6, 1)
    lamp = 0.6 * np.exp(-(((Y - 90 - seed % 5 * 60 - 0.3 * X) / 22) ** 2))[..., None]
    board = on(sheet((204, 208, 212)) * ramp(seed, 0.75), cover * skips, (190, 40, 50))
    return grain(board * (1 - lamp) + 252 * lamp, seed)


def dark_chat(cover: Array, seed: int) -> Array:
    """A telephone's chat at night, with a drawing in it."""
    picture = on(sheet((18, 18, 20)), moved(cover, 0.72, (0.5, 0.5)), (236, 236, 240))
    picture[:52] = (32, 33, 36)
    cv2.rectangle(picture, (200, HIGH - 62), (388, HIGH - 16), (0, 92, 75), -1)
    picture = written(picture, "look at this", (212, HIGH - 32), 0.7, (226, 232, 230))
    return packed(written(picture, "Anna", (60, 34), 0.8, (232, 232, 232)), 80)


def ballpoint_on_a_note(cover: Array, seed: int) -> Array:
    """A yellow note that curls, on a table; the pen leaves gaps."""
    note = sheet((252, 232, 110)) * (1 - 0.25 * np.clip((Y - 330) / 150, 0, 1) ** 2)[..., None]
    seen = on(
        note, moved(cover, 0.8, (0.5, 0.48)) * np.clip(0.7 + 0.6 * clouds(seed, 3), 0.55, 1), (40, 52, 130)
    )
    table = np.array((128, 92, 60)) + 14 * np.sin(Y / 4 + 2 * np.sin(X / 50))[..., None]
    on_note = (np.abs(X - 200) < 172) & (np.abs(Y - 240) < 206)
    return grain(warp(np.where(on_note[..., None], seen, table), seed, 0.03, (128, 92, 60)), seed)


def till_receipt(cover: Array, seed: int) -> Array:
    """A curled receipt's back, the print shows through in grey."""
    paper = sheet((242, 241, 238))
    for row in range(6):
        paper = written(paper, f"ARTIKEL {row * 3}   {row}.99", (40, 60 + 74 * row), 0.8, (224, 223, 221))
    return grain(on(paper, cover, BLUE) * (0.72 + 0.28 * np.sin(np.pi * X / WIDE))[..., None], seed)


def millimetres(cover: Array, seed: int) -> Array:
    """Orange millimetre paper, every tenth line stronger, blue ink."""
    paper = sheet((250, 247, 240))
    for place in range(seed % 9, HIGH, 9):
        bold = place // 9 % 5 == 0
        colour = (236, 160, 110) if bold else (246, 212, 188)
        paper[place : place + 1 + bold] = colour
        paper[:, place : place + 1 + bold] = colour
    return grain(on(cv2.GaussianBlur(paper, (0, 0), 0.6), cover, BLUE) * ramp(seed, 0.7), seed)


def wiped_board(cover: Array, seed: int) -> Array:
    """Chalk, beside it a sponge's wet trace, dust everywhere."""
    wet = 1 - 0.3 * np.exp(-(((X - 60 - 0.2 * Y) / 40) ** 2))
    board = sheet((52, 78, 66)) * wet[..., None] + 50 * clouds(seed, 18)[..., None]
    rough = np.clip(0.85 + 0.5 * np.random.default_rng(seed).normal(0, 0.35, cover.shape), 0.2, 1)
    return grain(on(board, cover * rough, (234, 234, 226)), seed, 4)


def desk_in_perspective(cover: Array, seed: int) -> Array:
    """A sheet on a desk, seen from in front of it, a pencil lying beside."""
    paper = on(sheet((240, 240, 236)), moved(cover, 0.9, (0.5, 0.5)), BLACK)
    corners = np.array([[0, 0], [WIDE, 0], [WIDE, HIGH], [0, HIGH]], np.float32)
    seen = np.array([[52, 40], [WIDE - 48, 46], [WIDE - 14, HIGH - 24], [16, HIGH - 32]], np.float32)
    how = cv2.getPerspectiveTransform(corners, seen)
    there = cv2.warpPerspective(np.ones((HIGH, WIDE)), how, (WIDE, HIGH))[..., None]
    desk = np.array((92, 66, 46)) + 8 * np.sin(X / 5 + np.sin(Y / 40) * 3)[..., None]
    picture = cv2.warpPerspective(paper, how, (WIDE, HIGH)) * there + desk * (1 - there)
    cv2.line(picture, (10, 30), (34, 210), (212, 160, 40), 9, cv2.LINE_AA)
    return grain(picture * ramp(seed, 0.7), seed)


def held_in_a_hand(cover: Array, seed: int) -> Array:
    """A thumb over a corner, its shadow beside."""
    thumb = (((X - 20) / 92) ** 2 + ((Y - 452) / 66) ** 2 < 1).astype(float)
    shadow = cv2.GaussianBlur(np.roll(thumb, (-10, 14), (0, 1)), (0, 0), 9)
    picture = on(sheet(), moved(cover, 0.85, (0.56, 0.44)), BLUE) * (1 - 0.35 * shadow)[..., None]
    return grain(on(picture, cv2.GaussianBlur(thumb, (0, 0), 1.5), (205, 150, 124)), seed)


def letter_folds(cover: Array, seed: int) -> Array:
    """Folded in three for an envelope: every part bends."""
    folds = np.abs(((Y + 20 * (seed % 4)) / 165) % 1 - 0.5)
    return grain(on(sheet(), cover, BLACK) * (1 - 0.5 * folds + 0.05 * np.sin(X / 90))[..., None], seed)


def low_light(cover: Array, seed: int) -> Array:
    """A camera at the end of its means: coarse coloured noise, rows brighter and darker."""
    rng = np.random.default_rng(seed)
    coarse = cv2.GaussianBlur(rng.normal(0, 1, (HIGH, WIDE, 3)), (0, 0), 1.2) * 22
    rows = rng.normal(0, 2.5, (HIGH, 1, 1))
    return on(sheet(), cover, BLACK) * 0.32 * ramp(seed, 0.6) + coarse + rows + 12


def jpeg_10(cover: Array, seed: int) -> Array:
    return packed(grain(on(sheet(), cover, BLUE) * ramp(seed, 0.5), seed, 6), 10)


def under_tape(cover: Array, seed: int) -> Array:
    """A strip of dull adhesive tape over a part of it."""
    tape = ((np.abs(Y - 200 - 0.3 * (X - 200) - 8 * (seed % 6)) < 34) * 0.35)[..., None]
    return grain(on(sheet(), cover, BLACK) * (1 - tape) + 232 * tape, seed)


def water_colour(cover: Array, seed: int) -> Array:
    """Wet colour: darkest at its rim, uneven."""
    rim = cover - cv2.erode(cover, np.ones((7, 7)))
    ink = np.clip(cover * (0.55 + 0.3 * clouds(seed, 12)) + 0.35 * rim, 0, 1)
    return grain(on(sheet((248, 246, 240)), ink, (30, 60, 140)), seed)


def scratched_table(cover: Array, seed: int) -> Array:
    """A felt pen on a pale school table: scratches, another's faint scribble."""
    rng = np.random.default_rng(seed)
    picture = sheet((214, 200, 170))
    for _ in range(24):
        one, other = (tuple(int(v) for v in rng.uniform(0, HIGH, 2)) for _ in range(2))
        cv2.line(picture, one, other, (198, 184, 154), 1, cv2.LINE_AA)
    picture = written(picture, "TIM WAS HERE", (20, 60), 0.9, (188, 176, 150))
    return grain(on(picture, cover, (24, 24, 40)) * ramp(seed, 0.7), seed)


def plastic_sleeve(cover: Array, seed: int) -> Array:
    """In a clear sleeve: streaks of light, low contrast."""
    streaks = 0.4 * np.exp(-(((X - 0.9 * Y + 60 + 30 * (seed % 5)) / 14) ** 2))[..., None]
    veiled = on(sheet((222, 222, 220)), cover, (60, 62, 70)) * 0.8 + 40
    return grain(veiled * (1 - streaks) + 255 * streaks, seed)


STRANGE: dict[str, Callable[[Array, int], Array]] = {
    one.__name__: one
    for one in (
        leaves, dappled, fence, window_glare, window_bars, faded_end, notebook, whiteboard_lamp, dark_chat,
        ballpoint_on_a_note, till_receipt, millimetres, wiped_board, desk_in_perspective, held_in_a_hand,
        letter_folds, low_light, jpeg_10, under_tape, water_colour, scratched_table, plastic_sleeve,
    )
}  # fmt: skip
