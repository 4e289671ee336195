"""Closures, nonlocal, default arguments, lambdas (two in a line), functions that make functions."""

import numpy as np


def make_layer(n, m, rng=np.random.RandomState(3)):
    w, b = rng.randn(n, m), np.zeros(m)
    calls = 0

    def forward(x, scale=np.array([2.0])):
        nonlocal calls
        calls += 1
        return (x @ w + b) * scale

    def update(dw, db, *, lr=0.1):
        nonlocal w
        w = w - lr * dw
        b[...] -= lr * db
        return calls

    return forward, update


def history(x, seen=[]):
    seen.append(x * 1)
    return seen


def deep(a):
    def one(b):
        def two(c):
            return a + b * c

        return two

    return one


double, triple = (lambda z: z * 2), (lambda z: z * 3)
late = [lambda x: x + i for i in range(3)]
bound = [lambda x, i=i: x + i for i in range(3)]


def step(x):
    forward, update = make_layer(2, 3)
    y = forward(x)
    n = update(x.T @ y, y.sum(0))
    y = forward(x, scale=y[0, :1])
    history(x)
    sums = [f(x).sum() for f in late + bound]
    t = (lambda f, *rest, **named: f(*rest, **named))(np.mean, x, axis=0)
    print(n, sums)
    return y, history(x[0]), deep(x)(2)(x), double(x) - triple(x), t


def inputs():
    return (np.arange(4.0).reshape(2, 2),)
