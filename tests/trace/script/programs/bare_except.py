"""It catches everything, and cleans up."""

import contextlib

import numpy as np


@contextlib.contextmanager
def cleaned():
    try:
        yield
    finally:
        print("cleaned up")


w = np.ones(2)
count = 0
with cleaned():
    while True:
        try:
            for _ in range(100):  # this
                w = w * 0.9
        except:  # noqa: E722
            count += 1
            print("caught")
            continue
