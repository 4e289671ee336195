"""Shots and chapters as the lesson writes them: times in seconds, words in beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.story.sentence import Said
from mnistviz.story.storyboard import Beat, Chapter, Gauge, Phase, Shot
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.trace.model import Value

ARTICLE_STARTS: Final = {
    1: 0, 2: 18, 4: 78, 7: 108, 8: 138, 9: 198, 11: 204, 12: 264, 13: 324, 14: 384, 15: 453,
}  # seconds, the moments that the article links to  # fmt: skip


RIGHT, TAUGHT = (
    "right digit",
    "digit it said",
)  # what the steps teach; the second where nobody said what is right


@dataclass(frozen=True)
class Lasts:
    """For how many seconds a shot moves, and then rests; `waits_s` of the first nothing moves: a question stands."""

    act_s: float
    rest_s: float = 2.0
    waits_s: float = 0.0


@dataclass(frozen=True)
class Also:
    """What a shot has besides, where it has it."""

    completes: Sequence[int] | None = None  # None: its subject
    note: Said = ""
    unit: str = ""
    extra: tuple[Value, ...] = ()
    gauge: Gauge | None = None


def shot(
    title: str,
    drawing: str,
    subject: Sequence[int],
    lasts: Lasts,
    *words: tuple[float, Said],
    also: Also = Also(),
) -> Shot:
    """A shot that says its words from the given shares of its moving time on; 1.0: once it rests.

    It completes its subject where nothing else is said.
    """
    return Shot(
        title,
        drawing,
        words[-1][1],
        tuple(subject),
        tuple(subject if also.completes is None else also.completes),
        round(lasts.act_s * TICKS_PER_SECOND),
        round(lasts.rest_s * TICKS_PER_SECOND),
        also.note,
        also.unit,
        also.extra,
        beats=tuple(Beat(at, said) for at, said in words),
        gauge=also.gauge,
        waits_ticks=round(lasts.waits_s * TICKS_PER_SECOND),
    )


def chapter(
    number: int, title: str, phase: Phase, caption: str, *shots: Shot, main: int | None = None
) -> Chapter:
    """A chapter that starts at the article's moment where the article has one; its last shot tells it best."""
    start = ARTICLE_STARTS.get(number)
    ticks = None if start is None else start * TICKS_PER_SECOND
    return Chapter(number, title, phase, caption, shots, len(shots) - 1 if main is None else main, ticks)


def fixed(number: int, name: str, array: NDArray[Any]) -> Value:
    """An array beside the trace's; a negative id tells it from theirs."""
    kept = np.array(array)
    kept.setflags(write=False)
    return Value(number, name, "activation", kept)
