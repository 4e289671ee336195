"""Heat on a plate by slices, Laplacian by roll, and waves by leapfrog; views of the borders are written."""

import numpy as np


def laplacian(u):
    return -4 * u + np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1)


def diffuse(u, alpha=0.1, turns=3):
    top, inner = u[0], u[1:-1, 1:-1]
    for n in range(turns):
        top[:] = 1.0
        inner += alpha * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * inner)
        u[:, -1], u[:, 0] = u[:, -2], u[:, 1]
    return u


def wave(u, c=0.5):
    old, now = u.copy(), u.copy()
    for _ in range(2):
        old, now = now, 2 * now - old + c**2 * laplacian(now)
    return now


def step(u):
    energy = (u**2).sum()
    diffuse(u)
    w = wave(u)
    print(f"{energy:.4f} -> {(u ** 2).sum():.4f}")
    return u, w, np.gradient(u)[0], u[::2, ::2].mean()


def inputs():
    u = np.zeros((5, 5))
    u[2, 2] = 1.0
    return (u,)
