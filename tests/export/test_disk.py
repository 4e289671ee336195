"""The disk fails: every fsync, every rename, too little room, a limit on file sizes.

The long loops run a few times here; MNISTVIZ_ROUNDS=200 runs them in full.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.export.stories import contents, run
from tests.export.torn import EVERY, NEW, ROUNDS, check_between

NO_ESTIMATE = "import importlib; importlib.import_module('mnistviz.render').check_space = lambda *_: None"


def injected(out: Path, call: str, fault: str, place: int) -> tuple[int, str, bool]:
    """Render under strace, the `place`th call of a kind failing in each thread; whether there was one."""
    log = out.parent / "strace"
    strace = ("strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}")
    code, errors = run(out, before=(*strace, "-e", f"inject={call}:{fault}:when={place}"), captions=NEW)
    told = log.read_text(errors="replace")
    return code, errors, "(INJECTED)" in told or ("SIGKILL" in fault and "= ?" in told)


def places() -> Iterator[int]:
    """1, 2, 3 ... in full, 1, 3, 7, 15 ... otherwise."""
    place = 1
    while True:
        yield place
        place = place + 1 if EVERY else 2 * place + 1


@pytest.mark.slow
@pytest.mark.needs("strace")
@pytest.mark.parametrize("call", ["fsync", "rename,renameat,renameat2", "write"])
@pytest.mark.parametrize("fault", ["error=ENOSPC", "error=EIO", "signal=SIGKILL"])
def test_every_call_that_fails(films, tmp_path, call, fault):
    """Each call fails in turn, or is the last thing that a thread does, until a run meets none any more.

    A write may also be one into a pipe between our own processes: then it is they who are given up.
    """
    _, old, new = films
    codes = (0, 3, 4, 5) if call == "write" else (0, 3)
    for place in places():
        out = tmp_path / str(place) / "out"
        shutil.copytree(films[0], out)
        code, errors, met = injected(out, call, fault, place)
        told = f"{call} {fault} {place}: {code} {errors}"
        if "SIGKILL" in fault:
            check_between(out, old, new)
        else:
            assert code in codes, told
            assert (errors.startswith("error: ") and errors.count("\n") == 1) if code else not errors, told
            assert contents(out) == (old if code else new), told
        assert run(out, captions=NEW) == (0, ""), told
        assert contents(out) == new, told
        shutil.rmtree(out.parent)
        if not met:
            break
    assert place > 5 and code == 0


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


def test_a_place_that_can_only_be_read(films, tiny_disk):
    """Root may write wherever a mode forbids it, so the whole disk is made read-only."""
    subprocess.run(["mount", "-o", "remount,size=64m", str(tiny_disk)], check=True)
    shutil.copytree(films[0], tiny_disk / "film")
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    for name in ("film", "new"):
        code, errors = run(tiny_disk / name, captions=NEW)
        assert code == 3 and errors.startswith("error: read-only file system") and errors.count("\n") == 1
    assert contents(tiny_disk / "film") == films[1]
