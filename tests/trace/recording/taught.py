"""Code to record in the tests: a small network and its kin."""

# ruff: noqa: E701, F841, RET504

from __future__ import annotations

import numpy as np

SHIFT = np.array([1.0, 2.0, 3.0])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def network(image, w1, b1, w2, b2, label, learn_rate):
    pre = b1 + np.matmul(w1, image)
    hidden = sigmoid(pre)
    out = 1 / (1 + np.exp(-(b2 + np.matmul(
        w2,  # the second matrix
        hidden,
    ))))
    expected = np.zeros(out.shape)
    expected[label] = 1
    detected = np.argmax(out)
    delta = out - expected
    adjustment = np.matmul(delta, np.transpose(hidden))
    w2 += -learn_rate * adjustment
    b2 -= learn_rate * delta
    slope = hidden * (1 - hidden)
    hidden_delta = np.matmul(w2.T, delta) * slope
    w1 += -learn_rate * np.matmul(hidden_delta, image.T)
    b1 += -learn_rate * hidden_delta
    return out, detected


class Model:
    scale = np.array([1.0, 0.5, 2.0])

    def __init__(self):
        self.w = np.eye(3)
        self.layers = [np.ones(3), np.zeros(3)]
        self.named = {"b": np.ones(3)}

    def forward(self, x):
        self.h = self.w @ x * self.scale + SHIFT
        return self.h

    def step(self, x):
        y = self.forward(x)
        self.w += np.outer(y, x)
        self.w[0] += 1
        self.layers[0] -= y
        self.named["b"] = self.named["b"] + y
        return self.w


def loops(x):
    kept = []
    for i in range(3):
        if i == 0:
            continue
        for _ in range(2): kept.append(x * i)
    while x[0] < 3:
        x = x + 1
    return [np.sum([one + q for q in range(2)]) for one in kept[:2]]


def lambdas(z): return (lambda q: sigmoid(q) * 2)(z)


def größe_ändern(größe):
    ergebnis = np.abs(größe, ) + np.exp("ää" and größe) * 2
    return ergebnis


def views(x):
    part = x[1:]
    part *= 2
    return x + 0


def several(x):
    low, high = np.split(x, 2)
    (total, top), rest = (x.sum(), x.max()), x - 1
    if (mean := x.mean()) > 0:
        rest = rest / mean
    first, second = low
    return low * high, rest, first - second


def chained(x):
    y = (
        x.reshape(3, 1)
        .repeat(2, axis=1)
        .T
    )
    return y


def momentum(w, g):
    w = w - 0.1 * g
    return w


def asks_raw(x):
    y = x * 2
    memoryview(y)[0] = 7.0
    return y + 1, x.ctypes.data


def asks_elsewhere(x):
    return x + np.vectorize(lambda t: t + 1)(x)


def fails(x, y):
    z = x * 2
    return np.matmul(z, y)


def fails_in_python(x):
    y = x * 2
    return [y][3]


def big(x):
    y = x + 1
    return y * 2


def random(x):
    rng = np.random.default_rng(3)
    noise = rng.normal(size=3)
    noise[0] = 0
    return x + noise + np.sqrt(2.0)
