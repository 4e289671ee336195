"""MNIST files: plain, gzip and Keras', told by their content; lies are found before memory is taken."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistviz.data.idx import read_idx
from mnistviz.data.npy import npy_bytes
from mnistviz.data.sets import read_mnist
from mnistviz.errors import InputError

MIB = 2**20
RANDOM = np.random.default_rng(1)
PICTURES = RANDOM.integers(0, 256, (12, 28, 28)).astype(np.uint8)
LABELS = (np.arange(12) % 10).astype(np.uint8)


def idx(values: np.ndarray, shape: tuple[int, ...] | None = None) -> bytes:
    shape = values.shape if shape is None else shape
    return bytes((0, 0, 8, len(shape))) + struct.pack(f">{len(shape)}I", *shape) + values.tobytes()


def put(folder: Path, images: bytes, labels: bytes, part: str = "t10k", ending: str = "") -> Path:
    (folder / f"{part}-images-idx3-ubyte{ending}").write_bytes(images)
    (folder / f"{part}-labels-idx1-ubyte{ending}").write_bytes(labels)
    return folder


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_it_is_told_by_content_not_by_name(pack: object, ending: str, tmp_path: Path) -> None:
    data = read_mnist(put(tmp_path, pack(idx(PICTURES)), pack(idx(LABELS)), ending=ending), "test")
    assert np.array_equal(data.pictures, PICTURES)
    assert np.array_equal(data.labels, LABELS)
    assert data.name == f"t10k-images-idx3-ubyte{ending}"


def test_the_wanted_part_is_read_or_the_other_if_it_is_alone(tmp_path: Path) -> None:
    put(tmp_path, idx(PICTURES), idx(LABELS))
    assert read_mnist(tmp_path, "train").part == "test"
    put(tmp_path, idx(PICTURES[:5]), idx(LABELS[:5]), "train")
    assert (len(read_mnist(tmp_path, "train")), len(read_mnist(tmp_path, "test"))) == (5, 12)


def test_the_other_common_spelling(tmp_path: Path) -> None:
    (tmp_path / "train-images.idx3-ubyte").write_bytes(idx(PICTURES))
    (tmp_path / "train-labels.idx1-ubyte").write_bytes(idx(LABELS))
    assert len(read_mnist(tmp_path, "train")) == 12


@pytest.mark.parametrize("kind", [np.uint8, np.int64])
def test_keras_npz(kind: type, tmp_path: Path) -> None:
    labels = LABELS.astype(kind)
    np.savez_compressed(
        tmp_path / "mnist.npz", x_train=PICTURES, y_train=labels, x_test=PICTURES[:3], y_test=labels[:3]
    )
    for where in (tmp_path, tmp_path / "mnist.npz"):
        data = read_mnist(where, "train")
        assert np.array_equal(data.pictures, PICTURES)
        assert np.array_equal(data.labels, LABELS)
        assert len(read_mnist(where, "test")) == 3


def test_real_mnist(shared_data: Path) -> None:
    data = read_mnist(shared_data / "mnist-t10k", "test")
    assert data.pictures.shape == (10_000, 28, 28)
    assert data.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def bomb(claimed: int) -> bytes:
    """A gzip file of less than a MB with far more behind its header."""
    packer = zlib.compressobj(1, wbits=31)
    parts = [packer.compress(idx(np.empty(0, np.uint8), (claimed, 28, 28)))]
    parts += [packer.compress(bytes(MIB)) for _ in range(200)]
    return b"".join((*parts, packer.flush()))


IMAGES, MARKS = idx(PICTURES), idx(LABELS)
BAD = {
    "lying count": (idx(PICTURES, (60_000, 28, 28)), MARKS, "cut off"),
    "absurd count": (idx(PICTURES, (2**32 - 1, 28, 28)), MARKS, "cannot be true"),
    "absurd sides": (idx(PICTURES, (2**32 - 1,) * 3), MARKS, "cannot be true"),
    "lying count, gzip": (gzip.compress(idx(PICTURES, (20_000, 28, 28))), MARKS, "cut off"),
    "magic": (b"\x00\x00\x0d\x03" + IMAGES[4:], MARKS, "no idx file of pictures"),
    "swapped": (MARKS, IMAGES, "no idx file of pictures"),
    "empty": (b"", MARKS, "no idx file"),
    "header only": (IMAGES[:9], MARKS, "cut off"),
    "cut off": (IMAGES[:-1], MARKS, "cut off"),
    "cut off, gzip": (gzip.compress(IMAGES)[:-9], MARKS, "cut off"),
    "damaged gzip": (gzip.compress(IMAGES)[:-8] + bytes(8), MARKS, "cannot be unpacked"),
    "trailing": (IMAGES + b"\x00", MARKS, "after its end"),
    "bomb behind a true count": (bomb(100), MARKS, "after its end"),
    "bomb with a lying count": (bomb(260_000), MARKS, "cannot be true"),
    "wrong size": (idx(PICTURES.reshape(12, 14, 56)), MARKS, "not 28 x 28"),
    "no pictures": (idx(PICTURES[:0]), idx(LABELS[:0]), "no pictures"),
    "labels over 9": (IMAGES, idx(LABELS + 3), "label 10"),
    "counts differ": (IMAGES, idx(LABELS[:-1]), "12 pictures and 11 labels"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_in_little_memory(case: str, tmp_path: Path) -> None:
    images, labels, told = BAD[case]
    put(tmp_path, images, labels)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=told) as caught:
            read_mnist(tmp_path, "test")
        assert tracemalloc.get_traced_memory()[1] < 48 * MIB
    finally:
        tracemalloc.stop()
    assert "ubyte" in str(caught.value)


@given(st.data())
def test_any_damage_is_refused_or_read_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(gzip.compress(idx(PICTURES[:2])))
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.mktemp("damage") / "images"
    path.write_bytes(content)
    try:
        assert np.array_equal(read_idx(path, 3), PICTURES[:2])
    except InputError as error:
        assert "images" in str(error)


def test_a_missing_half_is_named(tmp_path: Path) -> None:
    put(tmp_path, IMAGES, MARKS)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(InputError, match="labels of test are missing"):
        read_mnist(tmp_path, "test")


def test_nothing_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no MNIST files"):
        read_mnist(tmp_path, "test")
    with pytest.raises(InputError, match="no such folder"):
        read_mnist(tmp_path / "absent", "test")


@pytest.mark.parametrize(
    "case", ["no zip", "other names", "floats", "pickle", "cut", "lzma", "odd place", "odd name"]
)
def test_bad_npz(case: str, tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    if case == "no zip":
        path.write_bytes(b"PK not really")
    elif case == "other names":
        np.savez(path, a=PICTURES)
    elif case == "floats":
        np.savez(path, x_train=PICTURES / 255, y_train=LABELS)
    elif case == "pickle":
        np.savez(path, x_train=np.array([None]), y_train=LABELS, allow_pickle=True)
    elif case == "lzma":  # may claim 4 GiB for its dictionary
        with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr("x_train.npy", npy_bytes(PICTURES))
            archive.writestr("y_train.npy", npy_bytes(LABELS))
    else:
        np.savez(path, x_train=PICTURES, y_train=LABELS)
        content = path.read_bytes()
        if case == "cut":
            content = content[:-30]
        elif case == "odd place":  # of the zip's table: before the file
            content = content[:-6] + b"\xff\xff\xff\x7f\0\0"
        else:
            entry = content.rindex(b"PK\1\2")
            content = (
                content[: entry + 9]
                + b"\x08"
                + content[entry + 10 : entry + 46]
                + b"\xa9"
                + content[entry + 47 :]
            )
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"mnist\.npz"):
        read_mnist(path, "train")
