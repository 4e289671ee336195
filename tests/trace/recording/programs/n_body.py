"""Gravity: positions and velocities are updated in place, pairs by broadcasting, energy by triu."""

import numpy as np

G, SOFT = 1.0, 1e-2


def accelerations(pos, mass):
    d = pos[np.newaxis, :, :] - pos[:, np.newaxis, :]
    inv3 = (np.sum(d * d, axis=2) + SOFT**2) ** -1.5
    np.fill_diagonal(inv3, 0.0)
    return G * np.einsum("ijk,ij,j->ik", d, inv3, mass)


def energy(pos, vel, mass):
    kinetic = 0.5 * (mass * (vel**2).sum(axis=1)).sum()
    i, j = np.triu_indices(len(mass), k=1)
    r = np.linalg.norm(pos[i] - pos[j], axis=1)
    return kinetic - G * (mass[i] * mass[j] / r).sum()


def step(pos, vel, mass, dt=0.01):
    before = energy(pos, vel, mass)
    acc = accelerations(pos, mass)
    for _ in range(3):
        vel += acc * dt / 2.0
        pos += vel * dt
        acc = accelerations(pos, mass)
        vel += acc * dt / 2.0
    after = energy(pos, vel, mass)
    assert abs(after - before) < 1e-3, (before, after)
    return before, after


def inputs():
    r = np.random.default_rng(8)
    return r.normal(size=(3, 2)), r.normal(size=(3, 2)) * 0.1, np.array([1.0, 0.5, 0.25])
