"""A class with fit(), a list of samples, momentum by dictionary."""

import numpy as np


class Net:
    def __init__(self):
        rng = np.random.default_rng(3)
        self.params = {"W1": rng.normal(size=(4, 2)), "b1": np.zeros((4, 1)), "W2": rng.normal(size=(1, 4))}
        self.velocity = {name: np.zeros_like(value) for name, value in self.params.items()}

    def forward(self, x):
        self.x = x
        self.h = np.maximum(0, self.params["W1"] @ x + self.params["b1"])
        return self.params["W2"] @ self.h

    def gradients(self, error):
        back = self.params["W2"].T @ error * (self.h > 0)
        return {"W2": error @ self.h.T, "b1": back, "W1": back @ self.x.T}

    def update(self, grads):
        for name in self.params:
            self.velocity[name] = 0.9 * self.velocity[name] - 0.05 * grads[name]
            self.params[name] = self.params[name] + self.velocity[name]

    def fit(self, data, epochs):
        for epoch in range(epochs):
            for x, t in data:  # this
                out = self.forward(x)
                self.update(self.gradients(out - t))


net = Net()
rng = np.random.default_rng(4)
net.forward(rng.normal(size=(2, 1)))
net.fit([(rng.normal(size=(2, 1)), np.ones((1, 1))) for _ in range(6)], 10)
