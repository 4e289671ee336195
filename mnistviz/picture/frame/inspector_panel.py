"""The inspector: the formula with the actual numbers, the small plot that explains it, a counter.

Whatever a drawing says is made to fit: lines first get smaller, then wrap; what still does not fit goes,
the least important first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from mnistviz.picture.contrast import legible, mix
from mnistviz.picture.display import Box, Colour, Face, Line, Panel, Point, Primitive, Text, Told
from mnistviz.picture.fonts import width
from mnistviz.picture.frame.inspector_plot import PLOT_LEAST, plot_primitives
from mnistviz.picture.frame.inspector_text import OWNER, ROW, WORDS, fitted, text_width
from mnistviz.picture.frame.source_panel import ADVANCE, Accents
from mnistviz.picture.frame.source_rows import widened
from mnistviz.picture.hashing import HashedTuple, changed
from mnistviz.picture.layout import Look
from mnistviz.picture.stage.tableau import Counter, Inspector
from mnistviz.picture.theme import Theme
from mnistviz.picture.wording import Mark, marks_of, text_of
from mnistviz.story.sentence import Sentence, Tone, line
from mnistviz.trace.model import set_at_once

PAD_X, PAD_Y = 24.0, 14.0
HEADING = 27.0
LONG_HEADING = 19.0
FORMULA_SIZES = (23.0, 21.0, 19.0, 17.0)  # of mono lines, the largest that fits
RESULT_GAIN = 1.25  # how much larger the result is
LEADING = 1.34  # line height in sizes
PLOT_WISHED, PLOT_MOST = 120.0, 280.0
COUNTER = 36.0
CHAIN = "one weight, factor by factor"
CHAIN_NEEDS = 280.0  # height of the panel below which there is no chain
CHAIN_LARGE = 21.0  # size below which its result goes on a line of its own
TRIALS = (  # height for the plot, and whether lines may wrap: the first at which all fits
    (PLOT_WISHED, False),
    (PLOT_LEAST, False),
    (PLOT_WISHED, True),
    (PLOT_LEAST, True),
    (0.0, True),
)
EXPENDABLE: tuple[Tone, ...] = ("faint", "plain", "working", "formula", "result")  # what goes first
SHAPE = re.compile(r"_\d+x\d+$")  # the part of a name that says a shape
WORD = re.compile(r"(?:\[[^\]]*\]|\S)+")  # what no line ends within: an index in brackets is one word


@set_at_once
@dataclass(frozen=True)
class _Row:
    """A line of text as it will stand: its tone, size and face."""

    text: str
    tone: Tone
    size: float
    face: Face
    marks: tuple[Mark, ...] = ()  # where it names arrays

    @property
    def height(self) -> float:
        return self.size * LEADING

    @property
    def width(self) -> float:
        return text_width(self.text, self.size, self.face)


_Rows = HashedTuple[_Row]


@lru_cache(maxsize=256)
def inspector_panel(inspector: Inspector, accents: Accents, look: Look) -> tuple[Primitive, ...]:
    """The panel; `accents` maps names and card keys to colours, and "" to the colour of a result."""
    box, theme, colours = look.regions.inspector, look.theme, _colours(accents)
    inner = (box[0] + PAD_X, box[1] + PAD_Y, box[2] - PAD_X, box[3] - PAD_Y)
    words, y = _words(_rows(inspector, inner), accents, (inner[0], inner[1]), theme)
    parts: list[Primitive] = [Panel(box, theme.panel, 12, name=OWNER), *words]
    bottom = inner[3] - _chain_height(inspector, inner)
    parts += _chain(inspector, inner, colours, theme)
    if inspector.counter is not None:
        parts += _counter(inspector.counter, (inner[0], bottom), inner[2], theme)
        bottom -= COUNTER
    if inspector.plot is not None and bottom - y - 10 >= PLOT_LEAST:
        foot = min(bottom, y + 10 + PLOT_MOST)
        parts += plot_primitives(inspector.plot, (inner[0], y + 10, inner[2], foot), colours, theme)
    return tuple(parts)


@lru_cache(maxsize=16)
def _colours(accents: Accents) -> dict[str, Colour]:
    """Colours of names, with and without the shape that some write at their end."""
    return {SHAPE.sub("", name): colour for name, colour in accents} | dict(accents)


@lru_cache(maxsize=64)
def _words(rows: _Rows, accents: Accents, at: Point, theme: Theme) -> tuple[tuple[Text, ...], float]:
    """The rows one below the other, and where they end: they stay while a plot or a counter moves."""
    x, y = at
    texts: list[Text] = []
    for row in rows:
        y += row.height
        texts += _text(row, (x, y - 0.3 * row.size), _colours(accents), theme)
    return tuple(texts), y


@lru_cache(maxsize=512)
def _heading(said: str | Sentence, limit: float) -> tuple[_Row, ...]:
    """The heading, a little smaller where it is long; longer ones, mostly code, in two lines of mono."""
    text = text_of(said)
    if not text:
        return ()
    size = HEADING * limit / width(text, HEADING, "sans-bold")
    if size >= WORDS:
        return (_Row(text, "plain", min(HEADING, size), "sans-bold"),)
    rows = _broken(text, marks_of(said), _Row("", "plain", LONG_HEADING, "mono"), limit)
    two = [rows[0], _in_one(rows[1:])] if rows[1:] else rows
    return tuple(_fitted_row(changed(row, face="mono-bold"), limit) for row in two)


def _in_one(rows: list[_Row]) -> _Row:
    """Several rows as one, however long it is."""
    text, marks = "", []
    for row in rows:
        start = len(text) + bool(text) - (len(row.text) - len(row.text.lstrip()))
        marks += [changed(mark, start=mark.start + start, stop=mark.stop + start) for mark in row.marks]
        text = f"{text} {row.text.strip()}" if text else row.text.strip()
    return changed(rows[0], text=text, marks=tuple(marks))


def _fitted_row(row: _Row, limit: float) -> _Row:
    """The row, cut where it is too wide; a name that is cut is no name."""
    text = fitted(row.text, row.size, row.face, limit)
    whole = len(text) - text.endswith("…")
    return changed(row, text=text, marks=tuple(mark for mark in row.marks if mark.stop <= whole))


def _rows(inspector: Inspector, inner: Box) -> _Rows:
    """All lines of text, in sizes at which they and the plot fit."""
    height = inner[3] - inner[1] - _chain_height(inspector, inner)
    height -= COUNTER if inspector.counter is not None else 0
    plotted, space = inspector.plot is not None, (inner[2] - inner[0], height)
    return _fitted_rows(inspector.heading, inspector.sentences, plotted, space)


@lru_cache(maxsize=128)
def _fitted_rows(
    heading: str | Sentence, sentences: tuple[Sentence, ...], plotted: bool, space: tuple[float, float]
) -> _Rows:
    """The lines of a heading and sentences in a width and a height, a plot below them or not."""
    limit, height = space
    head = list(_heading(heading, limit))
    shortened: list[_Row] = []  # the largest that fit with words cut off, where none fit whole
    for plot, wrapping in TRIALS:
        room = height - (plot + 10 if plotted else 0)
        for size in FORMULA_SIZES:
            rows = head + _set(sentences, size, limit)
            as_they_are = len(rows) == len(head) + len(sentences)
            if (wrapping or as_they_are) and _height(rows) <= room:
                if not any(row.text.endswith("…") for row in rows):
                    return _Rows(rows)
                shortened = shortened or rows
    cut = head + _cut(_set(sentences, FORMULA_SIZES[-1], limit), height - _height(head))
    return _Rows(shortened or cut)


def _chain_height(inspector: Inspector, inner: Box) -> float:
    """Room at the foot for the chain; none where the panel is low."""
    if not inspector.chain or inner[3] - inner[1] < CHAIN_NEEDS:
        return 0.0
    return _height(_chain_rows(inspector.chain, inner[2] - inner[0])) + ROW + 8


@lru_cache(maxsize=64)
def _chain_rows(chain: str | Sentence, limit: float) -> list[_Row]:
    """The chain in one line where it fits and stays large, else its result below it; else wrapped in the smallest."""
    said = line(chain) if isinstance(chain, str) else chain
    text = text_of(said)
    factors = text.rpartition(" = ")[0]
    tries = [(size, text) for size in FORMULA_SIZES if size >= CHAIN_LARGE]
    tries += [(size, first) for size in FORMULA_SIZES for first in (factors, text) if first]
    for size, first in tries:
        reach = text_width(first, size, "mono")
        if reach <= limit:
            return _broken(text, marks_of(said), _Row("", "plain", size, "mono"), reach)
    return _broken(text, marks_of(said), _Row("", "plain", FORMULA_SIZES[-1], "mono"), limit)


def _chain(inspector: Inspector, inner: Box, accents: dict[str, Colour], theme: Theme) -> Iterator[Primitive]:
    """The chain below a thin rule, and what it is."""
    high = _chain_height(inspector, inner)
    if not high:
        return
    y = inner[3] - high + 4
    yield Line(((inner[0], y), (inner[2], y)), mix(theme.panel, theme.faint, 0.6), 1)
    y += ROW
    yield Text(CHAIN, (inner[0], y - 4), WORDS, legible(theme.soft, theme.panel), "sans", "ls", OWNER)
    for row in _chain_rows(inspector.chain, inner[2] - inner[0]):
        y += row.height
        yield from _text(row, (inner[0], y - 0.3 * row.size), accents, theme)


def _height(rows: list[_Row]) -> float:
    return sum(row.height for row in rows)


def _cut(rows: list[_Row], room: float) -> list[_Row]:
    for tone in EXPENDABLE:
        for place in reversed(range(len(rows))):
            if _height(rows) > room and rows[place].tone == tone:
                rows = rows[:place] + rows[place + 1 :]
    return rows


def _set(sentences: tuple[Sentence, ...], size: float, limit: float) -> list[_Row]:
    rows: list[_Row] = []
    for sentence in sentences:
        rows += _wrapped(sentence, size, limit)
    return rows


@lru_cache(maxsize=1024)
def _wrapped(sentence: Sentence, size: float, limit: float) -> tuple[_Row, ...]:
    """A sentence as rows; those after the first stand a little further in than the first."""
    if sentence.mono:
        face: Face = "mono-bold" if sentence.tone == "result" else "mono"
    else:
        size, face = WORDS, "sans-bold" if sentence.tone == "result" else "sans"
    size *= RESULT_GAIN if sentence.tone == "result" else 1
    form = _Row("", sentence.tone, size, face)
    text, marks = _written(sentence)
    return tuple([_fitted_row(row, limit) for row in _broken(text, marks, form, limit)])


@lru_cache(maxsize=256)
def _written(sentence: Sentence) -> tuple[str, tuple[Mark, ...]]:
    """The line and what it names, in whatever size it will be set."""
    return text_of(sentence), marks_of(sentence)


def _broken(text: str, marks: tuple[Mark, ...], form: _Row, limit: float) -> list[_Row]:
    """A text in rows of the form of an empty one, each as full as it can be."""
    indent = text[: len(text) - len(text.lstrip())]
    rows = [changed(form, text=indent)]
    for word in WORD.finditer(text):
        row = rows[-1]
        start = len(row.text) + bool(row.text.strip())
        if row.text.strip() and text_width(f"{row.text} {word[0]}", row.size, row.face) > limit:
            row = changed(form, text=f"{indent}  ")
            start = len(row.text)
            rows.append(row)
        named = tuple(
            changed(mark, start=mark.start - word.start() + start, stop=mark.stop - word.start() + start)
            for mark in marks
            if word.start() <= mark.start and mark.stop <= word.end()
        )
        rows[-1] = changed(row, text=row.text.ljust(start) + word[0], marks=row.marks + named)
    return rows


def _text(row: _Row, at: Point, accents: dict[str, Colour], theme: Theme) -> Iterator[Text]:
    """A row as texts, one a colour: in mono, names have the colour of their cards."""
    base = {"working": theme.soft, "faint": theme.faint, "result": accents.get("", theme.ink)}.get(
        row.tone, theme.ink
    )
    for column, piece, colour in _pieces(row, accents, base):
        x = at[0] + len(widened(row.text[:column])) * ADVANCE * row.size
        ink = legible(colour, theme.panel)
        yield Text(piece, (x, at[1]), row.size, ink, row.face, "ls", OWNER, told=_told(row, column, piece))


def _told(row: _Row, start: int, piece: str) -> tuple[Told, ...]:
    """The numbers that a piece of a row says, from a character of it on."""
    return tuple(
        changed(mark.told, start=mark.start - start, stop=mark.stop - start)
        for mark in row.marks
        if mark.told is not None and start <= mark.start and mark.stop <= start + len(piece)
    )


def _pieces(row: _Row, accents: dict[str, Colour], base: Colour) -> list[tuple[int, str, Colour]]:
    if not row.face.startswith("mono") or row.tone == "faint":
        return [(0, row.text, base)] if row.text.strip() else []
    edges = {0, len(row.text)}
    named: dict[tuple[int, int], Colour] = {}
    for mark in row.marks:  # a name in a name, as `x` in `x.T`, counts where the whole has no colour
        within = any(start <= mark.start and mark.stop <= stop for start, stop in named)
        if mark.told is None and mark.array in accents and not within:
            named[mark.start, mark.stop] = accents[mark.array]
            edges |= {mark.start, mark.stop}
    pieces = []
    for start, end in pairwise(sorted(edges)):
        bare = row.text[start:end].strip()
        if bare:
            inset = len(row.text[start:end]) - len(row.text[start:end].lstrip())
            pieces.append((start + inset, bare, named.get((start, end), base)))
    return pieces


def _counter(counter: Counter, at: Point, right: float, theme: Theme) -> Iterator[Text]:
    """`multiplications so far  23,336`, at the foot of the panel."""
    number = text_of(Sentence((counter.number,)))
    y = at[1] - 5
    size = 26.0
    number_width = text_width(number, size, "mono-bold")
    words = fitted(counter.label, WORDS, "sans", right - at[0] - number_width - 14)
    yield Text(words, (at[0], y), WORDS, legible(theme.soft, theme.panel), "sans", "ls", OWNER)
    x = at[0] + width(words, WORDS) + 14
    yield Text(number, (x, y), size, legible(theme.ink, theme.panel), "mono-bold", "ls", OWNER)
