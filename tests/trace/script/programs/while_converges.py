"""A while loop that ends by itself: power iteration."""

import numpy as np

A = np.array([[4.0, 1.0], [2.0, 3.0]])
v = np.array([1.0, 0.0])
change = 1.0
while change > 1e-8:  # this
    w = A @ v
    w = w / np.linalg.norm(w)
    change = np.abs(w - v).max()
    v = w
print(v)
