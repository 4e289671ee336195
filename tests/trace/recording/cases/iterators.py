"""np.nditer in its forms, flat, ndenumerate: iterators that read and write cells."""

import numpy as np


def step(x):
    with np.nditer(x, op_flags=["readwrite"]) as it:
        for v in it:
            v[...] = 2 * v
    total = 0
    for a, b in np.nditer([x, x + 1]):
        total += a * b
    with np.nditer([x, None]) as it:
        for v, out in it:
            out[...] = v * v
        squares = it.operands[1]
    for chunk in np.nditer(x, flags=["external_loop"], order="C"):
        total = total + chunk.sum()
    with np.nditer(x, op_flags=["readwrite"], flags=["buffered"], op_dtypes=["f4"], casting="same_kind") as it:
        for v in it:
            v[...] = v + 0.5
    for i in range(2):
        old = x.flat[i]
        x.flat[i] = old + 1e-5
    x.flat[4:] = [7, 8]
    x.flat = x.flat[::-1]
    head = x.flat[[0, 1]] * 2
    b = np.broadcast(x, x[0])
    pairs = sum(p * q for p, q in b)
    return x, total, squares + 1, head, pairs, x.flat.copy() - 1


def inputs():
    return (np.arange(6.0).reshape(2, 3),)
