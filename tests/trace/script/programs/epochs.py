"""Epochs over minibatches, at the top level; the data is shuffled in place."""

import numpy as np

rng = np.random.default_rng(0)
X, y = rng.normal(size=(32, 4)), rng.integers(0, 2, (32, 1))
for column in range(X.shape[1]):
    X[:, column] = (X[:, column] - X[:, column].mean()) / X[:, column].std()
W1, b1 = rng.normal(size=(4, 5)), np.zeros(5)
W2, b2 = rng.normal(size=(5, 1)), np.zeros(1)
losses = np.zeros(20)
h = np.tanh(X @ W1 + b1)
for epoch in range(20):
    order = rng.permutation(32)
    X, y = X[order], y[order]
    for start in range(0, 32, 8):  # this
        xb, yb = X[start : start + 8], y[start : start + 8]
        h = np.tanh(xb @ W1 + b1)
        out = 1 / (1 + np.exp(-(h @ W2 + b2)))
        delta = (out - yb) / 8
        back = delta @ W2.T * (1 - h * h)
        W2 -= 0.1 * h.T @ delta
        b2 -= 0.1 * delta.sum(axis=0)
        W1 -= 0.1 * xb.T @ back
        b1 -= 0.1 * back.sum(axis=0)
    losses[epoch] = np.abs(out - yb).mean()
print("done", losses[-1])
