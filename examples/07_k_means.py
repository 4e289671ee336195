"""Two rounds of k-means: each point goes to its nearest centre, each centre to the middle of its points."""

import numpy as np

import mnistviz


def step(points, centres):
    for _ in range(2):
        apart = points[:, None, :] - centres[None, :, :]
        distances = np.sqrt((apart**2).sum(axis=2))
        nearest = distances.argmin(axis=1)
        for k in range(len(centres)):
            centres[k] = points[nearest == k].mean(axis=0)
    return nearest, distances


def inputs():
    rng = np.random.default_rng(7)
    middles = np.array([[0.0, 0.0], [4.0, 1.0], [1.0, 5.0]])
    points = (middles[:, None, :] + rng.normal(size=(3, 4, 2)) / 2).reshape(12, 2)
    return points, points[[0, 5, 9]].copy()


if __name__ == "__main__":
    trace = mnistviz.record(step, *inputs())
    trace.check()
    print(mnistviz.render(trace, "output/k-means", fps=(10,), size=(1280, 720)))
