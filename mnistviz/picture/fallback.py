"""Fonts for the letters that DejaVu lacks, found by character: one that is named, one of a package, the machine's.

The named font is in the environment, so that every worker draws with it.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from mnistviz.errors import InputError

VARIABLE = "MNISTVIZ_FONT"  # of the environment: the font that is named
PACKAGES = ("manimgx_fonts_cjk",)  # of the extra `cjk`
ENDINGS = (".ttf", ".otf", ".ttc")
UNFIT = ("emoji", "color", "lastresort")  # in the names of fonts without outlines, or with boxes for letters
OWN = ((0x0000, 0x0590), (0x2000, 0x2800))  # what DejaVu has, or has a mark of its own for
UNKNOWN = "?"  # stands for a letter that no font has
VIRAMA = 9  # combining class of the sign that joins two letters, as in Devanagari
RIGHT_TO_LEFT = ("R", "AL")  # bidirectional classes: Hebrew and its like, Arabic and its like


def name_font(path: Path) -> None:
    """Use this font first, in this process and its workers; raises `InputError` for a file that is none."""
    try:
        letters = letters_of(str(path.resolve())) if path.is_file() else frozenset()  # a device never ends
    except (OSError, RuntimeError):
        letters = frozenset()
    if not letters:
        raise InputError("this is no font that can be read", str(path), "name a TrueType or OpenType file")
    os.environ[VARIABLE] = str(path.resolve())


def is_own(text: str) -> bool:
    """Whether all letters are among those that DejaVu is asked for."""
    return text.isascii() or all(any(low <= ord(one) < high for low, high in OWN) for one in text)


def is_wide(letter: str) -> bool:
    """Whether a letter takes the room of two, as Chinese, Japanese and Korean ones do."""
    return not letter.isascii() and unicodedata.east_asian_width(letter) in "WF"


def font_file(letter: str, own: str) -> str:
    """The font to draw a letter with: its own where that has it; "" where none has it."""
    return own if is_own(letter) else _found(letter, own, os.environ.get(VARIABLE, ""))


@lru_cache(maxsize=4096)
def _found(letter: str, own: str, named: str) -> str:
    return next((file for file in (own, *candidates(named)) if ord(letter) in _letters(file)), "")


_looked_for: dict[str, tuple[str, ...]] = {}  # files of fonts, by the one that is named; found once a process


def candidates(named: str | None = None) -> tuple[str, ...]:
    """Files of fonts in the order in which they are asked."""
    named = os.environ.get(VARIABLE, "") if named is None else named
    if named not in _looked_for:
        _looked_for[named] = _candidates(named)
    return _looked_for[named]


def candidates_found() -> dict[str, tuple[str, ...]]:
    """What this process has found so far, by the font that is named."""
    return dict(_looked_for)


def take_candidates(found: Mapping[str, tuple[str, ...]]) -> None:
    """Take what another process of this machine has found.

    Whoever looks for fonts imports matplotlib, and most films have no letter that needs one.
    """
    _looked_for.update(found)


def _candidates(named: str) -> tuple[str, ...]:
    found = [named] if named else []
    for package in PACKAGES:
        spec = find_spec(package)
        for folder in spec.submodule_search_locations or () if spec is not None else ():
            found += sorted(str(path) for path in Path(folder).rglob("*") if path.suffix.lower() in ENDINGS)
    from matplotlib.font_manager import findSystemFonts

    found += sorted(findSystemFonts(), key=lambda path: (Path(path).name, path))
    return tuple(path for path in found if not any(word in Path(path).name.lower() for word in UNFIT))


def font_places() -> list[str]:
    """Folders that were looked through for fonts, there or not, and what was found there; not the font that is named."""
    from matplotlib import font_manager

    named = ("X11FontDirectories", "OSXFontDirectories", "MSUserFontDirectories")
    known = {folder for name in named for folder in getattr(font_manager, name, ())}
    known |= {str(Path(file).parent) for file in candidates("")}
    inside = {folder for place in known for folder, _, _ in os.walk(place)}
    return sorted({*known, *inside, *candidates("")})


@lru_cache(maxsize=512)
def letters_of(file: str) -> frozenset[int]:
    """Code points that a font has; raises OSError or RuntimeError for a file that is no font."""
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(file).get_charmap())


def _letters(file: str) -> frozenset[int]:
    try:
        return letters_of(file)
    except (OSError, RuntimeError):
        return frozenset()


def unwritable(texts: Iterable[str], own: str) -> tuple[str, ...]:
    """The letters of some texts that no font has, each once, in order."""
    letters = dict.fromkeys(letter for text in texts if not text.isascii() for letter in text)
    return tuple(
        one for one in letters if one.isprintable() and not one.isspace() and not font_file(one, own)
    )


def unshaped(texts: Iterable[str]) -> tuple[str, ...]:
    """The letters of some texts that are written from right to left, or joined: drawn one by one, as they come."""
    letters = dict.fromkeys(letter for text in texts if not text.isascii() for letter in text)
    return tuple(filter(_is_shaped, letters))


def _is_shaped(letter: str) -> bool:
    joins = unicodedata.category(letter) == "Mc" or unicodedata.combining(letter) == VIRAMA
    return joins or unicodedata.bidirectional(letter) in RIGHT_TO_LEFT
