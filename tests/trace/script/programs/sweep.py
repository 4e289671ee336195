"""Several trainings, one after the other, with other rates."""

import numpy as np

rng = np.random.default_rng(9)
X, t = rng.normal(size=(15, 2)), rng.normal(size=15)
results = []
for rate in (0.1, 0.01):
    w = np.zeros(2)
    for step in range(30):  # this
        w -= rate * X.T @ (X @ w - t)
    results.append(w)
