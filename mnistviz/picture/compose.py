"""From an instant of a timeline to a moment of the film: a pure function, and the heart of the film.

A clip enters (cards that stay travel to their new place, the others come and go), acts, and rests.
While it rests its display list stays the same object but for the mark on the chapter bar.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from mnistviz.picture.display import ColourScale, DisplayList, Primitive
from mnistviz.picture.drawings import drawing
from mnistviz.picture.easing import eased, smooth
from mnistviz.picture.frame import overlay
from mnistviz.picture.layout import Look
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.studio import Studio, studio_of
from mnistviz.picture.stage.tableau import Card, Tableau
from mnistviz.picture.wording import text_of
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Clip, Timeline
from mnistviz.trace.model import Span

ENTER_TICKS = 9  # at most; and at most a third of the time in which things move


@dataclass(frozen=True)
class Moment:
    """What the film looks like at an instant, and what that was made of."""

    display: DisplayList
    tableau: Tableau  # the cards on the stage, the inspector's words

    @property
    def lit(self) -> Span | None:
        """The sub-expression that is lit in the source."""
        return self.tableau.lit


def compose(timeline: Timeline, instant: Fraction, look: Look) -> Moment:
    """What the film shows at an instant, in seconds from its start.

    Raises `InputError` where the film is over by then.
    """
    place = timeline.clip_index(instant)
    clip = timeline.clips[place]
    ticks = instant * TICKS_PER_SECOND
    moved = min(ticks, Fraction(clip.rest_start)) - clip.start
    return _shown(timeline, place, moved, overlay.mark_at(timeline, ticks, look), look)


@lru_cache(maxsize=8)
def _shown(timeline: Timeline, place: int, moved: Fraction, mark: float, look: Look) -> Moment:
    """Cached by where the clip and the bar's mark stand: a frame that rests is the same object."""
    parts = (*_still(timeline, place, moved, look), *overlay.bar_with_mark(timeline, mark, look))
    display = DisplayList.of(look.regions.size, look.theme.background, parts, look.theme.shadow)
    return Moment(display, tableau_at(timeline, place, moved, look))


@lru_cache(maxsize=8)
def _still(timeline: Timeline, place: int, moved: Fraction, look: Look) -> tuple[Primitive, ...]:
    """All but the chapter bar, `moved` ticks into the clip's moving part."""
    clip = timeline.clips[place]
    tableau = tableau_at(timeline, place, moved, look)
    studio = studio_of(timeline.storyboard, look)
    parts: list[Primitive] = [*tableau.under]
    for card in tableau.cards:
        parts += cards.primitives(
            card, studio.accent(card.key), look.theme, look.regions.stage[2], studio.scale
        )
    parts += tableau.marks
    parts += overlay.title_strip(timeline, clip, look)
    if not tableau.whole:
        scroll = smooth(float(moved) / ENTER_TICKS) if moved < ENTER_TICKS else 1.0
        parts += overlay.source_panel(timeline, clip, tableau.lit, studio.accents(), look, scroll)
        parts += overlay.inspector_panel(tableau.inspector, studio.accents(), look)
        parts += overlay.caption_panel(text_of(clip.caption(moved)), text_of(clip.shot.note), look)
        scales = scales_in_view(tableau.cards)
        users = tuple(tuple(dict.fromkeys(studio.accent(key) for key in keys)) for keys in scales.values())
        parts += overlay.legend(tuple(scales), look, users)
    return tuple(parts)


def enter_ticks(clip: Clip) -> Fraction:
    """How long the clip's cards take to come to their places."""
    return min(Fraction(ENTER_TICKS), Fraction(clip.rest_start - clip.start, 3))


def progress(clip: Clip, moved: Fraction) -> tuple[float, float]:
    """How far the clip has entered and how far it has acted, 0..1 each, `moved` ticks after its start."""
    enter = enter_ticks(clip)
    act = clip.rest_start - clip.start - enter
    entered = 1.0 if moved >= enter else float(moved / enter)
    if moved >= clip.rest_start - clip.start:
        return 1.0, 1.0
    return entered, float(max(moved - enter, Fraction(0)) / act)


@lru_cache(maxsize=8)
def tableau_at(timeline: Timeline, place: int, moved: Fraction, look: Look) -> Tableau:
    """The clip's tableau, with the cards of the one before on their way out or to their new places."""
    clip = timeline.clips[place]
    studio = studio_of(timeline.storyboard, look)
    entered, acted = progress(clip, moved)
    now = _drawn(studio, clip, acted)
    if entered >= 1 or place == 0:
        return now
    return _entering(_drawn(studio, timeline.clips[place - 1], 1.0), now, entered)


def _drawn(studio: Studio, clip: Clip, acted: float) -> Tableau:
    if acted in (0.0, 1.0):
        return _drawn_end(studio, clip, acted)
    return drawing(clip.shot.drawing)(studio, clip.shot, acted)


@lru_cache(maxsize=8)
def _drawn_end(studio: Studio, clip: Clip, acted: float) -> Tableau:
    return drawing(clip.shot.drawing)(studio, clip.shot, acted)


def _entering(old: Tableau, new: Tableau, q: float) -> Tableau:
    """First what leaves fades, then what stays travels, then what is new appears."""
    if old.whole != new.whole:
        old = replace(old, cards=(), marks=(), under=())
    leaving = 1 - eased(q, 0.0, 0.35)
    coming = eased(q, 0.6, 1.0)
    origins = _origins(old.cards, new.cards)
    stay = {id(origin) for origin in origins if origin is not None}
    gone = [replace(card, opacity=card.opacity * leaving) for card in old.cards if id(card) not in stay]
    there = [
        replace(card, opacity=card.opacity * coming)
        if origin is None
        else cards.between(origin, card, eased(q, 0.25, 0.85))
        for card, origin in zip(new.cards, origins, strict=True)
    ]
    fading = tuple(_faded(mark, leaving) for mark in old.marks) if leaving > 0 else ()
    rising = tuple(_faded(mark, coming) for mark in new.marks) if coming > 0 else ()
    fading_under = tuple(_faded(mark, leaving) for mark in old.under) if leaving > 0 else ()
    under = (*fading_under, *(_faded(mark, coming) for mark in new.under)) if q < 1 else new.under
    inspector = new.inspector if q > 0.35 else old.inspector
    return replace(new, cards=(*gone, *there), marks=(*fading, *rising), under=under, inspector=inspector)


def _origins(old: tuple[Card, ...], new: tuple[Card, ...]) -> list[Card | None]:
    """For each new card the old one that it is: of the same key and form, the latest made, used only once."""
    last = {(card.key, card.cells.values.shape): card for card in old}
    return [last.pop((card.key, card.cells.values.shape), None) for card in new]


def _faded(mark: Primitive, opacity: float) -> Primitive:
    return replace(mark, opacity=mark.opacity * opacity)


def scales_in_view(shown: tuple[Card, ...]) -> dict[ColourScale, list[str]]:
    """The colour scales of the cards that are there, each with the keys of the cards that use it."""
    scales: dict[ColourScale, list[str]] = {}
    for card in shown:
        if card.opacity > 0.5:
            scales.setdefault(card.colours, []).append(card.key)
    return scales
