"""Interrupted at any time, a render leaves the old film or the new one, and the next run ends in the same bytes.

The long loops run a few times here; MNISTVIZ_ROUNDS=200 runs them in full.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnistviz.export.verify import verify
from tests.export.stories import contents, run, script, start

ROUNDS = int(os.environ.get("MNISTVIZ_ROUNDS", "6"))
OLD, NEW = {1: "The old words."}, {1: "The new words."}
LEFT_SECONDS = 2.0
NO_ESTIMATE = "import importlib; importlib.import_module('mnistviz.render').check_space = lambda *_: None"


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> tuple[Path, dict[str, bytes], dict[str, bytes]]:
    """A folder with the old film, its contents, and those of the new film, rendered without a break."""
    folder = tmp_path_factory.mktemp("films")
    for name, captions in (("old", OLD), ("new", NEW)):
        assert run(folder / name, captions=captions) == (0, "")
    return folder / "old", contents(folder / "old"), contents(folder / "new")


@pytest.fixture
def out(films, tmp_path) -> Path:
    """A folder of its own with the old film in it."""
    shutil.copytree(films[0], tmp_path / "out")
    return tmp_path / "out"


def alive(session: int) -> list[str]:
    """What is alive of a session: command lines."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == session and fields[0] != "Z":
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:100])
            except (OSError, IndexError):
                continue
    return found


def gone(session: int) -> bool:
    """Whether the whole session is dead two seconds later."""
    end = time.monotonic() + LEFT_SECONDS
    while alive(session) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(session)


def check_between(out: Path, old: dict[str, bytes], new: dict[str, bytes]) -> None:
    """Each file is of the old film or of the new one, and where there is a manifest, all are of one."""
    now = contents(out)
    for name, content in now.items():
        assert content in (old.get(name), new.get(name)), name
    if "manifest.json" in now:
        assert now in (old, new)
        verify(out)
    assert {path.name for path in out.iterdir()} <= {name.partition("/")[0] for name in {*old, *new}} | {
        ".mnistviz"
    }


def wait_for(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come to that"
        time.sleep(0.01)


def moments(out: Path, count: int) -> Iterator[float]:
    """Seeded moments, in seconds, over the length of a render."""
    started = time.monotonic()
    shutil.copytree(out, out.parent / "timed")
    assert run(out.parent / "timed", captions=NEW) == (0, "")
    length = time.monotonic() - started
    yield from (random.Random(place).uniform(0, length * 1.1) for place in range(count))


@pytest.mark.slow
def test_kill_nine_at_any_moment(films, out):
    _, old, new = films
    for moment in moments(out, ROUNDS):
        process = start(out, captions=NEW)
        time.sleep(moment)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert gone(process.pid), alive(process.pid)
        check_between(out, old, new)
        assert len(list(out.glob(".mnistviz/scratch/segment-*"))) <= 2  # one a worker is lost at most
        if random.Random(moment).random() < 0.5:
            continue  # kill the next one too
        assert run(out, captions=NEW) == (0, "")
        assert contents(out) == new
        assert run(out, captions=OLD) == (0, "")
        assert contents(out) == old


def workers_of(process) -> list[int]:
    """Process ids of the workers: they have an encoder, or soon will."""
    listed = subprocess.run(
        ["pgrep", "-f", "spawn_main", "-P", str(process.pid)], capture_output=True, text=True
    )
    return [int(line) for line in listed.stdout.split()]


def at_work(process) -> bool:
    """Whether a worker feeds an encoder."""
    children = [
        subprocess.run(["pgrep", "-P", str(pid)], capture_output=True).stdout for pid in workers_of(process)
    ]
    return any(children)


@pytest.mark.needs("pgrep")
def test_the_parent_alone_is_killed(films, out):
    process = start(out, captions=NEW, duration="1:00")
    wait_for(lambda: at_work(process))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert gone(process.pid), alive(process.pid)
    assert contents(out) == films[1]
    assert run(out, captions=NEW) == (0, "")
    assert contents(out) == films[2]


@pytest.mark.needs("pgrep")
@pytest.mark.parametrize(
    ("whom", "number"),
    [
        ("the group", signal.SIGINT),
        ("the group", signal.SIGHUP),
        ("the parent twice", signal.SIGINT),
        ("the parent twice", signal.SIGTERM),
    ],
)
def test_a_signal_ends_it_at_once_and_says_what_is_kept(films, out, number, whom):
    process = start(out, captions=NEW, duration="1:00")
    wait_for(lambda: at_work(process))
    if whom == "the group":
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
        time.sleep(0.05)
        process.send_signal(number)
    _, errors = process.communicate(timeout=LEFT_SECONDS + 3)
    assert process.returncode == 130
    assert errors.startswith("error: interrupted") and errors.count("\n") == 1, errors
    assert "segments are kept" in errors and "run the same command again" in errors
    assert gone(process.pid), alive(process.pid)
    assert contents(out) == films[1]


@pytest.mark.needs("pgrep")
def test_a_worker_that_is_killed_is_replaced(films, out):
    process = start(out, captions=NEW)
    wait_for(lambda: at_work(process))
    os.kill(workers_of(process)[0], signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert contents(out) == films[2]


@pytest.mark.needs("pgrep")
def test_workers_that_keep_dying_end_it(films, out):
    process = start(out, captions=NEW, duration="1:00", workers=1)
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


def test_what_is_finished_is_used_again(films, out):
    process = start(out, captions=NEW)
    wait_for(lambda: (out / ".mnistviz/segments/ledger").read_text().count("\n\n") >= 1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    segments = {path: path.stat().st_mtime_ns for path in out.glob(".mnistviz/segments/*.mp4")}
    assert run(out, captions=NEW) == (0, "")
    assert contents(out) == films[2]
    kept = [
        path for path, written in segments.items() if path.exists() and path.stat().st_mtime_ns == written
    ]
    assert len(kept) == len(list(out.glob(".mnistviz/segments/*.mp4"))) - 1 or len(kept) >= 2


CACHE_DAMAGE = {
    "flip": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    "cut": lambda path: os.truncate(path, path.stat().st_size - 1),
    "empty": lambda path: os.truncate(path, 0),
    "remove": lambda path: path.unlink(),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", CACHE_DAMAGE)
def test_a_damaged_cache_never_makes_a_wrong_film(films, out, kind):
    for path in sorted(out.glob(".mnistviz/segments/*.mp4")):
        CACHE_DAMAGE[kind](path)
        (out / "film-10fps.mp4").unlink()
        assert run(out, captions=OLD) == (0, "")
        assert contents(out) == films[1]


def injected(out: Path, call: str, error: str, place: int) -> tuple[int, str]:
    """Render under strace with the `place`th call of a kind failing, in each process."""
    strace = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}")
    return run(out, before=(*strace, "-e", f"inject={call}:{error}:when={place}"), captions=NEW)


@pytest.mark.slow
@pytest.mark.needs("strace")
@pytest.mark.parametrize("call", ["fsync", "rename,renameat,renameat2"])
@pytest.mark.parametrize("error", ["error=ENOSPC", "error=EIO", "signal=SIGKILL"])
def test_every_call_that_fails(films, tmp_path, call, error):
    """Each fsync and rename fails in turn, or is the last thing that a process does."""
    _, old, new = films
    most = ROUNDS * 2
    for place in range(1, most):
        out = tmp_path / str(place)
        shutil.copytree(films[0], out)
        code, errors = injected(out, call, error, place)
        if "SIGKILL" in error:
            check_between(out, old, new)
        else:
            assert code in (0, 3), errors
            assert code == 0 or (errors.startswith("error: ") and errors.count("\n") == 1)
            assert contents(out) == (old if code else new)
        assert run(out, captions=NEW) == (0, "")
        assert contents(out) == new
        if code == 0 and place > 30:
            break


@pytest.mark.needs("prlimit")
@pytest.mark.parametrize("limit", [1, 50_000])
def test_a_limit_on_file_sizes(films, out, limit):
    code, errors = run(out, before=("prlimit", f"--fsize={limit}"), captions=NEW)
    assert code == 3 and errors.startswith("error: ") and errors.count("\n") == 1, errors
    assert contents(out) == films[1]
    assert run(out, captions=NEW) == (0, "")
    assert contents(out) == films[2]


@pytest.fixture
def tiny_disk(tmp_path) -> Iterator[Path]:
    """A place to mount a small disk; skipped where that is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True
    )
    if tried.returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


@pytest.mark.slow
def test_a_disk_that_is_too_small_by_any_step(films, tiny_disk):
    """The old film stays, whatever the room; the estimate is switched off, so that writes do fail."""
    _, old, new = films
    room = sum(len(content) for content in old.values()) * 2 // 1024
    step = max(64, 3 * room // max(ROUNDS * 2, 1) // 64 * 64)
    for kib in range(room, 6 * room, step):
        subprocess.run(["mount", "-o", f"remount,size={kib}k", str(tiny_disk)], check=True)
        out = tiny_disk / "out"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(films[0], out, ignore=shutil.ignore_patterns(".mnistviz"))
        code, errors = run(out, captions=NEW, setup=NO_ESTIMATE)
        assert code in (0, 3), errors
        assert contents(out) == (old if code else new)
        if code == 0:
            break
    assert code == 0


def test_too_little_room_is_said_before_anything_is_drawn(films, tiny_disk):
    subprocess.run(["mount", "-o", "remount,size=16m", str(tiny_disk)], check=True)
    code, errors = run(tiny_disk / "out", captions=NEW)
    assert code == 3 and "are needed and" in errors
    assert contents(tiny_disk / "out") == {}


def test_two_renders_into_one_folder_and_two_into_two(films, tmp_path):
    same = [start(tmp_path / "same", captions=NEW) for _ in range(3)]
    codes = []
    for process in same:
        _, errors = process.communicate(timeout=120)
        codes.append(process.returncode)
        assert process.returncode == 0 or "in use by process" in errors
    assert sorted(codes) == [0, 3, 3] and contents(tmp_path / "same") == films[2]


def test_the_same_bytes_in_changed_surroundings(films, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = {"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    code = f"import os; os.umask(0o077); os.chdir({str(elsewhere)!r})\n"
    code += script(tmp_path / "-odd %d 'name", NEW, workers=1)
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "-odd %d 'name") == films[2]
    assert list(elsewhere.iterdir()) == []
