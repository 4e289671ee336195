"""Chance: the module's own state, RandomState, Generators, spawned, jumped, shuffles, choices."""

import random

import numpy as np
from numpy.random import default_rng

RNG = np.random.default_rng(2024)


class Dropout:
    def __init__(self, p):
        self.p, self.rng = p, default_rng(5)

    def __call__(self, x):
        mask = self.rng.random(x.shape) >= self.p
        return x * mask / (1 - self.p)


def metropolis(n, rng):
    x, chain = 0.0, np.empty(n)
    for i in range(n):
        proposal = x + rng.normal()
        if np.log(rng.random()) < 0.5 * (x**2 - proposal**2):
            x = proposal
        chain[i] = x
    return chain


def step(x):
    random.seed(1)
    np.random.seed(1)
    noise = np.random.normal(0, 1, x.shape)
    dropped = Dropout(0.5)(x)
    RNG.shuffle(x)
    picked = RNG.choice(x, size=2, replace=False)
    order = np.random.permutation(4)
    old = np.random.RandomState(9)
    a, b = old.rand(2), old.randint(0, 9, 3)
    child = RNG.spawn(1)[0]
    chain = metropolis(5, child)
    jitter = random.random() * x[0]
    out = np.empty(3)
    RNG.standard_normal(out=out)
    point = np.random.uniform(size=2) @ np.array([1.0, 2.0])
    z = RNG.multivariate_normal([0, 0], np.eye(2))
    k = RNG.integers(10)
    print(order, k, np.random.randint(100))
    return noise, dropped, picked, a, b, chain, jitter, out, point, z, x[k % len(x)]


def inputs():
    return (np.arange(1.0, 5.0),)
