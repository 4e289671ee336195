"""A user's own picture made into one like MNIST's: ink light on dark, 20x20, centred by mass in 28x28.

How MNIST was made: https://yann.lecun.com/exdb/mnist/ (normalised to 20x20 with its shape kept, then
placed so that its centre of mass is in the middle of 28x28).
"""

from __future__ import annotations

import io
import re
import struct
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
LONGEST: Final = 65_535  # pixels, as in a JPEG; Pillow takes memory for each row
MEMORY_LIMIT: Final = 52_000_000  # bytes; the file, and what a decoder holds at a time
ROW_OVERHEAD: Final = 16  # bytes that Pillow keeps for each row, whatever is in it
SCANNED_LIMIT: Final = 1_000_000_000  # samples; a second of decoding, for scans that tell nothing
TEXT_LIMIT: Final = 16  # packed texts in a PNG, each may take a MiB
STRIP: Final = 32  # rows of a strip, once it is smaller
WORKING_SIDE: Final = 512  # pixels; larger pictures are made smaller first
INK: Final = 0.35  # of the way from the ground to the strongest ink: more is ink
FAINTEST: Final = 24  # grey levels between ground and ink
# What Pillow raises on pictures that are none, on the way to its pixels or to what is said beside them.
DAMAGE: Final = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, OverflowError, struct.error,
)  # fmt: skip


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
            warnings.simplefilter("ignore")  # of what is beside the picture
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if content.count(b"zTXt") + content.count(b"iTXt") > TEXT_LIMIT:
                raise InputError("holds more texts than a picture has", path, "save it without them")
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
                width, height = image.size
                limit = PIXEL_LIMITS["PNG" if image.format == "PNG" else "JPEG"]
                if width * height > limit or max(width, height) > LONGEST:
                    raise InputError(f"has {width:,} x {height:,} pixels", path, "make it smaller")
                scanned = _check_scans(image, content, path)
                image.draft("L", (2 * WORKING_SIDE, 2 * WORKING_SIDE))
                pixel = 1 if image.mode in ("1", "L", "P") else 4  # bytes
                held = (image.width * pixel + ROW_OVERHEAD) * image.height
                if held + 2 * scanned + len(content) > MEMORY_LIMIT:
                    raise InputError(
                        f"takes too much memory, {width:,} x {height:,}", path, "make it smaller"
                    )
                image.load()
                return _flattened(_reduced(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InputError("has too many pixels", path, "make it smaller") from None
    except UnidentifiedImageError:
        raise InputError("is no PNG or JPEG picture", path, "save it as one") from None
    except DAMAGE:
        raise InputError("is a damaged picture", path, "save it again") from None


def _check_scans(image: Image.Image, content: bytes, path: Path) -> int:
    """How many samples a JPEG of several scans keeps until the last of them; 0 for any other picture.

    Each scan goes over all of them, however little it says, so a small file can be years of work:
    https://libjpeg-turbo.org/pmwiki/uploads/About/TwoIssueswiththeJPEGStandard.pdf
    """
    layers = getattr(image, "layer", None)
    if not layers:
        return 0
    starts = [scan.start() for scan in re.finditer(b"\xff\xda", content)]
    alone = any(content[start + 4 : start + 5] < bytes([len(layers)]) for start in starts)
    if not alone and not image.info.get("progressive"):
        return 0
    finest = max(across * down for _, across, down, _ in layers) or 1
    shares = sum(across * down / finest for _, across, down, _ in layers)
    samples = int(image.width * image.height * shares)
    if samples * len(starts) > SCANNED_LIMIT:
        raise InputError(
            f"is told in {len(starts):,} scans", path, "save it again, not as a progressive JPEG"
        )
    return samples


def _reduced(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be scaled, large ones by a whole number of times smaller.

    That is done in strips: to convert a large picture would take its memory twice.
    """
    times = max(image.size) // (2 * WORKING_SIDE)
    if times < 2:
        return _scalable(image)
    rows = times * STRIP
    tops = range(0, image.height, rows)
    boxes = [(0, top, image.width, min(top + rows, image.height)) for top in tops]
    strips = [_scalable(image.crop(box)).reduce(times) for box in boxes]
    whole = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    for place, strip in enumerate(strips):
        whole.paste(strip, (0, place * STRIP))
    whole.info = strips[0].info
    return whole


def _scalable(image: Image.Image) -> Image.Image:
    if image.mode in ("1", "P", "LA", "PA"):
        return image.convert("RGBA")
    if image.mode.startswith("I"):  # 16 bits
        return image.convert("I").convert("F")
    return image


def _flattened(image: Image.Image) -> NDArray[np.float64]:
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
