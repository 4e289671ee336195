"""Everything in functions, called at the end."""

import sys

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def train(X, y, epochs=50, rate=0.5):
    w = np.zeros(X.shape[1])
    for _ in range(epochs):  # this
        p = sigmoid(X @ w)
        w = w - rate * X.T @ (p - y) / len(y)
    return w


def main():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(40, 3))
    w = train(X, (X[:, 0] > 0) * 1.0)
    print(w)
    return 0


if __name__ == "__main__":
    sys.exit(main())
