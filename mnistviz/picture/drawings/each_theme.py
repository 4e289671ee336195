"""Drawings that know of one theme only, where two are drawn at once: each is asked in both, and what it draws is merged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from mnistviz.picture.display import ColourScale, Line, Matrix, Panel, Polygon, Primitive, Text, Told
from mnistviz.picture.stage.studio import Studio, studio_of
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.story.storyboard import Shot

COLOURS: Mapping[type, tuple[str, ...]] = {
    Text: ("colour",),
    Line: ("colour",),
    Polygon: ("fill", "edge"),
    Panel: ("fill", "edge"),
    Matrix: ("edge", "empty"),
}


def in_each_theme(
    function: Callable[[Studio, Shot, float], Tableau],
) -> Callable[[Studio, Shot, float], Tableau]:
    """The same drawing, that may be asked for two themes at once."""

    @wraps(function)
    def drawn(studio: Studio, shot: Shot, acted: float) -> Tableau:
        looks = [replace(studio.look, theme=theme) for theme in studio.look.theme.of or (studio.look.theme,)]
        first, *others = (function(studio_of(studio.board, look), shot, acted) for look in looks)
        for other in others:
            marks, under = merged(first.marks, other.marks), merged(first.under, other.under)
            first = replace(first, marks=marks, under=under)
        return first

    return drawn


def merged(parts: tuple[Primitive, ...], others: tuple[Primitive, ...]) -> tuple[Primitive, ...]:
    """What is drawn in two themes, from what is drawn in each; where they draw other things, as in the first."""
    if list(map(type, parts)) != list(map(type, others)):
        return parts
    return tuple(map(_merged, parts, others))


def _merged(part: Primitive, other: Any) -> Primitive:
    changed: dict[str, Any] = {
        name: getattr(part, name) + getattr(other, name) for name in COLOURS[type(part)]
    }
    if isinstance(part, Matrix):
        changed["colours"] = _beside(part.colours, other.colours)
    if isinstance(part, Text):
        changed["told"] = tuple(map(_told, part.told, other.told))
    return replace(part, **changed)


def _told(one: Told, other: Told) -> Told:
    return one if one.on is None or other.on is None else replace(one, on=_beside(one.on, other.on))


def _beside(one: ColourScale, other: ColourScale) -> ColourScale:
    table: Any = "|".join(dict.fromkeys((one.table, other.table)))
    return replace(one, table=table)
