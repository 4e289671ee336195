"""Sets of pictures with labels, where people have them: MNIST's own files, Keras', torchvision's and Kaggle's.

They are looked for in the folder that is named, and below it.  What has the same form and is something else, such as
Fashion-MNIST or EMNIST's letters, is told by its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from mnistviz.data.files import reading
from mnistviz.data.idx import Labelled, Part, checked, read_idx, read_keras
from mnistviz.data.tables import has_labels, read_table
from mnistviz.errors import InputError

STEMS: Final = {
    "train": ("train", "emnist-digits-train", "emnist-mnist-train"),
    "test": ("t10k", "test", "emnist-digits-test", "emnist-mnist-test"),
}
TABLES: Final = {"train": ("mnist_train.csv", "train.csv"), "test": ("mnist_test.csv", "test.csv")}
MOST_FOLDERS: Final = 200  # that are looked into
CURE: Final = "put train-images-idx3-ubyte and train-labels-idx1-ubyte there, .gz or not"
# Of the sets that have as many of each label, the mean grey level of their pictures; MNIST's labels are uneven.
EVEN_SETS: Final = {"Fashion-MNIST: clothes": 73.0, "KMNIST: Japanese letters": 49.0}
EVEN_COUNTS: Final = (1_000, 6_000)  # of each label, in their two parts


def read_mnist(where: Path, wanted: Part) -> Labelled:
    """The wanted part of the data in `where`, a folder or a file; the other one if it is alone there.

    Raises `InputError` where there is neither, a file is not what it claims to be, or it is another set.
    """
    parts: tuple[Part, Part] = ("train", "test") if wanted == "train" else ("test", "train")
    if where.is_file():
        return _of_file(where, parts)
    for folder in _folders(where):
        found = _in_folder(folder, parts)
        if found is not None:
            return _digits(found, folder)
    letters = next((path for folder in _folders(where) for path in _files(folder, "emnist-*-ubyte*")), None)
    if letters is not None:
        raise InputError("holds EMNIST's letters, not digits alone", letters, "use EMNIST's digits, or MNIST")
    what = "no MNIST files" if where.is_dir() else "there is no such folder of data"
    raise InputError(what, where, CURE)


def _of_file(path: Path, parts: tuple[Part, Part]) -> Labelled:
    if path.suffix == ".csv":
        pictures, labels = read_table(path)
        part: Part = "test" if "test" in path.stem else "train"
        return _digits(Labelled(*checked(pictures, labels, path), part, path.name), path.parent)
    return _digits(read_keras(path, parts), path.parent)


def _folders(where: Path) -> Iterator[Path]:
    """The folder itself, those in it, and torchvision's `MNIST/raw` when its root is named."""
    yield where
    below = [entry for entry in _files(where, "*") if entry.is_dir()][:MOST_FOLDERS]
    yield from below
    yield from (folder / "raw" for folder in below if (folder / "raw").is_dir())


def _files(folder: Path, pattern: str) -> list[Path]:
    if not folder.is_dir():
        return []
    with reading(folder):
        return sorted(folder.glob(pattern))


def _in_folder(folder: Path, parts: tuple[Part, Part]) -> Labelled | None:
    """The first of the parts that lies in this very folder, in any of the forms."""
    for part in parts:
        images, labels = _find(folder, part, "images-idx3"), _find(folder, part, "labels-idx1")
        if images and labels:
            return _of_idx(images, labels, part)
        if images or labels:
            missing = "labels" if images else "images"
            raise InputError(f"the {missing} of {part} are missing", folder, "put both files there")
    if (folder / "mnist.npz").is_file():
        return read_keras(folder / "mnist.npz", parts)
    for part in parts:
        for path in (folder / name for name in TABLES[part]):
            if path.is_file() and has_labels(path):
                return Labelled(*checked(*read_table(path), path), part, path.name)
    return None


def _of_idx(images: Path, labels: Path, part: Part) -> Labelled:
    pictures = read_idx(images, 3)
    if images.name.startswith("emnist"):  # whose pictures lie on their side, mirrored
        pictures = np.ascontiguousarray(pictures.swapaxes(1, 2))
    return Labelled(*checked(pictures, read_idx(labels, 1), images), part, images.name)


def _find(folder: Path, part: Part, kind: str) -> Path | None:
    """The file of that kind under one of the names it goes by; Kaggle also puts it into a folder of its own name."""
    for stem in STEMS[part]:
        for name in (f"{stem}-{kind}-ubyte", f"{stem}-{kind.replace('-', '.')}-ubyte"):
            for path in (folder / name, folder / f"{name}.gz", folder / name / name):
                if path.is_file():
                    return path
    return None


def _digits(data: Labelled, folder: Path) -> Labelled:
    """The data itself, once it is known that it shows digits: two sets have MNIST's form, even its files' names.

    Fashion-MNIST: https://github.com/zalandoresearch/fashion-mnist, KMNIST: https://github.com/rois-codh/kmnist
    """
    counts = np.bincount(data.labels, minlength=10)
    if data.name.startswith("emnist") or counts.min() != counts.max() or counts[0] not in EVEN_COUNTS:
        return data
    grey = float(data.pictures.mean())
    name = min(EVEN_SETS, key=lambda name: abs(EVEN_SETS[name] - grey))
    raise InputError(f"is {name}, not digits", folder, "use MNIST, or EMNIST's digits")
