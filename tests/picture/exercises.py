"""Small programs whose films show what the built-in scenes do not: every drawing, and numbers that are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from mnistviz.scene import load_scene
from mnistviz.story.default import default_storyboard
from mnistviz.story.storyboard import Shot, Storyboard
from mnistviz.story.timeline import Timeline, schedule
from mnistviz.trace.model import Trace
from mnistviz.trace.recording.recorder import record


def descend(w: Any, b: Any, x: Any) -> Any:
    """Updates by -= and +=, a transposed factor, a column times a row."""
    y = w @ x + b
    delta = y - 1.0
    gradient = delta @ np.transpose(x)
    back = np.transpose(w) @ delta
    w -= 0.1 * gradient
    b += -0.1 * delta
    return back


def judge(scores: Any) -> Any:
    """The smallest and the largest of some scores, beside what was expected."""
    expected = np.zeros((5, 1))
    expected[3] = 1.0
    best = np.argmax(scores)
    worst = np.argmin(scores)
    return expected, best, worst


def odd(a: Any, b: Any) -> Any:
    """NaN, infinity, zero and whole numbers, cell by cell."""
    c = a - b
    d = a * b
    e = np.maximum(a, b)
    f = np.exp(a)
    return c, d, e, f, np.argmin(a)


def turn(a: Any) -> Any:
    """A matrix that only turns."""
    return np.transpose(a)


def large(a: Any, b: Any) -> Any:
    """Matrices that are drawn as means of their cells."""
    c = a * b
    return c + a


def items(x: Any, m: Any, photo: Any, labels: Any, q: Any) -> Any:
    """Cells that are read and written, sums over several axes, colours, labels, two results at once."""
    x[1, :, 2:4] = 7.0
    x[m] = 0.0
    x[0, ::2, [0, 3]] += 1.0
    some = x[1, 1:] * 2.0
    scores = q @ q.transpose(0, 2, 1)
    whole = np.einsum("hij,hjk->ik", scores, q)
    beside = np.tensordot(scores, q, axes=([2], [1]))
    values, counts = np.unique(labels, return_counts=True)
    return some, whole, beside, photo[2:, ::2].mean(axis=2), values, counts


def swim(position: Any, velocity: Any, w: Any) -> Any:
    """Points that move, that are sorted into groups, and that come from more columns."""
    position += 0.1 * velocity
    nearest = ((position[:, None] - position[:3]) ** 2).sum(axis=2).argmin(axis=1)
    seen = np.hstack([position, velocity]) @ w
    return nearest, seen


def slide(picture: Any, kernel: Any, bias: Any) -> Any:
    """Two filters over a picture of one channel, with a margin, and the largest of each window."""
    margin = np.pad(picture, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(margin, (3, 3), axis=(1, 2))
    made = np.einsum("chwyx,fcyx->fhw", windows, kernel) + bias
    return made.reshape(2, 2, 2, 2, 2).max(axis=(2, 4))


def name(scores: Any) -> Any:
    """Cells that are no numbers: texts, short and long, dates, what lies between them, records and one text."""
    letters = np.array(["ant", "bee", "an albatross of a name", "cow"])
    table = letters.reshape(2, 2)[:, ::-1]
    days = np.array(["2024-02-28", "2024-03-01"], "M8[D]")
    bodies = np.zeros(2, [("mass", float), ("at", float, 2)])
    best = letters[np.argsort(scores)][0]
    return table, np.diff(days), bodies["mass"] + scores[:2], bodies[::-1], best


def hear(chance: Any) -> Any:
    """Long rows: one that counts up, one of waves, one that is drawn by chance, complex numbers, and what is loud."""
    time = np.linspace(0, 1, 120)
    sound = np.sin(40 * time) + chance.normal(size=120)
    waves = np.fft.fft(sound)
    return np.abs(waves) > 20


def _items() -> Storyboard:
    x, q = _RNG.normal(size=(2, 3, 4)), _RNG.normal(size=(2, 3, 4))
    photo = _RNG.integers(0, 255, (12, 10, 3)).astype(np.uint8)
    return default_storyboard(record(items, x, x > 1, photo, np.array([2, 0, 2, 1], np.uint8), q))


def _judged(trace: Trace) -> Storyboard:
    """Shots of a verdict, of the smallest, and of what was expected alone, as the lesson draws them."""
    load_scene("mnist_mlp")  # its drawings
    board = default_storyboard(trace)
    number = {one.output.name: one.number for one in trace}
    made = next(one.number for one in trace if one.operation == "setitem")
    shots = [
        Shot("Right or wrong", "verdict", "Words.", (made, number["best"])),
        Shot("The smallest", "verdict", "Words.", (number["worst"],)),
        Shot("Expected", "verdict", "Words.", (made,)),
    ]
    first = board.chapters[0]
    return replace(board, chapters=(replace(first, shots=(*first.shots, *shots)), *board.chapters[1:]))


def _column(*numbers: float) -> Any:
    return np.array(numbers)[:, None]


_RNG = np.random.default_rng(7)
EXERCISES: dict[str, Callable[[], Storyboard]] = {
    "descend": lambda: default_storyboard(
        record(descend, _RNG.normal(size=(3, 4)), _RNG.normal(size=(3, 1)), _RNG.normal(size=(4, 1)))
    ),
    "right": lambda: _judged(record(judge, _column(0.1, -0.4, 0.3, 0.9, 0.2))),
    "wrong": lambda: _judged(record(judge, _column(0.1, 0.95, 0.3, 0.9, -0.2))),
    "odd": lambda: default_storyboard(
        record(odd, _column(0.0, np.nan, -3.0, np.inf), _column(-0.0, 2.0, 5.0, 1e-30))
    ),
    "turn": lambda: default_storyboard(record(turn, np.arange(6.0).reshape(2, 3) - 2.5)),
    "items": _items,
    "swim": lambda: default_storyboard(
        record(swim, *(_RNG.normal(size=s) for s in ((9, 2), (9, 2), (4, 2))))
    ),
    "name": lambda: default_storyboard(record(name, np.array([0.3, 0.1, 0.4, 0.2]))),
    "hear": lambda: default_storyboard(record(hear, np.random.default_rng(3))),
    "slide": lambda: default_storyboard(
        record(slide, *(_RNG.normal(size=s) for s in ((1, 4, 4), (2, 1, 3, 3), (2, 1, 1))))
    ),
    "large": lambda: default_storyboard(
        record(large, _RNG.normal(size=(300, 40)), _RNG.normal(size=(300, 40)))
    ),
}


@lru_cache(maxsize=8)
def exercise(name: str) -> Timeline:
    """The film of an exercise."""
    return schedule(EXERCISES[name]())
