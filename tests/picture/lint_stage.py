"""What may not be shown: rules over the cards of a moment, over a shot's moments together, and over its clip.

A rule is a function that returns what is wrong, in words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import CellMap, ColourScale, Mask, Polygon, Text
from mnistviz.picture.stage.cards import note_of
from mnistviz.picture.stage.tableau import Card, Tableau
from mnistviz.picture.theme import colour_table
from mnistviz.story.sentence import Words
from mnistviz.story.timeline import Clip
from mnistviz.trace.model import Operation, Span
from tests.picture.oracle import Facts

SIGNS = {"+": np.add, "−": np.subtract, "×": np.multiply, "÷": np.divide}
CROWN_POINTS, CROWN_SIDE = 7, 24.0  # a crown's corners, and half of its width in design units
EMPTY_AT_REST = {  # shots that end before their result is made, and why
    "layers-cast": "it presents what will be multiplied",
    "appear": "it shows the picture alone",
}
MOVES_ON = ("matmul", "dot", "curve", "update")  # drawings that go through all operations of their shot
QUIET = ("transpose", "reshape", "getitem")  # nothing is computed
GAIN = re.compile(r"(?:change|stamp) × ([\d,.e]+)")


@dataclass(frozen=True)
class Moment:
    """A tableau, and how far the action of its shot has come, 0..1."""

    share: float
    tableau: Tableau


# ---- cards ----------------------------------------------------------------------------------------


def wrong_cards(facts: Facts, tableau: Tableau) -> Iterator[str]:
    """Each card by itself: its scale, its numbers, what it says it shows."""
    for card in tableau.cards:
        for fault in (*_scale(card.colours, card), *_cells(facts, card), *_numbers(card), *_enlarged(card)):
            yield f"card {card.key!r}: {fault}"
    yield from _equation(tableau)


def _scale(scale: ColourScale, card: Card) -> Iterator[str]:
    """Signed scales are symmetric, level ones start at 0, and both hold every finite number but for outliers.

    A drawing that gives several cards one scale, and says so in a note, may leave out as few that are not so large.
    """
    if scale.table == "signed" and not (scale.high == -scale.low > 0):
        yield f"a signed scale from {scale.low} to {scale.high}"
    if scale.table == "level" and not scale.high > scale.low == 0:
        yield f"a level scale from {scale.low} to {scale.high}"
    drawn = card.cells.values if card.layers is None else card.cells.values[list(card.layers)]
    finite = drawn[np.isfinite(drawn)]
    out = np.abs(finite[(finite < scale.low * (1 + 1e-12)) | (finite > scale.high * (1 + 1e-12))])
    few = out.size <= max(1.0, 0.01 * np.count_nonzero(finite)) and np.count_nonzero(finite) >= 50
    is_said = f"{out.size:,} beyond the colours" in note_of(card)
    if out.size and not (few and (out.max() > 10 * scale.high or (is_said and card.note))):
        yield f"{finite.min()} to {finite.max()} is out of its scale of {scale.low} to {scale.high}"


def _cells(facts: Facts, card: Card) -> Iterator[str]:
    """A card shows the numbers that its map names."""
    if card.holds:
        yield from _words(facts, card)
        return
    if card.shows is None:
        if card.key and np.isfinite(card.cells.values).any():
            yield "it does not say what it shows"
        return
    shape = card.cells.values.shape
    if card.colours.table == "photograph":
        yield from _colours(facts.array(card.shows.value, card.shows.before), card)
        return
    wish = shown_by(facts, card.shows, card.cells.values.size).reshape(shape)
    slack = _last_places(wish) * abs(card.shows.factor)
    if not np.allclose(card.cells.values, wish, rtol=1e-12, atol=slack, equal_nan=True):
        yield f"it does not show {card.shows}"
    maker = facts.makers.get(card.shows.value)
    named = {"before": True, "after": False}.get(card.name.rpartition(" ")[2])
    if named is not None and maker is not None and maker.in_place and card.shows.before is not named:
        yield f"it is called {card.name!r} and shows {card.shows}"


def _words(facts: Facts, card: Card) -> Iterator[str]:
    """What is no number has no colour, and in its cells stands what is in those of an array of that shape."""
    if card.cells.values.any():
        yield "its cells have colours, and are no numbers"
    arrays = [value.value for value in facts.values.values() if value.value.shape == card.shape]
    kept = [array for array in arrays if array.dtype.kind not in "biufc"]
    if card.exact and not any(card.exact == tuple(map(str, array.ravel())) for array in kept):
        yield f"no array holds {card.exact}"
    for short, whole in zip(card.numbers, card.exact, strict=bool(card.numbers)):
        if not str(whole).startswith(short.rstrip("…")):
            yield f"{short!r} stands for {whole!r}"


def _colours(array: NDArray[np.generic], card: Card) -> Iterator[str]:
    """A pixel has the colour of the palette that is nearest to its own, where its numbers are colours."""
    wish = np.asarray(array, np.float64)[..., :3].reshape(-1, 3) * (1 if array.dtype == np.uint8 else 255)
    shown = colour_table("photograph")[card.cells.values.ravel().astype(int)].astype(float)
    steps = np.array([51.0, 42.5, 51.0])
    if wish.min() >= 0 and wish.max() <= 255 and (np.abs(shown - wish) > steps / 2 + 1).any():
        yield "a pixel has another colour"


def _last_places(array: NDArray[np.float64]) -> float:
    """What rounding may change in the largest of some numbers."""
    finite = np.abs(array[np.isfinite(array)])
    return float(4 * np.spacing(finite.max())) if finite.size else 0.0


@lru_cache(maxsize=256)
def shown_by(facts: Facts, shows: CellMap, count: int) -> NDArray[np.float64]:
    """The numbers that a map names, from its first cell on."""
    array = facts.array(shows.value, shows.before)
    flat = np.abs(array) if np.iscomplexobj(array) else np.asarray(array, np.float64)
    flat = np.broadcast_to(flat, shows.stretched) if shows.stretched else flat
    if shows.old:
        flat = flat.reshape(-1).copy()
        for start, stop in shows.old:
            flat[start:stop] = facts.array(shows.value, True).reshape(-1)[start:stop]
    if shows.blocks is not None:
        flat = _means(flat, shows)
    places = shows.first + shows.step * np.arange(count)
    found = flat.reshape(-1)[places].astype(np.float64)
    if shows.minus is not None:
        found = found - shown_by(facts, shows.minus, count)
    if shows.times is not None:
        found = found * shown_by(facts, shows.times, count)
    return found * shows.factor


def _means(array: NDArray[np.float64], shows: CellMap) -> NDArray[np.float64]:
    blocks = shows.blocks
    assert blocks is not None
    layers = array.reshape(blocks.layers, blocks.rows, blocks.columns)
    rows = [blocks.rows * i // blocks.drawn_rows for i in range(blocks.drawn_rows + 1)]
    columns = [blocks.columns * i // blocks.drawn_columns for i in range(blocks.drawn_columns + 1)]

    def drawn(layer: NDArray[np.float64]) -> list[list[float]]:
        return [[float(layer[a:b, c:d].mean()) for c, d in pairwise(columns)] for a, b in pairwise(rows)]

    return np.array([drawn(layer) for layer in layers])


def _numbers(card: Card) -> Iterator[str]:
    """The number beside a cell is the cell's own, not enlarged."""
    factor = _gain(card)
    if (
        not card.holds
        and card.exact
        and not np.allclose(
            np.array(card.exact) * factor, card.cells.values.reshape(-1), rtol=1e-9, atol=0, equal_nan=True
        )
    ):
        yield "the numbers beside its cells are not the cells'"


def _gain(card: Card) -> float:
    """How many times a card's numbers are enlarged; what is taken away is negative."""
    return abs(card.shows.factor) if card.shows is not None else 1.0


def _enlarged(card: Card) -> Iterator[str]:
    """A card that is enlarged for view, or the change of which is, says how many times."""
    factor = _gain(card)
    if card.shows is not None and (more := card.shows.minus) is not None and more.minus is not None:
        factor *= 1.0 - more.factor
    said = GAIN.search(card.note)
    times = float(said[1].replace(",", "")) if said else 1.0
    if not math.isclose(times, factor, rel_tol=1e-9):
        yield f"it is enlarged {factor} times, and says {card.note!r}"


def _equation(tableau: Tableau) -> Iterator[str]:
    """Cards with signs between them are an equation that holds."""
    texts = [
        mark for mark in tableau.marks if isinstance(mark, Text) and mark.anchor == "mm" and not mark.owner
    ]
    signs = [text.text for text in sorted(texts, key=lambda text: text.at[0])]
    cards = sorted(tableau.cards, key=lambda card: card.place.at[0])
    cards = [card for card in cards if not card.key.endswith(("/ghost", "/shade"))]
    if len(cards) < 3 or len(signs) != 2 or signs[0] not in SIGNS or signs[1] != "=":
        return
    if any(card.shows is None or card.shows.blocks is not None for card in cards[:3]):
        return  # the product of two means is not the mean of the products
    a, b, c = (card.cells.values / _gain(card) for card in cards[:3])
    if a.shape == b.shape == c.shape:
        with np.errstate(all="ignore"):
            wish = SIGNS[signs[0]](a, b)
        if not np.allclose(c, wish, rtol=1e-6, atol=_last_places(a), equal_nan=True):
            yield f"{cards[0].name} {signs[0]} {cards[1].name} is not {cards[2].name}"


# ---- a shot at rest -------------------------------------------------------------------------------


def wrong_rest(facts: Facts, operations: Sequence[Operation], tableau: Tableau) -> Iterator[str]:
    """A card ends where its operation leaves it: upright, whole, and the result is there."""
    drawing = facts.shot.drawing
    cards = [card for card in tableau.cards if card.opacity > 0 and not card.key.endswith("/shade")]
    for card in cards:
        (ax, _), (dx, dy) = card.place.across, card.place.down
        if not (ax > 0 and dx == 0 and dy > 0):
            yield f"card {card.key!r} does not stand upright at rest: {card.place.across}, {card.place.down}"
    left = {"unroll": "picture", "fold": "column"}.get(drawing)
    for card in cards if drawing not in EMPTY_AT_REST or drawing == "appear" else ():
        role = "column" if card.key.endswith("/column") else "picture"
        if left is not None and role == left:
            if _there(card.mask) != 0:
                yield f"card {card.key!r} is still there at the end of {drawing}"
        elif _there(card.mask) != 1:
            yield f"card {card.key!r} is not whole at rest"
    if operations and cards and not tableau.whole and drawing not in EMPTY_AT_REST:
        yield from _result_there(facts, operations[-1], cards)
    yield from _crown(facts, operations, tableau)


def _there(mask: Mask | None) -> float:
    """The share of a card's cells that are there."""
    return 1.0 if mask is None else float(mask.shown.mean())


def _result_there(facts: Facts, last: Operation, cards: Sequence[Card]) -> Iterator[str]:
    """The output of the last operation is on the stage, and no longer as it was before."""
    shown = [card.shows for card in cards if card.shows is not None]
    words = tuple(map(str, last.output.value.ravel()))
    if (
        last.output.value.size > 1
        and not any(card.holds and card.exact == words for card in cards)
        and not facts.shot.extra
        and not any(one.value == last.output.id and not one.before and not one.old for one in shown)
    ):
        yield f"{last.output.name or last.expression!r} is not on the stage when it is made"


def _crown(facts: Facts, operations: Sequence[Operation], tableau: Tableau) -> Iterator[str]:
    """The crown stands beside the row that numpy chose."""
    crowns = [
        mark for mark in tableau.marks if isinstance(mark, Polygon) and len(mark.points) == CROWN_POINTS
    ]
    sought = [
        one for one in operations if one.operation in ("argmax", "argmin") and one.output.value.size == 1
    ]
    if bool(crowns) != bool(sought):
        return
    for crown in crowns:
        scores = np.asarray(sought[-1].inputs[0].value).reshape(-1)
        wish = int(scores.argmax() if sought[-1].operation == "argmax" else scores.argmin())
        card = next(
            card for card in tableau.cards if card.shows and card.shows.value == sought[-1].inputs[0].id
        )
        middle = (min(y for _, y in crown.points) + max(y for _, y in crown.points)) / 2
        (_, y), (_, ay), (_, dy) = card.place.at, card.place.across, card.place.down
        row = round((middle - y - ay / 2) / dy * len(scores) - 0.5)
        if row != wish:
            yield f"row {row} is crowned, and {sought[-1].operation} is {wish}"


# ---- a shot over its time -------------------------------------------------------------------------


def wrong_light(facts: Facts, operations: Sequence[Operation], moments: Sequence[Moment]) -> Iterator[str]:
    """What is lit is what is being computed: one of the shot's operations, the last of them at the end."""
    spans: dict[Span, int] = {}
    for one in operations:
        spans.setdefault(one.source.statement, one.number)
        spans[one.source.expression] = one.number
    lit = [moment.tableau.lit for moment in moments if moment.tableau.lit is not None]
    if any(span not in spans for span in lit):
        yield "something is lit that is no operation of the shot"
        return
    if not lit or facts.shot.extra:
        return
    at_rest = _maker_of_result(facts, moments[-1].tableau)
    if at_rest is not None and lit[-1] != at_rest.source.expression:
        yield f"at rest operation {spans[lit[-1]]} is lit, and the result is that of {at_rest.number}"
    computing = [one for one in operations if one.operation not in QUIET]
    if facts.shot.drawing in MOVES_ON and len(computing) > 1 and len(set(lit)) < 2:
        yield f"only operation {spans[lit[0]]} of {[one.number for one in computing]} is ever lit"


def _maker_of_result(facts: Facts, tableau: Tableau) -> Operation | None:
    """The operation that made the cell of which the inspector says the result."""
    results = [line for line in tableau.inspector.sentences if line.tone == "result"]
    for part in reversed(results[-1].parts) if results else ():
        value = getattr(getattr(part, "of", None), "value", None)
        if value in facts.makers:
            return facts.makers[value]
    return None


def wrong_clip(clip: Clip, unscaled: bool) -> Iterator[str]:
    """A clip moves as long as its shot acts and rests as long as that rests, and not the other way round."""
    moving, resting = clip.rest_start - clip.start, clip.end - clip.rest_start
    if unscaled and (moving, resting) != (clip.shot.act_ticks, clip.shot.rest_ticks):
        wish = (clip.shot.act_ticks, clip.shot.rest_ticks)
        yield f"it moves and rests for {(moving, resting)} ticks, and {wish} were wished"


def wrong_motion(moments: Sequence[Moment]) -> Iterator[str]:
    """Something moves while a shot acts, to its very end, and is finished when it rests."""
    acting = [moment.tableau for moment in moments if moment.share < 1]
    seen = [replace(tableau, lit=None) for tableau in acting]
    if len(acting) > 2 and all(tableau == seen[0] for tableau in seen):
        yield "nothing moves while it acts"
    rest = [moment.tableau for moment in moments if moment.share == 1]
    asked = [part for tableau in rest for line in tableau.inspector.sentences for part in line.parts]
    if any(isinstance(part, Words) and part.text == "?" for part in asked):
        yield "a result is still a question when all is done"
    if any(tableau != rest[0] for tableau in rest):
        yield "something moves while it rests"
