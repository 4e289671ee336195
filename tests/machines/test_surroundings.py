"""Where there is little: no home, nowhere to write but the output, few descriptors, odd names, no shared memory."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.export.stories import contents
from tests.machines.stage import ROOT, SMALL, STEP

SHARED_64_MB = "mount -t tmpfs -o size=64m none /dev/shm && exec "
SHARED_READ_ONLY = "mount -t tmpfs -o ro none /dev/shm && exec "


@dataclass(frozen=True)
class Surroundings:
    """What is different about them."""

    before: tuple[str, ...] = ()  # a program that runs the command
    mount: str = ""  # what is mounted in a namespace of its own first
    env: tuple[tuple[str, str | None], ...] = ()
    folder: str = "place"


SURROUNDINGS = {
    "no home": Surroundings(env=(("HOME", None), ("TMPDIR", None))),
    "a home and a place for temporary files that can only be read": Surroundings(
        env=(("HOME", "/proc"), ("TMPDIR", "/proc"), ("XDG_CACHE_HOME", "/proc"))
    ),
    "forty descriptors": Surroundings(before=("prlimit", "--nofile=40")),
    "spaces and umlauts": Surroundings(folder="ein Ort, schön & groß"),
    "64 MB of shared memory": Surroundings(mount=SHARED_64_MB),
    "shared memory that can only be read": Surroundings(mount=SHARED_READ_ONLY),
    "an ASCII locale": Surroundings(env=(("LC_ALL", "C"), ("PYTHONCOERCECLOCALE", "0"), ("PYTHONUTF8", "0"))),
}


@pytest.mark.slow
@pytest.mark.needs("prlimit", "unshare")
@pytest.mark.parametrize("name", SURROUNDINGS)
def test_a_film_is_made(name: str, film: dict[str, bytes], tmp_path: Path) -> None:
    around = SURROUNDINGS[name]
    place = tmp_path / around.folder
    place.mkdir()
    (place / "step.py").write_text(STEP)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    for variable, value in around.env:
        env.pop(variable, None)
        if value is not None:
            env[variable] = value
    python = [*around.before, sys.executable]
    command = [*python, "-m", "mnistviz", "render", "step.py", *SMALL, "--quiet", "--out", "out"]
    if around.mount:
        command = ["unshare", "--mount", "sh", "-c", around.mount + '"$@"', "sh", *command]
        _may_mount()
    done = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, timeout=240)
    ours = [line for line in done.stderr.splitlines() if "atplotlib" not in line]  # it misses its cache
    assert (done.returncode, ours) == (0, [])
    assert contents(place / "out") == film


def _may_mount() -> None:
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True)
    if tried.returncode:
        pytest.skip("needs the right to mount in a namespace")
