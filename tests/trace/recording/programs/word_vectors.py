"""Embeddings: rows by word, negative samples, add.at, cosine similarity, a text as data."""

import re

import numpy as np

TEXT = "the cat sat on the mat the dog sat on the log"
words = re.findall(r"\w+", TEXT)
vocabulary = {w: i for i, w in enumerate(dict.fromkeys(words))}
ids = np.array([vocabulary[w] for w in words])
rng = np.random.default_rng(17)
E = rng.normal(scale=0.3, size=(len(vocabulary), 4))
C = np.zeros_like(E)


def pairs(ids, window=1):
    for i, center in enumerate(ids):
        for j in range(max(0, i - window), min(len(ids), i + window + 1)):
            if i != j:
                yield center, ids[j]


def train(center, context, lr=0.1):
    negative = rng.integers(len(E), size=2)
    targets = np.append(negative, context)
    labels = np.array([0, 0, 1])
    scores = 1 / (1 + np.exp(-C[targets] @ E[center]))
    error = scores - labels
    gradient = error @ C[targets]
    np.subtract.at(C, targets, lr * np.outer(error, E[center]))
    E[center] -= lr * gradient


def step():
    for n, (center, context) in enumerate(pairs(ids)):
        if n == 5:
            break
        train(center, context)
    unit = E / np.linalg.norm(E, axis=1, keepdims=True)
    similarity = unit @ unit[vocabulary["cat"]]
    for i in similarity.argsort()[::-1][:3]:
        print(f"{list(vocabulary)[i]} {similarity[i]:+.3f}")
    return similarity
