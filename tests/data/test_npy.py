"""`.npy` files from outside: what is wrong is refused before memory is taken, and nothing in them is run."""

from __future__ import annotations

import io
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistviz.data.npy import npy_bytes, read_float_matrix
from mnistviz.errors import InputError

SHAPE = (10, 20)
GOOD = np.random.default_rng(0).normal(size=SHAPE)
MIB = 2**20


def saved(array: object, **options: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def header(text: str) -> bytes:
    body = text.encode("latin1") + b"\n"
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body


def read(folder: Path, content: bytes) -> np.ndarray:
    path = folder / "matrix.npy"
    path.write_bytes(content)
    return read_float_matrix(path, SHAPE)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert np.array_equal(read(tmp_path, npy_bytes(GOOD)), GOOD)


def test_fortran_order_works(tmp_path: Path) -> None:
    got = read(tmp_path, saved(np.asfortranarray(GOOD)))
    assert np.array_equal(got, GOOD)
    assert got.flags.c_contiguous


def test_a_flat_column_works(tmp_path: Path) -> None:
    (tmp_path / "biases.npy").write_bytes(saved(np.arange(20.0)))
    assert read_float_matrix(tmp_path / "biases.npy", (20, 1)).shape == (20, 1)


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.mkdir, (str(self.path), 0o700)


NOT_A_NUMBER = GOOD.copy()
NOT_A_NUMBER[3, 3] = np.nan
LYING = "{'descr': '<f8', 'fortran_order': False, 'shape': (65536, 65536), }"
BAD = {
    "empty": (b"", "no .npy"),
    "text": (b"weights", "no .npy"),
    "lying size": (header(LYING), "shape"),
    "negative": (header(LYING.replace("65536, 65536", "-10, -20")), "shape"),
    "endless header": (b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b"(" * 9000, "no .npy"),
    "nested header": (header("(" * 9000), "no .npy"),
    "code in header": (header("__import__('os').abort()"), "no .npy"),
    "wrong shape": (saved(GOOD.T), "shape"),
    "float32": (saved(GOOD.astype(np.float32)), "float32"),
    "whole numbers": (saved(np.ones(SHAPE, np.int64)), "int64"),
    "big-endian": (saved(GOOD.astype(">f8")), ">f8"),
    "not a number": (saved(NOT_A_NUMBER), "not numbers"),
    "infinite": (saved(np.full(SHAPE, np.inf)), "not numbers"),
    "trailing": (saved(GOOD) + b"x", "after its end"),
    "far too long": (saved(GOOD) + bytes(MIB), "more than"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_in_little_memory(case: str, tmp_path: Path) -> None:
    content, told = BAD[case]
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            read(tmp_path, content)
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()
    assert told in str(caught.value)
    assert "matrix.npy" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    trap = np.array([[Trap(tmp_path / "sprung")]], dtype=object)
    with pytest.raises(InputError, match="pickled"):
        read(tmp_path, saved(trap, allow_pickle=True))
    assert not (tmp_path / "sprung").exists()


@given(st.integers(0, len(saved(GOOD)) - 1))
def test_cut_off_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    with pytest.raises(InputError):
        read(tmp_path_factory.mktemp("cut"), saved(GOOD)[:length])


@pytest.mark.needs("/bin/sh")
def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    with pytest.raises(InputError, match="plain file"):
        read_float_matrix(tmp_path / "pipe.npy", SHAPE)


@pytest.mark.parametrize("name", ["absent.npy", "."])
def test_no_file_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="file"):
        read_float_matrix(tmp_path / name, SHAPE)


@pytest.mark.needs("/bin/sh")
def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.npy").symlink_to("a.npy")
    with pytest.raises(InputError, match=r"leads nowhere.*a\.npy"):
        read_float_matrix(tmp_path / "a.npy", (3, 2))


@pytest.mark.filterwarnings("error")
def test_an_odd_header_is_no_warning(tmp_path: Path) -> None:
    """A warning would be a second line beside the one of an error."""
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3L, 2L), }\n"  # as Python 2 wrote it
    content = b"\x93NUMPY\1\0" + bytes((len(header), 0)) + header + np.zeros((3, 2)).tobytes()
    (tmp_path / "a.npy").write_bytes(content)
    assert read_float_matrix(tmp_path / "a.npy", (3, 2)).shape == (3, 2)
