"""PageRank by power iteration on a graph that is a dict of sets."""

import numpy as np

links = {"a": {"b", "c"}, "b": {"c"}, "c": {"a"}, "d": {"c", "a"}}


def transition(graph):
    nodes = sorted(graph)
    M = np.zeros((len(nodes),) * 2)
    for j, node in enumerate(nodes):
        for target in sorted(graph[node]):
            M[nodes.index(target), j] = 1 / len(graph[node])
    return M


def step():
    M = transition(links)
    n = len(M)
    rank = np.full(n, 1 / n)
    damping, change, turns = 0.85, np.inf, 0
    while change > 1e-3:
        before, rank = rank, damping * M @ rank + (1 - damping) / n
        change = np.abs(rank - before).sum()
        turns += 1
    for name, r in zip(sorted(links), rank):
        print(f"{name}: {r:.3f}")
    return rank, turns
