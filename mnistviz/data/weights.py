"""A folder of weights, in the article's format: one `.npy` for each matrix, and `epoch.txt`.

It is saved as one set.  The new files are written to `.saving`, which becomes `.saved` in one rename:
from then on the new set counts, and its files move out over the old ones.  A reader prefers what is still
in `.saved`, so killed at any moment the folder holds exactly the old set or exactly the new one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.data.files import read_at_most, reading
from mnistviz.data.npy import npy_bytes, read_float_matrix
from mnistviz.errors import InputError, MachineError
from mnistviz.storage.files import write_synced, writing
from mnistviz.storage.locks import InUseError, locked
from mnistviz.storage.machine import replace, sync_folder

EPOCH_FILE: Final = "epoch.txt"
SAVING: Final = ".saving"  # being written, counts for nothing
SAVED: Final = ".saved"  # whole: these files count, and are moving out
NO_EPOCH: Final = -1  # in epoch.txt: saved before the first epoch was over
TRIES: Final = 5

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class MatrixFile:
    """One matrix of a network, and the file that it is kept in."""

    name: str  # of the file
    shape: tuple[int, int]  # (rows, columns)
    optional: bool = False


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A network as it stood after an epoch: its matrices by file name."""

    matrices: Mapping[str, Matrix]
    epoch: int  # just finished, from 0; NO_EPOCH before the first is over


def load(folder: Path, files: Sequence[MatrixFile]) -> Checkpoint:
    """The set of weights in `folder`.

    Raises `InputError` where the folder or a file is missing, or a file is not what it should be.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder of weights", folder, "name one, or make it with `train`")
    names = [*(file.name for file in files), EPOCH_FILE]
    for last in (*[False] * TRIES, True):  # again, where a training puts new ones there meanwhile
        before = _fingerprint(folder, names)
        try:
            checkpoint = _load_once(folder, files)
        except (InputError, MachineError):
            if last:
                raise
            continue
        if _fingerprint(folder, names) == before:
            return checkpoint
    raise InputError("the weights change faster than they can be read", folder, "stop the training first")


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Put the checkpoint into `folder` in place of what is there; `MachineError` where that fails."""
    contents = {name: npy_bytes(matrix) for name, matrix in checkpoint.matrices.items()}
    contents[EPOCH_FILE] = f"{checkpoint.epoch}\n".encode()
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        finish_saving(folder)
        try:
            (folder / SAVING).mkdir()
            for name, content in contents.items():
                write_synced(folder / SAVING / name, content)
            sync_folder(folder / SAVING)
            replace(folder / SAVING, folder / SAVED)
        finally:
            shutil.rmtree(folder / SAVING, ignore_errors=True)
        sync_folder(folder)
        finish_saving(folder)


def finish_saving(folder: Path) -> None:
    """Bring a save that was cut short to its end, and drop one that never counted."""
    saved = folder / SAVED
    with writing(folder):
        shutil.rmtree(folder / SAVING, ignore_errors=True)
        if saved.is_dir():
            for file in sorted(saved.iterdir(), key=lambda file: file.name == EPOCH_FILE):
                replace(file, folder / file.name)
            saved.rmdir()
            sync_folder(folder)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold `folder`, made if need be, for this process alone; `MachineError` where another one holds it."""
    with ExitStack() as stack:
        try:
            with writing(folder):
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(locked(folder))
        except InUseError as other:
            raise MachineError(f"in use by {other}, a training", folder, "name another folder") from None
        yield


def _load_once(folder: Path, files: Sequence[MatrixFile]) -> Checkpoint:
    matrices = {}
    for file in files:
        path = _place(folder, file.name)
        if path.exists() or not file.optional:
            matrices[file.name] = read_float_matrix(path, file.shape)
    return Checkpoint(matrices, _read_epoch(_place(folder, EPOCH_FILE)))


def _read_epoch(path: Path) -> int:
    if not path.exists():
        return NO_EPOCH
    text = read_at_most(path, 32).strip()
    if not (text.isdigit() or text == b"-1"):
        raise InputError("holds no number of an epoch", path, "write the last finished epoch, from 0")
    return int(text)


def _place(folder: Path, name: str) -> Path:
    saved = folder / SAVED / name
    return saved if saved.exists() else folder / name


def _fingerprint(folder: Path, names: Sequence[str]) -> tuple[object, ...]:
    """Changes whenever one of the files is replaced."""
    found: list[object] = []
    for name in names:
        with reading(folder):
            try:
                status = _place(folder, name).stat()
                found.append((status.st_ino, status.st_mtime_ns, status.st_size))
            except OSError:
                found.append(None)
    return tuple(found)
