"""The output folder: locked, checked before anything is written, and published whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mnistviz.errors import InputError, MachineError
from mnistviz.export.folder import folder as places
from mnistviz.export.folder.folder import MANIFEST, Folder, open_folder, publish

NAMES = ["film-10fps.mp4", "index.html", "stills", MANIFEST]


def version(folder: Path, mark: str, names=NAMES) -> None:
    """Write a version of the folder's files."""
    folder.mkdir(exist_ok=True)
    for name in names:
        if name == "stills":
            (folder / name).mkdir()
            (folder / name / f"{mark}.webp").write_text(mark)
        else:
            (folder / name).write_text(mark)


def shown(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and ".mnistviz" not in path.parts
    }


def expected(mark: str, names=NAMES) -> dict[str, str]:
    return {f"stills/{mark}.webp" if name == "stills" else name: mark for name in names}


class Crash(BaseException):
    """Stands for `kill -9`: nothing of ours runs after it."""


def published(path: Path, names=NAMES) -> None:
    with open_folder(path) as folder:
        version(folder.staging, "new", names)
        publish(folder, names)


@pytest.fixture
def old(tmp_path) -> Path:
    path = tmp_path / "out"
    with open_folder(path) as folder:
        version(folder.staging, "old", [*NAMES, "film-60fps.mp4"])
        publish(folder, [*NAMES, "film-60fps.mp4"])
    assert shown(path) == expected("old", [*NAMES, "film-60fps.mp4"])
    return path


def test_a_new_version_replaces_the_old_and_what_is_stale(old):
    (old / "mine.txt").write_text("mine")
    published(old)
    assert shown(old) == expected("new") | {"mine.txt": "mine"}
    assert list((old / ".mnistviz" / "previous").iterdir()) == []


def break_at(monkeypatch, number: int, error: BaseException) -> list[int]:
    """Let the `number`th rename, fsync or removal fail."""
    calls: list[int] = []

    def breaking(real):
        def call(*arguments, **named):
            calls.append(1)
            if len(calls) == number:
                raise error
            return real(*arguments, **named)

        return call

    for owner, name in ((Path, "replace"), (os, "fsync"), (Path, "unlink"), (shutil, "rmtree")):
        monkeypatch.setattr(owner, name, breaking(getattr(owner, name)))
    return calls


def test_what_a_killed_process_was_writing_is_gone(old):
    torn = old / ".mnistviz" / ".0123456789abcdef.part"
    torn.write_bytes(b"half")
    with open_folder(old):
        assert not torn.exists()


def test_a_crash_at_any_point_is_finished_by_the_next_run(tmp_path, monkeypatch):
    seen = set()
    for number in range(1, 200):
        path = tmp_path / f"{number}" / "out"
        path.parent.mkdir()
        with open_folder(path) as folder:
            version(folder.staging, "old", [*NAMES, "film-60fps.mp4"])
            publish(folder, [*NAMES, "film-60fps.mp4"])
        with monkeypatch.context() as patch, open_folder(path) as folder:
            version(folder.staging, "new")
            calls = break_at(patch, number, Crash())
            try:
                publish(folder, NAMES)
            except Crash:
                seen.add(number)
        now = shown(path)
        mixed = {**expected("old", [*NAMES, "film-60fps.mp4"]), **expected("new")}
        assert all(text in ("old", "new") for text in now.values()) and set(now) <= set(mixed)
        if MANIFEST in now:  # while there is a manifest, it is true
            mark = now[MANIFEST]
            assert now == expected(mark, NAMES if mark == "new" else [*NAMES, "film-60fps.mp4"])
        with open_folder(path):
            pass
        now = shown(path)
        assert now in (expected("new"), expected("old", [*NAMES, "film-60fps.mp4"]))
        if len(calls) < number:
            break
    assert len(seen) > 15 and now == expected("new")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_an_error_at_any_point_leaves_the_old_version_or_the_whole_new_one(tmp_path, monkeypatch, code):
    undone = 0
    for number in range(1, 200):
        path = tmp_path / f"{number}" / "out"
        path.parent.mkdir()
        with open_folder(path) as folder:
            version(folder.staging, "old")
            publish(folder, NAMES)
        failed = False
        with monkeypatch.context() as patch, open_folder(path) as folder:
            version(folder.staging, "new")
            calls = break_at(patch, number, OSError(code, os.strerror(code)))
            try:
                publish(folder, NAMES)
            except MachineError as error:
                failed = True
                assert error.exit_code == 3 and "\n" not in str(error)
        assert shown(path) == expected("old" if failed else "new")
        undone += failed
        if len(calls) < number:
            break
    assert undone > 10


def test_a_second_render_is_told_who_is_at_work(tmp_path):
    path = tmp_path / "out"
    code = f"import sys; sys.path.insert(0, {str(Path.cwd())!r})\nfrom pathlib import Path\n"
    code += (
        f"from mnistviz.export.folder.folder import open_folder\nwith open_folder(Path({str(path)!r})): pass"
    )
    with open_folder(path):
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert f"the folder is in use by process {os.getpid()}" in other.stderr
    with open_folder(path):
        pass


@pytest.mark.needs("/proc/self/stat")
def test_places_that_cannot_be_written(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    nowhere = tmp_path / "link"
    nowhere.symlink_to(tmp_path / "not there")
    for path in (file, nowhere, file / "below", Path("/dev/full"), Path("/proc/film")):
        with pytest.raises(MachineError), open_folder(path):
            pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


@pytest.mark.needs("/bin/sh")
def test_a_link_to_a_folder_and_odd_names_work(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    for name in ("link", "-x", "%d", "a:b", "with 'quotes\" and\nlines", "ü", "x" * 250):
        published(tmp_path / name)
        assert shown(tmp_path / name) == expected("new")


def test_files_that_are_not_ours_are_not_replaced(tmp_path):
    (tmp_path / "index.html").write_text("my home page")
    with pytest.raises(InputError, match=r"index\.html would be replaced"), open_folder(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_a_dead_render_holds_no_lock(tmp_path):
    path = tmp_path / "out"
    (path / ".mnistviz").mkdir(parents=True)
    (path / ".mnistviz" / "lock").write_text("1")
    with open_folder(path) as folder:
        assert folder == Folder(path)
    assert places.WORK == ".mnistviz"


@pytest.mark.parametrize("content", [b"", b"{", b"7", b"[" * 10_000, b"\xff"])
def test_a_damaged_journal_is_told_and_nothing_is_moved(old, content):
    (old / ".mnistviz" / "publishing.json").write_bytes(content)
    before = shown(old)
    with (
        pytest.raises(MachineError, match=r"cannot be finished.*remove .*publishing\.json"),
        open_folder(old),
    ):
        pass
    assert shown(old) == before
