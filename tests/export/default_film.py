"""The default film's page and its packed stage: made once, for every process of one run of the tests."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pytest

from mnistviz.export.page.build import page
from mnistviz.export.page.survey import survey
from mnistviz.export.stage.bundle import fitting
from mnistviz.scene import load_scene
from mnistviz.storage.locks import InUseError, locked
from mnistviz.story.timeline import Timeline, schedule
from tests.export.page import demo

PAGE, PACKED = "index.html", "film.packed"


@dataclass(frozen=True, eq=False)
class DefaultFilm:
    """A folder with the page, which says that films, stills and a poster lie beside it; `bare` has one without any."""

    folder: Path

    @cached_property
    def timeline(self) -> Timeline:
        scene = load_scene()
        return schedule(scene.storyboard(scene.record()))

    @property
    def bare(self) -> Path:
        return self.folder / "bare"

    @property
    def packed(self) -> bytes:
        return (self.folder / PACKED).read_bytes()


def default_film(factory: pytest.TempPathFactory) -> DefaultFilm:
    """Under a lock, for the run's processes start together."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with ExitStack() as stack:
        _lock(stack, shared / "default-film.lock")
        film = DefaultFilm(shared / "default-film")
        if not (film.folder / PAGE).exists():
            film.folder.mkdir(exist_ok=True)
            _write(film)
    return film


def _lock(stack: ExitStack, path: Path) -> None:
    while True:
        try:
            stack.enter_context(locked(path))
            return
        except InUseError:
            time.sleep(0.1)


def _write(film: DefaultFilm) -> None:
    found = survey(film.timeline, demo.LOOK)
    packed = found.packer.packed()
    (film.folder / PACKED).write_bytes(packed)
    places = found.places
    plain = demo.film(film.timeline, {}, places)
    film.bare.mkdir(exist_ok=True)
    (film.bare / PAGE).write_bytes(page(plain))
    content = replace(demo.film(film.timeline, places=places), stages=fitting(("dark", "light"), packed))
    (film.folder / PAGE).write_bytes(page(content))
