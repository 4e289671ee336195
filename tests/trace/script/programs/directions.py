"""A gas on a grid: inner loops write one direction of `f` after the other, and count in an array of places."""

import numpy as np

ways = np.arange(3)
dx, weights = np.array([0, 1, -1]), np.array([4 / 6, 1 / 6, 1 / 6])


def main():
    f = np.ones((4, 8, 3)) + 0.1 * np.random.default_rng(0).random((4, 8, 3))
    for i in ways:
        f[:, :, i] *= 2
    for it in range(300):  # this
        for i, x in zip(ways, dx):
            f[:, :, i] = np.roll(f[:, :, i], x, axis=1)
        rho = f.sum(axis=2)
        rest = np.zeros(f.shape)
        for i, w in zip(ways, weights):
            rest[:, :, i] = rho * w
        f += -0.6 * (f - rest)


if __name__ == "__main__":
    main()
