"""From an instant of a timeline to a moment of the film: a pure function, and the heart of the film.

A clip begins with its own cards, acts, and rests.  At the end of its rest the cards of the next one come.
While nothing changes, at rest or before the next cell, its display list stays the same object but for the mark on
the chapter bar.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from mnistviz.picture.covering import (
    BERTH,
    TITLE_BERTH,
    WIDE_BERTH,
    Mover,
    cleared,
    closer,
    movers,
    uncovered,
    zooming,
)
from mnistviz.picture.display import ColourScale, DisplayList, Primitive, Text
from mnistviz.picture.drawings import drawing
from mnistviz.picture.easing import eased, mix, smooth
from mnistviz.picture.frame import overlay
from mnistviz.picture.hashing import changed
from mnistviz.picture.kept import Latest
from mnistviz.picture.layout import Look
from mnistviz.picture.map.draw import runners, zoomed
from mnistviz.picture.passage import faded, flying_home, homes_on, passing
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, MapState, Place, Tableau
from mnistviz.picture.staged import FLY_TICKS, Staged, Standing, staged
from mnistviz.picture.withheld import withheld
from mnistviz.picture.wording import text_of
from mnistviz.story.sentence import Said
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Timeline
from mnistviz.trace.model import Span, set_at_once

LOOKED_AHEAD = (0.1, 0.8)  # share of a passage in which a map forgets what it has shown before it is computed
RUN_TICKS = 11  # a dot runs along the ways that the clip takes
SCROLL_TICKS = 9  # the source moves to where the clip needs it
STIRRING_TICKS = max(RUN_TICKS, SCROLL_TICKS)  # after which neither makes a difference
ARRIVING = (0.2, 0.7)  # share of a passage in which a map comes, in time for the cards that go there
# And in which panels go and come where the whole map takes their room: before it does, and after.
PANELS_GO, PANELS_COME = (0.0, 0.3), (0.7, 1.0)
AT_REST = Fraction(0)  # ticks into the end of a clip whose end has not come


@set_at_once
@dataclass(frozen=True)
class Moment:
    """What the film looks like at an instant, and what that was made of."""

    display: DisplayList
    tableau: Tableau  # the cards on the stage, the inspector's words

    @property
    def lit(self) -> Span | None:
        """The sub-expression that is lit in the source."""
        return self.tableau.lit


FIRST = Standing(0, 0, 1)  # as a clip begins


@set_at_once
@dataclass(frozen=True)
class Aspect:
    """What there is to see where a clip stands: at half of all instants what there was just before."""

    ran: float  # ticks into its moving part, until dots have run and the source has scrolled
    left: float
    is_over: bool
    caption: Said
    tableau: Tableau
    at: Standing = field(compare=False)

    def __hash__(self) -> int:
        """Of next to nothing: it is held against one other alone, and compared then."""
        return hash((self.is_over, len(self.tableau.cards)))


def compose(timeline: Timeline, instant: Fraction, look: Look) -> Moment:
    """What the film shows at an instant, in seconds from its start.

    Raises `InputError` where the film is over by then.
    """
    clip = staged(timeline, timeline.clip_index(instant), look)
    whole, parts = instant.numerator * TICKS_PER_SECOND, instant.denominator
    seen = _seen(clip, _standing(clip, whole, parts))
    return _shown(clip, seen, overlay.mark_at(timeline, whole / parts, look))


def _standing(clip: Staged, whole: int, parts: int) -> Standing:
    """Where the clip stands, so many parts of a tick into the film."""
    left = whole - clip.clip.leave_start * parts
    if left > 0:
        return Standing(clip.length * parts, left, parts)
    moved = whole - clip.clip.start * parts
    return clip.rest if moved >= clip.length * parts else Standing(moved, 0, parts)


@lru_cache(maxsize=4)
def _latest(_studio: Studio) -> Latest:
    """What was drawn last in a studio."""
    return Latest()


@lru_cache(maxsize=8)
def _seen(clip: Staged, at: Standing) -> Standing:
    """Where the clip stands, or where it stood just before if that looks the same."""
    stirring = at.moved < STIRRING_TICKS * at.parts
    ran, left = at.moved / at.parts if stirring else STIRRING_TICKS, at.left / at.parts
    aspect = Aspect(ran, left, clip.is_over(at), clip.said(at), _tableau(clip, at), at)
    return _first_seen(clip, aspect)


@lru_cache(maxsize=1)
def _first_seen(_clip: Staged, aspect: Aspect) -> Standing:
    """The standing of the first of aspects that are equal."""
    return aspect.at


@lru_cache(maxsize=8)
def _shown(clip: Staged, at: Standing, mark: float) -> Moment:
    """Cached by where the clip and the bar's mark stand: a frame that is held is the same object."""
    look = clip.look
    parts = (*_still(clip, at), *overlay.bar_with_mark(clip.timeline, mark, look))
    display = DisplayList(look.regions.size, look.theme.background, parts, look.theme.shadow)
    return Moment(display, _tableau(clip, at))


@lru_cache(maxsize=8)
def _still(clip: Staged, at: Standing) -> tuple[Primitive, ...]:
    """All that can be seen but the chapter bar."""
    tableau, on_map, passing_over = _tableau(clip, at), _map(clip, at), _movers(clip, at)
    shown = [cards.primitives(card, clip.studio) for card in tableau.cards]
    parts = uncovered((*on_map, tableau.under, *shown, tableau.marks), passing_over)
    beside = closer([*passing_over, *_zooming(clip, at, on_map)], TITLE_BERTH)
    parts += uncovered((clip.title,), beside)
    parts += _around(clip, at)
    return tuple(parts)


def _movers(clip: Staged, at: Standing) -> list[Mover]:
    """The cards that are on their way at an instant."""
    if at == clip.rest:
        return []
    rests = _rests(clip, at.left > 0)
    return movers(_tableau(clip, at), rests, WIDE_BERTH if at.left else BERTH)


@lru_cache(maxsize=8)
def _rests(clip: Staged, leaves: bool) -> dict[str, list[Place]]:
    """Where the cards of a clip stand before it and after it, and where those of the next one will, by key."""
    ends = [_drawn_end(clip, acted) for acted in (0.0, 1.0)]
    if leaves and clip.following is not None:
        ends.append(_drawn_end(clip.following, 0.0))
    rests: dict[str, list[Place]] = {}
    for card in (card for end in ends for card in end.cards):
        rests.setdefault(card.key, []).append(card.place)
    return rests


def _zooming(clip: Staged, at: Standing, on_map: Sequence[Sequence[Primitive]]) -> list[Mover]:
    """The cards of the map while it becomes small or large."""
    q = clip.left_share(at)
    if clip.following is None or not 0 < q < 1:
        return []
    views = [_tableau(*when).view for when in ((clip, clip.rest), (clip.following, FIRST))]
    return [] if (views[0] is None) == (views[1] is None) else zooming(itertools.chain(*on_map), q)


def _map(clip: Staged, at: Standing) -> list[Sequence[Primitive]]:
    """The map: small, over the whole frame, or on its way between both."""
    own, studio, q = _zoom(clip, at), clip.studio, clip.left_share(at)
    following = _zoom(clip.following, FIRST) if q > 0 and clip.following is not None else None
    if own is None:
        return [] if following is None else [faded(zoomed(studio, *following), eased(q, *ARRIVING))]
    state, zoom = own
    if q > 0 and following is None:
        return [faded(zoomed(studio, state, zoom), 1 - eased(q, 0.0, 0.7))]
    if following is None:
        running = min(at.moved / (RUN_TICKS * at.parts), 1.0) if zoom == 0 else 1.0
        return [zoomed(studio, state, zoom), runners(studio, state, smooth(running))]
    share = mix(zoom, following[1], smooth(q))
    if dict(state.shown).keys() <= dict(following[0].shown).keys():
        return [zoomed(studio, state, share)]
    ahead = [part for part in zoomed(studio, state, share) if not isinstance(part, Text)]
    return [zoomed(studio, following[0], share), faded(tuple(ahead), 1 - eased(q, *LOOKED_AHEAD))]


def _zoom(clip: Staged, at: Standing) -> tuple[MapState, float] | None:
    """The map of a clip, and how much of the frame it fills, 0..1; None on a card with words alone."""
    tableau = _tableau(clip, clip.rest if at.left else at)
    if tableau.view is not None:
        return tableau.view, 1.0
    return None if tableau.whole else (clip.states[clip.is_over(at)], 0.0)


def _around(clip: Staged, at: Standing) -> tuple[Primitive, ...]:
    """The panels: the clip's own, and those of the next one where it has others."""
    own, q = _panels(clip, clip.rest if at.left else at), clip.left_share(at)
    if q == 0 or clip.following is None:
        return own
    if not other_panels(_tableau(clip, clip.rest), _tableau(clip.following, FIRST)):
        return own
    following = _panels(clip.following, FIRST)
    return (*faded(own, 1 - eased(q, *PANELS_GO)), *faded(following, eased(q, *PANELS_COME)))


def other_panels(now: Tableau, coming: Tableau) -> bool:
    """Whether the panels of the next clip come already as this one ends: it has others around its stage."""
    return (now.whole, now.view is None) != (coming.whole, coming.view is None)


@lru_cache(maxsize=4)
def _panels(clip: Staged, at: Standing) -> tuple[Primitive, ...]:
    """Source, inspector, caption and legend; over the whole map the caption alone; on a card with words none.

    Of the clip alone: they stay as the next one comes.
    """
    tableau, studio, look = _tableau(clip, at), clip.studio, clip.look
    caption = _caption(clip, at.moved // at.parts, tableau.whole)
    if tableau.whole:
        return () if tableau.view is None else caption
    scroll = smooth(at.moved / at.parts / SCROLL_TICKS)
    scales = scales_in_view(tableau.cards)
    users = tuple([tuple(dict.fromkeys([studio.accent(key) for key in keys])) for keys in scales.values()])
    return (
        *overlay.source_panel(clip.timeline, clip.clip, tableau.lit, studio.accents(), look, scroll),
        *overlay.inspector_panel(tableau.inspector, studio.accents(), look),
        *caption,
        *overlay.legend(tuple(scales), look, users),
    )


@lru_cache(maxsize=16)
def _caption(clip: Staged, ticks: int, wide: bool) -> tuple[Primitive, ...]:
    """What is said so many ticks after the clip's start."""
    said, note = text_of(clip.clip.caption(ticks)), text_of(clip.clip.shot.note)
    return overlay.caption_panel(said, note, clip.look.wide if wide else clip.look)


def _progress(clip: Staged, at: Standing) -> tuple[float, float]:
    """How far the clip has acted, and how far what it made has flown to the map, 0..1 each."""
    if clip.is_over(at):
        return 1.0, 1.0
    waits, acts, parts = clip.waits, clip.acts, at.parts
    acted = (at.moved - waits * parts) / (max(acts - waits, 1) * parts)
    return min(max(acted, 0.0), 1.0), max((at.moved - acts * parts) / (FLY_TICKS * parts), 0.0)


def tableau_at(timeline: Timeline, place: int, moved: Fraction, look: Look, left: Fraction) -> Tableau:
    """The clip's tableau `moved` ticks after its start; `left` ticks into its end, the next one's cards on their way."""
    clip, parts = staged(timeline, place, look), moved.denominator * left.denominator
    at = Standing(moved.numerator * left.denominator, left.numerator * moved.denominator, parts)
    return _tableau(clip, clip.rest if clip.is_over(at) and not left else at)


@lru_cache(maxsize=8)
def _tableau(clip: Staged, at: Standing) -> Tableau:
    acted, flown = _progress(clip, at)
    now, state, studio = _drawn(clip, acted), clip.states[1], clip.studio
    if at.left and clip.following is not None:
        coming = _drawn(clip.following, 0.0)
        whole, state = now.view is not None or coming.view is not None, coming.view or now.view or state
        return cleared(passing(now, coming, clip.left_share(at), homes_on(studio, state, whole)))
    if 0 < flown < 1 and not now.whole:
        return cleared(flying_home(now, clip.made, flown, homes_on(studio, state, whole=False)))
    return _latest(studio).cleared(now)


def _drawn(clip: Staged, acted: float) -> Tableau:
    if acted in (0.0, 1.0):
        return _drawn_end(clip, acted)
    return _latest(clip.studio).taking_over(_chained(clip, acted))


def _chained(clip: Staged, acted: float) -> Tableau:
    """What the clip's drawing draws, with the line that the inspector keeps from shot to shot."""
    shot = clip.clip.shot
    tableau, chain = withheld(drawing(shot.drawing)(clip.studio, shot, acted)), shot.chain[acted >= 1]
    return changed(tableau, inspector=changed(tableau.inspector, chain=chain)) if chain else tableau


@lru_cache(maxsize=8)
def _drawn_end(clip: Staged, acted: float) -> Tableau:
    return _chained(clip, acted)


def scales_in_view(shown: tuple[Card, ...]) -> dict[ColourScale, list[str]]:
    """The colour scales of the cards that are there, each with the keys of the cards that use it."""
    scales: dict[ColourScale, list[str]] = {}
    for card in shown:
        if card.opacity > 0.5 and card.colours.table != "photograph" and not card.holds:
            scales.setdefault(card.colours, []).append(card.key)
    return scales
