"""What an operation in place has added to an array, and how it is made to be seen: enlarged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import definition
from mnistviz.picture.display import CellMap, Cells, ColourScale
from mnistviz.picture.hashing import changed
from mnistviz.picture.numbers import times
from mnistviz.picture.stage.forms import nice_limit
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card
from mnistviz.trace.model import Operation, Value, finite_range

MUCH_ENLARGED = 50  # from that gain on one sees nothing of a change that is not enlarged


@dataclass(frozen=True, eq=False)
class Update:
    """An in-place operation: the array before and after it, and what was added."""

    operation: Operation
    after: Value
    change: NDArray[np.float64]  # of the array's shape
    shows: CellMap  # where the change's numbers come from
    gain: int  # the change is shown this many times larger
    cause: str = ""  # name of the array that the change was made from, where the source names one

    @property
    def before(self) -> NDArray[np.float64]:
        """The array before the operation."""
        return np.asarray(self.after.before, dtype=np.float64)

    @property
    def unseen(self) -> str:
        """What to say of the array after the operation, where one cannot see that it has changed."""
        return "looks as before" if self.gain >= MUCH_ENLARGED else ""


@lru_cache(maxsize=64)
def update_of(operations: tuple[Operation, ...]) -> Update | None:
    """The update that the operations end in; `None` where nothing is changed by adding."""
    if (
        not operations
        or operations[-1].output.before is None
        or operations[-1].output.value.dtype.kind not in "iuf"
    ):
        return None
    operation = operations[-1]
    after, before = operation.output.value, operation.output.before
    if after.size == 0 or before is None or before.shape != after.shape:
        return None
    change, shows = _addend(operation)
    scale = largest_size(np.asarray(after)) / (largest_size(change) or 1.0)
    gain = int(nice_limit(scale * 0.5)) if scale >= 4 and largest_size(change) else 1
    named = [
        v.name
        for o in operations
        for v in o.inputs
        if v.name and v.shape != () and v.name != operation.output.name
    ]
    return Update(operation, operation.output, change, shows, gain, named[0] if named else "")


def _addend(operation: Operation) -> tuple[NDArray[np.float64], CellMap]:
    """What was added: the recorded operand of `+=` or `-=`; else the difference of after and before."""
    sign = definition(operation.operation).adds
    output, shape = operation.output, operation.output.shape
    changes = operation.call.changes if operation.call is not None else None
    if sign and len(operation.inputs) == 2 and not changes:
        operand = operation.inputs[1]
        if operand.dtype.kind in "biuf" and np.broadcast_shapes(operand.shape, shape) == shape:
            change = np.asarray(np.broadcast_to(sign * operand.value, shape), dtype=np.float64)
            stretched = () if operand.shape == shape else shape
            return change, CellMap(operand.id, factor=float(sign), stretched=stretched)
    before = np.asarray(output.before, dtype=np.float64)
    difference = CellMap(output.id, minus=CellMap(output.id, before=True))
    return np.asarray(output.value, dtype=np.float64) - before, difference


def largest_size(array: NDArray[np.float64]) -> float:
    """The largest number by size; NaN aside."""
    low, high = finite_range(array) or (0.0, 0.0)
    return max(high, -low)


def span_of(change: NDArray[np.float64]) -> tuple[float, float]:
    """Least and greatest number, as they are and not enlarged; NaN aside."""
    return finite_range(change) or (0.0, 0.0)


def enlarge_change(studio: Studio, update: Update, card: Card) -> Card:
    """A card of the whole array after the update as before + gain * change, where the change has to be enlarged."""
    card = changed(card, colours=scale_enlarged(studio, update), note="")
    if update.gain == 1 or card.shows is None:
        return card
    more = changed(card.shows, factor=1.0 - update.gain, minus=changed(card.shows, before=True, old=()))
    return changed(
        card,
        cells=Cells(_enlarged(studio, update)),
        shows=changed(card.shows, minus=more),
        note=f"colours: change × {times(update.gain)} for view",
    )


@lru_cache(maxsize=64)
def scale_enlarged(studio: Studio, update: Update) -> ColourScale:
    """The colours of an array whose change is enlarged, the same before and after it, and for the change alone."""
    before, after = _both(studio, update)
    largest = max(largest_size(cells) for cells in (before, after, _enlarged(studio, update)))
    limit = nice_limit(max(largest, largest_size(update.change * update.gain)))
    return ColourScale("signed", -limit, limit)


def _enlarged(studio: Studio, update: Update) -> NDArray[np.float64]:
    before, after = _both(studio, update)
    return np.asarray(after - (1.0 - update.gain) * (after - before))


def _both(studio: Studio, update: Update) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    before, after = (studio.cells(update.after, before=old).values for old in (True, False))
    return before, after
