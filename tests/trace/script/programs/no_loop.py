"""Nothing is carried: all of it is told."""

import numpy as np

a = np.arange(6.0).reshape(2, 3)
b = a @ a.T
rows = [row.sum() for row in b]
for i in range(2):
    print(rows[i])
c = b + 1
