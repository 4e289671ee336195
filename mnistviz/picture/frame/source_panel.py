"""The source panel: the real file with its real line numbers, the running statement lit.

The sub-expression being computed is lit brighter, and each variable of the lit statement has the
colour of its card on the stage.  What is in view is a pure function of the clip and what is lit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from math import ceil, floor

from mnistviz.picture.contrast import in_theme, joined, legible, mix
from mnistviz.picture.display import Box, Colour, Line, Panel, Primitive, Text
from mnistviz.picture.easing import smooth
from mnistviz.picture.frame.source_rows import BLANK, TAB, Row, Rows, bare, rows_of, widened
from mnistviz.picture.layout import Look
from mnistviz.picture.theme import Theme
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import Source, SourceFile, Span

Accents = tuple[tuple[str, Colour], ...]
Run = tuple[int, str, Colour, bool]  # column, text, colour, whether it is a name

COLUMNS = 54  # of the taught code; longer lines are wrapped
ADVANCE = 1233 / 2048  # of DejaVu Sans Mono, in its size
SMALLEST, LARGEST = 17.0, 22.0  # size of code
LINE_HEIGHT = 1.44  # in sizes
PAD, GAP, HEAD = 14.0, 14.0, 36.0
DIM = 0.25  # how far lines outside the statement fade into the panel
OVER = 0.3  # of a row that may stand out of the panel's code while it is scrolled in or out
FAINTEST = 0.35  # opacity below which a line being scrolled out is not drawn
OWNER = "source"


@dataclass(frozen=True)
class _Sheet:
    """Where lines and columns of code stand in the panel."""

    box: Box
    size: float
    digits: int

    @cached_property
    def line_height(self) -> float:
        return self.size * LINE_HEIGHT

    @cached_property
    def top(self) -> float:
        return self.box[1] + HEAD + 6

    @cached_property
    def rows(self) -> int:
        return int((self.box[3] - 6 - self.top) / self.line_height)

    @cached_property
    def left(self) -> float:
        return self.box[0] + PAD + self.digits * ADVANCE * self.size + GAP

    @cached_property
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
    sight = _sight(timeline, clip, lit, look.regions.source)
    if sight is None:
        return _nothing(bool(clip.subject), look.regions.source, look.theme)
    first = sight.first
    if progress < 1:
        first = _on_the_way(timeline, clip, sight.source, first, sight.sheet, progress)
    return _panel(sight, accents, first, look.theme)


@dataclass(frozen=True, eq=False)
class _Sight:
    """What is in view at rest, and what of it is computed; one a clip, and the same object all the time."""

    source: Source
    file: SourceFile
    lit: Span | None
    sheet: _Sheet
    first: float  # row


@lru_cache(maxsize=64)
def _sight(timeline: Timeline, clip: Clip, lit: Span | None, box: Box) -> _Sight | None:
    source = active_source(timeline, clip, lit)
    file = _file(timeline, source)
    if source is None or file is None:
        return None
    sheet = _sheet(box, len(str(file.text.count("\n") + 1)))
    return _Sight(source, file, lit, sheet, _first_row(timeline, clip, source, file, lit, sheet))


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


def _first_row(
    timeline: Timeline, clip: Clip, source: Source, file: SourceFile, lit: Span | None, sheet: _Sheet
) -> int:
    """The first row in view: the function's first where that shows the statement, else a third above it."""
    rows = rows_of(file.lines, sheet.columns)
    top, bottom = _rows_told(timeline, clip, source, lit, sheet.rows, rows)
    start, end = rows.first(source.function_span.first_line), rows.last(source.function_span.last_line)
    if bottom < start + sheet.rows:
        first = start
    else:
        first = min(top - (sheet.rows - (bottom - top + 1)) // 3, end - sheet.rows + 1)
        first = max(first, bottom - sheet.rows + 1)
    return max(1, min(first, len(rows) - sheet.rows + 1))


def _rows_told(
    timeline: Timeline, clip: Clip, source: Source, lit: Span | None, count: int, rows: Rows
) -> tuple[int, int]:
    """First and last row to be in view: of all the clip's statements in the function, if they fit."""
    sources = [timeline.storyboard.operation(number).source for number in clip.shot.subject]
    statements = [one.statement for one in sources if one.function_span == source.function_span]
    spans = statements or [source.statement]  # where the run stopped, no operation was made
    top = rows.first(min(span.first_line for span in spans))
    bottom = rows.last(max(span.last_line for span in spans))
    if bottom - top < count:
        return top, bottom
    top, bottom = rows.first(source.statement.first_line), rows.last(source.statement.last_line)
    if bottom - top >= count and lit is not None:
        top = max(top, rows.first(lit.first_line) - count // 3)
    return top, min(bottom, top + count - 1)


def _on_the_way(
    timeline: Timeline, clip: Clip, source: Source, first: float, sheet: _Sheet, progress: float
) -> float:
    """The first row while scrolling here from the clip before, a fraction between rows."""
    place = timeline.clip_index(Fraction(clip.start, TICKS_PER_SECOND))
    before = timeline.clips[place - 1] if place else clip
    old = active_source(timeline, before, None)
    file = _file(timeline, old)
    if old is None or file is None or old.statement.file != source.statement.file:
        return first
    distance = _first_row(timeline, before, old, file, None, sheet) - first
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
    """A moment of the panel: the file, what of it is lit, and which row is at the top."""

    file: SourceFile
    statement: Span
    lit: Span | None
    first: float
    sheet: _Sheet
    theme: Theme

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All rows of the file."""
        return rows_of(self.file.lines, self.sheet.columns).rows

    def place(self, number: int) -> float:
        """Rows between the top of the panel and that of a row; a fraction while scrolling."""
        return number - self.first

    def running(self, row: Row) -> bool:
        return self.statement.first_line <= row.line <= self.statement.last_line

    def lit_columns(self, row: Row) -> tuple[int, int]:
        """Columns of the panel, start and end, that are lit in a row; empty where none is."""
        lit = self.lit
        if lit is None or lit.file != self.file.name or not lit.first_line <= row.line <= lit.last_line:
            return 0, 0
        start, end = _columns(self.file, lit, row.line)
        start, end = max(start, row.start), min(end, row.end)
        return (start - row.start + row.column, end - row.start + row.column) if end > start else (0, 0)


@lru_cache(maxsize=64)
def _panel(sight: _Sight, accents: Accents, first: float, theme: Theme) -> tuple[Primitive, ...]:
    source, file, sheet = sight.source, sight.file, sight.sheet
    view = _View(file, source.statement, sight.lit, first, sheet, theme)
    shown = range(max(1, floor(first)), min(len(view.rows), ceil(first) + sheet.rows - 1) + 1)
    parts: list[Primitive] = [*_head(file.name, source.function, sheet, theme), *_bands(view, shown)]
    for number in shown:
        parts += _row(view, number, _words(sight, accents, number, theme))
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


def _columns(file: SourceFile, span: Span, line: int) -> tuple[int, int]:
    """The columns of a line that a span covers, as seen: tabs expanded, the indent left out."""
    text = file.lines[line - 1]
    indent = len(text) - len(text.lstrip())
    start = span.first_column if line == span.first_line else indent
    end = span.last_column if line == span.last_line else len(text.rstrip())
    return len(widened(text[:start].expandtabs(TAB))), len(widened(text[:end].expandtabs(TAB)))


def _bands(view: _View, shown: range) -> Iterator[Primitive]:
    """The light under the statement's rows, and the brighter one under the sub-expression."""
    sheet, theme = view.sheet, view.theme
    whole = [
        number
        for number in shown
        if view.running(view.rows[number - 1]) and 0 <= view.place(number) <= sheet.rows - 1
    ]
    if whole:
        left, _, right, _ = sheet.box
        top = sheet.top + view.place(whole[0]) * sheet.line_height
        bottom = sheet.top + (view.place(whole[-1]) + 1) * sheet.line_height
        yield Panel((left, top, right, bottom), theme.lit_line)
        yield Panel((left, top, left + 4, bottom), theme.lit_edge)
    for number in whole if view.lit != view.statement else ():
        start, end = view.lit_columns(view.rows[number - 1])
        if end > start:
            top = sheet.top + view.place(number) * sheet.line_height
            box = (sheet.x(start) - 3, top + 1, sheet.x(end) + 3, top + sheet.line_height - 1)
            yield Panel(box, theme.lit_part, 4)


@lru_cache(maxsize=256)
def _words(sight: _Sight, accents: Accents, number: int, theme: Theme) -> tuple[tuple[int, str, Colour], ...]:
    """The words of a row, wherever it stands: its column, the text, the colour."""
    sheet = sight.sheet
    view = _View(sight.file, sight.source.statement, sight.lit, sight.first, sheet, theme)
    row = view.rows[number - 1]
    runs = _coloured(sight.file.lines, theme.code, theme.ink)[row.line - 1]
    shown = _joined(_lit_runs(view, row, runs, dict(accents)))
    if row.folded:
        end = shown[-1][0] + len(shown[-1][1]) if shown else row.column
        shown.append((min(end + 1, sheet.columns - 1), "…", _faint(view, row)))
    return tuple((column, bare(text), colour) for column, text, colour in shown)


def _faint(view: _View, row: Row) -> Colour:
    return legible(view.theme.faint, view.theme.lit_line if view.running(row) else view.theme.panel)


def _row(view: _View, number: int, words: tuple[tuple[int, str, Colour], ...]) -> Iterator[Text]:
    """A row of code, with the number of its line; one that is half scrolled out is faint, or not there."""
    sheet, place, row = view.sheet, view.place(number), view.rows[number - 1]
    opacity = min(1.0, 1 + place / OVER, (sheet.rows - 1 - place) / OVER + 1)
    if opacity < FAINTEST or (opacity < 1 and view.running(row)):
        return
    y = sheet.top + (place + 0.5) * sheet.line_height + 0.28 * sheet.size
    if number == 1 or view.rows[number - 2].line != row.line:
        at, faint = (sheet.left - GAP, y), _faint(view, row)
        yield Text(str(row.line), at, sheet.size, faint, "mono", "rs", OWNER, opacity)
    for column, text, colour in words:
        yield Text(text, (sheet.x(column), y), sheet.size, colour, "mono", "ls", OWNER, opacity)


def _lit_runs(
    view: _View, row: Row, runs: tuple[Run, ...], accents: dict[str, Colour]
) -> Iterator[tuple[int, str, Colour]]:
    """The runs of a row, coloured to be read where they stand."""
    theme = view.theme
    start, end = view.lit_columns(row)
    for place, text, colour, is_name in runs:
        seen = text[max(row.start - place, 0) : max(row.end - place, 0)]
        column = max(place, row.start) - row.start + row.column
        if not seen:
            continue
        if not view.running(row):
            yield column, seen, legible(mix(colour, theme.panel, DIM), theme.panel)
            continue
        inside = start < end and start <= column + len(seen) and column <= end  # or beside it
        colour = accents.get(bare(text), colour) if is_name else colour
        yield column, seen, legible(colour, theme.lit_part if inside else theme.lit_line)


def _joined(runs: Iterable[tuple[int, str, Colour]]) -> list[tuple[int, str, Colour]]:
    """Neighbours of one colour as one text."""
    joined: list[tuple[int, str, Colour]] = []
    for start, text, colour in runs:
        if joined and joined[-1][2] == colour:
            old, words, _ = joined[-1]
            joined[-1] = (old, words + " " * (start - old - len(words)) + text, colour)
        else:
            joined.append((start, text, colour))
    return joined


@lru_cache(maxsize=16)
def _coloured(source: tuple[str, ...], style: str, ink: Colour) -> tuple[tuple[Run, ...], ...]:
    """Every line of a file as runs in the colours of a Pygments style, or of two; blanks are left out.

    Characters that only look like line ends, such as a form feed, are blanks: lines stay those of Python.
    """
    from pygments.lexers import PythonLexer
    from pygments.styles import get_style_by_name
    from pygments.token import Name

    tables = [get_style_by_name(name) for name in style.split("|")]
    lines: list[list[Run]] = [[]]
    column = 0
    text = "\n".join(BLANK.sub(" ", line) for line in source)
    for kind, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text):
        shades = [table.style_for_token(kind)["color"] for table in tables]
        colour = joined(_hex(shade) if shade else in_theme(ink, place) for place, shade in enumerate(shades))
        for place, piece in enumerate(value.split("\n")):
            if place:
                lines.append([])
                column = 0
            seen = widened((" " * column + piece).expandtabs(TAB)[column:])
            if words := seen.strip():
                at = column + len(seen) - len(seen.lstrip())
                lines[-1].append((at, words, colour, kind in Name))
            column += len(seen)
    return tuple(tuple(line) for line in lines)


def _hex(text: str) -> Colour:
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)
