"""Adam over a dict of parameters, its state in a dataclass; bias correction in place."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Adam:
    lr: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    t: int = 0
    m: dict = field(default_factory=dict)
    v: dict = field(default_factory=dict)

    def update(self, params, grads):
        self.t += 1
        for key, g in grads.items():
            m = self.m.setdefault(key, np.zeros_like(g))
            v = self.v.setdefault(key, np.zeros_like(g))
            m[:] = self.beta1 * m + (1 - self.beta1) * g
            v[:] = self.beta2 * v + (1 - self.beta2) * g**2
            m_hat = m / (1 - self.beta1**self.t)
            v_hat = v / (1 - self.beta2**self.t)
            params[key] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


optimizer = Adam()
params = {"a": np.array([1.0, -2.0]), "b": np.array([[0.5]])}


def gradient(p):
    return {"a": 2 * p["a"], "b": 4 * p["b"] ** 3}


def step():
    for _ in range(3):
        optimizer.update(params, gradient(params))
    norms = {k: float(np.linalg.norm(v)) for k, v in params.items()}
    print(norms)
    return params


def inputs():
    return ()
