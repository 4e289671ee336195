"""Loops over everything that goes through arrays: iterators that are shared or begun, in C and in Python."""

import numpy as np, itertools


def step(x, m):
    it = iter(x)
    n = next(it)
    a = [v * 2 for v in it]
    pairs = [p + q * 2 for p, q in zip(*[iter(x)] * 2)]
    back = [v - 1 for v in reversed(x)] + [v.sum() for v in reversed(m)]
    it = iter(m)
    b = []
    for row in it:
        other = next(it)
        b.append(row + other)
    c = [(i, v * i) for i, v in enumerate(x, 5)]
    d = [u * w * k for u, (w, *r), k in zip(x, m, itertools.count())]
    e = [u + v for (u, v), w in zip(m, x)]
    for pair in zip(m, m[::-1]):
        e.append(pair[0] @ pair[1])
    for k, pair in enumerate(zip(x, m)):
        e.append(pair[0] * pair[1] + k)
    f = 0
    for v in map(np.sum, m):
        f = f + v
    for v in itertools.accumulate(x, np.multiply):
        f = f + v
    for v in filter(None, x):
        f = f + v
    for v in itertools.islice(m, 1, 3):
        f = f + v
    for v in np.nditer(x):
        f = f + v
    for v in x.flat:
        f = f - v
    for (i, j), v in np.ndenumerate(m):
        f = f + v * i
    for v in set(x.tolist()):
        f = f + v
    for v in itertools.chain(x, m[0]):
        f = f + v
    for u, v in itertools.product(x[:2], x[:2]):
        f = f + u * v
    for v in x if x[0] > 0 else m:
        f = f * v
    for v in [*x, *m]:
        f = f + v
    for v in (y for y in m):
        f = f + v
    for v in m.T:
        f = f + v[0]
    low, *rest = map(np.negative, m)
    first, second = itertools.accumulate(m[:2], np.add)
    (p, q), *r = zip(x[:2], m[2:])
    roots = [*map(np.sqrt, m), p * q, *map(np.exp, x[:2])]
    (one, two), (three, four) = enumerate(m[:2])
    f = f + low * rest[2] + first * second + roots[-1] + r[0][1] + four * one + two * three
    g = 2.0 in x, 99 not in x, np.float64(1) in [1.0, 2], x[0] in x
    return n, a, pairs, back, b, c, d, e, f, g


def inputs():
    return np.array([1.0, 2, 3, 4]), np.arange(8.0).reshape(4, 2)
