"""Operators of other libraries' arrays, mixed with numpy's: sparse matrices, series, columns of tables."""

import numpy as np
import pandas as pd
import scipy.sparse as sp


def step(A, x, table):
    rank = x @ A  # the array stands on the left, and the operator is scipy's
    rank = 0.85 * (A @ rank) + 0.15
    doubled = A * 2
    row = (A - doubled)[0] @ x
    near = table["a"] > rank
    table["b"] = table["a"] + 1
    z = x * table["b"]
    x -= table["a"]
    shown = np.asarray(z) * 3
    flipped = -table["a"]
    back = flipped.to_numpy() + shown
    table.loc[1, "b"] = 7.0
    part = table.iloc[1:]
    part = part["b"].to_numpy() * 2
    return part, rank, row, near.to_numpy(), back, (~near).to_numpy()


def inputs():
    A = sp.csr_array(np.array([[0.0, 0.5, 0.5], [1.0, 0, 0], [0, 1.0, 0]]))
    return A, np.array([1.0, 2, 3]), pd.DataFrame({"a": [1.0, 2, 3]})
