"""Every command on every simulated machine and in all surroundings, as a table: `python -m tests.benchmarks.machine_matrix`.

A cell is "ok" or what was wrong.  Names of rows after the module's name run these alone.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tests.export.stories import contents
from tests.export.video.test_encoder import REAL
from tests.machines import stage
from tests.machines.stage import LONG, MACHINES, SMALL, STEP, draws
from tests.machines.test_surroundings import ALL_AT_ONCE, SURROUNDINGS, Surroundings
from tests.sessions import alive, gone, wait_for

PLAIN = Surroundings()
TERMINALS = {
    "TERM=dumb": replace(PLAIN, env=(("TERM", "dumb"),)),
    "cp1252": replace(PLAIN, env=(("PYTHONIOENCODING", "cp1252"),)),
    "-OO": replace(PLAIN, env=(("PYTHONOPTIMIZE", "2"),)),
}
COMMANDS = {
    "--help": (("--help",), "doctor"),
    "doctor": (("doctor",), "films can be made"),
    "trace": (("trace", "step.py"), "matmul"),
    "page": (("page", "step.py", "--size", "320x180", "--out", "page"), "index.html"),
    "train": (("train", "--limit", "20", "--epochs", "1", "--weights", "weights"), "right"),
    "render": (("render", "step.py", *SMALL, "--out", "out"), "index.html"),
    "verify": (("verify", "out"), "complete"),
}
STOPS = {"Ctrl-C": signal.SIGINT, "kill -9": signal.SIGKILL}
MOMENTS = 5  # tried until a signal comes before the film is done
FILMLESS = {"doctor": 3, "render": 3, "verify": 6}  # exit codes where no film can be made
BLAMES = ("Traceback", "in mnistviz itself", "--debug", "your ")


@dataclass(frozen=True)
class Row:
    """A machine, or surroundings."""

    name: str
    start: Callable[..., subprocess.Popen[str]]
    folder: str = "place"
    films: bool = True  # whether it can make any


def rows(library: Path, old: Path) -> list[Row]:
    """All of them; `old` is an ffmpeg without an option that films need."""

    def machine(one: stage.Machine) -> Row:
        return Row(one.name, lambda place, *words: stage.start(one.env(library), place, *words))

    around = {"as it is": PLAIN, **TERMINALS, **SURROUNDINGS, "all at once": ALL_AT_ONCE}
    ancient = replace(PLAIN, env=(("IMAGEIO_FFMPEG_EXE", str(old)),))
    return [
        *(Row(name, one.start, one.folder) for name, one in around.items()),
        Row("ffmpeg 4", ancient.start, films=False),
        *(machine(one) for one in stage.ALL),
    ]


def cells(row: Row, place: Path, film: dict[str, bytes]) -> dict[str, str]:
    """What is wrong with each command; "ok" where nothing is."""
    found = {}
    for name, (words, told) in COMMANDS.items():
        process = row.start(place, *words)
        out, errors = process.communicate(timeout=600)
        found[name] = _judged(row, name, process.returncode, (out, errors), told)
        if not gone(process.pid):
            found[name] = f"left: {alive(process.pid)}"
    if row.films and contents(place / "out") != film:
        found["render"] = "another film"
    for name, number in STOPS.items() if row.films else ():
        found[name] = _stopped(row, place, number)
    return found


def _judged(row: Row, name: str, code: int, texts: tuple[str, str], told: str) -> str:
    out, errors = texts
    if any(word in errors for word in BLAMES):
        return f"blames: {errors}"
    if not row.films and name in FILMLESS:
        refused = code == FILMLESS[name] and errors.startswith("error: ") and errors.count("\n") == 1
        return "ok" if refused else f"{code}: {errors}"
    return "ok" if code == 0 and told in out and "rror" not in errors else f"{code}: {out[-200:]} {errors}"


def _stopped(row: Row, place: Path, number: int) -> str:
    for one in range(MOMENTS):
        process = row.start(place, "render", "step.py", *LONG, "--out", f"stopped-{number}-{one}")
        wait_for(lambda process=process: draws(process) or process.poll() is not None)  # type: ignore[misc]
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        if process.returncode:
            return _judged_stop(process, errors, place / f"stopped-{number}-{one}", number)
    return "done before, each time"


def _judged_stop(process: subprocess.Popen[str], errors: str, out: Path, number: int) -> str:
    if not gone(process.pid):
        return f"left: {alive(process.pid)}"
    if contents(out):
        return "a part of a film"
    if number == signal.SIGINT:
        right = process.returncode == 130 and "error: interrupted" in errors and "Traceback" not in errors
        return "ok" if right else f"{process.returncode}: {errors}"
    return f"said: {errors}" if any(word in errors for word in BLAMES) else "ok"


def _tools(folder: Path) -> tuple[Path, Path]:
    """What refuses calls, compiled, and an old ffmpeg."""
    library, old = folder / "refusing.so", folder / "ffmpeg"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-o", library, MACHINES / "refusing.c", "-ldl"], check=True
    )
    said = "Unrecognized option 'movie_timescale'."
    old.write_text(
        f'#!/bin/sh\ncase "$*" in *movie_timescale*) echo "{said}" >&2; exit 1;; *) exec "{REAL}" "$@";; esac\n'
    )
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    return library, old


def _place(folder: Path, row: Row, number: int) -> Path:
    base = folder / str(number)
    for name in ("below", "work", row.folder):
        (base / name).mkdir(parents=True)
    base.chmod(0o755)
    (base / row.folder).chmod(0o777)
    (base / row.folder / "step.py").write_text(STEP)
    return base / row.folder


def main(names: list[str]) -> int:
    """Print the table; how many cells are not "ok"."""
    wrong = []
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # ignored in a shell's background, and by all children
    with tempfile.TemporaryDirectory(dir=os.environ.get("MATRIX_FOLDER")) as name:
        folder = Path(name)
        folder.chmod(0o755)
        film: dict[str, bytes] = {}
        for number, row in enumerate(rows(*_tools(folder))):
            if names and row.name not in names and number:
                continue
            place = _place(folder, row, number)
            if not film:
                process = row.start(place, "render", "step.py", *SMALL, "--out", "first")
                assert process.communicate() and process.returncode == 0
                film = contents(place / "first")
            found = cells(row, place, film)
            marks = " ".join(f"{one}:{'ok' if said == 'ok' else 'NO'}" for one, said in found.items())
            print(f"{row.name:<62} {marks}", flush=True)
            wrong += [f"{row.name}, {one}: {said}" for one, said in found.items() if said != "ok"]
    print(*wrong, f"{len(wrong)} wrong", sep="\n")
    return min(1, len(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
