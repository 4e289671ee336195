class Learner:
    def __init__(self, w):
        self.w = w

    def run(self, x, steps):
        for _ in range(steps):
            self.w = self.w - 0.1 * x.T @ (x @ self.w)
