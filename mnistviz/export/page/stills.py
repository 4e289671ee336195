"""The page's pictures: the rest of every step, as small WebP files beside the page."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster import ycbcr
from mnistviz.export.raster.raster import Raster
from mnistviz.picture.compose import compose
from mnistviz.picture.layout import Look
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip, Timeline

Painter = Callable[
    [Fraction], NDArray[np.uint8]
]  # seconds -> (3, rows, columns), Y'CbCr as the raster paints
WIDTH_PX = 640
QUALITY = 82  # of 100, WebP's own scale: numbers in a still stay readable
FOLDER = "stills"


def name(clip: Clip) -> str:
    """The still's name, relative to the output folder."""
    return f"{FOLDER}/step-{clip.chapter.number:02d}-{clip.step:02d}.webp"


def instant(clip: Clip) -> Fraction:
    """The last tick of the clip's rest, when its idea is finished; for the main shot this is the best instant."""
    return Fraction(clip.finished, TICKS_PER_SECOND)


def painted_size(size: tuple[int, int]) -> tuple[int, int]:
    """The size at which a film of that size is painted for its stills: twice as large as they are, at most."""
    width, height = size
    if width <= 2 * WIDTH_PX:
        return size
    return 2 * WIDTH_PX, max(2 * round(WIDTH_PX * height / width), 2)


def painter(timeline: Timeline, look: Look, size: tuple[int, int]) -> Painter:
    """Paints the stills of a film of that size; the pictures are views of its canvas."""
    raster = Raster(painted_size(size))
    return lambda instant: raster.paint(compose(timeline, instant, look).display).full


def stills(timeline: Timeline, paint: Painter) -> dict[str, bytes]:
    """All stills by name; the same pictures give the same bytes."""
    return {name(clip): encoded(paint(instant(clip))) for clip in timeline.clips}


def encoded(planes: NDArray[np.uint8]) -> bytes:
    """A painted frame as a WebP picture of at most `WIDTH_PX` across; the planes are shrunk by means of areas."""
    import cv2
    from PIL import Image

    _, height, width = planes.shape
    if width > WIDTH_PX:
        size = (WIDTH_PX, round(height * WIDTH_PX / width))
        planes = np.stack([cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in planes])
    picture = Image.fromarray(ycbcr.to_rgb(planes))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()


def chapter_still(timeline: Timeline, number: int) -> str:
    """The still of a chapter: that of the step whose rest is its best instant."""
    chapter = next(chapter for chapter in timeline.chapters if chapter.number == number)
    clips = timeline.clips_of(chapter)
    best = timeline.best_instant(chapter)
    return next((name(clip) for clip in clips if instant(clip) == best), name(clips[-1]))
