"""Processes that get ready while a command is still finding out what there is to do."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnistviz.cli.scene_command import ChosenScene
    from mnistviz.export.workers.local import LocalWorkers
    from mnistviz.scene import Scene


@contextmanager
def uncollected(scene: ChosenScene) -> Iterator[None]:
    """No collecting of rubbish, of which there is hardly any; not where a user's own code is run: it could notice."""
    if not scene.built_in:
        yield
        return
    from mnistviz.storage.machine import without_collecting

    with without_collecting():
        yield
        gc.freeze()  # nor when it is over: it all stays until the command's end


@contextmanager
def early_workers_for(scene: ChosenScene, count: int) -> Iterator[LocalWorkers | None]:
    """So many processes; None where none are wanted, or where a user's own code is run: it could notice."""
    if not count or not scene.built_in:
        yield None
        return
    from mnistviz.export.workers.early import early_workers

    with early_workers(count) as started:
        yield started


def open_beside(scene: ChosenScene, started: LocalWorkers | None, films: bool) -> Scene:
    """Open a scene; processes that have started make what its story will ask for, and get ready for a page, or films."""
    opened = scene()
    if started is not None:
        from mnistviz.export.workers.early import warm_up_for_films, warm_up_for_page

        for one in opened.later:
            one.hand_over(started.begin)
        if films:
            warm_up_for_films(started, hashing=True)
        else:
            warm_up_for_page(started)
    return opened
