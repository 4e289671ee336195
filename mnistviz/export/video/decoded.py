"""A film decoded by the encoder's own program, and held against what is known of its frames."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mnistviz.errors import EncoderError
from mnistviz.export.video import encoder
from mnistviz.export.video.film import Part, listed
from mnistviz.export.video.mp4 import read_film
from mnistviz.export.video.track import Run
from mnistviz.storage import processes
from mnistviz.storage.files import machine_errors
from mnistviz.story.timecode import TICKS_PER_SECOND

_STRICT = ("-xerror", "-err_detect", "explode")
# Alone, for threads would cost more than the few key frames; a check of each picture that nobody asks for is cheap.
_KEYS = ("-threads", "1", "-skip_frame", "nokey", "-f", "concat", "-safe", "0", "-auto_convert", "0")


def decoded_departures(film: Path, frames: int, held: Sequence[Run], program: str) -> list[str]:
    """How the decoded pictures of a film differ from what they must be, in words; nothing where they are right.

    Raises `EncoderError` where they cannot be decoded without an error.
    """
    with tempfile.TemporaryDirectory(prefix="mnistviz-") as scratch:
        pictures = _pictures(film, program, Path(scratch), _STRICT)
    times = [time for time, _ in pictures]
    hashes = [picture for _, picture in pictures]
    if len(pictures) != frames:
        return [f"{len(pictures)} frames can be decoded, not {frames}"]
    if times != list(range(frames)):
        return ["its decoded frames are not equally long"]
    still = (place for first, count in held for place in range(first, first + count))
    return [f"frame {place} is not held" for place in still if hashes[place] != hashes[place - 1]][:1]


@contextmanager
def decoding_keys(
    parts: Sequence[Part], fps: int, program: str, work: Path
) -> Iterator[Callable[[], list[str]]]:
    """Have the key frames of segments decoded meanwhile: a small part of all frames, so it costs little.

    What is given waits for that, and says which of them cannot be decoded by themselves, in words; it raises
    `EncoderError` where that fails.
    """
    if not parts:
        yield list
        return
    name = f"keys-{fps}fps"
    list_, log, found = (work / f"{name}.{kind}" for kind in ("txt", "log", "crc"))
    arguments = [*_STRICT, *_KEYS, "-i", list_.name, "-map", "0:v:0", "-f", "framecrc", found.name]
    with machine_errors("writing"):
        list_.write_text(listed(parts), "utf-8", newline="\n")
        process = encoder.start(program, arguments, work, log)

    def undecoded() -> list[str]:
        try:
            encoder.finish(process, log, name, found)
        except encoder.HungEncoder:
            raise
        except EncoderError:
            encoder.again_and_again(lambda: encoder.run(program, arguments, work, log, name))
        times = {time for time, _ in _listed_pictures(found)}
        keys = _keys(parts, fps, work)
        return [f"key frame {key} cannot be decoded" for key in keys if key not in times][:1]

    try:
        yield undecoded
    finally:
        processes.stop(process)
        for path in (list_, log, found):
            path.unlink(missing_ok=True)


def _keys(parts: Sequence[Part], fps: int, work: Path) -> Iterator[int]:
    """The numbers of all key frames, were nothing but these segments a film."""
    start = 0
    for part in parts:
        film = read_film((work / part.file).read_bytes(), part.file)
        yield from (start + key for key in film.key_frames)
        start += part.ticks * fps // TICKS_PER_SECOND


def _pictures(film: Path, program: str, scratch: Path, options: Sequence[str]) -> list[tuple[int, str]]:
    """When each frame is shown, counted in frames, and a hash of it."""
    # Whole, for Windows has no way from one drive to another; no folder's name is an option or a pattern so.
    place = f"file:{film.resolve()}"
    arguments = [*options, "-i", place, "-map", "0:v:0", "-f", "framemd5", "pictures"]
    encoder.again_and_again(
        lambda: encoder.run(program, arguments, scratch, scratch / "decode.log", film.name)
    )
    return _listed_pictures(scratch / "pictures")


def _listed_pictures(path: Path) -> list[tuple[int, str]]:
    """What the decoder lists: when each frame is shown, counted in frames, and a check of it."""
    lines = [line for line in path.read_text("ascii").splitlines() if not line.startswith("#")]
    fields = [line.split(",") for line in lines]
    return [(int(field[2]), field[-1].strip()) for field in fields]
