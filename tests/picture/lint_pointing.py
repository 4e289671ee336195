"""What may not be pointed at: rules over labels, framed cells, cells that fly, and how far a card is filled.

A rule is a function that returns what is wrong, in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import takewhile

import numpy as np

from mnistviz.picture.display import CellMap, Matrix, Text
from mnistviz.picture.stage.ranges import range_line
from mnistviz.picture.stage.tableau import Card, Tableau
from mnistviz.picture.theme import Theme
from mnistviz.picture.wording import text_of
from mnistviz.story.sentence import Cell, Name, Number, Polarity, Quantity, Sentence, Style, Verdict
from mnistviz.trace.model import Operation
from tests.picture.lint import NUMBER
from tests.picture.lint_numbers import written_right
from tests.picture.lint_stage import shown_by
from tests.picture.oracle import Facts

LAYER = re.compile(r"\[(\d+)\](?: |$)")  # at the end of a card's name, before "before" and "after"
HEADED = ("index on axis", "row in fold")  # rules of the numbers that name the cell of a heading
WHOLE = 4096  # cells; of more none is framed


def wrong_pointing(facts: Facts, tableau: Tableau, theme: Theme) -> Iterator[str]:
    """Everything that points at cells, and points at others."""
    for card in tableau.cards:
        if card.shows is not None and not card.key.endswith(("/ghost", "/shade")):
            for fault in (*_label(facts, card, card.shows), *_framed(facts, card, card.shows, tableau)):
                yield f"card {card.key!r}: {fault}"
    for mark in tableau.marks:
        if isinstance(mark, Matrix) and mark.shows is not None:
            wish = shown_by(facts, mark.shows, mark.cells.values.size)
            if not np.allclose(mark.cells.values.reshape(-1), wish, rtol=1e-12, atol=0, equal_nan=True):
                yield f"what flies does not show {mark.shows}"
        if isinstance(mark, Text) and mark.counted and not _known(facts, float(mark.counted)):
            yield f"{mark.text!r} on the stage is no number of the shot"
    yield from _coloured(tableau, theme)
    yield from _filled(facts, tableau)
    yield from _counted(facts, tableau)
    yield from _told_too_early(tableau)


def _told_too_early(tableau: Tableau) -> Iterator[str]:
    """The number of a cell that is still empty on the stage is not in the inspector."""
    said = {
        part.of
        for line in tableau.inspector.sentences
        for part in line.parts
        if line.tone == "result" and isinstance(part, Number | Polarity) and isinstance(part.of, Cell)
    }
    for card in tableau.cards if said else ():
        if (
            card.shows is None
            or card.mask is None
            or card.shows.blocks
            or card.shows.minus
            or card.shows.times
        ):
            continue
        places = card.shows.first + card.shows.step * np.flatnonzero(~card.mask.shown)
        empty = {Cell(card.shows.value, int(place), card.shows.before) for place in places}
        if early := said & empty:
            yield f"card {card.key!r}: cells {sorted(one.index for one in early)} are empty, and their numbers are said"


def _known(facts: Facts, number: float) -> bool:
    """Whether one of the shot's arrays holds the number."""
    return number in shown_numbers(facts) or np.isnan(number)


@lru_cache(maxsize=16)
def shown_numbers(facts: Facts) -> frozenset[float]:
    """Every number of the arrays that the shot is about."""
    operations = [facts.board.operation(number) for number in facts.shot.subject]
    values = [*facts.shot.extra, *(v for one in operations for v in (*one.inputs, one.output))]
    arrays = [
        array
        for v in values
        for array in (v.value, v.before)
        if array is not None and array.dtype.kind in "biuf"
    ]
    return frozenset(float(number) for array in arrays for number in np.ravel(array))


def _label(facts: Facts, card: Card, shows: CellMap) -> Iterator[str]:
    """The shape and the range under a card's name are those of what it shows; a layer is called by its number."""
    layers = len(card.cells.values)
    found = LAYER.search(card.name)
    if found and card.label != "none" and layers == 1 and "/" in card.key and shows.step == 1:
        first = shows.minus.first if shows.minus is not None else shows.first
        if int(found[1]) != first // card.cells.values.size:
            yield f"it is called {card.name!r}, and shows {shows}"
    shape, *numbers = range_line(card).split("   ")
    whole = facts.array(shows.value, shows.before)
    itself = shows.first == 0 and shows.times is None and not shows.stretched
    wish = "×".join(map(str, whole.shape)) or ("yes or no" if whole.dtype == bool else "one number")
    if itself and card.cells.values.size == whole.size and shape != wish:
        yield f"its shape is said to be {shape}, and is {wish}"
    count = card.cells.values.size if shows.blocks is None else whole.size
    unblocked = (
        CellMap(shows.value, shows.before) if shows.blocks is not None and shows.minus is None else shows
    )
    if shows.blocks is not None and unblocked is shows:
        return
    if shows.minus is not None and shows.minus.minus is not None:  # its change is enlarged, and not its range
        unblocked = replace(unblocked, minus=None)
    values = shown_by(facts, unblocked, count) / (abs(shows.factor) or 1.0)
    if card.colours.table == "photograph":  # a cell shows three numbers
        values = np.asarray(whole, np.float64)
    finite = values[np.isfinite(values)]
    if finite.size and numbers and card.truth:
        wish = " … ".join(dict.fromkeys(("true" if end else "false") for end in (finite.min(), finite.max())))
        if numbers != [wish]:
            yield f"its cells are said to be {numbers[0]!r}, and are {wish}"
    elif finite.size and numbers:
        ends = NUMBER.findall(numbers[0].replace("−", "-"))
        limits = [float(finite.min()), float(finite.max())][: len(ends)]
        style: Style = "count" if card.whole else "signed"
        if not all(
            written_right(end, _nearest(card, value), style) for end, value in zip(ends, limits, strict=True)
        ):
            yield f"its range is said to be {numbers[0]!r}, and is {limits}"


def _nearest(card: Card, value: float) -> float:
    """The card's own end of its range where it is the same but for the last places."""
    finite = card.cells.values[np.isfinite(card.cells.values)]
    own = card.span or (float(finite.min()), float(finite.max()))
    return next((end for end in own if abs(end - value) <= 1e-9 * abs(value)), value)


def _framed(facts: Facts, card: Card, shows: CellMap, tableau: Tableau) -> Iterator[str]:
    """A framed cell is one of which the inspector speaks."""
    if shows.times is not None and shows.minus is None and shows.factor == 1:
        yield from _framed_terms(card)
        return
    summed = _summed(tableau)
    if summed is not None and len(card.lit) > 1 and card.key != "products":
        yield from _framed_factors(facts, card, shows, summed)
        return
    parts = [part for line in tableau.inspector.sentences for part in line.parts]
    said = {
        part.of for part in parts if isinstance(part, Name | Number | Polarity) and isinstance(part.of, Cell)
    }
    about = {cell.index for cell in said if cell.value == shows.value}
    if shows.minus is not None or shows.blocks is not None or shows.stretched or not about:
        return
    if _spoken_of(tableau) is None:
        return  # the inspector speaks of the whole
    _, rows, columns = card.cells.values.shape
    for layer, row, column in card.lit:
        index = shows.first + shows.step * (layer * rows * columns + row * columns + column)
        if row >= 0 and index not in about:
            yield f"cell {index} is framed, and cells {sorted(about)} are spoken of"
        if row < 0 and not {one // (rows * columns) for one in about} <= {layer}:
            yield f"layer {layer} is framed, and cells {sorted(about)} are spoken of"


def _summed(tableau: Tableau) -> tuple[int, int] | None:
    """The operation and the cell whose sum's largest terms are said to be framed."""
    plot = tableau.inspector.plot
    if plot is None or plot.caption != "running sum; its largest terms are framed" or not plot.curves:
        return None
    of = plot.curves[0].of
    return (of.of[0], of.of[1]) if of is not None and of.rule == "running sum" else None


def _framed_factors(facts: Facts, card: Card, shows: CellMap, summed: tuple[int, int]) -> Iterator[str]:
    """Where a sum's factors stand the framed ones make its largest terms."""
    number, cell = summed
    terms = np.abs(facts.terms(number, cell))
    operation = facts.board.operation(number)
    left, right = (value.id for value in operation.inputs)
    columns = operation.output.value.size // operation.inputs[0].shape[0]
    first = {left: cell // columns * len(terms), right: cell % columns}.get(shows.value)
    if first is None:
        yield f"cells of {card.name!r} are framed, and it is no factor of the sum"
        return
    step = columns if shows.value == right else 1
    _, _, wide = card.cells.values.shape
    places = [(row * wide + column - first) // step for _, row, column in card.lit]
    if any(not 0 <= place < len(terms) for place in places):
        yield f"cells of {card.name!r} are framed that are not of the sum"
    elif min(terms[places]) < np.delete(terms, places).max():
        yield f"terms {places} are framed, and larger ones are not"


def _framed_terms(card: Card) -> Iterator[str]:
    """Of products, those that are framed are the largest by size."""
    sizes = np.abs(card.cells.values)
    framed = sorted((float(sizes[cell]) for cell in card.lit), reverse=True)
    largest = np.sort(sizes, axis=None)[::-1][: len(framed)].tolist()
    if card.lit and min(cell[1] for cell in card.lit) >= 0 and framed != largest:
        yield f"{framed} are framed, and the largest are {largest}"


def _coloured(tableau: Tableau, theme: Theme) -> Iterator[str]:
    """What is right has the colour of what is right."""
    colours = {mark.text: mark.colour for mark in tableau.marks if isinstance(mark, Text)}
    for sentence in tableau.said:
        right = [part.right for part in sentence.parts if isinstance(part, Verdict)]
        wish = theme.phase("forward" if right and right[0] else "error")
        if right and colours.get(text_of(sentence)) != wish:
            yield f"{text_of(sentence)!r} has the colour of the opposite"


def _filled(facts: Facts, tableau: Tableau) -> Iterator[str]:
    """A result is filled as far as the cell that is spoken of, or up to it, in the order of the shot."""
    cell = _spoken_of(tableau)
    for card in tableau.cards if cell is not None else ():
        if card.shows is None or card.shows.value != cell.value or card.shows.before or card.mask is None:
            continue
        whole = card.cells.values.size == facts.array(cell.value).size <= WHOLE
        if card.shows.minus is None and card.shows.blocks is None and whole:
            there = set(np.flatnonzero(card.mask.shown).tolist())
            told = told_before(facts, cell)
            swept = passed_over(facts, cell)[: max(len(there) - len(told) - 1, 0)]
            if there not in (told, told | {cell.index, *swept}):
                yield f"cells {sorted(there)} of {card.key!r} are there, and cell {cell.index} is spoken of"


def _counted(facts: Facts, tableau: Tableau) -> Iterator[str]:
    """The count has come as far as the cell that is spoken of, or its layer; in the end it is that of all cells."""
    counter = tableau.inspector.counter
    cell = _spoken_of(tableau)
    if counter is None or cell is None or not isinstance(counter.number.of, Quantity):
        return
    if counter.number.of.rule == "multiplications so far":
        size, cells = facts.array(cell.value).size, counter.number.of.of[1]
        told = len(told_before(facts, cell))
        wish = (*range(told, told + 2 + len(passed_over(facts, cell))), size)
        if any(fold.length == facts.array(cell.value).shape[-1] for fold in facts.board.folds):
            wish = (_layers_told(facts, cell), size)
        if cells not in wish:
            yield f"{cells} cells are counted, and cell {cell.index} is spoken of"


def _layers_told(facts: Facts, cell: Cell) -> int:
    """Cells of the layers that are told up to that of a cell, in the order in which the shot names layers."""
    layers, each = facts.array(cell.value).shape
    first = list(dict.fromkeys(one // each for one in facts.shot.order))
    order = [*first, *(one for one in range(layers) if one not in first)]
    return (order.index(cell.index // each) + 1) * each


def told_before(facts: Facts, cell: Cell) -> set[int]:
    """The cells that come before one in the order of the shot: its own, or that of the three largest."""
    order, _ = _in_order(facts, cell)
    return set(order[: order.index(cell.index)])


def passed_over(facts: Facts, cell: Cell) -> list[int]:
    """The cells after one that a sweep does not tell: the next ones that are under 2 % of the largest."""
    order, sizes = _in_order(facts, cell)
    following = order[order.index(cell.index) + 1 :]
    return list(takewhile(lambda one: sizes[one] < 0.02 * sizes.max(), following))


def _in_order(facts: Facts, cell: Cell) -> tuple[list[int], np.ndarray]:
    """All cells in the order in which the shot tells them, and how large each number, or its change, is."""
    array = facts.array(cell.value)
    values = facts.values[cell.value]
    if values.before is not None and facts.makers[cell.value].in_place:
        array = _added(facts.makers[cell.value])
    sizes = np.abs(np.nan_to_num(array.astype(np.float64))).reshape(-1)
    largest = np.argsort(-sizes, kind="stable")[:3]
    first = facts.shot.order or [
        int(one) for place, one in enumerate(largest) if place == 0 or sizes[one] >= 0.02 * sizes.max() > 0
    ]
    return [*first, *(one for one in range(sizes.size) if one not in first)], sizes


def _added(update: Operation) -> np.ndarray:
    """What an update in place adds: as it was computed, for it may be too little to change anything."""
    output, added = update.output, update.inputs[-1].value
    names_all = update.call is None or not update.call.changes
    if update.operation in ("add", "subtract") and names_all and len(update.inputs) == 2:
        return np.broadcast_to(added, output.shape)
    return np.asarray(output.value - output.before)


def _spoken_of(tableau: Tableau) -> Cell | None:
    """The cell of the heading, as in `Hidden neuron 8` or `Cell [3, 17]`."""
    heading = tableau.inspector.heading
    for part in heading.parts if isinstance(heading, Sentence) else ():
        if isinstance(part, Number) and isinstance(part.of, Quantity) and part.of.rule in HEADED:
            cell = part.of.of[0]
            return cell if isinstance(cell, Cell) else None
    return None
