"""A user's own picture made into one like MNIST's: ink light on dark, 20x20, centred by mass in 28x28.

How MNIST was made: https://yann.lecun.com/exdb/mnist/ (normalised to 20x20 with its shape kept, then
placed so that its centre of mass is in the middle of 28x28).
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnistviz.data.files import read_at_most
from mnistviz.errors import InputError

Orientation = Literal["upright", "clockwise"]

SIDE: Final = 28  # pixels
BOX: Final = 20  # pixels; the longer side of the ink
FILE_LIMIT: Final = 24 * 2**20  # bytes
PIXEL_LIMITS: Final = {"PNG": 9_000_000, "JPEG": 25_000_000}  # a JPEG is made smaller while it is read
WORKING_SIDE: Final = 512  # pixels; larger pictures are made smaller first
INK: Final = 0.35  # of the way from the ground to the strongest ink: more is ink
FAINTEST: Final = 24  # grey levels between ground and ink


def turned(pictures: NDArray[np.uint8], orientation: Orientation) -> NDArray[np.uint8]:
    """Pictures (..., rows, columns) as they are fed in: upright, or turned 90 degrees clockwise."""
    if orientation == "upright":
        return pictures
    return np.ascontiguousarray(np.rot90(pictures, -1, axes=(-2, -1)))


def read_picture(path: Path) -> NDArray[np.uint8]:
    """The digit in a PNG or JPEG of any size, as a 28x28 picture, light on dark.

    Raises `InputError` where it is no picture, far too large, or shows nothing.
    """
    grey = _read_grey(path)
    ground = np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
    ink = np.abs(grey - ground)
    strongest = np.percentile(ink, 99.9) if ink.size > 10_000 else ink.max()
    if strongest < FAINTEST:
        raise InputError("shows no digit", path, "draw it dark on light, or light on dark")
    ink = np.clip(ink / strongest, 0, 1)
    return _placed(_cropped(np.where(ink > INK, ink, ink * (ink / INK)), INK))


def _read_grey(path: Path) -> NDArray[np.float64]:
    """Grey levels 0..255 of the picture, upright, on white where it is transparent, not too large."""
    content = read_at_most(path, FILE_LIMIT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
                width, height = image.size
                if width * height > PIXEL_LIMITS[image.format or "PNG"]:
                    raise InputError(f"has {width:,} x {height:,} pixels", path, "make it smaller")
                image.draft("L", (2 * WORKING_SIDE, 2 * WORKING_SIDE))
                image.load()
                return _flattened(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InputError("has too many pixels", path, "make it smaller") from None
    except UnidentifiedImageError:
        raise InputError("is no PNG or JPEG picture", path, "save it as one") from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, OverflowError):
        raise InputError("is a damaged picture", path, "save it again") from None


def _flattened(image: Image.Image) -> NDArray[np.float64]:
    if image.mode in ("1", "P", "LA", "PA"):
        image = image.convert("RGBA")  # modes that cannot be scaled smoothly
    elif image.mode.startswith("I"):
        image = image.convert("I").convert("F")  # 16 bits
    image.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX, reducing_gap=1.0)
    image = ImageOps.exif_transpose(image)
    if image.mode == "F":
        deep = np.asarray(image, np.float64)
        return deep / max(float(deep.max()), 1.0) * 255
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        opacity = np.asarray(clear.getchannel("A"), np.float64) / 255
        grey = np.asarray(clear.convert("RGB").convert("L"), np.float64)
        visible = grey[opacity > 0.5]
        light = visible.size and visible.mean() > 127  # light ink is meant for a dark ground
        ground = 0.0 if light else 255.0
        return grey * opacity + ground * (1 - opacity)
    return np.asarray(image.convert("L"), np.float64)


def _cropped(ink: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    rows, columns = np.nonzero(ink > threshold)
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _placed(ink: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The ink scaled into 20x20 and laid into 28x28 with its centre of mass in the middle."""
    scale = BOX / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    grey = Image.fromarray(np.rint(ink * 255).astype(np.uint8))
    how = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    small = np.asarray(grey.resize((width, height), how))
    mass = max(float(small.sum()), 1.0)
    top = _start(float((small.sum(axis=1) @ np.arange(height)) / mass), height)
    left = _start(float((small.sum(axis=0) @ np.arange(width)) / mass), width)
    picture = np.zeros((SIDE, SIDE), np.uint8)
    picture[top : top + height, left : left + width] = small
    return picture


def _start(centre: float, length: int) -> int:
    """Where to begin so that `centre` comes to pixel 14, as in MNIST, as far as nothing sticks out."""
    return min(max(round(SIDE / 2 - centre), 0), SIDE - length)
