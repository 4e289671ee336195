"""The whole film as display lists, small enough to travel with the page.

A primitive is a form (what it is: words, colours, which cells) at a place (numbers that may travel between
two instants).  Forms, places, and their pairs are tables without repetition; an instant is a list of
pairs, written as what differs from the instant before.  The page's painter (`painter.js`) reads this.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np

from mnistviz.export.raster.codes import value_codes
from mnistviz.export.stage.glyphs import lettering_of
from mnistviz.picture.compose import Moment, compose
from mnistviz.picture.display import (
    Box,
    CellMap,
    Colour,
    ColourScale,
    DisplayList,
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
from mnistviz.picture.theme import DARK, LIGHT, colour_table
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Timeline

STEPS = 20  # of a design unit: places are whole numbers of them
PARTS = 1000  # of an opacity or a glow
MARGIN = 10.0  # design units around the picture
WRITTEN = "0123456789+-.,e()inf"  # what a number may be written with

Composer = Callable[[Fraction], Moment]
Row = tuple[Any, ...]


class Table:
    """Rows without repetition, each known by its number."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def number(self, row: Hashable) -> int:
        """The number of a row, a new one where it was not there."""
        return self._numbers.setdefault(row, len(self._numbers))

    @property
    def rows(self) -> list[Any]:
        """All rows, by number."""
        return list(self._numbers)


def other_theme(look: Look) -> Look:
    """The same look in the light theme, or in the dark one where it is light itself."""
    return replace(look, theme=DARK if look.theme == LIGHT else LIGHT)


def pack_stage(timeline: Timeline, look: Look) -> bytes:
    """A film, packed."""
    packer = Packer(look.regions)
    packer.fill(timeline.ticks, lambda instant: compose(timeline, instant, look))
    return packer.packed()


class Packer:
    """Takes the instants of a film in one theme, and packs them."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        self._whole: dict[int, bool] = {}  # by tick: whether the picture fills the frame, without panels
        self._forms, self._places, self._parts = Table(), Table(), Table()
        self._masks, self._tables = Table(), Table()
        self._maps, self._scales = Table(), Table()  # which numbers cards show and texts say; their colours
        self._cells: dict[Hashable, tuple[int, bytes]] = {}
        self._instants: dict[int, tuple[int | None, ...]] = {}
        self._last: tuple[dict[int, int | None], DisplayList | None] = {}, None  # by `id`, while they live
        self._first: DisplayList | None = None

    def watching(self, composer: Composer) -> Composer:
        """The same composer; every whole tick that it composes is packed too."""

        def watched(instant: Fraction) -> Moment:
            moment = composer(instant)
            tick = instant * TICKS_PER_SECOND
            if tick.denominator == 1:
                self.note(int(tick), moment)
            return moment

        return watched

    def fill(self, ticks: int, composer: Composer) -> None:
        """Pack every tick that is not yet there."""
        for tick in range(ticks):
            if tick not in self._instants:
                self.note(tick, composer(Fraction(tick, TICKS_PER_SECOND)))

    def note(self, tick: int, moment: Moment) -> None:
        """Pack one instant."""
        display, self._whole[tick] = moment.display, moment.tableau.whole
        self._first = self._first or display
        known, _ = self._last
        numbers = list(map(known.get, map(id, display.primitives)))
        while None in numbers:
            place = numbers.index(None)
            numbers[place] = self._number(display.primitives[place])
        self._last = dict(zip(map(id, display.primitives), numbers, strict=True)), display
        self._instants[tick] = tuple(numbers)

    def _number(self, part: Primitive) -> int:
        form, place = self._split(part)
        return self._parts.number((self._forms.number(form), self._places.number(place)))

    def _split(self, part: Primitive) -> tuple[Row, Row]:
        """Form and place; the place begins with opacity and glow, then come coordinates and lengths."""
        match part:
            case Text():
                form: Row = (
                    "t",
                    part.text,
                    part.face,
                    _hex(part.colour),
                    part.anchor,
                    int(bool(part.counted)),
                    tuple(map(self._told, part.told)),
                )
                return form, _place(part.opacity, 0.0, (part.at,), part.size)
            case Line():
                return ("l", _hex(part.colour)), _place(
                    part.opacity, part.glow, part.points, part.width, part.head
                )
            case Polygon():
                form = ("p", _hex(part.fill), _hex(part.edge) if part.edge_width else "")
                return form, _place(part.opacity, part.glow, part.points, part.edge_width)
            case Panel():
                form = ("b", _hex(part.fill), _hex(part.edge) if part.edge_width else "")
                return form, _place(part.opacity, 0.0, (), *part.box, part.radius, part.edge_width)
            case Matrix():
                return self._matrix(part)

    def _matrix(self, part: Matrix) -> tuple[Row, Row]:
        mask = -1 if part.mask is None else self._masks.number(_runs(part.mask))
        form = (
            "m", part.key, self._coded(part), self._tables.number(part.colours.table), part.cells.values.shape[1:],
            part.layers, mask, _hex(part.edge), _hex(part.empty), int(part.grid), int(part.shadow),
            -1 if part.shows is None else self._mapped(part.shows), self._scaled(part.colours),
        )  # fmt: skip
        points = (part.across, part.down, part.depth, *part.origins)
        return form, _place(part.opacity, part.glow, points, part.edge_width)

    def _told(self, told: Told) -> Row:
        maps = tuple(map(self._mapped, told.of))
        on = () if told.on is None else (self._tables.number(told.on.table), self._scaled(told.on))
        return told.start, told.stop, told.rule, maps, told.style, told.count, told.texts, on

    def _mapped(self, shows: CellMap) -> int:
        """The number of a map in the page's words; the array before a change is found by the page."""
        blocks = shows.blocks
        drawn = () if blocks is None else (
            blocks.layers, blocks.rows, blocks.columns, blocks.drawn_rows, blocks.drawn_columns,
        )  # fmt: skip
        others = (-1 if one is None else self._mapped(one) for one in (shows.minus, shows.times))
        return self._maps.number((
            shows.value, int(shows.before), shows.first, shows.step, shows.factor, shows.stretched, shows.old, drawn,
            *others,
        ))  # fmt: skip

    def _scaled(self, scale: ColourScale) -> int:
        return self._scales.number((scale.low, scale.high, int(scale.rooted)))

    def _coded(self, part: Matrix) -> int:
        """The number of the colour codes of a matrix's cells."""
        key = (part.cells.digest, part.colours)
        if key not in self._cells:
            codes = b"".join(
                value_codes(layer, part.colours, (1, 1)).values.astype("<u2").tobytes()
                for layer in part.cells.values
            )
            self._cells[key] = len(self._cells), codes
        return self._cells[key][0]

    def packed(self) -> bytes:
        """All of it: the length of some JSON, the JSON, the codes of all cells; `bundle.py` makes it small.

        Of the codes, which are numbers of 16 bits, first come the low bytes, then the high ones.
        """
        first = self._first
        if first is None:
            raise ValueError("no instant was noted")
        forms, codes = self._forms.rows, b"".join(codes for _, codes in self._cells.values())
        parts = np.array(self._parts.rows, np.int64).reshape(-1, 2)
        plain = {
            "size": first.size,
            "background": _hex(first.background),
            "shadow": first.shadow,
            "picture": picture(self._regions),
            "whole": _changes(sorted(self._whole.items())),
            "steps": STEPS,
            "opaque": PARTS,
            "tables": [_bytes(colour_table(name).tobytes()) for name in self._tables.rows],
            "photograph": self._tables.rows.index("photograph") if "photograph" in self._tables.rows else -1,
            "letters": lettering_of(_lettered(forms)),
            "maps": self._maps.rows,
            "scales": self._scales.rows,
            "forms": forms,
            "places": _columns(self._places.rows),
            "parts": [_steps(parts[:, 0]), _steps(parts[:, 1])],
            "cells": [len(codes) // 2 for _, codes in self._cells.values()],
            "masks": self._masks.rows,
            "instants": list(_edits(sorted(self._instants.items()))),
        }
        text = json.dumps(plain, separators=(",", ":"), allow_nan=False).encode()
        return b"%d %s" % (len(text), text) + codes[::2] + codes[1::2]


def _lettered(forms: Sequence[Row]) -> Iterable[tuple[Any, str]]:
    """Face and text of all that is written, and of what may be written in its place."""
    texts = [form for form in forms if form[0] == "t"]
    yield from ((form[2], form[1]) for form in texts)
    yield from ((face, WRITTEN) for face in {form[2] for form in texts if form[6]})
    yield from ((form[2], text) for form in texts for told in form[6] for text in told[6])


def picture(regions: Regions) -> Box:
    """What of a frame is a picture, beside the panels to read."""
    left, top, right, bottom = zip(regions.title, regions.map, regions.stage, strict=True)
    return min(left) - MARGIN, min(top) - MARGIN, max(right) + MARGIN, max(bottom) + MARGIN


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


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _runs(mask: Mask) -> Row:
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
        yield [tick, start, end, _steps(np.array(now[start : len(now) - end], np.int64))]
        before = now


def _alike(one: Row, other: Row, most: int) -> int:
    for place in range(most):
        if one[place] != other[place]:
            return place
    return most


def _steps(numbers: Any) -> list[int]:
    """Each number as its difference from the one before: what follows one another is mostly 1."""
    steps: list[int] = np.diff(numbers, prepend=0).tolist()
    return steps


def _bytes(content: bytes) -> str:
    return base64.b64encode(content).decode()
