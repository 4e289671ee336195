"""Particles: several arrays are carried from step to step."""

import numpy as np

rng = np.random.default_rng(12)
position, velocity = rng.normal(size=(5, 2)), np.zeros((5, 2))
for step in range(1000):  # this
    force = np.zeros_like(position)
    for i in range(5):
        away = position - position[i]
        force[i] = (away / (np.sum(away**2, axis=1, keepdims=True) + 0.1)).sum(axis=0)
    velocity += 0.01 * force
    position += 0.01 * velocity
