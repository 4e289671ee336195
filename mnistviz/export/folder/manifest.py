"""The manifest of a finished folder: a hash of every file, and of what they were made from.

It is written last: a film is complete when it is there.  It holds no time of day, no path and nothing
else that differs between two renders of the same film.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mnistviz.errors import VerifyError
from mnistviz.export.folder.folder import MANIFEST, OURS
from mnistviz.storage.digest import digest, file_digest

FORMAT = 3
LARGEST = 16 << 20  # bytes
_CURE = "render the film again"
_MOST = 1_000_000  # frames a second, or in a film


@dataclass(frozen=True)
class FileMark:
    """Size and hash of one file."""

    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class FilmMark:
    """A film and what it was made from."""

    file: str
    fps: int
    frames: int
    made_from: str  # digest of its segments, captions, chapters and encoder
    held: str = ""  # frames that equal the one before and were not encoded: "12+30 55+7", first and count

    @property
    def held_runs(self) -> list[tuple[int, int]]:
        """The runs of held frames, in order; raises `ValueError` where the words are none of ours."""
        runs = [
            (int(first), int(count)) for first, _, count in (run.partition("+") for run in self.held.split())
        ]
        ends = [0, *(first + count for first, count in runs)]
        if any(first <= end or count < 1 for (first, count), end in zip(runs, ends, strict=False)):
            raise ValueError("held frames out of order")
        if ends[-1] > self.frames:
            raise ValueError("held frames beyond the last one")
        return runs


def held_words(runs: Iterable[tuple[int, int]]) -> str:
    """Runs of held frames, as `FilmMark` has them."""
    return " ".join(f"{first}+{count}" for first, count in runs)


@dataclass(frozen=True)
class Manifest:
    """What a finished folder holds."""

    inputs: str  # digest of all that the films were made from, but for the choice of rates
    shown: str  # digest of what is shown, however it is encoded
    size: tuple[int, int]
    ticks: int
    films: tuple[FilmMark, ...]
    files: Mapping[str, FileMark]  # by name relative to the folder, "/" between

    @property
    def entries(self) -> list[str]:
        """Names that the folder itself has."""
        return sorted({name.partition("/")[0] for name in self.files} | {MANIFEST})

    def encode(self) -> bytes:
        """The manifest as JSON, with a check of itself."""
        body = asdict(self)
        return (
            json.dumps({"format": FORMAT, **body, "check": digest(body)}, indent=1, sort_keys=True) + "\n"
        ).encode()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder; raises `VerifyError` where it is missing or torn."""
    path = folder / MANIFEST
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("too large")
        body = json.loads(path.read_bytes())
        if body.pop("format") != FORMAT:
            raise VerifyError(f"{MANIFEST} is of another version of mnistviz", folder, _CURE)
        check = body.pop("check")
        manifest = _decoded(body)
    except (FileNotFoundError, NotADirectoryError):
        raise VerifyError(f"{MANIFEST} is missing, so the film is not complete", folder, _CURE) from None
    except OSError as error:
        raise VerifyError(f"{MANIFEST} cannot be read: {error.strerror}", folder, _CURE) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise VerifyError(f"{MANIFEST} is torn", folder, _CURE) from None
    if digest(asdict(manifest)) != check:
        raise VerifyError(f"{MANIFEST} is torn", folder, _CURE)
    return manifest


def _decoded(body: dict[str, Any]) -> Manifest:
    width, height = body["size"]
    return Manifest(
        inputs=str(body["inputs"]),
        shown=str(body["shown"]),
        size=(int(width), int(height)),
        ticks=int(body["ticks"]),
        films=tuple(_film(FilmMark(**film)) for film in body["films"]),
        files={_inside(name): _file(FileMark(**mark)) for name, mark in body["files"].items()},
    )


def _film(mark: FilmMark) -> FilmMark:
    if not (type(mark.fps) is type(mark.frames) is int and 0 < mark.fps <= _MOST >= mark.frames >= 0):
        raise ValueError("odd rate or length")
    return replace(
        mark, file=_inside(mark.file), made_from=str(mark.made_from), held=held_words(mark.held_runs)
    )


def _file(mark: FileMark) -> FileMark:
    if type(mark.size) is not int or not isinstance(mark.sha256, str):
        raise ValueError("odd size or hash")
    return mark


def _inside(name: str) -> str:
    """The name, once it is known to lead nowhere else, and to be one that files can have."""
    if not set(name.split("/")).isdisjoint({"", ".", ".."}) or not name.isprintable():
        raise ValueError("a name outside of the folder")
    return name


def mark_of(content: bytes) -> FileMark:
    """Size and hash of a file's contents."""
    return FileMark(len(content), hashlib.sha256(content).hexdigest())


def mark_of_file(path: Path) -> FileMark:
    """Size and hash of a file."""
    return FileMark(path.stat().st_size, file_digest(path))


def departures(folder: Path, manifest: Manifest) -> Iterator[str]:
    """How a folder differs from its manifest, in words: what is missing, torn, changed or does not belong."""
    for name, mark in sorted(manifest.files.items()):
        yield from _departure(folder / name, name, mark)
    here = {name for name in OURS if (folder / name).exists()}
    for name in sorted(here - set(manifest.entries)):
        yield f"{name} is stale: it is of another render"
    for path in sorted((folder / "stills").glob("*")):
        if f"stills/{path.name}" not in manifest.files:
            yield f"stills/{path.name} is stale: it is of another render"


def _departure(path: Path, name: str, mark: FileMark) -> Iterator[str]:
    try:
        if not path.is_file():
            yield f"{name} is missing"
        elif path.stat().st_size < mark.size:
            yield f"{name} is torn: {path.stat().st_size:,} of {mark.size:,} bytes"
        elif mark_of_file(path) != mark:
            yield f"{name} is mixed in: it was changed, or is of another render"
    except OSError as error:
        yield f"{name} cannot be read: {error.strerror}"
