"""A table of values learned on a grid world: tuples as indices, epsilon-greedy, early exits."""

import enum

import numpy as np


class Action(enum.IntEnum):
    LEFT = 0
    RIGHT = 1
    UP = 2
    DOWN = 3


MOVES = np.array([[0, -1], [0, 1], [-1, 0], [1, 0]])


class World:
    def __init__(self, n=3):
        self.n = n
        self.goal = (n - 1, n - 1)

    def reset(self):
        self.at = np.zeros(2, int)
        return tuple(self.at)

    def act(self, a):
        self.at = np.clip(self.at + MOVES[a], 0, self.n - 1)
        done = tuple(self.at) == self.goal
        return tuple(self.at), float(done) - 0.01, done


def step(Q):
    world, rng = World(), np.random.default_rng(3)
    lengths = []
    for episode in range(2):
        state = world.reset()
        for t in range(12):
            if rng.random() < 0.3:
                action = Action(rng.integers(4))
            else:
                action = Action(int(np.argmax(Q[state])))
            new, reward, done = world.act(action)
            target = reward + 0.9 * Q[new].max() * (not done)
            Q[state][action] += 0.5 * (target - Q[state][action])
            state = new
            if done:
                break
        lengths.append(t + 1)
    print(lengths)
    return Q.argmax(-1), Q.max(axis=-1)


def inputs():
    return (np.zeros((3, 3, 4)),)
