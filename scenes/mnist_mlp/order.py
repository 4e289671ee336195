"""Who comes first: each shot tells the cells of the cast slowly, then the next strongest, then all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnistviz.story.storyboard import Chapter, Labels, Shot
from mnistviz.trace.model import Trace, Value

from .facts import Cast

BLAMED: Final = "hidden_to_output_adjustment_10x20"
ANSWERS: Final = frozenset({"output_pre_sigmoid_10x1", "output_neurons_10x1"})
DIGITS: Final = tuple(str(digit) for digit in range(10))
NEURONS: Final = tuple(str(neuron) for neuron in range(20))
LEAST_SHARE: Final = 0.02  # of the largest; what is smaller is not told slowly
FIRST, FIRST_LAYERS = 3, 4  # cells, or layers of a deck, that are told slowly
LONG_TICKS, FIRST_OF_LONG = 350, 8  # a shot that moves for so long tells so many


def labels(cast: Cast) -> tuple[Labels, ...]:
    """What the cells along the two axes of the network are called."""
    return (
        Labels(len(DIGITS), DIGITS, "the digit", cast.right, cast.rival),
        Labels(len(NEURONS), NEURONS, "hidden neuron"),
    )


def in_order(chapters: Sequence[Chapter], trace: Trace, cast: Cast) -> list[Chapter]:
    """The chapters, every shot with the order of the cells of its result."""
    return [
        replace(
            chapter, shots=tuple(replace(shot, order=_order(shot, trace, cast)) for shot in chapter.shots)
        )
        for chapter in chapters
    ]


def _order(shot: Shot, trace: Trace, cast: Cast) -> tuple[int, ...]:
    """Flat indices of the cells of the shot's result that are told first."""
    if not shot.subject or shot.order:
        return shot.order
    last = trace.operations[shot.subject[-1]]
    output, told = last.output, last.output.value
    if output.before is not None:  # what was added, also where that is too little to change anything
        told = last.inputs[-1].value if last.operation == "add" else output.value - output.before
    sizes = np.abs(np.asarray(told, dtype=np.float64))
    first = _first(sizes, _who(output, cast), FIRST_OF_LONG if shot.act_ticks >= LONG_TICKS else 0)
    return _with_least(first, sizes) if output.name == BLAMED else first


def _with_least(first: tuple[int, ...], sizes: NDArray[Any]) -> tuple[int, ...]:
    """After the cast's cells the least of the first one's row: whoever was hardly on is hardly to blame."""
    row = first[0] // sizes.shape[1]
    least = row * sizes.shape[1] + int(sizes[row].argmin())
    cast = [cell for cell in first if cell % sizes.shape[1] == first[0] % sizes.shape[1]]
    told = dict.fromkeys([*cast, least, *first])  # where all are alike the least may be of the cast
    return tuple(told)[: len(first)]


def _who(array: Value, cast: Cast) -> tuple[int, ...]:
    """The cast's cells in an array of the network's shapes; of what it says that comes first which it says."""
    outputs, neurons = (cast.rival, cast.right), (cast.neuron,)
    if not cast.wrong and array.name in ANSWERS:
        outputs = (cast.right, cast.rival)
    match array.shape:
        case (10, 1):
            return outputs
        case (20, 1):
            return neurons
        case (10, 20):
            return tuple(output * 20 + cast.neuron for output in outputs)
        case (20, 10):  # the same, turned over
            return tuple(cast.neuron * 10 + output for output in outputs)
        case (20, 784):
            return (cast.neuron * 784 + cast.pixel,)
        case _:
            return ()


def _first(sizes: NDArray[Any], who: tuple[int, ...], least_many: int) -> tuple[int, ...]:
    """Of these cells those that are not next to nothing, but at least the first; then the largest of others."""
    if not who:
        return ()
    flat = sizes.reshape(-1)
    if sizes.ndim == 2 and sizes.shape[1] > 28:  # a deck: the strongest cell of each layer
        candidates = np.arange(len(sizes)) * sizes.shape[1] + sizes.argmax(axis=1)
        taken, most = {cell // sizes.shape[1] for cell in who}, FIRST_LAYERS
        others = [int(cell) for cell in candidates if cell // sizes.shape[1] not in taken]
    else:
        others, most = [cell for cell in range(flat.size) if cell not in who], FIRST
    others.sort(key=lambda cell: -flat[cell])
    least = LEAST_SHARE * flat.max()
    who = tuple(sorted(who, key=lambda cell: flat[cell] < least))  # a rival that is next to nothing is none
    cells = [who[0], *(cell for cell in (*who[1:], *others) if flat[cell] >= least)]
    return tuple(cells[: max(most, least_many)])
