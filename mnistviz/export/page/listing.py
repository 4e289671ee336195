"""The source beside the film: coloured lines, what is lit when, and the moments at which a line is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import SourceFile, Span


@dataclass(frozen=True)
class Lit:
    """From a tick on, until the next one: the statement and, within it, the expression being computed."""

    tick: int
    statement: Span | None
    expression: Span | None


@dataclass(frozen=True)
class ListedLine:
    """A line of a file: its number, its coloured text, the ticks at which the film computes it."""

    number: int
    code: Markup
    moments: tuple[int, ...]


@dataclass(frozen=True)
class Listing:
    """A source file, ready for the template."""

    name: str
    lines: tuple[ListedLine, ...]


def lit_runs(timeline: Timeline, lit: Sequence[tuple[int, Span | None]]) -> list[Lit]:
    """What is lit over the whole film, said where it changes; `lit` has the expression by tick."""
    runs: list[Lit] = []
    for tick, expression in lit:
        clip = timeline.clips[timeline.clip_index(Fraction(tick, TICKS_PER_SECOND))]
        statement = _statement(timeline, clip, expression)
        if not runs or (runs[-1].statement, runs[-1].expression) != (statement, expression):
            runs.append(Lit(tick, statement, expression))
    return runs


def _statement(timeline: Timeline, clip: Clip, expression: Span | None) -> Span | None:
    """The statement around an expression: of the clip's operations, else of any, else its own lines."""
    operations = [timeline.storyboard.operation(number) for number in clip.subject]
    if expression is None:
        return operations[0].source.statement if operations else None
    for operation in (*operations, *timeline.storyboard.trace.operations):
        if _contains(operation.source.statement, expression):
            return operation.source.statement
    return expression


def _contains(outer: Span, inner: Span) -> bool:
    starts = (outer.first_line, outer.first_column) <= (inner.first_line, inner.first_column)
    ends = (outer.last_line, outer.last_column) >= (inner.last_line, inner.last_column)
    return outer.file == inner.file and starts and ends


def plain_runs(runs: Sequence[Lit], names: Sequence[str]) -> list[dict[str, Any]]:
    """For JSON: from a tick on the file, the lines of the statement and the expression; no file where none is lit."""
    return [_plain(run, names) for run in runs]


def _plain(run: Lit, names: Sequence[str]) -> dict[str, Any]:
    statement, lit = run.statement, run.expression or run.statement
    if statement is None or lit is None or statement.file not in names:
        return {"tick": run.tick}
    return {
        "tick": run.tick, "file": names.index(statement.file), "first": statement.first_line,
        "last": statement.last_line,
        "expression": {
            "firstLine": lit.first_line, "firstColumn": lit.first_column,
            "lastLine": lit.last_line, "lastColumn": lit.last_column,
        },
    }  # fmt: skip


def listings(timeline: Timeline, runs: Sequence[Lit]) -> list[Listing]:
    """The files that the film tells of, in the trace's order."""
    lit_files = {run.statement.file for run in runs if run.statement is not None}
    files = [source for source in timeline.storyboard.trace.sources if source.name in lit_files]
    return [_listing(source, runs) for source in files]


def _listing(source: SourceFile, runs: Sequence[Lit]) -> Listing:
    text = "\n".join(line.replace("\r", " ") for line in source.lines)  # Pygments would end a line there
    coloured = highlight(text, PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True))
    lines = [*coloured.split("\n"), *([""] * len(source.lines))][: len(source.lines)]
    listed: list[ListedLine] = []
    for number, line in enumerate(lines, start=1):
        moments = tuple(_moments(source.name, number, runs))
        # Pygments has escaped the source: its output is markup by contract.
        listed.append(ListedLine(number, Markup(line), moments))  # noqa: S704
    return Listing(source.name, tuple(listed))


def _moments(file: str, line: int, runs: Sequence[Lit]) -> Iterator[int]:
    """When a line begins to be computed: its expressions where it has any, else its statement."""
    exact = list(_begins(file, line, [run.expression for run in runs], runs))
    yield from exact or _begins(file, line, [run.statement for run in runs], runs)


def _begins(file: str, line: int, spans: Sequence[Span | None], runs: Sequence[Lit]) -> Iterator[int]:
    """Where the line comes to be lit within a stretch of one and the same statement, once a stretch."""
    stretch: Span | None = None
    begun = False
    for span, run in zip(spans, runs, strict=True):
        if run.statement != stretch:
            stretch, begun = run.statement, False
        inside = span is not None and span.file == file and span.first_line <= line <= span.last_line
        if inside and not begun:
            yield run.tick
            begun = True
