"""The default film, and an old and a new one, for the tests that break off the way from one to the other."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnistviz.export.folder.manifest import read_manifest
from tests.export.default_film import DefaultFilm, default_film
from tests.export.stories import contents
from tests.export.warm import Warm, warm


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """What makes calls fail, compiled."""
    made = tmp_path_factory.mktemp("library") / "failing_call.so"
    source = Path(__file__).parent / "folder" / "failing_call.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", made, source, "-ldl"], check=True)
    return made


@pytest.fixture(scope="module")
def server(tmp_path_factory, library) -> Iterator[Warm]:
    """What forks renders, any call of which can be made to fail; it has made the two films."""
    with warm(tmp_path_factory.mktemp("films"), LD_PRELOAD=str(library)) as ready:
        yield ready


@pytest.fixture(scope="module")
def films(server) -> tuple[Path, dict[str, bytes], dict[str, bytes]]:
    """A folder with the old film, its contents, and those of the new film, rendered without a break."""
    old, new = server.scratch / "old", server.scratch / "new"
    assert all(film.held for folder in (old, new) for film in read_manifest(folder).films)
    return old, contents(old), contents(new)


@pytest.fixture
def out(films, tmp_path) -> Path:
    """A folder of its own with the old film in it."""
    shutil.copytree(films[0], tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(scope="session")
def default(tmp_path_factory) -> DefaultFilm:
    """The default film's page and its packed stages."""
    return default_film(tmp_path_factory)
