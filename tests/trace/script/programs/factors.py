"""Two matrices that a recommendation is the product of: their rows are taught one by one, through `p[i][k]`."""

import numpy as np

r = np.array([[5.0, 3.0, 1.0], [4.0, 2.0, 1.0], [1.0, 1.0, 5.0], [1.0, 2.0, 4.0]])
rng = np.random.default_rng(0)
p, q = rng.random((4, 2)), rng.random((2, 3))
for _ in range(30):  # this
    for i in range(len(r)):
        for j in range(len(r[i])):
            error = r[i][j] - p[i, :] @ q[:, j]
            for k in range(2):
                p[i][k] = p[i][k] + 0.01 * error * q[k][j]
                q[k][j] = q[k][j] + 0.01 * error * p[i][k]
