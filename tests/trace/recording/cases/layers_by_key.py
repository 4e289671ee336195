"""Layers of one class, parameters by key, states by time: the names must say which."""

import numpy as np


class Dense:
    def __init__(self, n, m, seed):
        self.w = np.random.RandomState(seed).randn(n, m)

    def forward(self, x):
        self.x = x
        self.output = np.dot(x, self.w)


dense1, dense2 = Dense(3, 4, 0), Dense(4, 2, 1)
params = {"W1": np.ones((2, 2)), "W2": np.ones((2, 2))}
layers = [np.ones(2), np.ones(2)]


def step(x):
    dense1.forward(x)
    dense2.forward(dense1.output)
    for k in params:
        params[k] -= 0.1
    for l in range(1, 3):
        params["W" + str(l)] = params["W" + str(l)] * 2
    hs = {}
    hs[-1] = x[0]
    for t in range(3):
        hs[t] = np.tanh(hs[t - 1])
    for i, layer in enumerate(layers):
        layer *= i + 2
        layers[i] = layer - 1
    return dense2.output


def inputs():
    return (np.ones((2, 3)),)
