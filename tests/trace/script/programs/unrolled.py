"""Parameters in one long row, gathered piece by piece and taken apart again, as who minimises wants them."""

import numpy as np

rng = np.random.default_rng(1)
sizes = [3, 4, 1]
parts = {k: rng.normal(size=(sizes[k + 1], sizes[k])) for k in range(2)}
x, wanted = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))


def unrolled(parts):
    flat = np.array([])
    for k in range(len(parts)):
        flat = np.hstack((flat, parts[k].ravel()))
    return flat


def rolled(flat):
    parts, at = {}, 0
    for k in range(2):
        size = sizes[k + 1] * sizes[k]
        parts[k] = flat[at : at + size].reshape(sizes[k + 1], sizes[k])
        at += size
    return parts


def gradient(flat):
    parts = rolled(flat)
    hidden = np.tanh(x @ parts[0].T)
    error = (hidden @ parts[1].T - wanted) / len(x)
    back = error @ parts[1] * (1 - hidden**2)
    return unrolled({0: back.T @ x, 1: error.T @ hidden})


def minimise(flat, passes=30):
    for _ in range(passes):  # this
        flat = flat - 0.1 * gradient(flat)
    return flat


print(minimise(unrolled(parts)).sum())
