"""What the page has to know of every instant of a film: the film packed for the stage, and where its cards are.

It is found piece by piece, so that several processes can look for it; the pieces are the same whoever does them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from mnistviz.export.page.geometry import CardPlaces, card_places
from mnistviz.export.stage.pack import Packer
from mnistviz.export.stage.twofold import twofold
from mnistviz.picture.compose import compose
from mnistviz.picture.layout import Look
from mnistviz.storage.machine import without_collecting
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Timeline
from mnistviz.trace.model import Span

PIECE_TICKS = 40  # in which things move, in a piece, or up to twice as many


@dataclass(frozen=True)
class Survey:
    """What was found of a film, or of a piece of it."""

    packer: Packer
    lit: list[tuple[int, Span | None]]  # by tick: the sub-expression that is lit in the source

    @property
    def places(self) -> CardPlaces:
        """Where the cards are."""
        return card_places(self.packer, self.lit)


Piece = tuple[int, int]  # ticks [start, end); no rest is cut


def pieces(timeline: Timeline) -> list[Piece]:
    """The film in pieces of about as much work, small enough that several processes end together."""
    found, start, work = list[Piece](), 0, 0
    for ticks, moves in _runs(timeline):
        work += len(ticks) if moves else 1
        if work >= PIECE_TICKS or ticks.stop == timeline.ticks:
            found.append((start, ticks.stop))
            start, work = ticks.stop, 0
    return found


def _runs(timeline: Timeline) -> Iterator[tuple[range, bool]]:
    """The film's ticks in short runs, and whether things move in them: a rest is a run of its own."""
    for clip in timeline.clips:
        yield from _short_runs(clip.start, clip.rest_start)
        if clip.rest_start < clip.leave_start:
            yield range(clip.rest_start, clip.leave_start), False
        yield from _short_runs(clip.leave_start, clip.end)


def _short_runs(start: int, end: int) -> Iterator[tuple[range, bool]]:
    for tick in range(start, end, PIECE_TICKS):
        yield range(tick, min(tick + PIECE_TICKS, end)), True


def survey_piece(timeline: Timeline, look: Look, piece: Piece) -> Survey:
    """What is to be known of a piece of a film, in the look's theme and the other one."""
    both = twofold(look)
    found = Survey(Packer(both), [])
    with without_collecting():
        for tick in range(*piece):
            moment = compose(timeline, Fraction(tick, TICKS_PER_SECOND), both)
            found.packer.note(tick, moment)
            found.lit.append((tick, moment.lit))
    return found


def joined(surveys: Iterable[Survey], look: Look) -> Survey:
    """What is to be known of the whole film, of what was found of its pieces, in order."""
    whole = Survey(Packer(twofold(look)), [])
    for one in surveys:
        whole.packer.join(one.packer)
        whole.lit.extend(one.lit)
    return whole


def survey(timeline: Timeline, look: Look) -> Survey:
    """What is to be known of a film, found by this process alone."""
    return joined((survey_piece(timeline, look, piece) for piece in pieces(timeline)), look)
