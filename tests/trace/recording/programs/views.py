"""One memory, many arrays: views, strides, shapes set in place, memoryview, frombuffer."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

GRID = np.arange(6.0)


def step(x):
    flat = x.ravel()
    flat[0] = 10
    turned = x.T
    turned[1, 0] += 5
    diagonal = np.einsum("ii->i", x)
    diagonal *= 2
    corner = x[:2, :2]
    corner += corner.T
    lagged = as_strided(GRID, (4, 3), (8, 8))
    lagged[0, 2] = -1
    total = lagged.sum(axis=1)
    memory = memoryview(GRID)
    memory[5] = 50.0
    raw = bytearray(16)
    shared = np.frombuffer(raw)
    shared[1] = 2.5
    raw[:8] = np.float64(1.5).tobytes()
    after = shared * 2
    y = np.arange(6)
    y = y.reshape(2, 3)
    z = y.view()
    z.shape = (3, 2)
    z[0] = 9
    bits = x.view(np.int64)[0, 0]
    pair = np.broadcast_to(x[0], (2, 3))
    real = (x + 1j).real
    real += 1
    squeezed = x[None].squeeze()
    squeezed[2, 2] = 0
    swapped = x.swapaxes(0, 1).copy()
    return total, after, y, bits, pair * 2, real, swapped, x, GRID


def inputs():
    return (np.arange(9.0).reshape(3, 3),)
