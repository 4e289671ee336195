"""The page without films: what lies in its folder, which films stay, and the page to look at meanwhile."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import SimpleNamespace

import pytest

import mnistviz
from mnistviz.cli import main
from mnistviz.errors import InputError, MachineError
from mnistviz.export.folder.manifest import read_manifest
from mnistviz.export.folder.verify import verify
from mnistviz.export.listings import LISTINGS
from mnistviz.export.workers import early
from mnistviz.export.workers.early import code_found, encoder_found
from mnistviz.page import make_page
from tests.export.stories import SMALL, contents, render, small_story

ALONE = {"size": SMALL, "duration": 200}


def films(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.mp4")}


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(small_story(), tmp_path_factory.mktemp("filmed") / "out", fps=(10,))


@pytest.fixture
def out(filmed: Path, tmp_path: Path) -> Path:
    shutil.copytree(filmed, tmp_path / "out")
    return tmp_path / "out"


def test_it_has_all_but_films_and_verifies(tmp_path: Path) -> None:
    folder = make_page(small_story(), tmp_path / "out", **ALONE)
    manifest = verify(folder)
    assert (manifest.films, manifest.ticks) == ((), 200)
    there = {path.name for path in folder.iterdir()}
    assert there >= {"index.html", "poster.png", "trace.npz", "manifest.json", *LISTINGS}
    assert films(folder) == set()
    assert json.loads((folder / "chapters.json").read_text())["videos"] == {}
    assert mnistviz.Trace.load(folder / "trace.npz").check() == 0


def test_a_second_time_nothing_is_done(tmp_path: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        make_page(small_story(), tmp_path / "out", **ALONE, progress=lambda *told: said.append(told[-1]))
    assert said == ["drawing the page", "nothing has changed"]
    (tmp_path / "out" / "youtube.txt").write_text("torn")
    make_page(small_story(), tmp_path / "out", **ALONE)
    verify(tmp_path / "out")


def test_films_that_show_the_same_stay(out: Path) -> None:
    film, before = (out / "film-10fps.mp4").read_bytes(), read_manifest(out)
    (out / "index.html").write_text("lost")
    assert make_page(small_story(), out, **ALONE) == out
    assert (out / "film-10fps.mp4").read_bytes() == film
    assert "film-10fps.mp4" in (out / "index.html").read_text()
    assert verify(out).inputs == before.inputs
    said: list[str] = []
    render(small_story(), out, fps=(10,), progress=lambda *told: said.append(told[-1]))
    assert said == ["nothing has changed"]


def test_beside_films_of_something_else_it_goes_into_a_folder_of_its_own(out: Path) -> None:
    before = contents(out)
    place = make_page(small_story(captions={1: "Other words."}), out, **ALONE)
    assert place == out.with_name("out-page")
    assert contents(out) == before
    assert (verify(place).films, films(place)) == ((), set())


def test_a_torn_film_is_not_taken_away(out: Path) -> None:
    (out / "film-10fps.mp4").write_bytes(b"torn")
    assert make_page(small_story(), out, **ALONE) == out.with_name("out-page")
    assert (out / "film-10fps.mp4").read_bytes() == b"torn"


def test_where_both_folders_hold_other_films_it_says_so(out: Path) -> None:
    other = small_story(captions={1: "Other words."})
    render(other, out.with_name("out-page"), fps=(10,))
    with pytest.raises(InputError, match="the films there are of something else"):
        make_page(small_story(captions={1: "Words again."}), out, **ALONE)


def test_what_a_worker_cannot_do_early_is_done_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code's hash and the encoder of a worker that got warm; one that did not has neither, and they are found here."""
    hashed: Future[str] = Future()
    hashed.set_result("the hash")
    broken: Future[str] = Future()
    broken.set_exception(BrokenProcessPool())
    found = [code_found(SimpleNamespace(hashed=one)) for one in (hashed, broken, None)]  # type: ignore[arg-type]
    assert [*found, code_found(None)] == ["the hash", "", "", ""]
    monkeypatch.setattr(early, "find_encoder", lambda: "found here")
    found = [encoder_found(SimpleNamespace(encoder=one)) for one in (hashed, broken, None)]  # type: ignore[arg-type]
    assert [*found, encoder_found(None)] == ["the hash", *["found here"] * 3]


def test_it_refuses_what_no_film_can_have_and_where_it_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is odd"):
        make_page(small_story(), tmp_path / "out", size=(321, 180))
    with pytest.raises(InputError, match="is not one of dark, light"):
        make_page(small_story(), tmp_path / "out", theme="drak")
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="there is a file where the output folder should be"):
        make_page(small_story(), tmp_path / "file", **ALONE)
    assert not (tmp_path / "out").exists()


def test_a_film_is_made_over_it(tmp_path: Path) -> None:
    make_page(small_story(), tmp_path / "out", **ALONE)
    render(small_story(), tmp_path / "out", fps=(10,))
    assert [film.fps for film in verify(tmp_path / "out").films] == [10]


def test_the_page_can_be_looked_at_while_the_films_are_made(tmp_path: Path) -> None:
    out = tmp_path / "out"
    seen: list[tuple[str, set[str], str]] = []

    def report(done: int, total: int, what: str) -> None:
        if what.startswith("look at "):
            page = Path(what.removeprefix("look at ").removesuffix(" meanwhile"))
            seen.append((page.read_text(), {path.name for path in out.iterdir()}, str(page)))

    render(small_story(), out, fps=(10,), progress=report)
    [(html, visible, page)] = seen
    assert "<title>A small story</title>" in html and ".mp4" not in html
    assert visible == {".mnistviz"}  # nothing of it is among the final files
    assert not Path(page).exists()  # the film's own page has taken its place


def test_the_command_says_where_the_page_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = tmp_path / "step.py"
    scene.write_text(
        "import numpy as np\n\ndef step(w, x):\n    return np.matmul(w, x)\n\n"
        "def inputs():\n    return np.eye(2), np.ones((2, 1))\n"
    )
    out = tmp_path / "mine"
    arguments = ["page", str(scene), "--out", str(out), "--size", "320x180"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"watch {out / 'index.html'}\n"
    assert main(["verify", str(out)]) == 0
