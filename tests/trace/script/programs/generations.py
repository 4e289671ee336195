"""A genetic algorithm: each child takes the place of its parent, in the rows that the inner loop goes through."""

import numpy as np

rng = np.random.default_rng(3)
pop = rng.integers(2, size=(8, 6))
for _ in range(50):  # this
    fitness = pop.sum(axis=1) + 1.0
    pop = pop[rng.choice(8, size=8, p=fitness / fitness.sum())]
    mates = pop.copy()
    for parent in pop:
        child = np.where(rng.random(6) < 0.5, parent, mates[rng.integers(8)])
        flip = rng.random(6) < 0.1
        child = np.where(flip, 1 - child, child)
        parent[:] = child
