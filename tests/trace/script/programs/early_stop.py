"""Early stopping, with the best weights kept, and a break."""

import numpy as np

rng = np.random.default_rng(5)
X, t = rng.normal(size=(20, 3)), rng.normal(size=20)
w = np.zeros(3)
best_w, best, patience = w.copy(), np.inf, 0
while True:  # this
    error = X @ w - t
    w -= 0.05 * X.T @ error / 20
    loss = float((error**2).mean())
    if loss < best - 1e-9:
        best, best_w, patience = loss, w.copy(), 0
    else:
        patience += 1
        if patience > 5:
            break
print(best)
