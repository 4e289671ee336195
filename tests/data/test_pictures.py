"""A user's own picture becomes one like MNIST's, however it was drawn; what is no picture is refused."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from mnistviz.data.builtin import built_in
from mnistviz.data.pictures import read_picture, turned
from mnistviz.errors import InputError

MIB = 2**20
DIGIT = built_in("test", 1, 2).pictures[0]
BLANK = Image.new("L", (28, 28), 0)
GREY = Image.fromarray(DIGIT)


def large(side: int = 600) -> np.ndarray:
    """The digit, dark on the light paper of a photograph, away from the middle."""
    paper = np.full((1000, 1500), 225, np.uint8)
    ink = cv2.resize(DIGIT, (side, side), interpolation=cv2.INTER_CUBIC)
    paper[100 : 100 + side, 700 : 700 + side] = 225 - (ink * 0.8).astype(np.uint8)
    noise = np.random.default_rng(0).normal(0, 3, paper.shape)
    return np.clip(paper + noise, 0, 255).astype(np.uint8)


def jpeg(array: np.ndarray, orientation: int | None = None) -> bytes:
    stream, exif = io.BytesIO(), Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    Image.fromarray(array).save(stream, "JPEG", exif=exif, quality=92)
    return stream.getvalue()


def printed(array: np.ndarray) -> bytes:
    """In cyan, magenta, yellow and black."""
    stream = io.BytesIO()
    Image.fromarray(array).convert("RGB").convert("CMYK").save(stream, "JPEG", quality=92)
    return stream.getvalue()


def several(array: np.ndarray) -> bytes:
    stream, picture = io.BytesIO(), Image.fromarray(array).convert("RGB")
    picture.save(stream, "MPO", save_all=True, append_images=[picture])
    return stream.getvalue()


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def colours() -> Image.Image:
    """Blue ink on yellow paper."""
    share = (DIGIT / 255.0)[..., None]
    return Image.fromarray((share * (20, 20, 160) + (1 - share) * (255, 240, 190)).astype(np.uint8))


WAYS: dict[str, Callable[[], bytes]] = {
    "light on dark": lambda: png(GREY),
    "dark on light": lambda: png(Image.fromarray(255 - DIGIT)),
    "faint": lambda: png(Image.fromarray(200 - DIGIT // 4)),
    "colour": lambda: png(colours()),
    "palette": lambda: png(colours().convert("P")),
    "black on transparent": lambda: png(Image.merge("RGBA", [BLANK, BLANK, BLANK, GREY])),
    "white on transparent": lambda: png(Image.merge("LA", [Image.new("L", (28, 28), 255), GREY])),
    "16 bits": lambda: png(Image.fromarray(DIGIT.astype(np.uint16) * 257)),
    "enlarged": lambda: png(GREY.resize((280, 280), Image.Resampling.NEAREST)),
    "photograph": lambda: jpeg(large()),
    "of fifty million pixels": lambda: jpeg(np.asarray(Image.fromarray(large()).resize((8400, 5600)))),
    "in a printer's colours": lambda: printed(large()),
    "turned by EXIF": lambda: jpeg(np.rot90(large(), 1).copy(), 6),
    "two in one file, as telephones do": lambda: several(large()),
    "as large as may be": lambda: png(Image.fromarray(np.repeat(np.repeat(large(), 2, 0), 2, 1))),
    "mirrored by EXIF": lambda: jpeg(large()[:, ::-1].copy(), 2),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_becomes_the_digit_of_mnist(way: str, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(WAYS[way]())
    got = read_picture(tmp_path / "mine").picture.astype(float)
    assert got.shape == (28, 28)
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]  # its place is in whole pixels
    likeness = max(np.corrcoef(np.roll(got, shift, (0, 1)).ravel(), DIGIT.ravel())[0, 1] for shift in shifts)
    assert likeness > 0.9, f"correlation {likeness:.3f}"
    upside_down = np.corrcoef(got[::-1].ravel(), DIGIT.ravel())[0, 1]
    assert upside_down < 0.8, "the test would not see a turned picture"


def test_it_is_scaled_and_centred_as_mnist_is(tmp_path: Path) -> None:
    wide = np.zeros((50, 300), np.uint8)
    wide[10:30, 40:280] = 255
    wide[10:40, 40:80] = 255
    Image.fromarray(wide).save(tmp_path / "wide.png")
    got = read_picture(tmp_path / "wide.png").picture.astype(float)
    assert abs(got.max(axis=0).sum() / 255 - 20) < 0.2, "its longer side has 20 pixels"
    for axis in (0, 1):
        centre = got.sum(axis=axis) @ np.arange(28) / got.sum()
        assert abs(centre - 14) <= 0.5


def huge_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims that many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(10_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def scans(count: int) -> bytes:
    """A small progressive JPEG that tells its last scan again and again: each is work for all its pixels."""
    stream = io.BytesIO()
    Image.new("L", (2000, 2000), 128).save(stream, "JPEG", progressive=True)
    last = stream.getvalue().rindex(b"\xff\xda")
    return stream.getvalue()[:last] + stream.getvalue()[last:-2] * count + b"\xff\xd9"


def texts(count: int) -> bytes:
    """A PNG with texts of a MiB, packed to a thousandth."""
    text = b"zTXtname\0\0" + zlib.compress(bytes(MIB))
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return png(GREY)[:33] + chunk * count + png(GREY)[33:]


def other(kind: str) -> bytes:
    """The digit as a picture of another kind."""
    stream = io.BytesIO()
    GREY.save(stream, kind)
    return stream.getvalue()


BAD = {
    "no picture": (b"not a picture", "no PNG or JPEG"),
    "empty": (b"", "no PNG or JPEG"),
    "gif": (other("GIF"), "no PNG or JPEG"),
    "webp": (other("WEBP"), "no PNG or JPEG"),
    "tiff": (other("TIFF"), "no PNG or JPEG"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(2000), "no PNG or JPEG"),
    "huge": (huge_png(100_000, 100_000), "pixels"),
    "rather huge": (huge_png(5_000, 5_000), "pixels"),
    "a thread": (huge_png(1, 9_000_000), "1 x 9,000,000 pixels"),
    "zero-sized": (huge_png(0, 10), "picture"),
    "cut off": (png(colours())[:-200], "damaged"),
    "cut off jpeg": (jpeg(large())[:9000], "damaged"),
    "blank": (png(Image.new("L", (90, 90), 255)), "no digit"),
    "nothing visible": (png(Image.new("RGBA", (90, 90), (0, 0, 0, 0))), "no digit"),
    "ten thousand scans": (scans(10_000), "scans"),
    "texts": (texts(60), "more texts"),
    "a large file": (png(GREY) + bytes(25 * MIB), "more than"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_pictures_are_refused_in_little_memory(case: str, tmp_path: Path) -> None:
    content, told = BAD[case]
    (tmp_path / "mine.png").write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=told) as caught:
            read_picture(tmp_path / "mine.png")
        assert tracemalloc.get_traced_memory()[1] < 48 * MIB
    finally:
        tracemalloc.stop()
    assert "mine.png" in str(caught.value)


def test_clockwise_turns_the_top_to_the_right() -> None:
    pictures = np.arange(2 * 28 * 28).astype(np.uint8).reshape(2, 28, 28)
    clockwise = turned(pictures, "clockwise")
    assert np.array_equal(clockwise[1][:, 27], pictures[1][0])
    assert turned(pictures, "upright") is pictures


@pytest.mark.filterwarnings("error")
def test_what_is_wrong_beside_the_picture_is_no_warning(tmp_path: Path) -> None:
    """A warning would be a second line beside the one of an error."""
    stream = io.BytesIO()
    GREY.save(stream, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09\x01\x12\0\x02\0\0\0\xff\0\0\0\xff")
    (tmp_path / "mine.jpg").write_bytes(stream.getvalue())
    assert read_picture(tmp_path / "mine.jpg").picture.any()


@pytest.mark.parametrize(
    "exif",
    [
        pytest.param(b"Exif\0\0MM\0*\0", id="cut off"),
        pytest.param(
            b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01N\0\x02\0\0\0\x08\0\0\0&"
            b"\x01\x12\0\x03\0\0\0\x01\0\x06\xc0\0\0\0\0\0a digit\0",
            id="words for a number",
        ),
    ],
)
def test_what_a_camera_says_may_be_damaged(tmp_path: Path, exif: bytes) -> None:
    """A large one is read in strips, and there Pillow looks at it anew."""
    stream = io.BytesIO()
    GREY.resize((16_384, 64)).save(stream, "JPEG", exif=exif)
    (tmp_path / "mine.jpg").write_bytes(stream.getvalue())
    with pytest.raises(InputError, match="is a damaged picture"):
        read_picture(tmp_path / "mine.jpg")
