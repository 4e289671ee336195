"""A finished folder: whatever is missing, torn, stale or mixed is found and named."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mnistviz.errors import InputError, VerifyError
from mnistviz.export.folder.manifest import FileMark, mark_of_file, read_manifest
from mnistviz.export.folder.verify import verify
from tests.export.stories import render, small_story


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> tuple[Path, Path]:
    """Two finished folders that differ in a caption."""
    folder = tmp_path_factory.mktemp("films")
    return (
        render(small_story(), folder / "one", fps=(10,)),
        render(small_story(captions={1: "Other words."}), folder / "two", fps=(10,)),
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
    table = json.loads((out / "chapters.json").read_text())
    table["chapters"][1]["start"] += 1
    (out / "chapters.json").write_text(json.dumps(table))
    _vouch(out)
    with pytest.raises(VerifyError, match=r"film-10fps\.mp4: chapters is"):
        verify(out)


@pytest.mark.parametrize(
    "rows",
    [
        '[{"start": 1e999, "title": ""}]',
        '[{"start": 0, "title": 7}]',
        '[{"start": []}]',
        '{"a": 1}',
        "[" * 9999,
    ],
)
def test_a_chapter_table_that_is_none(out, rows):
    (out / "chapters.json").write_text(f'{{"chapters": {rows}}}')
    _vouch(out)
    with pytest.raises(VerifyError, match=r"chapters\.json holds no table of chapters"):
        verify(out)


def _vouch(out: Path, **changes: object) -> None:
    """A manifest that says that all is right."""
    manifest = read_manifest(out)
    marks = {name: mark_of_file(out / name) for name in manifest.files}
    (out / "manifest.json").write_bytes(replace(manifest, files=marks, **changes).encode())


@pytest.mark.parametrize("kind", [b"stts", b"stsz", b"hdlr", b"stbl", b"trak"])
def test_a_film_whose_tables_are_gone_or_lie(out, kind):
    film = out / "film-10fps.mp4"
    content = bytearray(film.read_bytes())
    for place in [at for at in range(len(content) - 16) if content[at : at + 4] == kind]:
        content[place + 4 : place + 16] = b"\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"
    film.write_bytes(content)
    _vouch(out)
    with pytest.raises(VerifyError, match=r"film-10fps\.mp4: "):
        verify(out)


def test_a_film_without_key_frames(out):
    film = out / "film-10fps.mp4"
    content = bytearray(film.read_bytes())
    place = content.index(b"stss")
    content[place + 8 : place + 12] = bytes(4)
    film.write_bytes(content)
    _vouch(out)
    with pytest.raises(VerifyError, match="frame 0, which must be a key frame, is none"):
        verify(out)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "", "a\0b", "\x1b[31m", "\ud800"])
def test_a_manifest_names_no_other_place(out, name):
    manifest = read_manifest(out)
    film = replace(manifest.films[0], file=name)
    marks = {**manifest.files, name: FileMark(0, "")}
    for forged in (replace(manifest, films=(film,)), replace(manifest, files=marks)):
        (out / "manifest.json").write_bytes(forged.encode())
        with pytest.raises(VerifyError, match=r"manifest\.json is torn"):
            verify(out)


@pytest.mark.parametrize("mark", [FileMark("9", ""), FileMark(1e999, ""), FileMark(0, 7)])
def test_a_manifest_counts_in_numbers(out, mark):
    manifest = read_manifest(out)
    (out / "manifest.json").write_bytes(replace(manifest, files={"index.html": mark}).encode())
    with pytest.raises(VerifyError, match=r"manifest\.json is torn"):
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


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"{" * 5000, b"\xff\xfe", b'{"format": 3}'])
def test_a_manifest_that_is_none(out, content):
    (out / "manifest.json").write_bytes(content)
    with pytest.raises(VerifyError, match=r"manifest\.json is torn"):
        verify(out)


def test_no_manifest_no_film(out, tmp_path):
    (out / "manifest.json").unlink()
    with pytest.raises(VerifyError, match="not complete"):
        verify(out)
    with pytest.raises(InputError, match="no such folder"):
        verify(tmp_path / "nowhere")
