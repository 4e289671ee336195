"""How much there is in pictures, and how much of it moves: what has little comes out finer than it must.

At the same crf the error of a picture goes with the length of its edges: twice as many, 3 dB less; and it
grows with the part of the screen that moves.  What is left above the floor is not paid for, or a share of it.
That is a guess, and a careful one: the encoder then says how near it came, and what falls below the floor is
painted and encoded once more, from its key frame to the next.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import DisplayList, Primitive
from mnistviz.picture.fonts import bounds

EDGE = 8  # codes from a pixel to the next that are an edge
MOST_EDGES = 0.072  # share of the pixels that are edges, in the fullest pictures of the default film at 1080p
FLOOR = 45.02  # decibels of luma, of any picture that was encoded
ROOM = 0.4  # decibels above the floor, and above a doubt, that the fullest pictures keep where nothing moves
MOVING = 7.3  # decibels that the worst picture has less where all of the screen moves all the time
# Decibels that the worst picture has more where so little moves that most of it stays as its key frame was, and the
# shares of the screen that move where that is all so, and where it is not so any more.
KEPT, STILL, STIRRED = 1.2, 0.05, 0.09
GRID = 36, 64  # rows and columns of the screen, to say how much of it moves
DECIBELS_A_CRF = 0.85  # or more, where something moves
FINER, COARSER = -1.2, 5.5  # limits, in crf; small pictures are full of edges, and all at the finer one
# Pixels of the shorter side from which that is another one: few have so many edges.
LARGE, FINEST = 1000, -3.2
MOST_AGAIN = 4.0  # that is taken back of the crf, at most
APART = 0.6  # more of that where other pictures follow, which the encoder does not see the second time
_LEVEL = re.compile(r"\bq= *(\d+\.\d+)")
_PSNR = re.compile(r"\bPSNR= *(\d+\.\d+)")


def edge_share(luma: NDArray[np.uint8]) -> float:
    """The share of the pixels of a picture (H, W) that differ much from the one beside them."""
    steps = cv2.absdiff(luma[:, 1:], luma[:, :-1])
    return float(cv2.countNonZero(cv2.threshold(steps, EDGE, 255, cv2.THRESH_BINARY)[1])) / luma.size


def moved_share(before: DisplayList, after: DisplayList) -> float:
    """The share of the screen on which something comes, goes or changes between two display lists."""
    touched = np.zeros(GRID, np.bool_)
    across, down = GRID[1] / after.size[0], GRID[0] / after.size[1]
    for part in (
        *_others(after.primitives, before.primitives),
        *_others(before.primitives, after.primitives),
    ):
        left, top, right, bottom = (max(0.0, side) for side in bounds(part))
        touched[round(top * down) : round(bottom * down), round(left * across) : round(right * across)] = True
    return float(touched.mean())


def _others(parts: Sequence[Primitive], than: Sequence[Primitive]) -> Iterator[Primitive]:
    """The parts that are not among others, nor equal to one at the same place from the start or from the end."""
    known = set(map(id, than))
    shift = len(than) - len(parts)
    for place, part in enumerate(parts):
        if id(part) not in known and not any(
            0 <= other < len(than) and than[other] == part for other in (place, place + shift)
        ):
            yield part


def finest(size: tuple[int, int]) -> float:
    """The least that is added to the crf of pictures of that size, at a guess."""
    return FINEST if min(size) >= LARGE else FINER


def mended_above(size: tuple[int, int]) -> float:
    """What must be added to the crf, at least, for pictures of that size to be mended: large ones always are."""
    return -math.inf if min(size) >= LARGE else FINER


def coarser_by(shares: Iterable[float], moving: float, ease: float, least: float = FINER) -> float:
    """What may be added to the crf of pictures with these shares of edges, of which so much moves in the mean.

    `ease` is the share of their room to take, `least` the limit of what is taken away.
    """
    room = ROOM + 10 * math.log10(MOST_EDGES / max(1e-6, *shares)) - MOVING * moving
    room += KEPT * min(1.0, max(0.0, (STIRRED - moving) / (STIRRED - STILL)))
    crf = room / DECIBELS_A_CRF * (ease if room > 0 else 1)
    return round(min(COARSER, max(least, crf)), 1)


@dataclass(frozen=True)
class Mending:
    """A run of pictures from a key frame to the next that is encoded again, for one fell below the floor."""

    first: int  # of the pictures that were encoded
    end: int
    coarser: float  # what is added to the crf instead
    key_level: int | None = None  # quantiser of its key frame, where that is not left to the encoder

    def again(self, statistics: Path) -> tuple[Mending, ...]:
        """The same run, finer, where by what the encoder wrote of it a picture is below the floor still."""
        found = mendings(self.coarser, [0], statistics, -math.inf)
        return tuple(self._finer(one.coarser) for one in found)

    def _finer(self, coarser: float) -> Mending:
        level = self.key_level and max(1, self.key_level - math.ceil(self.coarser - coarser))
        return replace(self, coarser=coarser, key_level=level)


def mendings(
    coarser: float, keys: Sequence[int], statistics: Path, least: float = FINER
) -> tuple[Mending, ...]:
    """What is to be encoded again, from what the encoder wrote of each picture; `keys` are numbers of key frames.

    Where the encoder says nothing, or the guess was at its limit, that stands.
    """
    try:
        lines = statistics.read_text("ascii", "replace").splitlines()
    except OSError:
        return ()
    if coarser <= least:
        return ()
    near = [float(one[1]) if (one := _PSNR.search(line)) else math.inf for line in lines]
    found = []
    for first, end in pairwise([*keys, len(lines)]):
        if (worst := min(near[first:end], default=math.inf)) < FLOOR:
            less = min(MOST_AGAIN, (FLOOR - worst) / DECIBELS_A_CRF + 0.35)
            less += APART if end < len(lines) else 0.0
            level = _LEVEL.search(lines[first]) if first else None  # the encoder begins again as it began
            key_level = max(1, round(float(level[1]) - less)) if level else None
            found.append(Mending(first, end, round(coarser - less, 1), key_level))
    return tuple(found)


def in_one(found: Sequence[Mending], pictures: int) -> tuple[Mending, ...]:
    """All pictures in one run, as fine as the finest of those; none where there are none."""
    return (Mending(0, pictures, min(one.coarser for one in found)),) if found else ()
