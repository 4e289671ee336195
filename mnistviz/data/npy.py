"""Reading `.npy` files from outside: what the header claims is checked before memory is taken for it.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import io
import warnings
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.data.files import read_at_most
from mnistviz.errors import InputError

HEADER_LIMIT: Final = 10_000  # bytes


def read_float_matrix(path: Path, shape: tuple[int, int]) -> NDArray[np.float64]:
    """The float64 matrix of that shape in `path`, row-major, every value finite.

    A file of shape (n,) is read as (n, 1).  Raises `InputError` for anything else: another shape or
    type, a cut or overlong file, NaN, pickled objects.
    """
    needed = prod(shape) * 8
    stream = io.BytesIO(read_at_most(path, needed + HEADER_LIMIT))
    found, by_columns, dtype = read_header(stream, path)
    if dtype != np.dtype("<f8"):
        raise InputError(f"holds {dtype} values", path, "save it as little-endian float64")
    if found != shape and (*found, 1) != shape:
        raise InputError(f"has the shape {found}, not {shape}", path, "name weights of this network")
    content = stream.read()
    if len(content) != needed:
        what = "is cut off" if len(content) < needed else "has bytes after its end"
        raise InputError(f"{what}: {len(content):,} bytes of values, not {needed:,}", path, "save it again")
    flat = np.frombuffer(content, "<f8")
    if not np.isfinite(flat).all():
        raise InputError("holds values that are not numbers (NaN or infinite)", path, "train it again")
    return np.array(flat.reshape(shape, order="F" if by_columns else "C"), np.float64, order="C")


def read_header(stream: BinaryIO, where: object) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, Fortran order and element type of the `.npy` that starts here."""
    try:
        version = np.lib.format.read_magic(stream)
        readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's and numpy's, of odd spellings in the header
            shape, by_columns, dtype = readers[version](stream, max_header_size=HEADER_LIMIT)
    except KeyError:
        raise InputError("is a .npy of an unknown version", where, "save it with numpy.save") from None
    except (ValueError, TypeError, SyntaxError, TokenError, RecursionError, MemoryError):
        raise InputError("is no .npy file that can be read", where, "save it with numpy.save") from None
    if dtype.hasobject:
        raise InputError("holds pickled objects, which are never opened", where, "save plain numbers")
    if any(length < 0 for length in shape):
        raise InputError(f"claims the shape {shape}", where, "save it with numpy.save")
    return shape, by_columns, dtype


def npy_bytes(array: NDArray[Any]) -> bytes:
    """The array as the bytes of a `.npy` file."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=(1, 0), allow_pickle=False)
    return stream.getvalue()
