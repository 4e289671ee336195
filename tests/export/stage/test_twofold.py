"""A film composed once in two themes is the film composed in each of them, part by part.

A few instants run here; MNISTVIZ_ROUNDS=200 runs two hundred.
"""

from __future__ import annotations

import random
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import pytest

from mnistviz.export.stage.twofold import other_theme, twofold
from mnistviz.picture.compose import compose
from mnistviz.picture.contrast import in_theme
from mnistviz.picture.display import Matrix, Primitive, Text
from mnistviz.picture.drawings import drawing
from mnistviz.picture.drawings.each_theme import COLOURS, in_each_theme, merged
from mnistviz.picture.frame.source_panel import OWNER
from mnistviz.picture.layout import look
from mnistviz.picture.stage.studio import Studio, studio_of
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.picture.theme import DARK, LIGHT, colour_table, paired
from mnistviz.story.storyboard import Shot
from tests.export.default_film import DefaultFilm
from tests.storage.torn import EVERY

INSTANTS = 200 if EVERY else 10


def half(part: Primitive, place: int) -> Primitive:
    """A part in one of its two themes."""
    changed: dict[str, Any] = {name: in_theme(getattr(part, name), place) for name in COLOURS[type(part)]}
    if isinstance(part, Matrix):
        changed["colours"] = scale(part.colours, place)
    if isinstance(part, Text):
        changed["told"] = tuple(
            told if told.on is None else replace(told, on=scale(told.on, place)) for told in part.told
        )
    return replace(part, **changed)


def scale(both: Any, place: int) -> Any:
    names = both.table.split("|")
    return replace(both, table=names[place % len(names)])


def code(parts: tuple[Primitive, ...]) -> tuple[list[Primitive], list[Any]]:
    """All but the source, and the source letter by letter: where one text ends does not matter there."""
    source = [
        part for part in parts if isinstance(part, Text) and part.owner == OWNER and part.anchor == "ls"
    ]
    letters = [
        (
            round(part.at[0] + 0.602 * part.size * place),
            part.at[1],
            letter,
            part.size,
            part.colour,
            part.opacity,
        )
        for part in source
        for place, letter in enumerate(part.text)
        if letter != " "
    ]
    return [part for part in parts if part not in source], sorted(letters)


@pytest.mark.parametrize("place", [0, 1])
def test_it_is_the_film_in_each_theme(default: DefaultFilm, place: int) -> None:
    first = look((1920, 1080))
    alone = (first, other_theme(first))[place]
    chosen = random.Random(9)
    for tick in chosen.sample(range(default.timeline.ticks), INSTANTS):
        instant = Fraction(tick, 10)
        both = compose(default.timeline, instant, twofold(first)).display
        expected = compose(default.timeline, instant, alone).display
        assert in_theme(both.background, place) == expected.background
        assert code(tuple(half(part, place) for part in both.primitives)) == code(expected.primitives)


def test_a_drawing_that_knows_one_theme_is_asked_in_each(
    default: DefaultFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The film's own drawings, as if they were a stranger's."""
    board, first = default.timeline.storyboard, look((640, 360))
    asked: list[str] = []

    def asking(name: str) -> Any:
        def drawn(studio: Studio, shot: Shot, acted: float) -> Tableau:
            asked.append(studio.theme.name)
            return drawing(name)(studio, shot, acted)

        return in_each_theme(drawn)

    for shot in (chapter.shots[0] for chapter in board.chapters):
        both = asking(shot.drawing)(studio_of(board, twofold(first)), shot, 0.4)
        assert both == drawing(shot.drawing)(studio_of(board, twofold(first)), shot, 0.4)
    assert set(asked) == {"dark", "light"}
    lines = both.marks + both.under
    assert merged(lines, lines[1:]) == lines


def test_every_colour_of_a_theme_is_there_twice() -> None:
    both = paired(DARK, LIGHT)
    for field in fields(DARK):
        one, other = getattr(DARK, field.name), getattr(LIGHT, field.name)
        if isinstance(one, tuple) and one and isinstance(one[0], int):
            assert getattr(both, field.name) == one + other
    assert both.accents == tuple(a + b for a, b in zip(DARK.accents, LIGHT.accents, strict=True))
    assert dict(both.phases)["error"] == DARK.phase("error") + LIGHT.phase("error")
    assert (other_theme(look((640, 360))).theme, twofold(look((640, 360), "light")).theme.of) == (
        LIGHT,
        (LIGHT, DARK),
    )


def test_tables_stand_side_by_side() -> None:
    table = colour_table("level|level-light")
    assert table.shape == (256, 6)
    assert (table[:, :3] == colour_table("level")).all()
    assert (table[:, 3:] == colour_table("level-light")).all()
