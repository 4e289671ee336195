"""The same command again: when all that it reads is as it was, and its folder too, nothing need be run.

A finished command leaves a note in the work folder: a hash of the command and of everything that its film
was made from, and of the manifest that it wrote.  The same command compares the two before it opens the
scene, and reads every byte of the folder's files.  Where it cannot be known what a scene reads there is no
note, and wherever anything differs the film is told and planned as ever.  All imports here are light.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from mnistviz.errors import VerifyError
from mnistviz.export.folder.folder import MANIFEST, WORK, Folder, open_folder
from mnistviz.export.folder.manifest import departures, read_manifest
from mnistviz.picture.fallback import VARIABLE as FONT
from mnistviz.picture.fallback import font_places
from mnistviz.storage.digest import digest, file_digest
from mnistviz.storage.files import write_whole

NOTE = "again.json"
FORMAT = 1
LARGEST = 16 << 20  # bytes of a note
MOST_FILES, MOST_BYTES = 2_000, 1 << 30  # that a scene reads; where there are more, nobody looks through them
# What a terminal or a shell says of itself: no film depends on it.  Every other variable counts.
_NOT_READ = frozenset({"_", "COLUMNS", "LINES", "OLDPWD", "PWD", "SHLVL", "TERM", "WINDOWID"})
_INSTALLED = (".dist-info", ".egg-info")

Watched = tuple[tuple[str, int, int], ...]  # path, size, time of change; -1 where nothing is


@dataclass(frozen=True)
class State:
    """What a command's film depends on, as hashes."""

    surroundings: str  # the command itself, the process that runs it
    contents: str  # of all files that it reads


@dataclass(frozen=True)
class Command:
    """What was asked, and what it reads."""

    options: str  # in words; all that can change the film or what is said of it
    reads: tuple[Path, ...] | None  # files and folders, beside the engine's own; None: nobody knows
    fps: tuple[int, ...]

    def state(self) -> State | None:
        """What the film depends on, now; None where that is not known."""
        contents = self.contents()
        python = (sys.version, sys.executable, sys.prefix, tuple(sys.flags), tuple(sys.path))
        variables = {name: value for name, value in os.environ.items() if name not in _NOT_READ}
        around = (self.options, self.fps, python, _installed(), variables, str(Path.cwd()))
        return State(digest(around), contents) if contents else None

    def contents(self) -> str:
        """Hash of the files that it reads, this program's among them; "" where they are not known."""
        font = os.environ.get(FONT, "")
        read = None if self.reads is None else _contents([*self.reads, *([Path(font)] if font else [])])
        return "" if read is None else digest((read, _code()))


@dataclass(frozen=True)
class Note:
    """What a finished command leaves."""

    state: State
    manifest: str  # SHA-256 of the file
    watched: Watched  # what must not have changed, and is too much to be read
    said: tuple[str, ...]  # what a person was told meanwhile

    def encode(self) -> bytes:
        """The note as JSON, with a check of itself."""
        body = asdict(self)
        return json.dumps({"format": FORMAT, **body, "check": digest(body)}).encode()


def finished(out: Path, state: State | None, rates: Sequence[int]) -> tuple[str, ...] | None:
    """What was said when a command was done that found this very state; None where it is to be done.

    It is, too, where the folder is not as it was left.  Raises `MachineError` where another process is at work in it.
    """
    if state is None or not (out / WORK / NOTE).is_file():
        return None
    with open_folder(out) as folder:
        note = _read_note(folder)
        if note is None or note.state != state or note.watched != _watched(note.watched):
            return None
        return note.said if _is_whole(folder, note, rates) else None


def leave_note(
    command: Command, state: State, said: Sequence[str], folder: Folder, program: str, fonts: bool = True
) -> None:
    """Note that a command is done; `state` is that from before anything was read.

    The film depends on the encoder's `program`, and perhaps on the machine's `fonts`.  To be called while the
    folder is locked.  A note that cannot be written costs time, later.
    """
    if command.contents() != state.contents:
        return
    with suppress(OSError):
        places = (program, *((*font_places(), shutil.which("fc-list") or "fc-list") if fonts else ()))
        watched = _watched((place, -1, -1) for place in places)
        note = Note(state, file_digest(folder.path / MANIFEST), watched, tuple(said))
        write_whole(folder.work / NOTE, note.encode(), folder.work)


def _read_note(folder: Folder) -> Note | None:
    path = folder.work / NOTE
    try:
        if path.stat().st_size > LARGEST:
            return None
        body = json.loads(path.read_bytes())
        check = body.pop("check")
        if body.pop("format") != FORMAT:
            return None
        watched = tuple((str(name), int(size), int(changed)) for name, size, changed in body["watched"])
        state = State(**body["state"])
        note = Note(state, str(body["manifest"]), watched, tuple(map(str, body["said"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return note if digest(asdict(note)) == check else None


def _is_whole(folder: Folder, note: Note, rates: Sequence[int]) -> bool:
    try:
        manifest = read_manifest(folder.path)
        same = file_digest(folder.path / MANIFEST) == note.manifest
    except (VerifyError, OSError):
        return False
    there = {film.fps for film in manifest.films}
    return same and there.issuperset(rates) and not any(departures(folder.path, manifest))


def _contents(places: Iterable[Path]) -> list[tuple[str, str]] | None:
    """Name and hash of every file at or below some places.

    None where they are too many to look through, or one cannot be read: a pipe would be waited for, for ever.
    """
    found: list[tuple[str, str]] = []
    size = 0
    try:
        for path in chain.from_iterable(map(_files, places)):
            size += path.stat().st_size
            if len(found) >= MOST_FILES or size > MOST_BYTES or not path.is_file():
                return None
            found.append((str(path), file_digest(path)))
    except OSError:  # whoever needs it says so
        return None
    return found


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    for folder, inside, names in os.walk(place):
        inside.sort()
        yield from (Path(folder, name) for name in sorted(names))


def _code() -> list[tuple[str, str]]:
    """Name and hash of all that is this program: the engine and the built-in scenes."""
    package = Path(__file__).resolve().parents[2]
    beside = () if (package / "scenes").is_dir() else (package.parent / "scenes",)  # in a checkout
    files = (path for home in (package, *beside) for path in _files(home))
    return [(str(path), file_digest(path)) for path in files if path.suffix != ".pyc"]


def _installed() -> list[str]:
    """The packages that can be imported, with their versions, by the names of their folders."""
    found = []
    for place in map(Path, sys.path):
        with suppress(OSError):
            found += sorted(str(path) for path in place.iterdir() if path.suffix in _INSTALLED)
    return found


def _watched(places: Iterable[tuple[str, int, int]]) -> Watched:
    """The places as they are now."""
    found = []
    for name, *_ in places:
        try:
            there = Path(name).stat()
            found.append((name, there.st_size, there.st_mtime_ns))
        except OSError:
            found.append((name, -1, -1))
    return tuple(found)
