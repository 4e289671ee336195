"""k-means: broadcasting distances, argmin, means over masks, stop when nothing moves."""

import numpy as np


def step(points, centers):
    for i in range(10):
        distances = np.sqrt(((points[:, None, :] - centers[None, :, :]) ** 2).sum(axis=-1))
        labels = distances.argmin(axis=1)
        moved = np.array([points[labels == k].mean(axis=0) for k in range(len(centers))])
        if np.allclose(moved, centers):
            print("converged after", i)
            break
        centers = moved
    else:
        print("did not converge")
    counts = np.bincount(labels, minlength=len(centers))
    return centers, labels, counts


def inputs():
    points = np.array([[0.0, 0], [0, 1], [1, 0], [5, 5], [5, 6], [6, 5]])
    return points, points[[0, 1]].copy()
