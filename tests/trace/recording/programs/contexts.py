"""Context managers: numpy's, the library's, classes and generators of our own, several in one line."""

import contextlib
import io
from contextlib import contextmanager

import numpy as np

STACK = []


@contextmanager
def scaled(a, factor):
    a *= factor
    try:
        yield a
    finally:
        a /= factor


class Tape:
    def __init__(self):
        self.entries = []

    def __enter__(self):
        STACK.append(self)
        return self

    def __exit__(self, kind, value, traceback):
        STACK.pop()
        return kind is ZeroDivisionError

    def note(self, value):
        self.entries.append(value * 1.0)
        return value


def step(a):
    with scaled(a, 2.0) as twice, Tape() as tape:
        total = tape.note(twice).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = a / (a - a[0])
    with np.printoptions(precision=2):
        print(ratio)
    with tape:
        tape.note(a + 1)
        1 / 0
    with contextlib.suppress(ValueError):
        a @ np.ones(7)
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.ExitStack() as stack:
        stack.enter_context(scaled(a, 3.0))
        stack.callback(lambda: tape.note(a.max()))
        print(a)
    return total, ratio, tape.entries, text.getvalue()


def inputs():
    return (np.array([1.0, 2.0, 4.0]),)
