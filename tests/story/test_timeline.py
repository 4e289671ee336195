"""Time is exact: whole ticks, no gap, the same end at every rate, every chapter at least a second."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistviz.errors import InputError
from mnistviz.story.storyboard import Beat, Chapter, Shot, Storyboard, check
from mnistviz.story.timeline import SHORTEST_CHAPTER_TICKS, Timeline, apportion, schedule
from mnistviz.trace.recording.recorder import record

ARTICLE = {1: 0, 2: 180, 4: 780}


def step(x: np.ndarray) -> np.ndarray:
    y = np.exp(x)
    return y + 1


def board(*lengths: tuple[tuple[int, int], ...]) -> Storyboard:
    """One chapter for each tuple of (act, rest) ticks; the first shot tells everything."""
    trace = record(step, np.arange(3.0))
    everything = tuple(range(len(trace)))
    chapters = []
    for number, shots in enumerate(lengths, start=1):
        told = tuple(
            Shot(
                f"{number}.{place}",
                "generic",
                "Words.",
                (0,),
                everything if number == place == 1 else (),
                *ticks,
            )
            for place, ticks in enumerate(shots, start=1)
        )
        chapters.append(
            Chapter(number, f"Chapter {number}", "forward", "Words.", told, 0, ARTICLE.get(number))
        )
    return check(Storyboard("A film", "film", trace, tuple(chapters)))


FILM = board(((30, 20), (15, 10)), ((120, 30),), ((5, 5), (1, 1), (7, 2)), ((40, 20),))


def assert_whole(timeline: Timeline) -> None:
    assert timeline.clips[0].start == 0
    for before, after in zip(timeline.clips, timeline.clips[1:], strict=False):
        assert before.end == after.start
    for clip in timeline.clips:
        assert clip.start <= clip.rest_start <= clip.end
        assert clip.start < clip.end
        assert all(isinstance(ticks, int) for ticks in (clip.start, clip.rest_start, clip.end))


def test_clips_follow_one_another_without_a_gap() -> None:
    timeline = schedule(FILM)
    assert_whole(timeline)
    assert timeline.ticks == sum(s.act_ticks + s.rest_ticks for c in FILM.chapters for s in c.shots)
    assert [clip.step for clip in timeline.clips] == [1, 2, 1, 1, 2, 3, 1]


def test_a_clip_holds_its_start_and_not_its_end() -> None:
    timeline = schedule(FILM)
    for place, clip in enumerate(timeline.clips):
        assert timeline.clip_index(Fraction(clip.start, 10)) == place
        assert timeline.clip_index(Fraction(clip.end, 10) - Fraction(1, 60)) == place
    with pytest.raises(InputError, match="outside of the film"):
        timeline.clip_index(Fraction(timeline.ticks, 10))
    with pytest.raises(InputError):
        timeline.clip_index(Fraction(-1, 60))


@given(st.integers(min_value=200, max_value=40_000))
def test_any_duration_is_met_to_the_tick(ticks: int) -> None:
    timeline = schedule(FILM, duration_ticks=ticks)
    assert_whole(timeline)
    assert timeline.ticks == ticks
    for chapter in timeline.chapters:
        start, end = timeline.span(chapter)
        assert end - start >= SHORTEST_CHAPTER_TICKS


def test_the_film_ends_at_the_same_time_at_every_rate() -> None:
    timeline = schedule(FILM, duration_ticks=213)
    assert Fraction(timeline.ticks, 10) * 10 == timeline.ticks  # whole frames at 10
    assert (Fraction(timeline.ticks, 10) * 60).denominator == 1  # and at 60


def test_shots_too_short_for_a_tick_merge_with_the_next() -> None:
    crowded = board(((100, 0), *(((1, 0),) * 40), (2, 1)))
    timeline = schedule(crowded, duration_ticks=200)
    assert_whole(timeline)
    merged = [shot for clip in timeline.clips for shot in (*clip.merged, clip.shot)]
    assert merged == list(crowded.chapters[0].shots)
    short = schedule(board(((10_000, 0), *(((1, 0),) * 40), (2, 1))), duration_ticks=200)
    assert_whole(short)
    assert any(clip.merged for clip in short.clips)
    assert [s for clip in short.clips for s in (*clip.merged, clip.shot)] == list(
        short.storyboard.chapters[0].shots
    )


def test_the_articles_pace_starts_its_chapters_where_the_article_does() -> None:
    timeline = schedule(FILM, pace="article")
    assert_whole(timeline)
    starts = {chapter.number: timeline.span(chapter)[0] for chapter in timeline.chapters}
    assert {number: starts[number] for number in ARTICLE} == ARTICLE
    assert 180 + SHORTEST_CHAPTER_TICKS <= starts[3] <= 780 - SHORTEST_CHAPTER_TICKS


def test_the_articles_pace_may_have_a_telling_of_its_own() -> None:
    first, *others = FILM.chapters
    brief = replace(first, shots=(replace(first.shots[0], title="briefly", beats=(Beat(0.0, "Brief."),)),))
    both = check(replace(FILM, article=(brief, *others)))
    assert [clip.shot.title for clip in schedule(both, "article").clips][:2] == ["briefly", "2.1"]
    assert schedule(both).clips == schedule(FILM).clips
    for pace in ("story", "article"):
        assert not schedule(both, "article" if pace == "article" else "story").storyboard.article
    silent = replace(brief, shots=(replace(brief.shots[0], completes=()),))
    with pytest.raises(InputError, match="is completed 0 times"):
        check(replace(FILM, article=(silent, *others)))


def test_a_shot_may_wait_before_anything_moves() -> None:
    first, *others = FILM.chapters
    waiting = replace(first, shots=(replace(first.shots[0], waits_ticks=12), first.shots[1]))
    told = check(replace(FILM, chapters=(waiting, *others)))
    assert [clip.waits for clip in schedule(told).clips][:2] == [12, 0]
    assert schedule(told, duration_ticks=2 * schedule(told).ticks).clips[0].waits == pytest.approx(24, abs=1)
    endless = replace(first, shots=(replace(first.shots[0], waits_ticks=31), first.shots[1]))
    with pytest.raises(InputError, match="waits 31 of 30 ticks"):
        check(replace(FILM, chapters=(endless, *others)))


def test_some_chapters_keep_their_numbers_and_start_at_0() -> None:
    timeline = schedule(FILM, chapters=(2, 3))
    assert [chapter.number for chapter in timeline.chapters] == [2, 3]
    assert_whole(timeline)
    assert schedule(FILM, chapters=(2, 3), duration_ticks=321).ticks == 321


@pytest.mark.parametrize("chapters", [(0, 1), (3, 2), (4, 5), (9, 9)])
def test_chapters_that_are_not_there(chapters: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="are not in the film, film, it has 1-4"):
        schedule(FILM, chapters=chapters)


@pytest.mark.parametrize("ticks", [0, 199, 10**9])
def test_durations_that_no_film_can_have(ticks: int) -> None:
    with pytest.raises(InputError, match=r"let it last from 0:20\.0 to 4:00:00\.0"):
        schedule(FILM, duration_ticks=ticks)


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=30),
    st.integers(0, 12),
    st.integers(0, 5000),
)
def test_apportion_adds_up(weights: list[int], least: int, more: int) -> None:
    total = least * len(weights) + more
    parts = apportion(weights, total, least)
    assert sum(parts) == total
    assert min(parts) >= least


def test_apportion_is_in_proportion() -> None:
    assert apportion([1, 2, 3], 60) == [10, 20, 30]
    assert apportion([1, 1, 1], 10) == [4, 3, 3]
    assert apportion([1, 1, 98], 100, 10) == [10, 10, 80]


def test_the_best_instant_is_in_the_rest_of_the_main_shot() -> None:
    timeline = schedule(FILM)
    clip = timeline.clips[0]
    assert clip.rest_start <= timeline.best_instant(clip.chapter) * 10 < clip.end


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chapters": ()}, "has no chapters"),
        ({"left_out": (0,)}, "is completed 2 times"),
    ],
)
def test_a_storyboard_that_is_not_whole(change: dict[str, tuple[int, ...]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(replace(FILM, **change))


def test_a_storyboard_tells_every_operation() -> None:
    first, *others = FILM.chapters
    silent = replace(first, shots=tuple(replace(shot, completes=()) for shot in first.shots))
    with pytest.raises(InputError, match="is completed 0 times"):
        check(replace(FILM, chapters=(silent, *others)))
    with pytest.raises(InputError, match="is numbered 2"):
        check(replace(FILM, chapters=tuple(others)))
    with pytest.raises(InputError, match="has no shots"):
        check(replace(FILM, chapters=(replace(first, shots=()), *others)))
    absurd = replace(first, shots=(replace(first.shots[0], act_ticks=10**9), *first.shots[1:]))
    with pytest.raises(InputError, match="lasts 1000000000"):
        check(replace(FILM, chapters=(absurd, *others)))
