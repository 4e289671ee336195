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
    "places": (lambda a, b: np.where(a), "Find where a (2) holds. The result is 0 and 1."),
    "sizes": (
        lambda a, b: np.abs(a * 1j),
        "Take the size of each cell of a * 1j (2). The result is 1 and 2.",
    ),
    "divide": (lambda a, b: a / b, "Divide a (2) by b (2). The result is 0.3333 and 0.5."),
    "power": (lambda a, b: a**b, "Raise a (2) to the power b (2). The result is 1 and 16."),
    "greater": (
        lambda a, b: a > b,
        "Ask where a (2) is more than b (2). The result is true in 0 of 2 cells.",
    ),
    "matmul": (lambda a, b: a @ b, "Multiply a (2) by b (2). The result is 11."),
    "less in place": (less, "Take b (2) from a (2), in place. a has 2 numbers, all -2."),
    "more in place": (more, "Add b (2) to a (2), in place. No number changes by more than 4."),
    "sum": (lambda a, b: np.sum(a, axis=0), "Add up a (2). The result is 3."),
    "each row": (
        lambda a, b: np.stack([a, b]).max(axis=-1),
        "Find the largest cell of np.stack([a, b]) (2x2) in each row. The result is 2 and 4.",
    ),
    "axes": (
        lambda a, b: np.outer(a, b)[:, None].sum(axis=(0, -1)),
        "Add up np.outer(a, b)[:, None] (2x1x2) along axes 0 and 2. The result is 21.",
    ),
    "put together": (
        lambda a, b: np.stack([a, b], axis=1),
        "Stack arrays along axis 1. The result has 2x2 numbers.",
    ),
    "one cell": (lambda a, b: a[1], "Take one cell of a (2), at [1]. The result is 2."),
    "one more axis": (
        lambda a, b: a[:, None],
        "Give a (2) one more axis, at [:, None]. The result is 1 and 2.",
    ),
    "backwards": (lambda a, b: a[::-1], "Turn a (2) round, at [::-1]. The result is 2 and 1."),
    "a number by chance": (
        lambda a, b: np.random.default_rng(0).normal(a[0], 0.0),
        "Draw a number by chance. The result is 1.",
    ),
    "a number of nothing": (
        lambda a, b: np.negative(a[0] * 0.0),
        "Turn the sign of 0. The result is 0.",
    ),
    "a row and a column": (
        lambda a, b: np.unravel_index(np.argmax(np.outer(a, b)), (2, 2)),
        "Find the row and the column of place 3. The result is 1 and 1.",
    ),
    "which of two": (
        lambda a, b: np.where(a > 1, a, b),
        "Where a > 1 (2) holds take a (2), elsewhere b (2). The result is 3 and 2.",
    ),
    "a number": (lambda a, b: 2 * a[0], "Multiply 2 by a[0] (= 1). The result is 2."),
    "hypot": (
        lambda a, b: np.hypot(a, b),
        "Take the hypotenuse of a (2) and b (2). The result is 3.162 and 4.472.",
    ),
    "yes or no": (
        lambda a, b: a[0] > b[0],
        "Ask whether a[0] (= 1) is more than b[0] (= 3). The result is false.",
    ),
    "what yes and no are": (
        lambda a, b: np.any(a > b) == True,  # noqa: E712
        "Ask whether np.any(a > b) (= false) equals True. The result is false.",
    ),
    "masks": (
        lambda a, b: (a > 1) & (b > 1),
        "Ask where both a > 1 (2) and b > 1 (2) hold. The result is true in 1 of 2 cells.",
    ),
    "a row of more": (lambda a, b: np.repeat(a, 2), "Repeat the cells of a (2). The result has 4 numbers."),
    "where it holds": (
        lambda a, b: np.outer(a, b) > 3,
        "Ask where np.outer(a, b) (2x2) is more than 3. The result is true in 3 of 4 cells.",
    ),
    "a list before an array": (
        lambda a, b: [a, b] - np.eye(2),
        "Take np.eye(2) (2x2) from [a, b] (2 arrays). The result has 2x2 numbers.",
    ),
    "an array before a list": (
        lambda a, b: a * [b, b],
        "Multiply a (2) by [b, b] (2 arrays), cell by cell. The result has 2x2 numbers.",
    ),
    "a list of numbers": (
        lambda a, b: np.argmax([a[0], b[0]]),
        "Find where [a[0], b[0]] (2 numbers) is largest. The result is 1.",
    ),
    "a list without arrays": (
        lambda a, b: np.repeat([1, 2], 2),
        "Repeat the cells of [1, 2]. The result has 4 numbers.",
    ),
    "no phrase": (
        lambda a, b: np.polymul(a, b),
        "Compute polymul of a (2) and b (2). The result is 3, 10 and 8.",
    ),
}


@pytest.mark.parametrize("name", CAPTIONS)
def test_what_is_said_of_an_operation(name: str) -> None:
    function, wish = CAPTIONS[name]
    board = default_storyboard(record(function, np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    last = next(shot for shot in reversed(board.chapters[0].shots) if shot.completes)  # before the end
    assert text_of(last.caption) == wish


def halve(given: Any) -> Any:
    half = given["size"] * 0.5
    given["size"] = half
    late = np.array(["2024-02-01", "2024-03-01"], "M8[D]").max() + np.timedelta64(2, "D")
    return np.sort(given, order="size"), given["name"][:1], given["name"][0], late


def test_what_is_no_number_is_not_called_one() -> None:
    given = np.array([(2.0, "b"), (1.0, "a")], dtype=[("size", "f8"), ("name", "U1")])
    board = default_storyboard(record(halve, given))
    said = [text_of(shot.caption) for chapter in board.chapters for shot in chapter.shots]
    assert 'Write half (2) into given (2), at ["size"]. given has 2 records.' in said
    assert "Sort given (2). The result has 2 records." in said
    assert any(one.endswith("The result has 1 text.") for one in said)
    assert any(one.endswith("The result is one text.") for one in said)
    assert "Add a date and a span. late is one date." in said


@pytest.mark.parametrize(
    ("compute", "said"),
    [
        (lambda a, b: a + b, "too large"),
        (lambda a, b: a - b, "too small"),
        (lambda a, b: (a // 2) + (b // 2), ""),
        (lambda a, b: a.astype(np.int16) + b, ""),
        (lambda a, b: a * 2.0 + b, ""),
    ],
)
def test_what_does_not_fit_is_said_to_wrap_around(compute: Callable[..., Any], said: str) -> None:
    board = default_storyboard(record(compute, np.array([200, 10], np.uint8), np.array([100, 20], np.uint8)))
    told = " ".join(
        text_of(one.caption) for chapter in board.chapters for shot in chapter.shots for one in shot.said
    )
    assert ("wraps around" in told) == bool(said) and said in told
