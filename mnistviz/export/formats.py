"""Which files are made: films of which sizes, and how hard the encoder works; light, for the command line reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from mnistviz.errors import InputError

SIZES: Final = MappingProxyType(
    {"720p": (1280, 720), "1080p": (1920, 1080), "1440p": (2560, 1440), "2160p": (3840, 2160)}
)
SIZE: Final = "1080p"  # where none is named
SMALLEST_PX, LARGEST_PX = (320, 180), (7680, 4320)  # long side, short side


@dataclass(frozen=True)
class Effort:
    """How hard x264 works for a quality."""

    preset: str
    crfs: Mapping[int, float]  # by rate: of the same crf, frames that are seen longer come out finer
    more: str = ""  # further parameters: how its bits are spread
    # By rate: x264's ipratio, and how closely motion is searched, where these are not its own.
    key_ratios: Mapping[int, float] = field(default_factory=dict)
    subme: Mapping[int, int] = field(default_factory=dict)
    # By rate: how much more the first key frame gets, which x264 makes as coarse as what follows; see `video.settings`.
    first: Mapping[int, float] = field(default_factory=dict)
    # By rate: pictures before a key frame, and before the end, that are made finer; see `video.settings`.
    tails: Mapping[int, int] = field(default_factory=dict)
    ease: float = 0.0  # 0..1: how much of what plain pictures come out finer by is saved; see `video.detail`

    def parameters(self, fps: int) -> str:
        """What is said to x264 beside preset and crf."""
        by_rate = {"ipratio": self.key_ratios, "subme": self.subme}
        return self.more + "".join(f":{name}={given[fps]}" for name, given in by_rate.items() if fps in given)


# Between frames at 60 fps little moves: to search it less closely is a quarter of the encoder's time, for 5 % of the bytes.
# Evenly spread, for the worst frames are those in which most moves.  Key frames finer than x264 would have them, for most
# of what follows is taken from them.  Edges are drawn sharp: nothing is to be smoothed.  Colours come out 2 dB
# less near than light, at 44 dB: half of that is 2 % of the bytes.
_EVEN = ":qcomp=0.85:aq-strength=0.4:trellis=1:partitions=all:no-deblock=1:chroma-qp-offset=6"
X264: Mapping[str, Effort] = MappingProxyType(
    {
        "draft": Effort("ultrafast", {10: 30.0, 60: 28.0}),
        "standard": Effort(
            "veryfast",
            {10: 24.6, 60: 22.7},
            _EVEN,
            key_ratios={10: 1.6, 60: 1.8},
            subme={60: 1},
            first={10: 1.4, 60: 1.8},
            tails={60: 10},
            ease=0.8,
        ),
        "high": Effort("slow", {10: 16.0, 60: 13.5}),
    }
)
QUALITY: Final = "standard"  # where none is named
LISTED: Final = (
    "chapters.json",
    "chapters.vtt",
    "captions.vtt",
    "captions.srt",
    "youtube.txt",
)  # beside the films


def film_name(fps: int) -> str:
    """The film's file name."""
    return f"film-{fps}fps.mp4"


def parse_size(text: str, where: str) -> tuple[int, int]:
    """`1920x1080`, or a name in `SIZES`; `InputError` for what is no size, odd, too small or too large."""
    if text in SIZES:
        return SIZES[text]
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if match is None:
        raise InputError(f"{text!r} is not a size", where, "write it as 1920x1080 or 1080p")
    return check_size((int(match[1]), int(match[2])), where)


def check_size(size: tuple[int, int], where: str = "size") -> tuple[int, int]:
    """The size itself, in pixels; raises `InputError` where it is odd, too small or too large."""
    width, height = size
    long, short = max(size), min(size)
    if not (SMALLEST_PX[0] <= long <= LARGEST_PX[0] and SMALLEST_PX[1] <= short <= LARGEST_PX[1]):
        raise InputError(f"{width}x{height} is no size for a film", where, "choose 320x180 to 7680x4320")
    if width % 2 or height % 2:
        even = f"{width - width % 2}x{height - height % 2}"
        raise InputError(
            f"{width}x{height} is odd, and H.264 needs even sizes", where, f"did you mean {even}?"
        )
    return size
