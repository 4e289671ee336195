"""Batches from a generator, parameters handed through functions."""

import numpy as np


def batches(X, t, size):
    order = np.random.default_rng(0).permutation(len(X))
    for at in range(0, len(X), size):
        part = order[at : at + size]
        yield X[part], t[part]


def loss_and_gradient(params, x, t):
    w, b = params
    error = x @ w + b - t
    return (error**2).mean(), (2 * x.T @ error / len(x), 2 * error.mean())


def sgd(params, grads, rate):
    return [p - rate * g for p, g in zip(params, grads)]


X = np.random.default_rng(6).normal(size=(30, 2))
t = X @ np.array([1.0, -2.0]) + 0.5
params = [np.zeros(2), np.zeros(1)]
for epoch in range(8):
    for x, target in batches(X, t, 10):  # this
        loss, grads = loss_and_gradient(params, x, target)
        params = sgd(params, grads, 0.1)
    if loss < 1e-12:
        break
