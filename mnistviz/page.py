"""The page alone as one paragraph: from a story to a finished folder without films, in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from mnistviz.errors import InputError, WorkerError
from mnistviz.export.folder import finishing
from mnistviz.export.folder.folder import FILMS, open_folder, publish
from mnistviz.export.formats import SIZE, SIZES, check_size
from mnistviz.export.page.caching import PageCache, decoded, encoded, stills_of
from mnistviz.export.page.survey import Piece, Survey, joined, pieces, survey_piece
from mnistviz.export.raster import poster
from mnistviz.export.report import Report
from mnistviz.export.video import segments
from mnistviz.export.workers.early import await_heard, code_found
from mnistviz.export.workers.jobs import LetteringJob, PosterJob, SurveyJob, Workers
from mnistviz.export.workers.local import LocalWorkers, local_workers
from mnistviz.picture.layout import look
from mnistviz.picture.theme import find_theme
from mnistviz.storage.machine import without_collecting
from mnistviz.storage.signals import check
from mnistviz.story.storyboard import Storyboard
from mnistviz.story.timecode import Pace
from mnistviz.story.timeline import schedule

Thing = TypeVar("Thing")


def make_page(
    story: Storyboard,
    out: Path,
    *,
    size: tuple[int, int] = SIZES[SIZE],
    theme: str = "dark",
    pace: Pace = "story",
    duration: int | None = None,
    chapters: tuple[int, int] | None = None,
    progress: Report = lambda done, total, what: None,
    started: LocalWorkers | None = None,
) -> Path:
    """Make the page of a story, and all that lies beside it but films; returns the folder.

    `duration` is in ticks of 1/10 s; `started` is a worker that waits for what there is to do.  Films in the
    folder that show the very same are kept; where there are others, the page goes into a folder of its own
    beside it, `<out>-page`.  Raises `InputError`, `MachineError` or `WorkerError`; whatever happens, the
    folder holds what it held, or the new page.
    """
    check_size(size)
    find_theme(theme)
    timeline = schedule(story, pace, duration, chapters)
    story.trace.check()
    plan = segments.plan(timeline, look(size, theme), size, quality="", encoder="", code=code_found(started))
    with open_folder(_place(out, plan)) as folder, without_collecting():
        kept = finishing.kept_films(folder.path, plan)
        if finishing.is_shown(folder.path, plan):
            progress(0, 0, "nothing has changed")
            return folder.path
        progress(0, 0, "drawing the page")
        names = {rate: film.file for rate, film in kept.by_rate.items()}
        cache = PageCache(folder.pieces)
        others = local_workers(plan, 1, "", folder.cache, folder.scratch, started)
        with others as workers, _deaths_explained():
            found = _survey(plan, workers, cache)
            from mnistviz.export.page.build import build_pages

            lettered, drawn = workers.submit(LetteringJob(found.packer.texts())), workers.submit(PosterJob())
            draw, letters = partial(stills_of, plan, cache), partial(_result, lettered)
            pages = build_pages(timeline, plan.look, size, [names], found, draw, letters)[0]
            pages[poster.NAME] = _result(drawn)
            cache.save()
        beside = finishing.stage_beside(folder, plan, kept.by_rate, pages)
        manifest = finishing.stage_manifest(folder, plan, kept, beside)
        publish(folder, manifest.entries)
        folder.clear(folder.scratch)
        return folder.path


def _survey(plan: segments.Plan, workers: Workers, cache: PageCache) -> Survey:
    """What the page has to know of the film: the worker goes from its end back, this process from its start on."""
    all_pieces = pieces(plan.timeline)
    known = {piece: found for piece in all_pieces if (found := cache.survey_of(plan, piece)) is not None}
    missing = [piece for piece in all_pieces if piece not in known]
    promised = {piece: workers.submit(SurveyJob(piece)) for piece in reversed(missing)}
    _ = plan.digest, plan.shown  # kept by the plan; the manifest asks for them when nobody else has work
    from mnistviz.export.page import build

    build.get_ready()  # as late as this, for the same reason

    def take_in(piece: Piece) -> None:
        content = _result(promised.pop(piece))
        known[piece] = decoded(content) or survey_piece(plan.timeline, plan.look, piece)
        cache.enter(plan, piece, content)

    for piece in missing:
        check()
        if piece not in promised or not promised[piece].cancel():
            break  # the worker has come as far
        del promised[piece]
        known[piece] = survey_piece(plan.timeline, plan.look, piece)
        cache.enter(plan, piece, encoded(known[piece]))
        for done in [one for one, future in promised.items() if future.done()]:
            take_in(done)
    for piece in list(promised):
        take_in(piece)
    return joined((known[piece] for piece in all_pieces), plan.look)


def _result(promised: Future[Thing]) -> Thing:
    """What a worker makes, once it has."""
    await_heard(promised)
    return promised.result()


@contextmanager
def _deaths_explained() -> Iterator[None]:
    """A worker that dies inside is a `WorkerError`."""
    try:
        yield
    except BrokenExecutor:
        raise WorkerError(
            "a worker died", "looking through the film", "is there enough memory? run it again"
        ) from None


def _place(out: Path, plan: segments.Plan) -> Path:
    """The folder itself; where it holds films of something else, or broken ones, another beside it."""
    for place in (out, out.with_name(f"{out.name}-page")):
        there = {name for name in FILMS if (place / name).exists()}
        kept = finishing.kept_films(place, plan).by_rate if there else {}
        if there <= {film.file for film in kept.values()}:
            return place
    raise InputError("the films there are of something else", place, "name another folder with --out")
