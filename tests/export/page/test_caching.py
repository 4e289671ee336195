"""A page made of pieces of the last one is the page that is made without them, whatever became of the file."""

from __future__ import annotations

import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from mnistviz.export.page import caching, survey
from mnistviz.export.stage import glyphs
from mnistviz.export.video.segments import Plan
from mnistviz.export.workers.jobs import PageJob, build_page_of
from mnistviz.picture.layout import look
from mnistviz.story.timeline import schedule
from tests.export.stories import SMALL, small_story

FILMS = ((10, "film-10fps.mp4"),)


def plan(captions: dict[int, str] | None = None, quality: str = "draft") -> Plan:
    timeline = schedule(small_story(captions=captions), "story", 400)
    return Plan(timeline, look(SMALL), SMALL, quality, "an encoder", "this code")


@pytest.fixture(scope="module")
def page() -> list[dict[str, bytes]]:
    """Made of nothing that was there."""
    return build_page_of(plan(), PageJob(FILMS))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, page: list[dict[str, bytes]]) -> bytes:
    path = tmp_path_factory.mktemp("pieces") / "pieces"
    assert build_page_of(plan(), PageJob(FILMS, path)) == page
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, filled: bytes) -> Path:
    place = tmp_path / "pieces"
    place.write_bytes(filled)
    return place


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is looked for, and painted, anew."""
    seen: list[object] = []
    surveyed, encoded = caching.survey_piece, caching.stills.encoded

    def survey_piece(timeline, theme, piece):
        seen.append(piece)
        return surveyed(timeline, theme, piece)

    monkeypatch.setattr(caching, "survey_piece", survey_piece)
    monkeypatch.setattr(caching.stills, "encoded", lambda planes: seen.append("a still") or encoded(planes))
    return seen


def test_the_same_page_again_is_made_of_what_is_there(path, page, found, monkeypatch) -> None:
    monkeypatch.setattr(glyphs, "_outlines", lambda face, letters: found.append(letters))
    assert build_page_of(plan(quality="high"), PageJob(FILMS, path)) == page  # as hard as the encoder works
    assert found == []


def test_another_caption_costs_its_chapter_alone(path, filled, found) -> None:
    other = plan({2: "Other words."})
    made = build_page_of(other, PageJob(FILMS, path))
    start, end = other.timeline.span(other.timeline.chapters[1])
    anew = [piece for piece in found if piece != "a still"]
    assert 0 < len(anew) < len(survey.pieces(other.timeline))
    assert all(piece[0] < end and start < piece[1] for piece in anew)
    assert found.count("a still") == len(other.timeline.clips_of(other.timeline.chapters[1]))
    assert made == build_page_of(other, PageJob(FILMS))
    assert len(path.read_bytes()) < 1.2 * len(filled)  # what is of use no more is gone
    found.clear()
    build_page_of(plan(), PageJob(FILMS, path))
    assert found == [*anew, *["a still"] * found.count("a still")]


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: os.truncate(path, path.stat().st_size - 1),
    "emptied": lambda path: os.truncate(path, 0),
    "a byte flipped": lambda path: path.write_bytes(path.read_bytes()[:-9] + b"?" + path.read_bytes()[-8:]),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_costs_time_and_no_more(kind, path, page) -> None:
    DAMAGE[kind](path)
    assert build_page_of(plan(), PageJob(FILMS, path)) == page


class Hostile:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, ("hostile",)


STRANGE = {
    "a program": zlib.compress(pickle.dumps(Hostile())),
    "no pickle": zlib.compress(b"survey"),
    "not packed": b"survey",
    "another thing": zlib.compress(pickle.dumps([1])),
    "no letters": b'{"sans": {"a": [1]}}',
}


@pytest.mark.parametrize("kind", STRANGE)
def test_nothing_but_a_survey_is_made_of_what_a_stranger_wrote(kind, path, page, monkeypatch) -> None:
    """Its check is right: anybody can compute that."""
    monkeypatch.chdir(path.parent)
    entries = {name: STRANGE[kind] for name, content in caching._read(path) if content[:4] != b"RIFF"}
    path.write_bytes(caching._file_of(entries))
    cache = caching.PageCache(path)
    film = plan()
    assert all(cache.survey_of(film, piece) is None for piece in survey.pieces(film.timeline))
    assert cache.lettering(film, (("sans", "abc"),)) == glyphs.lettering_of([("sans", "abc")])
    assert not (path.parent / "hostile").exists()


def test_a_piece_is_unpacked_no_further_than_the_largest(path, monkeypatch) -> None:
    cache, film = caching.PageCache(path), plan()
    piece = survey.pieces(film.timeline)[0]
    assert cache.survey_of(film, piece) is not None
    monkeypatch.setattr(caching, "LARGEST", 1000)
    assert cache.survey_of(film, piece) is None
