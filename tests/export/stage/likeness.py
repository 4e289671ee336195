"""How alike two pictures are, and a canvas as a picture."""

from __future__ import annotations

import base64
import io
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

LEAST_SIMILARITY = 0.97


def picture_of(url: str) -> NDArray[np.uint8]:
    """(H, W, 3) sRGB of a PNG as a data URL."""
    content = base64.b64decode(url.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def similarity(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean structural similarity of two pictures' grey (Wang et al. 2004, Gaussian window of 1.5 pixels)."""
    a, b = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64) for picture in (one, other))

    def near(picture: Any) -> Any:
        return cv2.GaussianBlur(picture, (11, 11), 1.5)

    mean_a, mean_b = near(a), near(b)
    spread_a, spread_b = near(a * a) - mean_a**2, near(b * b) - mean_b**2
    both = near(a * b) - mean_a * mean_b
    first, second = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    map_ = (2 * mean_a * mean_b + first) * (2 * both + second)
    map_ /= (mean_a**2 + mean_b**2 + first) * (spread_a + spread_b + second)
    return float(map_.mean())
