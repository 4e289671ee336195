"""The phase of each statement of small programs in many styles, as written beside it by hand before it was asked for.

`f` forward, `e` error, `b` backward, `u` update; several letters where a reader would take any of them.
What a statement with no letter does is not asked.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from mnistviz.story.flow import learning
from mnistviz.trace.recording.recorder import record

LETTERS = {"f": "forward", "e": "error", "b": "backward", "u": "update"}
MARK = re.compile(r"  # ([febu]+)$")
PROGRAMS: list[tuple[Callable[..., Any], Sequence[Any]]] = []


def phased(*arrays: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def noted(function: Callable[..., Any]) -> Callable[..., Any]:
        PROGRAMS.append((function, arrays))
        return function

    return noted


def some(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(scale=0.5, size=shape)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


@phased(some(3, 4), some(4, 2, seed=1), some(5, 3, seed=2), some(5, 2, seed=3))
def in_place_then_asked_again(w1: Any, w2: Any, x: Any, t: Any) -> Any:
    h = np.tanh(x @ w1)  # f
    y = h @ w2  # f
    wrong = y - t  # e
    loss = np.mean(wrong**2)  # e
    d_w2 = h.T @ wrong  # b
    d_h = wrong @ w2.T  # b
    d_z = d_h * (1 - h**2)  # b
    d_w1 = x.T @ d_z  # b
    w1 -= 0.1 * d_w1  # u
    w2 -= 0.1 * d_w2  # u
    again = np.tanh(x @ w1)  # f
    guess = again @ w2  # f
    right = np.mean(guess.argmax(axis=1) == t.argmax(axis=1))  # f
    return loss, right


def difference(y: Any, t: Any) -> Any:
    return y - t  # e


@phased([some(3, 4), some(2, 3, seed=1)], some(4, 1, seed=2), some(2, 1, seed=3))
def error_from_a_call(weights: Any, x: Any, t: Any) -> Any:
    h = sigmoid(weights[0] @ x)  # f
    y = weights[1] @ h  # f
    delta = difference(y, t) * (1 + abs(y))  # eb
    last = delta @ h.T  # b
    back = (weights[1].T @ delta) * h * (1 - h)  # b
    steps = [back @ x.T, last]  # b
    weights = [w - (0.5 / len(weights)) * step for w, step in zip(weights, steps, strict=True)]  # u
    return weights


@phased([some(3, 4), some(4, 4, seed=1), some(4, 2, seed=2)], some(5, 3, seed=2), some(5, 2, seed=3))
def new_lists(weights: Any, x: Any, t: Any) -> Any:
    rate = 0.1
    outs = [x]
    for w in weights:
        outs.append(sigmoid(outs[-1] @ w))  # f
    delta = (outs[-1] - t) * outs[-1] * (1 - outs[-1])  # e
    slopes = [outs[-2].T @ delta]  # b
    for place in (2, 1):
        delta = (delta @ weights[place].T) * outs[place] * (1 - outs[place])  # b
        slopes.insert(0, outs[place - 1].T @ delta)  # b
    weights = [w - rate * slope for w, slope in zip(weights, slopes, strict=True)]  # u
    out = x
    for w in weights:
        out = sigmoid(out @ w)  # f
    return weights, out


@phased({"w": some(3, 2), "b": np.zeros(2)}, some(5, 3, seed=2), np.eye(2)[[0, 1, 1, 0, 1]])
def returned_values(p: Any, x: Any, t: Any) -> Any:
    def forward(p: Any) -> Any:
        z = x @ p["w"] + p["b"]  # f
        e = np.exp(z - z.max(axis=1, keepdims=True))  # f
        return e / e.sum(axis=1, keepdims=True)  # f

    def slopes(y: Any) -> Any:
        wrong = (y - t) / len(x)  # e
        return {"w": x.T @ wrong, "b": wrong.sum(axis=0)}  # b

    def stepped(p: Any, d: Any) -> Any:
        return {"w": p["w"] - 0.5 * d["w"], "b": p["b"] - 0.5 * d["b"]}  # u

    y = forward(p)
    loss = -np.mean(np.sum(t * np.log(y), axis=1))  # fe
    p = stepped(p, slopes(y))
    print(f"{loss:.2f}")
    shown = forward(p).argmax(axis=1)  # f
    return p, shown


class Dense:
    def __init__(self, n: int, m: int, seed: int) -> None:
        self.w, self.b = some(n, m, seed=seed), np.zeros(m)

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.w + self.b  # f

    def backward(self, d: Any) -> Any:
        self.dw = self.x.T @ d  # b
        self.db = d.sum(axis=0)  # b
        return d @ self.w.T  # b


@phased(some(4, 3), some(4, 1, seed=1))
def attributes_of_layers(x: Any, t: Any) -> Any:
    first, second = Dense(3, 4, 5), Dense(4, 1, 6)
    layers = [first, second]
    h = first.forward(x)  # f
    a = np.maximum(h, 0)  # f
    y = second.forward(a)  # f
    d = 2 * (y - t) / len(x)  # e
    d = second.backward(d)  # b
    d = d * (h > 0)  # b
    d = first.backward(d)  # b
    for layer in layers:
        layer.w = layer.w - 0.1 * layer.dw  # u
        layer.b = layer.b - 0.1 * layer.db  # u
    return layers


@phased(some(6, 5), some(6, 6, seed=1), some(5, 6, seed=2), [0, 3, 1, 4], [3, 1, 4, 2])
def recurrent_then_sampled(wx: Any, wh: Any, wy: Any, xs: Any, ys: Any) -> Any:
    hs, ps = {-1: np.zeros(6)}, {}
    loss = 0
    for t in range(4):
        hs[t] = np.tanh(wx[:, xs[t]] + wh @ hs[t - 1])  # f
        raised = np.exp(wy @ hs[t])  # f
        ps[t] = raised / raised.sum()  # f
        loss += -np.log(ps[t][ys[t]])  # fe
    dwx, dwh, dwy = np.zeros_like(wx), np.zeros_like(wh), np.zeros_like(wy)
    later = np.zeros(6)
    for t in reversed(range(4)):
        dy = ps[t].copy()  # e
        dy[ys[t]] -= 1  # e
        dwy += np.outer(dy, hs[t])  # b
        dh = wy.T @ dy + later  # b
        dz = (1 - hs[t] ** 2) * dh  # b
        dwx[:, xs[t]] += dz  # b
        dwh += np.outer(dz, hs[t - 1])  # b
        later = wh.T @ dz  # b
    for slope in (dwx, dwh, dwy):
        np.clip(slope, -5, 5, out=slope)  # b
    wx -= 0.1 * dwx  # u
    wh -= 0.1 * dwh  # u
    wy -= 0.1 * dwy  # u
    h, letter, said = hs[3], 2, []
    for _ in range(3):
        h = np.tanh(wx[:, letter] + wh @ h)  # f
        likely = np.exp(wy @ h)  # f
        letter = int(np.argmax(likely))  # f
        said.append(letter)
    return said, loss


@phased(some(6, 4), some(6, 6, seed=1), some(2, 6, seed=2), some(4, 2, 4, seed=3), some(4, 2, seed=4))
def truncated_through_time(wx: Any, wh: Any, wy: Any, pieces: Any, targets: Any) -> Any:
    state = np.zeros(6)
    for piece, target in zip(pieces, targets, strict=True):
        before = state
        for x in piece:
            state = np.tanh(wx @ x + wh @ state)  # f
        y = wy @ state  # f
        wrong = y - target  # e
        dwy = np.outer(wrong, state)  # b
        d = (wy.T @ wrong) * (1 - state**2)  # b
        dwh, dwx = np.outer(d, before), np.outer(d, piece[-1])  # b
        wy = wy - 0.1 * dwy  # u
        wh = wh - 0.1 * dwh  # u
        wx = wx - 0.1 * dwx  # u
    tried = np.tanh(wx @ pieces[0][0])  # f
    return wy @ tried  # f


@phased(some(5, 3), some(4, 5, seed=1), some(4, 5, seed=2))
def tied_weights(w: Any, x: Any, noise: Any) -> Any:
    spoilt = x + 0.1 * noise  # f
    code = np.tanh(spoilt @ w)  # f
    back = code @ w.T  # f
    wrong = back - x  # e
    d_decode = wrong.T @ code  # b
    d_code = (wrong @ w) * (1 - code * code)  # b
    d_encode = spoilt.T @ d_code  # b
    slope = d_encode + d_decode  # b
    w -= 0.05 * slope  # u
    seen = np.tanh(x @ w)  # f
    return np.mean(((seen @ w.T) - x) ** 2)  # fe


@phased(some(3, 2), np.zeros((3, 2)), some(6, 3, seed=2), some(6, 2, seed=3))
def with_momentum(w: Any, v: Any, x: Any, t: Any) -> Any:
    for _ in range(3):
        y = x @ w  # f
        wrong = y - t  # e
        slope = x.T @ wrong / len(x)  # b
        v = 0.9 * v - 0.1 * slope  # u
        w = w + v  # u
    print(np.linalg.norm(w))
    return np.abs(x @ w - t)  # fe


@phased(some(3, 2), some(6, 3, seed=2), some(6, 2, seed=3))
def adam(w: Any, x: Any, t: Any) -> Any:
    m, s = np.zeros_like(w), np.zeros_like(w)
    for step in range(1, 3):
        y = np.tanh(x @ w)  # f
        wrong = (y - t) * (1 - y * y)  # e
        slope = x.T @ wrong  # b
        m = 0.9 * m + 0.1 * slope  # u
        s = 0.999 * s + 0.001 * slope**2  # u
        m_fair = m / (1 - 0.9**step)  # u
        s_fair = s / (1 - 0.999**step)  # u
        w = w - 0.01 * m_fair / (np.sqrt(s_fair) + 1e-8)  # u
    return np.tanh(x @ w)  # f


@phased(some(2, 3), some(3, 1, seed=1), some(6, 2, seed=2), some(6, 3, seed=3))
def generator_and_critic(g: Any, d: Any, noise: Any, real: Any) -> Any:
    for _ in range(2):
        fake = noise @ g  # f
        p_real = sigmoid(real @ d)  # f
        p_fake = sigmoid(fake @ d)  # f
        e_real = p_real - np.ones((6, 1))  # e
        e_fake = p_fake - np.zeros((6, 1))  # e
        slope_d = real.T @ e_real + fake.T @ e_fake  # b
        d = d - 0.1 * slope_d  # u
        p_again = sigmoid(fake @ d)  # f
        e_again = p_again - np.ones((6, 1))  # e
        through = e_again @ d.T  # b
        slope_g = noise.T @ through  # b
        g = g - 0.1 * slope_g  # u
    return noise @ g  # f


@phased(some(3, 1), some(6, 3, seed=1), some(6, 3, seed=2))
def wrong_at_ones_then_at_zeros(w: Any, real: Any, made: Any) -> Any:
    def back(x: Any, error: Any) -> None:
        slope = x.T @ error  # b
        w[:] -= 0.1 * slope  # u

    p = sigmoid(real @ w)  # f
    e = p - 1  # e
    back(real, e)
    q = sigmoid(made @ w)  # f
    back(made, q)
    return w


@phased(np.ones(3), some(6, 3, seed=1), some(6, seed=2))
def mean_that_follows(w: Any, x: Any, t: Any) -> Any:
    m, v = np.zeros(3), np.zeros(3)  # u
    for _ in range(2):
        error = x @ w - t  # e
        slope = error @ x  # b
        m += 0.1 * (slope - m)  # u
        v += 0.01 * (slope**2 - v)  # u
        w -= 0.1 * m / (np.sqrt(v) + 1e-8)  # u
    return w


@phased(some(4, 2), some(3, 4, seed=1), [1, 0, 1], np.array([1.0, -0.5, 2.0]))
def policy_gradient(w: Any, states: Any, actions: Any, rewards: Any) -> Any:
    slopes = []
    for state, action in zip(states, actions, strict=True):
        raised = np.exp(state @ w)  # f
        p = raised / raised.sum()  # f
        chosen = np.eye(2)[action]  # f
        slopes.append(np.outer(state, chosen - p))  # eb
    returns = np.cumsum(rewards[::-1])[::-1]  # fb
    returns = (returns - returns.mean()) / returns.std()  # fb
    whole = np.zeros_like(w)
    for slope, worth in zip(slopes, returns, strict=True):
        whole += slope * worth  # b
    w += 0.1 * whole  # u
    return (states @ w).argmax(axis=1)  # f


@phased(some(3, 2), np.zeros(2), some(8, 3, seed=2), some(8, 2, seed=3), some(4, 3, seed=5))
def evaluated_every_epoch(w: Any, b: Any, x: Any, t: Any, test: Any) -> Any:
    history = []
    for _ in range(3):
        for first in (0, 4):
            rows, wanted = x[first : first + 4], t[first : first + 4]
            y = sigmoid(rows @ w + b)  # f
            wrong = y - wanted  # e
            w -= 0.1 * (rows.T @ wrong)  # ub
            b -= 0.1 * wrong.sum(axis=0)  # ub
        seen = sigmoid(test @ w + b)  # f
        history.append(seen.mean())  # f
    final = sigmoid(test @ w + b)  # f
    return history, final.round(2)


@phased(
    some(2, 3), np.zeros((3, 1)), some(1, 3, seed=1), np.zeros((1, 1)), some(2, 6, seed=2), some(1, 6, seed=3)
)
def loss_by_name_only(w1: Any, b1: Any, w2: Any, b2: Any, x: Any, t: Any) -> Any:
    a1 = np.tanh(w1.T @ x + b1)  # f
    a2 = sigmoid(w2 @ a1 + b2)  # f
    logs = t * np.log(a2) + (1 - t) * np.log(1 - a2)  # fe
    cost = -np.sum(logs) / 6  # fe
    dz2 = a2 - t  # e
    dw2 = dz2 @ a1.T / 6  # b
    db2 = np.sum(dz2, axis=1, keepdims=True) / 6  # b
    dz1 = (w2.T @ dz2) * (1 - np.power(a1, 2))  # b
    dw1 = x @ dz1.T / 6  # b
    db1 = np.sum(dz1, axis=1, keepdims=True) / 6  # b
    w1 = w1 - 1.2 * dw1  # u
    b1 = b1 - 1.2 * db1  # u
    w2 = w2 - 1.2 * dw2  # u
    b2 = b2 - 1.2 * db2  # u
    return w1, b1, w2, b2, cost


@phased(some(3, 2), some(6, 3, seed=1), some(6, 2, seed=2))
def printed_slopes_and_unused_ones(w: Any, x: Any, t: Any) -> Any:
    y = x @ w  # f
    wrong = y - t  # e
    dx = wrong @ w.T  # b
    dw = x.T @ wrong  # b
    size = np.sqrt(np.sum(dw * dw))  # b
    w -= 0.1 * dw  # u
    moved = np.abs(0.1 * dw).max()  # bu
    return size, moved, dx


@phased(
    some(4, 3),
    np.zeros(4),
    np.zeros(3),
    np.array([[1.0, 0, 1, 0], [0, 1, 1, 0]]),
    some(2, 4, seed=3) * 0 + 0.4,
)
def contrastive_divergence(w: Any, a: Any, b: Any, v0: Any, u: Any) -> Any:
    h0 = sigmoid(v0 @ w + b)  # f
    drawn = (h0 > 0.5) * 1.0  # f
    v1 = sigmoid(drawn @ w.T + a)  # f
    h1 = sigmoid(v1 @ w + b)  # f
    together, apart = v0.T @ h0, v1.T @ h1  # fb
    w += 0.1 * (together - apart)  # u
    a += 0.1 * (v0 - v1).mean(axis=0)  # eu
    b += 0.1 * (h0 - h1).mean(axis=0)  # u
    return sigmoid(b @ w.T + a)  # f


@phased(some(5, 3), some(5, 3, seed=1), some(3, 5, seed=2), np.array([[0.0, 1, 1, 0, 1], [1, 0, 0, 1, 0]]))
def variational_autoencoder(wm: Any, wv: Any, wo: Any, x: Any) -> Any:
    mu = x @ wm  # f
    logvar = x @ wv  # f
    eps = np.random.default_rng(2).normal(size=mu.shape)  # f
    z = mu + np.exp(0.5 * logvar) * eps  # f
    out = sigmoid(z @ wo)  # f
    entropy = -(x * np.log(out) + (1 - x) * np.log(1 - out)).sum()  # e
    spread = -0.5 * (1 + logvar - mu**2 - np.exp(logvar)).sum()  # e
    loss = entropy + spread  # e
    right = np.mean((out > 0.5) == x)  # f
    wrong = out - x  # e
    back = wrong @ wo.T  # b
    wo -= 0.1 * (z.T @ wrong)  # bu
    wm -= 0.1 * (x.T @ (back + mu))  # bu
    wv -= 0.1 * (x.T @ (back * eps * 0.5 * np.exp(0.5 * logvar) + 0.5 * (np.exp(logvar) - 1)))  # bu
    return loss, right


@phased(some(4, 4, 3), some(6, 3, seed=1), np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), axis=-1))
def map_that_organises_itself(nodes: Any, xs: Any, grid: Any) -> Any:
    for t, x in enumerate(xs):
        near = np.linalg.norm(nodes - x, axis=-1)  # f
        best = np.unravel_index(near.argmin(), near.shape)  # f
        away = ((grid - np.array(best)) ** 2).sum(axis=-1)  # f
        pull = np.exp(-away / 2)[..., None]  # f
        nodes += 0.5 * 0.9**t * pull * (x - nodes)  # u
    return nodes


@phased(some(3, 2), some(6, 2, seed=1), np.array([0, 1, 2, 0, 1, 2]))
def prototypes_of_classes(w: Any, xs: Any, labels: Any) -> Any:
    for x, label in zip(xs, labels, strict=True):
        gaps = np.sum((w - x) ** 2, axis=1)  # f
        k = np.argmin(gaps)  # f
        towards = x - w[k]  # ef
        w[k] += (0.1 if k == label else -0.1) * towards  # u
    return w


@phased(some(5, 4), some(4, 5, seed=1), some(3, 4, seed=2), some(3, 5, seed=3), some(3, 4, seed=6))
def held_out_and_stopped_early(w1: Any, w2: Any, x: Any, _: Any, val: Any) -> Any:
    best = 9.0
    kept = w1
    for _epoch in range(2):
        h = np.maximum(x @ w1.T, 0)  # f
        wrong = h @ w2.T - x  # e
        g2 = wrong.T @ h  # b
        g1 = ((wrong @ w2) * (h > 0)).T @ x  # b
        w1, w2 = w1 - 0.1 * g1, w2 - 0.1 * g2  # u
        seen = np.maximum(val @ w1.T, 0)  # f
        missed = np.mean((seen @ w2.T - val) ** 2)  # fe
        if missed < best:
            best, kept = missed, w1.copy()
    return kept


@phased(some(7, 6), some(6, 4, seed=1), some(5, 7, seed=2), np.eye(4)[[0, 1, 2, 3, 0]])
def with_dropout_and_decay(w1: Any, w2: Any, x: Any, t: Any) -> Any:
    lam = 0.01
    for _ in range(2):
        keep = np.random.default_rng(1).random((5, 6)) < 0.8  # f
        h = np.maximum(0, x @ w1) * keep / 0.8  # f
        s = h @ w2  # f
        s = s - s.max(axis=1, keepdims=True)  # f
        p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)  # f
        data_loss = -np.log(p[range(5), t.argmax(1)]).mean()  # fe
        print(data_loss + lam * np.sum(w1 * w1))  # fe
        dscores = p  # fe
        dscores[range(5), t.argmax(1)] -= 1  # e
        dscores /= 5  # eb
        dw2 = h.T @ dscores  # b
        dh = dscores @ w2.T  # b
        dh[h <= 0] = 0  # b
        dw1 = x.T @ dh  # b
        dw2 += lam * w2  # b
        dw1 += lam * w1  # b
        w1 += -0.1 * dw1  # u
        w2 += -0.1 * dw2  # u
    scores = np.maximum(0, x @ w1) @ w2  # f
    return np.argmax(scores, axis=1)  # f


@phased(some(6, 3), some(6, 3, seed=2), 2, 4, [0, 1])
def skip_gram(inner: Any, outer: Any, centre: Any, context: Any, negatives: Any) -> Any:
    h = inner[centre]  # f
    p = sigmoid(outer[context] @ h)  # f
    wrong = p - 1  # e
    total = wrong * outer[context]  # b
    outer[context] -= 0.1 * wrong * h  # u
    for k in negatives:
        p = sigmoid(outer[k] @ h)  # fb
        total += p * outer[k]  # eb
        outer[k] -= 0.1 * p * h  # u
    inner[centre] -= 0.1 * total  # u
    return inner @ inner.T  # f


@phased(
    some(4, 4),
    some(4, 4, seed=1),
    some(4, 4, seed=2),
    some(4, 4, seed=3),
    some(3, 4, seed=4),
    some(3, 4, seed=5),
)
def self_attention_trained(wq: Any, wk: Any, wv: Any, wo: Any, x: Any, t: Any) -> Any:
    q, k, v = x @ wq, x @ wk, x @ wv  # f
    s = q @ k.T / 2.0  # f
    a = np.exp(s) / np.exp(s).sum(-1, keepdims=True)  # f
    y = a @ v  # f
    out = x + y @ wo  # f
    loss = ((out - t) ** 2).mean()  # e
    dout = 2 * (out - t) / out.size  # e
    dwo = y.T @ dout  # b
    dy = dout @ wo.T  # b
    dv = a.T @ dy  # b
    da = dy @ v.T  # b
    ds = a * (da - (da * a).sum(-1, keepdims=True)) / 2.0  # b
    dq, dk = ds @ k, ds.T @ q  # b
    wq -= 0.1 * x.T @ dq  # u
    wk -= 0.1 * x.T @ dk  # u
    wv -= 0.1 * x.T @ dv  # u
    wo -= 0.1 * dwo  # u
    return loss


@phased(some(2), 0.1, some(10), some(10, seed=3))
def linear_by_numbers(p: Any, rate: Any, xs: Any, ys: Any) -> Any:
    w, b = p
    for _ in range(3):
        guess = w * xs + b  # f
        apart = guess - ys  # e
        dw = (2 / len(xs)) * np.dot(apart, xs)  # b
        db = (2 / len(xs)) * np.sum(apart)  # b
        w = w - rate * dw  # u
        b = b - rate * db  # u
    line = w * xs + b  # f
    return line, 1 - np.sum((ys - line) ** 2) / np.sum((ys - ys.mean()) ** 2)  # fe


@phased(some(3, 4), np.ones(4), np.zeros(4), some(4, 2, seed=2), some(8, 3, seed=3), some(8, 2, seed=4))
def batch_norm_training(w: Any, gamma: Any, beta: Any, v: Any, x: Any, t: Any) -> Any:
    mean_kept, var_kept = np.zeros(4), np.ones(4)
    for _ in range(2):
        z = x @ w  # f
        mu = z.mean(axis=0)  # f
        var = z.var(axis=0)  # f
        n = (z - mu) / np.sqrt(var + 1e-5)  # f
        y = gamma * n + beta  # f
        mean_kept = 0.9 * mean_kept + 0.1 * mu  # f
        var_kept = 0.9 * var_kept + 0.1 * var  # f
        out = np.tanh(y) @ v  # f
        wrong = (out - t) / 8  # e
        dv = np.tanh(y).T @ wrong  # b
        dy = (wrong @ v.T) * (1 - np.tanh(y) ** 2)  # b
        dgamma, dbeta = (dy * n).sum(0), dy.sum(0)  # b
        dn = dy * gamma  # b
        dz = (dn - dn.mean(0) - n * (dn * n).mean(0)) / np.sqrt(var + 1e-5)  # b
        dw = x.T @ dz  # b
        w -= 0.1 * dw  # u
        v -= 0.1 * dv  # u
        gamma -= 0.1 * dgamma  # u
        beta -= 0.1 * dbeta  # u
    tested = gamma * (x @ w - mean_kept) / np.sqrt(var_kept + 1e-5) + beta  # f
    return np.tanh(tested) @ v  # f


@phased(np.zeros((2, 1)), some(6, 2), np.array([[1.0], [-1], [1], [1], [-1], [1]]))
def margins(theta: Any, x: Any, y: Any) -> Any:
    for _ in range(2):
        margin = y * (x @ theta)  # f
        loss = np.maximum(1 - margin, 0).sum()  # fe
        inside = margin <= 1  # e
        slope = -(y * x).T @ inside + 1.1 * theta  # b
        theta -= 0.001 * slope  # u
        print(loss)
    return np.sign(x @ theta)  # f


def kalman(x: Any, p: Any, f: Any, h: Any, q: Any, z: Any) -> Any:
    for seen in z:
        x, p = f @ x, f @ p @ f.T + q
        gain = p @ h.T @ np.linalg.inv(h @ p @ h.T + np.eye(1))
        x = x + gain @ (seen - h @ x)
        p = p - gain @ h @ p
    return x


def k_means(points: Any, centres: Any) -> Any:
    for _ in range(3):
        apart = ((points[:, None] - centres) ** 2).sum(axis=2)
        nearest = apart.argmin(axis=1)
        centres = np.array([points[nearest == k].mean(axis=0) for k in range(len(centres))])
    return centres


def mixture(x: Any, mu: Any, var: Any, share: Any) -> Any:
    for _ in range(2):
        dense = share * np.exp(-((x[:, None] - mu) ** 2) / (2 * var)) / np.sqrt(2 * np.pi * var)
        whose = dense / dense.sum(axis=1, keepdims=True)
        size = whose.sum(axis=0)
        mu = (whose * x[:, None]).sum(axis=0) / size
        var = (whose * (x[:, None] - mu) ** 2).sum(axis=0) / size
        share = size / len(x)
    return mu


def pulled_together(place: Any, speed: Any) -> Any:
    for _ in range(3):
        centre = place.mean(axis=0)
        speed += 0.01 * (centre - place)
        place += 0.1 * speed
    return place


def ranked(links: Any, rank: Any) -> Any:
    for _ in range(4):
        before = rank
        rank = 0.85 * links @ rank + 0.15 / 4
        if np.abs(rank - before).sum() < 1e-9:
            break
    return rank


def heat(u: Any) -> Any:
    for _ in range(3):
        u[1:-1] = u[1:-1] + 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return u


def boids(pos: Any, vel: Any) -> Any:
    for _ in range(2):
        apart = pos[:, None] - pos[None]
        dist = np.sqrt((apart**2).sum(-1)) + 1e-9
        near = dist < 1
        align = (near[:, :, None] * vel[None]).sum(1) / near.sum(1)[:, None]
        cohere = (near[:, :, None] * pos[None]).sum(1) / near.sum(1)[:, None]
        vel = vel + 0.05 * (align - vel) + 0.01 * (cohere - pos)
        pos = pos + 0.1 * vel
    return pos


def lif(v: Any, s: Any, w: Any) -> Any:
    out = []
    for _ in range(3):
        v = v + 0.1 * (-v + w @ s)
        s = (v > 0.5) * 1.0
        v = v * (1 - s)
        out.append(s)
    return out


def particle_filter(ps: Any, ws: Any, z: Any) -> Any:
    ps = ps + 0.1 * np.random.default_rng(0).normal(size=ps.shape)
    ws = ws * np.exp(-0.5 * (z - ps) ** 2)
    ws /= ws.sum()
    est = (ws * ps).sum()
    return est, ((ps - est) ** 2 * ws).sum()


def firing(u: Any, links: Any) -> Any:
    for _ in range(2):
        driven = links @ u
        u = u + 0.1 * ((driven > 0.5) * 1.0 - u)
    return u


NOTHING: list[tuple[Callable[..., Any], Sequence[Any]]] = [
    (
        kalman,
        (np.zeros(2), np.eye(2), np.array([[1.0, 1], [0, 1]]), np.array([[1.0, 0]]), np.eye(2), some(3, 1)),
    ),
    (k_means, (some(8, 2), some(3, 2, seed=1))),
    (mixture, (some(8), np.array([-1.0, 1]), np.ones(2), np.full(2, 0.5))),
    (pulled_together, (some(5, 2), np.zeros((5, 2)))),
    (ranked, (np.full((4, 4), 0.25) + 0.1 * np.eye(4), np.full(4, 0.25))),
    (heat, (some(8),)),
    (firing, (some(4), some(4, 4))),
    (boids, (some(5, 2), some(5, 2, seed=1))),
    (particle_filter, (some(9), np.ones(9) / 9, np.float64(0.3))),
    (lif, (np.zeros(4), np.zeros(4), some(4, 4))),
]


def marks_of(function: Callable[..., Any]) -> dict[int, str]:
    """The letters beside the lines of this file."""
    lines = inspect.getsource(inspect.getmodule(function) or function).split("\n")
    found = ((number, MARK.search(line)) for number, line in enumerate(lines, start=1))
    return {number: mark.group(1) for number, mark in found if mark is not None}


def held(function: Callable[..., Any], arrays: Sequence[Any]) -> list[str]:
    """What the film says that the letters do not, a line each."""
    copies = [one.copy() if isinstance(one, np.ndarray) else one for one in arrays]
    trace = record(function, *copies)
    found, marks = learning(trace), marks_of(function)
    assert found is not None, "nothing is learned"
    runs: dict[tuple[Any, ...], list[int]] = {}
    for one in trace:
        runs.setdefault((one.source.statement, one.source.calls, one.source.passes), []).append(one.number)
    wrong = []
    for (statement, *_), numbers in runs.items():
        said, wanted = found.phase_of(numbers), marks.get(statement.first_line, "")
        if wanted and said not in [LETTERS[letter] for letter in wanted]:
            text = inspect.getsource(inspect.getmodule(function)).split("\n")[statement.first_line - 1]  # type: ignore[arg-type]
            wrong.append(f"{said}: {text.strip()}")
    return list(dict.fromkeys(wrong))


@pytest.mark.parametrize(("function", "arrays"), PROGRAMS, ids=lambda one: getattr(one, "__name__", ""))
def test_each_statement_has_the_phase_that_was_written_beside_it(
    function: Callable[..., Any], arrays: Sequence[Any]
) -> None:
    assert held(function, arrays) == []


@pytest.mark.parametrize(("function", "arrays"), NOTHING, ids=lambda one: getattr(one, "__name__", ""))
def test_what_only_computes_learns_nothing(function: Callable[..., Any], arrays: Sequence[Any]) -> None:
    assert learning(record(function, *arrays)) is None
