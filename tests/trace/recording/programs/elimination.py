"""Linear algebra by hand: elimination with pivots, LU, Cholesky, QR by Householder, Jacobi, Gauss-Seidel."""

import numpy as np


def solve(A, b):
    A, b = A.astype(float), b.astype(float)
    n = len(b)
    for k in range(n):
        p = k + np.argmax(np.abs(A[k:, k]))
        A[[k, p]], b[[k, p]] = A[[p, k]], b[[p, k]]
        for i in range(k + 1, n):
            f = A[i, k] / A[k, k]
            A[i, k:] -= f * A[k, k:]
            b[i] -= f * b[k]
    x = np.zeros(n)
    for i in range(n)[::-1]:
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x


def cholesky(A):
    L = np.zeros_like(A)
    for i in range(len(A)):
        for j in range(i + 1):
            s = A[i, j] - L[i, :j] @ L[j, :j]
            L[i, j] = np.sqrt(s) if i == j else s / L[j, j]
    return L


def householder(A):
    R, Q = A.copy(), np.identity(len(A))
    for k in range(len(A) - 1):
        v = R[k:, k].copy()
        v[0] += np.copysign(np.linalg.norm(v), v[0])
        v /= np.linalg.norm(v)
        R[k:, k:] -= 2 * np.outer(v, v @ R[k:, k:])
        Q[:, k:] -= 2 * np.outer(Q[:, k:] @ v, v)
    return Q, np.triu(R)


def gauss_seidel(A, b, turns=3):
    x = np.zeros_like(b)
    for _ in range(turns):
        for i, row in enumerate(A):
            x[i] += (b[i] - row @ x) / row[i]
    return x


def step(A, b):
    x = solve(A, b)
    L = cholesky(A)
    Q, R = householder(A)
    print(np.allclose(A @ x, b), np.allclose(L @ L.T, A), np.allclose(Q @ R, A))
    return x, L, Q, R, gauss_seidel(A, b)


def inputs():
    return np.array([[4.0, 1, 0.5], [1, 3, 0.2], [0.5, 0.2, 2]]), np.array([1.0, 2.0, 3.0])
