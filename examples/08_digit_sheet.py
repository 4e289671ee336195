"""A contact sheet of the built-in digits: ten rows of twenty, each row one digit.

    python examples/08_digit_sheet.py [SEED]

writes output/digits.png.  No two are alike, and the same seed always gives the same sheet.
"""

from __future__ import annotations

import sys
from pathlib import Path

import imageio.v3 as imageio
import numpy as np

from mnistviz.data.digits import digits

COLUMNS = 20
ENLARGED = 2  # times


def sheet(seed: int) -> np.ndarray:
    """The first twenty of each digit of that seed, (560, 1120)."""
    pictures, labels = digits(1000, seed)
    rows = [np.hstack(pictures[labels == digit][:COLUMNS]) for digit in range(10)]
    return np.vstack(rows).repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)


if __name__ == "__main__":
    path = Path("output/digits.png")
    path.parent.mkdir(exist_ok=True)
    imageio.imwrite(path, sheet(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    print(f"see {path}")
