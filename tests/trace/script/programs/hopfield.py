import numpy as np


class Hopfield:
    def __init__(self, n):
        self.n = n
        self.W = np.zeros((n, n))

    def train(self, data):
        for x in data:
            x = x.reshape(-1, 1)
            self.W = self.W + x @ x.T
        np.fill_diagonal(self.W, 0)

    def recall(self, s, iterations=5):
        s = s.copy()
        for it in range(iterations):
            for i in np.random.permutation(self.n):  # this
                s[i] = np.sign(self.W[i] @ s)
        return s


np.random.seed(0)
data = np.sign(np.random.randn(4, 30))
net = Hopfield(30)
net.train(data)
noisy = data[1].copy()
noisy[:8] *= -1
print((net.recall(noisy) == data[1]).mean())
