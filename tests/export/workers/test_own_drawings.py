"""Drawings of a scene's own: workers have them, whatever file or script they are from, and never run a script."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from mnistviz.errors import InputError
from mnistviz.modules import Module, OwnCode, load_module, own_code
from mnistviz.reach import reached
from tests.export.stories import ROOT

SHORT = ["--size", "320x180", "--quality", "draft", "--fps", "10", "--duration", "0:20", "--workers", "2"]
STEP = """
import os
import numpy as np
from mnistviz.picture.drawings import drawing, draws
import words

@draws("linalg.norm")
def draw_norm(studio, shot, p):
    with open(os.environ["OWN_DRAWN"], "a") as seen:
        seen.write(f"{os.getpid()} {words.SAID} {__name__}\\n")
    return drawing("generic")(studio, shot, p)

def step(v):
    return v / np.linalg.norm(v)

def inputs():
    return (np.array([3.0, -4.0, 12.0, 1.0]),)
"""
SCRIPT = """
print("this runs once")
import os
import numpy as np
import mnistviz
from mnistviz.picture.drawings import drawing, draws

SEEN = os.environ["OWN_DRAWN"]
unused = open("made-by-the-script", "a").write("once\\n")

def note(text):
    with open(SEEN, "a") as seen:
        seen.write(f"{os.getpid()} {text} {__name__}\\n")

@draws("linalg.norm")
def draw_norm(studio, shot, p):
    note("by-script")
    return drawing("generic")(studio, shot, p)

trace = mnistviz.record(lambda v: v / np.linalg.norm(v), np.array([3.0, -4.0, 12.0, 1.0]))
mnistviz.render(trace, "out", fps=(10,), size=(320, 180), duration="0:20", quality="draft", workers=2)
"""


def run(folder: Path, *arguments: str) -> tuple[str, list[list[str]]]:
    """Run Python in a folder: what it prints, and a line for each drawing by a worker: process, words, module."""
    seen = folder / "seen.txt"
    seen.write_text("")
    command = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OWN_DRAWN": str(seen)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said, _ = command.communicate(timeout=120)
    assert command.returncode == 0, said
    drawn = [line.split() for line in seen.read_text().splitlines()]
    return said, [line for line in drawn if line[0] != str(command.pid)]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    (tmp_path / "step.py").write_text(STEP)
    (tmp_path / "words.py").write_text("SAID = 'one'\n")
    return tmp_path


def render(scene: Path) -> tuple[str, list[list[str]]]:
    return run(scene, "-m", "mnistviz", "render", "step.py", "--out", "out", *SHORT)


def test_workers_draw_it_and_nothing_is_drawn_again_until_a_file_of_the_scene_changes(scene: Path) -> None:
    _, seen = render(scene)
    assert {module for *_, module in seen} == {"mnistviz_scene_step"}
    film = (scene / "out" / "film-10fps.mp4").read_bytes()
    said, _ = render(scene)
    assert "nothing has changed" in said
    (scene / "words.py").write_text("SAID = 'two'\n")  # as long as before, and perhaps in the same second
    _, seen = render(scene)
    assert {words for _, words, _ in seen} == {"two"}
    assert (scene / "out" / "film-10fps.mp4").read_bytes() == film  # the picture does not show the words


def test_a_script_is_not_run_again_by_its_workers(tmp_path: Path) -> None:
    (tmp_path / "my script.py").write_text(SCRIPT)
    said, seen = run(tmp_path, "my script.py")
    assert said.count("this runs once") == 1
    assert (tmp_path / "made-by-the-script").read_text() == "once\n"
    assert {(words, module) for _, words, module in seen} == {("by-script", "mnistviz_script")}


def test_a_drawing_whose_source_is_in_no_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    with pytest.raises(InputError, match="source cannot be read, __main__, write it into a file"):
        own_code(["__main__"])


@pytest.fixture
def package(tmp_path: Path) -> OwnCode:
    """A scene in a folder, with a drawing in a part of it; the folder is gone."""
    folder = tmp_path / "mine"
    (folder / "deep").mkdir(parents=True)
    (folder / "__init__.py").write_text("from .deep import drawn\ndef tell(): from . import story\n")
    (folder / "deep" / "__init__.py").write_text("")
    (folder / "deep" / "drawn.py").write_text(
        "from mnistviz.picture.drawings import draws\nfrom ..names import NAME\n"
        "@draws(NAME)\ndef draw_it(studio, shot, p): ...\n"
    )
    (folder / "names.py").write_text("NAME = 'from afar'\n")
    (folder / "story.py").write_text("SAID = 'what no drawing asks for'\n")
    load_module(folder / "__init__.py", package=True).tell()
    code = own_code(["mnistviz_scene_mine.deep.drawn"])
    for path in folder.rglob("*.py"):
        path.unlink()
    return code


def test_it_is_carried_to_where_its_files_are_not(package: OwnCode, tmp_path: Path) -> None:
    assert [module.name for module in package.modules] == [
        "mnistviz_scene_mine",
        "mnistviz_scene_mine.deep",
        "mnistviz_scene_mine.deep.drawn",
        "mnistviz_scene_mine.names",
    ]
    (tmp_path / "code").write_bytes(pickle.dumps(package))
    far = (
        "import pickle; from mnistviz.modules import import_carried; from mnistviz.picture import drawings\n"
        "import_carried(pickle.load(open('code', 'rb'))); print(drawings.drawing('from afar').__module__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", far],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "mnistviz_scene_mine.deep.drawn\n", done.stderr


# Which of these modules are imported with `home.drawn`, and when its functions are called; of each its text.
REACHED = {
    "nothing else": ({"drawn": ""}, ""),
    "a neighbour": ({"drawn": "from . import near"}, "near"),
    "what a neighbour has": ({"drawn": "from .near import f"}, "near"),
    "by its whole name": ({"drawn": "from home.near import f"}, "near"),
    "as it is called": ({"drawn": "def draw():\n  from .near import f"}, "near"),
    "a neighbour's": ({"drawn": "from . import near", "near": "def f():\n  import home.far"}, "near far"),
    "for checkers alone": (
        {"drawn": "if TYPE_CHECKING:\n  from . import far\nelse:\n  from . import near"},
        "near",
    ),
    "what the package imports": ({"__init__": "from . import near"}, "near"),
    "what only calls of the package import": ({"__init__": "def tell():\n  from . import near"}, ""),
    "a call that it makes": ({"__init__": "def tell():\n  from . import near\ntell()"}, "near"),
    "a decorator that it calls": (
        {"__init__": "def f(g):\n  from . import near\n@f\ndef g(): ..."},
        "near",
    ),
    "a class that it makes": (
        {"__init__": "class A:\n  def f(self):\n    from . import near\nA().f()"},
        "near",
    ),
    "a call of the package": (
        {"__init__": "def tell():\n  from . import near", "drawn": "from . import tell"},
        "near",
    ),
    "the package, imported": (
        {"__init__": "def tell():\n  from . import near", "drawn": "import home"},
        "near",
    ),
    "a default of a function": ({"__init__": "def f(a=__import__('home.near')): ..."}, "near far"),
    "by a name that is no text": (
        {"drawn": "import importlib; importlib.import_module('home.' + 'near')"},
        "near far",
    ),
    "whatever is listed": ({"drawn": "from . import *"}, "near far"),
    "no text at all": ({"drawn": "\0"}, "near far"),
    "someone else's": ({"drawn": "import numpy.linalg\nfrom os import path"}, ""),
}


@pytest.mark.parametrize("way", REACHED)
def test_a_drawing_is_made_of_what_it_imports(way: str) -> None:
    """However it does so: words of a story are in no drawing, and whoever changes them changes no other picture."""
    texts, wanted = REACHED[way]
    texts = {"__init__": "", "drawn": "", "near": "", "far": "", **texts}
    names = {name: f"home.{name}".removesuffix(".__init__") for name in texts}
    sources = {names[one]: Module(one, "", text.encode(), one == "__init__") for one, text in texts.items()}
    assert reached(["home.drawn"], sources) == {
        "home",
        "home.drawn",
        *(f"home.{one}" for one in wanted.split()),
    }
