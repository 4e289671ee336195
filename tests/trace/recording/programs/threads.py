"""Threads: a pool that maps, threads with a lock, a queue, thread-local arrays."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

lock = threading.Lock()
total = np.zeros(2)
local = threading.local()


def gradient(x):
    local.scratch = x * 2
    return local.scratch - 1


def add(x):
    with lock:
        total[:] = total + x


def step(xs):
    with ThreadPoolExecutor(2) as pool:
        grads = list(pool.map(gradient, xs))
        future = pool.submit(np.linalg.norm, xs)
    workers = [threading.Thread(target=add, args=(x,)) for x in xs]
    for one in workers:
        one.start()
        one.join()
    mean = sum(grads) / len(grads)
    timer = threading.Timer(0, lambda: add(mean))
    timer.start()
    timer.join()
    return mean, future.result(), total


def inputs():
    return (np.arange(6.0).reshape(3, 2),)
