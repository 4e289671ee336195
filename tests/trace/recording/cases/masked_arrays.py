"""numpy.ma: arrays of another class, and plain ones made of them."""

import numpy as np
import numpy.ma as ma


def step(x):
    m = ma.masked_where(x < 0, x)
    n = ma.array(x, mask=[0, 1, 0]) * 2
    total = m.sum() + n.count()
    m[0] = 5
    return m.mean(), m.filled(0) * 2, n.compressed() + 1, ma.masked_invalid(x / (x - 1)).max(), total, m.data


def inputs():
    return (np.array([1.5, -2.0, 3.0]),)
