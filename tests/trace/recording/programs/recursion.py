"""Recursion: an FFT that halves, a determinant by minors, quicksort by masks, a tree of dicts."""

import numpy as np


def fft(x):
    n = len(x)
    if n == 1:
        return x.astype(complex)
    even, odd = fft(x[::2]), fft(x[1::2])
    turned = np.exp(-2j * np.pi * np.arange(n // 2) / n) * odd
    return np.concatenate([even + turned, even - turned])


def det(m):
    if m.shape == (1, 1):
        return m[0, 0]
    return sum(
        (-1) ** j * m[0, j] * det(np.delete(m[1:], j, axis=1)) for j in range(m.shape[1])
    )


def quicksort(a):
    return (
        a
        if len(a) < 2
        else np.r_[quicksort(a[a < a[0]]), a[a == a[0]], quicksort(a[a > a[0]])]
    )


def grow(points, depth=0):
    if len(points) <= 1 or depth == 2:
        return {"mean": points.mean(axis=0), "size": len(points)}
    axis = depth % points.shape[1]
    cut = np.median(points[:, axis])
    left = points[:, axis] <= cut
    return {"cut": cut, "left": grow(points[left], depth + 1), "right": grow(points[~left], depth + 1)}


def step(x, m, points):
    spectrum = fft(x)
    print(np.allclose(spectrum, np.fft.fft(x)), np.isclose(det(m), np.linalg.det(m)))
    return spectrum, det(m), quicksort(x), grow(points)


def inputs():
    r = np.random.default_rng(6)
    return np.array([3.0, 1, 2, 0]), r.integers(0, 5, (3, 3)).astype(float), r.random((5, 2))
