"""A short picture that moves, for a README or a page: a piece of the film as an animated GIF or WebP.

A piece that is too long for a loop plays faster.  What does not fit the largest size is written again with
fewer colours (or less quality), then with fewer frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.errors import InputError
from mnistviz.export.raster.raster import Raster
from mnistviz.picture.compose import compose
from mnistviz.picture.layout import Look
from mnistviz.story.timeline import Timeline

SHORTEST_S, LONGEST_S = 8, 12
LARGEST: Final = 2_000_000  # bytes
SAMPLES: Final = 12  # frames from which the palette is made

Pictures = list[NDArray[np.uint8]]  # (height, width, 3), sRGB


@dataclass(frozen=True)
class Grade:
    """How good a loop is tried to be."""

    fps: int
    colours: int  # of a GIF
    quality: int  # of a WebP, 0..100


GRADES: Final = (
    Grade(10, 200, 80), Grade(10, 96, 65), Grade(10, 48, 50), Grade(5, 96, 60), Grade(5, 48, 40),
    Grade(4, 24, 25), Grade(2, 16, 15), Grade(1, 8, 5),
)  # fmt: skip


def make_loop(
    timeline: Timeline, piece: tuple[Fraction, Fraction], look: Look, size: tuple[int, int], suffix: str
) -> bytes:
    """The film from one instant to another, in seconds, as the best loop that is small enough.

    `suffix` is `.gif` or `.webp`.  Raises `InputError` where even the least one is too large.
    """
    write = WRITERS[suffix]
    painted: dict[int, tuple[Pictures, list[int]]] = {}
    for grade in GRADES:
        if grade.fps not in painted:
            painted[grade.fps] = _shortened(_paint(timeline, piece, look, size, grade.fps))
        packed = write(*painted[grade.fps], grade)
        if len(packed) <= LARGEST:
            return packed
    what = f"the loop has {len(packed):,} bytes at its least"
    raise InputError(what, "", "choose a smaller --size or a shorter piece")


def instants(piece: tuple[Fraction, Fraction], fps: int) -> list[Fraction]:
    """The film's instants that the frames of a loop show, in seconds."""
    start, end = piece
    length = min(max(end - start, Fraction(SHORTEST_S)), Fraction(LONGEST_S))
    speed = max((end - start) / length, Fraction(1))
    count = int(min(length, (end - start) / speed) * fps)
    return [start + speed * number / fps for number in range(max(count, 1))]


def _paint(
    timeline: Timeline, piece: tuple[Fraction, Fraction], look: Look, size: tuple[int, int], fps: int
) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Each different frame, and for how many milliseconds it stays; the last one makes the loop long enough."""
    raster, last = Raster(size), None
    moments = instants(piece, fps)
    rest_ms = max(SHORTEST_S * 1000 - len(moments) * 1000 // fps, 0)
    for place, instant in enumerate(moments):
        display = compose(timeline, instant, look).display
        stays_ms = 1000 // fps + (rest_ms if place == len(moments) - 1 else 0)
        if display is not last:
            picture = raster.paint(display).rgb()
        last = display
        yield picture, stays_ms


def _shortened(frames: Iterator[tuple[NDArray[np.uint8], int]]) -> tuple[Pictures, list[int]]:
    """Equal frames that follow one another as one, with the time of all."""
    pictures: Pictures = []
    durations_ms: list[int] = []
    for picture, stays_ms in frames:
        if pictures and np.array_equal(pictures[-1], picture):
            durations_ms[-1] += stays_ms
        else:
            pictures.append(picture.copy())
            durations_ms.append(stays_ms)
    return pictures, durations_ms


def _gif(pictures: Pictures, durations_ms: Sequence[int], grade: Grade) -> bytes:
    """One palette for all frames and no dithering, so that what rests stays equal and packs well."""
    return _packed(_in_few_colours(pictures, grade.colours), durations_ms, ".gif")


def _webp(pictures: Pictures, durations_ms: Sequence[int], grade: Grade) -> bytes:
    return _packed(pictures, durations_ms, ".webp", quality=grade.quality, method=3)


def _packed(pictures: Sequence[Any], durations_ms: Sequence[int], suffix: str, **options: Any) -> bytes:
    import imageio.v3

    packed: bytes = imageio.v3.imwrite(
        "<bytes>",
        np.stack(pictures),
        extension=suffix,
        plugin="pillow",
        duration=list(durations_ms),
        loop=0,
        **options,
    )
    return packed


def _in_few_colours(pictures: Pictures, colours: int) -> Pictures:
    """The frames in the colours that a few of them share out best."""
    from PIL import Image

    chosen = [pictures[place * len(pictures) // SAMPLES] for place in range(SAMPLES)]
    palette = Image.fromarray(np.vstack(chosen)).quantize(colours, Image.Quantize.MEDIANCUT)
    few = (
        Image.fromarray(picture).quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures
    )
    return [np.asarray(picture.convert("RGB")) for picture in few]


WRITERS: Final[dict[str, Callable[[Pictures, Sequence[int], Grade], bytes]]] = {".gif": _gif, ".webp": _webp}
