"""Batch normalisation and Adam: values of one scale on the way, and steps of one size for every weight."""

import numpy as np

rng = np.random.default_rng(3)
x = rng.normal(loc=[5.0, -2.0, 0.5], scale=[4.0, 0.5, 1.0], size=(16, 3))
wanted = np.sin(x[:, :1]) + x[:, 1:2]

params = {
    "w1": rng.normal(size=(3, 4)),
    "gain": np.ones(4),
    "shift": np.zeros(4),
    "w2": rng.normal(size=(4, 1)),
}
mean = {name: np.zeros_like(value) for name, value in params.items()}
square = {name: np.zeros_like(value) for name, value in params.items()}


def batch_norm(z, gain, shift):
    """Every column to mean 0 and spread 1, then to a scale of its own."""
    z_hat = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5)
    return gain * z_hat + shift, z_hat


def batch_norm_back(error, z, z_hat, gain):
    """The error of what went in; mean and spread depend on it, too."""
    inner = error * gain
    centred = inner - inner.mean(axis=0) - z_hat * (inner * z_hat).mean(axis=0)
    return centred / np.sqrt(z.var(axis=0) + 1e-5)


def adam(name, gradient, t, rate=0.01):
    """A step of about the learn rate, whatever the gradient's size."""
    mean[name] = 0.9 * mean[name] + 0.1 * gradient
    square[name] = 0.999 * square[name] + 0.001 * gradient**2
    steady = mean[name] / (1 - 0.9**t)
    size = np.sqrt(square[name] / (1 - 0.999**t)) + 1e-8
    params[name] -= rate * steady / size


for t in range(1, 501):
    z = x @ params["w1"]
    normed, z_hat = batch_norm(z, params["gain"], params["shift"])
    hidden = np.tanh(normed)
    guess = hidden @ params["w2"]
    # how far off
    error = (guess - wanted) / len(x)
    back = error @ params["w2"].T * (1 - hidden**2)
    d_z = batch_norm_back(back, z, z_hat, params["gain"])
    adam("w2", hidden.T @ error, t)
    adam("gain", (back * z_hat).sum(axis=0), t)
    adam("shift", back.sum(axis=0), t)
    adam("w1", x.T @ d_z, t)
