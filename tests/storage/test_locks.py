"""A folder has one owner, whether the kernel knows it or a file: living, dead, elsewhere, or just writing."""

from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mnistviz.storage import locks
from mnistviz.storage.locks import InUseError, locked

fcntl = pytest.importorskip("fcntl", reason="Windows has none: its way is that of the two without locks")


@pytest.fixture(params=[0, errno.ENOLCK, errno.EOPNOTSUPP], ids=["flock", "NFS", "Lustre"])
def way(request, monkeypatch) -> int:
    """The kernel's lock, and two systems without."""
    if request.param:
        monkeypatch.setattr(fcntl, "flock", _refuse(request.param))
    return request.param


def _refuse(code: int):
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


def owner_file(lock: Path, number: int, *owner: object) -> Path:
    path = lock.with_name(f"{lock.name}.{number}")
    path.write_text(json.dumps(owner) if owner else "")
    return path


def test_one_at_a_time(way, tmp_path):
    for _ in range(3):
        with locked(tmp_path / "lock"):
            with pytest.raises(InUseError, match=f"process {os.getpid()}$"), locked(tmp_path / "lock"):
                pass
            with locked(tmp_path / "another"):
                pass


def test_a_folder_itself(way, tmp_path):
    for _ in range(3):
        with locked(tmp_path), pytest.raises(InUseError, match="process"), locked(tmp_path):
            pass
    assert len(list(tmp_path.iterdir())) == (1 if way else 0)


def test_another_failure_is_one(tmp_path, monkeypatch):
    monkeypatch.setattr(fcntl, "flock", _refuse(errno.EIO))
    with pytest.raises(OSError, match="Input/output"), locked(tmp_path / "lock"):
        pass


@pytest.fixture
def plain(tmp_path, monkeypatch) -> Path:
    """A lock where the kernel has none."""
    monkeypatch.setattr(fcntl, "flock", _refuse(errno.ENOLCK))
    return tmp_path / "lock"


def test_a_dead_owner_holds_nothing(plain):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    owner_file(plain, 7, dead.pid, 1.0, platform.node())
    with locked(plain), pytest.raises(InUseError), locked(plain):
        pass
    assert [path.name for path in plain.parent.glob("lock.*")] == ["lock.8"]


def test_a_number_that_was_given_again_holds_nothing(plain):
    """A process of this number lives, but began long after the owner did."""
    owner_file(plain, 1, os.getpid(), 1.0, platform.node())
    with locked(plain):
        pass


def test_an_owner_elsewhere_is_believed(plain):
    path = owner_file(plain, 1, 12, 1.0, "another-host")
    with (
        pytest.raises(InUseError, match=rf"process 12 on another-host \(gone\? remove {path}\)"),
        locked(plain),
    ):
        pass


def test_who_has_not_written_yet_is_waited_for_a_while(plain):
    path = owner_file(plain, 1)
    with pytest.raises(InUseError, match="another process"), locked(plain):
        pass
    os.utime(path, (0, 0))
    with locked(plain):
        pass


@pytest.mark.parametrize("content", ["x", "[]", "[1]", '["a", 1, "h"]', "{}", "free"])
def test_a_torn_owner_holds_nothing(plain, content):
    plain.with_name("lock.3").write_text(content)
    with locked(plain):
        pass


def test_of_many_who_come_at_once_one_gets_it(plain):
    """Again and again, with a dead owner's file in the way."""
    for number in range(20):
        folder = plain.parent / str(number)
        folder.mkdir()
        owner_file(folder / "lock", 5, 2**22 + 1, 1.0, platform.node())
        inside, most = [], []
        meet, leave = threading.Barrier(8), threading.Barrier(8)

        def come(lock: Path = folder / "lock", meet=meet, leave=leave, inside=inside, most=most) -> None:
            meet.wait()
            try:
                with locked(lock):
                    inside.append(1)
                    most.append(len(inside))
                    leave.wait()
                    inside.pop()
            except InUseError:
                leave.wait()

        threads = [threading.Thread(target=come) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most == [1]


def test_doctor_hears_why(plain, tmp_path):
    assert locks.flock_fault(tmp_path)
