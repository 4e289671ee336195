"""The output folder: who may write in it, what lies where, and how a finished film takes its place.

A film is made in the work folder `.mnistviz`, whole and checked, and only then published: a journal is
written first, then every file is renamed, the manifest last.  A crash in between is finished by the
next run; an error is undone.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from dataclasses import replace as replaced
from pathlib import Path

from mnistviz.errors import InputError, MachineError
from mnistviz.export.formats import LISTED, film_name
from mnistviz.storage.cache import Cache, Entry
from mnistviz.storage.files import machine_errors, write_whole
from mnistviz.storage.locks import InUseError, locked
from mnistviz.storage.machine import replace, sync_folder
from mnistviz.storage.signals import undisturbed
from mnistviz.story.timecode import RATES

WORK = ".mnistviz"
MANIFEST = "manifest.json"
FILMS = tuple(film_name(rate) for rate in RATES)
OURS = (*FILMS, "index.html", "stills", *LISTED, "poster.png", "trace.npz", MANIFEST)

Move = tuple[Path, Path]  # from, to


@dataclass(frozen=True)
class Folder:
    """An output folder that this process alone writes in."""

    path: Path

    @property
    def work(self) -> Path:
        """Everything that is not yet, or not, for the viewer."""
        return self.path / WORK

    @property
    def staging(self) -> Path:
        """Where the next version of the folder is put together."""
        return self.work / "staging"

    @property
    def previous(self) -> Path:
        """Where the last version waits until the next one is in place."""
        return self.work / "previous"

    @property
    def scratch(self) -> Path:
        """For the files of encoders at work."""
        return self.work / "scratch"

    @property
    def meanwhile(self) -> Path:
        """The page alone, to be looked at while the films are being made."""
        return self.work / "page"

    @property
    def journal(self) -> Path:
        """There while a version is being published: which entries it has."""
        return self.work / "publishing.json"

    @property
    def pieces(self) -> Path:
        """What the last page was made of, to be used again."""
        return self.work / "pieces"

    @property
    def templates(self) -> Path:
        """Those of held pictures, to be used again."""
        return self.work / "templates"

    @property
    def cache(self) -> Cache:
        """The finished segments."""
        return Cache(self.work / "segments")

    def tidy(self, segments: dict[str, Entry]) -> None:
        """Leave nothing behind but the segments of the published films, whose key frames have been decoded."""
        with suppress(OSError):  # the film is complete; what cannot be tidied now is tidied next time
            self.cache.keep_only({name: replaced(one, decoded=True) for name, one in segments.items()})
            self.clear(self.scratch)
            shutil.rmtree(self.meanwhile, ignore_errors=True)

    def clear(self, *folders: Path) -> None:
        """Empty folders of the work folder."""
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def open_folder(path: Path) -> Iterator[Folder]:
    """The output folder, made where it is not there, locked, and with any broken-off publishing finished.

    Raises `MachineError` where it cannot be written or another process is at work in it, and
    `InputError` where it holds files of these names that this program has not made.
    """
    folder = Folder(path)
    with machine_errors("the output folder"):
        _check_place(path)
        folder.work.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        with machine_errors("the output folder"):
            finish_publishing(folder)
            folder.clear(folder.scratch, folder.staging, folder.previous)
            folder.cache.folder.mkdir(exist_ok=True)
            for torn in folder.work.glob(".*.part"):  # of a process that was killed as it wrote
                torn.unlink(missing_ok=True)
        yield folder


def _check_place(path: Path) -> None:
    if path.is_symlink() and not path.exists():
        raise MachineError("the output folder is a link to nowhere", path, "name another with --out")
    if path.exists() and not path.is_dir():
        raise MachineError(
            "there is a file where the output folder should be", path, "name another with --out"
        )
    if path.exists() and not (path / WORK).exists() and not (path / MANIFEST).exists():
        foreign = [name for name in OURS if (path / name).exists()]
        if foreign:
            cure = "name another folder with --out, or move them away"
            raise InputError(f"{' '.join(foreign)} would be replaced", path, cure)


@contextmanager
def _locked(folder: Folder) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            with machine_errors("locking the output folder"):
                stack.enter_context(locked(folder.work / "lock"))
        except InUseError as other:
            cure = "wait for it to end, or name another folder with --out"
            raise MachineError(f"the folder is in use by {other}", folder.path, cure) from None
        yield


def publish(folder: Folder, entries: Iterable[str]) -> None:
    """Let the staged version take its place; `entries` are the names it consists of, staged or kept.

    Raises `MachineError` with the version before in place where a rename fails.
    """
    with undisturbed(), machine_errors("publishing"):
        for staged in folder.staging.iterdir():
            if staged.is_dir():
                sync_folder(staged)
        sync_folder(folder.staging)
        write_whole(folder.journal, json.dumps(sorted(entries)).encode(), folder.work)
        moves: list[Move] = []
        try:
            _move_in(folder, sorted(entries), moves)
        except OSError:
            _move_back(folder, moves)
            raise
        _forget(folder)


def finish_publishing(folder: Folder) -> bool:
    """Finish what a crash broke off; whether there was anything."""
    if not folder.journal.exists():
        return False
    try:
        entries = json.loads(folder.journal.read_bytes())
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list):
        cure = f"remove {folder.journal} and run the same command again"
        raise MachineError("a broken-off publishing cannot be finished", folder.path, cure)
    _move_in(folder, entries, [])
    _forget(folder)
    return True


def _move_in(folder: Folder, entries: list[str], moves: list[Move]) -> None:
    """Put the staged entries in place; may be called again after a crash at any point of it."""
    folder.previous.mkdir(exist_ok=True)
    staged = {path.name for path in folder.staging.iterdir()}
    stale = [name for name in OURS if name not in entries or name in staged]
    for name in sorted(stale, key=lambda name: name != MANIFEST):  # while there is a manifest, it is true
        if os.path.lexists(folder.path / name):
            _move(folder.path / name, folder.previous / name, moves)
    sync_folder(folder.path)
    for name in sorted(staged, key=lambda name: name == MANIFEST):
        if name == MANIFEST:
            sync_folder(folder.path)
        _move(folder.staging / name, folder.path / name, moves)
    sync_folder(folder.path)


def _move(source: Path, target: Path, moves: list[Move]) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    replace(source, target)
    moves.append((source, target))


def _move_back(folder: Folder, moves: list[Move]) -> None:
    for source, target in reversed(moves):
        replace(target, source)
    sync_folder(folder.path)
    folder.journal.unlink()


def _forget(folder: Folder) -> None:
    """Tidy up; where that fails the next run does it, and finds nothing left to move."""
    with suppress(OSError):
        folder.journal.unlink()
        sync_folder(folder.work)
        folder.clear(folder.previous, folder.staging)
