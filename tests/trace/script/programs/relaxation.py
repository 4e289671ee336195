"""Gauss and Seidel: each unknown is set from all others, counted by hand."""

import numpy as np

A = np.eye(4) * 5 + np.arange(16).reshape(4, 4) / 16
b, x = np.arange(4.0), np.zeros(4)
for turn in range(40):  # this
    i = 0
    while i < 4:
        x[i] = (b[i] - A[i] @ x + A[i, i] * x[i]) / A[i, i]
        i += 1
