"""Inheritance: super in every form, private names, mixins, class bodies that compute, __call__, operators."""

import numpy as np


class Module:
    registry = {}
    scale = np.sqrt(np.array([4.0, 9.0]))
    table = [scale * 1, scale + 1]

    def __init__(self):
        self.__params = {}

    def param(self, name, value):
        self.__params[name] = value
        return value

    def params(self):
        return self.__params

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        return x * self.scale


class Bias:
    def forward(self, x):
        return super().forward(x) + self.b


class Linear(Module):
    def __init__(self, w):
        super().__init__()
        self.w = self.param("w", w)
        self.__params = "mine"

    def forward(self, x):
        return super(Linear, self).forward(x) @ self.w


class Affine(Bias, Linear):
    def __init__(self, w, b):
        super().__init__(w)
        self.b = self.param("b", b)

    def __matmul__(self, other):
        return Affine(self.w @ other.w, self.b + other.b)

    def __eq__(self, other):
        return np.array_equal(self.w, other.w)

    __hash__ = None

    def __getitem__(self, key):
        return self.params()[key]

    class Inner:
        size = np.array([2, 2]).prod()

        def area(self):
            return self.size * __class__.size


def step(x, w):
    layer = Affine(w, np.ones(2))
    y = layer(x)
    both = layer @ layer
    layer["b"][:] = y[0]
    layer.params()["w"] *= 2
    again = layer(x)
    bound = layer.forward
    unbound = Linear.forward
    print(both == layer, Affine.__mro__[1].__name__, layer._Linear__params)
    return y, both(x), again, bound(x) - unbound(layer, x), Affine.Inner().area(), Module.table[1]


def inputs():
    return np.arange(4.0).reshape(2, 2), np.array([[1.0, 2.0], [0.0, 1.0]])
