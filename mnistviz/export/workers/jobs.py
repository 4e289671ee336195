"""Jobs and those who do them: what fails is tried again, whether it is an encoder or a whole worker.

Everything goes through `concurrent.futures`: a pool of processes here and a cluster are the same to it.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mnistviz.errors import EncoderError, InputError, WorkerError, kind_of
from mnistviz.export.video import encoder
from mnistviz.export.video.segments import Plan, Stretch
from mnistviz.modules import OwnCode, import_carried
from mnistviz.picture.drawings import forget_own
from mnistviz.storage.cache import Cache
from mnistviz.storage.files import machine_errors
from mnistviz.storage.machine import give_memory_back, without_collecting
from mnistviz.storage.signals import ASKING_SECONDS, check

if TYPE_CHECKING:
    from mnistviz.export.page.survey import Piece
    from mnistviz.export.stage.glyphs import Lettering, Texts
    from mnistviz.export.video.encoding import Encoded


@dataclass(frozen=True)
class SegmentJob:
    """A stretch to draw, and the rates that lack it; done, it is a tuple of entries of the ledger."""

    stretch: Stretch
    rates: tuple[int, ...]

    @property
    def frames(self) -> int:
        """Frames of all its films."""
        return sum(self.stretch.frames(rate) for rate in self.rates)


@dataclass(frozen=True)
class PageJob:
    """The page; done, it is the files of the page alone, and of the page for films of these rates and names."""

    videos: tuple[tuple[int, str], ...]
    cache: Path | None = None  # where pieces of the page lie, on this machine


@dataclass(frozen=True)
class SurveyJob:
    """What the page has to know of a piece of the film; done, it is that, as bytes of the page's cache."""

    piece: Piece


@dataclass(frozen=True)
class LetteringJob:
    """The outlines of all letters of these texts; done, it is what the page says of them."""

    texts: Texts


@dataclass(frozen=True)
class PosterJob:
    """The poster; done, it is its PNG."""


Job = SegmentJob | PageJob | SurveyJob | LetteringJob | PosterJob


class Workers(Protocol):
    """Those who do jobs: processes here, or on a cluster."""

    lost: tuple[type[Exception], ...]  # what a future, or `submit`, raises when workers are gone

    def submit(self, job: Job) -> Future[Any]:
        """Hand a job out."""

    def collect(self, job: Job, result: Any) -> Any:
        """What a job makes, from what its worker has sent."""

    def renew(self) -> None:
        """New workers for those that died."""


def run_jobs(jobs: Sequence[Job], workers: Workers, done: Callable[[Job, Any], None]) -> None:
    """Have all jobs done; `done` hears of each and of what it made.

    Raises `EncoderError` where a job fails too often, `WorkerError` where workers die too often.
    """
    failures: Counter[Job] = Counter()
    deaths = 0
    waiting, running = deque(jobs), dict[Future[Any], Job]()
    while waiting or running:
        check()
        died = not _hand_out(waiting, running, workers)
        finished, _ = wait(running, ASKING_SECONDS, FIRST_COMPLETED)
        for future in finished:
            job = running.pop(future)
            try:
                made = workers.collect(job, future.result())
            except workers.lost:
                died = True
                waiting.append(job)
            except EncoderError as error:
                failures[job] += 1
                if failures[job] >= encoder.TRIES or isinstance(error, encoder.HungEncoder):
                    raise
                waiting.append(job)
            else:
                deaths = 0
                done(job, made)
        if died:
            deaths += 1
            waiting.extend(running.values())
            running.clear()
            _give_up_after(deaths)
            workers.renew()


def _hand_out(waiting: deque[Job], running: dict[Future[Any], Job], workers: Workers) -> bool:
    """Hand out all that waits; False where the workers are gone before they have it."""
    while waiting:
        try:
            future = workers.submit(waiting[0])
        except workers.lost:
            return False
        running[future] = waiting.popleft()
    return True


def _give_up_after(deaths: int) -> None:
    if deaths >= encoder.TRIES:
        cure = "is there enough memory? try --workers 1"
        raise WorkerError("workers keep dying", f"{deaths} times in a row", cure)


_own_code: list[OwnCode] = [OwnCode()]  # what this worker has imported beside the package
_importing = threading.Lock()  # a cluster's worker may do several jobs at once


def prepare_drawings(plan: Plan) -> None:
    """Have the scene's own drawings in the table; raises `InputError` where they cannot be imported."""
    with _importing:
        if _own_code[-1] == plan.own_code:
            return
        forget_own()
        with redirect_stdout(sys.stderr):
            try:
                import_carried(plan.own_code)
            except (Exception, SystemExit) as error:
                where = ", ".join(plan.own_code.entries)
                cure = "let the file do nothing when it is imported but define its functions"
                what = f"a worker cannot import the drawings: {kind_of(error)}: {error}"
                raise InputError(what, where, cure) from None
        _own_code[-1] = plan.own_code


def build_page_of(plan: Plan, job: PageJob, ask: Callable[[], None] = lambda: None) -> list[dict[str, bytes]]:
    """Build the page alone, and the page beside its films with the poster: contents by file name.

    `ask` is called now and then, and raises where nobody wants it any more.
    """
    from mnistviz.export.page.build import build_pages
    from mnistviz.export.page.caching import PageCache, stills_of, survey
    from mnistviz.export.raster import poster

    cache = PageCache(job.cache, ask)
    found, draw = survey(plan, cache), partial(stills_of, plan, cache)
    letters = partial(cache.lettering, plan, found.packer.texts())
    videos = [{}, dict(job.videos)]
    pages = build_pages(plan.timeline, plan.look, plan.size, videos, found, draw, letters)
    pages[1][poster.NAME] = cache.poster(plan, partial(poster_of, plan))
    cache.save()
    return pages


def survey_of(plan: Plan, job: SurveyJob) -> bytes:
    """Find what the page has to know of a piece of the film."""
    from mnistviz.export.page.caching import encoded
    from mnistviz.export.page.survey import survey_piece

    return encoded(survey_piece(plan.timeline, plan.look, job.piece))


def lettering_of_texts(job: LetteringJob) -> Lettering:
    """Find the outlines of letters."""
    from mnistviz.export.stage.glyphs import lettering_of

    return lettering_of(job.texts)


def poster_of(plan: Plan) -> bytes:
    """Draw the poster."""
    from mnistviz.export.raster.poster import poster

    return poster(plan.composer(plan.timeline, plan.timeline.poster, plan.look).display, plan.size)


def store(cache: Cache, plan: Plan, job: Job, made: Any) -> Any:
    """Put what a worker has made where it belongs: segments into the cache, as entries; the rest stays as it is."""
    if not isinstance(job, SegmentJob):
        return made
    with machine_errors("writing a segment"):
        return tuple(
            cache.keep(plan.name(job.stretch, segment.fps), segment.frames, segment.content)
            for segment in made
        )


def do_job(plan: Plan, job: Job, program: str, parent: Path | None, templates: Path | None = None) -> Any:
    """What every worker does, here or on a cluster: the segments, the page's files, what is to be known for them.

    The encoders' files lie in a folder of its own below `parent` meanwhile; `templates` is the file in which
    those of held pictures are kept.
    """
    prepare_drawings(plan)
    match job:
        case SegmentJob():
            return _draw(plan, job, program, parent, templates)
        case PageJob():
            return build_alone(plan, job)
        case SurveyJob():
            return survey_of(plan, job)
        case LetteringJob():
            return lettering_of_texts(job)
        case PosterJob():
            return poster_of(plan)


def build_alone(plan: Plan, job: PageJob, ask: Callable[[], None] = lambda: None) -> list[dict[str, bytes]]:
    """Build the page, as `build_page_of`, and give back all that was in memory for it."""
    gc.freeze()  # what was there before is not looked through
    try:
        with without_collecting():
            pages = build_page_of(plan, job, ask)
        gc.collect()  # what a page is made of has cycles
    finally:
        gc.unfreeze()
    give_memory_back()
    return pages


def _draw(
    plan: Plan, job: SegmentJob, program: str, parent: Path | None, templates: Path | None
) -> tuple[Encoded, ...]:
    from mnistviz.export.video.encoding import encode_segment  # painting takes a while to import

    # of what a frame is made of, much is kept and nothing is a cycle
    with machine_errors("writing a segment"), _own_folder(parent) as folder, without_collecting():
        encoded = encode_segment(plan, job.stretch, job.rates, program, folder, templates)
    give_memory_back()  # a film's sprites, of all sizes, leave it full of gaps
    return encoded


@contextmanager
def _own_folder(parent: Path | None) -> Iterator[Path]:
    """A folder for one job, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=parent, prefix="segment-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
