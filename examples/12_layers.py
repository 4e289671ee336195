"""Layers as objects: each goes forward, back, and learns; the network goes through them."""

import numpy as np


class Dense:
    """A layer of weights."""

    def __init__(self, inputs, outputs, rng):
        self.w = rng.normal(scale=inputs**-0.5, size=(inputs, outputs))
        self.b = np.zeros(outputs)

    def forward(self, x):
        """Each output is a weighted sum of the inputs."""
        self.x = x
        self.output = x @ self.w + self.b
        return self.output

    def backward(self, error, rate):
        """What the error is of the inputs, and a step against the gradient."""
        before = error @ self.w.T
        self.w -= rate * self.x.T @ error
        self.b -= rate * error.sum(axis=0)
        return before


class Relu:
    """Lets through what is positive."""

    def forward(self, x):
        """Keep what is positive."""
        self.output = np.maximum(x, 0)
        return self.output

    def backward(self, error, rate):
        """The error goes back where something went through."""
        return error * (self.output > 0)


rng = np.random.default_rng(1)
dense1, relu, dense2 = Dense(3, 5, rng), Relu(), Dense(5, 2, rng)


def step(x, wanted):
    """One step of a network of three layers."""
    dense1.forward(x)
    relu.forward(dense1.output)
    guess = dense2.forward(relu.output)
    # how wrong it is, for each row
    error = (guess - wanted) / len(x)
    error = dense2.backward(error, 0.1)
    error = relu.backward(error, 0.1)
    error = dense1.backward(error, 0.1)
    return guess


def inputs():
    return rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
