import numpy as np

rng = np.random.default_rng(1)
X = rng.normal(size=(50, 4)) @ rng.normal(size=(4, 4))
mean = np.zeros(4)
for x in X:
    mean += x / len(X)
C = np.zeros((4, 4))
for x in X:
    d = x - mean
    C += np.outer(d, d)
v = np.ones(4)
for _ in range(30):  # this
    v = C @ v
    v = v / np.linalg.norm(v)
print(v)
