"""Programs in which arrays decide, by way of Python, what is computed with, and which way the program goes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def converted(x: Any, w: Any) -> Any:
    rate = float(x[0]) * 0.1
    total = x.sum().item()
    return w * rate, w * total, w - round(x[1], 1)


def turned(x: Any, w: Any) -> Any:
    y = w + 1 if x.sum() > 0 else w - 1
    if np.linalg.norm(x) > 2 and not x[1] > 0:
        y = y * 3
    return y * 2


def counted(x: Any, w: Any) -> Any:
    for _ in range(int(abs(x[0]) * 3) + 1):
        w = w * 1.5
    return w


def listed(x: Any, w: Any) -> Any:
    numbers = x.tolist()
    return np.array([one * 2 for one in numbers]) + w


def picked(x: Any, w: Any) -> Any:
    best = np.argmax(x)
    chosen = np.zeros(4)
    chosen[best] = 1
    order = sorted(range(4), key=lambda place: x[place])
    return chosen * w, w[order], w[int(abs(x[0]) * 2) % 4] * w, w[np.argsort(x)]


def measured(x: Any, w: Any) -> Any:
    mean = sum(x) / len(x)
    return w - mean, w * math.sqrt(abs(x[1])), (w - min(x)) / (max(x) - min(x))


def unpacked(x: Any, w: Any) -> Any:
    first, second, *rest = x
    pairs = {place: one * 2 for place, one in enumerate(x)}
    return np.array([first + second, first - second, *rest]) * w, np.array(list(pairs.values())) @ w


def worded(x: Any, w: Any) -> Any:
    text = f"{x[0]:.1f}"
    return w * float(text)


def doubted(x: Any, w: Any) -> Any:
    positive = bool(x[0] > 0)
    power = 2 if x[1] > 0 else 3
    return w * positive + (not positive), np.power(w, power)


def halved(x: Any, w: Any) -> Any:
    count = 0
    while abs(x[0]) > 0.3 and count < 20:
        x = x * 0.5
        count += 1
    return x + w, w * count


def bounded(x: Any, w: Any) -> Any:
    loss = -np.log(abs(np.tanh(x)[2]) + 1e-9)
    best = loss if loss < 1 else 1.0
    scale = 1.0
    if float(loss) < 2:
        scale = 0.5
    return w * best, w - loss, w * scale


def passed_on(x: Any, w: Any) -> Any:
    return np.apply_along_axis(lambda row: row * x[0], 0, w), np.vectorize(lambda one: one * 2)(x) + w


class Falling:
    def __init__(self, rate: float) -> None:
        self.rate = rate

    def fall(self, by: Any) -> float:
        self.rate *= 1 - min(abs(float(by)), 0.5)
        return self.rate


def fallen(x: Any, w: Any) -> Any:
    falling = Falling(0.5)
    a = w * falling.rate
    b = w * falling.fall(x[0])
    return a, b, w * falling.rate


def shaped(x: Any, w: Any) -> Any:
    """Nothing of this is decided by what the arrays hold."""
    rows, half = len(x), x.shape[0] // 2
    rate = 0.1 / rows
    for place in range(half):
        w = w + rate * x[place]
    return w.reshape(half, -1) * x.size, [one * rate for one in (x, w)], np.zeros(x.shape) + w


def written_apart(x: Any, w: Any) -> Any:
    """Expressions of several lines, and columns that count characters."""
    großes = (
        w
        * float(x[0])
        * 2
    ); größer = w if (x[1] > 0) else -w  # noqa: E702  # fmt: skip
    return großes, größer


PROGRAMS = (
    converted, turned, counted, listed, picked, measured, unpacked, worded, doubted, halved, bounded, passed_on,
    fallen, shaped, written_apart,
)  # fmt: skip
