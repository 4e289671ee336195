"""Pairs of input and answer in a list that is shuffled before each epoch: no parameters of anything."""

import random

import numpy as np

rng = np.random.default_rng(0)
pairs = [(rng.normal(size=(3, 1)), rng.normal(size=(2, 1))) for _ in range(6)]
weights = [rng.normal(size=(4, 3)), rng.normal(size=(2, 4))]
for epoch in range(3):
    random.shuffle(pairs)
    batches = [pairs[k : k + 2] for k in range(0, 6, 2)]
    for batch in batches:  # this
        steps = [np.zeros(w.shape) for w in weights]
        for x, y in batch:
            hidden = weights[0] @ x
            error = weights[1] @ hidden - y
            steps[1] = steps[1] + error @ hidden.T
            steps[0] = steps[0] + weights[1].T @ error @ x.T
        weights = [w - 0.1 * step for w, step in zip(weights, steps)]
