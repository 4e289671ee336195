"""Objects are made during the run and kept: in a list, a dict, a class, an OrderedDict, a closure, a cache."""

import functools
from collections import OrderedDict

import numpy as np


class Node:
    made = []

    def __init__(self, h):
        self.h = h
        self.view = h[1:]
        Node.made.append(self)


class Net:
    def __init__(self):
        self.nodes = []
        self.by_name = OrderedDict()

    def add(self, x):
        node = Node(x * 2)
        self.nodes.append(node)
        self.by_name[len(self.nodes)] = node.view
        self.later = lambda: node.h + x
        return node


net = Net()
waiting = []


@functools.cache
def table(n):
    return np.arange(n) ** 2


def counter(x):
    while True:
        x = x + 1
        yield x


def step(x):
    net.add(x)
    waiting.append(counter(x))
    next(waiting[0])
    return net.nodes[0].h, table(4) + 1, net.later()


def inputs():
    return (np.ones(3),)
