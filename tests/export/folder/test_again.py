"""The same command again: found where all is as it was, and never where anything differs."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import mnistviz
from mnistviz import cli
from mnistviz.errors import MachineError
from mnistviz.export.folder import again
from mnistviz.export.folder.again import NOTE, Command, finished, leave_note
from mnistviz.export.folder.folder import open_folder
from mnistviz.export.formats import LISTED
from mnistviz.export.listings import LISTINGS
from mnistviz.scene import find_scene
from tests.export.stories import SMALL, small_story

PROGRAM = os.devnull


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A finished film."""
    folder = tmp_path_factory.mktemp("again") / "out"
    return mnistviz.render(small_story(), folder, size=SMALL, duration="0:20", quality="draft", fps=(10,))


@pytest.fixture
def out(made, tmp_path) -> Path:
    """A finished film in a folder of its own."""
    shutil.copytree(made, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def command(tmp_path, monkeypatch) -> Command:
    """A command that reads a file and a folder; what the engine itself consists of is a file, too."""
    (tmp_path / "weights" / "deep").mkdir(parents=True)
    for name in ("picture.png", "weights/one.npy", "weights/deep/two.npy", "engine.py"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(again, "_NOT_READ", again._NOT_READ | {"PYTEST_CURRENT_TEST"})
    monkeypatch.setattr(again, "_code", lambda: again._contents([tmp_path / "engine.py"]))
    return Command("render", (tmp_path / "picture.png", tmp_path / "weights"), (10,))


@pytest.fixture
def noted(out, command) -> Path:
    """A finished film with the note of the command."""
    with open_folder(out) as folder:
        leave_note(command, command.state(), ["said"], folder, PROGRAM)
    return out


def found(out: Path, command: Command) -> tuple[str, ...] | None:
    return finished(out, command.state(), command.fps)


def test_the_same_command_is_answered_with_what_was_said(noted, command):
    assert found(noted, command) == ("said",)
    assert found(noted, command) == ("said",)


def test_a_folder_may_be_moved(noted, command):
    assert found(noted.rename(noted.with_name("elsewhere")), command) == ("said",)


def test_what_a_terminal_says_of_itself_is_nothing_that_a_film_depends_on(noted, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "7")
    assert found(noted, command) == ("said",)


@pytest.mark.parametrize("name", ["picture.png", "weights/one.npy", "weights/deep/two.npy", "engine.py"])
def test_a_file_that_was_changed_or_is_gone_is_found(noted, command, tmp_path, name):
    before = (tmp_path / name).stat()
    (tmp_path / name).write_text(name.upper())  # of the same length and of the same time
    os.utime(tmp_path / name, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert found(noted, command) is None
    (tmp_path / name).write_text(name)
    assert found(noted, command) == ("said",)
    (tmp_path / name).unlink()
    assert found(noted, command) is None


def test_a_file_that_was_added_is_found(noted, command, tmp_path):
    (tmp_path / "weights" / "trained.csv").write_text("")
    assert found(noted, command) is None


def test_another_command_or_variable_or_package_is_found(noted, command, monkeypatch, tmp_path):
    assert found(noted, replace(command, options="render --theme light")) is None
    assert found(noted, replace(command, fps=(10, 60))) is None
    with monkeypatch.context() as changed:
        changed.setenv("OPENBLAS_CORETYPE", "Haswell")
        assert found(noted, command) is None
    with monkeypatch.context() as changed:
        (tmp_path / "numpy-9.9.9.dist-info").mkdir()
        changed.setattr(again.sys, "path", [*again.sys.path, str(tmp_path)])
        assert found(noted, command) is None
    assert found(noted, command) == ("said",)


def test_a_font_that_was_named_is_read(noted, command, monkeypatch, tmp_path):
    font = tmp_path / "font.ttf"
    font.write_text("one")
    monkeypatch.setenv(again.FONT, str(font))
    with open_folder(noted) as folder:
        leave_note(command, command.state(), [], folder, PROGRAM)
    assert found(noted, command) == ()
    font.write_text("two")
    assert found(noted, command) is None


def test_a_place_that_is_only_watched_is_found(out, command, tmp_path, monkeypatch):
    encoder, fonts = tmp_path / "ffmpeg", tmp_path / "fonts"
    encoder.write_text("one")
    monkeypatch.setattr(again, "font_places", lambda: [str(fonts)])
    with open_folder(out) as folder:
        leave_note(command, command.state(), [], folder, str(encoder))
    assert found(out, command) == ()
    encoder.write_text("another")
    assert found(out, command) is None
    encoder.write_text("one")
    with open_folder(out) as folder:
        leave_note(command, command.state(), [], folder, str(encoder))
    assert found(out, command) == ()
    fonts.mkdir()
    assert found(out, command) is None
    with open_folder(out) as folder:
        leave_note(command, command.state(), [], folder, str(encoder), fonts=False)
    fonts.rmdir()
    assert found(out, command) == ()


def test_whatever_is_wrong_in_the_folder_is_found(noted, made, command):
    for name in sorted(path.name for path in made.iterdir() if path.is_file()):
        content = bytearray((noted / name).read_bytes())
        content[len(content) // 2] ^= 1
        (noted / name).write_bytes(content)
        assert found(noted, command) is None, name
        (noted / name).unlink()
        assert found(noted, command) is None, name
        shutil.copy(made / name, noted / name)
    assert found(noted, command) == ("said",)
    (noted / "stills" / "of-another.webp").write_bytes(b"")
    assert found(noted, command) is None


def test_a_film_of_another_render_is_found(noted, command):
    mnistviz.render(small_story(seed=2), noted, size=SMALL, duration="0:20", quality="draft", fps=(10,))
    assert found(noted, command) is None


def test_a_damaged_note_is_none(noted, command):
    place = noted / ".mnistviz" / NOTE
    content = place.read_bytes()
    text = json.loads(content)
    assert found(noted, command) == ("said",)
    for damaged in (b"", b"{}", b"[]", content[:-2], content.replace(b"said", b"sad!"), b"[" * 100_000):
        place.write_bytes(damaged)
        assert found(noted, command) is None
    for key in text:
        place.write_text(json.dumps({name: value for name, value in text.items() if name != key}))
        assert found(noted, command) is None
        place.write_text(json.dumps({**text, key: 7}))
        assert found(noted, command) is None


def test_no_note_where_a_file_changed_meanwhile(out, command, tmp_path):
    before = command.state()
    (tmp_path / "picture.png").write_text("another")
    with open_folder(out) as folder:
        leave_note(command, before, [], folder, PROGRAM)
    assert not (out / ".mnistviz" / NOTE).exists()


def test_a_folder_in_use_is_told(noted, command):
    with open_folder(noted), pytest.raises(MachineError, match="in use"):
        found(noted, command)


def test_where_it_is_not_known_what_is_read_nothing_is_known(command, tmp_path, monkeypatch):
    assert replace(command, reads=None).state() is None
    monkeypatch.setattr(again, "MOST_FILES", 2)
    assert command.state() is None


UNREADABLE = {  # what a folder like /tmp may hold
    "a pipe": os.mkfifo
    if hasattr(os, "mkfifo")
    else None,  # nobody writes into it: it would be read for ever
    "a socket": lambda path: socket.socket(socket.AF_UNIX).bind(os.path.relpath(path)),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
}


@pytest.mark.needs("/bin/sh")
@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_is_no_file_is_left_to_whoever_needs_it(command, tmp_path, kind, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the names of sockets are short
    assert command.state() is not None
    UNREADABLE[kind](tmp_path / "weights" / "deep" / "odd")
    assert command.state() is None


def test_which_scenes_say_what_they_read(tmp_path):
    (tmp_path / "step.py").write_text("def step(): pass\ndef inputs(): return ()\n")
    (tmp_path / "script.py").write_text("import numpy\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "__init__.py").write_text("def step(): pass\n")
    for name in ("step.py", "script.py", "folder"):
        scene = find_scene(str(tmp_path / name))
        assert scene.reads(scene.choice()) is None, name
    saved = find_scene(str(tmp_path / "saved.npz"))
    assert saved.reads(saved.choice()) == (tmp_path / "saved.npz",)
    network = find_scene()
    chosen = network.choice(weights=tmp_path, data=tmp_path / "folder")
    assert network.reads(chosen)[1:] == (tmp_path, tmp_path / "folder")


def test_every_file_of_the_engine_is_read():
    read = {name for name, _ in again._code()}
    package = Path(mnistviz.__file__).resolve().parent
    scene = package.parent / "scenes" / "mnist_mlp"
    kinds = (package / "render.py", *package.rglob("*.j2"), *package.rglob("*.css"), *package.rglob("*.js"))
    assert {str(path) for path in (*kinds, scene / "network.py", *scene.rglob("*.npy"))} <= read


def test_the_command_says_it_again_without_opening_the_scene(out, command, monkeypatch, capsys, tmp_path):
    """The render itself is played: it leaves its note in a finished folder."""
    rendered = []

    def play(board, folder, *, note, **_):
        rendered.append(board.scene)
        with open_folder(folder) as opened:
            note(opened, PROGRAM)

    saved = tmp_path / "saved.npz"
    shutil.copy(out / "trace.npz", saved)
    monkeypatch.setattr(sys.modules["mnistviz.render"], "render", play)
    arguments = ["render", str(saved), "--out", str(out), "--fps", "10"]
    assert cli.main(arguments) == 0
    first = capsys.readouterr()
    assert len(rendered) == 1
    assert cli.main(arguments) == 0
    second = capsys.readouterr()
    assert len(rendered) == 1 and second.out == first.out
    assert second.err == first.err + "nothing has changed\n"
    assert cli.main([*arguments, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "") and len(rendered) == 1
    for other in ([*arguments, "--fresh"], [*arguments, "--plain-encoding"], [*arguments, "--size", "720p"]):
        before = len(rendered)
        assert cli.main(other) == 0
        assert len(rendered) == before + 1, other


def test_the_light_names_are_those_of_the_listings():
    assert tuple(LISTINGS) == LISTED
