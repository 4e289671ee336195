"""A scene's modules are found by a finder of ours, which stands beside everybody else's."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from mnistviz.modules import load_module


def test_a_program_may_invalidate_the_caches_of_all_finders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "late_scene.py").write_text("import importlib\nimportlib.invalidate_caches()\n")
    load_module(tmp_path / "late_scene.py")
    importlib.invalidate_caches()
