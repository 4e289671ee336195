"""What is found of a film in pieces is what is found of it in one go, whoever looks for it."""

from __future__ import annotations

import pickle
from fractions import Fraction

import pytest

from mnistviz.export.page import geometry, survey
from mnistviz.export.stage.pack import Packer
from mnistviz.export.stage.twofold import twofold
from mnistviz.picture.compose import Moment, compose
from mnistviz.picture.layout import look
from mnistviz.story.timeline import Timeline, schedule
from tests.export.stories import SMALL, small_story

LOOK = look(SMALL)


@pytest.fixture(scope="module")
def film() -> Timeline:
    return schedule(small_story(), "story", 400)


def test_pieces_are_the_film_and_cut_no_rest(film: Timeline) -> None:
    found = survey.pieces(film)
    assert len(found) > 2
    assert [start for start, _ in found] == [0, *(end for _, end in found[:-1])] and found[-1][
        1
    ] == film.ticks
    cuts = {end for _, end in found}
    assert not any(cuts & set(range(clip.rest_start + 1, clip.leave_start)) for clip in film.clips)


def test_a_film_in_pieces_is_the_film(film: Timeline) -> None:
    """Also by way of another process."""
    in_pieces = [
        pickle.loads(pickle.dumps(survey.survey_piece(film, LOOK, piece)))  # noqa: S301  # our own
        for piece in survey.pieces(film)
    ]
    whole = survey.joined(in_pieces, LOOK)
    both = twofold(LOOK)

    def composer(at: Fraction) -> Moment:
        return compose(film, at, both)

    places = geometry.gather(film, composer)
    told = [(tick, [places.rows()[card] for card in cards]) for tick, cards in places.moments]
    assert [
        (tick, [whole.places.rows()[card] for card in cards]) for tick, cards in whole.places.moments
    ] == told
    assert whole.places.lit == places.lit
    packer = Packer(both)
    packer.fill(range(film.ticks), composer)
    assert shown(whole.packer) == shown(packer)


def shown(packer: Packer) -> list[list[tuple[object, object]]]:
    """At each tick what is there, without numbers: form and place."""
    forms, places, parts = packer._forms.rows, packer._places.rows, packer._parts.rows
    said = [(forms[form], places[place]) for form, place in parts]
    return [[said[part] for part in row] for _, row in sorted(packer._instants.items())]
