# mypy: allow-untyped-calls
"""The network of this scene as `mnistviz.training` takes it: its files, a start, a step, an answer.

The steps are those of `network`, which the film shows; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.data.weights import Matrix, MatrixFile

from . import network

# In the order in which the network's functions take them.
MATRICES: Final = (
    MatrixFile("inputToHiddenWeights.npy", (20, 784)),
    MatrixFile("hiddenBiases.npy", (20, 1)),
    MatrixFile("hiddenToOutputWeights.npy", (10, 20)),
    MatrixFile("outputBiases.npy", (10, 1)),
)
INITIAL: Final = MatrixFile("inputToHiddenWeightsInitial.npy", (20, 784), optional=True)
FILES: Final = (*MATRICES, INITIAL)
SHIPPED: Final = Path(__file__).parent / "weights"

Matrices = Mapping[str, Matrix]
Four = tuple[Matrix, Matrix, Matrix, Matrix]


def in_order(matrices: Matrices) -> Four:
    """The four matrices as the network's functions take them."""
    first, second, third, fourth = (matrices[file.name] for file in MATRICES)
    return first, second, third, fourth


def new(seed: int) -> dict[str, Matrix]:
    """Random matrices to start with, by file name."""
    arrays: Four = network.new_network(seed)
    named = {file.name: array for file, array in zip(MATRICES, arrays, strict=True)}
    return {**named, INITIAL.name: arrays[0].copy()}


def step(matrices: Matrices, picture: NDArray[np.uint8], label: int, learn_rate: float) -> int:
    """Learn from a picture (28, 28), in place; the digit that was detected before."""
    return int(network.step(network.as_column(picture), label, *in_order(matrices), learn_rate))


def answer(matrices: Matrices, picture: NDArray[np.uint8]) -> NDArray[Any]:
    """The ten outputs (10, 1) for a picture (28, 28)."""
    outputs: NDArray[Any] = network.forward(network.as_column(picture), *in_order(matrices))[1]
    return outputs


def detect(matrices: Matrices, picture: NDArray[np.uint8]) -> int:
    """The digit that the network sees in a picture (28, 28)."""
    return int(answer(matrices, picture).argmax())
