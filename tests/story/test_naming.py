"""Rows are called as the source's lists of words call them, where that can mean only one thing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnistviz.story.default import default_storyboard
from mnistviz.trace.recording.recorder import record


@pytest.mark.parametrize(
    ("source", "shapes", "names"),
    [
        ('words = ["the", "cat", "sat"]', ((3, 4), (4, 4)), ("the", "cat", "sat")),
        ('words = "the cat sat".split()', ((3, 4), (4, 4)), ("the", "cat", "sat")),
        ('kinds = ("a", "b", "c")', ((5, 4), (4, 3)), ("a", "b", "c")),
        ('words = ["the", "cat", "sat"]', ((3, 3), (3, 3)), None),  # rows and columns
        ('words = ["the", "cat", "sat"]; other = ["x", "y", "z"]', ((3, 4), (4, 4)), None),
        ('colours = ["red", "g", "blue"]', ((3, 4), (4, 4)), None),
        ('words = ["the", "cat", 3]', ((3, 4), (4, 4)), None),
        ('words = ["the", "cat", "sat", "down", "there"]', ((3, 4), (4, 4)), None),
        ('words = ["a long sentence", "and one more", "no name at all"]', ((3, 4), (4, 4)), None),
    ],
)
def test_a_list_of_words_names_an_axis(
    source: str, shapes: tuple[tuple[int, int], ...], names: tuple[str, ...] | None, tmp_path: Path
) -> None:
    file = tmp_path / "step.py"
    file.write_text(f"{source}\n\n\ndef step(x, w):\n    return x @ w + 1\n")
    space: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), space)  # noqa: S102
    board = default_storyboard(record(space["step"], *(np.ones(shape) for shape in shapes)))
    assert [labels.names for labels in board.labels] == ([names] if names else [])
