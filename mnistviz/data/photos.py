"""The digit in a photograph: uneven light, ruled paper, frames, other things on the sheet, ink of any colour.

From a picture (rows, columns, 3), 0..255, to how much ink of the digit is in each pixel, 0..1, in four steps:
the sheet without its ink, the ink as a share of the strongest, the ruled lines out of it, and of what is left the
largest thing that is written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from mnistviz.data.ruled import INK, LINE_INK, Bools, Bytes, Floats, long_lines, without_lines

WORKING_SIDE: Final = 256  # pixels; the longer side of the picture while a digit is looked for
FAINTEST: Final = 0.06  # of the way from the sheet to black or white: less is no ink
FAINT: Final = 0.45  # of all channels together: less hardly stands out
NOISE_TIMES: Final = 6.0  # ink stands out of the sheet's grain by more
CLEARER: Final = 2.0  # times: how much steeper the edge of a stroke becomes
PALE: Final = 0.2  # of the strongest: more is seen to be ink
BESIDE: Final = 0.12  # of a digit's longer side: so near is beside it
GOES_ON: Final = (0.5, 1.6)  # times the pen's width: pale ink between them is a stroke that goes on
PALER: Final = 0.12  # of a thing's ink: more pale ink beside it may be the end of a stroke, or a shadow
SOFT: Final = (0.2, 0.8)  # of the strongest: between them is an edge, neither ink nor sheet
BLURRED: Final = 0.755  # of a thing's strong ink: more that is neither, and the blur is as wide as the stroke
STROKE: Final = 0.3  # of the mean side: no stroke is as wide
USUAL_PEN: Final = 0.035  # of the longer side, as people hold a camera
SAME: Final = 4  # pixels: two places that differ by no more are one
STROKES: Final = 2.5  # times the pen's width: no place where strokes meet is as wide
# Over so much of the longer side, or of the pen's width, the sheet's shade is taken together.
SHADE: Final = (0.05, 0.5)
THINNEST: Final = 0.06  # of the digit: a stroke of 1.2 pixels, when the digit has 20
NEAR: Final = 0.14  # of a digit's height: what is nearer to it belongs to it
RIVAL: Final = 0.55  # of the largest thing's size: a second one as large is a second digit
AT_EDGE: Final = 0.03  # how much of its size counts for a thing that leaves the picture
LEAST_SMALL: Final = 8  # pixels around what is small, at least
MOST_PIECES: Final = 60  # pieces of ink that are looked at
ALIKE: Final = 0.95  # cosine of the colours of ink and of lines: above it, colour does not tell them apart
LEAST_BESIDE: Final = 0.002  # of the picture: so much ink is beside the lines, where its colour is seen
MOST_BESIDE: Final = 0.4  # more is no ink: the sheet is not known
CUT: Final = 0.08  # of a digit's strong ink: where lines took more out of its place, they took of its stroke
BLOT: Final = 0.27  # of a thing's longer side: no pen's stroke is as wide
SPECK: Final = 0.02  # of the largest thing's ink: less is dust


@dataclass(frozen=True, eq=False)
class Found:
    """What was found: the ink of one digit, cropped, and what makes us unsure of it."""

    ink: Floats  # (rows, columns), 0..1
    doubts: tuple[str, ...]
    grey: Bytes  # (rows, columns), 0..255: the whole picture, its longer side `WORKING_SIDE`
    box: tuple[int, int, int, int]  # left, top, width, height of the digit in it, in pixels


def find_digit(picture: Floats) -> Found | None:
    """The largest digit in a picture (rows, columns, 3), 0..255; `None` where nothing is written."""
    found = _find_at_working_size(picture)
    if found is None and (near := _around_what_is_small(picture)) is not None:
        found = _find_at_working_size(near)
    return found


def _around_what_is_small(picture: Floats) -> Floats | None:
    """The part of a picture around the strongest thing in it that is too small to be seen beside all the rest."""
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0)
    away = np.abs(_apart(smooth, _sheet(picture))).max(axis=2)
    top, grain = np.percentile(away, (99.95, 50))
    if top < max(2 * FAINTEST, NOISE_TIMES * grain):
        return None
    _, _, boxes, _ = cv2.connectedComponentsWithStats((away > INK * top).astype(np.uint8), connectivity=8)
    left, top_row, wide, high, _ = max(boxes[1:].tolist(), key=lambda box: box[cv2.CC_STAT_AREA])
    room = max(wide, high, LEAST_SMALL)
    rows = slice(max(0, top_row - room), top_row + high + room)
    columns = slice(max(0, left - room), left + wide + room)
    return picture[rows, columns]


def _find_at_working_size(picture: Floats) -> Found | None:
    """What is found without doubt where the pen's width is known: the shadow of a leaf is wider than a stroke.

    What is as narrow as the pen, such as a desk beside the sheet, is then taken for ink: the first look, which knows
    no pen, stands where the others leave a doubt, or see something else with the pen that they find.
    """
    picture = _at_working_size(picture)
    first = _look(picture, None)
    unsure = first is None or bool(first.doubts)
    for pen in ([] if first is None else [_width(first.ink)]) + [USUAL_PEN * WORKING_SIDE] * unsure:
        found = _look(picture, pen)
        if found is None or found.doubts:
            continue
        if _is_there(found, first) or _is_there(found, _look(picture, _width(found.ink))):
            return found
    return first


def _is_there(one: Found, other: Found | None) -> bool:
    """Whether another look has found a digit in the same place."""
    return other is not None and max(np.abs(np.subtract(one.box, other.box))) <= SAME


def _look(picture: Floats, pen: float | None) -> Found | None:
    """What is found in a picture of working size; `pen` is the width of its stroke in pixels, if it is known."""
    ink, clear = _ink(picture, pen)
    if ink is None:
        return None
    lined, bare = ink, without_lines(ink)
    ink = _whole(bare)
    things = _things(ink)
    if not things:
        return None
    largest = things[0]
    doubts = [] if clear else ["the ink hardly stands out of the paper"]
    if any(thing.size > RIVAL * largest.size for thing in things[1:] if thing.at_edge <= largest.at_edge):
        doubts.append("there are several things as large; --box LEFT,TOP,WIDTH,HEIGHT names one")
    if largest.at_edge:
        doubts.append("it touches the edge of the picture")
    if _cut(lined, ink, largest) > CUT:
        doubts.append("lines as strong as its stroke were taken out of it; a thicker pen would stand out")
    if _paler_beside(ink, largest) > PALER:
        doubts.append("there is paler ink beside it that may be its own")
    left, top, wide, high = largest.box
    own = np.where(largest.mask, ink, 0)[top : top + high, left : left + wide]
    if _width(own) > BLOT * max(wide, high):
        doubts.append("it is as broad as a blot; --box LEFT,TOP,WIDTH,HEIGHT says where the digit is")
    if _softness(np.where(largest.mask, bare, 0)[top : top + high, left : left + wide]) > BLURRED:
        doubts.append("it is blurred by as much as its stroke is wide; a steadier picture would be clearer")
    grey = np.rint(picture.mean(axis=2)).astype(np.uint8)
    return Found(_thick_enough(_clear(own)), tuple(doubts), grey, largest.box)


def _clear(ink: Floats) -> Floats:
    """Ink without the haze beside it; where its edge is, half of the strongest, it stays."""
    return np.asarray(np.clip((ink - INK) * CLEARER + INK, 0, 1), np.float32)


def _softness(ink: Floats) -> float:
    """How much of it is neither ink nor sheet, as a share of what is ink."""
    return float(((ink > SOFT[0]) & (ink < SOFT[1])).sum() / max(1, (ink > INK).sum()))


def _paler_beside(ink: Floats, thing: _Thing) -> float:
    """How much paler ink is near a thing that counts as none of it, as a share of its own."""
    strong = (thing.mask & (ink > INK)).astype(np.uint8)
    reach = 2 * int(BESIDE * max(thing.box[2:])) + 1
    near, edge = (cv2.dilate(strong, np.ones((side, side), np.uint8)) > 0 for side in (reach, 3))
    return float(ink[near & ~edge & (ink > PALE)].sum() / thing.mass)


def _thick_enough(ink: Floats) -> Floats:
    """A thin pen's stroke made as thick as a thin one of MNIST's: a network has never seen one that is thinner."""
    lacking = THINNEST * max(ink.shape) - _width(ink)
    side = 2 * int(lacking / 2) + 1
    if side < 3:
        return ink
    wider = np.pad(ink, side // 2)
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate(wider, pen), np.float32)


def _width(ink: Floats) -> float:
    """How wide its strokes are, in pixels: of a long one the area is half its outline times that."""
    there = (ink > INK).astype(np.uint8)
    outlines, _ = cv2.findContours(there, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    around: float = sum(cv2.arcLength(outline, True) for outline in outlines)
    return 2 * float(there.sum()) / max(around, 1.0)


def _whole(ink: Floats) -> Floats:
    """Ink with what becomes paler for a while as strong as the rest: under a lamp's reflection, say.

    Such a stretch is as wide as the pen, and the ink that it goes on from becomes pale before: a ring, a stamp or a
    line that is crossed reaches full ink, and a shadow is wider.
    """
    strong, width = (ink > INK).astype(np.uint8), _width(ink)
    pale = ((ink > PALE) & (cv2.dilate(strong, np.ones((3, 3), np.uint8)) == 0)).astype(np.uint8)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(pale, connectivity=8)
    made = ink.copy()
    for label in np.argsort(-boxes[1:, cv2.CC_STAT_AREA])[:MOST_PIECES] + 1:
        if _goes_on(own := labels == label, ink, width):
            near = _within(own, 2)
            level = float(np.percentile(ink[own], 75))
            made[near] = np.maximum(ink[near], np.minimum(ink[near] / level, 1))
    return made


def _goes_on(stretch: Bools, ink: Floats, width: float) -> bool:
    """Whether a pale stretch is a part of a stroke of that width."""
    wide = 2 * float(cv2.distanceTransform(stretch.astype(np.uint8), cv2.DIST_L2, 3).max())
    if not GOES_ON[0] * width < wide < GOES_ON[1] * width:
        return False
    beside = ink[_within(stretch, max(3, round(width))) & (ink > INK)]
    return bool(beside.size and np.median(beside) < SOFT[1])


def _within(place: Bools, pixels: int) -> Bools:
    side = 2 * pixels + 1
    return np.asarray(cv2.dilate(place.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def _at_working_size(picture: Floats) -> Floats:
    high, wide = picture.shape[:2]
    scale = WORKING_SIDE / max(high, wide)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    return np.asarray(np.clip(cv2.resize(picture, size, interpolation=how), 0, 255), np.float32)


def _ink(picture: Floats, pen: float | None) -> tuple[Floats | None, bool]:
    """How much ink is in each pixel, 1 for the strongest, and whether it stands out clearly."""
    apart = _without_coloured_lines(_apart(picture, _sheet(picture, pen)))
    strong = float(np.percentile(np.abs(apart).max(axis=2), 99))
    if strong < FAINTEST:
        return None, False
    likeness = _along_the_ink(apart)
    low, middle = np.percentile(likeness, (16, 50))
    grain = float(middle - low)  # one deviation, on the side where there is neither ink nor a ruled line
    top = _strength(likeness)
    if top < max(FAINTEST, NOISE_TIMES / 2 * grain):
        return None, False
    return np.clip(likeness / top, 0, 1), top > max(FAINT, NOISE_TIMES * grain)


def _apart(picture: Floats, sheet: Floats) -> Floats:
    """How far each channel is from the sheet, as a share of what there is to black (below 0: to white)."""
    darker = (sheet - picture) / np.maximum(sheet, 24)
    # The grain of a white sheet is not to be made larger.
    lighter = (sheet - picture) / np.maximum(255 - sheet, 96)
    return np.where(picture <= sheet, darker, lighter).astype(np.float32)


def _without_coloured_lines(apart: Floats) -> Floats:
    """The difference from the sheet without what lines of another colour than the ink's make of it.

    Each pixel is so much of the lines' colour and so much of the ink's: a stroke stays whole where it crosses a
    line, or runs along one.
    """
    size = np.linalg.norm(apart, axis=2)
    there = (size > LINE_INK * np.percentile(size, 99)).astype(np.uint8)
    lines = long_lines(there) | long_lines(there.T).T
    beside = (there > 0) & (cv2.dilate(np.ascontiguousarray(lines), np.ones((3, 3), np.uint8)) == 0)
    if not (lines & there).any() or not LEAST_BESIDE < beside.mean() < MOST_BESIDE:
        return apart
    strong = beside & (size >= np.percentile(size[beside], 50))
    line, ink = np.median(apart[(lines & there) > 0], axis=0), np.median(apart[strong], axis=0)
    lengths = np.linalg.norm(line), np.linalg.norm(ink)
    if lengths[1] < lengths[0] or abs(line @ ink) > ALIKE * lengths[0] * lengths[1]:
        return apart  # what is paler than the lines is a rest of them
    shares = np.maximum(apart @ np.linalg.pinv(np.stack([line, ink])), 0)
    return np.asarray(shares[..., 1:] * ink, np.float32)


def _along_the_ink(apart: Floats) -> Floats:
    """The difference from the sheet in the direction of the ink's own colour: what has another colour counts less."""
    size = np.linalg.norm(apart, axis=2)
    strongest = size >= np.percentile(size, 98.5)
    colour = np.median(apart[strongest], axis=0)
    return np.asarray(apart @ colour / max(float(np.linalg.norm(colour)), 1e-6), np.float32)


def _strength(likeness: Floats) -> float:
    """What counts as full ink: the middle of what is clearly ink."""
    high = likeness[likeness > 0.5 * np.percentile(likeness, 99.7)]
    return float(np.percentile(high, 60)) if high.size else 0.0


def _sheet(picture: Floats, pen: float | None = None) -> Floats:
    """The picture without what is written on it: first by closing over strokes, then by the mean of what is bare."""
    grey = picture.mean(axis=2)
    width = int(STROKE * math.sqrt(grey.size) if pen is None else STROKES * pen) | 1
    reach = SHADE[0] * max(grey.shape) if pen is None else SHADE[1] * pen
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (width, width))
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0)
    how = cv2.MORPH_CLOSE if _is_dark_on_light(grey) else cv2.MORPH_OPEN
    rough = cv2.morphologyEx(smooth, how, kernel, borderType=cv2.BORDER_REFLECT)
    away = np.abs(_apart(smooth, rough)).max(axis=2)
    limit = max(0.25 * float(np.percentile(away, 99)), FAINTEST)
    bare = cv2.erode((away < limit).astype(np.float32), np.ones((5, 5)))
    return _mean_of(picture, bare, reach, rough)


def _mean_of(picture: Floats, bare: Floats, reach: float, rough: Floats) -> Floats:
    """The mean of the bare pixels around each, nearer ones counting more; where none is near, the rough guess."""
    weight = cv2.GaussianBlur(bare, (0, 0), reach)
    total = cv2.GaussianBlur(picture * bare[..., None], (0, 0), reach)
    share = np.clip(weight / 0.05, 0, 1)[..., None]
    return np.asarray(share * total / np.maximum(weight, 1e-3)[..., None] + (1 - share) * rough, np.float32)


def _is_dark_on_light(grey: Floats) -> bool:
    """Whether what stands out of its surroundings is darker than they are; the sheet is the larger part."""
    small = cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA)
    around = cv2.blur(small, (41, 41), borderType=cv2.BORDER_REFLECT)
    apart = np.sort((small - around).ravel())
    return bool(-apart[: apart.size // 25].mean() >= apart[-apart.size // 25 :].mean())


def _cut(lined: Floats, ink: Floats, thing: _Thing) -> float:
    """How much strong ink went with the lines where a thing is, as a share of what is left of it."""
    left, top, wide, high = thing.box
    place = np.s_[top : top + high, left : left + wide]
    gone = (lined[place] > INK) & (ink[place] <= INK)
    return float(gone.sum() / max(1, ((ink > INK) & thing.mask).sum()))


@dataclass(frozen=True, eq=False)
class _Thing:
    """Something written: its pixels, how much ink they hold, and its box."""

    mask: Bools
    mass: float
    box: tuple[int, int, int, int]  # left, top, width, height
    at_edge: bool
    size: float  # how large it looks, smaller where it leaves the picture


def _things(ink: Floats) -> list[_Thing]:
    """What is written, the largest first: pieces of ink, those that are near one another taken together.

    Together they are as large as the largest of them: a notebook's holes in a row, or a word's letters, are no digit.
    """
    pieces = _pieces((ink > INK).astype(np.uint8), ink)
    if not pieces:
        return []
    reach = max(3, int(NEAR * pieces[0].box[3])) | 1
    clean = np.logical_or.reduce([piece.mask for piece in pieces])
    linked = cv2.dilate(clean.astype(np.uint8), np.ones((reach, reach), np.uint8))
    things = []
    for thing in _pieces(linked, np.where(clean, ink, 0)):
        largest = max(piece.size for piece in pieces if thing.mask.flat[piece.mask.argmax()])
        things.append(replace(thing, size=min(thing.size, largest)))
    return sorted(things, key=lambda thing: -thing.size)


def _pieces(mask: Bytes, ink: Floats) -> list[_Thing]:
    """The connected pieces of a mask, the largest first; of very many only those with the most ink."""
    count, labels = cv2.connectedComponents(mask, connectivity=8)
    masses = np.bincount(labels.ravel(), ink.ravel(), minlength=count)
    most = [int(label) for label in np.argsort(-masses, kind="stable")[: MOST_PIECES + 1] if label]
    pieces = [piece for label in most if (piece := _piece(labels == label, ink)) is not None]
    pieces.sort(key=lambda piece: -piece.size)
    return [piece for piece in pieces if piece.mass > SPECK * pieces[0].mass]


def _piece(own: Bools, ink: Floats) -> _Thing | None:
    high, wide = own.shape
    rows, columns = np.nonzero(own & (ink > INK))
    if not rows.size:
        return None
    left, top = int(columns.min()), int(rows.min())
    right, bottom = int(columns.max()) + 1, int(rows.max()) + 1
    edge = left == 0 or top == 0 or right == wide or bottom == high
    mass, long = float(ink[own].sum()), max(right - left, bottom - top)
    size = math.sqrt(mass) * long * (AT_EDGE if edge else 1.0)
    return _Thing(own, mass, (left, top, right - left, bottom - top), edge, size)
