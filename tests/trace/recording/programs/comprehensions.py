"""Comprehensions of every kind, nested, with conditions; generator expressions in calls."""

import numpy as np


def step(xs, ys):
    squares = [x**2 for x in xs]
    table = [[x * y for y in ys] for x in xs]
    by_name = {f"x{i}": np.sqrt(x) for i, x in enumerate(xs)}
    big = [x for x in xs if x.sum() > 3]
    flat = [v for row in xs for v in row if v % 2 == 1]
    sizes = {int(x.max()) for x in xs}
    total = sum(x @ y for x, y in zip(xs, ys))
    longest = max((x for x in xs), key=lambda x: np.linalg.norm(x))
    stacked = np.stack([np.concatenate([x, y]) for x, y in zip(xs, ys)])
    some = any(x[0] > 3 for x in xs)
    every = all((x >= 0).all() for x in xs)
    lazy = (x + 1 for x in xs)
    first = next(lazy)
    rest = list(lazy)
    print(sorted(sizes), total, len(big), flat, some, every)
    return squares, table, by_name, longest, stacked, first, rest


def inputs():
    return [np.arange(3.0), np.arange(3.0) + 2], [np.ones(3), np.array([0.0, 1.0, 0.5])]
