"""Captions of operations: the operands in the order in which the operation takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mnistviz.picture.wording import text_of
from mnistviz.story.default import default_storyboard
from mnistviz.trace.recording.recorder import record


def less(a: Any, b: Any) -> Any:
    a -= b
    return a


def more(a: Any, b: Any) -> Any:
    a += b
    return a


CAPTIONS: dict[str, tuple[Callable[..., Any], str]] = {
    "subtract": (lambda a, b: a - b, "Take b (2) from a (2). The result has 2 numbers, all -2."),
    "divide": (lambda a, b: a / b, "Divide a (2) by b (2). The result has 2 numbers."),
    "power": (lambda a, b: a**b, "Raise a (2) to the power b (2). The result has 2 numbers."),
    "greater": (lambda a, b: a > b, "Ask where a (2) is more than b (2). The result has 2 numbers, all 0."),
    "matmul": (lambda a, b: a @ b, "Multiply a (2) by b (2). The result is 11."),
    "less in place": (less, "Take b (2) from a (2), in place. a has 2 numbers, all -2."),
    "more in place": (more, "Add b (2) to a (2), in place. a has 2 numbers."),
    "sum": (lambda a, b: np.sum(a, axis=0), "Add up a (2) along axis 0. The result is 3."),
    "hypot": (
        lambda a, b: np.hypot(a, b),
        "Measure the way along a (2) and b (2). The result has 2 numbers.",
    ),
    "no phrase": (
        lambda a, b: np.polymul(a, b),
        "Compute polymul of a (2) and b (2). The result has 3 numbers.",
    ),
}


@pytest.mark.parametrize("name", CAPTIONS)
def test_what_is_said_of_an_operation(name: str) -> None:
    function, wish = CAPTIONS[name]
    board = default_storyboard(record(function, np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    assert text_of(board.chapters[0].shots[-1].caption) == wish
