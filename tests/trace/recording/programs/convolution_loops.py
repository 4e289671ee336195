"""A convolution by four loops, and a pooling by slices."""

import numpy as np


def conv2d(image, kernel, bias=0.0):
    kh, kw = kernel.shape
    h, w = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    out = np.zeros((h, w))
    for i in range(h):
        for j in range(w):
            for di in range(kh):
                for dj in range(kw):
                    out[i, j] += image[i + di, j + dj] * kernel[di, dj]
            out[i, j] += bias
    return out


def max_pool(a, size=2):
    h, w = (n // size for n in a.shape)
    pooled = np.empty((h, w))
    for i in range(h):
        for j in range(w):
            patch = a[i * size : (i + 1) * size, j * size : (j + 1) * size]
            pooled[i, j] = np.max(patch)
    return pooled


def step(image, kernel):
    feature = conv2d(image, kernel, bias=-0.5)
    feature[feature < 0] = 0
    return max_pool(feature)


def inputs():
    return np.arange(25.0).reshape(5, 5) % 7, np.array([[1.0, -1.0], [0.5, 0.0]])
