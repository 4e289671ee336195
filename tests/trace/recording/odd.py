"""Functions written in ways that one does not expect, and the numpy calls that each makes."""

# ruff: noqa: E702, E731, RET504

from __future__ import annotations

import math

import numpy as np

SCALE = np.array([2.0, 3.0])


def aliasing_views(x):
    half = x[::2]
    half += 1
    return x * 2


def written_out(x, y):
    z = np.empty_like(x)
    np.add(x, y, out=z)
    np.multiply(z, 2, out=z)
    return z


def in_place_on_slices(x):
    x[1:, :] *= 3
    x[0] = x[1]
    x[x > 5] = 0
    return x


def broadcasting_both_ways(column, row):
    table = column + row
    table -= row
    return table / column


def zero_dimensional(x):
    total = x.sum()
    total += 1
    best = np.argmax(x)
    if total > 3:
        total = total * x[best]
    return total


def empty_arrays(x):
    nothing = x[:0]
    return np.concatenate([nothing, nothing]).sum() + nothing.size


def integers_and_booleans(x):
    even = x % 2 == 0
    count = np.count_nonzero(even & (x > 1))
    return x[even] ** 2 // 3, ~even, count


def fortran_order(x):
    y = np.asfortranarray(x)
    return np.matmul(y, y.T), y.reshape(-1, order="F")


def nested(x):
    def inner(z):
        return np.tanh(z) + 1

    double = lambda z: z * 2
    return double(inner(x))


def half_way(x, y):
    z = x * 2
    return np.matmul(z, y)


def several_outputs(x):
    low, high = np.split(x, 2)
    whole, rest = divmod(x, 2)
    return low - high, whole, rest


def reached_arrays(x):
    y = x * SCALE
    SCALE[0] = 7
    return y + np.sqrt(2.0)


def methods(x):
    return x.mean(axis=0, keepdims=True).clip(0, 1).astype(np.float32).T.flatten().cumsum()


def reductions(x):
    running = np.add.accumulate(x, axis=1)
    np.add.at(running, [0, 0], 1)
    return np.multiply.outer(running, x).sum(axis=(0, 1)), np.maximum.reduce(x)


def comprehension(x):
    rows = [row * 2 for row in x]
    return np.stack(rows)


def looped(x):
    total = np.zeros(x.shape[1])
    for i in range(3):
        if i == 1:
            continue
        for _ in range(2):
            total += x[i]
    while total.max() < 100:
        total = total * 2
    return total


def conversions(x):
    return x * math.sqrt(x.sum()) + float(x[0])


def einsums(x, y):
    a = np.einsum("ij,jk->ik", x, y)
    b = np.tensordot(x, y, axes=1)
    c = np.inner(x, x) + np.outer(x[0], x[0])[:3, :3]
    return np.where(a[:, :2] > 1, 0, b[:, :2]), np.pad(c, 1), np.squeeze(np.expand_dims(c, 0)), c.swapaxes(0, 1)


def sorting(x):
    x.sort()
    x.fill(x[0, 0])
    np.copyto(x, 3.0)
    return x


def several_on_a_line(x, y): a = x + y; b = a * x; return a - b


def übung(größe):
    änderung = größe * 2 + np.abs(größe)  # ä
    return änderung


CASES = {
    aliasing_views: ["getitem", "add", "multiply"],
    written_out: ["empty_like", "add", "multiply"],
    in_place_on_slices: ["getitem", "multiply", "setitem", "getitem", "setitem", "greater", "setitem"],
    broadcasting_both_ways: ["add", "subtract", "divide"],
    zero_dimensional: ["sum", "add", "argmax", "greater", "getitem", "multiply"],
    empty_arrays: ["getitem", "concatenate", "sum", "add"],
    integers_and_booleans: [
        "remainder", "equal", "greater", "bitwise_and", "count_nonzero", "getitem", "power", "floor_divide",
        "invert",
    ],
    fortran_order: ["asfortranarray", "transpose", "matmul", "reshape"],
    nested: ["tanh", "add", "multiply"],
    several_outputs: ["split", "divmod", "subtract"],
    reached_arrays: ["multiply", "setitem", "sqrt", "add"],
    methods: ["mean", "clip", "astype", "transpose", "flatten", "cumsum"],
    reductions: ["add.accumulate", "add.at", "multiply.outer", "sum", "maximum.reduce"],
    comprehension: ["getitem", "multiply", "getitem", "multiply", "getitem", "multiply", "stack"],
    conversions: ["sum", "math.sqrt", "multiply", "getitem", "float", "add"],
    einsums: [
        "einsum", "tensordot", "inner", "getitem", "getitem", "outer", "getitem", "add", "getitem", "greater",
        "getitem", "where", "pad", "expand_dims", "squeeze", "swapaxes",
    ],
    sorting: ["sort", "getitem", "fill", "copyto"],
    several_on_a_line: ["add", "multiply", "subtract"],
    übung: ["multiply", "absolute", "add"],
}  # fmt: skip


def arguments(function):
    """Fresh arguments for one of the functions."""
    made = {
        "x": np.arange(12.0).reshape(3, 4) / 3,
        "y": np.arange(12.0).reshape(3, 4)[::-1] * 0.7,
        "column": np.arange(1.0, 4.0).reshape(3, 1),
        "row": np.arange(4.0),
        "größe": np.linspace(-1, 1, 5),
    }
    if function in (integers_and_booleans,):
        return [np.arange(9)]
    if function in (several_outputs, zero_dimensional, empty_arrays, conversions):
        return [np.arange(6.0) + 0.5]
    if function is reached_arrays:
        return [np.array([[1.0, 2.0], [3.0, 4.0]])]
    if function is einsums:
        return [made["x"], made["y"].T.copy().T.reshape(4, 3)]
    if function is half_way:
        return [made["x"], made["y"]]
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return [made[name] for name in names]
