"""Functions outside numpy: what they return is what they return, and what follows is recorded."""

import heapq
import math
import statistics

import numpy as np
from scipy import linalg, ndimage, signal, sparse, special
from scipy.special import expit, softmax


def step(x, a):
    p = softmax(x)
    q = ndimage.gaussian_filter(x, 1)
    y = p * 2 + q
    s = expit(y)
    r = special.logsumexp(s) + math.sqrt(x[0])
    c = signal.lfilter([1.0, 0.5], [1.0], s)
    lu, piv = linalg.lu_factor(a)
    z = linalg.lu_solve((lu, piv), x) - c
    m = sparse.csr_matrix(a)
    v = m @ x + z
    mean = statistics.fmean(x) * v
    heap = list(x)
    heapq.heapify(heap)
    return y, r, v, mean, heap


def inputs():
    return np.array([1.0, 2.0, 3.0]), np.array([[2.0, 1, 0], [0, 3, 1], [1, 0, 4]])
