"""From segments to a film: joined without encoding again, chapters and captions inside, then read back."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise, zip_longest
from pathlib import Path

from mnistviz.errors import EncoderError
from mnistviz.export.listings import caption_cues, chapter_cues, ffmetadata, webvtt
from mnistviz.export.video import encoder
from mnistviz.export.video.keys import MOST_TICKS, key_ticks
from mnistviz.export.video.mp4 import Film, read_film
from mnistviz.export.video.track import TICK, Run, read_held, read_pictures, read_setup
from mnistviz.storage.files import machine_errors, sync_path
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Timeline

CHAPTERS_LISTED = 255  # the chapter list of an MP4 counts in one byte
# Of each segment that it opens ffmpeg decodes some pictures, to find out what their header has said already, and what
# has been checked: half of the time that joining takes.
_UNDECODED = ("codec_whitelist none", "probesize 32")


@dataclass(frozen=True)
class Part:
    """A segment's file, relative to the work folder, and its length."""

    file: str
    ticks: int


def join_film(
    parts: Sequence[Part], timeline: Timeline, fps: int, program: str, work: Path, film: Path
) -> list[Run]:
    """Join segments into `film`, a path inside the work folder, and have it on the disk; returns what it holds.

    These are the runs of held frames.  Raises `EncoderError` or `MachineError` where that fails.  The
    encoder only sees short relative names, so that no folder's name can be taken for an option or a pattern.
    """
    scratch = film.parent
    with machine_errors("writing"):
        held, reordered = _parts_checked(parts, fps, work)
        (work / "join.txt").write_text(listed(parts, _UNDECODED), "utf-8", newline="\n")
        (scratch / "join.vtt").write_text(webvtt(caption_cues(timeline)), "utf-8", newline="\n")
        (scratch / "join.meta").write_text(ffmetadata(timeline), "utf-8", newline="\n")
    inside = scratch.relative_to(work)
    arguments = [
        # The segments share one header, which has been checked: nothing is to be converted or repeated.
        *("-f", "concat", "-safe", "0", "-auto_convert", "0", "-i", "join.txt"),
        *("-i", f"{inside}/join.vtt", "-f", "ffmetadata", "-i", f"{inside}/join.meta"),
        *("-map", "0:v:0", "-map", "1:s:0", "-map_metadata", "2", "-map_chapters", "2"),
        *("-c:v", "copy", "-c:s", "mov_text", "-metadata:s:s:0", "language=eng"),
        *("-fflags", "+bitexact", "-video_track_timescale", str(TICK * fps)),
        # Milliseconds; ffmpeg would take a common multiple of all tracks, in which long chapters overflow.
        *("-movie_timescale", "1000"),
        # Where pictures are shown as they are coded, from 0, there is nothing to edit.
        *(() if reordered else ("-use_editlist", "0")),
        *("-movflags", "+faststart", "-f", "mp4", str(film.relative_to(work))),
    ]
    encoder.run(program, arguments, work, scratch / "join.log", film.name)
    with machine_errors("writing"):
        for name in ("join.vtt", "join.meta", "join.log"):
            (scratch / name).unlink()
        (work / "join.txt").unlink()
        sync_path(film)
    return held


def listed(parts: Sequence[Part], options: Sequence[str] = ()) -> str:
    """The segments as a list that the encoder reads one after the other, each with these options."""
    opening = "".join(f"option {option}\n" for option in options)
    lines = [
        f"file '{part.file}'\nduration {part.ticks // 10}.{part.ticks % 10}\n{opening}" for part in parts
    ]
    return "ffconcat version 1.0\n" + "".join(lines)


def _parts_checked(parts: Sequence[Part], fps: int, work: Path) -> tuple[list[Run], bool]:
    """The film's runs of held frames, and whether its pictures are reordered.

    Raises `EncoderError` where the segments' parameter sets are not byte for byte the same.
    """
    held: list[Run] = []
    setups: set[bytes] = set()
    reordered, start = False, 0
    for part in parts:
        content = (work / part.file).read_bytes()
        setups.add(read_setup(content, part.file))
        reordered |= read_film(content, part.file).reordered
        held += [(start + first, count) for first, count in read_held(content, part.file)]
        start += part.ticks * fps // TICKS_PER_SECOND
    if len(setups) != 1:
        cure = "render with --fresh, or with --plain-encoding"
        raise EncoderError(f"the segments have {len(setups)} different headers", "joining", cure)
    return held, reordered


def read_back(path: Path) -> Film:
    """What the film at a path says of itself."""
    return read_film(_mapped(path), path.name)


def strange_pictures(film: Path, parts: Sequence[Part], work: Path) -> list[str]:
    """Which coded picture of a film is not its segments', byte for byte, in words; nothing where all are.

    Whatever can be decoded of the segments can be decoded of it then: they are set up alike, too.
    """
    joined = _mapped(film)
    own = (picture for part in parts for picture in _coded(work / part.file))
    if read_setup(joined, film.name) != read_setup(_mapped(work / parts[0].file), parts[0].file):
        return ["its header is not that of its segments"]
    both = enumerate(zip_longest(read_pictures(joined, film.name), own, fillvalue=b""))
    strange = (place for place, (mine, theirs) in both if bytes(mine) != bytes(theirs))
    return [f"picture {place} is not that of its segment" for place in islice(strange, 1)]


def _coded(segment: Path) -> Iterator[memoryview]:
    return read_pictures(_mapped(segment), segment.name)


def _mapped(path: Path) -> memoryview:
    """The contents of a film, of which no more is in memory than is looked at."""
    try:
        with path.open("rb") as file:
            # Closed with the last view of it: an error's traceback may still hold one.
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (FileNotFoundError, ValueError) as error:
        raise EncoderError("ffmpeg wrote no film", path.name, "run the same command again") from error


def promised(timeline: Timeline, fps: int, size: tuple[int, int], plain: bool = False) -> Film:
    """What a finished film must say; its key frames are those at least that it must have."""
    cues = chapter_cues(timeline)
    keys = (tick for chapter in timeline.chapters for tick in key_ticks(timeline, chapter))
    return Film(
        size=size,
        frames=timeline.ticks * fps // TICKS_PER_SECOND,
        rate=Fraction(fps),
        steady=True,
        key_frames=tuple(tick * fps // TICKS_PER_SECOND for tick in keys),
        chapters=tuple((Fraction(cue.start, TICKS_PER_SECOND), cue.text) for cue in cues[:CHAPTERS_LISTED]),
        captions=1,
        chapter_marks=len(cues),
        streamable=True,
        reordered=plain,
    )


def departures(found: Film, wanted: Film) -> list[str]:
    """How a film differs from what it must be, in words; nothing where it is right."""
    plain = ("size", "frames", "rate", "steady", "chapters", "chapter_marks", "captions", "streamable")
    different = [
        f"{name} is {_short(getattr(found, name))}, not {_short(getattr(wanted, name))}"
        for name in plain
        if getattr(found, name) != getattr(wanted, name)
    ]
    missing = sorted(set(wanted.key_frames) - set(found.key_frames))
    if missing:
        different.append(f"frame {missing[0]}, which must be a key frame, is none")
    if found.reordered and not wanted.reordered:
        different.append("its pictures are not coded in the order in which they are shown")
    gaps = [after - before for before, after in pairwise((*found.key_frames, found.frames))]
    if max(gaps, default=0) > MOST_TICKS * wanted.rate / TICKS_PER_SECOND:
        different.append(f"{max(gaps)} frames without a key frame")
    return different


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."
