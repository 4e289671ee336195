"""Assignment expressions, conditional expressions, chained comparisons, boolean operators."""

import numpy as np


def step(x, target):
    turns = 0
    while (error := np.abs(x * x - target).max()) > 1e-6 and turns < 20:
        x = (x + target / x) / 2
        turns += 1
    y = (s := x.sum()) * s
    z = x if (m := x.mean()) > 1 else -x
    inside = 0 < m < 10 <= 100
    a = x[(i := int(x.argmax()))] or 1.0
    b = not (x > 100).any() and x[0] or x[1]
    parts = [half := x / 2, half + 1]
    w = [last := v * 2 for v in x]
    n = (lambda q: (p := q + 1) * p)(x)
    print(turns, error < 1e-6, inside, i)
    return y, z, a, b, parts, last, w, n, (x > 1) & (x < 2), None if x.size else x


def inputs():
    return np.array([1.0, 1.0]), np.array([2.0, 9.0])
