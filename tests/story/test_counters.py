"""Loops that count by arrays of numpy, and loops around what was recorded of a script, say nothing of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mnistviz.story.counters import counters
from mnistviz.story.default import default_storyboard
from mnistviz.trace.recording.recorder import record
from mnistviz.trace.script.loops import Wish
from mnistviz.trace.script.run import run_script

NETWORK = """
import numpy as np


class Net:
    def __init__(self):
        rng = np.random.default_rng(1)
        self.W = [rng.normal(size=(2, 3)), rng.normal(size=(3, 1))]

    def fit(self, X, y):
        for epoch in np.arange(0, 50):
            for x, target in zip(X, y):
                self.learn(x, target)

    def learn(self, x, y):
        A = [np.atleast_2d(x)]
        for layer in np.arange(0, len(self.W)):
            A.append(np.tanh(A[layer].dot(self.W[layer])))
        delta = (A[-1] - y) * (1 - A[-1] ** 2)
        D = [delta]
        for layer in np.arange(len(A) - 2, 0, -1):
            D.append(D[-1].dot(self.W[layer].T) * (1 - A[layer] ** 2))
        D = D[::-1]
        for layer in np.arange(0, len(self.W)):
            self.W[layer] += -0.1 * A[layer].T.dot(D[layer])


Net().fit(np.eye(2), np.array([[0.5], [-0.5]]))
"""


def test_layers_that_numpy_counts_are_told_by_what_is_done_to_them(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NETWORK)
    board = default_storyboard(run_script(path, (), Wish()).trace)
    shots = [shot.title for chapter in board.chapters for shot in chapter.shots]
    assert not any(title.startswith("layer:") or "arange" in title for title in shots)
    phases = [chapter.phase for chapter in board.chapters]
    assert phases == sorted(phases, key=["forward", "error", "backward", "update"].index)
    assert set(phases) >= {"forward", "backward", "update"}
    again = [shot.title for shot in board.chapters[-1].shots if shot.title.startswith("Again")]
    assert len(again) == 1  # the second layer's update, and nothing that came before it


def test_an_array_of_numbers_to_compute_with_counts_nothing() -> None:
    def counting(x: Any) -> Any:
        for place in np.arange(2):
            x[place] = x[place] * 2.0
        return x

    def computing(x: Any) -> Any:
        for place in np.arange(2):
            x = x + place
        return np.arange(3) * 1.0

    counted = record(counting, np.ones(2))
    names = [one.operation for one in counted if one.number in counters(counted)]
    assert names == ["arange", "getitem", "getitem"]
    assert counters(record(computing, np.ones(2))) == frozenset()
