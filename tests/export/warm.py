"""A process that has imported everything once and forks one for each command: a thousand need no thousand starts.

What is forked is a process as any other, in a session of its own, and ends as Python ends.  What is a pure function
of the story, the page above all, is found once for all of them: what is tried is what becomes of the files.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mnistviz.storage.machine import ONE_THREAD
from tests.export.stories import ROOT, script
from tests.storage.torn import FILMS, SECONDS

LONGEST = 240  # seconds that a command may take
TICKS = os.sysconf("SC_CLK_TCK")  # of a second of a processor
SERVER = """
import functools, gc, json, os, pickle, sys
from pathlib import Path
import cv2, mnistviz.__main__, mnistviz.cli, mnistviz.page, scenes.mnist_mlp.learner
from mnistviz.export.page import survey
from mnistviz.export.raster import poster
from mnistviz.export.workers import jobs, local, producing
from tests.export import stories
from tests.storage.torn import FILMS, SECONDS

def none(count):
    raise NotImplementedError

def heard(pipe):
    os.set_blocking(pipe, False)  # a process that outlives its parent holds the other end
    words = b""
    try:
        while more := os.read(pipe, 65_536):
            words += more
    except BlockingIOError:
        pass
    os.close(pipe)
    return words

def remembered(plan, job, *more, build=jobs.build_page_of):
    place = Path(sys.argv[1], "pages", f"{plan.digest}-{len(job.videos)}")
    if not place.exists():
        place.write_bytes(pickle.dumps(build(plan, job, *more)))
    return pickle.loads(place.read_bytes())

jobs.build_page_of = producing.build_page_of = remembered
stories.small_trace = functools.lru_cache(stories.small_trace)
for out in sys.argv[2:]:
    stories.render(stories.small_story(captions=FILMS[out]), Path(sys.argv[1], out), fps=(10,), duration=SECONDS)
gc.freeze()
print("ready", flush=True)
for line in sys.stdin:
    order = json.loads(line)
    hearing, speaking = os.pipe()  # no file, whose writing would be what fails
    pid = os.fork()
    if pid == 0:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for place, file in enumerate((nothing, nothing, speaking)):
            os.dup2(file, place)
        os.close(hearing)
        os.close(speaking)
        if order["alone"]:
            local.LocalWorkers = none
        os.chdir(order["folder"])
        os.environ.update(order["env"])
        exec(order["code"], {"__name__": "__main__"})
        sys.exit(0)
    os.close(speaking)
    print(pid, flush=True)
    _, status, used = os.wait4(pid, 0)
    Path(order["errors"]).write_bytes(heard(hearing))
    print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, flush=True)
"""
COMMAND = "import sys\nsys.argv = {argv!r}\nfrom mnistviz.__main__ import program\nsys.exit(program())"


def command(*arguments: str) -> str:
    """Code that is `python -m mnistviz ...`."""
    return COMMAND.format(argv=["mnistviz", *arguments])


def film(out: Path, captions: dict[int, str], workers: int = 1) -> str:
    """Code that renders a film."""
    return script(out, captions, duration=SECONDS, workers=workers)


@dataclass(frozen=True)
class Ended:
    """What became of a process."""

    code: int  # less than 0 for a signal
    errors: str
    seconds: float  # of its processor, and of those that it waited for


@dataclass(frozen=True)
class Child:
    """A process that was forked."""

    pid: int
    server: subprocess.Popen[str]
    errors: Path

    def spent(self) -> float:
        """Seconds of a processor until now, of it and of those that it has waited for."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICKS

    def kill_at(self, seconds: float) -> None:
        """Kill all of its session once it has spent so much: a moment of its own, however busy the machine is."""
        end = time.monotonic() + LONGEST
        with suppress(OSError):  # done before
            while self.spent() < int(seconds * TICKS) / TICKS and time.monotonic() < end:
                time.sleep(0.001)
            time.sleep(seconds % (1 / TICKS))
            self.kill()

    def kill(self) -> None:
        """All of its session, at once."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)  # it might have no session yet
            os.killpg(self.pid, signal.SIGKILL)

    def wait(self) -> Ended:
        """What becomes of it."""
        late = threading.Timer(LONGEST, self.kill)
        late.start()
        code, seconds = self.server.stdout.readline().split()  # type: ignore[union-attr]
        late.cancel()
        return Ended(int(code), self.errors.read_text() if self.errors.exists() else "", float(seconds))


@dataclass(frozen=True)
class Warm:
    """The server; its commands run one at a time."""

    server: subprocess.Popen[str]
    scratch: Path

    def start(self, code: str, env: Mapping[str, str] | None = None, alone: bool = True) -> Child:
        """Run code in a process of its own; `alone`, it draws in a thread and starts no worker."""
        errors = self.scratch / "errors"
        errors.unlink(missing_ok=True)
        order = {
            "code": code,
            "env": env or {},
            "alone": alone,
            "folder": str(self.scratch),
            "errors": str(errors),
        }
        assert self.server.stdin is not None and self.server.stdout is not None
        self.server.stdin.write(json.dumps(order) + "\n")
        self.server.stdin.flush()
        return Child(int(self.server.stdout.readline()), self.server, errors)

    def render(self, out: Path, captions: dict[int, str]) -> None:
        """Make a film, undisturbed."""
        ended = self.run(film(out, captions))
        assert (ended.code, ended.errors) == (0, ""), ended

    def run(self, code: str, env: Mapping[str, str] | None = None, alone: bool = True) -> Ended:
        """What becomes of it when nobody disturbs it."""
        return self.start(code, env, alone).wait()


@contextmanager
def warm(scratch: Path, films: Iterable[str] = FILMS, **env: str) -> Iterator[Warm]:
    """A server with that in its environment; it makes the old and the new film and runs commands in `scratch`."""
    (scratch / "pages").mkdir()
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **dict.fromkeys(ONE_THREAD, "1"), **env}
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(scratch), *films],
        env=surroundings, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert server.stdout is not None and server.stdout.readline() == "ready\n"
        yield Warm(server, scratch)
    finally:
        server.kill()
        server.communicate()
