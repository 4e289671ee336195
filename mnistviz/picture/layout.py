"""Where the regions of a frame are, for any shape of film: the stage, the source, the inspector, the words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from mnistviz.picture.display import Box
from mnistviz.picture.hashing import hashed_once
from mnistviz.picture.theme import Theme, find_theme

SHORT_SIDE = 1080.0  # design units
MAP_WIDE = 480.0  # of the small map, beside the title
RAMP_HEIGHT, LEGEND_TEXT, LEGEND_SPACE, LEGEND_MARGIN = 14.0, 17.0, 8.0, 10.0
# At the bottom of the stage, however small that is.
LEGEND_HEIGHT = RAMP_HEIGHT + LEGEND_SPACE + LEGEND_TEXT + 2 * LEGEND_MARGIN


@hashed_once
@dataclass(frozen=True)
class Regions:
    """Boxes in design units; none of them overlaps another, but for those of the whole map."""

    size: tuple[float, float]
    title: Box
    map: Box
    stage: Box
    source: Box
    inspector: Box
    caption: Box
    bar: Box
    whole_map: Box  # where the map fills the frame, instead of all but title and bar;
    whole_caption: Box  # and what is said then


@hashed_once
@dataclass(frozen=True)
class Look:
    """What a film looks like, whatever it tells: the regions and the theme."""

    regions: Regions
    theme: Theme

    @cached_property
    def wide(self) -> Look:
        """The same where the map fills the frame: the caption below it."""
        return replace(self, regions=replace(self.regions, caption=self.regions.whole_caption))


def look(size_px: tuple[int, int], theme: str = "dark") -> Look:
    """The look of a film of that size; raises `InputError` where there is no theme of that name."""
    return Look(regions(size_px[0] / size_px[1]), find_theme(theme))


@lru_cache(maxsize=16)
def regions(aspect: float) -> Regions:
    """Regions for an aspect ratio (width / height): side by side when wide, one below the other when tall."""
    if aspect >= 1.6:
        return _wide(SHORT_SIDE * aspect)
    if aspect >= 1.0:
        return _square(SHORT_SIDE * aspect)
    return _tall(SHORT_SIDE / aspect)


def _wide(width: float) -> Regions:
    """16:10 and wider: the stage left, everything to read right, a little narrower where there is less room."""
    left = width - 690.0 + min(max(0.3 * (1920.0 - width), 0.0), 60.0)
    right = width - 40.0
    return Regions(
        size=(width, SHORT_SIDE),
        title=(40, 24, left - 40 - MAP_WIDE, 168),
        map=(left - 30 - MAP_WIDE, 16, left - 40, 176),
        stage=(40, 184, left - 40, 1000),
        source=(left, 40, right, 464),
        inspector=(left, 480, right, 824),
        caption=(left, 840, right, 1000),
        bar=(40, 1024, right, 1056),
        whole_map=(60, 176, right - 10, 850),
        whole_caption=(40, 866, right, 1000),
    )


def _square(width: float) -> Regions:
    """1:1 to 16:10: the stage above, source and inspector side by side below it."""
    half = width * 0.56
    return Regions(
        size=(width, SHORT_SIDE),
        title=(30, 18, width - 30 - MAP_WIDE, 136),
        map=(width - 20 - MAP_WIDE, 12, width - 30, 142),
        stage=(30, 146, width - 30, 654),
        source=(30, 662, half - 8, 886),
        inspector=(half + 8, 662, width - 30, 886),
        caption=(30, 896, width - 30, 1028),
        bar=(30, 1040, width - 30, 1064),
        whole_map=(30, 150, width - 30, 880),
        whole_caption=(30, 896, width - 30, 1028),
    )


def _tall(height: float) -> Regions:
    """9:16 and the like: everything one below the other."""
    width = SHORT_SIDE
    bottom = height - 60.0
    spare = height - 1080.0
    stage_end = 290 + 290 + spare * 0.51
    source_end = stage_end + 16 + 100 + spare * 0.24
    return Regions(
        size=(width, height),
        title=(40, 24, width - 40, 120),
        map=(40, 126, width - 40, 286),
        stage=(40, 290, width - 40, stage_end),
        source=(40, stage_end + 16, width - 40, source_end),
        inspector=(40, source_end + 16, width - 40, bottom - 170),
        caption=(40, bottom - 154, width - 40, bottom - 16),
        bar=(40, bottom, width - 40, bottom + 28),
        whole_map=(40, 140, width - 40, bottom - 170),
        whole_caption=(40, bottom - 154, width - 40, bottom - 16),
    )
