"""Complex numbers and masks in place; the picture is printed in letters."""

import numpy as np


def step(width, height):
    x = np.linspace(-2, 0.5, int(width))
    y = np.linspace(-1.2, 1.2, int(height))
    c = x + 1j * y[:, None]
    z = np.zeros_like(c)
    count = np.zeros(c.shape, dtype=int)
    alive = np.ones(c.shape, dtype=bool)
    for i in range(8):
        z[alive] = z[alive] ** 2 + c[alive]
        alive &= np.abs(z) < 2
        count[alive] += 1
        if not alive.any():
            break
    shades = np.array(list(" .:-=+*#%"))
    print("\n".join("".join(row) for row in shades[count]))
    return z.real, z.imag, np.conj(c), np.angle(c[0, 0]), count.max(), c.real.mean()


def inputs():
    return np.float64(9), np.int64(5)
