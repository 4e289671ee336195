"""A film decoded by the encoder's own program, and held against what is known of its frames."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from mnistviz.export.video import encoder
from mnistviz.export.video.track import Run

_STRICT = ("-xerror", "-err_detect", "explode")


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


def undecoded_keys(film: Path, keys: Sequence[int], program: str, scratch: Path) -> list[str]:
    """Which key frames cannot be decoded by themselves, in words: a small part of all frames, so it costs little."""
    pictures = _pictures(film, program, scratch, (*_STRICT, "-skip_frame", "nokey"))
    found = {time for time, _ in pictures}
    return [f"key frame {key} cannot be decoded" for key in keys if key not in found][:1]


def _pictures(film: Path, program: str, scratch: Path, options: Sequence[str]) -> list[tuple[int, str]]:
    """When each frame is shown, counted in frames, and a hash of it."""
    # Whole, for Windows has no way from one drive to another; no folder's name is an option or a pattern so.
    place = f"file:{film.resolve()}"
    arguments = [*options, "-i", place, "-map", "0:v:0", "-f", "framemd5", "pictures"]
    encoder.again_and_again(
        lambda: encoder.run(program, arguments, scratch, scratch / "decode.log", film.name)
    )
    told = (scratch / "pictures").read_text("ascii")
    lines = [line for line in told.splitlines() if not line.startswith("#")]
    fields = [line.split(",") for line in lines]
    return [(int(field[2]), field[-1].strip()) for field in fields]
