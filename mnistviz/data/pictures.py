"""A user's own picture made into one like MNIST's: ink light on dark, 20x20, centred by mass in 28x28.

How MNIST was made: https://yann.lecun.com/exdb/mnist/ (normalised to 20x20 with its shape kept, then
placed so that its centre of mass is in the middle of 28x28).
"""

from __future__ import annotations

import io
import re
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnistviz.data.files import read_at_most
from mnistviz.data.photos import Found, find_digit
from mnistviz.errors import InputError

Orientation = Literal["upright", "clockwise"]
Box = tuple[int, int, int, int]  # left, top, width, height, in pixels of the picture as one sees it

SIDE: Final = 28  # pixels
FINER: Final = 8  # times: a pixel of the 28x28 is the mean of so many squared
INK_SIDE: Final = 20  # pixels; the longer side of the ink
FILE_LIMIT: Final = 24 * 2**20  # bytes
PIXEL_LIMITS: Final = {"PNG": 9_000_000, "JPEG": 64_000_000}  # a JPEG is made smaller while it is read
LONGEST: Final = 65_535  # pixels, as in a JPEG; Pillow takes memory for each row
MEMORY_LIMIT: Final = 52_000_000  # bytes; the file, and what a decoder holds at a time
ROW_OVERHEAD: Final = 16  # bytes that Pillow keeps for each row, whatever is in it
SCANNED_LIMIT: Final = 1_000_000_000  # samples; a second of decoding, for scans that tell nothing
TEXT_LIMIT: Final = 16  # packed texts in a PNG, each may take a MiB
STRIP: Final = 32  # rows of a strip, once it is smaller
WORKING_SIDE: Final = 512  # pixels; larger pictures are made smaller first
# What Pillow raises on pictures that are none, on the way to its pixels or to what is said beside them.
DAMAGE: Final = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, OverflowError, struct.error,
)  # fmt: skip


def turned(pictures: NDArray[np.uint8], orientation: Orientation) -> NDArray[np.uint8]:
    """Pictures (..., rows, columns) as they are fed in: upright, or turned 90 degrees clockwise."""
    if orientation == "upright":
        return pictures
    return np.ascontiguousarray(np.rot90(pictures, -1, axes=(-2, -1)))


@dataclass(frozen=True, eq=False)
class Photo:
    """The digit of a user's own picture, and what makes us unsure that it is what was meant."""

    picture: NDArray[np.uint8]  # (28, 28), light on dark
    found: Found  # what it was made from

    @property
    def doubts(self) -> tuple[str, ...]:
        """What makes us unsure of it, in words."""
        return self.found.doubts


def read_picture(path: Path, box: Box | None = None) -> Photo:
    """The digit in a PNG or JPEG of any size, however it was lit and whatever it was written on and with.

    `box` is the part of the picture, as one sees it, in which the digit is.  Raises `InputError` where it is
    no picture, far too large, or shows nothing.
    """
    found = find_digit(_boxed(_read_colours(path), box, path))
    if found is None:
        raise InputError("shows no digit", path, "draw it dark on light, or light on dark")
    return Photo(_placed(found.ink), found)


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A picture as one sees it, perhaps smaller than it was."""

    colours: NDArray[np.float32]  # (rows, columns, 3), 0..255
    size: tuple[int, int]  # width and height that it was made smaller from, in pixels


def _boxed(sheet: _Sheet, box: Box | None, path: Path) -> NDArray[np.float32]:
    """The part of the picture that the box names."""
    if box is None:
        return sheet.colours
    left, top, width, height = box
    if min(box) < 0 or min(width, height) < 1 or left + width > sheet.size[0] or top + height > sheet.size[1]:
        what = f"has {sheet.size[0]:,} x {sheet.size[1]:,} pixels, the box {left},{top},{width},{height} leaves it"
        raise InputError(what, path, "name LEFT,TOP,WIDTH,HEIGHT within it")
    across, down = sheet.colours.shape[1] / sheet.size[0], sheet.colours.shape[0] / sheet.size[1]
    rows = slice(int(top * down), max(int((top + height) * down), int(top * down) + 1))
    columns = slice(int(left * across), max(int((left + width) * across), int(left * across) + 1))
    return sheet.colours[rows, columns]


def _read_colours(path: Path) -> _Sheet:
    """The picture, upright, on white where it is transparent, not too large."""
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
                image.draft("RGB", (2 * WORKING_SIDE, 2 * WORKING_SIDE))
                pixel = 1 if image.mode in ("1", "L", "P") else 4  # bytes
                held = (image.width * pixel + ROW_OVERHEAD) * image.height
                if held + 2 * scanned + len(content) > MEMORY_LIMIT:
                    raise InputError(
                        f"takes too much memory, {width:,} x {height:,}", path, "make it smaller"
                    )
                image.load()
                colours = _flattened(_reduced(image))
                turned_over = (colours.shape[1] > colours.shape[0]) != (width > height)
                return _Sheet(colours, (height, width) if turned_over else (width, height))
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


def _flattened(image: Image.Image) -> NDArray[np.float32]:
    """Its colours (rows, columns, 3), 0..255, as one sees it."""
    image.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX, reducing_gap=1.0)
    image = ImageOps.exif_transpose(image)
    if image.mode == "F":
        deep = np.asarray(image, np.float32)
        return np.repeat((deep / np.float32(max(deep.max(), 1.0) / 255))[..., None], 3, axis=2)
    if image.has_transparency_data:
        return _on_a_ground(image.convert("RGBA"))
    return np.asarray(image.convert("RGB"), np.float32)


def _on_a_ground(clear: Image.Image) -> NDArray[np.float32]:
    """A transparent picture on black where its ink is light, else on white."""
    opacity = np.asarray(clear.getchannel("A"), np.float32)[..., None] / 255
    colours = np.asarray(clear.convert("RGB"), np.float32)
    visible = colours[opacity[..., 0] > 0.5]
    ground = 0.0 if visible.size and visible.mean() > 127 else 255.0
    return (colours * opacity + ground * (1 - opacity)).astype(np.float32)


def _placed(ink: NDArray[Any]) -> NDArray[np.uint8]:
    """The ink (rows, columns), 0..1, scaled to 20 on its longer side, its centre of mass in the middle of 28x28.

    Exactly so, not to whole pixels: two photographs of one stroke then give one picture.
    """
    scale = INK_SIDE / max(ink.shape) * FINER
    rows, columns = np.arange(ink.shape[0]) + 0.5, np.arange(ink.shape[1]) + 0.5
    mass = max(float(ink.sum()), 1e-6)
    middle = [float(ink.sum(axis=0) @ columns) / mass, float(ink.sum(axis=1) @ rows) / mass]
    half = [side * scale / FINER / 2 for side in ink.shape[::-1]]
    starts = [_start(centre * scale / FINER, 2 * reach) for centre, reach in zip(middle, half, strict=True)]
    move = np.array([[scale, 0, starts[0] * FINER], [0, scale, starts[1] * FINER]])
    move[:, 2] += (scale - 1) / 2  # OpenCV counts from the middles of pixels
    large = cv2.warpAffine(ink.astype(np.float32), move, (SIDE * FINER, SIDE * FINER), flags=cv2.INTER_LINEAR)
    small = large.reshape(SIDE, FINER, SIDE, FINER).mean(axis=(1, 3))
    return np.asarray(np.rint(np.clip(small, 0, 1) * 255), np.uint8)


def _start(centre: float, length: float) -> float:
    """Where to begin so that `centre` comes to the middle of pixel 14, as in MNIST, if nothing sticks out."""
    return min(max(SIDE / 2 + 0.5 - centre, 0.0), SIDE - length)
