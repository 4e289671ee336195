"""The default film's page and its two packed stages: made once, for every process of one run of the tests."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path

import pytest

from mnistviz.export.page.build import page
from mnistviz.export.page.geometry import gather
from mnistviz.export.stage.bundle import fitting
from mnistviz.export.stage.pack import Packer, other_theme, pack_stage
from mnistviz.picture.compose import Moment, compose
from mnistviz.scene import load_scene
from mnistviz.story.timeline import Timeline, schedule
from tests.export.page import demo

PAGE = "index.html"


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

    def packed(self, theme: str) -> bytes:
        return (self.folder / f"{theme}.packed").read_bytes()


def default_film(factory: pytest.TempPathFactory) -> DefaultFilm:
    """Under a lock, for the run's processes start together."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "default-film.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        film = DefaultFilm(shared / "default-film")
        if not (film.folder / PAGE).exists():
            film.folder.mkdir(exist_ok=True)
            _write(film)
    return film


def _write(film: DefaultFilm) -> None:
    story, other = film.timeline, other_theme(demo.LOOK)

    def composed(instant: Fraction) -> Moment:
        return compose(story, instant, demo.LOOK)

    packer = Packer(demo.LOOK.regions)
    places = gather(story, packer.watching(composed), True)
    packer.fill(story.ticks, composed)
    packs = {demo.LOOK.theme.name: packer.packed(), other.theme.name: pack_stage(story, other)}
    for name, packed in packs.items():
        (film.folder / f"{name}.packed").write_bytes(packed)
    plain = replace(demo.film(story, {}), composer=composed)
    film.bare.mkdir(exist_ok=True)
    (film.bare / PAGE).write_bytes(page(plain, lambda moving: places))
    stages = fitting({name: partial(packs.__getitem__, name) for name in packs})
    content = replace(demo.film(story), composer=composed, stages=stages)
    (film.folder / PAGE).write_bytes(page(content, lambda moving: places))
