"""Several cells of a card framed at once: those that lie side by side share a frame."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Line
from mnistviz.picture.stage import cards
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card

MOST_FRAMES = 64  # of cells that lie apart; of more none is framed


def cell_frames(studio: Studio, card: Card, cells: NDArray[np.intp]) -> tuple[Line, ...]:
    """Frames around cells, by flat index; none where they are all, or the card has no cell for each number."""
    if card.cells.values.size != math.prod(card.shape) or np.unique(cells).size == card.cells.values.size:
        return ()
    blocks = blocks_of(cells, card.cells.values.shape)
    matrix = cards.matrix_of(card, studio.accent(card.key), studio.theme)
    return tuple(
        part
        for layer, top, left, rows, columns in (blocks if len(blocks) <= MOST_FRAMES else ())
        if layer in matrix.layers
        for part in cards.cell_frame(
            matrix, matrix.layers.index(layer), (top, left), (rows, columns), studio.theme
        )
    )


def blocks_of(cells: NDArray[np.intp], shape: tuple[int, ...]) -> list[tuple[int, int, int, int, int]]:
    """Cells of (layers, rows, columns) as blocks: layer, top row, left column, rows, columns.

    Runs in a row are a block, and with them what lies alike in the rows below.
    """
    there = np.zeros(math.prod(shape), dtype=bool)
    there[cells] = True
    found: list[tuple[int, int, int, int, int]] = []
    for layer, plane in enumerate(there.reshape(shape)):
        open_: dict[tuple[int, int], int] = {}  # left column and columns of a block -> its top row
        for row in range(shape[1] + 1):
            runs = _runs(plane[row]) if row < shape[1] else []
            for (left, columns), top in list(open_.items()):
                if (left, columns) not in runs:
                    found.append((layer, top, left, row - top, columns))
                    del open_[left, columns]
            for run in runs:
                open_.setdefault(run, row)
    return sorted(found)


def _runs(there: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and length of each run of what is there."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    return [(int(start), int(end - start)) for start, end in edges.reshape(-1, 2)]
