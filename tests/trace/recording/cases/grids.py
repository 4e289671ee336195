"""np.mgrid, np.ogrid, np.r_, np.c_, np.s_, np.index_exp, np.ix_: arrays that are made by brackets."""

import numpy as np
from numpy import c_, mgrid


def step(x):
    yy, xx = np.mgrid[0:4, 0:4]
    d = (yy - 2) ** 2 + (xx - 2) ** 2
    bell = np.exp(-d / 2.0)
    row, column = np.ogrid[0:2, 0:1:3j]
    joined = np.r_[1.0, 2.0, x[0, 2:]]
    both = c_[x[:, 0], x[:, 1] * 2]
    rest = np.s_[1:, ::2]
    inverse = np.linalg.inv(np.diag(np.r_[1.0, 2.0]))
    line = mgrid[-1:1:5j] * 2
    part = x[np.index_exp[1:3, 0]] + 1
    x[np.ix_([0, 1], [2, 3])] -= row + column[:, :2]
    return x * bell, joined * 2, both, x[rest], inverse, line, part, np.indices((2, 2))[0] + 1


def inputs():
    return (np.arange(16.0).reshape(4, 4),)
