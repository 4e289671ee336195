"""Policy gradients on a corridor: rollouts, discounted rewards, rmsprop."""

import numpy as np

rng = np.random.RandomState(11)
model = {"W1": rng.randn(4, 5) / np.sqrt(5), "W2": rng.randn(4) / np.sqrt(4)}
grad_buffer = {k: np.zeros_like(v) for k, v in model.items()}
rmsprop_cache = {k: np.zeros_like(v) for k, v in model.items()}


def policy_forward(x):
    h = np.dot(model["W1"], x)
    h[h < 0] = 0
    logp = np.dot(model["W2"], h)
    return 1.0 / (1.0 + np.exp(-logp)), h


def policy_backward(eph, epdlogp, epx):
    dW2 = np.dot(eph.T, epdlogp).ravel()
    dh = np.outer(epdlogp, model["W2"])
    dh[eph <= 0] = 0
    return {"W1": np.dot(dh.T, epx), "W2": dW2}


def discount_rewards(r, gamma=0.9):
    discounted_r = np.zeros_like(r)
    running_add = 0
    for t in reversed(range(0, r.size)):
        if r[t] != 0:
            running_add = 0
        running_add = running_add * gamma + r[t]
        discounted_r[t] = running_add
    return discounted_r


def step():
    place, xs, hs, dlogps, drs = 2, [], [], [], []
    while len(xs) < 6:
        x = np.zeros(5)
        x[place] = 1.0
        aprob, h = policy_forward(x)
        action = 1 if rng.uniform() < aprob else -1
        xs.append(x)
        hs.append(h)
        dlogps.append((action == 1) - aprob)
        place = min(4, max(0, place + action))
        drs.append(1.0 if place == 4 else 0.0)
    epx, eph, epdlogp, epr = np.vstack(xs), np.vstack(hs), np.vstack(dlogps), np.vstack(drs)
    discounted = discount_rewards(epr)
    discounted -= np.mean(discounted)
    discounted /= np.std(discounted) + 1e-6
    epdlogp *= discounted
    grad = policy_backward(eph, epdlogp, epx)
    for k in model:
        grad_buffer[k] += grad[k]
    for k, v in model.items():
        g = grad_buffer[k]
        rmsprop_cache[k] = 0.99 * rmsprop_cache[k] + (1 - 0.99) * g**2
        model[k] += 1e-2 * g / (np.sqrt(rmsprop_cache[k]) + 1e-5)
        grad_buffer[k] = np.zeros_like(v)
    print("reward", sum(drs), "at", place)
    return discounted
