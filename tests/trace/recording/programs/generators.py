"""Generators: pipelines, send, throw, close, yield from, return values, itertools."""

import itertools

import numpy as np

log = []


def windows(x, n):
    for i in range(len(x) - n + 1):
        yield x[i : i + n]


def averaged(parts):
    for part in parts:
        yield part.mean()


def running():
    total, n = np.zeros(2), 0
    while True:
        got = yield total / max(n, 1)
        if got is None:
            return total
        total = total + got
        n += 1


def delegating():
    result = yield from running()
    yield result * 10


def guarded(x):
    try:
        for v in x:
            yield v + 1
    except KeyError:
        yield -x
    finally:
        log.append(x.sum())


def step(x, pairs):
    smooth = np.fromiter(averaged(windows(x, 3)), dtype=float)
    gen = delegating()
    means = [next(gen)]
    for pair in pairs:
        means.append(gen.send(pair))
    means.append(gen.send(None))
    g = guarded(x)
    first = next(g)
    thrown = g.throw(KeyError)
    g.close()
    both = [a * b for a, b in itertools.product(x[:2], x[2:4])]
    runs = list(itertools.accumulate(pairs, np.add))
    parts = [list(group) for _, group in itertools.groupby(x, key=lambda v: v > 2)]
    cut = list(itertools.islice(windows(x, 2), 2))
    return smooth, means, first, thrown, both, runs, parts, cut


def inputs():
    return np.arange(6.0), np.arange(6.0).reshape(3, 2)
