"""Golden pictures: what was painted once and looked at, against what is painted now.

OpenCV's warps and FreeType's glyphs differ by a little across processors, so equal means: no more than
one pixel in 200 differs by more than 12 of 255, and the mean difference is at most 0.3.
"""

from __future__ import annotations

from pathlib import Path

import imageio.v3 as imageio
import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parents[1] / "golden"
STEP, SHARE, MEAN = 12, 1 / 200, 0.3
CURE = "look at it, and accept it with: pytest tests/picture/test_golden.py --update-goldens"


def compare(name: str, painted: NDArray[np.uint8], folder: Path = FOLDER, update: bool = False) -> None:
    """Raises `AssertionError` where the picture is not the golden one of that name.

    The two and their difference are then side by side in the folder `failed`.
    """
    file = folder / f"{name}.png"
    if update:
        folder.mkdir(parents=True, exist_ok=True)
        imageio.imwrite(file, painted)
        return
    assert file.is_file(), f"there is no {file}; {CURE}"
    golden = imageio.imread(file)
    if golden.shape != painted.shape:
        _keep(folder, name, painted)
        raise AssertionError(f"{name} is {painted.shape[1::-1]}, it was {golden.shape[1::-1]}; {CURE}")
    apart = np.abs(golden.astype(np.int16) - painted).max(axis=2)
    share, mean = float((apart > STEP).mean()), float(apart.mean())
    if share > SHARE or mean > MEAN:
        loud = np.repeat(np.minimum(apart * 4, 255).astype(np.uint8)[..., None], 3, axis=2)
        kept = _keep(folder, name, np.concatenate([golden, painted, loud], axis=1))
        raise AssertionError(
            f"{name} differs from its golden picture: {share:.2%} of its pixels by more than {STEP}, "
            f"{mean:.2f} on average; golden, painted and difference are in {kept}; {CURE}"
        )


def _keep(folder: Path, name: str, picture: NDArray[np.uint8]) -> Path:
    kept = folder / "failed" / f"{name}.png"
    kept.parent.mkdir(parents=True, exist_ok=True)
    imageio.imwrite(kept, picture)
    return kept
