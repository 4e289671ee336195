"""Reads back what the encoder wrote: an MP4's boxes, as far as a film's promises need.

Written against ISO/IEC 14496-12; it trusts no length that it reads.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from mnistviz.errors import EncoderError

MOST_FRAMES = 4 * 3600 * 60  # four hours at 60 fps
_NERO_SECOND = 10_000_000  # `chpl` counts in 100 ns


@dataclass(frozen=True)
class Film:
    """What an MP4 says of its video track and its chapters."""

    size: tuple[int, int]
    frames: int
    rate: Fraction  # 0 where the frames are not equally long
    steady: bool  # shown at i / rate exactly, from 0
    key_frames: tuple[int, ...]  # frame numbers from 0
    chapters: tuple[tuple[Fraction, str], ...]  # start in seconds, title
    chapter_marks: int  # samples of the chapter track, for players that do not read the list
    captions: int  # subtitle tracks
    streamable: bool  # its index comes before the pictures
    reordered: bool = False  # pictures have times beside the order in which they are coded

    @property
    def duration(self) -> Fraction:
        """In seconds."""
        return self.frames / self.rate if self.rate else Fraction(0)


Box = tuple[bytes, memoryview]


def read_film(content: bytes | memoryview, what: str) -> Film:
    """Read a whole MP4; raises `EncoderError` where it is not one with a video track."""
    try:
        top = list(boxes(memoryview(content)))
        moov = child(top, b"moov")
        tracks = [track for kind, track in boxes(moov) if kind == b"trak"]
        video = next(track for track in tracks if handler(track) == b"vide")
        return _film(top, moov, video, tracks)
    except (struct.error, StopIteration, KeyError, ValueError, IndexError) as error:
        raise EncoderError(
            "what ffmpeg wrote is not a whole film", what, "run the same command again"
        ) from error


def check_written(content: bytes | memoryview, fps: int, frames: int, keys: Sequence[int], what: str) -> None:
    """Raises `EncoderError` where an MP4 has not just these frames, this rate and these key frames."""
    film = read_film(content, what)
    if film.frames != frames or film.rate != fps:
        problem = f"ffmpeg wrote {film.frames} frames at {film.rate} fps of {frames} at {fps}"
        raise EncoderError(problem, what, "run the same command again")
    if film.key_frames != tuple(keys):
        raise EncoderError("ffmpeg set other key frames", what, "run the same command again")


def _film(top: list[Box], moov: memoryview, video: memoryview, tracks: list[memoryview]) -> Film:
    mdia = child(boxes(video), b"mdia")
    stbl = descend(mdia, b"minf", b"stbl")
    timescale = _timescale(child(boxes(mdia), b"mdhd"))
    frames = _samples(video)
    if frames > MOST_FRAMES:
        raise ValueError("more frames than a film has")
    steps = list(struct.iter_unpack(">II", table(child(boxes(stbl), b"stts"), 8)))
    deltas = {delta for count, delta in steps if count}
    if sum(count for count, _ in steps) != frames:
        raise ValueError("frames without a time")
    delta = deltas.pop() if len(deltas) == 1 else 0
    tables = dict(boxes(stbl))
    entry = child(boxes(tables[b"stsd"][8:]), b"avc1")
    kinds = [kind for kind, _ in top]
    return Film(
        size=struct.unpack_from(">HH", entry, 24),
        frames=frames,
        rate=Fraction(timescale, delta) if delta else Fraction(0),
        steady=bool(delta) and _steady(tables, _media_start(video), frames, delta),
        key_frames=tuple(number - 1 for (number,) in struct.iter_unpack(">I", table(tables[b"stss"], 4)))
        if b"stss" in tables
        else tuple(range(frames)),
        chapters=_chapters(moov),
        chapter_marks=sum(_samples(track) for track in tracks if handler(track) == b"text"),
        captions=sum(handler(track) == b"sbtl" for track in tracks),
        streamable=kinds.index(b"moov") < kinds.index(b"mdat"),
        reordered=b"ctts" in tables or b"edts" in dict(boxes(video)),
    )


def _steady(tables: dict[bytes, memoryview], start: int, frames: int, delta: int) -> bool:
    """Whether the presentation times, in order, are 0, delta, 2 delta and so on."""
    shifts = [0] * frames
    if b"ctts" in tables:
        runs = struct.iter_unpack(">Ii", table(tables[b"ctts"], 8))
        shifts = list(islice((shift for count, shift in runs for _ in range(count)), frames + 1))
    times = sorted(place * delta + shift - start for place, shift in enumerate(shifts))
    return len(shifts) == frames and all(time == place * delta for place, time in enumerate(times))


def _media_start(video: memoryview) -> int:
    """The media time that is shown first, by the edit list; raises where there is more than one edit."""
    edits = dict(boxes(video)).get(b"edts")
    if edits is None:
        return 0
    box = child(boxes(edits), b"elst")
    version, count = box[0], struct.unpack_from(">I", box, 4)[0]
    if count != 1:
        raise ValueError("more than one edit")
    return int(struct.unpack_from(">q" if version else ">i", box, 16 if version else 12)[0])


def _samples(track: memoryview) -> int:
    return int(struct.unpack_from(">I", descend(track, b"mdia", b"minf", b"stbl", b"stsz"), 8)[0])


def _timescale(mdhd: memoryview) -> int:
    return int(struct.unpack_from(">I", mdhd, 20 if mdhd[0] else 12)[0])


def _chapters(moov: memoryview) -> tuple[tuple[Fraction, str], ...]:
    """The chapter list (`chpl`) in the film's user data."""
    user = dict(boxes(moov)).get(b"udta")
    listed = dict(boxes(user)).get(b"chpl") if user is not None else None
    if listed is None:
        return ()
    found, place = [], 9
    for _ in range(listed[8]):
        start, length = struct.unpack_from(">QB", listed, place)
        title = bytes(listed[place + 9 : place + 9 + length]).decode("utf-8", "replace")
        found.append((Fraction(start, _NERO_SECOND), title))
        place += 9 + length
    return tuple(found)


def handler(track: memoryview) -> bytes:
    """What a track holds: `vide`, `sbtl`, `text`."""
    return bytes(descend(track, b"mdia", b"hdlr")[8:12])


def table(box: memoryview, width: int) -> memoryview:
    """The entries of a full box that holds a count and then entries of `width` bytes."""
    count = struct.unpack_from(">I", box, 4)[0]
    entries = box[8 : 8 + count * width]
    if len(entries) != count * width:
        raise ValueError("a table is cut off")
    return entries


def descend(box: memoryview, *path: bytes) -> memoryview:
    """The contents of a box within boxes within boxes; raises `KeyError` where there is none."""
    for kind in path:
        box = child(boxes(box), kind)
    return box


def child(among: Iterator[Box] | list[Box], kind: bytes) -> memoryview:
    """The contents of the first box of that kind; raises `KeyError` where there is none."""
    for found, content in among:
        if found == kind:
            return content
    raise KeyError(kind)


def boxes(content: memoryview) -> Iterator[Box]:
    """The boxes that lie one after the other in `content`: kind and contents."""
    place = 0
    while place + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        head = 8
        if length == 1:
            length, head = struct.unpack_from(">Q", content, place + 8)[0], 16
        elif length == 0:
            length = len(content) - place
        if length < head or place + length > len(content):
            raise ValueError("a box is cut off")
        yield bytes(kind), content[place + head : place + length]
        place += length
