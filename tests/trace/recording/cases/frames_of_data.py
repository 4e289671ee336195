"""pandas: frames and series go in, operators mix them with arrays."""

import numpy as np
import pandas as pd


def step(X, y, w):
    p = 1 / (1 + np.exp(-X.dot(w)))
    g = X.T.dot(p - y)
    w = w - 0.1 * g
    values = X.to_numpy()
    scaled = (values - values.mean(0)) / values.std(0)
    means = X.groupby(y).mean().values * 2
    table = pd.DataFrame(scaled, columns=["a", "b"])
    table["c"] = table["a"] ** 2
    return np.asarray(w), means, table["c"].to_numpy() + 1, float(X["a"].mean() * scaled[0, 0])


def inputs():
    data = pd.DataFrame({"a": [1.0, 2, 3], "b": [0.5, 0, 1], "y": [1, 0, 1]})
    return data[["a", "b"]], data["y"], np.zeros(2)
