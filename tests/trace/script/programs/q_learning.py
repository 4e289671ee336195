"""A table that is written cell by cell."""

import numpy as np

rng = np.random.default_rng(11)
Q = np.zeros((6, 2))
for episode in range(30):
    state = 0
    while state != 5:
        action = int(rng.random() < 0.5) if rng.random() < 0.7 else int(Q[state].argmax())
        after = min(5, state + 1) if action else max(0, state - 1)
        reward = 1.0 if after == 5 else 0.0
        Q[state, action] += 0.5 * (reward + 0.9 * Q[after].max() - Q[state, action])
        state = after
