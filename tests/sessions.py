"""A command in a session of its own: what is alive of it, and whether all of it goes."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

LEAVES_SECONDS = 2.0 if os.environ.get("MNISTVIZ_ROUNDS") else 6.0  # shared machines are slow


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Until it has come to that; an error where the process ends before."""
    end = time.monotonic() + 120
    while not condition():
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it does not come to that"
        time.sleep(0.01)


def alive(session: int) -> list[str]:
    """What is alive of a session: command lines."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == session and fields[0] != "Z":
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip())
            except (OSError, IndexError):
                continue
    return found


def gone(session: int) -> bool:
    """Whether the whole session is dead soon."""
    end = time.monotonic() + LEAVES_SECONDS
    while alive(session) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(session)
