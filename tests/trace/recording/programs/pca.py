"""Principal components three ways: eigh of the covariance, svd, and a power iteration with deflation."""

import numpy as np
from numpy import linalg as LA


def step(X):
    X = X - X.mean(0)
    C = np.cov(X, rowvar=False)
    eigenvalues, eigenvectors = LA.eigh(C)
    order = np.argsort(eigenvalues)[::-1]
    eigenvalues, eigenvectors = eigenvalues[order], eigenvectors[:, order]
    U, S, Vt = LA.svd(X, full_matrices=False)
    explained = S**2 / (len(X) - 1)
    v = np.ones(X.shape[1])
    for _ in range(5):
        v = C @ v
        v /= LA.norm(v)
    deflated = C - (v @ C @ v) * np.outer(v, v)
    projected = X @ eigenvectors[:, :2]
    print(np.round(explained / explained.sum(), 3))
    return projected, eigenvalues, np.abs(Vt[0]) - np.abs(v), deflated


def inputs():
    return (np.random.RandomState(2).randn(8, 3) * [3, 1, 0.2],)
