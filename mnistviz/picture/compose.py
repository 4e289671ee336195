"""From an instant of a timeline to a moment of the film: a pure function, and the heart of the film.

A clip begins with its own cards, acts, and rests.  At the end of its rest the cards of the next one come.
While nothing changes, at rest or before the next cell, its display list stays the same object but for the mark on
the chapter bar.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache

from mnistviz.picture.covering import BERTH, WIDE_BERTH, Mover, cleared, movers, uncovered, zooming
from mnistviz.picture.display import ColourScale, DisplayList, Primitive, Text
from mnistviz.picture.drawings import drawing
from mnistviz.picture.easing import eased, mix, smooth
from mnistviz.picture.frame import overlay
from mnistviz.picture.hashing import changed, hashed_once
from mnistviz.picture.layout import Look
from mnistviz.picture.map.draw import runners, zoomed
from mnistviz.picture.map.graph import graph_of
from mnistviz.picture.map.state import newly_made, state_after, state_before
from mnistviz.picture.passage import faded, flying_home, homes_on, passing
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.studio import Studio, studio_of
from mnistviz.picture.stage.tableau import Card, MapState, Place, Tableau
from mnistviz.picture.withheld import withheld
from mnistviz.picture.wording import text_of
from mnistviz.story.sentence import Said
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import Span, set_at_once

LOOKED_AHEAD = (0.1, 0.8)  # share of a passage in which a map forgets what it has shown before it is computed
RUN_TICKS = 11  # a dot runs along the ways that the clip takes
SCROLL_TICKS = 9  # the source moves to where the clip needs it
STIRRING_TICKS = max(RUN_TICKS, SCROLL_TICKS)  # after which neither makes a difference
ARRIVING = (0.2, 0.7)  # share of a passage in which a map comes, in time for the cards that go there
# And in which panels go and come where the whole map takes their room: before it does, and after.
PANELS_GO, PANELS_COME = (0.0, 0.3), (0.7, 1.0)
STIRRED = Fraction(STIRRING_TICKS)
AT_REST = Fraction(0)  # ticks into the end of a clip whose end has not come
FLY_TICKS, LEAST_TICKS = 7, 40  # what was made flies to the map; in clips that move for so long


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


@hashed_once
@set_at_once
@dataclass(frozen=True)
class Standing:
    """Where a clip stands: ticks into its moving part, and into its end, with the next one on its way."""

    moved: Fraction
    left: Fraction

    def __hash__(self) -> int:
        """Of whole numbers: that of a fraction takes as long as all else here."""
        return hash((self.moved.numerator, self.moved.denominator, self.left.numerator))

    @cached_property
    def alone(self) -> Standing:
        """The same with the next one not on its way."""
        return self if not self.left else Standing(self.moved, AT_REST)


FIRST = Standing(AT_REST, AT_REST)  # as a clip begins


@set_at_once
@dataclass(frozen=True)
class Aspect:
    """What there is to see where a clip stands: at half of all instants what there was just before."""

    ran: Fraction  # ticks into its moving part, until dots have run and the source has scrolled
    left: Fraction
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
    place = timeline.clip_index(instant)
    clip = timeline.clips[place]
    whole, parts = instant.numerator * TICKS_PER_SECOND, instant.denominator
    moved = Fraction(min(whole, clip.rest_start * parts) - clip.start * parts, parts)
    left = whole - clip.leave_start * parts
    at = Standing(moved, Fraction(left, parts) if left > 0 else AT_REST)
    seen = _seen(timeline, place, at, look)
    return _shown(timeline, place, seen, overlay.mark_at(timeline, whole / parts, look), look)


@lru_cache(maxsize=8)
def _seen(timeline: Timeline, place: int, at: Standing, look: Look) -> Standing:
    """Where the clip stands, or where it stood just before if that looks the same."""
    clip = timeline.clips[place]
    ran = at.moved if at.moved.numerator < STIRRING_TICKS * at.moved.denominator else STIRRED
    tableau = _tableau(timeline, place, at, look)
    aspect = Aspect(ran, at.left, is_over(clip, at.moved), clip.caption(at.moved), tableau, at)
    return _first_seen(timeline, place, aspect, look)


@lru_cache(maxsize=1)
def _first_seen(_timeline: Timeline, _place: int, aspect: Aspect, _look: Look) -> Standing:
    """The standing of the first of aspects that are equal."""
    return aspect.at


@lru_cache(maxsize=8)
def _shown(timeline: Timeline, place: int, at: Standing, mark: float, look: Look) -> Moment:
    """Cached by where the clip and the bar's mark stand: a frame that is held is the same object."""
    parts = (*_still(timeline, place, at, look), *overlay.bar_with_mark(timeline, mark, look))
    display = DisplayList.of(look.regions.size, look.theme.background, parts, look.theme.shadow)
    return Moment(display, _tableau(timeline, place, at, look))


@lru_cache(maxsize=8)
def _still(timeline: Timeline, place: int, at: Standing, look: Look) -> tuple[Primitive, ...]:
    """All but the chapter bar."""
    clip = timeline.clips[place]
    tableau = _tableau(timeline, place, at, look)
    studio = studio_of(timeline.storyboard, look)
    shown: list[Primitive] = []
    for card in tableau.cards:
        shown += cards.primitives(
            card, studio.accent(card.key), look.theme, look.regions.stage[2], studio.scale
        )
    on_map, title = _map(timeline, place, at, look), overlay.title_strip(timeline, clip, look)
    passing_over = _movers(timeline, place, at, look)
    parts = uncovered((*on_map, *tableau.under, *shown, *tableau.marks), passing_over)
    parts += uncovered(title, [*passing_over, *_zooming(timeline, place, at, look, on_map)])
    parts += _around(timeline, place, at, look)
    return tuple(parts)


def _movers(timeline: Timeline, place: int, at: Standing, look: Look) -> list[Mover]:
    """The cards that are on their way at an instant."""
    clip, tableau = timeline.clips[place], _tableau(timeline, place, at, look)
    if not at.left and is_over(clip, at.moved):
        return []
    return movers(
        tableau, _rests(timeline, place, at.left.numerator > 0, look), WIDE_BERTH if at.left else BERTH
    )


@lru_cache(maxsize=8)
def _rests(timeline: Timeline, place: int, leaves: bool, look: Look) -> dict[str, list[Place]]:
    """Where the cards of a clip stand before it and after it, and where those of the next one will, by key."""
    studio = studio_of(timeline.storyboard, look)
    ends = [_drawn_end(studio, timeline.clips[place], acted) for acted in (0.0, 1.0)]
    if leaves and place + 1 < len(timeline.clips):
        ends.append(_drawn_end(studio, timeline.clips[place + 1], 0.0))
    rests: dict[str, list[Place]] = {}
    for card in (card for end in ends for card in end.cards):
        rests.setdefault(card.key, []).append(card.place)
    return rests


def _zooming(
    timeline: Timeline, place: int, at: Standing, look: Look, on_map: tuple[Primitive, ...]
) -> list[Mover]:
    """The cards of the map while it becomes small or large."""
    q = _left_share(timeline, place, at.left)
    if not 0 < q < 1:
        return []
    views = [_tableau(timeline, *when, look).view for when in ((place, at.alone), (place + 1, FIRST))]
    return [] if (views[0] is None) == (views[1] is None) else zooming(on_map, q)


def _map(timeline: Timeline, place: int, at: Standing, look: Look) -> tuple[Primitive, ...]:
    """The map: small, over the whole frame, or on its way between both."""
    studio = studio_of(timeline.storyboard, look)
    own, following, q = _zoom(timeline, place, at, look), None, _left_share(timeline, place, at.left)
    if q > 0:
        following = _zoom(timeline, place + 1, FIRST, look)
    if own is None:
        return () if following is None else faded(zoomed(studio, *following), eased(q, *ARRIVING))
    state, zoom = own
    if q > 0 and following is None:
        return faded(zoomed(studio, state, zoom), 1 - eased(q, 0.0, 0.7))
    if following is None:
        running = min(_share(at.moved, 0, RUN_TICKS), 1.0) if zoom == 0 else 1.0
        return (*zoomed(studio, state, zoom), *runners(studio, state, smooth(running)))
    share = mix(zoom, following[1], smooth(q))
    if dict(state.shown).keys() <= dict(following[0].shown).keys():
        return zoomed(studio, state, share)
    ahead = [part for part in zoomed(studio, state, share) if not isinstance(part, Text)]
    return (*zoomed(studio, following[0], share), *faded(tuple(ahead), 1 - eased(q, *LOOKED_AHEAD)))


def _zoom(timeline: Timeline, place: int, at: Standing, look: Look) -> tuple[MapState, float] | None:
    """The map of a clip, and how much of the frame it fills, 0..1; None on a card with words alone."""
    board, clip = timeline.storyboard, timeline.clips[place]
    tableau = _tableau(timeline, place, at.alone, look)
    if tableau.view is not None:
        return tableau.view, 1.0
    state = state_after(board, clip.shot) if is_over(clip, at.moved) else state_before(board, clip.shot)
    return None if tableau.whole else (state, 0.0)


def _left_share(timeline: Timeline, place: int, left: Fraction) -> float:
    """How much of the way to the next clip is done, 0..1."""
    return (
        _share(left, 0, timeline.clips[place].leaving)
        if left.numerator > 0 and place + 1 < len(timeline.clips)
        else 0.0
    )


def _around(timeline: Timeline, place: int, at: Standing, look: Look) -> tuple[Primitive, ...]:
    """The panels: the clip's own, and those of the next one where it has others."""
    own, q = _panels(timeline, place, at.alone, look), _left_share(timeline, place, at.left)
    if q == 0:
        return own
    now, coming = (_tableau(timeline, *when, look) for when in ((place, at.alone), (place + 1, FIRST)))
    if not other_panels(now, coming):
        return own
    following = _panels(timeline, place + 1, FIRST, look)
    return (*faded(own, 1 - eased(q, *PANELS_GO)), *faded(following, eased(q, *PANELS_COME)))


def other_panels(now: Tableau, coming: Tableau) -> bool:
    """Whether the panels of the next clip come already as this one ends: it has others around its stage."""
    return (now.whole, now.view is None) != (coming.whole, coming.view is None)


@lru_cache(maxsize=4)
def _panels(timeline: Timeline, place: int, at: Standing, look: Look) -> tuple[Primitive, ...]:
    """Source, inspector, caption and legend; over the whole map the caption alone; on a card with words none.

    Where the clip stands `alone`: they stay as the next one comes.
    """
    clip, tableau = timeline.clips[place], _tableau(timeline, place, at, look)
    caption, note = text_of(clip.caption(at.moved)), text_of(clip.shot.note)
    if tableau.whole:
        return () if tableau.view is None else overlay.caption_panel(caption, note, look.wide)
    studio = studio_of(timeline.storyboard, look)
    scroll = smooth(float(at.moved) / SCROLL_TICKS)
    scales = scales_in_view(tableau.cards)
    users = tuple([tuple(dict.fromkeys([studio.accent(key) for key in keys])) for keys in scales.values()])
    return (
        *overlay.source_panel(timeline, clip, tableau.lit, studio.accents(), look, scroll),
        *overlay.inspector_panel(tableau.inspector, studio.accents(), look),
        *overlay.caption_panel(caption, note, look),
        *overlay.legend(tuple(scales), look, users),
    )


@lru_cache(maxsize=64)
def act_ticks(timeline: Timeline, place: int) -> int:
    """How long the clip acts: all the time in which it moves, less the flight of what it made."""
    clip = timeline.clips[place]
    moving = clip.rest_start - clip.start
    flies = moving >= LEAST_TICKS and newly_made(timeline.storyboard, clip.shot)
    return moving - FLY_TICKS if flies else moving


def progress(timeline: Timeline, place: int, moved: Fraction) -> tuple[float, float]:
    """How far the clip has acted, and how far what it made has flown to the map, 0..1 each.

    `moved` ticks after its start.
    """
    clip, act = timeline.clips[place], act_ticks(timeline, place)
    if is_over(clip, moved):
        return 1.0, 1.0
    acted = max(_share(moved, clip.waits, max(act - clip.waits, 1)), 0.0)
    return min(acted, 1.0), max(_share(moved, act, FLY_TICKS), 0.0)


def is_over(clip: Clip, moved: Fraction) -> bool:
    """Whether the clip rests `moved` ticks after its start; whole numbers alone: it is asked several times a frame."""
    return moved.numerator >= (clip.rest_start - clip.start) * moved.denominator


def _share(moved: Fraction, start: int, length: int) -> float:
    """How far it is from the start through so many ticks."""
    parts = moved.denominator
    return (moved.numerator - start * parts) / (length * parts)


def tableau_at(timeline: Timeline, place: int, moved: Fraction, look: Look, left: Fraction) -> Tableau:
    """The clip's tableau; `left` ticks into its end with the cards of the next one on their way."""
    return _tableau(timeline, place, Standing(moved, left), look)


@lru_cache(maxsize=8)
def _tableau(timeline: Timeline, place: int, at: Standing, look: Look) -> Tableau:
    clip = timeline.clips[place]
    studio = studio_of(timeline.storyboard, look)
    acted, flown = progress(timeline, place, at.moved)
    now = _drawn(studio, clip, acted)
    state = state_after(timeline.storyboard, clip.shot)
    if at.left.numerator > 0 and place + 1 < len(timeline.clips):
        following = _drawn(studio, timeline.clips[place + 1], 0.0)
        whole, state = now.view is not None or following.view is not None, following.view or now.view or state
        return cleared(passing(now, following, float(at.left / clip.leaving), homes_on(studio, state, whole)))
    if 0 < flown < 1 and not now.whole:
        return cleared(flying_home(now, _names(timeline, clip), flown, homes_on(studio, state, whole=False)))
    return cleared(now)


def _names(timeline: Timeline, clip: Clip) -> frozenset[str]:
    """Names of the arrays that the clip makes."""
    graph = graph_of(timeline.storyboard.trace)
    return frozenset(graph.node(key).name for key, _ in newly_made(timeline.storyboard, clip.shot))


def _drawn(studio: Studio, clip: Clip, acted: float) -> Tableau:
    if acted in (0.0, 1.0):
        return _drawn_end(studio, clip, acted)
    return _chained(withheld(drawing(clip.shot.drawing)(studio, clip.shot, acted)), clip, acted)


def _chained(tableau: Tableau, clip: Clip, acted: float) -> Tableau:
    """The tableau with the line that the inspector keeps from shot to shot."""
    chain = clip.shot.chain[acted >= 1]
    return changed(tableau, inspector=changed(tableau.inspector, chain=chain)) if chain else tableau


@lru_cache(maxsize=8)
def _drawn_end(studio: Studio, clip: Clip, acted: float) -> Tableau:
    return _chained(withheld(drawing(clip.shot.drawing)(studio, clip.shot, acted)), clip, acted)


def scales_in_view(shown: tuple[Card, ...]) -> dict[ColourScale, list[str]]:
    """The colour scales of the cards that are there, each with the keys of the cards that use it."""
    scales: dict[ColourScale, list[str]] = {}
    for card in shown:
        if card.opacity > 0.5 and card.colours.table != "photograph" and not card.holds:
            scales.setdefault(card.colours, []).append(card.key)
    return scales
