"""Every example runs, in a folder of its own; one that is a scene gives a film."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SCENES = [path for path in EXAMPLES if "\ndef inputs(" in path.read_text(encoding="utf-8")]
DRAFT = ("--duration", "0:20", "--size", "320x180", "--quality", "draft", "--fps", "10")


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


def test_they_are_numbered_from_one_and_short() -> None:
    assert [path.name[:3] for path in EXAMPLES] == [f"{place:02d}_" for place in range(1, len(EXAMPLES) + 1)]
    for path in EXAMPLES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 80, path.name


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path) -> None:
    run(tmp_path, path)


@pytest.mark.slow
@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_a_film_is_made_of_it(path: Path, tmp_path: Path) -> None:
    run(tmp_path, "-m", "mnistviz", "render", path, *DRAFT)
    run(tmp_path, "-m", "mnistviz", "verify", tmp_path / "output" / path.stem)
