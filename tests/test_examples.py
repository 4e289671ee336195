"""Every example runs as printed, in a folder of its own: its films are short drafts, its stills small, and few digits
are trained on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnistviz.cli import main

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SCENES = [path for path in EXAMPLES if "\ndef inputs(" in path.read_text(encoding="utf-8")]

# Runs the example as a script; every film that it makes is a draft of its first chapter, 20 s long, whatever it asks
# for, and the colours of its stills are chosen once.
AS_DRAFT = """
import runpy, sys
import mnistviz
from PIL import Image
from mnistviz.export.raster import raster

render, quantize, still, folders = mnistviz.render, Image.Image.quantize, raster.still, []

def draft(story, out, **options):
    short = {"fps": (10,), "size": (320, 180), "duration": "0:20", "quality": "draft", "chapters": (1, 1)}
    folders.append(render(story, out, **{**options, **short}))
    return folders[-1]

mnistviz.render = draft
raster.still = lambda display, size: still(display, (320, 180))
Image.Image.quantize = lambda image, colours, **better: quantize(image, colours, Image.Quantize.FASTOCTREE)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")

from mnistviz.export.folder.verify import verify
for folder in folders:
    verify(folder)
"""
# What an example lets its caller say about how much it does.
LESS = {"09_mapping_mistake": ("500",), "10_gallery": ("gallery", "3")}


def run(folder: Path, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_they_are_numbered_and_short() -> None:
    numbers = [path.name[:2] for path in EXAMPLES]
    assert numbers[0] == "01" and all(number.isdigit() for number in numbers)
    assert len(set(numbers)) == len(numbers)
    for path in EXAMPLES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 80, path.name


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path) -> None:
    run(tmp_path, "-c", AS_DRAFT, path, *LESS.get(path.stem, ()))


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_it_is_a_scene(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Loading it runs nothing of its own: a scene's file has its doings behind a `__main__` guard."""
    monkeypatch.chdir(tmp_path)
    assert main(["trace", str(path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 5
    assert list(tmp_path.iterdir()) == []
