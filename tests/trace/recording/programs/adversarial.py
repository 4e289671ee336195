"""One step of a GAN: two small networks with the same class, one loss each, gradients chained by hand."""

import numpy as np

np.random.seed(21)


class MLP:
    def __init__(self, sizes):
        self.W = [np.random.randn(a, b) * 0.5 for a, b in zip(sizes, sizes[1:])]

    def __call__(self, x):
        self.h = [x]
        for W in self.W[:-1]:
            self.h.append(np.where(self.h[-1] @ W > 0, self.h[-1] @ W, 0.2 * (self.h[-1] @ W)))
        return self.h[-1] @ self.W[-1]

    def back(self, d, learn=None):
        for i in range(len(self.W) - 1, -1, -1):
            gw, d = self.h[i].T @ d, d @ self.W[i].T
            if i:
                d = d * np.where(self.h[i] > 0, 1.0, 0.2)
            if learn:
                self.W[i] -= learn * gw
        return d


G, D = MLP([2, 3, 1]), MLP([1, 3, 1])
σ = lambda z: 1 / (1 + np.exp(-z))


def step(real):
    z = np.random.randn(len(real), 2)
    fake = G(z)
    loss_d = -np.mean(np.log(σ(D(real)))) - np.mean(np.log(1 - σ(D(fake))))
    D(real), D.back((σ(D(real)) - 1) / len(real), learn=0.1)
    D.back(σ(D(fake)) / len(real), learn=0.1)
    score = D(fake)
    loss_g = -np.log(σ(score)).mean()
    G.back(D.back((σ(score) - 1) / len(real)), learn=0.1)
    print("%.5f %.5f" % (loss_d, loss_g))
    return loss_d, loss_g, fake


def inputs():
    return (np.array([[3.0], [3.5], [2.8]]),)
