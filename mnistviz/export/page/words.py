"""The film's words as the template reads them: chapters, their steps, what each computes and from what."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from mnistviz.export.page import stills
from mnistviz.picture.wording import text_of
from mnistviz.story import timecode
from mnistviz.story.storyboard import Phase
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import Operation, Source, Value


@dataclass(frozen=True)
class ListedStatement:
    """A statement of the source, with the arrays that it reads and the one that it makes."""

    code: str
    inputs: tuple[str, ...]  # "weights 20 × 784"
    output: str


@dataclass(frozen=True)
class ListedStep:
    """One clip of the film, in words."""

    label: str  # "8.2", also its deep link
    title: str
    caption: str
    note: str
    start: int  # ticks
    end: int
    still: str
    finished: int  # the tick at which it shows that
    formulas: tuple[ListedStatement, ...]


@dataclass(frozen=True)
class ListedChapter:
    """One chapter of the film, in words."""

    number: int
    title: str
    phase: Phase | None
    caption: str
    start: int  # ticks
    still: str
    steps: tuple[ListedStep, ...]


def parts(timeline: Timeline) -> list[ListedChapter]:
    """All chapters, in order."""
    return [
        ListedChapter(
            chapter.number,
            chapter.title,
            chapter.phase,
            chapter.caption,
            timeline.span(chapter)[0],
            stills.chapter_still(timeline, chapter.number),
            tuple(_step(timeline, clip) for clip in timeline.clips_of(chapter)),
        )
        for chapter in timeline.chapters
    ]


def _step(timeline: Timeline, clip: Clip) -> ListedStep:
    shots = (*clip.merged, clip.shot)
    return ListedStep(
        f"{clip.chapter.number}.{clip.step}",
        clip.shot.title,
        " ".join(text_of(beat.caption) for shot in shots for beat in shot.said if beat.caption),
        " ".join(text_of(said) for shot in shots for said in (shot.note, shot.aside) if said),
        clip.start,
        clip.end,
        stills.name(clip),
        clip.finished,
        tuple(_formulas(timeline, clip)),
    )


def _formulas(timeline: Timeline, clip: Clip) -> Iterator[ListedStatement]:
    """The statements of the clip's operations, each once."""
    operations = [timeline.storyboard.operation(number) for number in clip.subject]
    for statement in dict.fromkeys(operation.source.statement for operation in operations):
        together = [operation for operation in operations if operation.source.statement == statement]
        yield ListedStatement(
            _code(timeline, together[-1].source), _inputs(together), _named(together[-1].output)
        )


def _code(timeline: Timeline, source: Source) -> str:
    """The statement as it stands in the source, its indent taken away."""
    span = source.statement
    lines = timeline.storyboard.trace.source_file(span.file).lines[span.first_line - 1 : span.last_line]
    return textwrap.dedent("\n".join(lines))


def _inputs(operations: list[Operation]) -> tuple[str, ...]:
    made = {operation.output.id for operation in operations}
    values = [value for operation in operations for value in operation.inputs if value.id not in made]
    return tuple(dict.fromkeys(_named(value) for value in values if value.name))


def _named(value: Value) -> str:
    return f"{value.name} {shape_words(value.shape)}".strip(" ") or "a number"


def shape_words(shape: tuple[int, ...]) -> str:
    """`20 × 784`; nothing for a single number."""
    return " × ".join(str(length) for length in shape)


def clock(ticks: int) -> str:
    """`1:18`, with the tenth only where there is one."""
    return re.sub(r"\.0$", "", timecode.clock(ticks))


def seconds(ticks: int) -> str:
    """`78`, `78.5`: seconds as a media fragment has them."""
    return f"{ticks // 10}.{ticks % 10}".removesuffix(".0")
