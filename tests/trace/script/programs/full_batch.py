"""A loop over layers inside of the loop that learns."""

import numpy as np

rng = np.random.default_rng(1)
sizes = [3, 6, 5, 2]
weights = [rng.normal(size=(n, m)) for n, m in zip(sizes, sizes[1:])]
x, t = rng.normal(size=(10, 3)), rng.normal(size=(10, 2))
for i in range(100):  # this
    acts = [x]
    for w in weights:
        acts.append(np.tanh(acts[-1] @ w))
    delta = (acts[-1] - t) * (1 - acts[-1] ** 2)
    for k in reversed(range(3)):
        grad = acts[k].T @ delta
        delta = delta @ weights[k].T * (1 - acts[k] ** 2)
        weights[k] -= 0.01 * grad
