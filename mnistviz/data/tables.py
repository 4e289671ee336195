"""Reading MNIST as Kaggle has it: a table of comma-separated numbers, the label first, then 784 pixels a row."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.data.files import reading, size_of
from mnistviz.errors import InputError

SIDE: Final = 28  # pixels
COLUMNS: Final = 1 + SIDE * SIDE
LIMIT: Final = 256 * 2**20  # bytes; Kaggle's 42,000 rows have 77 million
LONGEST_LINE: Final = 2**14  # characters


def has_labels(path: Path) -> bool:
    """Whether the table's rows begin with a label; Kaggle's `test.csv` has none."""
    return _first_line(path).count(",") == COLUMNS - 1


def read_table(path: Path) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Pictures (count, 28, 28) and labels (count,) of a table, with or without a line of titles.

    Raises `InputError` where it is no such table, or far too large.
    """
    size = size_of(path)
    if size > LIMIT:
        raise InputError(f"has {size:,} bytes, more than the {LIMIT:,} that it can need", path, "use MNIST's")
    if not has_labels(path):
        raise InputError(
            f"has no rows of a label and {SIDE * SIDE} pixels", path, "use the table with labels"
        )
    titles = not _first_line(path).replace(",", "").replace(".", "").strip().isdigit()
    try:
        with reading(path), path.open(encoding="ascii") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of no rows: what lacks is said where rows are counted
            rows = np.loadtxt(file, np.uint8, delimiter=",", skiprows=int(titles), comments=None, ndmin=2)
    except (ValueError, InputError) as error:
        if isinstance(error, InputError) and "cannot be read" not in str(error):
            raise
        raise InputError("is no table of whole numbers from 0 to 255", path, "use MNIST's") from None
    if rows.shape[1] != COLUMNS:
        raise InputError("holds no rows of numbers", path, "use MNIST's")
    return np.ascontiguousarray(rows[:, 1:]).reshape(-1, SIDE, SIDE), rows[:, 0]


def _first_line(path: Path) -> str:
    with reading(path), path.open("rb") as file:
        return file.readline(LONGEST_LINE).decode("ascii", "replace")
