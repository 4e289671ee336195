"""What is found of a film in pieces is what is found of it in one go, whoever looks for it."""

from __future__ import annotations

import pickle
from concurrent.futures import Future
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mnistviz import page
from mnistviz.export.page import caching, survey
from mnistviz.export.stage.pack import Packer
from mnistviz.export.stage.twofold import twofold
from mnistviz.export.video import segments
from mnistviz.export.workers.jobs import SurveyJob
from mnistviz.picture.compose import compose
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
    at_once, both = Packer(twofold(LOOK)), twofold(LOOK)
    for tick in range(film.ticks):
        moment = compose(film, Fraction(tick, 10), both)
        at_once.note(tick, moment)
        assert whole.lit[tick] == (tick, moment.lit)
    assert whole.packer.packed() == at_once.packed()


def shown(packer: Packer) -> list[list[tuple[object, object]]]:
    """At each tick what is there, without numbers: form and place."""
    forms, places, parts = packer._forms.rows, packer._places.rows, packer._parts.rows
    said = [(forms[form], places[place]) for form, place in parts]
    return [[said[part] for part in row] for _, row in sorted(packer._instants.items())]


@pytest.mark.parametrize("own", [1, 2, 3])
def test_a_worker_that_meets_this_process_has_done_the_rest(
    own: int, film: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is done with the piece that this process would look through next."""
    plan = segments.plan(film, LOOK, SMALL, quality="", encoder="")
    promised: dict[survey.Piece, Future[bytes]] = {}
    looked: list[survey.Piece] = []

    def submit(job: SurveyJob) -> Future[bytes]:
        return promised.setdefault(job.piece, Future())

    def survey_piece(*arguments: Any) -> survey.Survey:
        found = survey.survey_piece(*arguments)
        looked.append(arguments[-1])
        for piece, future in promised.items() if len(looked) == own else ():
            if not future.cancelled():
                future.set_result(caching.encoded(survey.survey_piece(film, LOOK, piece)))
        return found

    monkeypatch.setattr(page, "survey_piece", survey_piece)
    found = page._survey(plan, SimpleNamespace(submit=submit), caching.PageCache(tmp_path / "pieces"))
    whole = survey.joined((survey.survey_piece(film, LOOK, piece) for piece in survey.pieces(film)), LOOK)
    assert looked == survey.pieces(film)[:own]
    assert shown(found.packer) == shown(whole.packer)
