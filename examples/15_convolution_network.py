"""A small convolution network tells crosses from circles: convolution, ReLU, pooling, softmax, and back."""

import numpy as np

CROSS = np.eye(8) + np.eye(8)[::-1]
ROWS, COLUMNS = np.mgrid[-3.5:4.5, -3.5:4.5]
CIRCLE = 1.0 * (np.abs(np.hypot(ROWS, COLUMNS) - 3) < 0.6)
rng = np.random.default_rng(4)


def convolve(image, kernel):
    """A kernel looks for its pattern at every place."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


def pool(feature):
    """The largest of each 2 x 2 cells stands for them."""
    return feature.reshape(3, 2, 3, 2).max(axis=(1, 3))


def softmax(scores):
    """Shares that add up to 1."""
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def step(image, wanted, kernel, w):
    """One picture through the network, and one step against the gradient."""
    feature = np.maximum(convolve(image, kernel), 0)
    pooled = pool(feature)
    shares = softmax(pooled.ravel() @ w)
    loss = -np.log(shares[wanted])
    # too much for both answers, too little for the right one
    error = shares.copy()
    error[wanted] -= 1
    back = (w @ error).reshape(3, 3)
    # back through the pooling, to the cells that won
    spread = np.kron(back, np.ones((2, 2)))
    winners = np.kron(pooled, np.ones((2, 2))) == feature
    feature_error = spread * winners * (feature > 0)
    w -= 0.1 * np.outer(pooled.ravel(), error)
    kernel -= 0.1 * convolve(image, feature_error)
    return loss


def inputs():
    return CROSS, 0, rng.normal(size=(3, 3)), rng.normal(scale=0.3, size=(9, 2))
