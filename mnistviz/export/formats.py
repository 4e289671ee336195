"""Which files are made: films of which sizes, and how hard the encoder works; light, for the command line reads it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mnistviz.errors import InputError

SIZES: Final = MappingProxyType(
    {"720p": (1280, 720), "1080p": (1920, 1080), "1440p": (2560, 1440), "2160p": (3840, 2160)}
)
SIZE: Final = "1080p"  # where none is named
SMALLEST_PX, LARGEST_PX = (320, 180), (7680, 4320)  # long side, short side
X264: Mapping[str, tuple[str, Mapping[int, float], str]] = MappingProxyType(
    {
        "draft": ("ultrafast", {10: 30.0, 60: 28.0}, ""),
        "standard": ("veryfast", {10: 22.8, 60: 20.5}, ":qcomp=0.85:aq-strength=0.4"),
        "high": ("slow", {10: 16.0, 60: 13.5}, ""),
    }
)  # quality: x264's preset; by rate, its crf: of the same crf, frames that are seen longer come out finer; and how
# its bits are spread: evenly, for the worst frames are those in which most moves
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
