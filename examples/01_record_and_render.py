"""The smallest use: record a function of plain numpy, look at what it computed, and film it."""

import numpy as np

import mnistviz


def step(picture_9x1, weights_4x9):
    """One layer: every output weighs every pixel, and none is below zero."""
    scores_4x1 = np.matmul(weights_4x9, picture_9x1)
    return np.maximum(0, scores_4x1)


cross_9x1 = np.reshape([0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0], (9, 1))
random_4x9 = np.random.default_rng(1).normal(size=(4, 9))

trace = mnistviz.record(step, cross_9x1, random_4x9)
for operation in trace:
    print(f"{operation.operation:10} {operation.expression:40} -> {operation.output.shape}")
trace.check()  # the film proves itself before it is drawn

folder = mnistviz.render(
    trace,
    "output/first",
    fps=(10,),
    size=(640, 360),
    duration="0:20",
    quality="draft",
)
print(f"watch {folder / 'index.html'}")
