"""Where there is little: no home, nowhere to write but the output, few descriptors, odd names, no shared memory.

All at once do all that can be asked; those that cannot be there at once make the same film.  MNISTVIZ_ROUNDS=200
asks everything of each.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mnistviz.data.weights import load
from scenes.mnist_mlp import learner
from tests.export.stories import contents
from tests.machines.stage import BY_TWO, ROOT, SMALL, STEP, draws
from tests.sessions import LEAVES_SECONDS, alive, gone, wait_for
from tests.storage.torn import EVERY
from tests.waiting import waiting_encoder

NOBODY = 65534
SOMEBODY = 54321  # no other test is theirs: a limit on processes counts all of a user's


def _as_user(number: int) -> tuple[str, ...]:
    """This Python may lie where only root looks; the user may read it, and write nowhere."""
    user = ("setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups")
    return (*user, "--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search")


AS_NOBODY, AS_SOMEBODY = _as_user(NOBODY), _as_user(SOMEBODY)
SHARED_64_MB = "mount -t tmpfs -o size=64m none /dev/shm && "
SHARED_READ_ONLY = "mount -t tmpfs -o ro none /dev/shm && "
OVERLAY = "mount -t overlay -o lowerdir=../below,upperdir=.,workdir=../work overlay . && cd . && "
NO_HOME = (("HOME", None), ("TMPDIR", None))
READ_ONLY_HOME = (("HOME", "/proc"), ("TMPDIR", "/proc"), ("XDG_CACHE_HOME", "/proc"))


@dataclass(frozen=True)
class Surroundings:
    """What is different about them."""

    before: tuple[str, ...] = ()  # a program that runs the command
    mount: str = ""  # what is mounted in a namespace of its own first
    env: tuple[tuple[str, str | None], ...] = ()
    folder: str = "place"

    def start(self, place: Path, *arguments: str) -> subprocess.Popen[str]:
        """`python -m mnistviz ...` in a folder of theirs."""
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        for variable, value in self.env:
            env.pop(variable, None)
            if value is not None:
                env[variable] = value
        command = [*self.before, sys.executable, "-m", "mnistviz", *arguments]
        if self.mount:
            command = ["unshare", "--mount", "sh", "-c", f'{self.mount}exec "$@"', "sh", *command]
        return subprocess.Popen(
            command, cwd=place, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="backslashreplace", start_new_session=True,
        )  # fmt: skip

    def run(self, place: Path, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        process = self.start(place, *arguments)
        try:
            out, errors = process.communicate(timeout=240)
        finally:
            process.kill()
        return process.returncode, out, errors


SURROUNDINGS = {
    "nobody without a home": Surroundings(before=AS_NOBODY, env=NO_HOME),
    "a home and a place for temporary files that can only be read": Surroundings(
        before=AS_NOBODY, env=READ_ONLY_HOME
    ),
    "forty descriptors": Surroundings(before=("prlimit", "--nofile=40")),
    "spaces and umlauts": Surroundings(folder="ein Ort, schön & groß"),
    "64 MB of shared memory": Surroundings(mount=SHARED_64_MB),
    "shared memory that can only be read": Surroundings(mount=SHARED_READ_ONLY),
    "an overlay": Surroundings(mount=OVERLAY),
    "an ASCII locale": Surroundings(env=(("LC_ALL", "C"), ("PYTHONCOERCECLOCALE", "0"), ("PYTHONUTF8", "0"))),
}
ALL_AT_ONCE = Surroundings(
    before=(*AS_NOBODY, "prlimit", "--nofile=40"),
    mount=SHARED_64_MB + OVERLAY,
    env=READ_ONLY_HOME,
    folder="ein Ort, schön & groß",
)
NOT_THERE = Surroundings(  # with those
    before=AS_NOBODY,
    mount=SHARED_READ_ONLY,
    env=(*NO_HOME, *SURROUNDINGS["an ASCII locale"].env),
)
OTHERS = {"all others at once": NOT_THERE}
FULL = {"all at once": ALL_AT_ONCE, **(SURROUNDINGS if EVERY else {})}
pytestmark = [pytest.mark.slow, pytest.mark.needs("prlimit", "setpriv", "unshare")]


@pytest.fixture
def around(request: pytest.FixtureRequest) -> Surroundings:
    """Those of the test's parameter."""
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True)
    if tried.returncode:
        pytest.skip("needs the right to mount in a namespace")
    return {**FULL, **SURROUNDINGS, **OTHERS}[request.param]


@pytest.fixture
def place(around: Surroundings, tmp_path: Path) -> Path:
    """A folder that anybody may write in, with a small program; nothing else is theirs."""
    (tmp_path / "below").mkdir()
    (tmp_path / "work").mkdir()
    place = tmp_path / around.folder
    place.mkdir()
    place.chmod(0o777)
    (place / "step.py").write_text(STEP)
    return place


def test_few_processes_are_no_interruption(folder: Path) -> None:
    """OpenBLAS, which wants a thread a core, ends a process that gets none by a SIGINT; ffmpeg says little."""
    folder.chmod(0o777)
    few = Surroundings(before=(*AS_SOMEBODY, "prlimit", "--nproc=3"))
    if subprocess.run([*AS_SOMEBODY, "true"], capture_output=True).returncode:
        pytest.skip("needs the right to become another user")
    code, out, errors = few.run(folder, "trace", "step.py")
    assert (code, errors) == (0, "") and "matmul" in out
    code, _, errors = few.run(folder, "doctor")
    assert code == 3 and "processes or memory (ulimit -u, -v)" in errors and errors.count("\n") == 1, errors


@pytest.mark.parametrize("around", SURROUNDINGS if EVERY else OTHERS, indirect=True)
def test_a_film_is_made(around: Surroundings, place: Path, film: dict[str, bytes]) -> None:
    assert around.run(place, "render", "step.py", *SMALL, "--quiet", "--out", "out") == (0, "", "")
    assert contents(place / "out") == film


@pytest.mark.parametrize("around", FULL, indirect=True)
def test_all_that_can_be_asked(around: Surroundings, place: Path, film: dict[str, bytes]) -> None:
    wanted = {
        ("--help",): "doctor",
        ("doctor",): "films can be made",
        ("trace", "step.py", "--save", "step.npz"): "matmul",
        ("render", "step.npz", *SMALL, "--quiet", "--out", "saved"): "",
        ("page", "step.py", "--size", "320x180", "--out", "page"): "index.html",
        ("frame", "step.py", "-o", "still.png", "--size", "320x180"): "still.png",
        ("loop", "step.py", "-o", "loop.webp", "--chapter", "1", "--size", "320x180"): "loop.webp",
        ("train", "--limit", "20", "--epochs", "1", "--weights", "weights"): "right",
        ("evaluate", "--weights", "weights", "--limit", "50"): "accuracy",
        ("render", "step.py", *SMALL, "--out", "out"): "",
        ("verify", "out"): "complete",
    }
    for command, words in wanted.items():
        code, out, errors = around.run(place, *command)
        assert code == 0 and words in out, (command, out, errors)
        assert "rror" not in errors and "arning" not in errors, (command, errors)
    assert contents(place / "out") == film
    assert load(place / "weights", learner.FILES).epoch == 0
    code, _, errors = around.run(place, "render", "step.py", "--out", "/proc/out")
    assert code == 3 and errors.startswith("error: ") and errors.count("\n") == 1, errors


@pytest.mark.parametrize("around", FULL, indirect=True)
def test_it_is_interrupted_and_killed(around: Surroundings, place: Path, film: dict[str, bytes]) -> None:
    waiting = replace(around, env=(*around.env, *waiting_encoder(place).env.items()))
    for number in (signal.SIGINT, signal.SIGKILL):
        process = waiting.start(place, "render", "step.py", *BY_TWO, "--out", "out")
        wait_for(lambda process=process: draws(process), process)
        process.send_signal(number)
        began = time.monotonic()
        _, errors = process.communicate(timeout=60)
        if number == signal.SIGINT:
            assert process.returncode == 130 and "error: interrupted" in errors
            assert time.monotonic() - began < LEAVES_SECONDS
        assert gone(process.pid), alive(process.pid)
        assert contents(place / "out") == {}
    assert around.run(place, "render", "step.py", *SMALL, "--quiet", "--out", "out") == (0, "", "")
    assert contents(place / "out") == film
