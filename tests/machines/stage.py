"""Machines that lack something, as surroundings of a command, and what a film of a small program is on them."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.sessions import alive, gone

MACHINES = Path(__file__).resolve().parent
ROOT = MACHINES.parent.parent
STEP = """\
import numpy as np


def step(x, w):
    y = np.matmul(w, x)
    w += 0.1 * y
    return y


def inputs():
    return np.ones((3, 1)), np.eye(3)
"""
SMALL = ("--size", "320x180", "--quality", "draft", "--fps", "10", "--workers", "1")
BY_TWO = (*SMALL, "--workers", "2")
LONG = (*BY_TWO, "--duration", "10:00")  # to be interrupted anywhere on its way


@dataclass(frozen=True)
class Machine:
    """Surroundings in which something is missing."""

    name: str
    folder: str = ""  # of a sitecustomize.py
    refused: str = ""  # calls that the system refuses, and how

    def env(self, library: Path) -> dict[str, str]:
        """What to run a command with."""
        path = [str(MACHINES / self.folder)] if self.folder else []
        given = {"PYTHONPATH": os.pathsep.join([*path, str(ROOT)])}
        if self.folder == "windows":  # where who names no encoding gets cp1252
            given["PYTHONWARNDEFAULTENCODING"] = "1"
        if self.refused:
            given |= {"LD_PRELOAD": str(library), "REFUSED": self.refused}
        return {**os.environ, **given}


WINDOWS, MACOS = Machine("windows", "windows"), Machine("macos", "macos")
ALONE = Machine("no semaphores", refused=f"sem_open={errno.EACCES}")
ALL = (
    WINDOWS,
    MACOS,
    Machine("a portable python", "portable"),
    Machine("no memfd", refused=f"memfd={errno.ENOSYS}"),
    Machine("no splice", refused=f"splice={errno.EINVAL}"),
    Machine("folders are not synced", refused=f"syncfolder={errno.EINVAL}"),
    Machine("no locks on NFS", refused=f"flock={errno.ENOLCK}"),
    Machine("no locks on Lustre", refused=f"flock={errno.EOPNOTSUPP}"),
    ALONE,
    Machine("no semaphores at all", refused=f"sem_open={errno.ENOSYS}"),
)
# The same with less to be rendered: what is missed in different rooms is missed at once, and what differs from
# another in an error's number alone is left to doctor.
TOGETHER = (
    WINDOWS,
    MACOS,
    ALL[2],
    Machine("no memfd and no locks", refused=f"memfd={errno.ENOSYS} flock={errno.EOPNOTSUPP}"),
    Machine(
        "no splice and folders are not synced", refused=f"splice={errno.EINVAL} syncfolder={errno.EINVAL}"
    ),
    ALONE,
)


def start(env: dict[str, str], folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """`python -m mnistviz ...` in a folder, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "mnistviz", *arguments],
        cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def run(env: dict[str, str], folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command; nothing of it is alive afterwards."""
    process = start(env, folder, *arguments)
    try:
        told, errors = process.communicate(timeout=240)
    finally:
        process.kill()
    assert gone(process.pid), alive(process.pid)
    return process.returncode, told, errors


def listens(process: subprocess.Popen[str]) -> bool:
    """Whether it hears SIGTERM itself, which Python does not by default."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def draws(process: subprocess.Popen[str]) -> bool:
    """Whether a segment's encoder is at work."""
    return any("rawvideo" in line and line.endswith("10.mp4") for line in alive(process.pid))
