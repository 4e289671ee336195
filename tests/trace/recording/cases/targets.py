"""Cells that are written by every statement that can: tuples, stars, loops, `with`, annotations, walrus beside."""

from contextlib import contextmanager

import numpy as np


@contextmanager
def given(value):
    yield value


class Box:
    def __init__(self, v):
        self.v = v
        self.shape = 1


def step(x, m):
    a = np.zeros(4)
    box = Box(a)
    x[0], *a[1:], m[0, 0] = m[0]
    first, *rest = m
    [x[1], (m[1, 0], q)] = [1.0, (2.0, rest[0] * 2)]
    for x[2] in range(2):
        pass
    for box.v[3], r in zip(m[0], m):
        pass
    with given(m[1]) as m[0], given((1.0, 2.0)) as (x[0], a[0]):
        m[0] += 1
    x[1]: float = 5.0
    box.v[:2], box.shape = x[:2], 7
    y = x[2] = m[1, 1] = a[0] + 1
    x[int(first[0]) % 3] = (z := x[0]) * 2
    box.v = box.v.reshape(2, 2)
    box.v.T[0], box.v[1, 1] = box.v[1].copy(), z
    (x)[0] -= (yield_ := 1)
    box.v[0][1] *= 3
    m[0, 1:], m[0, 0] = m[0, :-1].copy(), yield_
    x[[0, 1]], x[2] = x[[1, 0]], x[0]
    m.shape = (-1,)
    m.real[0] = 4
    return a, y, r, q, box, m


def inputs():
    return np.zeros(3), np.arange(9.0).reshape(3, 3)[:, :].copy() * 0 + [[1, 2, 3], [0, 5, 6], [7, 8, 9]]
