"""Functions as values: partial, map, filter, reduce, sorted by key, operator, compose."""

import functools
import operator
from functools import partial, reduce

import numpy as np

softplus = partial(np.logaddexp, 0)
along_rows = partial(np.sum, axis=1)
ACTIVATIONS = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "linear": lambda z: z}


def compose(*functions):
    return reduce(lambda f, g: lambda x: g(f(x)), functions)


def power(x, n):
    return x**n


cube = functools.partial(power, n=3)


def step(xs, ws):
    out = reduce(lambda h, w: np.tanh(h @ w), ws, xs[0])
    product = reduce(np.matmul, ws)
    total = reduce(operator.add, xs)
    doubled = list(map(lambda x: x * 2, xs))
    norms = list(map(np.linalg.norm, xs))
    kept = list(filter(lambda x: x.sum() > 0, xs))
    ranked = sorted(xs, key=np.sum)
    by_name = {name: f(xs[1]) for name, f in ACTIVATIONS.items()}
    piped = compose(softplus, np.sqrt, cube)(xs[0])
    rows = along_rows(ws[0])
    dots = list(map(operator.matmul, xs, ws))
    top = max(xs, key=lambda x: float(x.max()))
    got = operator.itemgetter(0, 2)(xs[0])
    called = operator.methodcaller("cumsum")(xs[0])
    method = xs[0].dot
    starred = np.multiply(*xs[:2])
    keyed = np.sum(**{"a": ws[0], "axis": 0})
    return (
        out, product, total, doubled, norms, kept, ranked, by_name, piped, rows, dots, top, got, called,
        method(xs[1]), starred, keyed,
    )


def inputs():
    xs = [np.array([1.0, -2.0, 3.0]), np.array([0.5, 0.5, -2.0])]
    return xs, [np.arange(9.0).reshape(3, 3) / 9, np.eye(3)]
