"""The built-in digits: the same for the same seed, any of them alone, and in the shape of MNIST."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnistviz.data.builtin import built_in
from mnistviz.data.digits import BLOCK, digits
from mnistviz.data.sets import read_mnist
from mnistviz.data.strokes import WAYS


def test_the_same_seed_gives_the_same_digits_in_another_process() -> None:
    code = (
        "import hashlib; from mnistviz.data.digits import digits; p, l = digits(30, 5);"
        "print(hashlib.sha256(p.tobytes() + l.tobytes()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    pictures, labels = digits(30, 5)
    assert done.stdout.strip() == hashlib.sha256(pictures.tobytes() + labels.tobytes()).hexdigest()


def test_another_seed_gives_others() -> None:
    assert not np.array_equal(digits(30, 5)[0], digits(30, 6)[0])


def test_any_of_them_can_be_had_alone() -> None:
    pictures, labels = digits(BLOCK + 20, 9)
    some, some_labels = digits(15, 9, BLOCK - 5)
    assert np.array_equal(some, pictures[BLOCK - 5 : BLOCK + 10])
    assert np.array_equal(some_labels, labels[BLOCK - 5 : BLOCK + 10])


def test_they_are_made_as_mnist_is() -> None:
    pictures, labels = digits(2000, 1)
    assert (pictures.shape, pictures.dtype, labels.shape) == ((2000, 28, 28), np.uint8, (2000,))
    assert np.bincount(labels, minlength=10).min() > 150
    inked = pictures > 0
    heights = np.ptp(np.where(inked.any(axis=2), np.arange(28), -1), axis=1)
    widths = inked.any(axis=1).sum(axis=1)
    assert heights.max() <= 28
    assert np.maximum(inked.any(axis=2).sum(axis=1), widths).max() <= 21  # the box, and a pixel of rounding
    assert np.median(np.maximum(inked.any(axis=2).sum(axis=1), widths)) == 20
    mass = pictures.sum(axis=(1, 2), dtype=float)
    for axis in (1, 2):
        centre = pictures.sum(axis=axis, dtype=float) @ np.arange(28) / mass
        assert np.abs(centre - 14).max() <= 0.5


def test_they_have_mnists_shades(shared_data: Path) -> None:
    ours, theirs = digits(2000, 1)[0], read_mnist(shared_data / "mnist-t10k", "test").pictures
    assert ours.mean() == pytest.approx(theirs.mean(), rel=0.1)
    assert (ours > 250).mean() == pytest.approx((theirs > 250).mean(), rel=0.15)
    assert ((ours > 0) & (ours < 250)).mean() == pytest.approx(
        ((theirs > 0) & (theirs < 250)).mean(), rel=0.25
    )


def test_each_digit_is_written_in_several_ways() -> None:
    for digit in range(10):
        assert len([way for way in WAYS if way.digit == digit]) >= 3
    names = {(way.digit, way.name) for way in WAYS}
    assert {(4, "open"), (4, "closed"), (7, "plain"), (7, "crossed"), (1, "bar"), (1, "foot")} <= names


def test_no_test_digit_is_a_training_digit() -> None:
    train, test = built_in("train", 1000), built_in("test", 1000)
    seen = {picture.tobytes() for picture in train.pictures}
    same = sum(picture.tobytes() in seen for picture in test.pictures)
    assert same <= 5  # two upright bars may be alike
    assert not np.array_equal(
        built_in("train", 20, epoch=0).pictures, built_in("train", 20, epoch=1).pictures
    )


def test_a_part_of_an_epoch_is_the_part_of_it() -> None:
    assert np.array_equal(built_in("train", 10, 40, 2).pictures, built_in("train", 60, 0, 2).pictures[40:50])
    assert len(built_in("test", start=9_990)) == 10
