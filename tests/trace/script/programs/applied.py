import numpy as np

rng = np.random.default_rng(0)
X, Y = rng.random((40, 3)), rng.random((40, 2))


class Net:
    def __init__(self):
        self.w = rng.normal(size=(3, 2))
        self.b = np.zeros(2)

    def update(self, x, y):
        out = np.tanh(x @ self.w + self.b)
        delta = (out - y) * (1 - out**2)
        gw = x[:, :, None] * delta[:, None, :]
        for k in range(len(x)):
            self.w = self.w - 0.1 * gw[k]
            self.b = self.b - 0.1 * delta[k]


net = Net()
for epoch in range(5):
    for start in range(0, 40, 8):  # this
        net.update(X[start : start + 8], Y[start : start + 8])
    print(epoch)
