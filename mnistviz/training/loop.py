"""Trains and tests a network of pictures with labels; what the network computes is the scene's business.

One picture at a time, epoch after epoch, saved after each; what happens on the way is handed to a watcher.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mnistviz.data.builtin import COUNTS, built_in
from mnistviz.data.idx import Labelled, Part
from mnistviz.data.pictures import Orientation, turned
from mnistviz.data.sets import read_mnist
from mnistviz.data.weights import NO_EPOCH, Checkpoint, Matrix, MatrixFile, finish_saving, held, load, save
from mnistviz.errors import InputError, InterruptedRender
from mnistviz.storage.signals import check, hear
from mnistviz.training.curve import Curve, Tally, draw_curve, read_curve, write_curve

CHUNK: Final = 1000  # pictures between two reports
DEFAULT_FOLDER: Final = Path("output/weights")

Pictures = NDArray[np.uint8]  # (count, 28, 28)
Labels = NDArray[np.uint8]  # (count,)
Matrices = Mapping[str, Matrix]  # by file name


class Learner(Protocol):
    """What a scene hands over to be trained; the matrices go by the names of their files."""

    @property
    def FILES(self) -> tuple[MatrixFile, ...]:
        """The files of a set of weights."""

    @property
    def SHIPPED(self) -> Path:
        """The folder of the weights that come with the scene."""

    def new(self, seed: int) -> Matrices:
        """Matrices to start with."""

    def step(self, matrices: Matrices, picture: Pictures, label: int, learn_rate: float) -> int:
        """Learn from one picture (28, 28), in place; what was detected before."""

    def detect(self, matrices: Matrices, picture: Pictures) -> int:
        """What is detected in a picture (28, 28)."""


@dataclass(frozen=True)
class TrainingOptions:
    """What to train with, and where the weights go."""

    folder: Path = DEFAULT_FOLDER
    data: Path | None = None  # None: built-in digits
    epochs: int | None = None  # how many more; None: until interrupted
    learn_rate: float = 0.01
    seed: int = 0  # of new weights
    limit: int | None = None  # pictures of an epoch
    orientation: Orientation = "upright"


@dataclass(frozen=True)
class EvaluationOptions:
    """What to test, and with what."""

    folder: Path | None = None  # None: the shipped weights
    data: Path | None = None  # None: built-in digits
    limit: int | None = None
    orientation: Orientation = "upright"


@dataclass(frozen=True, eq=False)
class Missed:
    """A picture that was not read rightly."""

    picture: Pictures  # (28, 28), as it was fed in
    label: int
    detected: int


@dataclass(frozen=True)
class Progress:
    """How far an epoch is."""

    epoch: int
    seen: int  # pictures of this epoch
    total: int
    right: int  # of those seen
    seconds: float  # since the epoch began
    missed: Missed | None  # the last one of the pictures just seen


class Watcher(Protocol):
    """Is told what happens during a training."""

    def said(self, line: str) -> None:
        """Something that the user should know, in one line."""

    def seen(self, progress: Progress) -> None:
        """Some more pictures were seen."""


class Silence:
    """A watcher that keeps everything to itself."""

    def said(self, line: str) -> None:
        """Says nothing."""

    def seen(self, progress: Progress) -> None:
        """Shows nothing."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well a network reads the pictures it was tested with."""

    confusion: NDArray[np.int64]  # (10, 10): row is what it was, column is what was detected
    name: str  # of the data

    @property
    def count(self) -> int:
        """Number of pictures."""
        return int(self.confusion.sum())

    @property
    def percent(self) -> float:
        """Share of the pictures that were read rightly, 0..100."""
        return 100 * int(np.trace(self.confusion)) / self.count

    def __str__(self) -> str:
        return f"accuracy {self.percent:.2f}%"


def train(learner: Learner, options: TrainingOptions, watcher: Watcher | None = None) -> Checkpoint:
    """Train, going on from the weights in `options.folder` if there are some; the last checkpoint.

    Raises `InterruptedRender` after Ctrl-C, once what was learned is saved (the epoch does not count).
    """
    _check(options)
    watcher = watcher or Silence()
    with held(options.folder), np.errstate(all="ignore"):
        finish_saving(options.folder)
        checkpoint = _start(learner, options, watcher)
        curve = read_curve(options.folder, checkpoint.epoch)
        data = _read(options.data, "train", watcher)
        try:
            for _ in count() if options.epochs is None else range(options.epochs):
                tallies = _learn(learner, checkpoint, data, options, watcher)
                checkpoint = Checkpoint(checkpoint.matrices, checkpoint.epoch + 1)
                curve = (*curve, *tallies)
                _keep(options.folder, checkpoint, curve)
        except KeyboardInterrupt:
            hear()
            save(options.folder, checkpoint)
            if curve:  # the next epoch draws it: now somebody waits
                write_curve(options.folder, curve)
            what = f"training stopped in epoch {checkpoint.epoch + 1}, what was learned is saved"
            raise InterruptedRender(what, options.folder, "run it again to go on") from None
    return checkpoint


def evaluate(learner: Learner, options: EvaluationOptions, watcher: Watcher | None = None) -> Evaluation:
    """Test the weights on pictures that they have not been trained with."""
    if options.limit is not None and options.limit < 1:
        raise InputError(f"{options.limit} pictures", "--limit", "name one or more")
    matrices = load(options.folder or learner.SHIPPED, learner.FILES).matrices
    data = _read(options.data, "test", watcher or Silence()) or built_in("test", options.limit)
    pictures = turned(data.pictures[: options.limit], options.orientation)
    confusion = np.zeros((10, 10), np.int64)
    with np.errstate(all="ignore"):
        for picture, label in zip(pictures, data.labels, strict=False):
            check()
            confusion[label, learner.detect(matrices, picture)] += 1
    return Evaluation(confusion, data.name)


def _check(options: TrainingOptions) -> None:
    if not (math.isfinite(options.learn_rate) and options.learn_rate > 0):
        raise InputError(f"cannot learn at the rate {options.learn_rate}", "--learn-rate", "try 0.01")
    if options.seed < 0:
        raise InputError(f"no generator has the seed {options.seed}", "--seed", "name 0 or more")
    for option, number in (("--epochs", options.epochs), ("--limit", options.limit)):
        if number is not None and number < 1:
            raise InputError(f"{number} is too few", option, "name one or more")


def _start(learner: Learner, options: TrainingOptions, watcher: Watcher) -> Checkpoint:
    """The saved weights to go on from, or new ones."""
    if any((options.folder / file.name).exists() for file in learner.FILES):
        checkpoint = load(options.folder, learner.FILES)
        watcher.said(f"going on from {options.folder}, epoch {checkpoint.epoch + 1} is next")
        return checkpoint
    watcher.said(f"starting from random weights, seed {options.seed}, saved in {options.folder}")
    return Checkpoint(learner.new(options.seed), NO_EPOCH)


def _read(where: Path | None, wanted: Part, watcher: Watcher) -> Labelled | None:
    """The data in a folder, and a word about it; None where none is named."""
    if where is None:
        return None
    data = read_mnist(where, wanted)
    note = "" if data.part == wanted else f", the {data.part} set: it is the only one there"
    watcher.said(f"{len(data):,} pictures of {data.name}{note}")
    return data


def _learn(
    learner: Learner, last: Checkpoint, data: Labelled | None, options: TrainingOptions, watcher: Watcher
) -> Curve:
    """The epoch after the last one: the matrices learn, in place; how it went."""
    epoch, matrices = last.epoch + 1, last.matrices
    available = COUNTS["train"] if data is None else len(data)
    total = min(available, options.limit or available)
    began_s = time.monotonic()
    tallies: list[Tally] = []
    right = 0
    for start in range(0, total, CHUNK):
        end = min(start + CHUNK, total)
        pictures, labels = _pictures(data, options.orientation, epoch, start, end)
        now_right, missed = _step_through(learner, matrices, pictures, labels, options.learn_rate)
        right += now_right
        _check_finite(matrices, options)
        tallies.append(Tally(epoch, end, 100 * now_right / (end - start)))
        watcher.seen(Progress(epoch, end, total, right, time.monotonic() - began_s, missed))
    return tuple(tallies)


def _step_through(
    learner: Learner, matrices: Matrices, pictures: Pictures, labels: Labels, learn_rate: float
) -> tuple[int, Missed | None]:
    """A step for each picture; how many were read rightly before it, and the last miss."""
    right, missed = 0, None
    for picture, label in zip(pictures, labels.tolist(), strict=True):
        check()
        detected = learner.step(matrices, picture, label, learn_rate)
        if detected == label:
            right += 1
        else:
            missed = Missed(picture, label, detected)
    return right, missed


def _pictures(
    data: Labelled | None, orientation: Orientation, epoch: int, start: int, end: int
) -> tuple[Pictures, Labels]:
    """Pictures of an epoch as they are fed in: the data's, or new built-in digits."""
    if data is None:
        data, start, end = built_in("train", end - start, start, epoch), 0, end - start
    return turned(data.pictures[start:end], orientation), data.labels[start:end]


def _check_finite(matrices: Matrices, options: TrainingOptions) -> None:
    if not all(np.isfinite(matrix).all() for matrix in matrices.values()):
        what = f"the weights grew beyond all bounds at {options.learn_rate}"
        raise InputError(what, "--learn-rate", "try 0.01")


def _keep(folder: Path, checkpoint: Checkpoint, curve: Curve) -> None:
    """Save the weights, and beside them how the training went."""
    save(folder, checkpoint)
    if curve:
        write_curve(folder, curve)
        draw_curve(folder, curve)
