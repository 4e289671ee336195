"""How a training went, kept beside the weights: `training.csv`, and `training.png` drawn from it.

And the picture of a confusion matrix, for it is drawn the same way.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.data.files import read_at_most
from mnistviz.errors import InputError
from mnistviz.storage.files import write_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLE: Final = "training.csv"
PLOT: Final = "training.png"
HEADER: Final = ["epoch", "pictures", "right_percent"]
LIMIT: Final = 16 * 2**20  # bytes


@dataclass(frozen=True)
class Tally:
    """A run of pictures in an epoch, and how many of them were read rightly."""

    epoch: int  # from 0
    pictures: int  # seen in this epoch at its end
    right_percent: float  # of this stretch alone, read before it was learned from


Curve = tuple[Tally, ...]


def read_curve(folder: Path, last_epoch: int) -> Curve:
    """The training so far, without what came after `last_epoch`; nothing where there is no table."""
    path = folder / TABLE
    if not path.exists():
        return ()
    try:
        rows = list(csv.reader(io.StringIO(read_at_most(path, LIMIT).decode("ascii"))))
        tallies = [Tally(int(epoch), int(pictures), float(right)) for epoch, pictures, right in rows[1:]]
    except (ValueError, csv.Error):
        raise InputError("is not a table of a training", path, "move it away") from None
    return tuple(stretch for stretch in tallies if stretch.epoch <= last_epoch)


def write_curve(folder: Path, curve: Curve) -> None:
    """Put the table into the folder."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEADER)
    table.writerows((stretch.epoch, stretch.pictures, f"{stretch.right_percent:.2f}") for stretch in curve)
    write_file(folder / TABLE, text.getvalue().encode())


def draw_curve(folder: Path, curve: Curve) -> None:
    """Put the plot into the folder: per cent right against pictures seen, on one line for all epochs."""
    import matplotlib.style
    from matplotlib.figure import Figure

    lengths: dict[int, int] = {}
    for stretch in curve:
        lengths[stretch.epoch] = stretch.pictures
    starts = dict(zip(lengths, np.cumsum([0, *lengths.values()]).tolist(), strict=False))
    with matplotlib.style.context("dark_background"):
        figure = Figure(figsize=(8, 4.5), dpi=120, layout="constrained")
        axes = figure.add_subplot()
        seen = [starts[stretch.epoch] + stretch.pictures for stretch in curve]
        right = [stretch.right_percent for stretch in curve]
        axes.plot(seen, right, color="#7cc4ff", marker=".", linewidth=1.5)
        for epoch, start in starts.items():
            axes.axvline(start, color="#555555", linewidth=0.8)
            if len(starts) <= 12:
                axes.annotate(f" epoch {epoch}", (start, 2), color="#aaaaaa", fontsize=9)
        axes.set(xlabel="pictures seen", ylabel="per cent right, before learning from them", ylim=(0, 100))
        axes.grid(color="#333333", linewidth=0.5)
        write_file(folder / PLOT, _png(figure))


def draw_confusion(path: Path, confusion: NDArray[np.int64], title: str) -> None:
    """Write a PNG of the confusion matrix (10, 10): rows are what it was, columns what was detected."""
    import matplotlib.style
    from matplotlib.figure import Figure

    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    with matplotlib.style.context("dark_background"):
        figure = Figure(figsize=(7, 6.4), dpi=120, layout="constrained")
        axes = figure.add_subplot()
        image = axes.imshow(shares, cmap="magma", vmin=0, vmax=1)
        for (row, column), pictures in np.ndenumerate(confusion):
            if pictures:
                colour = "black" if shares[row, column] > 0.6 else "white"
                axes.text(column, row, str(pictures), ha="center", va="center", color=colour, fontsize=9)
        axes.set(xlabel="detected", ylabel="the digit", title=title, xticks=range(10), yticks=range(10))
        figure.colorbar(image, label="share of the digit's pictures")
        write_file(path, _png(figure))


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()
