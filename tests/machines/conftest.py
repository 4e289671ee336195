"""What the tests of machines share: a library that refuses, a small program, and its film on this machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.export.stories import contents
from tests.machines.stage import MACHINES, ROOT, SMALL, STEP, run


@pytest.fixture(scope="session")
def library(tmp_path_factory) -> Path:
    """What refuses calls, compiled."""
    made = tmp_path_factory.mktemp("library") / "refusing.so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", made, MACHINES / "refusing.c", "-ldl"], check=True
    )
    return made


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with a small program."""
    (tmp_path / "step.py").write_text(STEP)
    return tmp_path


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> dict[str, bytes]:
    """Its film, made on this machine as it is, by two workers; the others have one."""
    place = tmp_path_factory.mktemp("film")
    (place / "step.py").write_text(STEP)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    code, _, errors = run(env, place, "render", "step.py", *SMALL, "--workers", "2", "--out", "out")
    assert code == 0, errors
    return contents(place / "out")
