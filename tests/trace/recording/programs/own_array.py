"""A program with an array class of its own: a subclass with units, and a thing that only has __array__."""

import numpy as np


class Length(np.ndarray):
    def __new__(cls, values, unit="m"):
        made = np.asarray(values, dtype=float).view(cls)
        made.unit = unit
        return made

    def __array_finalize__(self, source):
        self.unit = getattr(source, "unit", None)

    def to(self, unit):
        factor = {"m": 1.0, "km": 1e-3}[unit] / {"m": 1.0, "km": 1e-3}[self.unit]
        return Length(np.asarray(self) * factor, unit)


class Constant:
    def __init__(self, n):
        self.n = n

    def __array__(self, dtype=None, copy=None):
        return np.full(2, self.n, dtype=dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        plain = [np.asarray(one) if one is self else one for one in inputs]
        return getattr(ufunc, method)(*plain, **keywords)


def step(x):
    road = Length(x)
    longer = road * 2 + road[::-1]
    km = longer.to("km")
    c = Constant(3.0)
    y = x + c
    z = np.multiply(c, x)
    matrix = np.asmatrix(np.eye(2)) * x.reshape(2, 1)
    print(type(longer).__name__, longer.unit, km.unit, type(matrix).__name__)
    return longer.sum(), km.view(np.ndarray), y, z, np.asarray(matrix)


def inputs():
    return (np.array([1500.0, 250.0]),)
