"""Where we are: the whole map over the frame, filled as far as the story has come."""

from __future__ import annotations

from dataclasses import replace

from mnistviz.picture.drawings import draws
from mnistviz.picture.easing import eased, ramp
from mnistviz.picture.map.state import ends_of, state_ahead, state_along, state_beside
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.story.storyboard import Shot

STARTS, ENDS = 0.15, 0.85  # share of the action in which it is gone through the subject
EARLY, SPOKEN_OF = (0.04, 0.42), (0.5, 0.75)  # then what came out is lit, and then what went in
APART = (0.06, 0.24)  # and in which what is computed anew leaves its place to what it was before


@draws("map-along")
def draw_along(studio: Studio, shot: Shot, p: float) -> Tableau:
    """What the subject computes comes to be on the map, one array after the other."""
    return Tableau((), whole=True, view=state_along(studio.board, shot, ramp(p, STARTS, ENDS)))


@draws("map-early")
def draw_early(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The same in the first half of the action: then what came out is lit, what went in, and what can be changed."""
    state = state_along(studio.board, shot, ramp(p, *EARLY))
    if p >= SPOKEN_OF[0]:
        came_out, went_in, changes = ends_of(studio.board, shot)
        lit = changes if p >= 1 else came_out if p < SPOKEN_OF[1] else came_out | went_in
        state = replace(state, lit=lit)
    return Tableau((), whole=True, view=state)


@draws("map-beside")
def draw_beside(studio: Studio, shot: Shot, p: float) -> Tableau:
    """What the subject computes anew comes to be on the map, beside what it was before."""
    state = state_beside(studio.board, shot, ramp(p, APART[1], ENDS), eased(p, *APART))
    return Tableau((), whole=True, view=state)


@draws("map-ahead")
def draw_ahead(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The ways that the subject will take light up, one after the other."""
    return Tableau((), whole=True, view=state_ahead(studio.board, shot, ramp(p, STARTS, ENDS)))
