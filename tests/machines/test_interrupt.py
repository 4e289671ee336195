"""Ctrl-C and SIGTERM at any moment: none is lost, nothing is torn, nothing is left.

Commands side by side, a few rounds here; MNISTVIZ_ROUNDS=300 runs them in full.
"""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mnistviz.data.weights import load
from mnistviz.export.folder.verify import verify
from mnistviz.storage import signals
from scenes.mnist_mlp import learner
from tests.export.stories import contents
from tests.machines.stage import LONG, ROOT, STEP, listens, start
from tests.sessions import LEAVES_SECONDS, alive, gone, wait_for

pytestmark = pytest.mark.needs("/proc/self/stat")
ROUNDS = int(os.environ.get("MNISTVIZ_ROUNDS", "3"))
SIDE_BY_SIDE = 6  # most of their time each waits for its moment
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
FOREVER = """\
import numpy as np

w = np.ones(3)
while True:
    w = w * 1.0
"""
DEAF = """\
import weakref

import numpy as np


class Thing:
    def __del__(self):
        sum(range(2000))


def passes():
    w = np.ones(3)
    while True:
        thing = Thing()
        weakref.ref(thing, lambda gone: sum(range(2000)))
        del thing
        try:
            w = w * 1.0
        except BaseException:
            pass


passes()
"""
IN_C = """\
import numpy as np


def step(x):
    np.linalg.eigvals(x)
    return x + 1


def inputs():
    return np.random.default_rng(0).normal(size=(4000, 4000))
"""

IN_A_PATTERN = """\
import re

import numpy as np

w = np.ones(3) * 2
re.match("(a+)+$", "a" * 60 + "b")
"""


@dataclass(frozen=True)
class Command:
    """What is interrupted."""

    arguments: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    seconds: float = 4.0  # moments are spread over so many
    last_words: str = "for ever"  # of one that is done; most never are


COMMANDS = {
    "train": Command(("train", "--weights", "weights", "--limit", "20")),
    "render": Command(("render", "step.py", *LONG, "--out", "out"), {"step.py": STEP}, last_words="watch "),
    "page": Command(
        ("page", "step.py", "--size", "320x180", "--out", "out"), {"step.py": STEP}, last_words="watch "
    ),
    "a script for ever": Command(("trace", "forever.py"), {"forever.py": FOREVER}),
    "a script that swallows": Command(("trace", "deaf.py"), {"deaf.py": DEAF}),
    "a script in C": Command(("trace", "in_c.py"), {"in_c.py": IN_C}),
    "a script in a pattern": Command(("trace", "pattern.py"), {"pattern.py": IN_A_PATTERN}),
    "evaluate": Command(("evaluate",), last_words="accuracy"),
}


def interrupted(command: Command, folder: Path, seed: int) -> str:
    """What is wrong after a signal at a random moment; "" where all is right, or it was done before."""
    chance = random.Random(seed)
    for name, text in command.files.items():
        (folder / name).write_text(text)
    process = start(ENV, folder, *command.arguments)
    wait_for(lambda: listens(process), process)
    time.sleep(chance.uniform(0, command.seconds))
    if process.poll() is not None:
        return "" if process.returncode == 0 else process.communicate()[1]
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    was_done = command.last_words in said_until_now(process)
    process.send_signal(chance.choice((signal.SIGINT, signal.SIGTERM)))
    process.send_signal(signal.SIGCONT)
    began = time.monotonic()
    try:
        _, errors = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return f"it goes on: {process.communicate()[1]}"
    took = time.monotonic() - began
    if process.returncode == 0 and was_done:
        return ""
    said = [line for line in errors.splitlines() if line.startswith("error: ")]
    if process.returncode != 130 or len(said) != 1 or "Traceback" in errors or "ignored" in errors:
        return f"{process.returncode}: {errors}"
    if took > LEAVES_SECONDS:
        return f"it took {took:.2f} s: {errors}"
    return f"left: {alive(process.pid)}" if not gone(process.pid) else torn(folder)


def said_until_now(process: subprocess.Popen[str]) -> str:
    """What is in the pipe of its output."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 0)
    return os.read(process.stdout.fileno(), 1 << 16).decode() if ready else ""


def torn(folder: Path) -> str:
    """What is half there."""
    parts = [path for path in folder.rglob("*") if path.suffix == ".part" and ".mnistviz" not in path.parts]
    if (folder / "weights" / "epoch.txt").exists():
        load(folder / "weights", learner.FILES)
    if (folder / "out").exists() and contents(folder / "out"):  # unless it came when all was there
        verify(folder / "out")
    return f"torn: {parts}" if parts else ""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Future[str]]]]:
    """What is wrong after each signal, of every command; they do not wait for one another."""

    def one(name: str, number: int) -> str:
        return interrupted(COMMANDS[name], tmp_path_factory.mktemp("interrupted"), number)

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        yield {name: [pool.submit(one, name, number) for number in range(ROUNDS)] for name in COMMANDS}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_no_signal_is_lost(name: str, outcomes: dict[str, list[Future[str]]]) -> None:
    assert [words for one in outcomes[name] if (words := one.result())] == []


def test_what_is_swallowed_is_raised_again(tmp_path: Path) -> None:
    """The very place where one in sixty was lost: the callback of a weak reference."""
    code = """
import os, signal, sys, time, weakref
from mnistviz.storage import signals

class Thing: pass

heard = []
def callback(gone):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(1.0)  # interrupted here, where Python has nobody to tell

try:
    with signals.interruptible():
        thing = Thing()
        reference = weakref.ref(thing, callback)
        del thing
        heard.append("survived")
        time.sleep(30)
except KeyboardInterrupt:
    heard.append("heard")
print(*heard)
"""
    done = subprocess.run([sys.executable, "-c", code], env=ENV, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("survived heard\n", "")


@pytest.mark.parametrize("nth", (1, 2, 3), ids=("the tracker", "the first worker", "the second worker"))
def test_a_signal_while_a_process_is_started(nth: int, tmp_path: Path) -> None:
    """It exists and has not been told yet what it is for: in silence it is told, and then gone with the others."""
    code = f"""
import os, signal, time
from multiprocessing import util
from mnistviz.storage import signals
from mnistviz.export.workers.local import LocalWorkers

pids, start = [], util.spawnv_passfds
def slow(*arguments):
    pids.append(start(*arguments))
    if len(pids) == {nth}:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1.0)  # longer than one who does not ask is let be
    return pids[-1]
util.spawnv_passfds = slow

try:
    with signals.interruptible():
        LocalWorkers(2)
except KeyboardInterrupt:
    print("heard", len(pids), *(pid for pid in pids[1:] if os.path.exists(f"/proc/{{pid}}/fd/0")))
"""
    done = subprocess.run([sys.executable, "-c", code], env=ENV, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == (f"heard {nth}\n", "")


@pytest.mark.parametrize("moment", ("before it is told anything", "half of it"))
def test_a_process_whose_parent_is_killed_while_it_is_told_what_it_is_for_ends_in_silence(
    moment: str,
) -> None:
    """It stands still meanwhile, and goes on when there is no parent."""
    code = f"""
import os, signal
from multiprocessing import popen_spawn_posix, util
from mnistviz.export.workers.local import LocalWorkers

pids, start, usual = [], util.spawnv_passfds, open
def die(*arguments):
    os.write(1, str(pids[1]).encode())  # the first is Python's tracker
    os.kill(os.getpid(), signal.SIGKILL)

def started(*arguments):
    pids.append(start(*arguments))
    if len(pids) == 2:
        os.kill(pids[1], signal.SIGSTOP)
        if {moment.startswith("before")}:
            die()
    return pids[-1]
util.spawnv_passfds = started

class Half:
    def __init__(self, file): self.file = file
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def write(self, told):
        os.write(self.file, told[: len(told) // 2])
        die()
if {moment == "half of it"}:
    popen_spawn_posix.open = lambda file, *a, **n: Half(file) if len(pids) == 2 else usual(file, *a, **n)
LocalWorkers(1)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        left = int(os.read(process.stdout.fileno(), 20))
        assert process.wait(60) == -signal.SIGKILL
        os.kill(left, signal.SIGCONT)
        assert process.stderr.read() == ""
        assert gone(process.pid), alive(process.pid)


def test_the_alarm_is_handed_back(tmp_path: Path) -> None:
    """It is set to interrupt what is C and lets no thread run; a script's own handler is there afterwards."""
    code = """
import re, signal
from mnistviz.storage import signals

own = lambda number, frame: None
signal.signal(signal.SIGALRM, own)
try:
    with signals.interruptible():
        signal.raise_signal(signal.SIGTERM)
        re.match("(a+)+$", "a" * 60 + "b")
except KeyboardInterrupt:
    print(signal.getsignal(signal.SIGALRM) is own, *signal.getitimer(signal.ITIMER_REAL))
"""
    done = subprocess.run([sys.executable, "-c", code], env=ENV, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("True 0.0 0.0\n", "")


@pytest.mark.parametrize(("code", "signals"), [(130, 1), (3, 0)], ids=("interrupted", "failed"))
def test_the_end_of_an_interrupted_process_waits_for_nothing(code: int, signals: int, tmp_path: Path) -> None:
    """Not for what hangs at Python's end, nor to take modules apart; what was written to files is in them.

    Nor does that of one that failed, whose threads may wait for memory that never came.
    """
    program = f"""
import atexit, gc, os, signal, sys, threading
from mnistviz import __main__

class Stuck:
    def __del__(self):
        threading.Event().wait()

stuck = Stuck()
stuck.itself = stuck
file = open("written", "w")
def told(arguments=None):
    file.write("all of it")
    for _ in range({signals}):
        signal.raise_signal(signal.SIGTERM)
    return {code}

import mnistviz.cli
mnistviz.cli.main = told
atexit.register(lambda: print("put away"))
print("said", end=" ")
__main__.program()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (code, "said put away\n", "")
    assert (tmp_path / "written").read_text() == "all of it"


def test_what_hears_late_has_less_time_for_its_end() -> None:
    for waited_s in (0.0, 0.5, 1.0, 1.5, 1.6, 30.0):
        left = signals.ending_seconds(waited_s)
        assert signals.LEAST_SECONDS <= left <= signals.ENDING_SECONDS
        assert waited_s + left <= signals.GONE_SECONDS or left == signals.LEAST_SECONDS
    assert signals.LEAVING_SECONDS < signals.GONE_SECONDS < 2


def test_a_process_that_a_script_forks_has_its_own_signals(tmp_path: Path) -> None:
    code = """
import os, signal, time
from mnistviz.storage import signals

with signals.interruptible():
    child = os.fork()
    if not child:
        time.sleep(30)
        os._exit(0)
    os.kill(child, signal.SIGTERM)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    time.sleep(0.5)
    signals.check()
    print("undisturbed")
"""
    done = subprocess.run([sys.executable, "-c", code], env=ENV, capture_output=True, text=True, timeout=60)
    assert done.stdout == f"{-signal.SIGTERM}\nundisturbed\n", done.stderr


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_what_is_done_is_done(number: int, tmp_path: Path) -> None:
    """A signal while Python takes its modules apart, where it has given its handlers back."""
    code = f"""
import os, sys

class Late:
    def __del__(self, kill=os.kill, process=os.getpid()):
        kill(process, {int(number)})

sys.late = Late()
sys.argv = ["mnistviz", "scenes"]
from mnistviz import __main__
sys.exit(__main__.program())
"""
    done = subprocess.run([sys.executable, "-c", code], env=ENV, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and "mnist_mlp" in done.stdout


def test_a_thread_that_never_ends_keeps_no_program_that_is_done(tmp_path: Path) -> None:
    """Python's end waits for it, and hears a signal meanwhile: what was asked for is there, so the code is 0."""
    (tmp_path / "step.py").write_text(
        "import threading\nimport numpy as np\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "def step():\n    return np.ones(2) + 1\n"
    )
    command = [sys.executable, "-m", "mnistviz", "trace", "step.py"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        told = iter(process.stdout.readline, "")
        assert any(line.startswith("coverage: ") for line in told)
        time.sleep(0.5)
        assert process.poll() is None  # or this says nothing
        process.send_signal(signal.SIGTERM)
        assert (process.wait(30), process.stderr.read()) == (0, "")
