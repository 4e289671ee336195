import numpy as np

rng = np.random.default_rng(0)
counts = np.zeros(6, int)
for _ in range(50):
    counts[rng.integers(6)] += 1
probability = np.ones(6) / 6
for x in rng.integers(6, size=40):  # this
    likelihood = np.where(np.arange(6) == x, 0.5, 0.1)
    probability = probability * likelihood
    probability /= probability.sum()
print(counts, probability)
