"""A clip of a timeline in a look, where it stands at an instant, and what is the same in all of its frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from mnistviz.picture.frame import overlay
from mnistviz.picture.group import Group
from mnistviz.picture.layout import Look
from mnistviz.picture.map.graph import graph_of
from mnistviz.picture.map.state import newly_made, state_after, state_before
from mnistviz.picture.stage.studio import Studio, studio_of
from mnistviz.picture.stage.tableau import MapState
from mnistviz.story.sentence import Said
from mnistviz.story.timeline import Clip, Timeline

FLY_TICKS, LEAST_TICKS = 7, 40  # what was made flies to the map; in clips that move for so long


class Standing(NamedTuple):
    """Where a clip stands: into its moving part, and into its end, with the next one on its way.

    Both in parts of a tick; at rest these are whole, so that all of it is one standing.
    """

    moved: int
    left: int
    parts: int  # so many are a tick


@dataclass(frozen=True, eq=False)
class Staged:
    """A clip in a look, and what is the same in all of its frames: one object, which caches find at once."""

    timeline: Timeline
    place: int  # in the timeline's clips
    look: Look

    @cached_property
    def clip(self) -> Clip:
        """The clip itself."""
        return self.timeline.clips[self.place]

    @cached_property
    def following(self) -> Staged | None:
        """The clip that comes at its end."""
        last = self.place + 1 == len(self.timeline.clips)
        return None if last else staged(self.timeline, self.place + 1, self.look)

    @cached_property
    def studio(self) -> Studio:
        """Where its cards are made."""
        return studio_of(self.timeline.storyboard, self.look)

    @cached_property
    def length(self) -> int:
        """How many ticks it moves for."""
        return self.clip.rest_start - self.clip.start

    @cached_property
    def rest(self) -> Standing:
        """Where it stands at rest."""
        return Standing(self.length, 0, 1)

    @cached_property
    def states(self) -> tuple[MapState, MapState]:
        """The map before it and after it."""
        board = self.timeline.storyboard
        return state_before(board, self.clip.shot), state_after(board, self.clip.shot)

    @cached_property
    def title(self) -> Group:
        """The title strip."""
        return Group.of(overlay.title_strip(self.timeline, self.clip, self.look))

    @cached_property
    def acts(self) -> int:
        """How many ticks it acts for."""
        return act_ticks(self.timeline, self.place)

    @cached_property
    def waits(self) -> int:
        """For how many ticks after its start nothing moves yet."""
        return self.clip.waits

    @cached_property
    def made(self) -> frozenset[str]:
        """Names of the arrays that it makes."""
        graph = graph_of(self.timeline.storyboard.trace)
        return frozenset(
            graph.node(key).name for key, _ in newly_made(self.timeline.storyboard, self.clip.shot)
        )

    def is_over(self, at: Standing) -> bool:
        """Whether it rests by then."""
        return at.moved >= self.length * at.parts

    def said(self, at: Standing) -> Said:
        """Its caption."""
        return self.clip.caption(at.moved // at.parts)

    def left_share(self, at: Standing) -> float:
        """How much of the way to the next clip is done, 0..1."""
        return at.left / (self.clip.leaving * at.parts) if at.left and self.following else 0.0


@lru_cache(maxsize=64)
def staged(timeline: Timeline, place: int, look: Look) -> Staged:
    """A clip of a timeline in a look, by its place."""
    return Staged(timeline, place, look)


def act_ticks(timeline: Timeline, place: int) -> int:
    """How long the clip acts: all the time in which it moves, less the flight of what it made."""
    moving = timeline.clips[place].rest_start - timeline.clips[place].start
    flies = moving >= LEAST_TICKS and newly_made(timeline.storyboard, timeline.clips[place].shot)
    return moving - FLY_TICKS if flies else moving
