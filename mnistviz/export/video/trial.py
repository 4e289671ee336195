"""Every option that the encoder will be given, tried on a film of two frames before anything is drawn.

An old ffmpeg, or one that was built without something, would otherwise be found out by the last step.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from mnistviz.errors import EncoderError, MachineError
from mnistviz.export.video import encoder
from mnistviz.export.video.film import Part, join_film
from mnistviz.export.video.settings import Settings, encode_options
from mnistviz.storage.files import machine_errors
from mnistviz.story.timeline import Timeline

FRAMES = 2
CURE = "reinstall imageio-ffmpeg, or let IMAGEIO_FFMPEG_EXE name an ffmpeg 5 or later with libx264"
# What ffmpeg says of an option, or of a value, that it does not know.
_REFUSED = re.compile(
    r"Unrecognized option|Option not found|Option \S+ not found|No such filter|Unknown (bitstream filter|encoder"
    r"|decoder)|(parsing|setting) option|Undefined constant|not a suitable output format|Invalid value .* for option"
)


def try_options(
    program: str, settings: Settings, timeline: Timeline, work: Path, strictly: bool = False
) -> None:
    """Encode two frames, join them into a film and look at it, in a folder of its own below `work`.

    Raises `MachineError` where the encoder lacks an option, `HungEncoder` where it does nothing.  What
    else goes wrong is left to those who can try again, unless it is to be tried strictly.
    """
    try:
        _try_once(program, settings, timeline, work)
    except encoder.HungEncoder:
        raise
    except (EncoderError, MachineError) as error:
        if _REFUSED.search(error.what):
            raise MachineError(f"this ffmpeg cannot make films: {error.what}", program, CURE) from error
        if strictly:  # as a render would: an encoder that fails now and then makes films
            encoder.again_and_again(lambda: _try_once(program, settings, timeline, work))


def _try_once(program: str, settings: Settings, timeline: Timeline, work: Path) -> None:
    place = work / "trial"
    try:
        with machine_errors("trying the encoder"):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            _make_film(program, settings, timeline, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _make_film(program: str, settings: Settings, timeline: Timeline, place: Path) -> None:
    width, height = settings.size
    raw, segment, log = place / "two.yuv", place / "two.mp4", place / "two.log"
    with raw.open("w+b") as file:
        file.truncate(FRAMES * width * height * 3 // 2)  # zeros that take no room
        statistics = "two.vstats" if settings.measured else ""
        arguments = [*encode_options(settings, [0], statistics=statistics, frames=FRAMES), segment.name]
        process = encoder.start(program, arguments, place, log, file.fileno())
        encoder.finish(process, log, "a trial", segment)
    if not settings.plain:  # how held frames are proven
        encoder.run(program, ["-i", segment.name, "-f", "framemd5", "two.md5"], place, log, "a trial")
    (place / "joined").mkdir()
    joined = place / "joined" / "film.mp4"
    join_film([Part(segment.name, 1)], timeline, settings.fps, program, place, joined)
