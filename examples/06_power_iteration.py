"""Power iteration: the largest eigenvalue of a matrix and its vector. No network at all."""

import numpy as np

import mnistviz


def step(matrix, v):
    for _ in range(12):
        v = matrix @ v
        v = v / np.linalg.norm(v)
    eigenvalue = v @ matrix @ v
    rest = matrix @ v - eigenvalue * v
    return eigenvalue, v, np.linalg.norm(rest)


def inputs():
    return np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 1.0]]), np.ones(3)


if __name__ == "__main__":
    trace = mnistviz.record(step, *inputs())
    trace.check()
    print(mnistviz.render(trace, "output/power-iteration", fps=(10,), size=(1280, 720)))
