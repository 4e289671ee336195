"""Two moons told apart: a plain script with a small network, epochs and minibatches.

python -m mnistviz render examples/11_training_script.py
"""

import numpy as np

rng = np.random.default_rng(0)

# two half circles, one inside the other
angle = rng.uniform(0, np.pi, 60)
moons = np.stack([np.cos(angle), np.sin(angle)], axis=1)
points = np.concatenate([moons, [1.0, 0.4] - moons]) + rng.normal(scale=0.1, size=(120, 2))
labels = np.repeat([0.0, 1.0], 60)[:, None]

w1, b1 = rng.normal(size=(2, 6)), np.zeros(6)
w2, b2 = rng.normal(size=(6, 1)), np.zeros(1)

for epoch in range(200):
    order = rng.permutation(len(points))
    for start in range(0, len(points), 8):
        # eight points and their labels
        batch = points[order[start : start + 8]]
        wanted = labels[order[start : start + 8]]
        # forward: bend, then squash between 0 and 1
        hidden = np.tanh(batch @ w1 + b1)
        guess = 1 / (1 + np.exp(-(hidden @ w2 + b2)))
        # how far off is each guess?
        error = (guess - wanted) / len(batch)
        # backward: the error of each hidden cell
        hidden_error = error @ w2.T * (1 - hidden**2)
        # a small step against the gradient
        w2 -= 2.0 * hidden.T @ error
        b2 -= 2.0 * error.sum(axis=0)
        w1 -= 2.0 * batch.T @ hidden_error
        b1 -= 2.0 * hidden_error.sum(axis=0)
    if epoch % 50 == 0:
        right = ((1 / (1 + np.exp(-(np.tanh(points @ w1 + b1) @ w2 + b2))) > 0.5) == labels).mean()
        print(f"epoch {epoch}: {right:.0%} right")
