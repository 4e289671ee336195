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
from tests.export.torn import NEW, ROUNDS, check_between

NO_ESTIMATE = "import importlib; importlib.import_module('mnistviz.render').check_space = lambda *_: None"


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
    for place in range(1, ROUNDS + 1):
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
