"""Gradients added up over the samples of a batch, in Nielsen's style."""

import numpy as np

rng = np.random.default_rng(7)
w, b = rng.normal(size=(2, 3)), np.zeros((2, 1))
data = [(rng.normal(size=(3, 1)), rng.normal(size=(2, 1))) for _ in range(12)]
grad_w, grad_b = np.zeros_like(w), np.zeros_like(b)
for epoch in range(5):
    for k in range(0, 12, 4):  # this
        grad_w[:] = 0
        grad_b[:] = 0
        for x, t in data[k : k + 4]:
            delta = np.tanh(w @ x + b) - t
            grad_w += delta @ x.T
            grad_b += delta
        w -= 0.1 * grad_w
        b -= 0.1 * grad_b
