"""Logistic regression: three steps of gradient descent on six points, written as a class."""

import numpy as np

import mnistviz


class Model:
    """Weights and a bias."""

    def __init__(self, features):
        self.w = np.zeros(features)
        self.b = np.zeros(1)

    def predict(self, x):
        """Probability of the second class, for each row."""
        return 1 / (1 + np.exp(-(x @ self.w + self.b)))

    def fit(self, x, y, learn_rate):
        """One step down the gradient of the cross-entropy."""
        p = self.predict(x)
        error = p - y
        self.w -= learn_rate * (x.T @ error) / len(y)
        self.b -= learn_rate * error.mean()


def step(x, y, passes=3):
    model = Model(x.shape[1])
    for _ in range(passes):
        model.fit(x, y, learn_rate=1.0)
    return model.w, model.b


def inputs():
    x = np.array([[0.2, 1.0], [0.5, 2.0], [1.0, 1.5], [2.0, 0.3], [2.5, 1.0], [3.0, 0.5]])
    return x, np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])


if __name__ == "__main__":
    trace = mnistviz.record(step, *inputs())
    trace.check()
    print(mnistviz.render(trace, "output/logistic-regression", fps=(10,), size=(1280, 720)))
