import string

import numpy as np

rng = np.random.default_rng(0)
LETTERS = list(string.ascii_lowercase)


class GA:
    def __init__(self, target, size):
        self.target, self.size = target, size
        self.population = ["".join(rng.choice(LETTERS, len(target))) for _ in range(size)]

    def fitness(self):
        out = np.empty(self.size)
        for i, one in enumerate(self.population):
            miss = sum(abs(ord(a) - ord(b)) for a, b in zip(one, self.target))
            out[i] = 1 / (miss + 1e-6)
        return out

    def run(self, n):
        for epoch in range(n):  # this
            f = self.fitness()
            best = self.population[np.argmax(f)]
            if best == self.target:
                break
            p = f / f.sum()
            new = []
            for _ in range(self.size // 2):
                a, b = rng.choice(self.population, 2, p=p)
                cut = rng.integers(0, len(a))
                new += [a[:cut] + b[cut:], b[:cut] + a[cut:]]
            self.population = new
            print(epoch, best)


GA("gene", 8).run(10)
