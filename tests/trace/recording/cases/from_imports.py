"""Numpy's functions under names of the program's own."""

from numpy import array, dot, exp, newaxis, ones, pi, random, tanh as squash, zeros
from numpy.linalg import inv, norm
from numpy.random import randn, seed
import numpy.linalg as la

relu = __import__("numpy").maximum
F = {"dot": dot}
half = array([0.5]).__mul__


class NeuralNetwork:
    act = staticmethod(squash)

    def __init__(self):
        seed(1)
        self.synaptic_weights = 2 * random.random((3, 1)) - 1

    def sigmoid(self, x):
        return 1 / (1 + exp(-x))


def step(x, y):
    net = NeuralNetwork()
    out = net.sigmoid(dot(x, net.synaptic_weights))
    e = y - out
    net.synaptic_weights += F["dot"](x.T, e * out * (1 - out))
    z = zeros(3)[newaxis, :] + randn(1, 3) + la.norm(e) * pi
    stats = __import__("statistics", fromlist=["mean"])
    return out, inv(ones((2, 2)) + array([[1, 0], [0, 1]])), relu(z, 0), net.act(z), half(z), norm(e) * stats.mean([1, 2])


def inputs():
    return array([[0, 0, 1], [1, 1, 1], [1, 0, 1], [0, 1, 1]]), array([[0, 1, 1, 0]]).T
