"""The frame around the stage: title strip, source, inspector, caption, chapter bar and legend.

Pure functions from what is told, and when, to primitives in painter's order.  What rests is cached: the
same arguments give the same tuple again, so a frame in which nothing moves costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np

from mnistviz.picture.contrast import legible, mix
from mnistviz.picture.display import Box, Cells, Colour, ColourScale, Face, Matrix, Panel, Primitive, Text
from mnistviz.picture.fonts import width, wrap
from mnistviz.picture.frame.inspector_panel import inspector_panel
from mnistviz.picture.frame.inspector_text import fitted
from mnistviz.picture.frame.source_panel import source_panel
from mnistviz.picture.layout import LEGEND_HEIGHT, LEGEND_MARGIN, LEGEND_TEXT, RAMP_HEIGHT, Look
from mnistviz.picture.numbers import signed
from mnistviz.picture.theme import Theme
from mnistviz.story.sentence import TRUTHS
from mnistviz.story.storyboard import Chapter, Phase
from mnistviz.story.timeline import Clip, Timeline

__all__ = [
    "caption_panel",
    "chapter_bar",
    "inspector_panel",
    "legend",
    "legend_box",
    "source_panel",
    "title_strip",
]

TITLE, SMALLEST_TITLE, PHASE, WORDS = 38.0, 22.0, 24.0, 22.0
TITLE_LEADING, STEP_HEIGHT = 1.14, 42.0  # of the title's lines, in sizes; of the line below them
CAPTION_SIZES = (30.0, 28.0, 26.0, 25.0, 24.0, 23.0, 22.0)
CAPTION_LEADING = 1.28
NOTE = "Teacher's note:"
BAR_GAP = 5.0  # between two chapters
# That the mark moves at a time, at least, so that few frames change for it alone: design units, and ticks, which are
# more in a short film.
MARK_STEP, MARK_TICKS = 4.0, 8
TO_COME = 0.3  # share of its phase's colour in a chapter that is still to come
RAMP = 230.0
RAMP_CELLS = 115
LEGEND_GAP = 28.0
USER, MOST_USERS = 8.0, 4  # the marks of the cards that use a scale


def title_strip(timeline: Timeline, clip: Clip, look: Look) -> tuple[Primitive, ...]:
    """`2 / 17 · Hidden neurons`, beneath it the phase in its colour and the step."""
    chapter = clip.chapter
    count = len(_clips_of(timeline, chapter.number))
    steps = (
        f"step {clip.step} of {count}  ·  {clip.shot.title}",
        clip.shot.title or f"step {clip.step} of {count}",
    )
    place = f"{chapter.number} / {len(timeline.storyboard.chapters)}"
    return _title(f"{place} · {chapter.title}", chapter.phase, steps, look.regions.title, look.theme)


@lru_cache(maxsize=64)
def _clips_of(timeline: Timeline, number: int) -> tuple[Clip, ...]:
    return tuple(clip for clip in timeline.clips if clip.chapter.number == number)


@lru_cache(maxsize=64)
def _title(
    whole: str, phase: Phase | None, steps: tuple[str, str], box: Box, theme: Theme
) -> tuple[Primitive, ...]:
    """`steps`: what the step is called, and a shorter word where that is too long."""
    left, top, right, bottom = box
    ground = theme.background
    size, lines = _title_lines(whole, right - left - 10, bottom - top - STEP_HEIGHT)
    y = top + (0.92 if len(lines) > 1 else 1.06) * size
    words = []
    for line in lines:
        words.append(Text(line, (left, y), size, legible(theme.ink, ground), "sans-bold", owner="title"))
        y += TITLE_LEADING * size
    low = min(y - TITLE_LEADING * size + STEP_HEIGHT, bottom - 8)
    start = left + (width(phase.upper(), PHASE, "sans-bold") + 22 if phase else 0)
    step = next((text for text in steps if width(text, WORDS) <= right - start), steps[-1])
    if phase is not None:
        colour = legible(theme.phase(phase), ground)
        words.append(Text(phase.upper(), (left, low), PHASE, colour, "sans-bold", owner="title"))
    return (
        *words,
        Text(
            fitted(step, WORDS, "sans", right - start),
            (start, low),
            WORDS,
            legible(theme.soft, ground),
            owner="title",
        ),
    )


def _title_lines(whole: str, room: float, high: float) -> tuple[float, tuple[str, ...]]:
    """The title as large as it fits, in several lines if there is room for them; cut where there is none."""
    size = TITLE
    while size >= SMALLEST_TITLE:
        lines = wrap(whole, size, room, "sans-bold")
        wide = max(width(line, size, "sans-bold") for line in lines)
        if wide <= room and len(lines) * TITLE_LEADING * size <= max(high, TITLE_LEADING * TITLE):
            return size, lines
        size -= 1
    return SMALLEST_TITLE, (fitted(whole, SMALLEST_TITLE, "sans-bold", room),)


@dataclass(frozen=True)
class _Words:
    """A caption and its note in a size at which they fit, if there is one."""

    size: float
    note_size: float
    caption: tuple[str, ...]
    note: tuple[str, ...]

    @property
    def gap(self) -> float:
        return 6.0 if self.note and self.caption else 0.0

    @property
    def height(self) -> float:
        lines = len(self.caption) * self.size + len(self.note) * self.note_size
        return lines * CAPTION_LEADING + self.gap


@lru_cache(maxsize=64)
def caption_panel(caption: str, note: str, look: Look) -> tuple[Primitive, ...]:
    """What is said, as large as it fits; a teacher's note is set apart below it."""
    box, theme = look.regions.caption, look.theme
    left, top, right, bottom = box[0] + 24, box[1] + 4, box[2] - 20, box[3] - 4
    words = _fit(caption, note, right - left, bottom - top)
    parts: list[Primitive] = [Panel(box, theme.panel, 12, name="caption")]
    y = (top + bottom - words.height) / 2
    ink, soft = legible(theme.ink, theme.panel), legible(theme.soft, theme.panel)
    for line in words.caption:
        parts.append(_said(line, left, y, words.size, ink))
        y += words.size * CAPTION_LEADING
    y += words.gap
    head = legible(theme.accents[5 % len(theme.accents)], theme.panel)
    for place, line in enumerate(words.note):
        x = left
        if place == 0:
            parts.append(_said(NOTE, left, y, words.note_size, head, "sans-bold"))
            x, line = left + _note_indent(words.note_size), line.lstrip()
        if line:
            parts.append(_said(line, x, y, words.note_size, soft))
        y += words.note_size * CAPTION_LEADING
    return tuple(parts)


def _said(line: str, x: float, top: float, size: float, colour: Colour, face: Face = "sans") -> Text:
    return Text(line, (x, top + size * (CAPTION_LEADING / 2 + 0.28)), size, colour, face, "ls", "caption")


def _note_indent(size: float) -> float:
    return width(NOTE, size, "sans-bold") + 0.5 * size


def _fit(caption: str, note: str, limit: float, height: float) -> _Words:
    """The largest size at which all is in; where none is, what comes last is cut with an ellipsis."""
    for size in CAPTION_SIZES:
        words = _set(caption, note, size, limit)
        if words.height <= height:
            return words
    while words.height > height and words.note:
        room = limit - (_note_indent(words.note_size) if len(words.note) == 2 else 0)
        words = replace(words, note=_shorter(words.note, words.note_size, room))
    while words.height > height and len(words.caption) > 1:
        words = replace(words, caption=_shorter(words.caption, words.size, limit))
    return words


def _shorter(lines: tuple[str, ...], size: float, limit: float) -> tuple[str, ...]:
    """One line less, the last of the others ending in an ellipsis."""
    if len(lines) <= 1:
        return ()
    words = lines[-2].split()
    while len(words) > 1 and width(" ".join(words) + " …", size) > limit:
        words.pop()
    return (*lines[:-2], " ".join(words) + " …")


def _set(caption: str, note: str, size: float, limit: float) -> _Words:
    note_size = max(WORDS, size - 3)
    lines: tuple[str, ...] = ()
    if note:
        # The bold words that begin the note are stood in for by blanks of their width.
        words = note.split()
        first: list[str] = []
        room = limit - _note_indent(note_size)
        while words and width(" ".join([*first, words[0]]), note_size) <= room:
            first.append(words.pop(0))
        lines = (" ".join(first), *wrap(" ".join(words), note_size, limit))
    return _Words(size, note_size, wrap(caption, size, limit), lines)


def chapter_bar(timeline: Timeline, instant_ticks: Fraction, look: Look) -> tuple[Primitive, ...]:
    """The film's chapters, as wide as they are long, and a mark at the instant.

    The mark goes in steps, so that it leaves most frames as they were.
    """
    return bar_with_mark(timeline, mark_at(timeline, instant_ticks, look), look)


def mark_at(timeline: Timeline, instant_ticks: Fraction | float, look: Look) -> float:
    """Where the mark stands, in design units from the left."""
    left, _, right, _ = look.regions.bar
    steps = max(int(min((right - left) / MARK_STEP, timeline.ticks / MARK_TICKS)), 1)
    gone = round(float(instant_ticks) / timeline.ticks * steps) / steps
    return round((left + gone * (right - left)) / MARK_STEP) * MARK_STEP


def bar_with_mark(timeline: Timeline, mark: float, look: Look) -> tuple[Primitive, ...]:
    """The chapter bar with its mark at a place of `mark_at`."""
    return _bar(timeline, mark, look.regions.bar, look.theme)


@lru_cache(maxsize=512)
def _bar(timeline: Timeline, mark: float, box: Box, theme: Theme) -> tuple[Primitive, ...]:
    left, top, right, bottom = box
    scale = (right - left) / timeline.ticks
    middle, half = (top + bottom) / 2, min(6.0, (bottom - top) / 4)
    parts: list[Primitive] = []
    for chapter, (first, last) in _spans(timeline):
        start, end = left + first * scale, left + last * scale
        end = max(start + 1, end - (BAR_GAP if end - start > 2 * BAR_GAP else 0))
        within = min(max(mark, start), end)  # most chapters stay as they are from mark to mark
        parts += _chapter(chapter.phase, (start, middle - half, end, middle + half), within, theme)
    pin = (mark - 4, middle - half - 5, mark + 4, middle + half + 5)
    return (*parts, Panel(pin, theme.ink, 4, theme.background, 2))


@lru_cache(maxsize=16)
def _spans(timeline: Timeline) -> tuple[tuple[Chapter, tuple[int, int]], ...]:
    return tuple((chapter, timeline.span(chapter)) for chapter in timeline.chapters)


@lru_cache(maxsize=512)
def _chapter(phase: Phase | None, box: Box, mark: float, theme: Theme) -> tuple[Panel, ...]:
    """One chapter of the bar, `mark` within it: what has been is bright, what is to come dim."""
    start, top, end, bottom = box
    colour, radius = theme.phase(phase), (bottom - top) / 2
    dim = Panel(box, mix(theme.background, colour, TO_COME), radius)
    bright = Panel((start, top, mark, bottom), colour, radius)
    return tuple(part for part, is_there in ((dim, mark < end), (bright, mark > start)) if is_there)


def legend_box(scales: tuple[ColourScale, ...], look: Look) -> Box:
    """What the legend fills, in the stage's bottom right corner: as many ramps as there are scales."""
    _, _, right, bottom = look.regions.stage
    count = max(1, len(scales))
    wide = count * _ramp_width(count, look) + (count - 1) * LEGEND_GAP + 2 * LEGEND_MARGIN
    return right - wide, bottom - LEGEND_HEIGHT, right, bottom


def _ramp_width(count: int, look: Look) -> float:
    """As wide as wished, or as wide as so many fit side by side on the stage."""
    left, _, right, _ = look.regions.stage
    return min(RAMP, (right - left - 2 * LEGEND_MARGIN - (count - 1) * LEGEND_GAP) / count)


@lru_cache(maxsize=64)
def legend(
    scales: tuple[ColourScale, ...], look: Look, users: tuple[tuple[Colour, ...], ...] = ()
) -> tuple[Primitive, ...]:
    """A ramp for each distinct scale, with its limits.

    `users` has, for each distinct scale, the colours of the cards that it is for: small marks left of it.
    """
    distinct = tuple(dict.fromkeys(scales))
    if not distinct:
        return ()
    left, top, _, _ = legend_box(distinct, look)
    parts: list[Primitive] = []
    for place, scale in enumerate(distinct):
        wide = _ramp_width(len(distinct), look)
        x, y = left + LEGEND_MARGIN + place * (wide + LEGEND_GAP), top + LEGEND_MARGIN
        parts += _ramp(scale, x, y, wide, look.theme)
        parts += _users(users[place] if place < len(users) else (), x, y)
    return tuple(parts)


def _users(colours: tuple[Colour, ...], x: float, y: float) -> Iterator[Panel]:
    """A column of small squares, as many as there is room for."""
    for place, colour in enumerate(colours[:MOST_USERS]):
        top = y + place * (USER + 3)
        yield Panel((x - USER - 5, top, x - 5, top + USER), colour, 2.0)


def _ramp(scale: ColourScale, x: float, y: float, wide: float, theme: Theme) -> Iterator[Primitive]:
    truth = scale.table == "truth"
    values = np.linspace(scale.low, scale.high, 2 if truth else RAMP_CELLS)[None, :]
    yield Matrix(
        "legend", Cells(values), theme.coloured(scale), ((x, y),), (wide, 0.0), (0.0, RAMP_HEIGHT),
        edge=theme.panel_edge, edge_width=1.0, grid=False, shadow=False,
    )  # fmt: skip
    colour = legible(theme.soft, theme.background)
    base = y + RAMP_HEIGHT + 6 + 0.78 * LEGEND_TEXT
    ends = [(scale.low, x, "l"), (scale.high, x + wide, "r")]
    if scale.low < 0 < scale.high:
        ends.append((0.0, x - scale.low / (scale.high - scale.low) * wide, "m"))
    for value, at, side in ends:
        text = TRUTHS[0 if value else 1] if truth else signed(value)
        yield Text(text, (at, base), LEGEND_TEXT, colour, "mono", side + "s", "legend", counted=repr(value))
