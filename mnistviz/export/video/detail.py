"""How much there is in pictures: what has few edges comes out finer than it must, and that is not paid for.

At the same crf the error of a picture goes with the length of its edges: twice as many, 3 dB less.  So the
pictures with the most edges set the crf, and the others may be coarser by a share of what they have beyond.
That is a guess: the encoder then says how near it came, and what falls below the floor is encoded again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

EDGE = 8  # codes from a pixel to the next that are an edge
MOST_EDGES = 0.072  # share of the pixels that are edges, in the fullest pictures of the default film at 1080p
FLOOR = 45.02  # decibels of luma, of any picture that was encoded
DECIBELS_A_CRF = 0.85  # or more, where something moves
FINER, COARSER = -0.5, 3.5  # limits, in crf; small pictures are full of edges, and all at the finer one
MOST_AGAIN = 4.0  # that is taken back of the crf, at most
_PSNR = re.compile(r"\bPSNR= *(\d+\.\d+)")


def edge_share(luma: NDArray[np.uint8]) -> float:
    """The share of the pixels of a picture (H, W) that differ much from the one beside them."""
    steps = cv2.absdiff(luma[:, 1:], luma[:, :-1])
    return float(cv2.countNonZero(cv2.threshold(steps, EDGE, 255, cv2.THRESH_BINARY)[1])) / luma.size


def coarser_by(shares: Iterable[float], ease: float) -> float:
    """What may be added to the crf of pictures with these shares of edges; `ease`: the share of their room to take."""
    decibels = 10 * math.log10(MOST_EDGES / max(1e-6, *shares))
    return round(min(COARSER, max(FINER, ease * decibels)), 1)


def finer_again(coarser: float, statistics: Path) -> float | None:
    """What is to be added to the crf instead, where a picture fell below the floor; None where none did.

    Where the encoder says nothing, the guess stands.
    """
    try:
        worst = min(map(float, _PSNR.findall(statistics.read_text("ascii", "replace"))), default=FLOOR)
    except OSError:
        return None
    if worst >= FLOOR or coarser <= FINER:
        return None
    return round(coarser - min(MOST_AGAIN, (FLOOR - worst) / DECIBELS_A_CRF + 0.15), 1)
