"""`doctor`: what this machine has, what is done without what it lacks, and what to install."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mnistviz.cli.options import PATH, common_options
from mnistviz.errors import MachineError, MnistvizError
from mnistviz.storage import locks, machine, pipes, processes

if TYPE_CHECKING:
    from mnistviz.story.timeline import Timeline

T = TypeVar("T")
OUTPUT = Path("output")
LEAST_BYTES = 100 << 20  # for the default film and what it is joined of


@dataclass(frozen=True)
class Finding:
    """One thing that was asked of the machine."""

    name: str
    found: str  # what is there, or what is done without it
    fast: bool = True  # False: the plain way is taken

    def line(self) -> str:
        """The finding as it is printed."""
        return f"{self.name:<9} {'' if self.fast else 'the plain way: '}{self.found}"


@click.command(
    epilog="""\b
Examples:
  python -m mnistviz doctor
  python -m mnistviz doctor --out /mnt/films
"""
)
@click.option(
    "--out", type=PATH, metavar="DIR", default=OUTPUT, show_default=True, help="Where films would go."
)
@common_options
def doctor(out: Path, quiet: bool) -> None:
    """Say what this machine has for making films, and what is done without what it lacks.

    Every line is tried, not concluded.  The exit code is 3 where no film can be made.
    """
    for ask in (_python, _workers, _frames, _children, _fonts):
        if not quiet:
            click.echo(ask().line())
    with _trial_folder(out) as folder:
        for answer in (_lock(folder), _names(folder), _space(folder, out), *_encoder(folder)):
            if not quiet:
                click.echo(answer.line())
    if not quiet:
        click.echo("films can be made")


def _python() -> Finding:
    return Finding("python", f"{platform.python_version()}, {platform.system()} {platform.machine()}")


def _workers() -> Finding:
    from mnistviz.export.workers.local import processes_fault

    fault = processes_fault()
    if fault:
        cure = "give it a /dev/shm that can be written to have one a core"
        return Finding("workers", f"one, in this process ({fault}; {cure})", fast=False)
    return Finding("workers", f"up to {machine.cores()} processes, one a core")


def _frames() -> Finding:
    fault = pipes.splicing_fault()
    if fault:
        return Finding("frames", f"copied into the encoder's pipe, a little slower ({fault})", fast=False)
    return Finding("frames", "handed to the encoder without copying")


def _children() -> Finding:
    if processes.prctl() is not None or processes.job() is not None:
        return Finding("children", "ended by the system with their parent")
    return Finding("children", "each watches for its parent's end", fast=False)


def _fonts() -> Finding:
    from mnistviz.picture.fonts import font, font_folder

    name, style = font("sans", 12).getname()
    return Finding("fonts", f"{name} {style}, in {font_folder()}")


@contextmanager
def _trial_folder(out: Path) -> Iterator[Path]:
    """A folder on the disk where films would go; `MachineError` where none can be made."""
    place = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.is_dir())
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix=".mnistviz-", ignore_cleanup_errors=True) as name:
            yield Path(name)
    except OSError as error:
        what = f"no film can be made: {(error.strerror or str(error)).lower()}"
        raise MachineError(what, place, "name a folder that can be written, with --out") from error


def _lock(folder: Path) -> Finding:
    fault = locks.flock_fault(folder)
    if fault:
        return Finding("lock", f"a file that names its owner ({fault})", fast=False)
    return Finding("lock", "the system's own")


def _names(folder: Path) -> Finding:
    if machine.sync_folder(folder):
        return Finding("names", "on the disk when a film is there")
    return Finding(
        "names", "on the disk soon after a film is there: folders cannot be synced here", fast=False
    )


def _space(folder: Path, out: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    if free < LEAST_BYTES:
        what = f"no film can be made: {free / 1e6:,.0f} MB are free of about {LEAST_BYTES / 1e6:,.0f} needed"
        raise MachineError(what, out, "make room, or name another folder with --out")
    return Finding("space", f"{free / 1e9:,.1f} GB free for {out}{os.sep}")


def _encoder(folder: Path) -> Iterator[Finding]:
    """The encoder, and whether it can do all that it will be asked to; `MachineError` where it cannot."""
    from mnistviz.export.video.encoder import find_encoder, version_line
    from mnistviz.export.video.settings import Settings
    from mnistviz.export.video.trial import try_options

    encoder = _can(find_encoder)
    yield Finding("encoder", f"{version_line(encoder.program)}, {encoder.program}")
    settings = Settings((320, 180), 10, "standard")
    _can(lambda: try_options(encoder.program, settings, _two_frames(), folder, strictly=True))
    yield Finding("options", "all that films need, tried on a film of two frames")


def _two_frames() -> Timeline:
    """The shortest of films, for its chapters and captions."""
    import numpy as np

    from mnistviz.story.default import default_storyboard
    from mnistviz.story.timeline import schedule
    from mnistviz.trace.recording.recorder import record

    return schedule(default_storyboard(record(_step, np.ones((2, 2)))))


def _step(array: Any) -> Any:
    return array + 1


def _can(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except MnistvizError as error:
        raise MachineError(f"no film can be made: {error.what}", error.where, error.cure) from error
