"""One training step of a classifier: two layers, ReLU and softmax, cross-entropy, momentum."""

import numpy as np

import mnistviz


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def step(x, labels, w1, b1, w2, b2, v1, v2, learn_rate=0.1, momentum=0.9):
    # forward: a batch of rows
    hidden = np.maximum(x @ w1 + b1, 0)
    probabilities = softmax(hidden @ w2 + b2)

    # backward: cross-entropy's gradient at the scores
    d_scores = probabilities.copy()
    d_scores[np.arange(len(labels)), labels] -= 1
    d_scores /= len(labels)
    d_hidden = (d_scores @ w2.T) * (hidden > 0)

    # update: the velocities remember the way so far
    v2 *= momentum
    v2 -= learn_rate * (hidden.T @ d_scores)
    v1 *= momentum
    v1 -= learn_rate * (x.T @ d_hidden)
    w2 += v2
    b2 -= learn_rate * d_scores.sum(axis=0)
    w1 += v1
    b1 -= learn_rate * d_hidden.sum(axis=0)
    return probabilities


def inputs():
    rng = np.random.default_rng(2)
    labels = np.array([0, 2, 1, 2])
    x = rng.normal(size=(4, 6)) + labels[:, None]
    w1, w2 = rng.normal(size=(6, 8)) / 2, rng.normal(size=(8, 3)) / 2
    v1, v2 = rng.normal(size=(6, 8)) / 20, rng.normal(size=(8, 3)) / 20  # of the steps before
    return x, labels, w1, np.zeros(8), w2, np.zeros(3), v1, v2


if __name__ == "__main__":
    trace = mnistviz.record(step, *inputs())
    trace.check()
    print(mnistviz.render(trace, "output/relu-softmax", fps=(10,), size=(1280, 720)))
