"""An array of its own kind, which hears who asks it what: only the program does."""

import sys

import numpy as np

heard = []


def hear(name):
    frame = sys._getframe(2)
    while "numpy" in frame.f_code.co_filename:
        frame = frame.f_back
    heard.append((name, frame.f_code.co_filename == __file__))


def listening(name, raw):
    def method(self, *arguments, **keywords):
        hear(name)
        return raw(self, *arguments, **keywords)

    return method


class Answering(np.ndarray):
    def __array_function__(self, function, kinds, arguments, keywords):
        hear(function.__name__)
        return super().__array_function__(function, kinds, arguments, keywords)


METHODS = ["__getitem__", "__len__", "__iter__", "__eq__", "__bool__", "__repr__", "copy", "tobytes", "view"]
for one in METHODS:
    setattr(Answering, one, listening(one, getattr(np.ndarray, one)))
for one in ["shape", "dtype", "base", "flags", "strides", "size", "ndim", "nbytes"]:
    setattr(Answering, one, property(listening(one, getattr(np.ndarray, one).__get__)))


def step(w, x):
    held = {"w": w}
    for _ in range(2):
        w = held["w"] - 0.5
        held["w"] = w
    y = w.sum(axis=0)
    z = w * x
    return y, z


def inputs():
    return np.arange(4.0).reshape(2, 2).view(Answering), np.ones((2, 2))
