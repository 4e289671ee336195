"""Batches from a generator that hands on arrays of its own; what learns is who asks for them."""

import numpy as np

rng = np.random.default_rng(0)
F = np.array([[1.0, 0.1], [0.0, 1.0]])


def measured(state):
    while True:
        state = F @ state + 0.01 * rng.normal(size=2)
        yield state + 0.1 * rng.normal(size=2)


x, p = np.array([0.1, 0.2]), np.array([[1.0, 0.2], [0.2, 1.0]])
for step, z in enumerate(measured(np.array([0.3, 1.0]))):  # this
    x, p = F @ x, F @ p @ F.T + 0.01 * np.eye(2)
    gain = p @ np.linalg.inv(p + 0.1 * np.eye(2))
    x, p = x + gain @ (z - x), p - gain @ p
    if step == 30:
        break
print(x)
