"""Bad PNG and JPEG pictures: chunks and segments that lie, with checksums that are right."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image

from mnistviz.data.pictures import read_picture
from tests.fuzz.damage import DAMAGES, big_endian, damaged, odd_count, one_of

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MODES = ("L", "RGB", "RGBA", "P", "1", "LA", "I;16")
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by PNG's colour type
Chunk = tuple[bytes, bytes]


def _drawn() -> Image.Image:
    grey = np.full((40, 32), 240, np.uint8)
    grey[8:32, 14:18] = 20
    grey[28:32, 8:24] = 30
    return Image.fromarray(grey)


@lru_cache
def _png(mode: str) -> bytes:
    stream = io.BytesIO()
    image = (
        Image.fromarray(np.asarray(_drawn(), np.uint16) * 257) if mode == "I;16" else _drawn().convert(mode)
    )
    image.save(stream, "PNG", **({"transparency": 0} if mode in ("P", "L") else {}))
    return stream.getvalue()


@lru_cache
def _jpeg(mode: str, progressive: bool) -> bytes:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a digit"
    _drawn().convert(mode).save(stream, "JPEG", progressive=progressive, exif=exif, quality=70)
    return stream.getvalue()


@lru_cache
def _several() -> bytes:
    """Two JPEGs in one file, as telephones make them."""
    stream = io.BytesIO()
    _drawn().convert("RGB").save(stream, "MPO", save_all=True, append_images=[_drawn().convert("RGB")])
    return stream.getvalue()


def png(random: Generator, folder: Path) -> None:
    """A bad PNG."""
    content = _png(one_of(random, MODES))
    kind = random.random()
    if kind < 0.25:
        content = damaged(content, random)
    elif kind < 0.99:
        chunks = _chunks(content)
        for _ in range(int(random.integers(1, 4))):
            one_of(random, CHUNK_LIES)(chunks, random)
        content = _written(chunks, random)
    else:
        content = _large(int(random.integers(12)))
    (folder / "picture.png").write_bytes(content)


def _chunks(content: bytes) -> list[Chunk]:
    chunks, place = [], len(SIGNATURE)
    while place < len(content):
        (length,) = struct.unpack_from(">I", content, place)
        chunks.append((content[place + 4 : place + 8], content[place + 8 : place + 8 + length]))
        place += 12 + length
    return chunks


def _written(chunks: list[Chunk], random: Generator) -> bytes:
    """The chunks with right checksums, now and then with a wrong length."""
    pieces = [SIGNATURE]
    for kind, content in chunks:
        length = len(content) if random.random() < 0.98 else odd_count(random)
        pieces += [big_endian(length), kind, content, big_endian(zlib.crc32(kind + content))]
    return b"".join(pieces)


def _lying_head(chunks: list[Chunk], random: Generator) -> None:
    """Sizes, depth, colours or interlacing that are not those of the picture."""
    kind, content = chunks[0]
    width, height, *rest = struct.unpack(">IIBBBBB", content[:13].ljust(13, b"\0"))
    what = int(random.integers(5))
    sizes = (0, 1, 31, 33, 2000, 3000, 9_000_000, 2**31 - 1, odd_count(random))
    if what in (0, 1):
        width = one_of(random, (*sizes, width))
        height = one_of(random, (*sizes, height))
    else:
        places = {2: (0,), 3: (1,), 4: (0, 1, 2, 3, 4)}[what]
        for place in places:
            rest[place] = one_of(random, (0, 1, 2, 3, 4, 6, 8, 16, 255))
    chunks[0] = kind, big_endian(width, height) + bytes(rest)


def _one_damaged(chunks: list[Chunk], random: Generator) -> None:
    place = int(random.integers(len(chunks)))
    kind, content = chunks[place]
    chunks[place] = kind, damaged(content, random)


def _moved(chunks: list[Chunk], random: Generator) -> None:
    chunk = chunks.pop(int(random.integers(len(chunks))))
    for _ in range(int(random.integers(0, 4))):
        chunks.insert(int(random.integers(len(chunks) + 1)), chunk)
    if not chunks:
        chunks.append(chunk)


def _other_pixels(chunks: list[Chunk], random: Generator) -> None:
    """Pixels that are damaged before they are packed, too few, or far too many."""
    pixels = b"".join(content for kind, content in chunks if kind == b"IDAT")
    try:
        pixels = zlib.decompress(pixels)
    except zlib.error:
        pixels = b""
    kind = random.random()
    pixels = damaged(pixels, random) if kind < 0.6 else pixels[: int(random.integers(len(pixels) + 1))]
    packed = zlib.compress(pixels, 1) if kind < 0.9 else _zeros(one_of(random, (1, 10, 80)))
    left = [chunk for chunk in chunks if chunk[0] != b"IDAT"]
    chunks[:] = [*left[:-1], (b"IDAT", packed), *left[-1:]]


@lru_cache
def _zeros(mebibytes: int) -> bytes:
    return zlib.compress(bytes(mebibytes * 2**20), 9)


def _more(chunks: list[Chunk], random: Generator) -> None:
    """A chunk that brings something of its own: text, a profile, EXIF, an animation."""
    bomb = _zeros(one_of(random, (1, 10, 80)))
    noise = random.bytes(int(random.integers(0, 80)))
    extra = one_of(
        random,
        (
            (b"zTXt", b"key\0\0" + bomb), (b"iTXt", b"key\0\1\0\0\0" + bomb), (b"iCCP", b"name\0\0" + bomb),
            (b"tEXt", b"key\0" + b"x" * 2**20), (b"tEXt", noise), (b"eXIf", _exif(random)), (b"eXIf", noise),
            (b"acTL", big_endian(odd_count(random), odd_count(random))), (b"tRNS", noise), (b"PLTE", noise),
            (b"fcTL", big_endian(0, *(odd_count(random) for _ in range(4))) + bytes(6)),
            (b"fdAT", big_endian(1) + noise),
            (b"gAMA", noise), (b"cHRM", noise), (b"sRGB", noise), (b"pHYs", noise), (b"CgBI", noise),
            (b"IHDR", noise),
            (bytes(random.integers(0, 256, 4, np.uint8)), noise), (b"zTXt", b"key\0\0" + _zeros(1)),
        ),
    )  # fmt: skip
    times = 1 if random.random() < 0.8 or len(extra[1]) > 9000 else one_of(random, (50, 3000))
    place = int(random.integers(len(chunks) + 1))
    chunks[place:place] = [extra] * times


def _exif(random: Generator) -> bytes:
    """EXIF whose tables lead anywhere."""
    order = one_of(random, ("<", ">"))
    count = one_of(random, (1, 2, 60_000))
    entries = b"".join(
        struct.pack(
            order + "HHII",
            one_of(random, (0x0112, 0x8769, 0x8825, 0x014A, 0x927C, 0xA005, 0x0201, 0x0202)),
            int(random.integers(0, 14)),
            one_of(random, (1, 2, 4, 2**32 - 1, 2**28)),
            one_of(random, (1, 3, 6, 8, 9, 2**32 - 1, 26)),
        )
        for _ in range(min(count, 3))
    )
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(
        order + "I", one_of(random, (8, 8, 8, 0, 2**32 - 1))
    )
    content = (
        head
        + struct.pack(order + "H", count)
        + entries
        + struct.pack(order + "I", one_of(random, (0, 8, 2**31)))
    )
    return content if random.random() < 0.7 else damaged(content, random)


@lru_cache
def _large(which: int) -> bytes:
    """As large as a PNG may be, of every kind of pixel, a few kilobytes packed."""
    colour, depth = (
        (0, 1),
        (0, 8),
        (0, 16),
        (2, 8),
        (2, 16),
        (3, 8),
        (4, 8),
        (4, 16),
        (6, 8),
        (6, 16),
        (3, 1),
        (0, 4),
    )[which]
    side = 3000
    row = 1 + (side * CHANNELS[colour] * depth + 7) // 8
    packer = zlib.compressobj(9)
    lines = bytes(row * 100)
    dark = b"\0" + b"\xff" * (row - 1)
    packed = (
        b"".join(packer.compress(dark * 100 if place == 15 else lines) for place in range(30))
        + packer.flush()
    )
    head = big_endian(side, side) + bytes((depth, colour, 0, 0, 0))
    palette = (
        [(b"PLTE", bytes(range(256)) * 3)]
        if colour == 3 and depth == 8
        else [(b"PLTE", bytes(6))]
        if colour == 3
        else []
    )
    chunks = [
        (b"IHDR", head),
        *palette,
        (b"tRNS", bytes(6 if colour == 2 else 2)),
        (b"IDAT", packed),
        (b"IEND", b""),
    ]
    if colour in (4, 6):
        del chunks[1]
    return SIGNATURE + b"".join(
        big_endian(len(content)) + kind + content + big_endian(zlib.crc32(kind + content))
        for kind, content in chunks
    )


CHUNK_LIES: tuple[Callable[[list[Chunk], Generator], None], ...] = (
    _lying_head, _lying_head, _one_damaged, _one_damaged, _moved, _other_pixels, _other_pixels, _more, _more,
)  # fmt: skip


def jpeg(random: Generator, folder: Path) -> None:
    """A bad JPEG."""
    content = (
        _jpeg(one_of(random, ("L", "RGB", "CMYK")), bool(random.integers(2)))
        if random.random() < 0.9
        else _several()
    )
    kind = random.random()
    if kind < 0.3:
        content = damaged(content, random)
    elif kind < 0.99:
        segments = _segments(content)
        for _ in range(int(random.integers(1, 4))):
            one_of(random, SEGMENT_LIES)(segments, random)
        content = b"\xff\xd8" + b"".join(segments)
    else:
        content = _many_scans(
            *one_of(random, ((2000, 20), (4000, 60), (2000, 3000), (4900, 1), (64, 20_000), (1000, 999)))
        )
    (folder / "picture.jpg").write_bytes(content)


def _segments(content: bytes) -> list[bytes]:
    """The pieces of a JPEG after its start, each with its marker; a scan with all that follows it."""
    pieces, place = [], 2
    while place + 4 <= len(content):
        marker = content[place + 1]
        end = place + 2 + struct.unpack_from(">H", content, place + 2)[0]
        if marker == 0xDA:
            while end < len(content) - 1 and not (
                content[end] == 0xFF and content[end + 1] not in range(0xD0, 0xD8) and content[end + 1]
            ):
                end += 1
        pieces.append(content[place:end])
        place = end
    return [*pieces, content[place:]]


def _segment_damaged(segments: list[bytes], random: Generator) -> None:
    """Any damage inside a segment, its length told right."""
    place = int(random.integers(len(segments)))
    segment = segments[place]
    inside = one_of(random, DAMAGES)(segment[4:], random)[:65_533]
    segments[place] = segment[:2] + struct.pack(">H", len(inside) + 2) + inside


def _segment_moved(segments: list[bytes], random: Generator) -> None:
    segment = segments.pop(int(random.integers(len(segments))))
    for _ in range(one_of(random, (0, 1, 2, 3, 500))):
        segments.insert(int(random.integers(len(segments) + 1)), segment)
    if not segments:
        segments.append(segment)


def _lying_frame(segments: list[bytes], random: Generator) -> None:
    """A frame of other sizes, components or coding than what follows."""
    for place, segment in enumerate(segments):
        if segment[1:2] in (b"\xc0", b"\xc2") and len(segment) > 12:
            changed = bytearray(segment)
            if random.random() < 0.6:
                sizes = (0, 1, 100, 1000, 4000, 5000, 25_000, 65_535)
                changed[5:9] = struct.pack(">HH", one_of(random, sizes), one_of(random, sizes))
            else:
                changed[int(random.integers(1, len(changed)))] = one_of(
                    random, (0, 1, 2, 3, 4, 0x11, 0x22, 0x44, 0xC1, 0xC9, 255)
                )
            segments[place] = bytes(changed)
            return


def _segment_more(segments: list[bytes], random: Generator) -> None:
    """EXIF, several pictures in one file, a profile, Photoshop's and Adobe's own: all of it lies."""
    noise = random.bytes(int(random.integers(0, 60)))
    marker, inside = one_of(
        random,
        (
            (0xE1, b"Exif\0\0" + _exif(random)), (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmp" + noise),
            (0xE2, b"MPF\0" + _mpf(random)), (0xE2, b"ICC_PROFILE\0" + bytes((1, 255)) + noise),
            (0xED, b"Photoshop 3.0\0" + _photoshop(random)),
            (0xEE, b"Adobe\0\x64" + noise), (0xE0, b"JFIF\0" + noise), (0xDD, noise[:2]), (0xDC, noise[:2]),
            (0xFE, noise), (0xC4, noise),
            (0xDB, noise), (int(random.integers(0xC0, 0x100)), noise),
        ),
    )  # fmt: skip
    segment = bytes((0xFF, marker)) + struct.pack(">H", len(inside) + 2) + inside
    segments.insert(int(random.integers(0, min(len(segments), 3) + 1)), segment)


def _mpf(random: Generator) -> bytes:
    """A table of several pictures (https://www.cipa.jp/std/documents/e/DC-007_E.pdf)."""
    count = one_of(random, (1, 2, 3, 2**31))
    entries = [
        (0xB000, 7, 4, 0x30303130),
        (0xB001, 4, 1, count),
        (0xB002, 7, one_of(random, (16, 32, 2**31)), 50),
    ]
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    pictures = struct.pack(
        "<IIIHH", one_of(random, (0x20030000, 0x30000, 7)), 500, odd_count(random) % 2**32, 0, 0
    )
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + struct.pack("<I", 0) + pictures * 2


def _photoshop(random: Generator) -> bytes:
    size = one_of(random, (0, 16, 2**31, 2**32 - 1))
    return (
        b"8BIM"
        + struct.pack(">HHI", one_of(random, (1005, 1028, 1)), 0, size)
        + random.bytes(int(random.integers(0, 30)))
    )


@lru_cache
def _many_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG of nothing, told again and again: each scan is work for every block.

    Known from https://libjpeg-turbo.org/pmwiki/uploads/About/TwoIssueswiththeJPEGStandard.pdf
    """
    stream = io.BytesIO()
    Image.new("L", (side, side), 128).save(stream, "JPEG", progressive=True, quality=30)
    segments = _segments(stream.getvalue())
    place = max(number for number, segment in enumerate(segments) if segment[:2] == b"\xff\xda")
    segments[place:place] = [segments[place]] * scans
    return b"\xff\xd8" + b"".join(segments)


SEGMENT_LIES: tuple[Callable[[list[bytes], Generator], None], ...] = (
    _segment_damaged, _segment_damaged, _segment_moved, _lying_frame, _lying_frame, _segment_more, _segment_more,
)  # fmt: skip


def read(folder: Path) -> None:
    """As `--image` does."""
    read_picture(next(folder.iterdir()))
