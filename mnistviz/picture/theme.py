"""Colours: the themes, an accent for each card, and the frozen colour tables that turn values into colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.errors import InputError
from mnistviz.picture.display import Colour, ColourMap, ColourScale
from mnistviz.picture.photographs import palette
from mnistviz.story.storyboard import Phase

TABLES: dict[ColourMap, str] = {  # names in matplotlib
    "signed": "berlin",
    "level": "inferno",
    "signed-light": "RdBu_r",
    "level-light": "CMRmap_r",
    "grey": "gray",  # of photographs
}
# Of yes and no: what false and what true look like; between them are means of several cells.
TRUTHS: dict[ColourMap, tuple[Colour, Colour]] = {
    "truth": ((44, 55, 68), (128, 224, 208)),
    "truth-light": ((212, 220, 228), (0, 92, 92)),
}
# How far the table goes, 0..1 on both sides; the ends of RdBu are too dark to tell red from blue without red cones.
ENDS: dict[ColourMap, tuple[float, float]] = {"signed-light": (0.06, 0.94)}
ON_LIGHT: dict[ColourMap, ColourMap] = {
    "signed": "signed-light",
    "level": "level-light",
    "truth": "truth-light",
}
# By table, and whether the first and the second theme are light: two tables side by side.
BOTH: dict[tuple[ColourMap, bool, bool], ColourMap] = {
    ("signed", False, True): "signed|signed-light",
    ("signed", True, False): "signed-light|signed",
    ("signed", True, True): "signed-light",
    ("level", False, True): "level|level-light",
    ("level", True, False): "level-light|level",
    ("level", True, True): "level-light",
    ("truth", False, True): "truth|truth-light",
    ("truth", True, False): "truth-light|truth",
    ("truth", True, True): "truth-light",
}
TABLE_SIZE = 256


@dataclass(frozen=True)
class Theme:
    """The colours of everything that is not a value."""

    name: str
    background: Colour
    panel: Colour
    panel_edge: Colour
    empty: Colour  # cells not yet there
    ink: Colour  # text
    soft: Colour  # text that matters less
    faint: Colour  # line numbers, axes
    lit_line: Colour  # background of the statement being run
    lit_part: Colour  # background of the sub-expression being computed
    lit_edge: Colour
    shadow: float  # 0..1, darkness of a card's shadow
    accents: tuple[
        Colour, ...
    ]  # one a card; none could be taken for a phase, or called red or green like one
    phases: tuple[tuple[Phase, Colour], ...]
    code: str  # Pygments style
    light: bool = False  # whether 0 is light, as the background is
    of: tuple[
        Theme, ...
    ] = ()  # the two that its colours and tables are of, one after the other; (): it is one

    def __hash__(self) -> int:
        """Of its name: it is asked for many times a frame."""
        return hash(self.name)

    def phase(self, phase: Phase | None) -> Colour:
        """The colour of a phase; a quiet one where there is none."""
        return self.soft if phase is None else dict(self.phases)[phase]

    def coloured(self, scale: ColourScale) -> ColourScale:
        """The scale with the table that suits the background: 0 is as dark, or as light, as that."""
        if not self.of and not self.light:
            return scale  # not even looked up: the hash of a scale costs more than all else here
        return _coloured(scale, tuple(one.light for one in self.of or (self,)))


@lru_cache(maxsize=256)
def _coloured(scale: ColourScale, light: tuple[bool, ...]) -> ColourScale:
    """The scale for a light background, or for two, of which each is light or not."""
    if len(light) == 2:
        return replace(scale, table=BOTH.get((scale.table, *light), scale.table))
    return replace(scale, table=ON_LIGHT.get(scale.table, scale.table))


DARK = Theme(
    name="dark",
    background=(13, 17, 23),
    panel=(22, 27, 34),
    panel_edge=(38, 45, 56),
    empty=(24, 29, 38),
    ink=(240, 246, 252),
    soft=(166, 176, 188),
    faint=(118, 129, 143),
    lit_line=(28, 45, 74),
    lit_part=(42, 78, 140),
    lit_edge=(56, 139, 253),
    shadow=0.55,
    accents=(
        (48, 192, 252),
        (252, 168, 36),
        (210, 168, 255),
        (156, 180, 108),
        (255, 123, 170),
        (242, 204, 96),
        (86, 212, 221),
        (216, 132, 84),
        (192, 192, 252),
        (190, 220, 110),
        (240, 140, 240),
        (255, 206, 160),
        (120, 235, 190),
        (186, 140, 255),
        (204, 136, 152),
        (104, 154, 190),
        (255, 180, 200),
        (214, 240, 150),
    ),
    phases=(
        ("forward", (126, 231, 135)),
        ("error", (255, 110, 100)),
        ("backward", (255, 166, 87)),
        ("update", (121, 176, 255)),
    ),
    code="github-dark",
)

LIGHT = Theme(
    name="light",
    background=(246, 247, 250),
    panel=(255, 255, 255),
    panel_edge=(208, 215, 222),
    empty=(226, 230, 236),
    ink=(31, 35, 40),
    soft=(87, 96, 106),
    faint=(101, 109, 118),
    lit_line=(221, 234, 255),
    lit_part=(172, 206, 255),
    lit_edge=(9, 105, 218),
    shadow=0.2,
    accents=(
        (112, 96, 176),
        (160, 80, 96),
        (120, 58, 190),
        (120, 112, 56),
        (176, 28, 96),
        (122, 88, 0),
        (0, 104, 116),
        (136, 72, 120),
        (16, 64, 184),
        (70, 98, 0),
        (142, 20, 142),
        (112, 66, 30),
        (0, 96, 70),
        (84, 40, 200),
        (92, 92, 116),
        (0, 82, 140),
        (150, 20, 60),
        (60, 90, 50),
    ),
    phases=(
        ("forward", (17, 99, 41)),
        ("error", (190, 32, 32)),
        ("backward", (158, 74, 0)),
        ("update", (9, 91, 190)),
    ),
    code="default",
    light=True,
)


def paired(first: Theme, second: Theme) -> Theme:
    """Two themes in one: what is drawn once has the colours of both, one after the other."""
    theirs = cycle(second.accents)
    return replace(
        first,
        name=f"{first.name}|{second.name}",
        background=first.background + second.background,
        panel=first.panel + second.panel,
        panel_edge=first.panel_edge + second.panel_edge,
        empty=first.empty + second.empty,
        ink=first.ink + second.ink,
        soft=first.soft + second.soft,
        faint=first.faint + second.faint,
        lit_line=first.lit_line + second.lit_line,
        lit_part=first.lit_part + second.lit_part,
        lit_edge=first.lit_edge + second.lit_edge,
        accents=tuple(accent + next(theirs) for accent in first.accents),
        phases=tuple((phase, colour + second.phase(phase)) for phase, colour in first.phases),
        code=f"{first.code}|{second.code}",
        of=(first, second),
    )


THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def add_theme(theme: Theme) -> Theme:
    """Enter a theme in the table under its name, where one of that name may be replaced."""
    THEMES[theme.name] = theme
    return theme


def find_theme(name: str, where: str = "theme") -> Theme:
    """The theme of that name; raises `InputError` where there is none."""
    if name not in THEMES:
        near = get_close_matches(name, THEMES, 1)
        cure = f"did you mean {near[0]}?" if near else f"choose {' or '.join(THEMES)}"
        raise InputError(f"{name!r} is not one of {', '.join(THEMES)}", where, cure)
    return THEMES[name]


Recipe = tuple[str, float, float]  # a map of matplotlib's, and from where to where it is taken


def recipe(name: ColourMap) -> Recipe:
    """What the table of that name is made of."""
    return (TABLES[name], *ENDS.get(name, (0.0, 1.0)))


# What is in the file beside this one, in its order: written out, so that a table of another recipe is made anew.
FROZEN: tuple[Recipe, ...] = (
    ("berlin", 0.0, 1.0),
    ("inferno", 0.0, 1.0),
    ("RdBu_r", 0.06, 0.94),
    ("CMRmap_r", 0.0, 1.0),
    ("gray", 0.0, 1.0),
)


@lru_cache(maxsize=8)
def colour_table(name: ColourMap) -> NDArray[np.uint8]:
    """(256, 3) sRGB, read-only: frozen, so that no process of a render waits for matplotlib; a new one is made by it.

    Of two tables side by side (256, 6).
    """
    names: list[Any] = name.split("|")
    tables = [_one_table(one) for one in names]
    table: NDArray[np.uint8] = np.hstack(tables)
    table.setflags(write=False)
    return table


def _one_table(name: ColourMap) -> NDArray[np.uint8]:
    if name == "photograph":
        return palette()
    if name in TRUTHS:
        return np.rint(np.linspace(*TRUTHS[name], TABLE_SIZE)).astype(np.uint8)
    return _of_recipe(recipe(name))


def _of_recipe(made_of: Recipe) -> NDArray[np.uint8]:
    return _frozen()[FROZEN.index(made_of)] if made_of in FROZEN else table_of(made_of)


@lru_cache(maxsize=1)
def _frozen() -> NDArray[np.uint8]:
    tables: NDArray[np.uint8] = np.load(Path(__file__).with_name("tables.npy"), allow_pickle=False)
    return tables


def table_of(made_of: Recipe) -> NDArray[np.uint8]:
    """(256, 3) sRGB, from matplotlib."""
    from matplotlib import colormaps

    name, start, stop = made_of
    entries = np.linspace(start, stop, TABLE_SIZE)
    return np.round(colormaps[name](entries)[:, :3] * 255).astype(np.uint8)


def _rooted(values: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return np.asarray(np.sign(values) * np.sqrt(np.abs(values)), dtype=np.float64)


def table_index(values: NDArray[Any], scale: ColourScale) -> NDArray[np.uint8]:
    """Entries 0..255 of the scale's table for finite values: `round((v - low) / (high - low) * 255)`, clipped.

    Where the scale is rooted, v is `sign(v) sqrt|v|`, and so are the ends.
    """
    shown = np.asarray(values, dtype=np.float64)
    low, high = scale.low, scale.high
    with np.errstate(invalid="ignore", over="ignore"):
        if scale.rooted:
            shown, low, high = (
                _rooted(shown),
                float(_rooted(np.float64(low))),
                float(_rooted(np.float64(high))),
            )
        where = np.rint((shown - low) / (high - low or 1.0) * (TABLE_SIZE - 1))
    index: NDArray[np.uint8] = np.clip(np.nan_to_num(where, nan=0.0), 0, TABLE_SIZE - 1).astype(np.uint8)
    return index
