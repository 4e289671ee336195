"""A line through points: the parameters are single numbers."""

import numpy as np

x = np.linspace(0, 1, 20)
y = 3 * x + 1
m, c = 0.0, 0.0
for i in range(500):  # this
    error = m * x + c - y
    m -= 0.1 * (error * x).mean()
    c -= 0.1 * error.mean()
