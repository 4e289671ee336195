"""What the page has to know of every instant of a film: the film packed for the stage, and where its cards are.

It is found piece by piece, so that several processes can look for it; the pieces are the same whoever does them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from mnistviz.export.page.geometry import CardPlaces, gather
from mnistviz.export.stage.pack import Packer
from mnistviz.export.stage.twofold import twofold
from mnistviz.picture.compose import Moment, compose
from mnistviz.picture.layout import Look
from mnistviz.story.timeline import Timeline

PIECE_TICKS = 100  # in which things move, in a piece, or a clip more


@dataclass(frozen=True)
class Survey:
    """What was found of a film, or of a piece of it."""

    packer: Packer
    places: CardPlaces


Piece = tuple[int, int]  # places of the first clip, and of the first that belongs to the next piece


def pieces(timeline: Timeline) -> list[Piece]:
    """The film in pieces of about as much work."""
    found, start, work = list[Piece](), 0, 0
    for place, clip in enumerate(timeline.clips, 1):
        work += clip.end - clip.start - (clip.leave_start - clip.rest_start)
        if work >= PIECE_TICKS or place == len(timeline.clips):
            found.append((start, place))
            start, work = place, 0
    return found


def survey_piece(timeline: Timeline, look: Look, piece: Piece) -> Survey:
    """What is to be known of a piece of a film, in the look's theme and the other one."""
    both = twofold(look)
    packer = Packer(both)

    def composer(instant: Fraction) -> Moment:
        return compose(timeline, instant, both)

    clips = timeline.clips[slice(*piece)]
    places = gather(timeline, packer.watching(composer), clips)
    packer.fill(range(clips[0].start, clips[-1].end), composer)
    return Survey(packer, places)


def joined(surveys: Iterable[Survey], look: Look) -> Survey:
    """What is to be known of the whole film, of what was found of its pieces, in order."""
    whole = Survey(Packer(twofold(look)), CardPlaces())
    for one in surveys:
        whole.packer.join(one.packer)
        whole.places.join(one.places)
    return whole


def survey(timeline: Timeline, look: Look) -> Survey:
    """What is to be known of a film, found by this process alone."""
    return joined((survey_piece(timeline, look, piece) for piece in pieces(timeline)), look)
