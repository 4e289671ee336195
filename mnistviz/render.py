"""The whole program as one paragraph: from a story to a finished folder with films, page and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mnistviz.errors import InputError, InterruptedRender
from mnistviz.export.folder import finishing
from mnistviz.export.folder.folder import Folder, open_folder, publish
from mnistviz.export.folder.manifest import FileMark
from mnistviz.export.formats import QUALITY, SIZE, SIZES, X264, check_size, film_name
from mnistviz.export.player import Film, notebook_progress
from mnistviz.export.report import Report
from mnistviz.export.video import segments
from mnistviz.export.video.encoder import Encoder
from mnistviz.export.video.trial import try_options
from mnistviz.export.workers.cluster import check_address, cluster_workers
from mnistviz.export.workers.early import code_found, early_workers, encoder_found, warm_up_for_films
from mnistviz.export.workers.jobs import PageJob, Workers
from mnistviz.export.workers.local import LocalWorkers, local_workers
from mnistviz.export.workers.producing import Work, check_space, missing_jobs, produce, well_ordered
from mnistviz.export.workers.worth import worth_early_workers, worth_workers
from mnistviz.picture.layout import look
from mnistviz.picture.theme import find_theme
from mnistviz.storage.files import machine_errors
from mnistviz.storage.machine import cores
from mnistviz.storage.signals import hear
from mnistviz.story.storyboard import Storyboard
from mnistviz.story.timecode import PACES, RATES, Pace, parse_ticks
from mnistviz.story.timeline import Timeline, schedule

if TYPE_CHECKING:
    from mnistviz.trace.model import Trace

MOST_WORKERS = 256
# Hears of the folder, still locked, of the encoder's program, and whether the machine's fonts may be in the film.
Note = Callable[[Folder, str, bool], None]


@dataclass(frozen=True)
class Options:
    """How a film is made, whatever it tells."""

    fps: tuple[int, ...] = RATES
    size: tuple[int, int] = SIZES[SIZE]
    theme: str = "dark"
    pace: Pace = "story"
    duration_ticks: int | None = None
    chapters: tuple[int, int] | None = None
    quality: str = QUALITY
    workers: int | None = None  # None: as many as there are cores, or as are worth their start
    cluster: str | None = None  # address of a Dask scheduler
    fresh: bool = False
    plain_encoding: bool = False  # every frame goes through the encoder, held or not
    note: Note | None = None


def render(
    story: Trace | Storyboard,
    out: str | Path,
    *,
    fps: int | tuple[int, ...] = RATES,
    size: tuple[int, int] = SIZES[SIZE],
    theme: str = "dark",
    pace: Pace = "story",
    duration: str | int | None = None,
    chapters: tuple[int, int] | None = None,
    quality: str = QUALITY,
    workers: int | None = None,
    cluster: str | None = None,
    fresh: bool = False,
    plain_encoding: bool = False,
    progress: Report | None = None,
    note: Note | None = None,
    started: LocalWorkers | None = None,
) -> Path:
    """Make the films of a story, or of a trace with the default storyboard; returns the folder.

    `duration` is a clock such as `"3:00"`, or a number of ticks of 1/10 s; `chapters` are the first and the
    last to film; `plain_encoding` also encodes frames that equal the one before; `progress` hears of frames
    done, frames in all, and what is being made; `note` is called when the film is in its folder; `started`
    are workers that wait for what there is to do, where somebody has some.  Raises
    `InputError`, `MachineError`, `EncoderError`, `WorkerError` or `InterruptedRender`; whatever happens,
    the folder holds the film of before or the new one, and a second call goes on where the first one ended.
    """
    ticks = parse_ticks(duration) if isinstance(duration, str) else duration
    rates = (fps,) if isinstance(fps, int) else tuple(sorted(set(fps)))
    options = Options(
        rates, size, theme, pace, ticks, chapters, quality, workers, cluster, fresh, plain_encoding, note
    )
    report = progress or notebook_progress() or _silence
    timeline = schedule(_storyboard_of(story), _check(options).pace, ticks, chapters)
    with _early(timeline, options, started) as early:
        return Film(_render(timeline, Path(out), options, report, early))


def _render(
    timeline: Timeline, out: Path, options: Options, report: Report, early: LocalWorkers | None
) -> Path:
    timeline.storyboard.trace.check()
    encoder = encoder_found(early)
    plan = segments.plan(
        timeline,
        look(options.size, options.theme),
        options.size,
        options.quality,
        encoder.version,
        options.plain_encoding,
        code_found(early),
    )
    with open_folder(out) as folder, _interruptible(folder):
        films = finishing.whole_films(folder, plan)
        if not options.fresh and finishing.is_finished(folder, plan, options.fps):
            report(0, 0, "nothing has changed")
            if options.note is not None:
                options.note(folder, encoder.program, bool(plan.fonts))
            return out
        missing = tuple(rate for rate in options.fps if options.fresh or rate not in films)
        found = {} if options.fresh else folder.cache.sound(plan.names(missing))
        jobs = missing_jobs(plan, missing, found)
        count = options.workers or worth_workers(plan, jobs, cores())
        check_space(folder, plan, missing, jobs)
        if jobs and not found:  # whose names say that this very encoder has made them, so set
            try_options(encoder.program, plan.settings(missing[0]), timeline, folder.scratch)
        if options.fresh:
            for kept in (folder.pieces, folder.templates):
                kept.unlink(missing_ok=True)
        names = tuple((rate, film_name(rate)) for rate in sorted({*options.fps, *films}))
        page = PageJob(names, folder.pieces if options.cluster is None else None)
        workers = partial(_workers, plan, count, options, encoder, folder, early)
        work = Work(plan, well_ordered(plan, jobs, count), page, plan.frames(missing))
        beside: dict[str, FileMark] = {}

        def take_page(alone: Mapping[str, bytes], pages: Mapping[str, bytes]) -> None:
            if alone:
                _show_meanwhile(folder, report, alone)
            beside.update(finishing.stage_beside(folder, plan, dict(names), pages))

        made = produce(work, workers, report, take_page)
        films |= finishing.join_films(folder, plan, missing, found | made, encoder.program, report)
        report(0, 0, "putting all in its place")
        manifest = finishing.stage_manifest(folder, plan, finishing.Films(films), beside)
        publish(folder, manifest.entries)
        folder.tidy(found | made)
        if options.note is not None:
            options.note(folder, encoder.program, bool(plan.fonts))
    return out


def _storyboard_of(story: Trace | Storyboard) -> Storyboard:
    if isinstance(story, Storyboard):
        return story
    from mnistviz.story.default import default_storyboard

    return default_storyboard(story)


def _check(options: Options) -> Options:
    """The options themselves; raises `InputError` for those that no film can have."""
    check_size(options.size)
    find_theme(options.theme)
    for name, value, known in (("quality", options.quality, X264), ("pace", options.pace, PACES)):
        if value not in known:
            raise InputError(f"there is no {name} {value!r}", "", f"name one of {', '.join(known)}")
    if not options.fps or not set(options.fps) <= set(RATES):
        raise InputError(f"films are made at 10 and 60 fps, not at {options.fps}", "fps", "name one or both")
    if options.workers is not None and not 1 <= options.workers <= MOST_WORKERS:
        raise InputError(f"{options.workers} workers cannot be had", "workers", f"name 1 to {MOST_WORKERS}")
    if options.cluster is not None:
        check_address(options.cluster)
    return options


@contextmanager
def _early(
    timeline: Timeline, options: Options, started: LocalWorkers | None
) -> Iterator[LocalWorkers | None]:
    """Workers that get ready while it is being found out what there is to do; None where they are not worth it."""
    most = 0 if options.cluster is not None else options.workers or cores()
    count = worth_early_workers(timeline.ticks, options.fps, options.size, most)
    if started is not None or not count:
        yield started
        return
    with early_workers(count) as early:
        if early is not None:
            warm_up_for_films(early, hashing=False)
        yield early


def _workers(
    plan: segments.Plan,
    count: int,
    options: Options,
    encoder: Encoder,
    folder: Folder,
    early: LocalWorkers | None,
) -> AbstractContextManager[Workers]:
    if options.cluster is not None:
        return cluster_workers(plan, options.cluster, folder.cache)
    if early is not None and early.count < count:
        early.leave()
        early = None
    return local_workers(plan, count, encoder.program, folder.cache, folder.scratch, early, folder.templates)


def _show_meanwhile(folder: Folder, report: Report, pages: Mapping[str, bytes]) -> None:
    """Put the page where it can be looked at while the films are being made, and say so."""
    folder.clear(folder.meanwhile)
    with machine_errors("writing the page"):
        for name, content in pages.items():
            (folder.meanwhile / name).parent.mkdir(exist_ok=True)
            (folder.meanwhile / name).write_bytes(content)
    report(0, 0, f"look at {folder.meanwhile / 'index.html'} meanwhile")


@contextmanager
def _interruptible(folder: Folder) -> Iterator[None]:
    """Ctrl-C inside says what is kept and what to do."""
    try:
        yield
    except KeyboardInterrupt:
        hear()
        kept = len(folder.cache.entries())
        cure = "run the same command again to go on"
        raise InterruptedRender(
            f"interrupted: {kept} finished segments are kept", folder.path, cure
        ) from None


def _silence(done: int, total: int, what: str) -> None:
    """Nobody listens."""
