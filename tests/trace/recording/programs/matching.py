"""`match` on types, shapes, mappings and classes with arrays in them."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Add:
    left: object
    right: object


@dataclass
class Times:
    left: object
    right: object


def evaluate(node):
    match node:
        case np.ndarray():
            return node
        case Add(left=l, right=r):
            return evaluate(l) + evaluate(r)
        case Times(l, r):
            return evaluate(l) * evaluate(r)
        case int() | float() as number:
            return np.full(2, number)
        case {"op": "neg", "of": of, **rest}:
            return -evaluate(of)
        case [first, *others]:
            return np.sum([evaluate(first), *map(evaluate, others)], axis=0)
    raise TypeError(node)


def activation(name, x):
    match name.split(":"):
        case ["relu"]:
            return np.maximum(x, 0)
        case ["leaky", slope] if (s := float(slope)) < 1:
            return np.where(x > 0, x, s * x)
        case _:
            return x


def shape_of(x):
    match x.shape:
        case (n,):
            return f"vector of {n}"
        case (n, m) if n == m:
            return f"square of {n}"
        case (n, m):
            return f"{n} by {m}"


def step(a, b):
    tree = Add(a, Times(b, {"op": "neg", "of": [a, 2, b * 0.5], "why": "none"}))
    out = evaluate(tree)
    print(shape_of(out), shape_of(np.outer(a, b)), shape_of(np.ones((2, 3))))
    return out, activation("relu", out), activation("leaky:0.1", out), activation("id", out)


def inputs():
    return np.array([1.0, -2.0]), np.array([0.5, 3.0])
