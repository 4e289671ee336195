"""Decorators: with and without arguments, stacked, as classes, lru_cache, wraps, on methods."""

import functools

import numpy as np

CALLS = []


def counted(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        CALLS.append(f.__name__)
        return f(*args, **kwargs)

    return wrapper


def scaled(by):
    def decorate(f):
        def wrapper(*args):
            return by * f(*args)

        return wrapper

    return decorate


class Memo:
    def __init__(self, f):
        self.f, self.known = f, {}
        functools.update_wrapper(self, f)

    def __call__(self, x):
        key = x.tobytes()
        if key not in self.known:
            self.known[key] = self.f(x)
        return self.known[key]


@functools.lru_cache(maxsize=None)
def identity(n):
    return np.eye(n) * 1.5


@counted
@scaled(3)
def affine(x):
    return x + 1


@Memo
def slow(x):
    return np.linalg.norm(x) * x


class Layer:
    @counted
    def forward(self, x):
        return identity(len(x)) @ x

    @functools.cached_property
    def weights(self):
        return np.arange(4.0).reshape(2, 2) / 2

    @functools.singledispatchmethod
    def load(self, x):
        return np.array(x) * 2

    @load.register
    def _(self, x: np.ndarray):
        return x * 3


def step(x):
    layer = Layer()
    y = affine(layer.forward(x))
    z = slow(y) + slow(y)
    print(CALLS, affine.__name__, identity.cache_info())
    return y, z, layer.weights @ layer.weights, layer.load(x), layer.load([1, 2])


def inputs():
    return (np.array([1.0, -1.0]),)
