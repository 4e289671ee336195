"""The letters that a film shows, as outlines: the page draws them alike in every browser, at any size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from mnistviz.picture.display import Face
from mnistviz.picture.fonts import ASCENT, DESCENT, letter_in, width

EM = 2048  # units of an outline
Texts = tuple[tuple[Face, str], ...]
Lettering = dict[str, Any]  # for JSON
Outlines = Mapping[str, Mapping[str, tuple[str, float]]]  # by face and letter: SVG path data, and the advance
_COMMANDS = {1: ("M", 1), 2: ("L", 1), 3: ("Q", 2), 4: ("C", 3), 79: ("Z", 0)}  # matplotlib's codes of a path


def lettering_of(texts: Iterable[tuple[Face, str]], known: Outlines | None = None) -> Lettering:
    """For JSON: of each face, its letters (outline, advance) and the pairs that stand closer or wider.

    Advances and kerning are those that the film's layout measures, as parts of the size.  What is `known` is
    not found again: it takes matplotlib, whose import takes longer than all outlines.
    """
    letters: dict[Face, dict[str, None]] = {}
    pairs: dict[Face, dict[str, None]] = {}
    for face, text in texts:
        letters.setdefault(face, {}).update(dict.fromkeys(text))
        pairs.setdefault(face, {}).update(dict.fromkeys(map("".join, pairwise(text))))
    faces = {
        face: {
            "letters": _letters(face, sorted(found), (known or {}).get(face, {})),
            "kerning": _kerning(face, sorted(pairs[face])),
        }
        for face, found in sorted(letters.items())
    }
    return {"em": EM, "ascent": ASCENT, "descent": DESCENT, "faces": faces}


def _letters(
    face: Face, letters: list[str], known: Mapping[str, tuple[str, float]]
) -> dict[str, tuple[str, float]]:
    missing = [letter for letter in letters if letter not in known]
    found = {**known, **(_outlines(face, missing) if missing else {})}
    return {letter: found[letter] for letter in letters}


def _outlines(face: Face, letters: list[str]) -> dict[str, tuple[str, float]]:
    from matplotlib.ft2font import FT2Font, LoadFlags

    fonts: dict[str, FT2Font] = {}
    found = {}
    for letter in letters:
        drawn, file = letter_in(letter, face)
        if file not in fonts:
            fonts[file] = FT2Font(file)
            fonts[file].set_size(EM, 72)
        font = fonts[file]
        font.load_char(ord(drawn), flags=LoadFlags.NO_HINTING)
        found[letter] = (_outline(*font.get_path()), width(letter, 1.0, face))
    return found


def _outline(points: Any, codes: Any) -> str:
    """SVG path data, y up as fonts have it."""
    words, place = [], 0
    places = [(round(x), round(y)) for x, y in points.tolist()]
    while place < len(codes):
        command, count = _COMMANDS[int(codes[place])]
        words.append(command + " ".join(f"{x} {y}" for x, y in places[place : place + count]))
        place += max(count, 1)
    return "".join(words)


def _kerning(face: Face, pairs: list[str]) -> dict[str, float]:
    found = {
        pair: width(pair, 1.0, face) - sum(width(letter, 1.0, face) for letter in pair) for pair in pairs
    }
    return {pair: round(gap, 4) for pair, gap in found.items() if abs(gap) > 1e-6}
