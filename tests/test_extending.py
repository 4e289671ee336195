"""Extending it as a stranger would: a file of one's own, or the one or two places that the README names.

What changes the package is done to a copy of it, so each test also shows which files it took.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
STEP = """
import numpy as np

def step(w, x):
    return np.tanh(w @ x)

def inputs():
    return np.array([[0.5, -1.0], [2.0, 0.25]]), np.array([[1.0], [-0.5]])
"""
THEME = """
from dataclasses import replace
from mnistviz.picture.theme import LIGHT, add_theme

add_theme(replace(LIGHT, name="paper", background=(250, 240, 215)))
"""
SHORT = ["--size", "320x180", "--quality", "draft", "--fps", "10", "--duration", "0:20"]


def run(folder: Path, *arguments: object, package: Path = ROOT) -> str:
    """A command in a folder; what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "mnistviz", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "step.py").write_text(STEP)
    return tmp_path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package and its scenes."""
    for name in ("mnistviz", "scenes"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / "copy" / name, ignore=ignored)
    return tmp_path / "copy"


def edit(package: Path, file: str, old: str, new: str) -> None:
    """Change one place of one file."""
    path = package / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def still(folder: Path, name: str, *arguments: object, package: Path = ROOT) -> np.ndarray:
    run(folder, "frame", *arguments, "-o", name, "--size", "640x360", "--quiet", package=package)
    return np.asarray(Image.open(folder / name))


def test_a_theme_in_a_file_of_ones_own(folder: Path) -> None:
    with (folder / "step.py").open("a") as file:
        file.write(THEME)
    assert tuple(still(folder, "still.png", "step.py", "--theme", "paper")[0, 0]) == pytest.approx(
        (250, 240, 215), abs=2
    )
    run(folder, "render", "step.py", "--theme", "paper", "--out", "out", *SHORT)
    poster = np.asarray(Image.open(folder / "out" / "poster.png"))
    assert tuple(poster[0, 0]) == pytest.approx((250, 240, 215), abs=2)


def test_a_colour_map_in_one_place(folder: Path, package: Path) -> None:
    before = still(folder, "before.png", "step.py", package=package)
    edit(package, "mnistviz/picture/theme.py", '"signed": "berlin"', '"signed": "coolwarm"')
    assert (still(folder, "after.png", "step.py", package=package) != before).any()


def test_a_text_format_in_one_place(folder: Path, package: Path) -> None:
    edit(
        package,
        "mnistviz/export/listings.py",
        '    "youtube.txt":',
        '    "titles.txt": lambda timeline, _: "\\n".join(one.title for one in timeline.chapters),\n'
        '    "youtube.txt":',
    )
    run(folder, "render", "step.py", "--out", "out", *SHORT, package=package)
    assert (folder / "out" / "titles.txt").read_text().strip()
    assert "complete" in run(folder, "verify", "out", package=package)


def test_a_moving_format_in_two_places(folder: Path, package: Path) -> None:
    edit(package, "mnistviz/cli/loop.py", 'SUFFIXES = (".gif", ', 'SUFFIXES = (".png", ".gif", ')
    edit(
        package,
        "mnistviz/export/loop.py",
        '{".gif": _gif, ',
        '{".png": lambda p, d, g: _packed(p, d, ".png"), ".gif": _gif, ',
    )
    run(folder, "loop", "step.py", "-o", "loop.png", "--size", "320x180", package=package)
    with Image.open(folder / "loop.png") as moving:
        assert moving.n_frames > 10


SCENE = """
'''A network of two rows, which learns whether a picture is dark.'''
from mnistviz.scene import Scene

def open_scene(choice):
    from mnistviz import record
    from mnistviz.story.default import default_storyboard
    from . import drawn, learner
    import numpy as np

    picture = np.full((28, 28), 100, np.uint8)
    return Scene("dark", lambda: record(learner.answer, np.ones((10, 784)), learner.column(picture)),
                 lambda trace: default_storyboard(trace, "dark"))

def open_learner():
    from . import learner
    return learner
"""
LEARNER = """
from pathlib import Path
import numpy as np
from mnistviz.data.weights import MatrixFile

FILES = (MatrixFile("rows.npy", (10, 784)),)
SHIPPED = Path(__file__).parent / "weights"

def column(picture):
    return np.reshape(picture / 255, (784, 1))

def answer(rows, image):
    return rows @ image

def new(seed):
    return {"rows.npy": np.random.default_rng(seed).normal(size=(10, 784)) / 100}

def detect(matrices, picture):
    return int(answer(matrices["rows.npy"], column(picture)).argmax())

def step(matrices, picture, label, learn_rate):
    image = column(picture)
    scores = answer(matrices["rows.npy"], image)
    wanted = np.zeros((10, 1))
    wanted[label] = 1
    matrices["rows.npy"] -= learn_rate * (scores - wanted) @ image.T
    return int(scores.argmax())
"""
DRAWN = """
from mnistviz.picture.drawings import draws, drawing

@draws("matmul")
def draw_product(studio, shot, p):
    return drawing("generic")(studio, shot, p)
"""


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    (tmp_path / "dark").mkdir()
    for name, text in (("__init__", SCENE), ("learner", LEARNER), ("drawn", DRAWN)):
        (tmp_path / "dark" / f"{name}.py").write_text(text)
    return tmp_path


def test_a_scene_in_its_own_folder_with_a_drawing_and_a_second_network_that_learns(scene: Path) -> None:
    run(scene, "render", "dark", "--out", "out", *SHORT)
    assert "complete" in run(scene, "verify", "out")
    run(scene, "train", "dark", "--epochs", "2", "--limit", "1500", "--weights", "weights", "--quiet")
    said = run(scene, "evaluate", "dark", "--weights", "weights", "--limit", "300")
    assert float(said.split()[1].removesuffix("%")) > 40  # a guess is right 10 times in 100
