"""From segments to all that lies in the output folder, put together and checked in the staging place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mnistviz.errors import EncoderError, VerifyError
from mnistviz.export.folder.folder import MANIFEST, Folder
from mnistviz.export.folder.manifest import (
    FileMark,
    FilmMark,
    Manifest,
    departures,
    held_words,
    mark_of,
    mark_of_file,
    read_manifest,
)
from mnistviz.export.formats import film_name
from mnistviz.export.listings import listings
from mnistviz.export.report import Report
from mnistviz.export.video.decoded import decoding_keys
from mnistviz.export.video.encoder import again_and_again
from mnistviz.export.video.film import Part, join_film, promised, read_back, strange_pictures
from mnistviz.export.video.film import departures as film_departures
from mnistviz.export.video.segments import Plan
from mnistviz.storage.cache import Entry
from mnistviz.storage.digest import digest
from mnistviz.storage.files import machine_errors, write_synced


@dataclass(frozen=True)
class Films:
    """Films by rate, and the digest of what all of them were made from; "" where there are none."""

    by_rate: Mapping[int, FilmMark]
    inputs: str = ""


def kept_films(folder: Path, plan: Plan) -> Films:
    """The whole films in a folder that show the very same, however they were encoded."""
    try:
        manifest = read_manifest(folder)
    except VerifyError:
        return Films({})
    if manifest.shown != plan.shown:
        return Films({})
    return Films(_whole(folder, manifest), manifest.inputs)


def is_shown(folder: Path, plan: Plan) -> bool:
    """Whether a folder holds a page that shows the very same, and is whole."""
    try:
        manifest = read_manifest(folder)
    except VerifyError:
        return False
    return manifest.shown == plan.shown and not any(departures(folder, manifest))


def whole_films(folder: Folder, plan: Plan) -> dict[int, FilmMark]:
    """By rate: the films in the folder that were made from the very same inputs and are whole."""
    try:
        manifest = read_manifest(folder.path)
    except VerifyError:
        return {}
    return _whole(folder.path, manifest) if manifest.inputs == plan.digest else {}


def _whole(folder: Path, manifest: Manifest) -> dict[int, FilmMark]:
    with machine_errors("reading the film of before"):
        return {
            film.fps: film
            for film in manifest.films
            if (folder / film.file).is_file()
            and mark_of_file(folder / film.file) == manifest.files.get(film.file)
        }


def is_finished(folder: Folder, plan: Plan, rates: Sequence[int]) -> bool:
    """Whether the folder holds films of these rates, made from the same inputs, and is whole."""
    try:
        manifest = read_manifest(folder.path)
    except VerifyError:
        return False
    there = {film.fps for film in manifest.films}
    return (
        manifest.inputs == plan.digest
        and there.issuperset(rates)
        and not any(departures(folder.path, manifest))
    )


def join_films(
    folder: Folder,
    plan: Plan,
    rates: Sequence[int],
    segments: Mapping[str, Entry],
    program: str,
    report: Report,
) -> dict[int, FilmMark]:
    """Join the segments of these rates into staged films, by rate; what is new of them is decoded meanwhile."""
    total = plan.frames(rates)
    films = {}
    with ExitStack() as stack:
        decoding = []
        for rate in rates:
            new = _parts(folder, plan, rate, {name for name, one in segments.items() if one.decoded})
            decoding.append(stack.enter_context(decoding_keys(new, rate, program, folder.work)))
        for rate in rates:
            report(total, total, f"joining {film_name(rate)}")
            films[rate] = again_and_again(partial(join_one, folder, plan, rate, program))
        for undecoded in decoding:
            if wrong := undecoded():
                raise EncoderError(
                    f"the new segments are not right: {wrong[0]}", "joining", "render with --fresh"
                )
    return films


def _parts(folder: Folder, plan: Plan, rate: int, without: Collection[str] = ()) -> list[Part]:
    """The segments of a film in order, but for those of these names."""
    return [
        Part(folder.cache.path(name).relative_to(folder.work).as_posix(), stretch.end - stretch.start)
        for name, stretch in zip(plan.names([rate]), plan.stretches, strict=True)
        if name not in without
    ]


def stage_beside(
    folder: Folder, plan: Plan, rates: Iterable[int], pages: Mapping[str, bytes]
) -> dict[str, FileMark]:
    """Write what lies beside the films of these rates into the staging folder; `pages` are the page's files."""
    others = _other_files(folder, plan, sorted(rates), pages)
    return {name: _write_staged(folder.staging / name, content) for name, content in others}


def stage_manifest(folder: Folder, plan: Plan, made: Films, beside: Mapping[str, FileMark]) -> Manifest:
    """Write the manifest of the films, which are staged or where they were, and of what was staged beside them."""
    marks = tuple(film for _, film in sorted(made.by_rate.items()))
    files = {**{film.file: mark_of_file(_place(folder, film.file)) for film in marks}, **beside}
    manifest = Manifest(made.inputs or plan.digest, plan.shown, plan.size, plan.timeline.ticks, marks, files)
    _write_staged(folder.staging / MANIFEST, manifest.encode())
    return manifest


def _place(folder: Folder, name: str) -> Path:
    """Where a film is: the new one, else the one that stays."""
    staged = folder.staging / name
    return staged if staged.exists() else folder.path / name


def join_one(folder: Folder, plan: Plan, rate: int, program: str) -> FilmMark:
    """Join the segments of one rate into a staged film, and read it back; `EncoderError` where it is wrong."""
    parts = _parts(folder, plan, rate)
    film = folder.staging / film_name(rate)
    held = join_film(parts, plan.timeline, rate, program, folder.work, film)
    found = read_back(film)
    wrong = film_departures(found, promised(plan.timeline, rate, plan.size, plan.plain))
    wrong = wrong or strange_pictures(film, parts, folder.work)
    if wrong:
        raise EncoderError(f"the joined film is not right: {'; '.join(wrong)}", film.name, "run it again")
    made_from = digest((plan.digest, plan.names([rate])))
    return FilmMark(film.name, rate, found.frames, made_from, held_words(held))


def _write_staged(path: Path, content: bytes) -> FileMark:
    with machine_errors("writing"):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_synced(path, content)
    return mark_of(content)


def _other_files(
    folder: Folder, plan: Plan, rates: Sequence[int], pages: Mapping[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    """Every file beside the films: name relative to the folder, and contents."""
    yield from listings(plan.timeline, {rate: film_name(rate) for rate in rates})
    yield from pages.items()
    yield "trace.npz", _trace(folder, plan)


def _trace(folder: Folder, plan: Plan) -> bytes:
    path = folder.scratch / "trace.npz"
    with machine_errors("writing"):
        plan.timeline.storyboard.trace.save(path)
        try:
            return path.read_bytes()
        finally:
            path.unlink()
