"""The whole film as display lists, small enough to travel with the page.

A primitive is a form (what it is: words, colours, which cells) at a place (numbers that may travel between
two instants).  Forms, places, and their pairs are tables without repetition; an instant is a list of
pairs, written as what differs from the instant before.  Colours are those of one theme, or of two: a film
is packed once for both (`twofold.py`).  The page's painter (`painter.js`) reads this.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import compress, count, groupby
from operator import ne, sub
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnistviz.export.raster.codes import value_codes
from mnistviz.export.stage.glyphs import Lettering, Texts, lettering_of
from mnistviz.picture.compose import Moment
from mnistviz.picture.display import (
    Box,
    CellMap,
    Cells,
    Colour,
    ColourMap,
    ColourScale,
    DisplayList,
    Face,
    Line,
    Mask,
    Matrix,
    Panel,
    Point,
    Polygon,
    Primitive,
    Text,
    Told,
)
from mnistviz.picture.layout import Look, Regions
from mnistviz.picture.theme import colour_table

STEPS = 20  # of a design unit: places are whole numbers of them
PARTS = 1000  # of an opacity or a glow
MARGIN = 10.0  # design units around the picture
BESIDE = 34.0  # and to its right, where digits stand beside the last cards of the map
MATRIX = "m"  # begins the forms of matrices
WRITTEN = "0123456789+-.,e()inf"  # what a number may be written with

Composer = Callable[[Fraction], Moment]
Letters = Callable[[], Lettering]
Row = tuple[Any, ...]


class Table:
    """Rows without repetition, each known by its number."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def number(self, row: Hashable) -> int:
        """The number of a row, a new one where it was not there."""
        return self._numbers.setdefault(row, len(self._numbers))

    def numbers(self, rows: Iterable[Hashable]) -> list[int]:
        """The numbers of many rows."""
        known = self._numbers
        return [known.setdefault(row, len(known)) for row in rows]

    @property
    def rows(self) -> list[Any]:
        """All rows, by number."""
        return list(self._numbers)


class Packer:
    """Takes the instants of a film, and packs them."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._whole: dict[int, bool] = {}  # by tick: whether the picture fills the frame, without panels
        self._forms, self._places, self._parts = Table(), Table(), Table()
        self._codes: dict[Hashable, bytes] = {}  # of the cells of matrices
        self._instants: dict[int, tuple[int, ...]] = {}
        self._ids: dict[int, int] = {}  # numbers by `id`
        self._alive: list[Primitive] = []  # whose ids these are, and nobody else's meanwhile
        self._last: tuple[DisplayList | None, tuple[int, ...]] = None, ()  # what was noted, and its numbers
        self._known: dict[Hashable, int] = {}  # numbers by all that a primitive is made of: most came before

    def __getstate__(self) -> dict[str, Any]:
        """To travel: without what is known of objects by where they are, and what is said in other ways too."""
        return {**self.__dict__, "_ids": {}, "_alive": [], "_known": {}, "_last": (None, ())}

    @property
    def parts(self) -> Iterator[tuple[Row, Row]]:
        """All that is ever shown, by number: form and place."""
        forms, places = self._forms.rows, self._places.rows
        return ((forms[form], places[place]) for form, place in self._parts.rows)

    @property
    def instants(self) -> list[tuple[int, tuple[int, ...]]]:
        """Tick after tick the numbers of the parts that are shown, in painter's order."""
        return sorted(self._instants.items())

    def note(self, tick: int, moment: Moment) -> None:
        """Pack one instant."""
        before, numbers = self._last
        if moment.display is not before:  # a rest is one display list, and one row of numbers
            numbers = self._numbers(moment.display.primitives)
            self._last = moment.display, numbers
        self._instants[tick] = numbers
        self._whole[tick] = moment.tableau.whole

    def _numbers(self, parts: Sequence[Primitive]) -> tuple[int, ...]:
        numbers: list[Any] = list(map(self._ids.get, map(id, parts)))
        place = -1
        for _ in range(numbers.count(None)):  # few are new: no loop over all of them
            place = numbers.index(None, place + 1)
            numbers[place] = self._ids[id(parts[place])] = self._number(parts[place])
            self._alive.append(parts[place])
        return tuple(numbers)

    def _number(self, part: Primitive) -> int:
        held = type(part), *part.__dict__.values()
        number = self._known.get(held)
        if number is None:
            number = self._known[held] = self._new_number(part)
        return number

    def _new_number(self, part: Primitive) -> int:
        form, place = _split(part)
        if isinstance(part, Matrix) and form[2] not in self._codes:
            self._codes[form[2]] = _coded(part.cells, part.colours)
        return self._parts.number((self._forms.number(form), self._places.number(place)))

    def join(self, later: Packer) -> None:
        """Take in what another one has packed of the same film."""
        forms, places = (
            self._forms.numbers(later._forms.rows),
            self._places.numbers(later._places.rows),
        )
        parts = self._parts.numbers([(forms[form], places[place]) for form, place in later._parts.rows])
        for numbers, ticks in groupby(later._instants, later._instants.__getitem__):
            self._instants.update(dict.fromkeys(ticks, tuple(map(parts.__getitem__, numbers))))
        self._codes |= later._codes
        self._whole |= later._whole

    def texts(self) -> Texts:
        """Face and text of all that is written, and of what may be written in its place."""
        return tuple(dict.fromkeys(_lettered(self._forms.rows)))

    def packed(self, letters: Letters | None = None) -> bytes:
        """All of it: the length of some JSON, the JSON, the codes of all cells; `bundle.py` makes it small.

        Of the codes, which are numbers of 16 bits, first come the low bytes, then the high ones.
        `letters` gives the lettering of `texts()`, where somebody else draws it meanwhile.
        """
        theme, regions = self._look.theme, self._look.regions
        words = _Words(self._codes)
        of_forms, of_places = zip(*self._parts.rows, strict=True) if self._parts.rows else ((), ())
        forms = [words.form(form) for form in self._forms.rows]
        places, instants = _columns(self._places.rows), list(_edits(sorted(self._instants.items())))
        plain = {
            "size": regions.size,
            "background": _hex(theme.background),
            "shadow": [one.shadow for one in theme.of or (theme,)],
            "picture": picture(regions),
            "inspector": regions.inspector,
            "boxes": {
                "title": regions.title,
                "map": regions.whole_map,
                "caption": regions.whole_caption,
                "bar": regions.bar,
            },
            "whole": _changes(sorted(self._whole.items())),
            "steps": STEPS,
            "opaque": PARTS,
            "letters": lettering_of(self.texts()) if letters is None else letters(),
            "forms": forms,
            "places": places,
            "parts": [_steps(of_forms), _steps(of_places)],
            "cells": [len(codes) // 2 for codes in self._codes.values()],
            "instants": instants,
            **words.plain(),
        }
        text = json.dumps(plain, separators=(",", ":"), allow_nan=False).encode()
        codes = b"".join(self._codes.values())
        return b"%d %s" % (len(text), text) + codes[::2] + codes[1::2]


def _split(part: Primitive) -> tuple[Row, Row]:
    """Form and place; the place begins with opacity and glow, then come coordinates and lengths."""
    match part:
        case Text():
            (x, y), size, counted = part.at, part.size, int(bool(part.counted))
            form: Row = ("t", part.text, part.face, part.colour, part.anchor, counted, part.told)
            place = round(part.opacity * PARTS), 0, round(size * STEPS), round(x * STEPS), round(y * STEPS)
            return form, place
        case Line():
            place = _place(part.opacity, part.glow, part.points, part.width, part.head)
            return ("l", part.colour), place
        case Polygon():
            form = ("p", part.fill, part.edge if part.edge_width else ())
            return form, _place(part.opacity, part.glow, part.points, part.edge_width)
        case Panel():
            form = ("b", part.fill, part.edge if part.edge_width else ())
            return form, _place(part.opacity, 0.0, (), *part.box, part.radius, part.edge_width)
        case Matrix():
            form = (
                MATRIX, part.key, (part.cells.digest, part.colours), part.colours, part.cells.values.shape,
                part.layers, part.mask, part.edge, part.empty, int(part.grid), int(part.shadow), part.shows,
            )  # fmt: skip
            points = (part.across, part.down, part.depth, *part.origins)
            return form, _place(part.opacity, part.glow, points, part.edge_width)


@lru_cache(maxsize=256)
def _coded(cells: Cells, colours: ColourScale) -> bytes:
    """The colour codes of a matrix's cells, layer after layer; pieces of a film, one after another, show the same."""
    layers = (value_codes(layer, colours, (1, 1)) for layer in cells.values)
    return b"".join(layer.values.astype("<u2").tobytes() for layer in layers)


class _Words:
    """Forms in the page's words: what many of them have in common is said once, and has a number."""

    def __init__(self, codes: Iterable[Hashable]) -> None:
        self._cells = {key: place for place, key in enumerate(codes)}
        self._colours, self._tables, self._masks = Table(), Table(), Table()
        self._maps, self._scales = Table(), Table()  # which numbers cards show and texts say; their colours

    def form(self, form: Row) -> Row:
        """A form with numbers in the place of colours, cells and the like."""
        match form:
            case ("t", text, face, colour, anchor, counted, told):
                return (
                    "t",
                    text,
                    face,
                    self._colour(colour),
                    anchor,
                    counted,
                    [self._told(one) for one in told],
                )
            case ("l", colour):
                return "l", self._colour(colour)
            case ("p" | "b" as kind, fill, edge):
                return kind, self._colour(fill), self._colour(edge)
        _, key, cells, colours, shape, layers, mask, edge, empty, grid, shadow, shows = form
        return (
            "m", key, self._cells[cells], self._tables.number(colours.table), shape[1:], layers,
            -1 if mask is None else self._masks.number(mask), self._colour(edge), self._colour(empty), grid, shadow,
            self._map(shows), self._scale(colours),
        )  # fmt: skip

    def plain(self) -> Mapping[str, Any]:
        """For JSON: what the numbers mean."""
        tables: list[ColourMap] = self._tables.rows
        return {
            "colours": [_hex(colour) for colour in self._colours.rows],
            "tables": [_tables(colour_table(name)) for name in tables],
            "photograph": tables.index("photograph") if "photograph" in tables else -1,
            "maps": self._maps.rows,
            "scales": self._scales.rows,
            "masks": [mask_runs(mask) for mask in self._masks.rows],
        }

    def _colour(self, colour: Colour) -> int:
        return self._colours.number(colour) if colour else -1

    def _told(self, told: Told) -> Row:
        maps = tuple(map(self._map, told.of))
        on = () if told.on is None else (self._tables.number(told.on.table), self._scale(told.on))
        return told.start, told.stop, told.rule, maps, told.style, told.count, told.texts, on

    def _map(self, shows: CellMap | None) -> int:
        """The number of a map in the page's words; the array before a change is found by the page."""
        if shows is None:
            return -1
        blocks = shows.blocks
        drawn = () if blocks is None else (
            blocks.layers, blocks.rows, blocks.columns, blocks.drawn_rows, blocks.drawn_columns,
        )  # fmt: skip
        return self._maps.number((
            shows.value, int(shows.before), shows.first, shows.step, shows.factor, shows.stretched, shows.old, drawn,
            self._map(shows.minus), self._map(shows.times),
        ))  # fmt: skip

    def _scale(self, scale: ColourScale) -> int:
        return self._scales.number((scale.low, scale.high, int(scale.rooted)))


def _lettered(forms: Sequence[Row]) -> Iterable[tuple[Face, str]]:
    texts = [form for form in forms if form[0] == "t"]
    yield from ((form[2], form[1]) for form in texts)
    yield from ((face, WRITTEN) for face in {form[2] for form in texts if form[6]})
    yield from ((form[2], text) for form in texts for told in form[6] for text in told.texts)


def picture(regions: Regions) -> Box:
    """What of a frame is a picture, beside the panels to read."""
    left, top, right, bottom = zip(regions.title, regions.map, regions.stage, strict=True)
    return min(left) - MARGIN, min(top) - MARGIN, max(right) + BESIDE, max(bottom) + MARGIN


def _changes(flags: Iterable[tuple[int, bool]]) -> list[tuple[int, bool]]:
    """The flags that differ from the one before."""
    runs = groupby(flags, key=lambda flag: flag[1])
    return [next(run) for _, run in runs]


def _place(opacity: float, glow: float, points: Iterable[Point], *lengths: float) -> Row:
    flat = [round(length * STEPS) for length in lengths]
    flat += [round(coordinate * STEPS) for point in points for coordinate in point]
    return (round(opacity * PARTS), round(glow * PARTS), *flat)


def _columns(rows: Sequence[Row]) -> dict[str, Any]:
    """Rows of numbers as columns: what travels does so evenly, and differs little from the row before.

    The length of each row; and by length, column after column, each number as its difference from the one above.
    """
    by_length: dict[int, list[Row]] = {}
    for row in rows:
        by_length.setdefault(len(row), []).append(row)
    return {
        "lengths": [len(row) for row in rows],
        "columns": {
            length: np.diff(np.array(alike, np.int64), axis=0, prepend=0).T.ravel().tolist()
            for length, alike in by_length.items()
        },
    }


def _hex(colour: Colour) -> list[str]:
    """In each theme that the colour is for; one alone where it is the same in all."""
    return [f"#{bytes(colour[start : start + 3]).hex()}" for start in range(0, len(colour), 3)]


def _tables(table: NDArray[np.uint8]) -> list[str]:
    """In each theme that the table is for; one alone where it is the same in all."""
    pieces = np.hsplit(table, table.shape[1] // 3)
    return [base64.b64encode(piece.tobytes()).decode() for piece in pieces]


@lru_cache(maxsize=4096)
def mask_runs(mask: Mask) -> Row:
    """Lengths of alternating runs in row-major order, the first of cells that are not there."""
    flat = mask.shown.ravel()
    edges = np.flatnonzero(np.diff(flat.astype(np.int8), prepend=0, append=2 if flat[-1:].any() else 1))
    return tuple(np.diff(edges, prepend=0).tolist())


def _edits(instants: Iterable[tuple[int, Row]]) -> Iterable[list[Any]]:
    """Each instant that differs from the one before: its tick, how much stays at both ends, what is between."""
    before: Row = ()
    for tick, now in instants:
        if now == before:
            continue
        start = _alike(before, now, min(len(before), len(now)))
        end = _alike(before[::-1], now[::-1], min(len(before), len(now)) - start)
        yield [tick, start, end, _steps(now[start : len(now) - end])]
        before = now


def _alike(one: Row, other: Row, most: int) -> int:
    """How many are alike before the first that differ, at most so many."""
    return min(next(compress(count(), map(ne, one, other)), most), most)


def _steps(numbers: Sequence[int]) -> list[int]:
    """Each number as its difference from the one before: what follows one another is mostly 1."""
    return list(map(sub, numbers, (0, *numbers)))
