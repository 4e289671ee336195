"""A recurrent network: a loop over time inside of the one over sequences, state kept between."""

import numpy as np

rng = np.random.default_rng(8)
Wx, Wh, Wy = rng.normal(size=(4, 2)), rng.normal(size=(4, 4)) * 0.1, rng.normal(size=(2, 4))
hidden = np.zeros((4, 1))
text = rng.normal(size=(40, 2, 1))
at = 0
while at + 5 < 40:  # this
    hs, dWx, dWh, dWy = {-1: hidden}, np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wy)
    for t in range(5):
        hs[t] = np.tanh(Wx @ text[at + t] + Wh @ hs[t - 1])
    back = np.zeros_like(hidden)
    for t in reversed(range(5)):
        dy = Wy @ hs[t] - text[at + t + 1]
        dWy += dy @ hs[t].T
        raw = (Wy.T @ dy + back) * (1 - hs[t] ** 2)
        dWx += raw @ text[at + t].T
        dWh += raw @ hs[t - 1].T
        back = Wh.T @ raw
    hidden = hs[4]
    for param, grad in zip([Wx, Wh, Wy], [dWx, dWh, dWy]):
        param -= 0.01 * grad
    at += 5
