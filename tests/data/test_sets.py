"""MNIST where people have it: torchvision's, Kaggle's and Keras' folders; what only looks like it is named."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mnistviz.data.sets import read_mnist
from mnistviz.data.tables import LIMIT
from mnistviz.errors import InputError
from tests.data.test_idx import LABELS, PICTURES, idx, put


def raw(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return put(put(folder, idx(PICTURES), idx(LABELS)), idx(PICTURES[:5]), idx(LABELS[:5]), "train")


def torchvision(root: Path) -> None:
    """`MNIST/raw` below the root, the packed files beside the unpacked ones."""
    folder = raw(root / "MNIST" / "raw")
    put(folder, gzip.compress(idx(PICTURES)), gzip.compress(idx(LABELS)), ending=".gz")


def kaggle_idx(root: Path) -> None:
    """Each file in a folder of its own name."""
    for part, count in (("t10k", 12), ("train", 5)):
        for kind, values in (("images-idx3", PICTURES), ("labels-idx1", LABELS)):
            folder = root / f"{part}-{kind}-ubyte"
            folder.mkdir()
            (folder / folder.name).write_bytes(idx(values[:count]))


def table(path: Path, count: int, titles: bool = True, labels: bool = True) -> None:
    rows = np.concatenate([LABELS[:count, None], PICTURES[:count].reshape(count, -1)], axis=1)
    names = ["label", *(f"pixel{place}" for place in range(784))]
    start = 0 if labels else 1
    head = ",".join(names[start:]) if titles else ""
    np.savetxt(path, rows[:, start:], "%d", ",", header=head, comments="")
    if not titles:
        path.write_text(path.read_text().lstrip("\n"))


def kaggle_digit_recognizer(root: Path) -> None:
    table(root / "train.csv", 12)
    table(root / "test.csv", 5, labels=False)
    (root / "sample_submission.csv").write_text("ImageId,Label\n1,0\n")


def kaggle_tables(root: Path) -> None:
    table(root / "mnist_train.csv", 5)
    table(root / "mnist_test.csv", 12, titles=False)


def keras(root: Path) -> None:
    np.savez(root / "mnist.npz", x_train=PICTURES[:5], y_train=LABELS[:5], x_test=PICTURES, y_test=LABELS)


def emnist_digits(root: Path) -> None:
    """Its pictures lie on their side, mirrored."""
    turned = np.ascontiguousarray(PICTURES.swapaxes(1, 2))
    for part, count in (("train", 5), ("test", 12)):
        (root / f"emnist-digits-{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(turned[:count])))
        (root / f"emnist-digits-{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(LABELS[:count])))
        (root / f"emnist-letters-{part}-images-idx3-ubyte.gz").write_bytes(b"not read")


PLACES: list[Callable[[Path], None]] = [
    torchvision, kaggle_idx, kaggle_digit_recognizer, kaggle_tables, keras, emnist_digits,
]  # fmt: skip


@pytest.mark.parametrize("make", PLACES)
@pytest.mark.parametrize("below", ["", "downloads"])
def test_the_set_is_found_where_it_lies_or_one_folder_below(
    make: Callable[[Path], None], below: str, tmp_path: Path
) -> None:
    root = tmp_path / below
    root.mkdir(exist_ok=True)
    make(root)
    if make is torchvision and below:
        tmp_path = root  # its own folders are two deep
    data = read_mnist(tmp_path, "test")
    assert np.array_equal(data.pictures, PICTURES) and np.array_equal(data.labels, LABELS)
    if make is not kaggle_digit_recognizer:
        assert data.part == "test" and len(read_mnist(tmp_path, "train")) == 5


@pytest.mark.parametrize("titles", [True, False])
def test_a_table_may_be_named_itself(titles: bool, tmp_path: Path) -> None:
    table(tmp_path / "digits.csv", 12, titles)
    data = read_mnist(tmp_path / "digits.csv", "train")
    assert np.array_equal(data.pictures, PICTURES) and np.array_equal(data.labels, LABELS)


def even(root: Path, grey: int) -> None:
    """As many of each label as in the sets that took MNIST's form and names."""
    labels = np.repeat(np.arange(10, dtype=np.uint8), 1000)
    put(root, gzip.compress(idx(np.full((10_000, 28, 28), grey, np.uint8))), gzip.compress(idx(labels)))


@pytest.mark.parametrize(("grey", "name"), [(73, "Fashion-MNIST: clothes"), (49, "KMNIST: Japanese letters")])
def test_what_only_looks_like_mnist_is_named(grey: int, name: str, tmp_path: Path) -> None:
    even(tmp_path, grey)
    with pytest.raises(InputError, match=name):
        read_mnist(tmp_path, "test")


def test_letters_are_named(tmp_path: Path) -> None:
    (tmp_path / "emnist-letters-train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(PICTURES)))
    with pytest.raises(InputError, match=r"emnist-letters-train.* holds EMNIST's letters"):
        read_mnist(tmp_path, "train")


BAD = {
    "no table": b"hello\nworld\n",
    "no labels": b"1" + b",1" * 783 + b"\n",
    "too large a number": b"256" + b",1" * 784 + b"\n",
    "words": b"label" + b",p" * 784 + b"\n" + b"one" + b",1" * 784 + b"\n",
    "a row too short": b"1" + b",1" * 784 + b"\n1,2\n",
    "fractions": b"1" + b",0.5" * 784 + b"\n",
    "letters": b"1" + b",1" * 783 + ",\u00e4\n".encode(),
    "label over 9": b"10" + b",1" * 784 + b"\n",
    "titles alone": b"label" + b",p" * 784 + b"\n",
    "NUL": b"\0" * 4000,
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", BAD)
def test_bad_tables_are_one_line(case: str, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(BAD[case])
    with pytest.raises(InputError, match=r"mine\.csv"):
        read_mnist(tmp_path / "mine.csv", "train")


def test_a_table_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "mine.csv").open("wb") as file:
        file.truncate(LIMIT + 1)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="more than"):
            read_mnist(tmp_path / "mine.csv", "train")
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_the_cure_names_the_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no MNIST files.*train-images-idx3-ubyte"):
        read_mnist(tmp_path, "train")
