"""An array times one number, before it is added: the number lands on the array, which turns into the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mnistviz.picture.display import Panel, Primitive, Text
from mnistviz.picture.easing import eased, mix_point, ramp
from mnistviz.picture.fonts import width
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.arrange import extent
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card
from mnistviz.picture.wording import text_of
from mnistviz.story.sentence import Cell, Number, line
from mnistviz.trace.model import Operation, Value

FLIES, TURNS = (0.02, 0.16), (0.18, 0.3)  # shares of the action
FACTOR = "factor"  # owner of the number
CHIP, BESIDE = 40.0, 4.0  # size of the number; how far right of the card it starts, in design units


@dataclass(frozen=True)
class Scaling:
    """What is multiplied, the one number that it is multiplied with, and what comes out."""

    array: Value
    number: Value
    product: Value


def scaling_of(operations: Sequence[Operation]) -> Scaling | None:
    """The multiplication by one number that makes what the last operation adds; None where there is none."""
    if len(operations) < 2 or len(operations[-1].inputs) != 2:
        return None
    output, added = operations[-1].output, operations[-1].inputs[1]
    made = next((one for one in operations[:-1] if one.output.id == added.id), None)
    if made is None or made.operation != "multiply":
        return None
    numbers = [value for value in made.inputs if value.value.size == 1]
    arrays = [value for value in made.inputs if value.shape == output.shape and value.value.size > 1]
    return Scaling(arrays[0], numbers[0], made.output) if numbers and arrays else None


def turning(
    studio: Studio, scaling: Scaling, cards: tuple[Card, Card], p: float
) -> tuple[tuple[Card, ...], tuple[Primitive, ...]]:
    """The array's card turns into that of the change, at one place; and the number that does it."""
    array, change = cards
    if p >= TURNS[1]:
        return (change,), ()
    gone = eased(p, *TURNS)
    shown = (
        changed(array, opacity=1 - gone, words=1 - ramp(gone, 0.0, 0.4)),
        changed(change, opacity=gone, words=ramp(gone, 0.8, 1.0)),
    )
    return tuple(card for card in shown if card.opacity > 0), _number(studio, scaling, array, p)


def _number(studio: Studio, scaling: Scaling, array: Card, p: float) -> tuple[Primitive, ...]:
    """`× -0.01` on its way to the middle of the card; it goes as the card turns."""
    if not 0 < p < TURNS[1]:
        return ()
    left, top, right, bottom = extent(array.place)
    middle = ((left + right) / 2, (top + bottom) / 2)
    value = float(scaling.number.value.reshape(-1)[0])
    words = text_of(line("× ", Number(value, Cell(scaling.number.id), "short")))
    size = studio.letters(CHIP, least=24.0)
    seen = ramp(p, 0.0, 0.02) * (1 - eased(p, *TURNS))
    half = width(words, size, "sans-bold") / 2 + 14
    beside = (right + BESIDE * studio.scale + half, middle[1])  # above it another card may stand
    at = mix_point(beside, middle, eased(p, *FLIES))
    box = (at[0] - half, at[1] - size * 0.75, at[0] + half, at[1] + size * 0.75)
    theme = studio.theme
    return (
        Panel(box, theme.panel, 10, opacity=seen, name=FACTOR),
        Text(words, at, size, theme.ink, "sans-bold", "mm", FACTOR, opacity=seen, counted=repr(value)),
    )
