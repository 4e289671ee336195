"""Ruled lines in a photograph: squared and lined paper, the frames of forms; thin, straight, longer than any stroke."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]  # of float32
Bytes = NDArray[Any]  # of uint8
Bools = NDArray[np.bool_]

LINE: Final = 0.6  # of a side: no stroke of a digit is as long and straight, and thin
LINE_INK: Final = 0.15  # of the strongest: a ruled line has more
STRONGER: Final = 1.3  # times a line's ink: more is a stroke that crosses it
STUB: Final = 3  # pixels: what is farther from a line is no rest of it
PARTS: Final = 8  # of a line
COVERED: Final = 0.4  # of three parts in four: a stroke and dots that happen to lie in a row cover less
SHORT: Final = 0.3  # of a side: pieces of lines that are no longer
THIN: Final = 0.03  # of the longer side: no ruled line is thicker
INK: Final = 0.5  # of the strongest: more is ink


def without_lines(ink: Floats) -> Floats:
    """The ink without the lines of ruled paper and of frames: thin, straight, and longer than any stroke."""
    there = (ink > LINE_INK).astype(np.uint8)
    both = long_lines(there), np.ascontiguousarray(long_lines(there.T).T)
    lines = both[0] | both[1]
    strong = _stronger(ink, both[0]) | _stronger(ink.T, both[1].T).T
    lines[strong & _reaches(strong, (ink > INK) & (lines == 0))] = 0
    if not lines.any():
        return ink
    left = np.where(lines > 0, 0, ink).astype(np.float32)
    if (left > INK).sum() < 0.002 * ink.size:
        return ink  # a one, or a minus: what is written is itself a line
    return _without_stubs(left, *both)


def _stronger(ink: Floats, lines: Bytes) -> Bools:
    """Where horizontal lines are crossed by ink that is clearly stronger than the line itself: a stroke.

    What is short may be a piece of a stroke that runs along a line: it is held against all lines together.
    """
    strong = np.zeros(ink.shape, bool)
    usual = _level(ink, lines > 0)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(lines), connectivity=8)
    for label in range(1, count):
        left, wide = boxes[label, cv2.CC_STAT_LEFT], boxes[label, cv2.CC_STAT_WIDTH]
        own = labels == label
        level = float(np.percentile(np.where(own, ink, 0).max(axis=0)[left : left + wide], 40))
        if wide <= SHORT * ink.shape[1]:
            level = min(usual, level)
        strong |= own & (ink > max(INK, STRONGER * level))
    return strong


def _reaches(strong: Bools, written: Bools) -> Bools:
    """Whatever is connected with something that is written: not a line's own darker places."""
    _, labels = cv2.connectedComponents((strong | written).astype(np.uint8), connectivity=8)
    return np.asarray(np.isin(labels, np.setdiff1d(labels[written], 0)))


def _level(ink: Floats, place: Bools) -> float:
    """How strong lines are, in the middle."""
    there = ink[place & (ink > LINE_INK)]
    return float(np.median(there)) if there.size else 1.0


def _without_stubs(ink: Floats, across: Bytes, down: Bytes) -> Floats:
    """What is left of lines, before and behind them, goes where the pen was thicker than the lines."""
    there = (ink > INK).astype(np.uint8)
    thick = cv2.morphologyEx(there, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if thick.sum() < 0.75 * there.sum():
        return ink
    (high, wide), reach = ink.shape, 2 * STUB + 1
    along = (
        cv2.dilate(across, np.ones((reach, 2 * wide + 1), np.uint8)),
        cv2.dilate(down, np.ones((2 * high + 1, reach), np.uint8)),
    )
    far = (along[0] | along[1]) == 0
    return np.where(far | (cv2.dilate(thick, np.ones((3, 3), np.uint8)) > 0), ink, 0).astype(np.float32)


def long_lines(there: Bytes) -> Bytes:
    """Pixels of thin horizontal lines, a little slanted ones too, but not where a stroke crosses them."""
    wide = there.shape[1]
    thick = max(2, round(THIN * max(there.shape)))
    joined = cv2.morphologyEx(there, cv2.MORPH_CLOSE, np.ones((1, 9), np.uint8))
    thin = joined & ~cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((thick + 1, 1), np.uint8))
    found = np.zeros_like(there)
    length = int(LINE * wide)
    if int((thin.any(axis=0)).sum()) < length // 2:
        return found  # nothing that is thin reaches as far
    bridged = cv2.dilate(thin, np.ones((3, 1), np.uint8))
    bridged = cv2.morphologyEx(bridged, cv2.MORPH_CLOSE, np.ones((1, wide // 5 | 1), np.uint8))
    for slant in np.linspace(-0.18, 0.18, 19):
        found |= cv2.morphologyEx(bridged, cv2.MORPH_OPEN, _slanted(length, slant))
    around = cv2.dilate(_covered(found, there), np.ones((3, 3), np.uint8))
    return np.asarray(around & cv2.dilate(thin, np.ones((3, 1), np.uint8)), np.uint8)


def _covered(lines: Bytes, there: Bytes) -> Bytes:
    """Those of the horizontal lines along which there is something nearly everywhere."""
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    near = cv2.dilate(there, np.ones((3, 1), np.uint8))
    kept = np.zeros_like(lines)
    for label in range(1, count):
        left, wide = boxes[label, cv2.CC_STAT_LEFT], boxes[label, cv2.CC_STAT_WIDTH]
        own = labels[:, left : left + wide] == label
        covered = (own & (near[:, left : left + wide] > 0)).any(axis=0)
        shares = [part.mean() for part in np.array_split(covered, min(PARTS, wide))]
        if np.percentile(shares, 25) > COVERED:
            kept[:, left : left + wide] |= own
    return kept


def _slanted(length: int, slant: float) -> Bytes:
    """A line of so many pixels, rising or falling by `slant` a pixel."""
    rise = round(slant * length)
    kernel = np.zeros((abs(rise) + 1, length), np.uint8)
    start, end = (0, max(-rise, 0)), (length - 1, max(rise, 0))
    cv2.line(kernel, start, end, 1, 1)
    return kernel
