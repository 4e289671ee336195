"""When: a storyboard laid out in clips [start, end) of whole ticks, a tick being exactly 1/10 s.

Whole ticks make every boundary an exact frame at 10 and at 60 fps, and a whole number of milliseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from mnistviz.errors import InputError
from mnistviz.story.sentence import Said, words_in
from mnistviz.story.storyboard import Chapter, Shot, Storyboard
from mnistviz.story.timecode import SHORTEST_FILM_TICKS, TICKS_PER_SECOND, Pace, clock

POSTER_CHAPTER = 2
MOST_WORDS_PER_SECOND = 3.0  # that people read beside a picture that moves
SHORTEST_CHAPTER_TICKS = 10
LEAVE_TICKS = 9  # at the end of a rest the next shot's cards come; at most, and at most half of the rest
LONGEST_FILM_TICKS = 4 * 3600 * TICKS_PER_SECOND


@dataclass(frozen=True)
class Clip:
    """One shot on the clock: it moves in [start, rest_start) and rests in [rest_start, leave_start), in ticks.

    In [leave_start, end) its cards go and those of the next shot come, so that each shot begins with its own.
    """

    start: int
    rest_start: int
    end: int
    chapter: Chapter
    shot: Shot
    step: int  # from 1, the shot's place in its chapter's clips
    merged: tuple[Shot, ...] = ()  # shots before this one that were too short for a tick
    leaving: int = 0  # ticks before its end in which the next one comes

    def __hash__(self) -> int:
        """Of what tells the clips of a film apart: it is asked for many times a frame."""
        return hash((self.start, self.end, self.step))

    @property
    def leave_start(self) -> int:
        """Where its rest ends, in ticks."""
        return self.end - self.leaving

    @property
    def finished(self) -> int:
        """The last tick at which all of it is there: its picture is finished, if it ever is."""
        return max(self.leave_start - 1, self.start)

    @property
    def waits(self) -> int:
        """For how many ticks after its start nothing moves yet."""
        return self.shot.waits_ticks * (self.rest_start - self.start) // max(self.shot.act_ticks, 1)

    @property
    def subject(self) -> tuple[int, ...]:
        """Numbers of the operations of the clip, those of merged shots included."""
        return tuple(number for shot in (*self.merged, self.shot) for number in shot.subject)

    @cached_property
    def beats(self) -> tuple[tuple[int, int, Said], ...]:
        """What is said when: start and end in whole ticks of the film, and the words.

        A beat that could not be read in its time gives it to the one before, the hardest to read first; where
        not even the last one could be read, the shortest stands.
        """
        moving = self.rest_start - self.start
        starts = [min(self.start + round(beat.at * moving), self.end - 1) for beat in self.shot.said]
        ends = [*starts[1:], self.end]
        spans = [
            (start, end, beat.caption)
            for start, end, beat in zip(starts, ends, self.shot.said, strict=True)
            if start < end
        ]
        while len(spans) > 1 and max(map(_haste, spans)) > MOST_WORDS_PER_SECOND:
            spans = _without(spans, max(range(len(spans)), key=lambda place: _haste(spans[place])))
        if len(spans) == 1 and _haste(spans[0]) > MOST_WORDS_PER_SECOND:
            shortest = min((beat.caption for beat in self.shot.said), key=words_in)
            spans = [(self.start, self.end, shortest)]
        return tuple(spans)

    @property
    def stops(self) -> tuple[int, ...]:
        """For each beat the first tick at which its picture is finished: its last one, or where the clip rests."""
        return tuple(
            end - 1 if end < self.end else max(start, min(self.rest_start, end - 1))
            for start, end, _ in self.beats
        )

    def caption(self, moved: Fraction | int) -> Said:
        """What is said `moved` ticks after the clip's start."""
        ticks = self.start + moved.numerator // moved.denominator  # ends are whole: no part of a tick counts
        return next(words for _, end, words in self.beats if ticks < end or end == self.end)


def _haste(span: tuple[int, int, Said]) -> float:
    """How many words a second have to be read."""
    start, end, words = span
    return words_in(words) * TICKS_PER_SECOND / (end - start)


def _without(spans: list[tuple[int, int, Said]], place: int) -> list[tuple[int, int, Said]]:
    """The spans without one, whose time the one before takes, or the one after where it is the first."""
    start, end, _ = spans[place]
    if place == 0:
        _, last, words = spans[1]
        return [(start, last, words), *spans[2:]]
    first, _, words = spans[place - 1]
    return [*spans[: place - 1], (first, end, words), *spans[place + 1 :]]


@dataclass(frozen=True, eq=False)
class Timeline:
    """All clips, without a gap, from 0."""

    storyboard: Storyboard
    clips: tuple[Clip, ...]

    @property
    def ticks(self) -> int:
        """Length of the film in ticks."""
        return self.clips[-1].end

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters that are in it, in order."""
        return tuple(dict.fromkeys(clip.chapter for clip in self.clips))

    @cached_property
    def _starts(self) -> list[int]:
        return [clip.start for clip in self.clips]

    def clip_index(self, instant: Fraction) -> int:
        """Place in `clips` of the one that holds the instant, in seconds; raises `InputError` outside."""
        ticks = instant.numerator * TICKS_PER_SECOND // instant.denominator
        if not 0 <= ticks < self.ticks:
            raise InputError(
                f"{float(instant):g} s is outside of the film",
                "",
                f"name an instant before {clock(self.ticks)}",
            )
        return bisect_right(self._starts, ticks) - 1

    @cached_property
    def stops(self) -> tuple[int, ...]:
        """Where one can stop: the finished picture of every beat, in ticks, in order."""
        return tuple(dict.fromkeys(stop for clip in self.clips for stop in clip.stops))

    def span(self, chapter: Chapter) -> tuple[int, int]:
        """Start and end of a chapter, in ticks."""
        clips = self.clips_of(chapter)
        return clips[0].start, clips[-1].end

    def clips_of(self, chapter: Chapter) -> tuple[Clip, ...]:
        """The clips of a chapter, in order."""
        return tuple(clip for clip in self.clips if clip.chapter.number == chapter.number)

    def best_instant(self, chapter: Chapter) -> Fraction:
        """In seconds: the rest after the chapter's main shot, the picture that tells it best."""
        main = chapter.shots[chapter.main_shot]
        clips = self.clips_of(chapter)
        clip = next((clip for clip in clips if main in (*clip.merged, clip.shot)), clips[-1])
        return Fraction(clip.finished, TICKS_PER_SECOND)

    @property
    def poster(self) -> Fraction:
        """In seconds: the picture that stands for the film, chapter 2's or the only chapter's."""
        return self.best_instant(self.chapters[min(POSTER_CHAPTER, len(self.chapters)) - 1])


def schedule(
    storyboard: Storyboard,
    pace: Pace = "story",
    duration_ticks: int | None = None,
    chapters: tuple[int, int] | None = None,
) -> Timeline:
    """Lay a storyboard out in time.

    `chapters` keeps the chapters of these numbers, first and last included; `duration_ticks` is the
    length of what is left.  Raises `InputError` for chapters that are not there and for lengths under
    20 s, over four hours, or under a second a chapter.
    """
    if storyboard.article:
        article = pace == "article"
        storyboard = storyboard.at_article_pace() if article else replace(storyboard, article=())
    selected = _selected(storyboard, chapters)
    wished = [sum(shot.act_ticks + shot.rest_ticks for shot in chapter.shots) for chapter in selected]
    if pace == "article":
        wished = _article_lengths(selected, wished)
    if duration_ticks is not None:
        _check_duration(duration_ticks, len(selected))
        wished = apportion(wished, duration_ticks, SHORTEST_CHAPTER_TICKS)
    clips: list[Clip] = []
    for chapter, ticks in zip(selected, wished, strict=True):
        clips += _clips(chapter, clips[-1].end if clips else 0, ticks)
    last = replace(clips[-1], leaving=0)  # nothing follows
    return Timeline(storyboard, (*clips[:-1], last))


def _selected(storyboard: Storyboard, chapters: tuple[int, int] | None) -> tuple[Chapter, ...]:
    if chapters is None:
        return storyboard.chapters
    first, last = chapters
    if not 1 <= first <= last <= len(storyboard.chapters):
        raise InputError(
            f"chapters {first}-{last} are not in the film",
            storyboard.scene,
            f"it has 1-{len(storyboard.chapters)}",
        )
    return storyboard.chapters[first - 1 : last]


def _check_duration(ticks: int, chapters: int) -> None:
    shortest = max(SHORTEST_FILM_TICKS, SHORTEST_CHAPTER_TICKS * chapters)
    if not shortest <= ticks <= LONGEST_FILM_TICKS:
        raise InputError(
            f"a film of {clock(ticks)} cannot be made",
            f"{chapters} chapters",
            f"let it last from {clock(shortest)} to {clock(LONGEST_FILM_TICKS)}",
        )


def _article_lengths(selected: Sequence[Chapter], wished: Sequence[int]) -> list[int]:
    """Lengths that put each chapter with an article start there; those between share by what they wish."""
    lengths: list[int] = []
    linked = [place for place, chapter in enumerate(selected) if chapter.article_start_ticks is not None]
    if not linked:
        return list(wished)
    lengths += wished[: linked[0]]
    for place, following in zip(linked, [*linked[1:], None], strict=True):
        if following is None:
            lengths += wished[place:]
            continue
        start, end = selected[place].article_start_ticks, selected[following].article_start_ticks
        if start is None or end is None or end - start < following - place:
            raise InputError(
                f"chapter {selected[following].number} starts before the ones before it",
                "",
                "mend article_start_ticks",
            )
        least = min(SHORTEST_CHAPTER_TICKS, (end - start) // (following - place))
        lengths += apportion(wished[place:following], end - start, least)
    return lengths


def apportion(weights: Sequence[int], total: int, least: int = 0) -> list[int]:
    """Whole numbers, each at least `least`, that add up to `total` in proportion to the weights.

    The parts that would fall short get `least`, the others share the rest by the largest remainder
    method (Hamilton's).
    """
    parts = [least] * len(weights)
    free = [place for place, weight in enumerate(weights) if weight > 0] or list(range(len(weights)))
    while free:
        rest = total - least * (len(weights) - len(free))
        whole = sum(weights[place] for place in free) or len(free)
        short = [place for place in free if rest * (weights[place] or 1) < least * whole]
        if not short:
            shares = {place: divmod(rest * (weights[place] or 1), whole) for place in free}
            left = rest - sum(share for share, _ in shares.values())
            by_remainder = sorted(free, key=lambda place: (-shares[place][1], place))
            for place in free:
                parts[place] = shares[place][0] + (place in by_remainder[:left])
            break
        free = [place for place in free if place not in short]
    return parts


def _clips(chapter: Chapter, start: int, ticks: int) -> list[Clip]:
    """The chapter's shots in [start, start + ticks); shots too short for a tick merge with the next."""
    lengths = apportion([shot.act_ticks + shot.rest_ticks for shot in chapter.shots], ticks)
    clips: list[Clip] = []
    merged: list[Shot] = []
    lengths = _last_shown(lengths)
    for shot, length in zip(chapter.shots, lengths, strict=True):
        if length == 0:
            merged.append(shot)
            continue
        rest = length * shot.rest_ticks // (shot.act_ticks + shot.rest_ticks)
        end = start + length
        leaving = min(LEAVE_TICKS, rest // 2)
        clips.append(Clip(start, end - rest, end, chapter, shot, len(clips) + 1, tuple(merged), leaving))
        start, merged = end, []
    return clips


def _last_shown(lengths: Sequence[int]) -> list[int]:
    """The same lengths, a tick moved to the last shot where it had none: nothing follows to merge with."""
    moved = list(lengths)
    if moved[-1] == 0:
        longest = max(range(len(moved)), key=lambda place: moved[place])
        moved[longest] -= 1
        moved[-1] = 1
    return moved
