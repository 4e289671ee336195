"""Every other way to change an array in place."""

import operator

import numpy as np


def plainly(x, idx):
    operator.iadd(x, 1)
    operator.setitem(x, 0, 5.0)
    x.__setitem__(1, 6.0)
    x.__imul__(2)
    np.ndarray.__setitem__(x, 2, 7.0)
    setattr(x, "real", x.real * 2)
    x.put(idx[:1], 3)
    x.fill(x[1])
    np.fill_diagonal(x.reshape(2, 2), 1)
    np.putmask(x, x < 2, -1)
    np.put_along_axis(x, np.array([0]), 8.0, axis=0)
    return x


def step(x, idx):
    np.add.at(x, idx, 1.0)
    np.put(x, [0], [9.0])
    np.place(x, x > 5, [7.0])
    np.copyto(x, x[::-1].copy())
    x.sort()
    x[:] = x[::-1]
    x[x > 6], x[0] = 0, 3
    x[[0, 1]] = x[[1, 0]]
    y = x.reshape(2, 2)
    y[0] += 1
    y.T[1] *= 2
    np.multiply(y, 2, out=y)
    np.random.shuffle(y)
    z = np.arange(4.0)
    z.resize((2, 2), refcheck=False)
    z.partition(1)
    return x, y, z, plainly(x.copy(), idx)


def inputs():
    return np.array([1.0, 2, 3, 4]), np.array([0, 0, 2])
