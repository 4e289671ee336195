"""A convolution, its ReLU and its largest value of each 2x2, first by windows and once more by loops."""

import numpy as np

import mnistviz


def convolve(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijkl,kl->ij", windows, kernel)


def convolve_by_loops(image, kernel):
    rows, columns = image.shape[0] - 2, image.shape[1] - 2
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            out[i, j] = np.sum(image[i : i + 3, j : j + 3] * kernel)
    return out


def step(image, kernel, bias):
    edges = convolve(image, kernel) + bias
    active = np.maximum(edges, 0)
    pooled = active.reshape(3, 2, 3, 2).max(axis=(1, 3))
    part = image[1:6, 1:6]
    difference = np.abs(convolve_by_loops(part, kernel) - convolve(part, kernel)).max()
    return pooled, difference


def inputs():
    image = np.zeros((8, 8))
    image[2:6, 3:5] = 1  # an upright bar
    kernel = np.array(
        [[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]
    )  # Sobel: edges from left to right
    return image, kernel, np.array(-0.5)


if __name__ == "__main__":
    trace = mnistviz.record(step, *inputs())
    trace.check()
    print(mnistviz.render(trace, "output/convolution", fps=(10,), size=(1280, 720)))
