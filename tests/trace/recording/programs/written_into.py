"""out=, where=, copyto, put, place: results that go into arrays which are there already."""

import numpy as np

BUFFER = np.zeros((2, 2))


class Layer:
    def __init__(self):
        self.out = np.empty((2, 2))
        self.mask = np.empty((2, 2), dtype=bool)

    def __call__(self, x):
        np.matmul(x, x, out=self.out)
        np.greater(self.out, 5, out=self.mask)
        return np.multiply(self.out, self.mask, out=self.out)


def step(x):
    layer = Layer()
    y = layer(x)
    np.add(x, 1, BUFFER)
    np.divide(x, BUFFER, out=BUFFER, where=x > 1)
    sums = np.zeros(2)
    np.sum(x, axis=0, out=sums)
    x.mean(axis=1, out=sums[:])
    np.cumsum(x.ravel(), out=x.reshape(-1))
    q, r = np.empty_like(x), np.empty_like(x)
    np.divmod(x, 2, out=(q, r))
    np.copyto(q, r, where=r > 0)
    np.put(r, [0, 3], [9, 8])
    np.place(r, r > 8.5, [0.5])
    np.putmask(r, r < 1, -1)
    np.fill_diagonal(q, 7)
    r.sort(axis=0)
    q.partition(1, axis=1)
    np.maximum.accumulate(r, axis=1, out=r)
    np.exp(sums, sums)
    np.negative(sums[::-1], out=sums)
    a = np.add(x, 1, out=...) if np.lib.NumpyVersion(np.__version__) >= "2.3.0" else np.add(x, 1)
    c = x.clip(1, 2, out=np.empty_like(x))
    t = np.take(x, [0, 1], axis=1, out=np.empty((2, 2)), mode="clip")
    np.concatenate([x, x], out=(joined := np.empty((4, 2))))
    np.choose(np.array([0, 1]), [sums, sums * 2], out=sums)
    return y, sums, q, r, a, c, t, joined, BUFFER


def inputs():
    return (np.array([[1.0, 2.0], [3.0, 4.0]]),)
