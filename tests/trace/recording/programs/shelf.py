"""A module of arrays that others use (other_modules.py)."""

import numpy as np

weights = np.array([[1.0, 0.5], [-0.5, 2.0]])
bias = np.zeros(2)
book = {"page": [np.array([1.0, 2.0])]}
_offset = np.array([0.25, 0.75])


class Shelf:
    top = np.array([1.0, 1.0])


def normalize(v):
    return v / np.sqrt((v * v).sum())


def moved(v):
    global _offset
    _offset = _offset + bias
    return v + _offset + Shelf.top
