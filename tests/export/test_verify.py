"""A finished folder: whatever is missing, torn, stale or mixed is found and named."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

import mnistviz
from mnistviz.errors import VerifyError
from mnistviz.export.manifest import FileMark, mark_of_file, read_manifest
from mnistviz.export.verify import verify
from tests.export.stories import SMALL, small_story

SHORT = {"size": SMALL, "duration": "0:20", "quality": "draft", "fps": (10,)}


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> tuple[Path, Path]:
    """Two finished folders that differ in a caption."""
    folder = tmp_path_factory.mktemp("films")
    return (
        mnistviz.render(small_story(), folder / "one", **SHORT),
        mnistviz.render(small_story(captions={1: "Other words."}), folder / "two", **SHORT),
    )


@pytest.fixture
def out(films, tmp_path) -> Path:
    shutil.copytree(films[0], tmp_path / "out")
    return tmp_path / "out"


def names(folder: Path) -> list[str]:
    return sorted(read_manifest(folder).files)


def test_a_finished_folder_is_right(out):
    assert verify(out).films[0].frames == 200
    shutil.rmtree(out / ".mnistviz")
    verify(out)


def test_every_file_is_missed(films, out):
    for name in names(out):
        (out / name).unlink()
        with pytest.raises(VerifyError, match=f"{name} is missing"):
            verify(out)
        shutil.copy(films[0] / name, out / name)
    verify(out)


def test_every_torn_file_is_found(films, out):
    for name in names(out):
        os.truncate(out / name, (out / name).stat().st_size - 1)
        with pytest.raises(VerifyError, match=f"{name} is torn"):
            verify(out)
        shutil.copy(films[0] / name, out / name)


def test_every_changed_byte_is_found(films, out):
    for name in names(out):
        content = bytearray((out / name).read_bytes())
        content[len(content) // 2] ^= 1
        (out / name).write_bytes(content)
        with pytest.raises(VerifyError, match=f"{name} is mixed in"):
            verify(out)
        shutil.copy(films[0] / name, out / name)


def test_files_of_another_render_are_found(films, out):
    shutil.copy(films[1] / "index.html", out / "index.html")
    with pytest.raises(VerifyError, match=r"index\.html is mixed in|index\.html is torn"):
        verify(out)
    shutil.copy(films[0] / "index.html", out / "index.html")
    shutil.copy(films[1] / "film-10fps.mp4", out / "film-60fps.mp4")
    with pytest.raises(VerifyError, match=r"film-60fps\.mp4 is stale"):
        verify(out)


def test_a_stale_still_is_found(out):
    (out / "stills" / "step-99-99.webp").write_bytes(b"x")
    with pytest.raises(VerifyError, match=r"stills/step-99-99\.webp is stale"):
        verify(out)


def test_a_film_is_compared_with_the_chapter_table_even_when_every_hash_is_right(out):
    """A manifest that was made for a mixed folder does not help: the film says other chapters."""
    from dataclasses import replace

    table = json.loads((out / "chapters.json").read_text())
    table["chapters"][1]["start"] += 1
    (out / "chapters.json").write_text(json.dumps(table))
    manifest = read_manifest(out)
    marks: dict[str, FileMark] = {**manifest.files, "chapters.json": mark_of_file(out / "chapters.json")}
    (out / "manifest.json").write_bytes(replace(manifest, files=marks).encode())
    with pytest.raises(VerifyError, match=r"film-10fps\.mp4: chapters is"):
        verify(out)


def test_every_flipped_byte_of_the_manifest_is_found(out):
    whole = (out / "manifest.json").read_bytes()
    for place in range(0, len(whole), 5):
        torn = bytearray(whole)
        torn[place] ^= 4
        (out / "manifest.json").write_bytes(torn)
        try:
            verify(out)
        except VerifyError:
            continue
        assert json.loads(torn) == json.loads(whole) or torn[place : place + 1].isspace()


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"{" * 5000, b"\xff\xfe", b'{"format": 1}'])
def test_a_manifest_that_is_none(out, content):
    (out / "manifest.json").write_bytes(content)
    with pytest.raises(VerifyError, match=r"manifest\.json is torn"):
        verify(out)


def test_no_manifest_no_film(out, tmp_path):
    (out / "manifest.json").unlink()
    with pytest.raises(VerifyError, match="not complete"):
        verify(out)
    with pytest.raises(VerifyError, match="no such folder") as told:
        verify(tmp_path / "nowhere")
    assert told.value.exit_code == 6
