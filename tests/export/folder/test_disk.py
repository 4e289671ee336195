"""The disk fails: every write, every fsync, every rename, too little room, a limit on file sizes.

The long loops run a few times here; MNISTVIZ_ROUNDS=200 runs them in full.
"""

from __future__ import annotations

import errno
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.export.stories import contents, run, script
from tests.export.video.test_encoder import REAL, fake
from tests.export.warm import Ended, Warm, film
from tests.storage.torn import EVERY, NEW, ROUNDS, SECONDS, check_between

NO_ESTIMATE = "import importlib; importlib.import_module('mnistviz.render').check_space = lambda *_: None"
FAULTS = {"no room": errno.ENOSPC, "a bad disk": errno.EIO, "killed": 0}
DEAD = -9  # by a SIGKILL, which Windows has not
CALLS = ("fsync", "rename", "write", "the encoder's write")
# What a disk without room and a bad one do differs in a number alone: otherwise than in full the second has one call.
BROKEN = [
    (fault, call) for fault in FAULTS for call in CALLS if EVERY or fault != "a bad disk" or call == "write"
]


def places() -> Iterable[int]:
    """In full until a run meets none any more; else in a folder's setting up, midway, where the film is finished."""
    return count(1) if EVERY else (1, 9, 27)


def broken(server: Warm, out: Path, fault: str, call: str, place: int, alone: bool) -> tuple[Ended, bool]:
    """Render with the `place`th call of a kind failing in each process, and whether there was one."""
    log = out.parent / "log"
    if call.startswith("the encoder"):  # has a C library of its own
        strace = shlex.join(("strace", "-f", "-qq", "-A", "-o", str(log), *_strace(FAULTS[fault], place)))
        env = fake(out.parent, f'exec {strace} "{REAL}" "$@"')
    else:
        told = {"CALL": call, "AT": place, "WITH": FAULTS[fault], "LOG": log}
        env = {f"FAIL_{name}": str(value) for name, value in told.items()}
    ended = server.run(film(out, NEW), env, alone)
    met = ("(INJECTED)" if FAULTS[fault] else "= ?") if call.startswith("the encoder") else "!"
    return ended, log.exists() and met in log.read_text(errors="replace")


def _strace(fault: int, place: int) -> tuple[str, ...]:
    what = f"error={errno.errorcode[fault]}" if fault else "signal=SIGKILL"
    quickly = ("--seccomp-bpf",) if fault else ()  # with it, strace sends no signals
    return *quickly, "-e", "trace=write", "-e", f"inject=write:{what}:when={place}"


def check_fault(server: Warm, films, scratch: Path, broke: tuple[str, str, int, bool]) -> tuple[int, bool]:
    """All that holds after a fault; the exit code, and whether there was one."""
    (folder, old, new), (fault, call, place, alone) = films, broke
    out = scratch / str(place) / "out"
    shutil.copytree(folder, out)
    ended, met = broken(server, out, fault, call, place, alone)
    told = f"{call}, {fault}, {place}: {ended}"
    check_between(out, old, new)
    if fault == "killed":  # an encoder, a worker, or the very process that would tell
        assert ended.code in (0, 4, 5, DEAD), told
    else:
        assert ended.code in (0, 3), told
        assert contents(out) == (old if ended.code else new), told
    if ended.code != DEAD:
        one_line = ended.errors.startswith("error: ") and ended.errors.count("\n") == 1
        assert one_line if ended.code else not ended.errors, told
    server.render(out, NEW)
    assert contents(out) == new, told
    shutil.rmtree(out.parent)
    return ended.code, met


@pytest.mark.slow
@pytest.mark.needs("strace", "cc")
@pytest.mark.parametrize(("fault", "call"), BROKEN)
def test_every_call_that_fails(films, server, tmp_path, call, fault):
    """Each call of a render in one process, or of its encoders, fails in turn, or is the last thing that it does."""
    for place in places():
        code, met = check_fault(server, films, tmp_path, (fault, call, place, True))
        if not met:
            break
    print(f"{call}, {fault}: {place - 1} places")
    assert place > 3 and (code == 0 or not EVERY)  # an encoder of a short film writes a few times only


@pytest.mark.slow
@pytest.mark.needs("cc")
@pytest.mark.parametrize(("fault", "call"), [broke for broke in BROKEN if broke[1] in CALLS[:3]])
def test_a_workers_call_fails(films, server, tmp_path, call, fault):
    """The first ones of a worker, which is a process of its own, and of those that take its place."""
    for place in count(1) if EVERY else (2,):
        _, met = check_fault(server, films, tmp_path, (fault, call, place, False))
        if not met:
            break


@pytest.mark.needs("prlimit")
@pytest.mark.parametrize("limit", [1, 50_000])
def test_a_limit_on_file_sizes(films, out, server, limit):
    code, errors = run(out, before=("prlimit", f"--fsize={limit}"), captions=NEW, duration=SECONDS)
    assert code == 3 and errors.startswith("error: a file is not allowed to be so large, "), errors
    assert errors.count("\n") == 1, errors
    assert contents(out) == films[1]
    server.render(out, NEW)
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
def test_a_disk_that_is_too_small_by_any_step(films, server, tiny_disk):
    """The old film stays, whatever the room; the estimate is switched off, so that writes do fail."""
    _, old, new = films
    room = sum(len(content) for content in old.values()) * 2 // 1024
    step = max(64, 3 * room // max(ROUNDS * 2, 1) // 64 * 64)
    for kib in range(room, 6 * room, step):
        subprocess.run(["mount", "-o", f"remount,size={kib}k", str(tiny_disk)], check=True)
        out = tiny_disk / "out"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(films[0], out, ignore=shutil.ignore_patterns(".mnistviz"))
        ended = server.run(script(out, NEW, NO_ESTIMATE, duration=SECONDS))
        assert ended.code in (0, 3), ended
        assert contents(out) == (old if ended.code else new)
        if ended.code == 0:
            break
    assert ended.code == 0


def test_too_little_room_is_said_before_anything_is_drawn(films, tiny_disk):
    subprocess.run(["mount", "-o", "remount,size=16m", str(tiny_disk)], check=True)
    code, errors = run(tiny_disk / "out", captions=NEW, duration=SECONDS)
    assert code == 3 and "are needed and" in errors
    assert contents(tiny_disk / "out") == {}


def test_a_place_that_can_only_be_read(films, tiny_disk):
    """Root may write wherever a mode forbids it, so the whole disk is made read-only."""
    subprocess.run(["mount", "-o", "remount,size=64m", str(tiny_disk)], check=True)
    shutil.copytree(films[0], tiny_disk / "film")
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    for name in ("film", "new"):
        code, errors = run(tiny_disk / name, captions=NEW, duration=SECONDS)
        assert code == 3 and errors.startswith("error: read-only file system") and errors.count("\n") == 1
    assert contents(tiny_disk / "film") == films[1]
