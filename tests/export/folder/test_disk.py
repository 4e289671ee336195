"""The disk fails: every write, every fsync, every rename, too little room, a limit on file sizes.

The long loops run a few times here; MNISTVIZ_ROUNDS=200 runs them in full.
"""

from __future__ import annotations

import errno
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from tests.export.stories import contents, render, run, small_story
from tests.export.video.test_encoder import REAL, fake
from tests.storage.torn import EVERY, NEW, ROUNDS, check_between

NO_ESTIMATE = "import importlib; importlib.import_module('mnistviz.render').check_space = lambda *_: None"
FAULTS = {"no room": errno.ENOSPC, "a bad disk": errno.EIO, "killed": 0}
DEAD = (-9, 128 + 9)  # by a SIGKILL, which Windows has not
Broken = tuple[int, str, bool]  # exit code, standard error, whether anything was broken


def broken_call(call: str, out: Path, fault: int, place: int, library: Path) -> Broken:
    """Render with the `place`th system call of a kind failing in each thread of each process."""
    log = out.parent / "strace"
    before = ("strace", "-f", "-qq", "-o", str(log), *_strace(call, fault, place))
    code, errors = run(out, before=before, captions=NEW)
    return code, errors, _met(log, fault)


def broken_write(out: Path, fault: int, place: int, library: Path) -> Broken:
    """Render with the `place`th write into a file failing in each process."""
    log = out.parent / "written"
    env = {"LD_PRELOAD": str(library), "FAIL_AT": str(place), "FAIL_WITH": str(fault), "FAIL_LOG": str(log)}
    code, errors = run(out, env, captions=NEW)
    return code, errors, log.exists()


def broken_encoder(out: Path, fault: int, place: int, library: Path) -> Broken:
    """Render with the `place`th write failing in each encoder, whatever library it is made with."""
    log = out.parent / "strace"
    strace = shlex.join(("strace", "-f", "-qq", "-A", "-o", str(log), *_strace("write", fault, place)))
    code, errors = run(out, fake(out.parent, f'exec {strace} "{REAL}" "$@"'), captions=NEW)
    return code, errors, _met(log, fault)


def _strace(call: str, fault: int, place: int) -> tuple[str, ...]:
    what = f"error={errno.errorcode[fault]}" if fault else "signal=SIGKILL"
    quickly = ("--seccomp-bpf",) if fault else ()  # with it, strace sends no signals
    return *quickly, "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={place}"


def _met(log: Path, fault: int) -> bool:
    """Whether strace tells of a call that was broken."""
    return ("(INJECTED)" if fault else "= ?") in log.read_text(errors="replace")


CALLS: dict[str, Callable[[Path, int, int, Path], Broken]] = {
    "fsync": partial(broken_call, "fsync"),
    "rename": partial(broken_call, "rename,renameat,renameat2"),
    "write": broken_write,
    "the encoder's write": broken_encoder,
}


# What a disk without room and a bad one do differs in a number alone: otherwise than in full the second has one call.
BROKEN = [
    (fault, call) for fault in FAULTS for call in CALLS if EVERY or fault != "a bad disk" or call == "write"
]


# In full until a run meets none any more; otherwise in a folder's setting up, midway, and where the film is finished.
PLACES: Iterable[int] = count(1) if EVERY else (1, 9, 27)


def finish(out: Path) -> None:
    """Run the same command again, after whatever befell it."""
    render(small_story(captions=NEW), out, fps=(10,))


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """What makes writes fail, compiled."""
    made = tmp_path_factory.mktemp("library") / "failing_write.so"
    source = Path(__file__).with_name("failing_write.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", made, source, "-ldl"], check=True)
    return made


@pytest.mark.slow
@pytest.mark.needs("strace", "cc")
@pytest.mark.parametrize(("fault", "call"), BROKEN)
def test_every_call_that_fails(films, tmp_path, library, call, fault):
    """Each call fails in turn, or is the last thing that a process does."""
    _, old, new = films
    for place in PLACES:
        out = tmp_path / str(place) / "out"
        shutil.copytree(films[0], out)
        code, errors, met = CALLS[call](out, FAULTS[fault], place, library)
        told = f"{call}, {fault}, {place}: {code} {errors}"
        check_between(out, old, new)
        if fault == "killed":  # an encoder, a worker, or the very process that would tell
            assert code in (0, 4, 5, *DEAD), told
        else:
            assert code in (0, 3), told
            assert contents(out) == (old if code else new), told
        if code not in DEAD:
            assert (errors.startswith("error: ") and errors.count("\n") == 1) if code else not errors, told
        finish(out)
        assert contents(out) == new, told
        shutil.rmtree(out.parent)
        if not met:
            break
    assert place > 3 and (code == 0 or not EVERY)  # an encoder of a short film writes a few times only


@pytest.mark.needs("prlimit")
@pytest.mark.parametrize("limit", [1, 50_000])
def test_a_limit_on_file_sizes(films, out, limit):
    code, errors = run(out, before=("prlimit", f"--fsize={limit}"), captions=NEW)
    assert code == 3 and errors.startswith("error: ") and errors.count("\n") == 1, errors
    assert contents(out) == films[1]
    finish(out)
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


def test_a_place_that_can_only_be_read(films, tiny_disk):
    """Root may write wherever a mode forbids it, so the whole disk is made read-only."""
    subprocess.run(["mount", "-o", "remount,size=64m", str(tiny_disk)], check=True)
    shutil.copytree(films[0], tiny_disk / "film")
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    for name in ("film", "new"):
        code, errors = run(tiny_disk / name, captions=NEW)
        assert code == 3 and errors.startswith("error: read-only file system") and errors.count("\n") == 1
    assert contents(tiny_disk / "film") == films[1]
