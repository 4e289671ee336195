"""`python -m tests.fuzz.run FORMAT [--first SEED] [--count N] [--keep DIR]`: bad inputs, one reading each.

Every input comes from the format's name and its seed alone, so a failure is had again by its seed; with
`--keep` the input stays in DIR.  Prints how many were read and how many refused; exit code 1 after failures.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
import warnings
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from mnistviz.errors import InputError, MachineError, VerifyError
from tests.fuzz import arrays, folders, images, stories, traces
from tests.fuzz.watch import Broken, Watch

ENOUGH = 5  # failures

Make = Callable[[np.random.Generator, Path], None]


@dataclass(frozen=True)
class Format:
    """What is made wrong, how it is read, and what the reading may raise."""

    make: Make
    read: Callable[[Path], None]
    allowed: tuple[type[Exception], ...] = (InputError,)


def formats(made: Path) -> dict[str, Callable[[], Format]]:
    """All formats, by name; `made` is a folder for a film to start from."""
    both = (InputError, VerifyError)
    return {
        "npy": lambda: Format(arrays.weights_folder, arrays.read_weights),
        "idx": lambda: Format(arrays.idx_folder, arrays.read_data),
        "keras": lambda: Format(arrays.keras_file, arrays.read_data),
        "png": lambda: Format(images.png, images.read),
        "jpeg": lambda: Format(images.jpeg, images.read),
        "trace": lambda: Format(traces.bad_trace, traces.read, both),
        "folder": lambda: Format(
            partial(folders.bad_folder, folders.good_folder(made)), folders.read_folder, both
        ),
        "cache": lambda: Format(folders.bad_cache, folders.read_cache, ()),
        "story": lambda: Format(stories.bad_scene, stories.read, (InputError, MachineError)),
    }


NAMES = tuple(formats(Path()))


def write_input(name: str, seed: int, format: Format, folder: Path) -> None:
    """The input of that seed, in a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    format.make(np.random.default_rng((zlib.crc32(name.encode()), seed)), folder)


def main() -> int:
    """Reads so many bad inputs of a format."""
    parser = argparse.ArgumentParser()
    parser.add_argument("format", choices=NAMES)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--film", type=Path, help="where a good film is, or will be")
    options = parser.parse_args()
    sys.dont_write_bytecode = True  # a late import is no reading that writes
    with tempfile.TemporaryDirectory() as scratch:
        place = options.keep.resolve() if options.keep else Path(scratch) / "input"
        format = formats(options.film or Path(scratch) / "film")[options.format]()
        (Path(scratch) / "cwd").mkdir()
        os.chdir(Path(scratch) / "cwd")  # where a canary would sing
        failures = _read_all(
            options.format, format, range(options.first, options.first + options.count), place
        )
        os.chdir("/")
    for seed, error in failures:
        again = f"python -m tests.fuzz.run {options.format} --first {seed} --keep /tmp/bad"
        sys.stdout.write(f"FAILED {options.format} {seed}: {error}\nagain: {again}\n\n")
    return 1 if failures else 0


def _read_all(name: str, format: Format, seeds: range, place: Path) -> list[tuple[int, Broken]]:
    failures: list[tuple[int, Broken]] = []
    took = 0
    started = time.monotonic()
    for seed in (0, 1, 2):  # what is imported or remembered the first time is not held against an input
        write_input(name, seed, format, place)
        with suppress(Exception):
            format.read(place)
    watch = Watch(runs_code=name == "story")
    warnings.simplefilter("always")
    for seed in seeds:
        write_input(name, seed, format, place)
        try:
            took += watch.hold(partial(format.read, place), format.allowed, place)
        except Broken as error:
            failures.append((seed, error))
            if len(failures) == ENOUGH:
                break
    read = len(seeds) if len(failures) < ENOUGH else seed - seeds[0] + 1
    refused = read - took - len(failures)
    sys.stdout.write(f"{name}: {read} read, {took} taken, {refused} refused, {len(failures)} failed, ")
    sys.stdout.write(f"{time.monotonic() - started:.0f} s\n")
    return failures


if __name__ == "__main__":
    sys.exit(main())
