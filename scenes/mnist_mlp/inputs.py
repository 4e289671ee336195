# mypy: allow-untyped-calls
"""What a film of this scene is about: the weights, the picture as it is fed in, and what it should be.

Everything that can change the film is in `Inputs`; where it came from is only named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.data.builtin import COUNTS, NAME, built_in
from mnistviz.data.idx import Labelled
from mnistviz.data.pictures import Box, Orientation, Photo, read_picture, turned
from mnistviz.data.sets import read_mnist
from mnistviz.data.weights import Matrix, load
from mnistviz.errors import InputError
from mnistviz.scene import PictureChoice
from mnistviz.storage.later import Later
from mnistviz.trace.model import Trace
from mnistviz.training.curve import Curve, read_curve

from . import learner, network

DEFAULT_INDEX: Final = 5364  # of the built-in test digits: a clear 3 that the shipped weights take for an 8
OTHERS: Final = 1_000  # digits beside the picture, on which the step is tried
LEARN_RATE: Final = 0.01
SCENE: Final = "mnist_mlp"
SURE: Final = 0.5  # an answer that is less is a guess


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
    beside: Later[Labelled]  # test digits of the same kind, upright; not all ask for them
    own: int | None = None  # which of these is the picture itself
    curve: Curve = ()  # how the weights were trained, where they came with it
    untrained_layers: Matrix | None = None  # (20, 784): the hidden weights before any training
    remarks: tuple[str, ...] = ()  # of a user's own picture: what was read, and what is unsure
    photo: Photo | None = None  # a user's own picture
    boxed: bool = False  # only a part of it was looked at

    @property
    def network(self) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        """The four matrices as the network's functions take them."""
        return (
            self.input_to_hidden_weights,
            self.hidden_biases,
            self.hidden_to_output_weights,
            self.output_biases,
        )

    @cached_property
    def _others(self) -> Labelled:
        digits = self.beside()
        kept = [place for place in range(min(len(digits), OTHERS + 1)) if place != self.own][:OTHERS]
        pictures = turned(digits.pictures[kept], self.orientation)
        return Labelled(pictures, digits.labels[kept], digits.part, digits.name)

    @property
    def others(self) -> NDArray[np.uint8]:
        """Other test digits of the same kind, as they are fed in, (n, 28, 28)."""
        return self._others.pictures

    @property
    def other_labels(self) -> NDArray[np.uint8]:
        """What they show, (n,)."""
        return self._others.labels

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
    folder = choice.weights or learner.SHIPPED
    checkpoint = load(folder, learner.FILES)
    shown = _shown(choice)
    orientation: Orientation = "clockwise" if choice.orientation == "clockwise" else "upright"
    picture = turned(shown.picture, orientation)
    outputs = learner.answer(checkpoint.matrices, picture)
    return Inputs(
        picture,
        int(outputs.argmax()) if shown.label is None else shown.label,
        shown.label is not None,
        *learner.in_order(checkpoint.matrices),
        learn_rate=learn_rate,
        orientation=orientation,
        source=shown.source,
        beside=shown.beside,
        own=shown.own,
        curve=read_curve(folder, checkpoint.epoch),
        untrained_layers=checkpoint.matrices.get(learner.INITIAL.name),
        remarks=_remarks(shown, outputs) if choice.image is not None else (),
        photo=shown.photo,
        boxed=choice.box is not None,
    )


def record_scene(inputs: Inputs) -> Trace:
    """One lesson of the network on the picture, every operation recorded."""
    from mnistviz.trace.recording.recorder import record

    return replace(record(network.lesson, *inputs.arguments), scene=SCENE)


def inputs_of(trace: Trace) -> Inputs:
    """What a saved lesson was about; how its weights were trained is not in it, nor whether the picture was turned."""
    try:
        picture, label, *matrices, learn_rate = (value.value for value in trace.inputs)
        four = {
            file.name: np.array(matrix, np.float64).reshape(file.shape)
            for matrix, file in zip(matrices, learner.MATRICES, strict=True)
        }
        pixels = np.asarray(picture, np.uint8).reshape(28, 28)
        taught, rate = int(label), float(learn_rate)
    except (ValueError, TypeError) as error:
        raise InputError(f"is no lesson of {SCENE}: {error}", trace.function, "record it again") from None
    return Inputs(
        pixels, taught, True, *learner.in_order(four), learn_rate=rate, orientation="upright", source="a saved trace",
        beside=_built_in_others(),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Shown:
    """The picture, upright, and what is known of it."""

    picture: NDArray[np.uint8]  # (28, 28)
    label: int | None  # None: nobody said
    source: str
    beside: Later[Labelled]  # digits beside it
    own: int | None = None  # which of these it is itself
    photo: Photo | None = None


def _shown(choice: PictureChoice) -> _Shown:
    """The picture that the choice names."""
    if choice.image is not None:
        photo = read_picture(choice.image, None if choice.box is None else _box(choice.box))
        return _Shown(photo.picture, choice.label, choice.image.name, _built_in_others(), photo=photo)
    if choice.data is not None:
        digits, index = read_mnist(choice.data, "test"), choice.index or 0
        return _one_of(digits, index, index, Later(lambda: digits))
    index = DEFAULT_INDEX if choice.index is None else choice.index
    _check_index(index, COUNTS["test"], f"the {NAME}")
    return _one_of(built_in("test", 1, index), 0, index, _built_in_others(index))


def _built_in_others(index: int = OTHERS) -> Later[Labelled]:
    """As many built-in digits as hold `OTHERS` that are not the one of that index."""
    return Later(partial(built_in, "test", OTHERS + (index < OTHERS)))


def _one_of(digits: Labelled, place: int, number: int, beside: Later[Labelled]) -> _Shown:
    """The digit at that place, its label, and what it is called by its number."""
    _check_index(place, len(digits), digits.name)
    return _Shown(
        digits.pictures[place], int(digits.labels[place]), f"{digits.name}, number {number}", beside, number
    )


def _box(text: str) -> Box:
    found = re.fullmatch(r"(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})", text)
    if found is None:
        raise InputError(f"{text!r} is no box", "--box", "write it as LEFT,TOP,WIDTH,HEIGHT, in pixels")
    left, top, width, height = map(int, found.groups())
    return left, top, width, height


def _remarks(shown: _Shown, outputs: NDArray[Any]) -> tuple[str, ...]:
    """What was read of a user's picture, as characters, and whatever makes it unsure; outputs are (10, 1)."""
    from mnistviz.training.lines import shades  # it takes a library of terminals, which other pictures don't

    answers = outputs[:, 0]
    second, first = np.sort(answers)[-2:]
    doubts = list(shown.photo.doubts if shown.photo is not None else ())
    if first < SURE or second > first / 2:
        doubts.append(f"the network is not sure of it: {first:.2f} for a {answers.argmax()}")
    read = "\n".join(line.plain for line in shades(shown.picture))
    return (f"read from {shown.source}:\n{read}", *(f"note: {doubt}" for doubt in doubts))


def _check_index(index: int, count: int, where: str) -> None:
    if not 0 <= index < count:
        raise InputError(f"there is no picture {index:,}", where, f"name one from 0 to {count - 1:,}")
