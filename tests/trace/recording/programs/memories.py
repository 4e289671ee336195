"""Memory that is shared, looked at, let go of and written behind the back of its arrays."""

import array
import gc
import weakref

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


class H:
    def __init__(s, x):
        s.x = x

    def __del__(s):
        print("H dies", s.x.sum())


def step(x):
    w = weakref.ref(x)
    big = np.ones((300, 300))
    wb = weakref.ref(big)
    fin = weakref.finalize(big, print, "big gone")
    c = big * 2
    del big
    print("wb", wb() is None)
    h = H(x * 2)
    h = H(x * 3)
    del h
    s = as_strided(x, (len(x) - 1, 2), x.strides * 2)
    s[:] = s * 2
    s2 = sliding_window_view(x, 2)
    q = s2.sum(1)
    x[2] = 50
    q2 = s2.sum(1)
    mv = memoryview(x)
    mv[0] = 3.5
    y = x + 1
    bb = bytearray(x.tobytes())
    f = np.frombuffer(bb, float)
    z = f * 2
    bb[:8] = b"\0" * 8
    z2 = f * 2
    ar = array.array("d", [1, 2, 3])
    a = np.asarray(ar)
    t = a + 1
    ar[1] = 10
    t2 = a + 1
    np.frombuffer(memoryview(x).cast("B"), dtype=float)
    o = np.empty_like(x)
    np.multiply(x, 2, out=o)
    np.add(x, o, out=x, where=o > 4)
    np.add.at(x, [0, 0, 1], 1.0)
    red = np.add.reduceat(x, [0, 2])
    acc = np.multiply.accumulate(x)
    out = np.subtract.outer(x, x)
    z0 = np.array(3.0)
    z0 += 1
    z0[()] = z0 * 2
    z1 = z0 + 1
    z1 += 1
    g = np.float64(2)
    g += 1
    g **= 2
    g = g @ np.float64(1) if False else g
    x[1:] += x[:-1]
    x[:-1] = x[1:]
    x[::2], x[1::2] = x[1::2].copy(), x[::2].copy()
    m = np.eye(len(x))
    m @= m + 1
    m.T[0] = 5
    m.flat[::3] = -1
    m.real[0, 0] = 8
    m.shape = (-1,)
    m[m > 4] **= 2
    v = m[::-1][:4]
    v -= 1
    it = iter(v)
    n = next(it)
    n2 = [i * 2 for i in it]
    k = np.ma.masked_array(x, x > 10)
    k2 = k * 2
    k[0] = np.ma.masked
    mt = np.matrix([[1, 2], [3, 4]])
    mt2 = mt * mt
    mt += 1
    del x
    gc.collect()
    return (
        c,
        q,
        q2,
        y,
        z,
        z2,
        t,
        t2,
        o,
        red,
        acc,
        out,
        z0,
        z1,
        g,
        m,
        v,
        n,
        n2,
        k2.filled(0),
        k.mask,
        np.asarray(mt2),
        mt,
    )


def inputs():
    return (np.array([1.0, 2, 3, 4]),)
