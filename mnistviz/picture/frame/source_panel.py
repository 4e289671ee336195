"""The source panel: the real file with its real line numbers, the running statement lit.

The sub-expression being computed is lit brighter, and each variable of the lit statement has the
colour of its card on the stage.  What is in view is a pure function of the clip and what is lit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

from mnistviz.picture.contrast import legible, mix
from mnistviz.picture.display import Box, Colour, Line, Panel, Primitive, Text
from mnistviz.picture.easing import smooth
from mnistviz.picture.layout import Look
from mnistviz.picture.theme import Theme
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import Source, SourceFile, Span

Accents = tuple[tuple[str, Colour], ...]
Run = tuple[int, str, Colour, bool]  # column, text, colour, whether it is a name

COLUMNS = 54  # of the taught code; longer lines are cut
BLANK = re.compile("[\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # control characters, one for one: columns stay
ADVANCE = 1233 / 2048  # of DejaVu Sans Mono, in its size
SMALLEST, LARGEST = 17.0, 22.0  # size of code
LINE_HEIGHT = 1.44  # in sizes
PAD, GAP, HEAD = 14.0, 14.0, 36.0
TAB = 4  # columns
DIM = 0.25  # how far lines outside the statement fade into the panel
FAINTEST = 0.35  # opacity below which a line being scrolled out is not drawn
OWNER = "source"


@dataclass(frozen=True)
class _Sheet:
    """Where lines and columns of code stand in the panel."""

    box: Box
    size: float
    digits: int

    @property
    def line_height(self) -> float:
        return self.size * LINE_HEIGHT

    @property
    def top(self) -> float:
        return self.box[1] + HEAD + 6

    @property
    def rows(self) -> int:
        return int((self.box[3] - 6 - self.top) / self.line_height)

    @property
    def left(self) -> float:
        return self.box[0] + PAD + self.digits * ADVANCE * self.size + GAP

    @property
    def columns(self) -> int:
        return int((self.box[2] - PAD + 4 - self.left) / (ADVANCE * self.size))

    def x(self, column: float) -> float:
        return self.left + column * ADVANCE * self.size


def source_panel(
    timeline: Timeline, clip: Clip, lit: Span | None, accents: Accents, look: Look, progress: float = 1.0
) -> tuple[Primitive, ...]:
    """The panel for a clip while `lit` is computed.

    `accents` maps names as in the source to colours.  `progress`, 0..1, scrolls from the lines of the
    clip before to the lines of this one.
    """
    source = active_source(timeline, clip, lit)
    file = _file(timeline, source)
    box, theme = look.regions.source, look.theme
    if source is None or file is None:
        return _nothing(bool(clip.subject), box, theme)
    sheet = _sheet(box, len(str(file.text.count("\n") + 1)))
    first: float = _first_line(timeline, clip, source, file, lit, sheet)
    if progress < 1:
        first = _on_the_way(timeline, clip, source, first, sheet, progress)
    return _panel(file, _Lit(source, lit), accents, first, sheet, theme)


def active_source(timeline: Timeline, clip: Clip, lit: Span | None) -> Source | None:
    """The source of the clip's operation whose statement holds `lit`, or of its first operation."""
    operations = [timeline.storyboard.operation(number) for number in clip.shot.subject]
    if lit is not None:
        for operation in operations:
            if _holds(operation.source.statement, lit):
                return operation.source
    failure = timeline.storyboard.trace.failure
    if not operations and failure is not None and failure.source is not None and lit is not None:
        return failure.source
    return operations[0].source if operations else None


def _holds(outer: Span, inner: Span) -> bool:
    starts = (outer.first_line, outer.first_column) <= (inner.first_line, inner.first_column)
    ends = (inner.last_line, inner.last_column) <= (outer.last_line, outer.last_column)
    return outer.file == inner.file and starts and ends


def _file(timeline: Timeline, source: Source | None) -> SourceFile | None:
    files = timeline.storyboard.trace.sources
    return next((file for file in files if source is not None and file.name == source.statement.file), None)


@lru_cache(maxsize=64)
def _sheet(box: Box, digits: int) -> _Sheet:
    """The largest code at which 54 columns fit, within what is good to read."""
    digits = max(digits, 2)
    wide = (box[2] - box[0] - 2 * PAD - GAP + 4) / (ADVANCE * (COLUMNS + digits))
    return _Sheet(box, min(max(floor(wide * 4) / 4, SMALLEST), LARGEST), digits)


def _first_line(
    timeline: Timeline, clip: Clip, source: Source, file: SourceFile, lit: Span | None, sheet: _Sheet
) -> int:
    """The first line in view: the function's first where that shows the statement, else a third above it."""
    top, bottom = _lines_told(timeline, clip, source, lit, sheet.rows)
    start, end = source.function_span.first_line, source.function_span.last_line
    if bottom < start + sheet.rows:
        first = start
    else:
        first = min(top - (sheet.rows - (bottom - top + 1)) // 3, end - sheet.rows + 1)
        first = max(first, bottom - sheet.rows + 1)
    return max(1, min(first, len(file.lines) - sheet.rows + 1))


def _lines_told(
    timeline: Timeline, clip: Clip, source: Source, lit: Span | None, rows: int
) -> tuple[int, int]:
    """First and last line to be in view: of all the clip's statements in the function, if they fit."""
    sources = [timeline.storyboard.operation(number).source for number in clip.shot.subject]
    statements = [one.statement for one in sources if one.function_span == source.function_span]
    spans = statements or [source.statement]  # where the run stopped, no operation was made
    top, bottom = min(span.first_line for span in spans), max(span.last_line for span in spans)
    if bottom - top < rows:
        return top, bottom
    top, bottom = source.statement.first_line, source.statement.last_line
    if bottom - top >= rows and lit is not None:
        top = max(top, lit.first_line - rows // 3)
    return top, min(bottom, top + rows - 1)


def _on_the_way(
    timeline: Timeline, clip: Clip, source: Source, first: float, sheet: _Sheet, progress: float
) -> float:
    """The first line while scrolling here from the clip before, a fraction between lines."""
    place = timeline.clip_index(Fraction(clip.start, TICKS_PER_SECOND))
    before = timeline.clips[place - 1] if place else clip
    old = active_source(timeline, before, None)
    file = _file(timeline, old)
    if old is None or file is None or old.statement.file != source.statement.file:
        return first
    distance = _first_line(timeline, before, old, file, None, sheet) - first
    near = max(-sheet.rows, min(sheet.rows, distance))  # a longer way would only be a blur
    return first + near * (1 - smooth(progress))


def _nothing(unknown: bool, box: Box, theme: Theme) -> tuple[Primitive, ...]:
    panel = Panel(box, theme.panel, 12, name=OWNER)
    if not unknown:
        return (panel,)
    at = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    words = "The source of this step was not recorded."
    return panel, Text(words, at, 22, legible(theme.soft, theme.panel), "sans", "mm", OWNER)


@dataclass(frozen=True)
class _View:
    """A moment of the panel: the file, what of it is lit, and which line and column are at the top left."""

    file: SourceFile
    statement: Span
    lit: Span | None
    first: float
    shift: int
    sheet: _Sheet
    theme: Theme

    def row(self, line: int) -> float:
        """Rows between the top of the panel and a line's top; a fraction while scrolling."""
        return line - self.first

    def running(self, line: int) -> bool:
        return self.statement.first_line <= line <= self.statement.last_line

    def lit_columns(self, line: int) -> tuple[int, int]:
        """Columns of the panel, start and end, that are lit in a line; empty where none is."""
        lit, sheet = self.lit, self.sheet
        if lit is None or lit.file != self.file.name or not lit.first_line <= line <= lit.last_line:
            return 0, 0
        start, end = (column - self.shift for column in _columns(self.file, lit, line))
        return min(max(start, 0), sheet.columns), min(max(end, 0), sheet.columns)


@dataclass(frozen=True)
class _Lit:
    """What is computed: its statement and function, and the expression in it."""

    source: Source
    expression: Span | None


@lru_cache(maxsize=512)
def _panel(
    file: SourceFile,
    what: _Lit,
    accents: Accents,
    first: float,
    sheet: _Sheet,
    theme: Theme,
) -> tuple[Primitive, ...]:
    source, lit = what.source, what.expression
    lines = _coloured(file.lines, theme.code, theme.ink)
    view = _View(file, source.statement, lit, first, _shift(file, source.statement, lit, sheet), sheet, theme)
    shown = range(max(1, floor(first)), min(len(lines), ceil(first) + sheet.rows - 1) + 1)
    parts: list[Primitive] = [*_head(file.name, source.function, sheet, theme), *_bands(view, shown)]
    for line in shown:
        parts += _line(view, line, lines[line - 1], dict(accents))
    return tuple(parts)


def _head(name: str, function: str, sheet: _Sheet, theme: Theme) -> Iterator[Primitive]:
    """The panel itself, with the names of the file and the function."""
    left, top, right, _ = sheet.box
    yield Panel(sheet.box, theme.panel, 12, name=OWNER)
    called = function.rpartition(".<locals>.")[2]
    room = int((right - left - 2 * PAD) / (ADVANCE * SMALLEST))
    title = _cut(name if called in ("", "<module>") else f"{name}  {called}()", room)
    colour = legible(theme.soft, theme.panel)
    yield Text(title, (left + PAD, top + 25), SMALLEST, colour, "mono", "ls", OWNER)
    yield Line(((left + 1, top + HEAD), (right - 1, top + HEAD)), theme.panel_edge, 1)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _shift(file: SourceFile, statement: Span, lit: Span | None, sheet: _Sheet) -> int:
    """Columns scrolled out at the left, so that the statement, or what is lit of it, is in view."""
    lines = [line.expandtabs(TAB) for line in file.lines[statement.first_line - 1 : statement.last_line]]
    longest = max((len(line) for line in lines), default=0)
    if longest <= sheet.columns:
        return 0
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    shift = min(max(indent - 2, 0), longest - sheet.columns)
    if lit is None or longest - shift <= sheet.columns:
        return shift
    pieces = [_columns(file, lit, line) for line in range(lit.first_line, lit.last_line + 1)]
    start, end = min(piece[0] for piece in pieces), max(piece[1] for piece in pieces)
    return shift if end - shift < sheet.columns else max(shift, min(start - 3, longest - sheet.columns))


def _columns(file: SourceFile, span: Span, line: int) -> tuple[int, int]:
    """The columns of a line that a span covers, as seen: tabs expanded, the indent left out."""
    text = file.lines[line - 1]
    indent = len(text) - len(text.lstrip())
    start = span.first_column if line == span.first_line else indent
    end = span.last_column if line == span.last_line else len(text.rstrip())
    return len(text[:start].expandtabs(TAB)), len(text[:end].expandtabs(TAB))


def _bands(view: _View, shown: range) -> Iterator[Primitive]:
    """The light under the statement's lines, and the brighter one under the sub-expression."""
    sheet, theme = view.sheet, view.theme
    whole = [line for line in shown if view.running(line) and 0 <= view.row(line) <= sheet.rows - 1]
    if whole:
        left, _, right, _ = sheet.box
        top = sheet.top + view.row(whole[0]) * sheet.line_height
        bottom = sheet.top + (view.row(whole[-1]) + 1) * sheet.line_height
        yield Panel((left, top, right, bottom), theme.lit_line)
        yield Panel((left, top, left + 4, bottom), theme.lit_edge)
    for line in whole if view.lit != view.statement else ():
        start, end = view.lit_columns(line)
        if end > start:
            top = sheet.top + view.row(line) * sheet.line_height
            box = (sheet.x(start) - 3, top + 1, sheet.x(end) + 3, top + sheet.line_height - 1)
            yield Panel(box, theme.lit_part, 4)


def _line(view: _View, line: int, runs: tuple[Run, ...], accents: dict[str, Colour]) -> Iterator[Text]:
    """One line of code with its number; one that is half scrolled out is faint, or not there."""
    sheet, row = view.sheet, view.row(line)
    opacity = min(1.0, 1 + row, sheet.rows - row)
    if opacity < FAINTEST or (opacity < 1 and view.running(line)):
        return
    y = sheet.top + (row + 0.5) * sheet.line_height + 0.28 * sheet.size
    number = legible(view.theme.faint, view.theme.lit_line if view.running(line) else view.theme.panel)
    yield Text(str(line), (sheet.left - GAP, y), sheet.size, number, "mono", "rs", OWNER, opacity)
    more = view.theme.ink if view.running(line) else number
    for column, text, colour in _joined(_lit_runs(view, line, runs, accents), sheet.columns, more):
        yield Text(text, (sheet.x(column), y), sheet.size, colour, "mono", "ls", OWNER, opacity)


def _lit_runs(
    view: _View, line: int, runs: tuple[Run, ...], accents: dict[str, Colour]
) -> Iterator[tuple[int, str, Colour]]:
    """The runs of a line, scrolled, coloured to be read where they stand."""
    theme = view.theme
    start, end = view.lit_columns(line)
    for place, text, colour, is_name in runs:
        column = place - view.shift
        if not view.running(line):
            yield column, text, legible(mix(colour, theme.panel, DIM), theme.panel)
            continue
        inside = start < end and start <= column + len(text) and column <= end  # or beside it
        colour = accents.get(text, colour) if is_name else colour
        yield column, text, legible(colour, theme.lit_part if inside else theme.lit_line)


def _joined(
    runs: Iterable[tuple[int, str, Colour]], columns: int, more: Colour
) -> list[tuple[int, str, Colour]]:
    """Neighbours of one colour as one text, cut to the columns in view."""
    joined: list[tuple[int, str, Colour]] = []
    for start, text, colour in runs:
        if joined and joined[-1][2] == colour:
            old, words, _ = joined[-1]
            joined[-1] = (old, words + " " * (start - old - len(words)) + text, colour)
        else:
            joined.append((start, text, colour))
    return _clipped(joined, columns, more)


def _clipped(
    runs: list[tuple[int, str, Colour]], columns: int, more: Colour
) -> list[tuple[int, str, Colour]]:
    """What of a line is in view, in whole columns; an ellipsis in the colour `more` stands where it goes on."""
    before = any(start < 0 for start, _, _ in runs)
    after = any(start + len(text) > columns for start, text, _ in runs)
    left, right = int(before), columns - int(after)
    seen = [
        (max(start, left), text[max(0, left - start) : right - start], colour) for start, text, colour in runs
    ]
    seen = [run for run in seen if run[1].strip() and run[0] < right]
    if before:
        seen.insert(0, (0, "…", more))
    if after:
        seen.append((columns - 1, "…", more))
    return seen


@lru_cache(maxsize=16)
def _coloured(source: tuple[str, ...], style: str, ink: Colour) -> tuple[tuple[Run, ...], ...]:
    """Every line of a file as runs in the colours of a Pygments style; blanks are left out.

    Characters that only look like line ends, such as a form feed, are blanks: lines stay those of Python.
    """
    from pygments.lexers import PythonLexer
    from pygments.styles import get_style_by_name
    from pygments.token import Name

    table = get_style_by_name(style)
    lines: list[list[Run]] = [[]]
    column = 0
    text = "\n".join(BLANK.sub(" ", line) for line in source)
    for kind, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text):
        shade = table.style_for_token(kind)["color"]
        colour = _hex(shade) if shade else ink
        for place, piece in enumerate(value.split("\n")):
            if place:
                lines.append([])
                column = 0
            seen = (" " * column + piece).expandtabs(TAB)[column:]
            if bare := seen.strip():
                at = column + len(seen) - len(seen.lstrip())
                lines[-1].append((at, bare, colour, kind in Name))
            column += len(seen)
    return tuple(tuple(line) for line in lines)


def _hex(text: str) -> Colour:
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)
