"""Block-wise DCT of a picture with quantization, as in JPEG; the basis is made by meshgrid."""

import numpy as np

N = 4
k, n = np.meshgrid(np.arange(N), np.arange(N), indexing="ij")
D = np.cos(np.pi * (2 * n + 1) * k / (2 * N)) * np.where(k == 0, np.sqrt(1 / N), np.sqrt(2 / N))


def blocks(a):
    return a.reshape(a.shape[0] // N, N, a.shape[1] // N, N).swapaxes(1, 2)


def step(picture, table):
    shifted = picture.astype(np.float64) - 128
    coded = np.rint(D @ blocks(shifted) @ D.T / table)
    decoded = D.T @ (coded * table) @ D
    back = decoded.swapaxes(1, 2).reshape(picture.shape) + 128
    back = np.clip(np.round(back), 0, 255).astype(np.uint8)
    mse = np.mean((back.astype(int) - picture) ** 2)
    zeros = np.count_nonzero(coded == 0) / coded.size
    print(f"{zeros:.2%} zeros, error {mse:.2f}")
    return back, coded


def inputs():
    picture = (np.arange(64).reshape(8, 8) * 37 % 256).astype(np.uint8)
    return picture, 10.0 + 5 * np.add.outer(np.arange(4), np.arange(4))
