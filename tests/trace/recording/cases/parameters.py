"""Arrays where teaching code keeps them: in dicts of modules, objects and classes, under many hands."""

import numpy as np

weights = {"W1": np.arange(6.0).reshape(2, 3), "b1": np.ones((2, 1)), "deep": {"list": [np.ones(2)]}}


class Net:
    cache = {"last": np.zeros(2)}

    def __init__(self):
        self.params = {"W": np.ones((2, 2))}

    def all(self):
        return self.params


net = Net()


def step(X):
    Z = weights["W1"].dot(X) + weights["b1"]
    A = np.maximum(0, Z)
    reg = (weights["W1"] ** 2).sum()
    Wt = net.params["W"].T
    V = vars(net)["params"]["W"] * 2
    G = globals()["weights"]["b1"] - 1
    H = getattr(net, "params").get("W") / 4
    net.all()["W"] += Wt
    Net.cache["last"] = Net.cache["last"] + 1
    weights["deep"]["list"][0] *= 3
    return A, reg, V, G, H


def inputs():
    return (np.ones((3, 4)),)
