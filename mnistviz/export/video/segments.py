"""The unit of work: a run of frames that starts on a chapter, or every few seconds within one.

A segment's name is the hash of everything that it is made of, but for the exceptions named here, so that
a finished one can be used again after a crash, or after an edit elsewhere.  A field that is added to any
record of a plan is in the names by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from types import MappingProxyType

from mnistviz.export.code import code_digest, fonts_needed
from mnistviz.export.video.keys import key_ticks, runs
from mnistviz.export.video.settings import Settings
from mnistviz.modules import OwnCode, own_code
from mnistviz.picture.compose import AT_REST, Moment, compose, other_panels, tableau_at
from mnistviz.picture.drawings import modules_of_own, silent_drawings
from mnistviz.picture.layout import Look
from mnistviz.storage.digest import digest, texts
from mnistviz.story.storyboard import Chapter
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip, Timeline

Composer = Callable[[Timeline, Fraction, Look], Moment]
SEGMENT_TICKS = 80  # a segment is about this long: short enough to share out evenly, long for the encoder

UNSEEN: Mapping[str, str] = MappingProxyType(
    {
        "SourceFile.path": "where a source was read: nothing shows it, and a folder may be moved",
        "Call.exact": "whether this process recorded it: a worker is given the same film",
        "Shot.aside": "for readers of the page; no frame says it",
        "Module.path": "where a module was read; its contents and its name are in",
    }
)  # fields that no frame can depend on, and why
NOT_SHOWN: Mapping[str, str] = MappingProxyType(
    {
        "Plan.quality": "how the films are encoded",
        "Plan.encoder": "how the films are encoded",
        "Plan.plain": "how the films are encoded",
    }
)  # fields that change a film's bytes, and nothing that it shows
UNSEEN_ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "Chapter.caption": "said in the chapter table, and while the chapter is shown",
        "Shot.title": "said while the shot is shown",
        "Shot.caption": "said while it stands below the shot, or by a drawing that says the words of its shot",
        "Shot.note": "said while the shot is shown",
        "Shot.beats": "said while they stand below the shot, or by a drawing that says the words of its shot",
    }
)  # words that no frame elsewhere can depend on, and why


@dataclass(frozen=True)
class Stretch:
    """A run of frames [start, end), in ticks, within one chapter."""

    start: int
    end: int
    chapter: int  # number
    keys: tuple[int, ...]  # ticks of its key frames, the start first

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
    quality: str  # a key of `formats.X264`
    encoder: str  # digest of the encoder's version
    code: str  # digest of this package and its libraries
    composer: Composer = compose  # a function of a module: workers find it by its name
    plain: bool = False  # every frame goes through the encoder, held or not
    own_code: OwnCode = field(default_factory=OwnCode)  # the modules that hold the scene's own drawings
    silent: tuple[str, ...] = ()  # the drawings that are known not to say the words of their shot
    fonts: tuple[str, ...] = ()  # the machine's, where a letter may need one

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def digest(self) -> str:
        """Hash of everything in it that can change a byte of a film or of what lies beside it."""
        return digest((self.shown, self._encoding))

    @cached_property
    def shown(self) -> str:
        """Hash of everything in it that can change what is shown, in a film or on the page."""
        return digest(self, {**UNSEEN, **NOT_SHOWN})

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """All stretches of the film, in order."""
        return tuple(
            stretch for chapter in self.timeline.chapters for stretch in split(self.timeline, chapter)
        )

    def frames(self, rates: Iterable[int]) -> int:
        """How many frames the films of these rates have."""
        return sum(self.timeline.ticks * rate // TICKS_PER_SECOND for rate in rates)

    def settings(self, fps: int) -> Settings:
        """What the encoder of one of its films is set to."""
        return Settings(self.size, fps, self.quality, self.plain)

    def names(self, rates: Iterable[int]) -> list[str]:
        """The names of all segments of the films of these rates."""
        return [self.name(stretch, rate) for rate in rates for stretch in self.stretches]

    def name(self, stretch: Stretch, fps: int) -> str:
        """The name of a segment: hash of all that it is made of."""
        return digest((self.anywhere, self._seen(stretch.start, stretch.end), stretch, fps))

    def page_name(self, ticks: tuple[int, int], what: object) -> str:
        """The name of a piece of the page that shows the ticks [start, end): hash of all that it is made of."""
        return digest((self._shown_anywhere, self._seen(*ticks), what))

    @cached_property
    def _shown_anywhere(self) -> str:
        """The same as `anywhere`, however the films are encoded."""
        return digest(self, {**UNSEEN, **UNSEEN_ELSEWHERE, **NOT_SHOWN})

    @cached_property
    def anywhere(self) -> str:
        """Hash of what any frame of the film may depend on."""
        return digest((self._shown_anywhere, self._encoding))

    @property
    def _encoding(self) -> tuple[object, ...]:
        """What changes a film's bytes, and nothing that it shows."""
        return tuple(getattr(self, name.removeprefix("Plan.")) for name in NOT_SHOWN)

    def _seen(self, start: int, end: int) -> str:
        """Hash of what is said in the ticks [start, end), and of what comes as the last clip of them ends."""
        clips = [clip for clip in self.timeline.clips if clip.start < end and start < clip.end]
        said = [_said(clip, start, end, clip.shot.drawing in self.silent) for clip in clips]
        leaves = end > clips[-1].leave_start
        return digest((said, _coming_after(self.timeline, clips[-1], self.look) if leaves else ""), UNSEEN)


def _said(clip: Clip, start: int, end: int, silent: bool) -> object:
    """The words of a clip that frames of the ticks [start, end) may show; all, where its drawing may say them."""
    shot, first = clip.shot, min(start, clip.rest_start)  # a rest has the words with which it began
    spans = ((max(begun, first), min(over, end), words) for begun, over, words in clip.beats)
    captions = [(begun, over, words) for begun, over, words in spans if begun < over]
    return (
        clip.chapter.caption,
        shot.title,
        shot.note,
        captions,
        None if silent else (shot.caption, shot.beats),
    )


@lru_cache(maxsize=512)
def _coming_after(timeline: Timeline, last: Clip, look: Look) -> str:
    """Hash of what the end of a clip shows of the next one: its cards, and its words where it has other panels."""
    place = timeline.clips.index(last)
    if place + 1 == len(timeline.clips):
        return ""
    clip = timeline.clips[place + 1]
    coming = tableau_at(timeline, place + 1, AT_REST, look, AT_REST)
    marks = tuple(mark for mark in coming.marks if mark.opacity > 0)
    ending = tableau_at(timeline, place, Fraction(last.rest_start - last.start), look, AT_REST)
    words = (clip.caption(AT_REST), clip.shot.note) if other_panels(ending, coming) else ()
    return digest((replace(coming, marks=marks), words), UNSEEN)


def plan(
    timeline: Timeline,
    look: Look,
    size: tuple[int, int],
    quality: str,
    encoder: str,
    plain: bool = False,
    code: str = "",
) -> Plan:
    """The plan of a film, made by this very code and the scene's own.

    `code` is the hash of this very code, where somebody has it.
    Raises `InputError` where the source of a drawing is in no file.
    """
    own, silent = own_code(modules_of_own(timeline.storyboard)), silent_drawings(timeline.storyboard)
    code, fonts = code or code_digest(), fonts_needed(texts(timeline, UNSEEN), own)
    return Plan(
        timeline, look, size, quality, encoder, code, plain=plain, own_code=own, silent=silent, fonts=fonts
    )


def split(timeline: Timeline, chapter: Chapter) -> list[Stretch]:
    """A chapter in stretches of about `SEGMENT_TICKS`, each beginning with a key frame."""
    end = timeline.span(chapter)[1]
    return [
        Stretch(keys[0], last, chapter.number, keys)
        for keys, last in runs(key_ticks(timeline, chapter), end, SEGMENT_TICKS)
    ]
