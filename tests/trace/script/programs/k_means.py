"""No gradient at all: clusters, one after the other, inside of the loop."""

import numpy as np

rng = np.random.default_rng(10)
points = rng.normal(size=(30, 2))
centres = points[:3].copy()
for turn in range(10):  # this
    distances = ((points[:, None] - centres) ** 2).sum(axis=2)
    nearest = distances.argmin(axis=1)
    for k in range(3):
        centres[k] = points[nearest == k].mean(axis=0)
