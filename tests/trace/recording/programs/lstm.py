"""One LSTM cell over time: the gates are slices of one product."""

from collections import namedtuple

import numpy as np

State = namedtuple("State", "h c")
H, D = 3, 2


class LSTM:
    forget_bias = 1.0

    def __init__(self, seed):
        r = np.random.RandomState(seed)
        self.W = r.uniform(-0.5, 0.5, (D + H, 4 * H))
        self.b = np.zeros(4 * H)
        self.b[H : 2 * H] = self.forget_bias

    @staticmethod
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def cell(self, x, state):
        z = np.hstack([x, state.h]) @ self.W + self.b
        i, f, o, g = z[:H], z[H : 2 * H], z[2 * H : 3 * H], z[3 * H :]
        i, f, o, g = self.sigmoid(i), self.sigmoid(f), self.sigmoid(o), np.tanh(g)
        c = f * state.c + i * g
        return State(o * np.tanh(c), c)

    def run(self, xs):
        state = State(np.zeros(H), np.zeros(H))
        hs = []
        for x in xs:
            state = self.cell(x, state)
            hs.append(state.h)
        return np.stack(hs), state


lstm = LSTM(5)


def step(xs):
    hs, last = lstm.run(xs)
    return hs, last, last._replace(c=last.c * 0)


def inputs():
    return (np.arange(6.0).reshape(3, 2) / 4,)
