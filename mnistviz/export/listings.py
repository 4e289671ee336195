"""What is said about a film beside its pictures: chapters and captions in every notation that is wanted.

Each notation has its own way to be led astray (`-->`, `<`, a blank line, `=`), so each has its own escape.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mnistviz.picture.wording import text_of
from mnistviz.story.storyboard import Chapter
from mnistviz.story.timecode import RATES, TICKS_PER_SECOND, seconds, subtitle_clock, whole_clock
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import Operation, Value

TITLE_BYTES = 255  # the chapter list of an MP4 holds no more
YOUTUBE_LEAST_TICKS = 100
YOUTUBE_LEAST_CHAPTERS = 3
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_JOINER = "\u2060"  # invisible, and not a space: what it stands between is no mark-up any more


@dataclass(frozen=True)
class Cue:
    """A line of text for [start, end), in ticks."""

    start: int
    end: int
    text: str


def plain(text: str) -> str:
    """The text in one line, without control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def cut(title: str) -> str:
    """The title in one line, at most 255 bytes of UTF-8, cut at a character."""
    title = plain(title)
    encoded = title.encode()
    if len(encoded) <= TITLE_BYTES:
        return title
    return encoded[: TITLE_BYTES - 3].decode("utf-8", "ignore").rstrip() + "…"


def caption_cues(timeline: Timeline) -> list[Cue]:
    """What is said when: equal captions that follow one another are one cue."""
    cues: list[Cue] = []
    for clip in timeline.clips:
        for start, end, words in clip.beats:
            text = plain(text_of(words)) or plain(clip.chapter.title) or "…"
            if cues and cues[-1].text == text:
                cues[-1] = Cue(cues[-1].start, end, text)
            else:
                cues.append(Cue(start, end, text))
    return cues


def chapter_cues(timeline: Timeline) -> list[Cue]:
    """The chapters as cues."""
    return [Cue(*timeline.span(chapter), cut(chapter.title)) for chapter in timeline.chapters]


def webvtt(cues: Sequence[Cue]) -> str:
    """WebVTT (https://www.w3.org/TR/webvtt1/)."""

    def block(number: int, cue: Cue) -> str:
        return f"{number}\n{subtitle_clock(cue.start)} --> {subtitle_clock(cue.end)}\n{vtt_text(cue.text)}\n"

    return "WEBVTT\n\n" + "\n".join(block(number, cue) for number, cue in enumerate(cues, 1))


def vtt_text(text: str) -> str:
    """Cue text in which nothing is mark-up and nothing looks like a timing line."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def subrip(cues: Sequence[Cue]) -> str:
    """SubRip, which has no escapes: what could be mark-up is broken by an invisible word joiner."""

    def block(number: int, cue: Cue) -> str:
        times = f"{subtitle_clock(cue.start, ',')} --> {subtitle_clock(cue.end, ',')}"
        text = re.sub(r"([<{\\]|--(?=>))", rf"\1{_JOINER}", cue.text)
        return f"{number}\n{times}\n{text}\n"

    return "\n".join(block(number, cue) for number, cue in enumerate(cues, 1))


def youtube(timeline: Timeline) -> str:
    """A chapter list for a YouTube description: from 0:00, three or more, ten seconds or longer each."""
    merged = _long_enough(timeline)
    if len(merged) < YOUTUBE_LEAST_CHAPTERS:
        return "This film is too short for YouTube chapters: it takes three of ten seconds or more.\n"
    return "".join(f"{whole_clock(cue.start)} {cue.text}\n" for cue in merged)


def _long_enough(timeline: Timeline) -> list[Cue]:
    """Chapters starting on whole seconds; one that would be too short is merged with the next."""
    starts = [(timeline.span(chapter)[0], chapter) for chapter in timeline.chapters]
    kept: list[tuple[int, list[Chapter]]] = []
    for start, chapter in starts:
        second = start // TICKS_PER_SECOND * TICKS_PER_SECOND
        if kept and second - kept[-1][0] < YOUTUBE_LEAST_TICKS:
            kept[-1][1].append(chapter)
        else:
            kept.append((second, [chapter]))
    if len(kept) > 1 and timeline.ticks - kept[-1][0] < YOUTUBE_LEAST_TICKS:
        kept[-2][1].extend(kept.pop()[1])
    ends = [start for start, _ in kept[1:]] + [timeline.ticks]
    return [Cue(start, end, _named(chapters)) for (start, chapters), end in zip(kept, ends, strict=True)]


def _named(chapters: Sequence[Chapter]) -> str:
    return " / ".join(plain(chapter.title).replace("<", "‹").replace(">", "›") for chapter in chapters)


def ffmetadata(timeline: Timeline) -> str:
    """The film's title and chapters for ffmpeg (https://ffmpeg.org/ffmpeg-formats.html#Metadata-2)."""
    lines = [";FFMETADATA1", f"title={_escaped(plain(timeline.storyboard.title))}"]
    for cue in chapter_cues(timeline):
        lines += ["[CHAPTER]", f"TIMEBASE=1/{TICKS_PER_SECOND}", f"START={cue.start}", f"END={cue.end}"]
        lines.append(f"title={_escaped(cue.text)}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([=;#\\])", r"\\\1", text)


def chapters_json(timeline: Timeline, videos: Mapping[int, str]) -> str:
    """The chapter table as data; `videos` maps a rate to the name of its film."""
    story = timeline.storyboard
    table = {
        "title": plain(story.title),
        "scene": story.scene,
        "duration": seconds(timeline.ticks),
        "videos": {str(rate): name for rate, name in sorted(videos.items())},
        "chapters": [_row(timeline, chapter) for chapter in timeline.chapters],
    }
    return json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _row(timeline: Timeline, chapter: Chapter) -> dict[str, object]:
    start, end = timeline.span(chapter)
    source = timeline.storyboard.source_of(chapter)
    return {
        "number": chapter.number,
        "title": plain(chapter.title),
        "phase": chapter.phase,
        "start": seconds(start),
        "end": seconds(end),
        "start_frame": {str(rate): start * rate // TICKS_PER_SECOND for rate in RATES},
        "source": {"file": source.file, "first_line": source.first_line, "last_line": source.last_line}
        if source
        else None,
        "operations": [_operation(made) for made in timeline.storyboard.operations_of(chapter)],
        "caption": chapter.caption,
        "steps": [_step(clip) for clip in timeline.clips_of(chapter)],
    }


def _step(clip: Clip) -> dict[str, object]:
    beats = [
        {"start": seconds(start), "stop": seconds(stop), "caption": plain(text_of(words))}
        for (start, _, words), stop in zip(clip.beats, clip.stops, strict=True)
    ]
    return {
        "title": plain(clip.shot.title),
        "start": seconds(clip.start),
        "end": seconds(clip.end),
        "beats": beats,
    }


def _operation(operation: Operation) -> dict[str, object]:
    return {
        "operation": operation.operation,
        "expression": operation.expression,
        "inputs": [_array(value) for value in operation.inputs],
        "output": _array(operation.output),
    }


def _array(value: Value) -> dict[str, object]:
    return {"name": value.name, "shape": list(value.shape)}


def listings(timeline: Timeline, videos: Mapping[int, str]) -> Iterator[tuple[str, bytes]]:
    """Every listing of a film: file name and contents."""
    for name, write in LISTINGS.items():
        yield name, write(timeline, videos).encode()


LISTINGS: dict[str, Callable[[Timeline, Mapping[int, str]], str]] = {
    "chapters.json": chapters_json,
    "chapters.vtt": lambda timeline, _: webvtt(chapter_cues(timeline)),
    "captions.vtt": lambda timeline, _: webvtt(caption_cues(timeline)),
    "captions.srt": lambda timeline, _: subrip(caption_cues(timeline)),
    "youtube.txt": lambda timeline, _: youtube(timeline),
}
