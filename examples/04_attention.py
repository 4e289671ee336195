"""One head of self-attention over five tokens, with a causal mask (Vaswani et al., 2017, equation 1)."""

import numpy as np

import mnistviz

WORDS = ["the", "cat", "sat", "on", "it"]  # whose rows are the tokens


def softmax(scores):
    powers = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


def step(tokens, w_query, w_key, w_value):
    queries = tokens @ w_query  # (5, 8) @ (8, 4) -> (5, 4)
    keys = tokens @ w_key
    values = tokens @ w_value
    scores = queries @ keys.T / np.sqrt(keys.shape[-1])  # (5, 5)
    future = np.triu(np.ones(scores.shape, dtype=bool), k=1)
    scores = np.where(future, -np.inf, scores)
    weights = softmax(scores)
    return weights @ values  # (5, 5) @ (5, 4) -> (5, 4)


def inputs():
    rng = np.random.default_rng(4)
    tokens = rng.normal(size=(5, 8))
    return tokens, rng.normal(size=(8, 4)), rng.normal(size=(8, 4)), rng.normal(size=(8, 4))


if __name__ == "__main__":
    trace = mnistviz.record(step, *inputs())
    trace.check()
    print(mnistviz.render(trace, "output/attention", fps=(10,), size=(1280, 720)))
