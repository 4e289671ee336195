"""Its arrays are of a kind of its own, which answers numpy for nobody but the program."""

import sys

import numpy as np


class Mine(np.ndarray):
    def __array_function__(self, function, kinds, arguments, keywords):
        assert sys._getframe(1).f_code.co_filename == __file__, function
        return super().__array_function__(function, kinds, arguments, keywords)


w = np.ones(3).view(Mine)
for _ in range(20):  # this
    w -= 0.1 * np.sum(w) * w
