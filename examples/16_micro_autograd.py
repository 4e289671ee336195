"""Micro-autograd: arrays that remember what they were made of, so that gradients find their own way back."""

import numpy as np


class Tensor:
    """An array, its gradient, and how to hand a gradient back."""

    def __init__(self, data, parents=(), back=None):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents, self.back = parents, back

    def __matmul__(self, other):
        """Multiply matrices; each gets the gradient through the other."""

        def back(grad):
            self.grad += grad @ other.data.T
            other.grad += self.data.T @ grad

        return Tensor(self.data @ other.data, (self, other), back)

    def tanh(self):
        """Bend; the gradient shrinks where it is flat."""
        bent = np.tanh(self.data)

        def back(grad):
            self.grad += grad * (1 - bent**2)

        return Tensor(bent, (self,), back)

    def squared_error(self, wanted):
        """How far it is from what was wanted."""
        apart = self.data - wanted

        def back(grad):
            self.grad += grad * 2 * apart / apart.size

        return Tensor((apart**2).mean(), (self,), back)

    def backward(self):
        """From the loss back to all that it was made of, each after what was made of it."""
        order = []

        def visit(tensor):
            if tensor not in order:
                for parent in tensor.parents:
                    visit(parent)
                order.append(tensor)

        visit(self)
        self.grad = np.ones_like(self.data)
        for tensor in reversed(order):
            if tensor.back is not None:
                tensor.back(tensor.grad)


rng = np.random.default_rng(5)
x, wanted = Tensor(rng.normal(size=(5, 2))), rng.normal(size=(5, 1))
w1, w2 = Tensor(rng.normal(size=(2, 4))), Tensor(rng.normal(size=(4, 1)))

for _ in range(100):
    loss = ((x @ w1).tanh() @ w2).squared_error(wanted)
    loss.backward()
    for weight in (w1, w2):
        # against the gradient, and forget it
        weight.data -= 0.1 * weight.grad
        weight.grad[:] = 0
