"""Dataclasses: slots, frozen, inheritance, defaults, __post_init__, replace, ordering by a key."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import numpy as np


@dataclass(slots=True)
class Particle:
    position: np.ndarray
    velocity: np.ndarray
    mass: float = 1.0

    def move(self, dt):
        self.position += self.velocity * dt
        self.velocity = self.velocity * 0.99


@dataclass(frozen=True)
class Params:
    w: np.ndarray
    b: np.ndarray = field(default_factory=lambda: np.zeros(2))
    scale: float = dataclasses.field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "scale", float(np.abs(self.w).max()))

    def __matmul__(self, x):
        return self.w @ x + self.b


@dataclass(slots=True, kw_only=True)
class Charged(Particle):
    charge: np.ndarray = field(default_factory=lambda: np.array([-1.0]))

    def force(self, other: Particle):
        d = other.position - self.position
        return self.charge * d / (d @ d) ** 1.5


class Bare:
    __slots__ = ("x", "__hidden")

    def __init__(self, x):
        self.x = x
        self.__hidden = x * 2

    def hidden(self):
        self.__hidden += 1
        return self.__hidden


def step(p, v, w):
    one, two = Particle(p.copy(), v), Charged(position=p + 3, velocity=-v, mass=2.0)
    for particle in (one, two):
        particle.move(0.1)
    params = Params(w)
    again = dataclasses.replace(params, w=params.w * 2)
    bare = Bare(p)
    heavy = max((one, two), key=lambda q: q.mass * np.linalg.norm(q.velocity))
    return one, two, two.force(one), params @ p, again, bare.hidden(), bare, heavy.position


def inputs():
    return np.array([1.0, 2.0]), np.array([0.5, -0.5]), np.array([[1.0, 2.0], [3.0, -4.0]])
