"""The default film, and an old and a new one, for the tests that break off the way from one to the other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.export.default_film import DefaultFilm, default_film
from tests.export.stories import contents, render, small_story
from tests.storage.torn import NEW, OLD


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> tuple[Path, dict[str, bytes], dict[str, bytes]]:
    """A folder with the old film, its contents, and those of the new film, rendered without a break."""
    folder = tmp_path_factory.mktemp("films")
    for name, captions in (("old", OLD), ("new", NEW)):
        render(small_story(captions=captions), folder / name, fps=(10,))
    return folder / "old", contents(folder / "old"), contents(folder / "new")


@pytest.fixture
def out(films, tmp_path) -> Path:
    """A folder of its own with the old film in it."""
    shutil.copytree(films[0], tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(scope="session")
def default(tmp_path_factory) -> DefaultFilm:
    """The default film's page and its packed stages."""
    return default_film(tmp_path_factory)
