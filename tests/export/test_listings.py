"""Chapters and captions in words: right, and impossible to lead astray."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from mnistviz.export import listings as chapters
from mnistviz.export.listings import Cue
from mnistviz.story.storyboard import Beat
from mnistviz.story.timeline import MOST_WORDS_PER_SECOND, schedule
from tests.export.stories import small_story

NASTY = 'a --> b\n\n1\n00:00:00.000 --> 00:00:01.000 <script>"x"</script> {\\an8} & =;#\\ \x00\u2028'


def test_chapters_json_holds_the_contract():
    timeline = schedule(small_story(), duration_ticks=301)
    table = json.loads(chapters.chapters_json(timeline, {60: "film-60fps.mp4", 10: "film-10fps.mp4"}))
    assert list(table) == ["title", "scene", "duration", "videos", "chapters"]
    assert table["videos"] == {"10": "film-10fps.mp4", "60": "film-60fps.mp4"}
    assert table["duration"] == 30.1 == table["chapters"][-1]["end"]
    keys = [
        "number",
        "title",
        "phase",
        "start",
        "end",
        "start_frame",
        "source",
        "operations",
        "caption",
        "steps",
    ]
    for row, after in zip(table["chapters"], [*table["chapters"][1:], None], strict=True):
        assert list(row) == keys
        assert row["start_frame"] == {"10": round(row["start"] * 10), "60": round(row["start"] * 60)}
        assert after is None or row["end"] == after["start"]
        assert row["source"]["first_line"] <= row["source"]["last_line"]
    first = table["chapters"][0]["operations"][0]
    assert first == {
        "operation": "matmul",
        "expression": "np.matmul(weights_4x3, input_3x1)",
        "inputs": [{"name": "weights_4x3", "shape": [4, 3]}, {"name": "input_3x1", "shape": [3, 1]}],
        "output": {"name": "sums_4x1", "shape": [4, 1]},
    }


def test_beats_are_said_where_they_begin():
    story = small_story()
    shot = replace(
        story.chapters[0].shots[0],
        beats=(Beat(0.0, "Who?"), Beat(0.4, "This one."), Beat(1.0, "So.")),
        act_ticks=20,
    )
    first = replace(story.chapters[0], shots=(shot, *story.chapters[0].shots[1:]))
    timeline = schedule(replace(story, chapters=(first, *story.chapters[1:])))
    clip = timeline.clips[0]
    assert (clip.start, clip.rest_start, clip.end) == (0, 20, 30)
    assert clip.beats == ((0, 8, "Who?"), (8, 20, "This one."), (20, 30, "So."))
    assert clip.stops == (7, 19, 20)
    said = [clip.caption(Fraction(ticks, 6)) for ticks in (0, 47, 48, 119, 120)]
    assert said == ["Who?", "Who?", "This one.", "This one.", "So."]
    cues = chapters.caption_cues(timeline)
    assert [(cue.start, cue.end, cue.text) for cue in cues[:3]] == list(clip.beats)
    steps = json.loads(chapters.chapters_json(timeline, {}))["chapters"][0]["steps"]
    assert steps[0]["title"] == "shot 0" and [beat["start"] for beat in steps[0]["beats"]] == [0, 0.8, 2]
    assert [beat["stop"] for beat in steps[0]["beats"]] == [0.7, 1.9, 2]
    assert [beat["caption"] for beat in steps[1]["beats"]] == ["This is 1."]
    assert steps[0]["end"] == steps[1]["start"]


def test_beats_that_could_not_be_read_give_their_time_to_others():
    story = small_story()
    words = ("one two three four five six", "short", "seven eight nine ten eleven", "the end")
    beats = tuple(Beat(place / 3, said) for place, said in enumerate(words))
    shot = replace(story.chapters[0].shots[0], beats=beats, act_ticks=30, rest_ticks=10)
    clip = schedule(replace(story, chapters=(replace(story.chapters[0], shots=(shot,)),), left_out=())).clips[
        0
    ]
    assert clip.beats == ((0, 30, "short"), (30, 40, "the end"))
    crowded = tuple(Beat(place / 40, f"beat {place}") for place in range(40))
    shot = replace(shot, beats=crowded, act_ticks=10)
    clip = schedule(replace(story, chapters=(replace(story.chapters[0], shots=(shot,)),), left_out=())).clips[
        0
    ]
    assert clip.beats[0][0] == clip.start and clip.beats[-1][1] == clip.end
    assert all(2 * 10 / (end - start) <= MOST_WORDS_PER_SECOND for start, end, _ in clip.beats)


def test_a_cue_says_what_it_says_and_nothing_else():
    timeline = schedule(small_story(captions={1: NASTY}, titles={2: NASTY}))
    cues = chapters.caption_cues(timeline)
    assert [cue.start for cue in cues[1:]] == [cue.end for cue in cues[:-1]]
    vtt = chapters.webvtt(cues)
    assert vtt.count("-->") == len(cues)
    assert "<" not in vtt.partition("\n")[2] and "\x00" not in vtt
    srt = chapters.subrip(cues)
    assert srt.count("-->") == len(cues)
    assert re.search(r"<[a-z/]|\{\\", srt) is None
    assert srt.replace("\u2060", "").count("<script>") == vtt.count("&lt;script&gt;") > 0
    for text in (vtt, srt):
        blocks = text.removeprefix("WEBVTT\n\n").strip().split("\n\n")
        assert len(blocks) == len(cues) and all(len(block.split("\n")) == 3 for block in blocks)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_no_text_breaks_a_notation(texts):
    cues = [Cue(place * 10, place * 10 + 10, chapters.plain(text) or "x") for place, text in enumerate(texts)]
    vtt, srt = chapters.webvtt(cues), chapters.subrip(cues)
    assert vtt.count("-->") == srt.count("-->") == len(cues)
    assert len(srt.strip("\n").split("\n\n")) == len(cues)
    srt.encode(), vtt.encode()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_a_title_is_cut_at_a_character(title):
    cut = chapters.cut(title)
    assert len(cut.encode()) <= 255
    assert cut == chapters.plain(title) or cut.endswith("…")


def test_ffmetadata_escapes_what_is_its_own():
    text = chapters.ffmetadata(schedule(small_story(titles={1: "a=b;c#d\\e\nf"})))
    assert "title=a\\=b\\;c\\#d\\\\e f\n" in text
    assert text.count("[CHAPTER]\nTIMEBASE=1/10\n") == 3


def test_youtube_follows_its_rules():
    story = small_story(chapters=6)
    text = chapters.youtube(schedule(story, duration_ticks=425))
    lines = [line.split(" ", 1) for line in text.splitlines()]
    seconds = [int(clock.split(":")[0]) * 60 + int(clock.split(":")[1]) for clock, _ in lines]
    assert seconds[0] == 0 and len(seconds) >= 3
    assert all(b - a >= 10 for a, b in zip(seconds, [*seconds[1:], 42], strict=True))
    assert " / " in text  # chapters that were too short are merged, and none is lost
    assert all(f"Part {number}" in text for number in range(1, 7))
    assert chapters.youtube(schedule(story, duration_ticks=200)).count("\n") == 1


def test_a_caption_stands_from_its_beginning_to_its_end():
    cues = [chapters.Cue(0, 25, "One."), chapters.Cue(25, 605, "Two."), chapters.Cue(605, 36_010, "Three.")]
    times = [
        ("00:00:00.000", "00:00:02.500"),
        ("00:00:02.500", "00:01:00.500"),
        ("00:01:00.500", "01:00:01.000"),
    ]
    for written, point in ((chapters.webvtt(cues), "."), (chapters.subrip(cues), ",")):
        lines = [line.split(" --> ") for line in written.splitlines() if "-->" in line]
        assert lines == [[one.replace(".", point) for one in pair] for pair in times]
