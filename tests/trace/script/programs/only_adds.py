import numpy as np

rng = np.random.default_rng(0)
A = rng.random((20, 3))
gram = np.zeros((3, 3))
for row in A:  # this
    gram += np.outer(row, row)
print(np.linalg.eigvalsh(gram))
