"""The pictures of an MP4 as bytes: taken out of what the encoder wrote, and written into a file of their own.

Written against ISO/IEC 14496-12 and -15; it trusts no length that it reads.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from mnistviz.errors import EncoderError
from mnistviz.export.video.mp4 import boxes, child, descend, handler, table

TICK = 256  # units that a frame is shown for; the clock counts so many in a frame, whatever the rate
Run = tuple[int, int]  # of frames: the first and how many
_HELD = b"mnistviz held fr"  # the name of our box
_ENTRY_FIELDS = 78  # bytes of a visual sample entry before its boxes
_MATRIX = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
_UNDETERMINED = 0x55C4  # the language `und`
_FROM_HERE = struct.pack(">II4sI", 1, 12, b"url ", 1)  # the pictures are in this very file


@dataclass(frozen=True)
class Track:
    """A film's pictures, in the order in which they are coded, and how they are set up."""

    size: tuple[int, int]
    setup: bytes  # AVCDecoderConfigurationRecord: both parameter sets
    colours: bytes  # `colr`: which Y'CbCr it is
    pictures: tuple[bytes, ...]  # NAL units, each behind its length in four bytes


def parameter_sets(setup: bytes) -> tuple[bytes, bytes]:
    """The sequence and the picture parameter set; raises `ValueError` where there is not one of each."""
    length = struct.unpack_from(">H", setup, 6)[0]
    rest = setup[8 + length :]
    if setup[4] & 3 != 3 or setup[5] & 31 != 1 or rest[0] != 1:
        raise ValueError("not one sequence and one picture parameter set")
    return setup[8 : 8 + length], rest[3 : 3 + struct.unpack_from(">H", rest, 1)[0]]


def read_track(content: bytes | memoryview, what: str) -> Track:
    """Take the pictures out of an MP4; raises `EncoderError` where it is not a whole one with H.264."""
    with _whole_film(what):
        tables, entry = _entry(memoryview(content))
        parts = dict(boxes(entry[_ENTRY_FIELDS:]))
        size = struct.unpack_from(">HH", entry, 24)
        pictures = tuple(map(bytes, _samples(memoryview(content), tables)))
        return Track(size, bytes(parts[b"avcC"]), bytes(parts.get(b"colr", b"")), pictures)


def read_pictures(content: bytes | memoryview, what: str) -> Iterator[memoryview]:
    """The pictures of an MP4 one by one, as they are coded; raises `EncoderError` where it is not a whole one."""
    with _whole_film(what):
        tables, _ = _entry(memoryview(content))
        yield from _samples(memoryview(content), tables)


def read_setup(content: bytes | memoryview, what: str) -> bytes:
    """Both parameter sets as an MP4 has them; raises `EncoderError` where it is not one with H.264."""
    with _whole_film(what):
        _, entry = _entry(memoryview(content))
        return bytes(child(boxes(entry[_ENTRY_FIELDS:]), b"avcC"))


@contextmanager
def _whole_film(what: str) -> Iterator[None]:
    try:
        yield
    except (struct.error, StopIteration, KeyError, ValueError, IndexError) as error:
        cure = "run the same command again"
        raise EncoderError("what ffmpeg wrote is not a whole film", what, cure) from error


def _entry(whole: memoryview) -> tuple[dict[bytes, memoryview], memoryview]:
    """The tables of the video track, and the entry that says how its pictures are set up."""
    tracks = [body for kind, body in boxes(child(boxes(whole), b"moov")) if kind == b"trak"]
    video = next(track for track in tracks if handler(track) == b"vide")
    tables = dict(boxes(descend(video, b"mdia", b"minf", b"stbl")))
    return tables, child(boxes(tables[b"stsd"][8:]), b"avc1")


def _samples(whole: memoryview, tables: dict[bytes, memoryview]) -> Iterator[memoryview]:
    """Every picture; `stsc` says how many lie in a chunk, `stco` where that begins."""
    common, count = struct.unpack_from(">II", tables[b"stsz"], 4)
    listed = tables[b"stsz"][12 : 12 + 4 * count]
    if common:  # all are of that size, as one alone always is
        listed = memoryview(struct.pack(">I", common) * min(count, len(whole) // common))
    sizes = [size for (size,) in struct.iter_unpack(">I", listed)]
    if len(sizes) != count:
        raise ValueError("no list of sizes")
    chunks, left = list(_chunks(tables)), iter(sizes)
    if sum(inside for _, inside in chunks) != count:
        raise ValueError("pictures without a place")
    for place, inside in chunks:
        for size in islice(left, inside):
            if place + size > len(whole):
                raise ValueError("a picture is cut off")
            yield whole[place : place + size]
            place += size


def _chunks(tables: dict[bytes, memoryview]) -> Iterator[tuple[int, int]]:
    """Where each chunk begins, and how many pictures lie in it."""
    wide = b"co64" in tables  # where a film is larger than four bytes can count
    places = table(tables[b"co64" if wide else b"stco"], 8 if wide else 4)
    starts = [start for (start,) in struct.iter_unpack(">Q" if wide else ">I", places)]
    runs = list(struct.iter_unpack(">III", table(tables[b"stsc"], 12)))
    ends = [first for first, _, _ in runs[1:]] + [len(starts) + 1]
    for (first, inside, _), end in zip(runs, ends, strict=True):
        yield from ((start, inside) for start in starts[first - 1 : end - 1])


def read_product(path: Path, what: str) -> bytes:
    """The file that the encoder was to write; `EncoderError` where it did not."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise EncoderError("ffmpeg wrote no file", what, "run the same command again") from None


def write_track(track: Track, timescale: int, keys: Sequence[int], held: Sequence[Run] = ()) -> bytes:
    """An MP4 of these pictures, each shown for `TICK` units; `keys` are the numbers of its key frames.

    The runs of held frames are noted in a box of their own, which players pass over.
    """
    start = len(_FILE_TYPE) + 8
    noted = _box(b"uuid", _HELD, struct.pack(f">{2 * len(held)}I", *chain.from_iterable(held)))
    data = _box(b"mdat", b"".join(track.pictures))
    return _FILE_TYPE + data + _movie(track, timescale, keys, start) + noted


def read_held(content: bytes | memoryview, what: str) -> list[Run]:
    """The runs of held frames that are noted in an MP4."""
    with _whole_film(what):
        noted = [body for kind, body in boxes(memoryview(content)) if kind == b"uuid" and body[:16] == _HELD]
        return [(first, count) for body in noted for first, count in struct.iter_unpack(">II", body[16:])]


def _movie(track: Track, timescale: int, keys: Sequence[int], start: int) -> bytes:
    length = TICK * len(track.pictures)
    width, height = track.size
    head = struct.pack(">IIII", 0, 0, timescale, length)
    numbers = struct.pack(">III", 0, 1, 0) + struct.pack(">II", length, 0)  # dates, number, duration
    place = bytes(16) + _MATRIX + struct.pack(">II", width << 16, height << 16)
    media = _box(
        b"mdia",
        _full(b"mdhd", head + struct.pack(">HH", _UNDETERMINED, 0)),
        _full(b"hdlr", bytes(4) + b"vide" + bytes(12) + b"\0"),
        _box(
            b"minf",
            _full(b"vmhd", bytes(8), flags=1),
            _box(b"dinf", _full(b"dref", _FROM_HERE)),
            _tables(track, keys, start),
        ),
    )
    movie = head + struct.pack(">IH10x", 1 << 16, 1 << 8) + _MATRIX + bytes(24) + struct.pack(">I", 2)
    return _box(
        b"moov", _full(b"mvhd", movie), _box(b"trak", _full(b"tkhd", numbers + place, flags=3), media)
    )


def _tables(track: Track, keys: Sequence[int], start: int) -> bytes:
    width, height = track.size
    entry = struct.pack(">6xH16xHHIIIH32sHh", 1, width, height, 72 << 16, 72 << 16, 0, 1, b"", 24, -1)
    boxed = _box(b"avc1", entry, _box(b"avcC", track.setup), _box(b"colr", track.colours))
    count = len(track.pictures)
    sizes = [len(picture) for picture in track.pictures]
    return _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1) + boxed),
        _full(b"stts", struct.pack(">III", 1, count, TICK)),
        _full(b"stss", struct.pack(f">I{len(keys)}I", len(keys), *(key + 1 for key in keys))),
        _full(b"stsc", struct.pack(">IIII", 1, 1, count, 1)),
        _full(b"stsz", struct.pack(f">II{count}I", 0, count, *sizes)),
        _full(b"stco", struct.pack(">II", 1, start)),
    )


def _box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _full(kind: bytes, content: bytes, flags: int = 0) -> bytes:
    """A box that begins with its version and flags."""
    return _box(kind, struct.pack(">I", flags), content)


_FILE_TYPE = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
