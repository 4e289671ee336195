"""Objects of the program's that answer operators: with an array, a number, a truth or themselves; kinds with an `==`."""

import numpy as np


class Loose(type):
    """A kind that is equal to every other, and has no hash."""

    def __eq__(cls, other):
        calls.append("==")
        return True


class Layer(metaclass=Loose):
    def __init__(self, w):
        self.w = w
        self.out = None

    def __matmul__(self, x):
        self.out = self.w @ x
        return self.out

    def __rmul__(self, x):
        return np.sum(self.w) * x.shape[0]

    __array_ufunc__ = None

    def __rsub__(self, x):
        return float(np.sum(x - self.w))

    def __eq__(self, x):
        return bool(np.all(self.w == x))

    def __radd__(self, x):
        return x

    def __rpow__(self, x):
        return self

    __hash__ = None


calls = []


def step(x):
    layer = Layer(np.array([[1.0, 2.0], [0.5, -1.0]]))
    y = layer @ x
    total = x * layer
    distance = x - layer
    same = layer == x
    itself = x + layer
    layer = x**layer
    pair = [layer, (layer, x)]
    for one in pair:
        if one is layer:
            y = y + layer @ x
    print(total, distance, same, itself is x, len(pair), calls)
    return y, total, distance, same


def inputs():
    return (np.array([3.0, 4.0]),)
