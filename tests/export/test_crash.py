"""Interrupted at any time, a render leaves the old film or the new one, and the next run ends in the same bytes.

Each way to be broken off, once; `test_killed.py` is broken off at random moments, often.  MNISTVIZ_ROUNDS=200 does
so with every segment and in more surroundings.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from tests.export import stories
from tests.export.stories import contents
from tests.sessions import LEAVES_SECONDS, alive, gone, wait_for
from tests.storage.torn import EVERY, NEW, OLD, SECONDS
from tests.waiting import WaitingEncoder, waiting_encoder

pytestmark = pytest.mark.needs("/proc/self/stat")


start, script = partial(stories.start, duration=SECONDS), partial(stories.script, duration=SECONDS)


def workers_of(process) -> list[int]:
    """Process ids of the workers."""
    listed = subprocess.run(
        ["pgrep", "-f", "spawn_main", "-P", str(process.pid)], capture_output=True, text=True
    )
    return [int(line) for line in listed.stdout.split()]


@pytest.fixture
def encoder(tmp_path) -> WaitingEncoder:
    """Who renders with it is at work until the test lets it go on."""
    return waiting_encoder(tmp_path)


def test_the_parent_alone_is_killed(films, server, out, encoder):
    process = start(out, encoder.env, captions=NEW, workers=2, fresh=True)
    wait_for(encoder.waits, process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert gone(process.pid), alive(process.pid)
    assert contents(out) == films[1]
    server.render(out, NEW)
    assert contents(out) == films[2]


@pytest.mark.parametrize(
    ("whom", "number"),
    [
        ("the group", signal.SIGINT),
        ("the group", 1),  # SIGHUP, which Windows has not
        ("the parent twice", signal.SIGTERM),
    ],
)
def test_a_signal_ends_it_at_once_and_says_what_is_kept(films, out, encoder, number, whom):
    process = start(out, encoder.env, captions=NEW, workers=2, fresh=True)
    wait_for(encoder.waits, process)
    if whom == "the group":
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
        time.sleep(0.05)
        process.send_signal(number)
    _, errors = process.communicate(timeout=LEAVES_SECONDS + 3)
    assert process.returncode == 130
    assert errors.startswith("error: interrupted") and errors.count("\n") == 1, errors
    assert "segments are kept" in errors and "run the same command again" in errors
    assert gone(process.pid), alive(process.pid)
    assert contents(out) == films[1]


@pytest.mark.needs("pgrep")
def test_a_worker_that_is_killed_is_replaced(films, out, encoder):
    process = start(out, encoder.env, captions=NEW, workers=2, fresh=True)
    wait_for(encoder.waits, process)
    os.kill(workers_of(process)[0], signal.SIGKILL)
    encoder.go_on()
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert contents(out) == films[2]


@pytest.mark.needs("pgrep")
def test_workers_that_keep_dying_end_it(films, out, encoder):
    process = start(out, encoder.env, captions=NEW, fresh=True)
    while process.poll() is None:
        for pid in workers_of(process):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)
    _, errors = process.communicate()
    assert process.returncode == 5, errors
    assert errors.startswith("error: workers keep dying") and errors.count("\n") == 1
    assert contents(out) == films[1]


def test_what_is_finished_is_used_again(films, server, tmp_path):
    out, encoder = tmp_path / "out", waiting_encoder(tmp_path, before=2)
    process = start(out, encoder.env, captions=NEW)
    wait_for(encoder.waits, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    segments = {path: path.stat().st_mtime_ns for path in out.glob(".mnistviz/segments/*.mp4")}
    assert 0 < len(segments) < len(list(films[0].glob(".mnistviz/segments/*.mp4")))
    server.render(out, NEW)
    assert contents(out) == films[2]
    assert {path: path.stat().st_mtime_ns for path in segments} == segments


def swap(path: Path) -> None:
    """Exchange a segment with the next one."""
    others = sorted(path.parent.glob("*.mp4"))
    other = others[(others.index(path) + 1) % len(others)]
    mine = path.read_bytes()
    path.write_bytes(other.read_bytes())
    other.write_bytes(mine)


def tear_line(path: Path) -> None:
    """Cut a segment's line of the ledger in the middle."""
    ledger = path.parent / "ledger"
    lines = ledger.read_text().splitlines()
    (place,) = (place for place, line in enumerate(lines) if line.startswith(path.stem))
    lines[place] = lines[place][:70]
    ledger.write_text("\n".join(lines) + "\n")


CACHE_DAMAGE = {
    "flip": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    "cut": lambda path: os.truncate(path, path.stat().st_size - 1),
    "empty": lambda path: os.truncate(path, 0),
    "remove": lambda path: path.unlink(),
    "swap": swap,
    "tear its line": tear_line,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", CACHE_DAMAGE)
def test_a_damaged_cache_never_makes_a_wrong_film(films, server, out, kind):
    paths = sorted(out.glob(".mnistviz/segments/*.mp4"))
    for path in paths if EVERY else (paths[0], paths[-1]):
        CACHE_DAMAGE[kind](path)
        (out / "film-10fps.mp4").unlink()
        server.render(out, OLD)
        assert contents(out) == films[1]


@pytest.mark.slow
def test_the_segments_of_another_film_are_none_of_this_one(films, server, out):
    theirs = sorted(films[0].parent.glob("new/.mnistviz/segments/*.mp4"))
    for path, other in zip(sorted(out.glob(".mnistviz/segments/*.mp4")), theirs, strict=True):
        path.write_bytes(other.read_bytes())
    shutil.copy(theirs[0].parent / "ledger", out / ".mnistviz/segments/ledger")
    (out / "film-10fps.mp4").unlink()
    server.render(out, OLD)
    assert contents(out) == films[1]


def test_two_renders_into_one_folder_and_two_into_two(films, tmp_path, encoder):
    first = start(tmp_path / "same", encoder.env, captions=NEW)
    wait_for(encoder.waits, first)
    second = start(tmp_path / "same", captions=NEW)
    _, errors = second.communicate(timeout=120)
    assert second.returncode == 3 and f"in use by process {first.pid}" in errors
    encoder.go_on()
    _, errors = first.communicate(timeout=120)
    assert (first.returncode, errors) == (0, "") and contents(tmp_path / "same") == films[2]
    two = [start(tmp_path / str(place), captions=NEW) for place in range(2)]
    for place, process in enumerate(two):
        _, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")
        assert contents(tmp_path / str(place)) == films[2]


SURROUNDINGS = {  # in four runs each value comes once, with one worker and with two
    "TZ": ("Asia/Tokyo", "America/St_Johns", "UTC"),
    "LANG": ("de_DE.UTF-8", "C", "tr_TR.UTF-8", ""),
    "LC_ALL": ("", "POSIX", "fa_IR.UTF-8"),  # where it is set, it hides LANG
    "PYTHONHASHSEED": ("7", "0", "random"),
    "PYTHONUTF8": ("0", "1"),
    "COLUMNS": ("7", "200", "80"),
}


@pytest.mark.slow
@pytest.mark.parametrize("place", range(10 if EVERY else 4))
def test_the_same_bytes_in_changed_surroundings(films, tmp_path, place):
    elsewhere, out = tmp_path.joinpath(*["elsewhere"] * (place % 3 + 1)), tmp_path / f"-odd %d 'name {place}"
    elsewhere.mkdir(parents=True)
    env = {name: values[place % len(values)] for name, values in SURROUNDINGS.items()}
    umask = (0o077, 0o022, 0o000)[place % 3]
    code = f"import os; os.umask({umask}); os.chdir({str(elsewhere)!r})\n"
    code += script(out, NEW, workers=place % (4 if EVERY else 2) + 1)
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert contents(out) == films[2]
    assert list(elsewhere.iterdir()) == []
