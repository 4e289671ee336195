"""Numpy far and wide, densely written: linear algebra, records of arrays, in-place, random, control flow."""

# ruff: noqa: C416, E501, E701, E702, F841, RUF059, B905
# fmt: off
from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np


@dataclass
class P:
    w: np.ndarray
    b: np.ndarray
def svd(x):
    u, s, vt = np.linalg.svd(x)
    q = np.linalg.qr(x)
    w, v = np.linalg.eigh(x @ x.T)
    inv = np.linalg.inv(x + np.eye(3))
    return u @ np.diag(s) @ vt, q.Q, w, np.linalg.solve(x + np.eye(3), x[0]), np.fft.fft(x).real, inv
def dc(p):
    p.w -= 1
    p.b = p.b * 2
    return p
def dicts(params, xs):
    for k in params: params[k] -= 0.5
    for a, b in zip(xs, params.values()): a += b
    return {k: v * 2 for k, v in params.items()}
def copies(x):
    y = copy.deepcopy(x); y += 1
    z = x.copy(); z[...] = 2
    return y, z, copy.copy(x), np.copy(x)
def sets(x):
    x.shape = (9,)
    x[x > 0.5] = 0
    x[[1,2]] = [3, 4]
    x[np.array([0,1])] += np.array([1., 2.])
    x.put([0], 5); np.put(x, [1], 7); np.place(x, x > 4, [1.]); np.putmask(x, x < 0, 0)
    return x.reshape(3,3)
def ints(x):
    n = (x * 10).astype(int)
    b = np.bincount(n.ravel()); u, c = np.unique(n, return_counts=True)
    return n & 1, n >> 1, n ^ 3, ~n, n // 2, n % 3, b, u, c, np.sort(n), np.argsort(n), np.take(n, [0, 1]), np.nonzero(n), n.nonzero()[0], np.any(n), n.all()
def misc(x):
    a = np.ones_like(x); b = np.full((2, 2), 7); c = np.arange(3)[::-1]; d = np.linspace(0, 1, 5); e = np.array([[1, 2], [3, 4]]); f = np.identity(3); g = np.asarray(x); h = np.array(x); m = np.meshgrid(c, d)
    assert g is x
    k = np.float64(3) * x + np.float32(2)
    return a + f, b @ e, np.vstack([x, x]), np.hstack((x, x)), np.column_stack([c, c]), np.r_[c, c], np.tile(x, 2), np.repeat(x, 2, axis=0), np.roll(x, 1), np.flip(x), np.broadcast_to(c, (3, 3)) + x, np.ravel(x), np.moveaxis(x, 0, 1), np.trace(x), np.cross(x[0], x[1]), np.kron(e, e), np.clip(x, 0.2, 0.5), x.clip(min=0.3), x.round(1), np.percentile(x, 50), np.median(x), np.cov(x), np.isclose(x, x), np.allclose(x, x), k, m[0], np.ix_(c, c), np.piecewise(x, [x < .5], [lambda q: q * 2, 1])
def control(x):
    s = 0
    for row in x:
        for v in row:
            if v > 0.5 and not np.isnan(v): s += v
    best = max(range(len(x)), key=lambda i: x[i].sum())
    lst = sorted(x.ravel()); total = sum(lst); p = math.prod(lst); d = {int(np.argmax(x)): 1}
    for i, r in enumerate(x): x[i] = r / r.sum()
    return s, best, total, lst[0], np.float64(p), x
def dunder(x):
    y = x
    y = y ** 2 ** 1; y **= 0.5; y = 2 ** y; y = y @ x; y @= x; y //= 1; y = -y; y = +y; y = abs(y); y %= 7; y = 1 - y; y = 5 / (y + 1)
    return divmod(y, 2), y < 3, y > 3, y == y, y != 2, y.T, y.real, y.imag, (y > 1) | (y < 0), ~(y > 1), 5 // (y + 1), 5 % (y + 1)
def outs(x):
    o = np.empty((3, 3)); np.matmul(x, x, out=o); np.sum(x, axis=0, out=o[0]); x.mean(axis=1, out=o[:, 1]); np.add.reduce(x, axis=0, out=o[2]); np.cumsum(x, axis=0, out=o); o.T[0] += 1; np.subtract(o, 1, o); np.copyto(o, x, where=x > 0.3); np.fill_diagonal(o, 0); np.maximum(o, 0.2, out=o); a, b = np.divmod(o, 0.3, out=(np.empty((3,3)), np.empty((3,3))))
    return o, a, b
def rand(x):
    np.random.seed(0); r = np.random.RandomState(1); g = np.random.default_rng(5)
    return x + np.random.randn(3, 3) + r.rand(3, 3) + g.normal(size=(3, 3)), g.choice(4, 2), g.permutation(3), g.integers(0, 3, size=2)
def glob(x):
    def inner():
        nonlocal acc
        acc += x
        return acc
    acc = np.zeros((3, 3)); inner(); inner()
    with np.errstate(divide="ignore", invalid="ignore"): z = x / (x - x)
    try: np.ones(3) + x[:2, :2]
    except ValueError: z = z + 1
    return acc, z, np.nan_to_num(z)
def newaxis(x): return x[None], x[..., None], x[:, np.newaxis, :], x[0, 0], x[-1], x[::2], x[[0], :], x[(0, 1)], x[:, x[0] > 0.2]
def gens(x):
    def g():
        for i in range(2): yield x * i
    a, b = g()
    return a + b, list(map(np.sum, x)), [*x], np.array([r.sum() for r in x]), np.stack(list(g())), np.concatenate([q for q in g()])


ALL = [svd, copies, sets, ints, misc, control, dunder, outs, rand, glob, newaxis, gens]
