"""Calls with several results: unpacked, starred, by attribute, nested, ignored, kept whole."""

import numpy as np


def step(a, b):
    w, v = np.linalg.eigh(a)
    q, r = np.linalg.qr(a)
    u, *rest = np.linalg.svd(a)
    x, residuals, rank, _ = np.linalg.lstsq(a, b, rcond=None)
    sign, logdet = np.linalg.slogdet(a)
    values, where, inverse, counts = np.unique(
        b.round(), return_index=True, return_inverse=True, return_counts=True
    )
    whole, part = np.modf(b)
    mantissa, exponent = np.frexp(b)
    d, m = divmod(b, 0.7)
    hist, edges = np.histogram(b, bins=3)
    left, right = np.split(a, 2)
    (top,), bottom = np.array_split(a[:, 0], [1])
    rows, columns = np.nonzero(a > 1)
    gx, gy = np.meshgrid(b, b)
    dy, dx = np.gradient(a)
    result = np.linalg.eigh(a)
    low = result.eigenvalues[0] * result[1][0]
    coefficients, cov = np.polyfit(np.arange(4), b[[0, 1, 0, 1]], 1, cov=True)
    i, j = np.unravel_index(np.argmax(a), a.shape)
    first, second = a
    spread = np.ptp(b), np.mean(b)
    return (
        w @ v, q @ r, u * rest[0], x, residuals, rank, sign * logdet, values[inverse.ravel()], counts,
        where, whole, part, mantissa * 2.0**exponent, d * 0.7 + m, hist, np.diff(edges), left + right,
        top, bottom, rows, columns, gx + gy, dy, dx, low, coefficients, cov, a[i, j], first @ second, spread,
    )


def inputs():
    return np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.2, 2.7])
