"""A mistake that still seems to learn: pixel (i, j) put at `i*j` instead of `i*28 + j`.

    python examples/09_mapping_mistake.py [PICTURES]

The author of the article once made it.  Most products i*j are met more than once (and 0 by the whole
first row and column), so that pixels overwrite each other and more than half of the picture is lost; the
network learns from what is left.  This prints both accuracies, and draws what each network was shown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from mnistviz.data.builtin import built_in
from mnistviz.scene import load_learner

network = load_learner().network  # the taught code of the built-in scene
ROW, COLUMN = np.indices((28, 28))
Mapping = Callable[[np.ndarray], np.ndarray]


def right(picture: np.ndarray) -> np.ndarray:
    """Row after row."""
    return network.as_column(picture)


def wrong(picture: np.ndarray) -> np.ndarray:
    """Each pixel where the one before it may be already."""
    column = np.zeros((784, 1))
    column[(ROW * COLUMN).ravel(), 0] = picture.ravel() / 256
    return column


def accuracy(mapping: Mapping, pictures: int) -> float:
    """Per cent of unseen digits that a network reads after training with that mapping."""
    weights = network.new_network(seed=0)
    train, test = built_in("train", pictures), built_in("test", 2000)
    for picture, label in zip(train.pictures, train.labels, strict=True):
        network.step(mapping(picture), int(label), *weights, 0.01)
    detected = [network.forward(mapping(picture), *weights)[1].argmax() for picture in test.pictures]
    return 100 * float(np.mean(detected == test.labels))


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    picture = built_in("test", 1, 5364).pictures[0]
    _, axes = plt.subplots(1, 2, figsize=(8, 4.6))
    for axis, (name, mapping) in zip(axes, {"i*28 + j": right, "i*j": wrong}.items(), strict=True):
        told = f"{name}: {accuracy(mapping, count):.1f}% right after {count:,} digits"
        print(told)
        axis.imshow(mapping(picture).reshape(28, 28), cmap="gray")
        axis.set_title(told, fontsize=9)
    Path("output").mkdir(exist_ok=True)
    plt.savefig("output/mapping.png", dpi=120)
    print("see output/mapping.png")
