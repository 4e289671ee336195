"""Each fast way of a machine taken away: the plain one does the same."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from mnistviz.cli.reporting import explained
from mnistviz.errors import InputError, MachineError
from mnistviz.modules import blamed_on
from mnistviz.storage import machine, processes
from mnistviz.storage.files import machine_error, replacing, write_file, write_whole

ROOT = Path(__file__).resolve().parents[2]


def failing(code: int):
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF])
def test_a_folder_that_cannot_be_synced_is_gone_on_with(tmp_path, monkeypatch, code):
    assert machine.sync_folder(tmp_path)
    monkeypatch.setattr(os, "fsync", failing(code))
    assert not machine.sync_folder(tmp_path)


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
def test_a_folder_whose_disk_fails_is_an_error(tmp_path, monkeypatch, code):
    monkeypatch.setattr(os, "fsync", failing(code))
    with pytest.raises(OSError, match=os.strerror(code)):
        machine.sync_folder(tmp_path)


def test_a_file_that_is_held_open_is_waited_for(tmp_path, monkeypatch):
    """As Windows does it: a virus scanner looks at the file, a player plays it."""
    (tmp_path / "new").write_text("new")
    (tmp_path / "old").write_text("old")
    real, calls = Path.replace, []

    def held(source: Path, target: Path) -> None:
        calls.append(1)
        if len(calls) < 4:
            error = PermissionError(13, "Access is denied")
            error.winerror = 32
            raise error
        real(source, target)

    monkeypatch.setattr(Path, "replace", held)
    machine.replace(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_text() == "new" and len(calls) == 4
    monkeypatch.setattr(machine, "BUSY_SECONDS", 0)
    calls.clear()
    (tmp_path / "new").write_text("newer")
    with pytest.raises(PermissionError):
        machine.replace(tmp_path / "new", tmp_path / "old")


@pytest.mark.parametrize("fault", [errno.ENOSPC, None])
def test_a_file_is_the_old_one_or_the_new_one_whole(tmp_path, fault):
    path = tmp_path / ("n" * 255)  # a temporary name beside it must not be longer
    write_whole(path, b"old")
    if fault is None:
        write_file(path, b"new")
    else:
        with pytest.raises(OSError, match="No space"), replacing(path) as file:
            file.write(b"ne")
            raise OSError(fault, os.strerror(fault))
    assert path.read_bytes() == (b"old" if fault else b"new")
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_was_writing_goes_with_the_next_file(tmp_path):
    """Its own alone: what a living process writes stays, and what another machine's may be writing."""
    code = """
import os, signal, sys
from pathlib import Path
from mnistviz.storage.files import replacing
with replacing(Path(sys.argv[1])) as file:
    file.write(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code, tmp_path / "made"], check=False)
    (torn,) = tmp_path.iterdir()
    others = {f".{'0' * 8}-{torn.name.split('-')[1]}-{'0' * 8}.part", ".part", "its.part"}
    for name in others:
        (tmp_path / name).touch()
    with replacing(tmp_path / "one"):
        assert torn not in tmp_path.iterdir()
        (being_written,) = {path.name for path in tmp_path.iterdir()} - others
        write_whole(tmp_path / "two", b"whole")
        assert (tmp_path / being_written).exists()
    assert {path.name for path in tmp_path.iterdir()} == {"one", "two", *others}


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(
        MachineError, match=r"cannot be written: No such file.*name a folder that can be written$"
    ):
        write_file(tmp_path / "nowhere" / "file", b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(MachineError, match="name a file"):
        write_file(tmp_path / "folder", b"")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_what_is_no_plain_file_is_not_replaced(tmp_path):
    """Nobody is to lose /dev/null."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MachineError, match=r"no plain file.*name another"):
        write_file(tmp_path / "pipe", b"")
    assert [path.is_fifo() for path in tmp_path.iterdir()] == [True]


def test_windows_structures_are_as_large_as_windows_says():
    if ctypes.sizeof(ctypes.c_void_p) == 8:
        assert (ctypes.sizeof(processes.BasicLimits), ctypes.sizeof(processes.Limits)) == (64, 144)


def test_a_watchdog_acts_once_when_work_takes_too_long(monkeypatch):
    """By a clock of the test's: on a machine that does much else any work may take too long."""
    acted, now_s, barked = [], [0.0], threading.Event()
    monkeypatch.setattr(processes, "time", SimpleNamespace(monotonic=lambda: now_s[0]))
    dog = processes.Watchdog(0.2, lambda: (acted.append(1), barked.set()))
    for _ in range(4):
        with dog.watching():
            now_s[0] += 0.1
            time.sleep(0.1)  # it looks meanwhile
    assert acted == [] and not dog.has_acted
    with dog.watching():
        now_s[0] += 0.3
        assert barked.wait(60)
    dog.close()
    assert acted == [1] and dog.has_acted


@pytest.mark.parametrize("there", [True, False])
def test_matplotlib_says_nothing_of_a_home_that_cannot_be_written(tmp_path, there):
    code = "import os; os.access = lambda *_, **__: False; from mnistviz.storage.machine import hush_about_home\n"
    code += "hush_about_home(); import matplotlib; matplotlib.get_configdir()"
    if there:
        (tmp_path / ".config" / "matplotlib").mkdir(parents=True)
    home = str(tmp_path) if there else "/proc"
    env = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": f"{home}/.config"}
    env.pop("MPLCONFIGDIR", None)
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize("code", [errno.EAGAIN, errno.EMFILE, errno.ENOMEM])
def test_what_a_process_lacks_is_no_folder_that_cannot_be_written(code):
    error = machine_error(OSError(code, os.strerror(code)), "writing a segment")
    assert "folder" not in str(error) and error.cure
    assert explained(OSError(code, os.strerror(code))).cure == error.cure
    assert "stream" not in str(explained(OSError(code, os.strerror(code))))


def test_a_library_that_finds_no_memory_is_nobodys_fault(tmp_path):
    """As numpy says it: its own advice, caused by what the system's loader said."""
    with pytest.raises(MachineError) as caught, blamed_on(tmp_path / "step.py"):
        try:
            raise ImportError("libm.so: failed to map segment from shared object")
        except ImportError as error:
            raise ImportError("IMPORTANT: PLEASE READ THIS") from error
    for said in (caught.value, explained(caught.value.__cause__)):
        assert said.exit_code == 3 and "memory" in str(said) and "PLEASE" not in str(said)
    with pytest.raises(InputError), blamed_on(tmp_path / "step.py"):
        raise ImportError("no module named secret")


@pytest.mark.needs("prlimit")
def test_where_memory_is_limited_libraries_start_no_threads():
    code = "import os\nfrom mnistviz.storage import machine\nmachine.spare_threads()\n"
    code += "print(os.environ.get('OPENBLAS_NUM_THREADS'))"
    env = {name: value for name, value in os.environ.items() if name not in machine.ONE_THREAD}
    for limit, wanted in (("4000000000", "1"), ("unlimited", "None")):
        told = subprocess.run(
            ["prlimit", f"--as={limit}", sys.executable, "-c", code], env=env, capture_output=True, text=True
        )
        assert told.stdout.strip() == wanted, told.stderr


@pytest.mark.needs("prlimit")
@pytest.mark.parametrize("limit", [100_000_000, 200_000_000, 400_000_000])
def test_where_there_is_too_little_memory_one_line_says_so(tmp_path, limit):
    """OpenBLAS ends a process that gets none, with a line of its own and status 1; OpenCV and Python raise."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["prlimit", f"--as={limit}", sys.executable, "-m", "mnistviz", "trace"],
        cwd=tmp_path, env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 3 and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("error: out of memory"), done.stderr


def test_a_library_says_in_its_own_way_that_there_is_no_memory(tmp_path):
    with pytest.raises(cv2.error) as caught:
        cv2.resize(np.zeros((2, 2), np.uint8), (1 << 30, 1 << 30))
    said = explained(caught.value)
    assert said.exit_code == 3 and str(said).startswith("out of memory"), said
    for error in (caught.value, MemoryError()):
        with pytest.raises(MachineError, match=r"out of memory.*step\.py"), blamed_on(tmp_path / "step.py"):
            raise error


def test_an_error_of_a_library_is_called_by_its_name():
    for kind in (cv2.error, struct.error, zlib.error):
        said = str(explained(kind("what it says")))
        assert said.startswith(f"{kind.__module__}.error: what it says"), said


def test_a_machine_without_threads_is_not_our_fault():
    said = explained(RuntimeError("can't start new thread"))
    assert said.exit_code == 3 and "threads" in str(said) and "mnistviz" not in str(said)
