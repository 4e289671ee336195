"""Whether a finished folder is what its manifest says: nothing missing, torn, stale or mixed."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

from mnistviz.errors import EncoderError, InputError, VerifyError
from mnistviz.export.folder.manifest import LARGEST, FilmMark, Manifest, departures, read_manifest
from mnistviz.export.listings import cut
from mnistviz.export.video.decoded import decoded_departures
from mnistviz.export.video.encoder import find_encoder
from mnistviz.export.video.film import CHAPTERS_LISTED, read_back
from mnistviz.export.video.film import departures as film_departures
from mnistviz.export.video.mp4 import Film
from mnistviz.story.timecode import TICKS_PER_SECOND

_CURE = "render the film again"


def verify(folder: str | Path, deep: bool = False) -> Manifest:
    """The manifest of a folder in which every file is right; `deep`: every frame of the films is decoded too.

    Raises `VerifyError` that names what is wrong, and `InputError` where there is no folder.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError("there is no such folder", path, "name the folder of a finished film")
    manifest = read_manifest(path)
    wrong = list(departures(path, manifest))
    if not wrong:
        wrong = [text for film in manifest.films for text in _film_departures(path, manifest, film)]
    if not wrong and deep:
        wrong = [text for film in manifest.films for text in _picture_departures(path, film)]
    if wrong:
        more = f" (and {len(wrong) - 3} more)" if len(wrong) > 3 else ""
        raise VerifyError("; ".join(wrong[:3]) + more, path, _CURE)
    return manifest


def _film_departures(folder: Path, manifest: Manifest, mark: FilmMark) -> list[str]:
    """How a film differs from what the manifest and the chapter table say of it."""
    try:
        found = read_back(folder / mark.file)
        chapters = _chapters(folder / "chapters.json")
    except OSError as error:
        return [f"{mark.file}: {error.strerror}"]
    except (EncoderError, ValueError) as error:
        return [f"{mark.file}: {error}"]
    listed = [(start, cut(title)) for start, title in chapters[:CHAPTERS_LISTED]]
    wanted = Film(
        size=manifest.size,
        frames=manifest.ticks * mark.fps // TICKS_PER_SECOND,
        rate=Fraction(mark.fps),
        steady=True,
        key_frames=tuple(int(start * mark.fps) for start, _ in chapters),
        chapters=tuple(listed),
        captions=1,
        chapter_marks=len(chapters),
        streamable=True,
        reordered=not mark.held,  # where no frame is held, it may be encoded plainly
    )
    return [f"{mark.file}: {text}" for text in film_departures(found, wanted)]


def _picture_departures(folder: Path, mark: FilmMark) -> list[str]:
    """How a film's decoded pictures differ from what the manifest says of them."""
    try:
        found = decoded_departures(folder / mark.file, mark.frames, mark.held_runs, find_encoder().program)
    except EncoderError as error:
        return [f"{mark.file}: {error.what}"]
    return [f"{mark.file}: {text}" for text in found]


def _chapters(path: Path) -> list[tuple[Fraction, str]]:
    """Start in seconds and title of each chapter in the table at a path; raises `ValueError` where it is none."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("too large")
        rows = json.loads(path.read_text("utf-8"))["chapters"]
        ticks = [round(row["start"] * TICKS_PER_SECOND) for row in rows]
        return [
            (Fraction(tick, TICKS_PER_SECOND), "" + row["title"])
            for tick, row in zip(ticks, rows, strict=True)
        ]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise ValueError(f"{path.name} holds no table of chapters") from None
