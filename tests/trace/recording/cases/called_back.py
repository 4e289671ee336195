"""Numpy functions that call the program's own: vectorize, apply_along_axis, fromfunction, piecewise."""

import numpy as np

soft = np.vectorize(lambda v: max(v - 0.25, 0.0))


@np.vectorize
def stairs(v):
    return 1.0 if v > 0 else -1.0


def spread(row):
    return row.max() - row.min()


def step(w):
    s = soft(w)
    u = np.apply_along_axis(spread, 1, w) * 2
    g = np.fromfunction(lambda i, j: i * 2 + j, (2, 3)) + w
    h = np.piecewise(w, [w < 0, w >= 0], [lambda v: -v, lambda v: v * v]) - 1
    return s * 2, u, g, h, stairs(w) * 3, np.apply_over_axes(np.sum, w, [0, 1])


def inputs():
    return (np.array([[0.3, -0.2, 0.8], [-0.6, 0.4, 0.1]]),)
