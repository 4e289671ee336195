"""Every way to read from and write to a part of an array."""

import numpy as np


def step(a, idx):
    rows = a[idx]
    cells = a[np.arange(3), idx]
    a[idx, 0] = -1
    a[[0, 2]] = a[[2, 0]]
    a[a > 8], a[0, 0] = 8, 100
    mixed = a[1:, idx[:2]]
    grid = a[np.ix_([0, 2], [1, 3])]
    a[:, 1] += 10
    a[np.array([0, 0, 1]), 2] += 1
    a[..., -1] *= 2
    a[1][2] = 7
    first, *rest = a
    last = a[-1, ::-1][::2]
    where = np.where(a > 5)
    a[where] -= 1
    chosen = np.take_along_axis(a, np.argsort(a, axis=1), axis=1)
    empty = a[2:2]
    x, y = a[0, :2]
    del first
    a[None][0, 1, 1] = x + y
    return rows, cells, mixed, grid, last, rest, chosen, empty, a[()], a.item(3), a[tuple(idx[:2])]


def inputs():
    return np.arange(12.0).reshape(3, 4), np.array([2, 0, 1])
