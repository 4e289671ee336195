"""Control flow: else of loops, continue, del, global, several targets, swaps, nested loops, assert, starred."""

import numpy as np

total = np.zeros(2)
count = 0


def search(a, wanted):
    for i, row in enumerate(a):
        for j, v in enumerate(row):
            if v < 0:
                continue
            if v == wanted:
                return i, j
        else:
            if row[0] > wanted:
                break
    else:
        return None
    return -1, -1


def step(a, b, *more, scale=2, **named):
    global total, count
    x = y = a * scale
    y[0] = 0
    a, b = b, a
    x, (p, q) = x + 1, (a[0], b[1])
    i = 0
    while i < 3:
        i += 1
        if i == 2:
            continue
        total = total + a[i - 1]
        count += 1
    else:
        total = total * 2
    for a[0, 0] in range(3):
        pass
    for n, named["row"] in enumerate(b):
        named["row"] = named["row"] * n
    z = [*a, *b]
    del a, z[0]
    assert b.any(), "all zero"
    k = x[i - 3, -1]
    k += 1
    k **= 2
    if (b > 1).sum() > 2 and not np.isnan(b).any():
        b = b @ b.T
    elif b.size:
        b = b.T
    else:
        b = None
    w: np.ndarray = p * q
    w /= 2
    u = v = w - 1
    u -= v
    return x, y, w, u, k, z, b, named, sum(more, np.zeros(2)), search(y, 4.0), search(y, 99.0)


def inputs():
    return np.arange(6.0).reshape(3, 2), np.arange(6.0).reshape(3, 2)[::-1].copy(), np.ones(2), np.ones(2)
