"""A loop over time of many steps in the loop that learns; nothing that learns changes before it is over."""
import numpy as np

rng = np.random.default_rng(14)
W = rng.normal(size=(3, 3)) * 0.3
x, target = rng.normal(size=3), rng.normal(size=3)
for turn in range(2):  # this
    grad = np.zeros_like(W)
    h = np.zeros(3)
    for t in range(2100):
        h = np.tanh(W @ h + x)
        grad += h
    W -= 0.0001 * grad
