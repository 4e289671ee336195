"""A generator hands out shuffled minibatches; the model is two arrays of the module."""

import numpy as np

w = np.zeros(3)
b = 0.0


def minibatches(X, y, size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), size):
        picked = order[start : start + size]
        yield X[picked], y[picked]


def step(X, y):
    global w, b
    rng = np.random.default_rng(1)
    losses = []
    for epoch in range(2):
        for i, (xb, yb) in enumerate(minibatches(X, y, 4, rng)):
            error = xb @ w + b - yb
            losses.append((error**2).mean())
            w = w - 0.1 * 2 * xb.T @ error / len(yb)
            b -= 0.1 * 2 * error.mean()
        print(f"epoch {epoch}: {np.mean(losses[-3:]):.4f}")
    return np.array(losses)


def inputs():
    X = np.random.default_rng(0).normal(size=(10, 3))
    return X, X @ np.array([1.0, -2.0, 0.5]) + 0.3
