# mypy: allow-untyped-calls
"""What a film of this scene is about: the weights, the picture as it is fed in, and what it should be.

Everything that can change the film is in `Inputs`; where it came from is only named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.data.builtin import COUNTS, NAME, built_in
from mnistviz.data.idx import Labelled, read_mnist
from mnistviz.data.pictures import Orientation, read_picture, turned
from mnistviz.data.weights import Matrix, load
from mnistviz.errors import InputError
from mnistviz.scene import PictureChoice
from mnistviz.trace.model import Trace

from . import learner, network

DEFAULT_INDEX: Final = 1645  # of the built-in test digits: one that the shipped weights get wrong
LEARN_RATE: Final = 0.01


@dataclass(frozen=True, eq=False)
class Inputs:
    """One picture, and the network that will learn from it."""

    picture: NDArray[np.uint8]  # (28, 28), light on dark, as it is fed in
    label: int  # 0..9, what the film teaches
    label_known: bool  # False: nobody said what it is, the label is what the network detects
    input_to_hidden_weights: Matrix  # (20, 784)
    hidden_biases: Matrix  # (20, 1)
    hidden_to_output_weights: Matrix  # (10, 20)
    output_biases: Matrix  # (10, 1)
    learn_rate: float
    orientation: Orientation
    source: str  # where the picture is from, without a folder: "built-in digits, number 7"

    @property
    def network(self) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        """The four matrices as the network's functions take them."""
        return (
            self.input_to_hidden_weights,
            self.hidden_biases,
            self.hidden_to_output_weights,
            self.output_biases,
        )

    @property
    def image_784x1(self) -> Matrix:
        """The picture as a column of numbers from 0 to just under 1, (784, 1)."""
        column: Matrix = network.as_column(self.picture)
        return column

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What `network.lesson` takes; copies, for it changes the matrices."""
        matrices = tuple(matrix.copy() for matrix in self.network)
        return (self.picture, self.label, *matrices, self.learn_rate)


def gather(choice: PictureChoice, learn_rate: float = LEARN_RATE) -> Inputs:
    """Everything that the choice names, read and checked; `InputError` says what cannot be used."""
    checkpoint = load(choice.weights or learner.SHIPPED, learner.FILES)
    picture, label, source = _picture(choice)
    orientation: Orientation = "clockwise" if choice.orientation == "clockwise" else "upright"
    picture = turned(picture, orientation)
    detected = learner.detect(checkpoint.matrices, picture)
    return Inputs(
        picture,
        detected if label is None else label,
        label is not None,
        *learner.in_order(checkpoint.matrices),
        learn_rate=learn_rate,
        orientation=orientation,
        source=source,
    )


def record_scene(inputs: Inputs) -> Trace:
    """One lesson of the network on the picture, every operation recorded."""
    from mnistviz.trace.recording.recorder import record

    return record(network.lesson, *inputs.arguments)


def _picture(choice: PictureChoice) -> tuple[NDArray[np.uint8], int | None, str]:
    """The picture, upright, with its label where one is known, and where it is from."""
    if choice.image is not None:
        return read_picture(choice.image), choice.label, choice.image.name
    if choice.data is not None:
        return _one_of(read_mnist(choice.data, "test"), choice.index or 0)
    index = DEFAULT_INDEX if choice.index is None else choice.index
    _check_index(index, COUNTS["test"], "the built-in digits")
    picture, label, _ = _one_of(built_in("test", 1, index), 0)
    return picture, label, f"{NAME}, number {index}"


def _one_of(digits: Labelled, index: int) -> tuple[NDArray[np.uint8], int, str]:
    _check_index(index, len(digits), digits.name)
    return digits.pictures[index], int(digits.labels[index]), f"{digits.name}, number {index}"


def _check_index(index: int, count: int, where: str) -> None:
    if not 0 <= index < count:
        raise InputError(f"there is no picture {index:,}", where, f"name one from 0 to {count - 1:,}")
