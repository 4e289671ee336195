"""Which code is taught, wherever the libraries and the recorded function are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

STEP = """\
import numpy as np


def step(x):
    return np.tile(x, 2) + np.sqrt(2.0)


def inputs():
    return np.ones(3)
"""


@pytest.mark.parametrize("libraries", [".venv/lib/python3/site-packages", "libraries"])
def test_libraries_beside_the_recorded_function_are_not_taught(
    libraries: str, root: Path, tmp_path: Path
) -> None:
    """A virtual environment is often in the very folder of the code that is recorded."""
    (tmp_path / "step.py").write_text(STEP)
    folder = tmp_path / libraries
    folder.mkdir(parents=True)
    for package in ("numpy", "numpy.libs"):
        (folder / package).symlink_to(Path(np.__file__).parents[1] / package)
    (folder / "numpy").unlink()
    shutil.copytree(
        Path(np.__file__).parent, folder / "numpy", ignore=shutil.ignore_patterns("tests", "*.pyi")
    )
    code = (
        f"import sys; sys.path[:0] = [{str(folder)!r}, {str(root)!r}]\n"
        "import numpy; from mnistviz.scene import load_scene\n"
        f"assert numpy.__file__.startswith({str(folder)!r})\n"
        "print(*[one.operation for one in load_scene('step.py').record()])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "tile sqrt add\n", done.stderr[-2000:]
