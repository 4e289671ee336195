"""Loops of every kind: how often each was gone through must not depend on the version of Python."""

import numpy as np


def power(a):
    v = np.ones((3, 1))
    for _turn in range(3):
        v = np.matmul(a, v)
        v = v / np.linalg.norm(v)
    return v


def step(a):
    v = power(a)
    i = 0
    while i < 2:
        i += 1
        for j in range(2):
            if j == 1:
                continue
            v = v * 2
    rows = [row * 2 for row in a]
    for row, other in zip(a, rows):
        v = v + row.sum() * other[0]
    return v, sum(r @ r for r in rows)


def inputs():
    return (np.array([[2.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 3.0]]),)
