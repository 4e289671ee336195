"""A program that asks what its arrays are, in every way, and goes its own way by the answer."""

import collections.abc
import functools
import numbers
import sys
from typing import Protocol, Union, runtime_checkable

import numpy as np

Array = Union[np.ndarray, list]  # noqa: UP007


@runtime_checkable
class Shaped(Protocol):
    shape: tuple


@functools.singledispatch
def kind(x):
    return "other"


@kind.register
def _(x: np.ndarray):
    return "array"


@kind.register
def _(x: float):
    return "float"


def asked(x):
    yield isinstance(x, Array), isinstance(x, np.ndarray | list), isinstance(x, Shaped)
    yield type(x) is np.ndarray, type(x) == np.ndarray, x.__class__ is np.ndarray, type(x).__name__
    yield kind(x), kind(x[0]), kind(float(x[0])), isinstance(x[0], float), isinstance(x[0], numbers.Real)
    yield issubclass(type(x), np.ndarray), type(x).__mro__ == np.ndarray.__mro__, callable(x)
    yield isinstance(x, collections.abc.Iterable), isinstance(x, collections.abc.Hashable)
    yield x.flags.owndata, x.base is None, x[1:].base is x, x.T.base is x, np.may_share_memory(x, x[::2])
    yield sys.getsizeof(x), x.__array_interface__["shape"], hasattr(x, "__array_priority__"), x.ctypes.data % 8
    yield x is x.view(), np.asarray(x) is x, x.copy() is x, [x] == [x], x in [x], id(x) == id(np.asarray(x))
    yield type(x * 1).__name__, type(x.sum()).__name__, type(x > 0).__name__, type(np.float64(1) * 2).__name__
    yield type(x.tolist()[0]).__name__, type(x.item(0)).__name__, type(len(x)).__name__, type(x.shape).__name__
    yield dir(x) == dir(np.ndarray), repr(x), str(x), f"{x}", f"{x[0]:.2f}", "%s" % x, format(x[1], "+.1e")


def step(x):
    seen = list(asked(x))
    print(seen)
    match x:
        case list():
            print("match list")
        case np.ndarray(shape=(3,)):
            print("match array of three")
    if isinstance(x, Array):
        return x * 2, seen
    return np.array(x) * 3, seen


def inputs():
    return (np.array([1.0, 2.5, -3.0]),)
