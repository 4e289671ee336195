"""On machines that lack something everything works, the plain way, and makes the same film."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mnistviz.data.weights import load
from mnistviz.export.folder.verify import verify
from scenes.mnist_mlp import learner
from tests.export.stories import contents
from tests.export.video.test_encoder import REAL
from tests.machines.stage import (
    ALL,
    ALONE,
    BY_TWO,
    MACOS,
    ROOT,
    SMALL,
    TOGETHER,
    WINDOWS,
    Machine,
    listens,
    run,
    start,
)
from tests.sessions import LEAVES_SECONDS, alive, gone, wait_for
from tests.storage.torn import EVERY
from tests.waiting import waiting_encoder

pytestmark = pytest.mark.needs("cc")
TAKEN = {  # what doctor says of each
    "windows": ("copied", "names its owner", "folders cannot be synced"),
    "macos": ("copied", "watches for its parent"),
    "a portable python": ("copied",),
    "no memfd": ("copied", "function not implemented"),
    "no splice": ("copied", "invalid argument"),
    "folders are not synced": ("folders cannot be synced",),
    "no locks on NFS": ("names its owner",),
    "no locks on Lustre": ("names its owner",),
    "no semaphores": ("one, in this process", "permission denied"),
    "no semaphores at all": ("one, in this process",),
}


@pytest.mark.slow
@pytest.mark.parametrize("machine", ALL if EVERY else TOGETHER, ids=lambda machine: machine.name)
def test_the_same_film_is_made(machine: Machine, library: Path, folder: Path, film: dict[str, bytes]) -> None:
    env = machine.env(library)
    code, _, errors = run(env, folder, "render", "step.py", *SMALL, "--out", "out", "--quiet")
    assert (code, errors) == (0, "")
    assert contents(folder / "out") == film
    assert run(env, folder, "verify", "out") == (0, "out is complete\n", "")


@pytest.mark.parametrize("machine", ALL, ids=lambda machine: machine.name)
def test_doctor_says_what_is_done_instead(machine: Machine, library: Path, folder: Path) -> None:
    code, told, errors = run(machine.env(library), folder, "doctor")
    assert (code, errors) == (0, "")
    for words in TAKEN[machine.name]:
        assert words in told
    assert told.count("the plain way: ") >= 1 and told.endswith("films can be made\n")
    assert [path.name for path in folder.iterdir()] == ["step.py"]


@pytest.mark.parametrize("machine", (WINDOWS, MACOS, ALL[5], ALL[6]), ids=lambda machine: machine.name)
def test_what_needs_no_film(machine: Machine, library: Path, folder: Path) -> None:
    env = machine.env(library)
    code, told, _ = run(env, folder, "--help")
    assert code == 0 and "doctor" in told
    code, told, errors = run(env, folder, "trace", "step.py", "--save", "step.npz")
    assert (code, errors) == (0, "saved step.npz\n") and "matmul" in told and (folder / "step.npz").exists()
    code, told, errors = run(env, folder, "train", "--limit", "20", "--epochs", "2", "--weights", "weights")
    assert (code, errors) == (0, "")
    assert load(folder / "weights", learner.FILES).epoch == 1
    code, _, errors = run(env, folder, "frame", "step.py", "-o", "still.png", "--size", "320x180")
    assert (code, errors) == (0, "") and (folder / "still.png").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("machine", "number"),
    [(WINDOWS, signal.SIGINT), (WINDOWS, signal.SIGTERM), (MACOS, signal.SIGTERM), (ALONE, signal.SIGINT)],
    ids=lambda one: getattr(one, "name", str(one)),
)
def test_a_signal_ends_a_render(machine: Machine, number: int, library: Path, folder: Path) -> None:
    encoder = waiting_encoder(folder)
    process = start(machine.env(library) | encoder.env, folder, "render", "step.py", *BY_TWO, "--out", "out")
    wait_for(encoder.waits, process)
    process.send_signal(number)
    began = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert time.monotonic() - began < LEAVES_SECONDS
    assert errors.splitlines()[-1].startswith("error: interrupted"), errors
    assert "Traceback" not in errors
    assert gone(process.pid), alive(process.pid)
    assert contents(folder / "out") == {}


@pytest.mark.slow
@pytest.mark.parametrize("machine", (WINDOWS, MACOS, ALONE), ids=lambda machine: machine.name)
def test_nothing_outlives_a_killed_parent(
    machine: Machine, library: Path, folder: Path, film: dict[str, bytes]
) -> None:
    encoder = waiting_encoder(folder)
    process = start(machine.env(library) | encoder.env, folder, "render", "step.py", *BY_TWO, "--out", "out")
    wait_for(encoder.waits, process)
    process.kill()
    process.communicate(timeout=60)  # whoever is left holds its pipes
    assert gone(process.pid), alive(process.pid)
    code, _, errors = run(machine.env(library), folder, "render", "step.py", *SMALL, "--out", "out")
    assert code == 0, errors
    assert contents(folder / "out") == film


STALLS = {
    "reads nothing": "exec sleep 600",
    "reads a frame": "head -c 86400 >/dev/null; exec sleep 600",
}


@pytest.mark.slow
@pytest.mark.parametrize(  # a plain pipe twice, and one that is spliced into by a thread
    ("machine", "kind"),
    [(WINDOWS, "reads nothing"), (MACOS, "reads a frame"), (ALONE, "reads nothing")],
    ids=lambda one: getattr(one, "name", str(one)),
)
def test_an_encoder_that_stalls_is_given_up(machine: Machine, kind: str, library: Path, folder: Path) -> None:
    """It does what it is asked in the trials, and stalls with the first segment."""
    stalled = folder / "ffmpeg"
    stalled.write_text(
        f'#!/bin/sh\ncase "$*" in *rawvideo*10.mp4) {STALLS[kind]};; *) exec "{REAL}" "$@";; esac\n'
    )
    stalled.chmod(stalled.stat().st_mode | stat.S_IXUSR)
    env = {**machine.env(library), "IMAGEIO_FFMPEG_EXE": str(stalled), "MNISTVIZ_PATIENCE": "1"}
    code, _, errors = run(env, folder, "render", "step.py", *SMALL, "--out", "out")
    assert code == 4
    assert "nothing for 1 s" in errors.splitlines()[-1], errors


OLD = {"movie_timescale": "an ffmpeg 4", "forced-idr": "another", "filter_units": "one without the filter"}


@pytest.mark.parametrize("option", OLD)
def test_an_encoder_without_an_option_is_found_before_anything_is_drawn(option: str, folder: Path) -> None:
    old = folder / "ffmpeg"
    old.write_text(
        f'#!/bin/sh\necho "$*" >> "{folder}/asked"\ncase "$*" in *{option}*) echo "Unrecognized option \'{option}\'." >&2\n'
        f'echo "Error splitting the argument list: Option not found" >&2; exit 1;; *) exec "{REAL}" "$@";; esac\n'
    )
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "IMAGEIO_FFMPEG_EXE": str(old)}
    code, _, errors = run(env, folder, "render", "step.py", *SMALL, "--out", "out", "--quiet")
    assert code == 3 and errors.count("\n") == 1
    assert option in errors and "IMAGEIO_FFMPEG_EXE" in errors
    assert "10.mp4" not in (folder / "asked").read_text()
    assert list((folder / "out" / ".mnistviz" / "segments").iterdir()) == []
    code, told, errors = run(env, folder, "doctor")
    assert code == 3 and option in errors and "films can be made" not in told


def test_two_renders_into_one_folder_without_the_systems_locks(library: Path, folder: Path) -> None:
    for machine in (ALL[6], WINDOWS):
        out, encoder = folder / (machine.folder or "out"), waiting_encoder(folder)
        render, env = ("render", "step.py", *SMALL, "--out", out.name), machine.env(library)
        first = start(env | encoder.env, folder, *render)
        wait_for(encoder.waits, first)
        code, _, errors = run(env, folder, *render)
        assert code == 3 and f"in use by process {first.pid}" in errors
        first.kill()
        first.communicate()
        assert gone(first.pid)
        code, _, errors = run(env, folder, *render)
        assert code == 0, errors
        verify(out)


def test_a_terminal_without_letters(folder: Path) -> None:
    """cp1252 has no Cyrillic, and a file was written by then."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "cp1252"}
    code, told, errors = run(env, folder, "frame", "step.py", "-o", "цифра.png", "--size", "320x180")
    assert (code, errors) == (0, "")
    assert told == "see \\u0446\\u0438\\u0444\\u0440\\u0430.png\n"
    assert (folder / "цифра.png").exists()
    code, _, errors = run(env, folder, "trace", "нет.py")
    assert code == 2 and errors.startswith("error: ") and "\\u043d" in errors


def test_a_dumb_terminal_shows_progress(folder: Path) -> None:
    code = (
        "import pty, sys\n"
        f"status = pty.spawn([{sys.executable!r}, '-m', 'mnistviz', 'render', 'step.py', *{SMALL!r}, '--out', 'out'])\n"
        "sys.exit(status >> 8)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=env,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"\b(\d+) of \1 frames, 100%", done.stdout) and "\x1b[" not in done.stdout


@pytest.mark.parametrize("command", ("", "render", "doctor", "train"))
def test_help_without_docstrings(command: str, folder: Path) -> None:
    texts = [
        subprocess.run(
            [sys.executable, *flags, "-m", "mnistviz", *command.split(), "--help"],
            cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
        ).stdout
        for flags in ((), ("-OO",))
    ]  # fmt: skip
    assert texts[0] == texts[1] and len(texts[0]) > 200


def test_it_listens_before_it_does_anything(folder: Path) -> None:
    (folder / "step.py").write_text("import threading\nthreading.Event().wait()\n")
    process = start({**os.environ, "PYTHONPATH": str(ROOT)}, folder, "trace", "step.py")
    wait_for(lambda: listens(process), process)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and errors.startswith("error: interrupted"), errors
