"""Long rows of numbers are told as curves, what is drawn by chance by how often each number came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mnistviz.story.default import default_storyboard
from mnistviz.story.signals import signal_of
from mnistviz.trace.recording.recorder import record

LONG, SHORT = np.sin(np.arange(120.0)), np.sin(np.arange(20.0))
TOLD: dict[str, tuple[Callable[..., Any], Any, bool]] = {
    "a long row": (lambda x: x + 1, LONG, True),
    "its waves": (lambda x: np.fft.fft(x), LONG, True),
    "where it is large": (lambda x: x > 0.5, LONG, True),
    "a short row": (lambda x: x + 1, SHORT, False),
    "a row of something else": (lambda x: x[:, None].sum(axis=1), LONG, False),
    "weighed rows": (lambda x: np.eye(120) @ x, LONG, False),
    "one number": (lambda x: x.sum(), LONG, False),
}


@pytest.mark.parametrize("name", TOLD)
def test_long_rows_are_curves(name: str) -> None:
    function, array, curve = TOLD[name]
    board = default_storyboard(record(function, array))
    last = board.chapters[-1].shots[-1]
    assert (last.drawing == "signal") is curve


def test_what_is_drawn_by_chance_has_no_order() -> None:
    trace = record(lambda: np.random.default_rng(0).normal(size=200) * 2)
    signals = [signal_of(one) for one in trace.operations]
    assert [one is not None and one.drawn for one in signals] == [True, False]


def test_where_something_is_learned_a_row_may_be_weights() -> None:
    def step(w: Any, x: Any, t: Any) -> Any:
        error = x @ w - t
        w -= 0.01 * (x.T @ error)
        return w * 2

    board = default_storyboard(record(step, LONG.copy(), np.eye(120)[:5], np.ones(5)))
    assert "signal" not in {shot.drawing for chapter in board.chapters for shot in chapter.shots}
