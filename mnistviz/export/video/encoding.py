"""One segment, drawn once and encoded for every rate that lacks it: what a worker does.

At 10 fps a film shows every sixth frame of the same film at 60 fps, so both encoders are fed from one
run of paintings.
"""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mnistviz.errors import EncoderError
from mnistviz.export.raster.raster import Raster
from mnistviz.export.video import encoder, feed
from mnistviz.export.video.mp4 import read_film
from mnistviz.export.video.segments import X264, Plan, Stretch
from mnistviz.storage.files import machine_errors
from mnistviz.story.timecode import TICKS_PER_SECOND

KEY_FRAME_SECONDS = 2
TIMESCALE = 256  # times the rate: what the MP4 counts time in
BT709 = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"


@dataclass(frozen=True)
class Encoded:
    """A finished segment."""

    fps: int
    frames: int
    content: bytes


def draw(
    plan: Plan, stretch: Stretch, rates: tuple[int, ...], program: str, folder: Path
) -> tuple[Encoded, ...]:
    """Draw a stretch once and encode it for each rate; `folder` is for the encoders' own files.

    Raises `EncoderError` or `MachineError` where an encoder fails or writes other than it was given.
    """
    with machine_errors("writing a segment"), ExitStack() as stack:
        lanes = [
            stack.enter_context(Lane(place, plan, stretch, rate, program, folder))
            for place, rate in enumerate(rates)
        ]
        ring = feed.Ring(plan.size, [lane.pipe for lane in lanes])
        stack.callback(ring.close)
        try:
            _paint(plan, stretch, lanes, ring)
        except feed.Stalled:
            what = f"ffmpeg has read nothing for {encoder.PATIENCE_SECONDS:g} s"
            raise encoder.HungEncoder(what, f"chapter {stretch.chapter}", encoder.AGAIN) from None
        return tuple(lane.finished() for lane in lanes)


def _paint(plan: Plan, stretch: Stretch, lanes: list[Lane], ring: feed.Ring) -> None:
    fastest = max(lane.fps for lane in lanes)
    raster = Raster(plan.size)
    first = stretch.start * fastest // TICKS_PER_SECOND
    shown = buffer = None
    for place in range(stretch.frames(fastest)):
        display = plan.composer(plan.timeline, Fraction(first + place, fastest), plan.look)
        if display is not shown or buffer is None:
            shown, buffer = display, ring.newest(raster.paint(display))
        for lane in lanes:
            if place % (fastest // lane.fps) == 0:
                lane.send(buffer)


class Lane:
    """One encoder at work on one segment."""

    def __init__(
        self, number: int, plan: Plan, stretch: Stretch, fps: int, program: str, folder: Path
    ) -> None:
        self.fps = fps
        self.pipe = feed.Pipe(number, plan.size, encoder.PATIENCE_SECONDS)
        self._frames = stretch.frames(fps)
        stem = f"{plan.name(stretch, fps)}-{folder.name}"
        self._film, self._log = folder / f"{fps}.mp4", folder / f"{fps}.log"
        self._doing = f"segment {stem[:8]} of chapter {stretch.chapter} at {fps} fps"
        self._process = self._start(plan, program, folder)

    def _start(self, plan: Plan, program: str, folder: Path) -> subprocess.Popen[bytes]:
        options = encode_options(plan.size, self.fps, plan.quality)
        try:
            return encoder.start(program, [*options, self._film.name], folder, self._log, self.pipe.outlet)
        except BaseException:
            self.pipe.close()
            raise
        finally:
            if self.pipe.outlet >= 0:
                self.pipe.close_outlet()

    def __enter__(self) -> Lane:
        return self

    def __exit__(self, *_: object) -> None:
        self.pipe.close()
        encoder.stop(self._process)

    def send(self, buffer: feed.Buffer) -> None:
        """Hand the encoder one more frame."""
        try:
            self.pipe.send(buffer)
        except BrokenPipeError:
            encoder.finish(self._process, self._log, self._doing, self._film)
            raise EncoderError("ffmpeg left before the last frame", self._doing, encoder.AGAIN) from None

    def finished(self) -> Encoded:
        """The segment, once the encoder has written it and its frames have been counted."""
        self.pipe.close()
        encoder.finish(self._process, self._log, self._doing, self._film)
        try:
            content = self._film.read_bytes()
        except FileNotFoundError:
            raise EncoderError("ffmpeg wrote no file", self._doing, encoder.AGAIN) from None
        film = read_film(content, self._doing)
        if film.frames != self._frames or film.rate != self.fps:
            what = f"ffmpeg wrote {film.frames} frames at {film.rate} fps of {self._frames} at {self.fps}"
            raise EncoderError(what, self._doing, encoder.AGAIN)
        return Encoded(self.fps, self._frames, content)


def encode_options(size: tuple[int, int], fps: int, quality: str) -> list[str]:
    """The encoder's arguments from raw frames on its standard input to a segment."""
    preset, crf = X264[quality]
    width, height = size
    return [
        *("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", f"{fps}/1"),
        *("-color_range", "tv", "-colorspace", "bt709", "-i", "pipe:0"),
        *("-vf", BT709, "-c:v", "libx264", "-preset", preset, "-crf", str(crf), "-profile:v", "high"),
        *("-pix_fmt", "yuv420p", "-g", str(KEY_FRAME_SECONDS * fps), "-threads", "1"),
        # Joined segments share one header; ultrafast would leave High profile without 8x8 transforms.
        *("-x264-params", "stitchable=1:8x8dct=1", "-bsf:v", "filter_units=remove_types=6"),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"),
        *("-video_track_timescale", str(TIMESCALE * fps), "-f", "mp4"),
    ]
