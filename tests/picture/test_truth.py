"""Whatever the films say is so: every number, name, sign, rank, verdict and card of every shot, held against the trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

import pytest

from mnistviz.picture.compose import AT_REST, tableau_at
from mnistviz.picture.layout import look
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.picture.staged import act_ticks
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import Operation
from tests.picture.exercises import EXERCISES, exercise
from tests.picture.lint_pointing import wrong_pointing
from tests.picture.lint_stage import Moment, wrong_cards, wrong_clip, wrong_light, wrong_motion, wrong_rest
from tests.picture.lint_truth import untrue, untrue_sentence
from tests.picture.oracle import Facts
from tests.picture.test_films import FILMS, film, named

LOOK = look((1920, 1080))
SHARES = (*(Fraction(step, 24) for step in range(24)), Fraction(1, 100), Fraction(99, 100))


def moments(timeline: Timeline, place: int) -> list[Moment]:
    """A clip's tableaux while it acts, the last of them at rest."""
    clip, act = timeline.clips[place], act_ticks(timeline, place)
    shown = [
        Moment(
            float(share), tableau_at(timeline, place, clip.waits + share * (act - clip.waits), LOOK, AT_REST)
        )
        for share in sorted(SHARES)
        if act
    ]
    rest = tableau_at(timeline, place, Fraction(clip.rest_start - clip.start), LOOK, AT_REST)
    return [*shown, Moment(1.0, rest)]


def subject(timeline: Timeline, clip: Clip) -> list[Operation]:
    return [timeline.storyboard.operation(number) for number in clip.shot.subject]


def shots(timeline: Timeline) -> Iterator[tuple[str, int, Clip, Facts]]:
    for place, clip in enumerate(timeline.clips):
        where = f"chapter {clip.chapter.number} step {clip.step} ({clip.shot.drawing})"
        yield where, place, clip, Facts(timeline.storyboard, clip.shot)


def filmed(name: str) -> Timeline:
    return exercise(name) if name in EXERCISES else film(name)


def everything_wrong(facts: Facts, tableau: Tableau) -> Iterator[str]:
    yield from untrue(facts, tableau)
    yield from wrong_cards(facts, tableau)
    yield from wrong_pointing(facts, tableau, LOOK.theme)


def wrong(name: str) -> list[str]:
    """All that is wrong in a film, each with its shot."""
    timeline, found = filmed(name), []
    for where, place, clip, facts in shots(timeline):
        shown, operations = moments(timeline, place), subject(timeline, clip)
        found += [f"{where} at {moment.share:.2f}: {fault}" for moment in shown
                  for fault in everything_wrong(facts, moment.tableau)]  # fmt: skip
        found += [f"{where}: {fault}" for fault in (
            *wrong_rest(facts, operations, shown[-1].tableau), *wrong_light(facts, operations, shown),
            *wrong_motion(shown), *wrong_clip(clip, unscaled=True),
        )]  # fmt: skip
    return found


def report(found: list[str]) -> str:
    return "\n".join([f"{len(found)} faults", *dict.fromkeys(found[:60])])


@pytest.mark.parametrize("name", [*FILMS, *EXERCISES], ids=named)
def test_whatever_is_shown_is_true(name: str) -> None:
    found = wrong(name)
    assert not found, report(found)


@pytest.mark.parametrize("name", [*FILMS, *EXERCISES], ids=named)
def test_whatever_captions_say_is_true(name: str) -> None:
    found = [
        f"{where}: {fault}"
        for where, _, clip, facts in shots(filmed(name))
        for said in (*(beat.caption for beat in clip.shot.said), clip.shot.note)
        for fault in untrue_sentence(facts, said)
    ]
    assert not found, report(found)


@pytest.mark.parametrize("name", [*FILMS, *EXERCISES], ids=named)
def test_numbers_in_the_names_of_chapters_are_lengths_of_the_traces(name: str) -> None:
    """Titles and captions of chapters are plain text; a number in one is a length or a size, or 0 or 1."""
    board = filmed(name).storyboard
    arrays = [value for one in board.trace for value in (*one.inputs, one.output)]
    known = {0, 1, *(length for v in arrays for length in v.shape), *(v.value.size for v in arrays)}
    code = " ".join([*(v.name for v in arrays), *(one.expression for one in board.trace)])
    found = [
        f"chapter {chapter.number}: {number} in {words!r}"
        for chapter in board.chapters
        for words in (chapter.title, chapter.caption)
        for number in re.findall(r"(?<![\w.])\d[\d,]*(?![\w.])", words)
        if int(number.replace(",", "")) not in known and number not in code
    ]
    assert not found, report(found)
