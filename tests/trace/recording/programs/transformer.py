"""A transformer block in functions with ** of nested dicts, heads by split and map, a causal mask."""

import numpy as np


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def softmax(x):
    exp_x = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return exp_x / np.sum(exp_x, axis=-1, keepdims=True)


def layer_norm(x, g, b, eps: float = 1e-5):
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.var(x, axis=-1, keepdims=True)
    return g * (x - mean) / np.sqrt(variance + eps) + b


def linear(x, w, b):
    return x @ w + b


def ffn(x, c_fc, c_proj):
    return linear(gelu(linear(x, **c_fc)), **c_proj)


def attention(q, k, v, mask):
    return softmax(q @ k.T / np.sqrt(q.shape[-1]) + mask) @ v


def mha(x, c_attn, c_proj, n_head):
    x = linear(x, **c_attn)
    qkv_heads = list(map(lambda x: np.split(x, n_head, axis=-1), np.split(x, 3, axis=-1)))
    causal_mask = (1 - np.tri(x.shape[0], dtype=x.dtype)) * -1e10
    out_heads = [attention(q, k, v, causal_mask) for q, k, v in zip(*qkv_heads)]
    return linear(np.hstack(out_heads), **c_proj)


def transformer_block(x, mlp, attn, ln_1, ln_2, n_head):
    x = x + mha(layer_norm(x, **ln_1), **attn, n_head=n_head)
    return x + ffn(layer_norm(x, **ln_2), **mlp)


def gpt(inputs, wte, wpe, blocks, ln_f, n_head):
    x = wte[inputs] + wpe[range(len(inputs))]
    for block in blocks:
        x = transformer_block(x, **block, n_head=n_head)
    return layer_norm(x, **ln_f) @ wte.T


def weights(*shape, rng=np.random.default_rng(0)):
    return {"w": rng.normal(size=shape), "b": rng.normal(size=shape[-1:])}


E = 4
NORM = {"g": np.ones(E), "b": np.zeros(E)}
PARAMS = {
    "wte": np.random.default_rng(1).normal(size=(5, E)),
    "wpe": np.random.default_rng(2).normal(size=(6, E)),
    "blocks": [
        {
            "mlp": {"c_fc": weights(E, 8), "c_proj": weights(8, E)},
            "attn": {"c_attn": weights(E, 3 * E), "c_proj": weights(E, E)},
            "ln_1": NORM,
            "ln_2": dict(NORM),
        }
    ],
    "ln_f": NORM,
}


def step():
    ids = [1, 3]
    for _ in range(2):
        logits = gpt(ids, **PARAMS, n_head=2)
        ids.append(int(np.argmax(logits[-1])))
    print(ids)
    return logits
