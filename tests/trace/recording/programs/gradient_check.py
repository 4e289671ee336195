"""Numerical gradients with nditer and flat, beside the derived ones."""

import numpy as np


def numeric(f, x, h=1e-5):
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index
        kept = x[ix]
        x[ix] = kept + h
        above = f(x)
        x[ix] = kept - h
        below = f(x)
        x[ix] = kept
        grad[ix] = (above - below) / (2 * h)
        it.iternext()
    return grad


def by_flat(f, x, h=1e-5):
    grad = np.empty(x.size)
    for i in range(x.size):
        kept = x.flat[i]
        x.flat[i] = kept + h
        above = f(x)
        x.flat[i] = kept
        grad[i] = (above - f(x)) / h
    return grad.reshape(x.shape)


def relative(a, b):
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))


def step(w):
    loss = lambda w: np.sum(np.sin(w) ** 2)
    derived = 2 * np.sin(w) * np.cos(w)
    assert relative(numeric(loss, w), derived) < 1e-6
    for i, v in np.ndenumerate(w):
        derived[i] += v * 0
    for index in np.ndindex(2, 1):
        derived[index] *= 2
    total = 0.0
    for v in w.flat:
        total += v
    return by_flat(loss, w), derived, total


def inputs():
    return (np.array([[0.3, -0.7], [1.1, 0.2]]),)
