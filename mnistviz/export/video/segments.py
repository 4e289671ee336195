"""The unit of work: a run of frames that starts on a chapter, or every few seconds within one.

A segment's name is the hash of everything that can change its pixels or bytes, so that a finished one
can be used again after a crash, or after an edit elsewhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

from mnistviz.export.code import code_digest
from mnistviz.picture.compose import compose, tableau_at
from mnistviz.picture.display import DisplayList
from mnistviz.picture.layout import Look
from mnistviz.storage.digest import digest
from mnistviz.story.storyboard import Shot
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip, Timeline

Composer = Callable[[Timeline, Fraction, Look], DisplayList]
SEGMENT_TICKS = 80  # a segment is about this long: short enough to share out evenly, long for the encoder
X264: Mapping[str, tuple[str, int]] = MappingProxyType(
    {"draft": ("ultrafast", 28), "standard": ("veryfast", 18), "high": ("slow", 14)}
)  # quality: x264's preset and crf


@dataclass(frozen=True)
class Stretch:
    """A run of frames [start, end), in ticks, within one chapter."""

    start: int
    end: int
    chapter: int  # number

    def frames(self, fps: int) -> int:
        """How many frames it has at a rate that is a multiple of 10."""
        return (self.end - self.start) * fps // TICKS_PER_SECOND


@dataclass(frozen=True)
class Plan:
    """Everything that a worker needs to draw and encode any part of a film.

    Plans are equal when they make the same bytes.
    """

    timeline: Timeline
    look: Look
    size: tuple[int, int]  # width and height in pixels
    quality: str  # a key of X264
    encoder: str  # digest of the encoder's version
    code: str  # digest of this package and its libraries
    composer: Composer = compose  # a function of a module: workers find it by its name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def digest(self) -> str:
        """Hash of everything in it."""
        story = self.timeline.storyboard
        return digest((self._common, story.chapters, story.left_out))

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """All stretches of the film, in order."""
        return tuple(
            stretch
            for chapter in self.timeline.chapters
            for stretch in split(*self.timeline.span(chapter), chapter.number)
        )

    def frames(self, rates: Iterable[int]) -> int:
        """How many frames the films of these rates have."""
        return sum(self.timeline.ticks * rate // TICKS_PER_SECOND for rate in rates)

    def names(self, rates: Iterable[int]) -> list[str]:
        """The names of all segments of the films of these rates."""
        return [self.name(stretch, rate) for rate in rates for stretch in self.stretches]

    def name(self, stretch: Stretch, fps: int) -> str:
        """The name of a segment: hash of all that can change it."""
        return digest((self._common, self._told[stretch.chapter], stretch, fps))

    @cached_property
    def _told(self) -> dict[int, str]:
        """By chapter number: what is said in the chapter's pictures and in no other's."""
        told = {}
        for chapter in self.timeline.chapters:
            clips = self.timeline.clips_of(chapter)
            words = [[_words(shot) for shot in (*clip.merged, clip.shot)] for clip in clips]
            told[chapter.number] = digest((chapter.caption, chapter.main_shot, words, self._before(clips[0])))
        return told

    def _before(self, first: Clip) -> tuple[object, ...]:
        """The words of the clip before a chapter's first, where they are seen while its cards leave."""
        place = self.timeline.clips.index(first) - 1
        if place < 0:
            return ()
        clip = self.timeline.clips[place]
        rest = Fraction(clip.rest_start - clip.start)
        return _words(clip.shot) if tableau_at(self.timeline, place, rest, self.look).whole else ()

    @cached_property
    def _common(self) -> str:
        """What any frame of the film may depend on: everything but the words said in single chapters."""
        story = self.timeline.storyboard
        chapters = [(chapter.number, chapter.title, chapter.phase) for chapter in story.chapters]
        return digest(
            (
                replace(story, chapters=(), left_out=()),
                (chapters, [_skeleton(clip) for clip in self.timeline.clips]),
                (self.look, self.size, X264[self.quality], self.encoder, self.code, self.composer),
            )
        )


def _skeleton(clip: Clip) -> tuple[object, ...]:
    """A clip without what it says."""
    shots = [replace(shot, title="", caption="", note="", beats=()) for shot in (*clip.merged, clip.shot)]
    return clip.start, clip.rest_start, clip.end, clip.chapter.number, clip.step, shots


def _words(shot: Shot) -> tuple[object, ...]:
    return shot.title, shot.caption, shot.note, shot.beats


def plan(timeline: Timeline, look: Look, size: tuple[int, int], quality: str, encoder: str) -> Plan:
    """The plan of a film, made by this very code."""
    return Plan(timeline, look, size, quality, encoder, code_digest())


def split(start: int, end: int, chapter: int) -> list[Stretch]:
    """[start, end) in equal stretches of about `SEGMENT_TICKS`."""
    pieces = max(1, round((end - start) / SEGMENT_TICKS))
    edges = [start + (end - start) * piece // pieces for piece in range(pieces + 1)]
    return [Stretch(first, last, chapter) for first, last in itertools.pairwise(edges)]
