"""What the encoder is told: from raw frames on its standard input to a segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mnistviz.export.formats import X264, Effort
from mnistviz.export.video.track import TICK

BT709 = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
# Joined segments share one header; ultrafast would leave High profile without 8x8 transforms.
_ALWAYS = "stitchable=1:8x8dct=1:scenecut=0:keyint=infinite"
# x264 makes coarser what it does not see others refer to: the last pictures before a key frame, or before the end, as
# far as it looks ahead.  They were the worst of nearly every segment; so their bits are multiplied.
TAIL_BITS = 1.2
# Each picture refers to the one before: an all-skip picture may be put between any two.
_HOLDABLE = f"{_ALWAYS}:bframes=0:ref=1:weightp=0"


@dataclass(frozen=True)
class Settings:
    """What decides how frames are encoded, whatever they show."""

    size: tuple[int, int]  # width and height in pixels
    fps: int
    quality: str  # a key of X264
    plain: bool = False  # with B frames; every frame goes through the encoder

    @property
    def timescale(self) -> int:
        """Units of a second."""
        return TICK * self.fps

    @property
    def measured(self) -> bool:
        """Whether the encoder is to say how near it came to what it was given."""
        return X264[self.quality].ease > 0


def encode_options(
    settings: Settings,
    keys: Sequence[int],
    coarser: float = 0.0,
    statistics: str = "",
    key_level: int | None = None,
    frames: int = 0,
) -> list[str]:
    """The encoder's arguments; `keys` are the numbers of the frames, as it is fed, that are key frames.

    `coarser` is added to the crf; into `statistics` the encoder writes how near each picture came to what it was given.
    `frames` is how many it is fed, where that is known; `key_level` is the quantiser of the first key frame, which
    is as coarse as what follows where none is given.
    """
    effort = X264[settings.quality]
    width, height = settings.size
    forced = "+".join(f"eq(n,{key})" for key in keys)
    return [
        *("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", f"{settings.fps}/1"),
        *("-color_range", "tv", "-colorspace", "bt709", "-i", "pipe:0"),
        *(
            "-vf",
            BT709,
            "-c:v",
            "libx264",
            "-preset",
            effort.preset,
            "-crf",
            f"{effort.crfs[settings.fps] + coarser:.1f}",
            "-profile:v",
            "high",
        ),
        *("-pix_fmt", "yuv420p", "-force_key_frames", f"expr:{forced}", "-forced-idr", "1", "-threads", "1"),
        *(
            "-x264-params",
            (_ALWAYS if settings.plain else _HOLDABLE)
            + effort.parameters(settings.fps)
            + _zones([*keys, frames], effort, settings.fps, key_level),
            "-bsf:v",
            "filter_units=remove_types=6",
        ),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact+psnr" if statistics else "+bitexact"),
        *(("-vstats_file", statistics) if statistics else ()),
        *("-map_metadata", "-1"),
        *("-video_track_timescale", str(settings.timescale), "-f", "mp4"),
    ]


def _zones(ends: Sequence[int], effort: Effort, fps: int, key_level: int | None) -> str:
    """What is said to x264 of single pictures: of the first, and of the last few before each end but the first."""
    zones = [] if key_level is None else [f"0,0,q={key_level}"]
    if key_level is None and fps in effort.first:
        zones = [f"0,0,b={effort.first[fps]}"]
    for key, end in pairwise(ends):
        first = max(key + 1, end - effort.tails.get(fps, 0))
        zones += [f"{first},{end - 1},b={TAIL_BITS}"] if first < end else []
    return f":zones={'/'.join(zones)}" if zones else ""
