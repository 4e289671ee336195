"""The weights between neurons and digits as wires: as thick as weight times neuron, or error, coloured by sign."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mnistviz.picture.display import Colour, ColourScale, Line, Point, Primitive
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.props import cell_number, centre
from mnistviz.picture.easing import eased, mix, mix_point
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.arrange import centred
from mnistviz.picture.stage.labels import SMALLEST_LABEL
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.picture.theme import colour_table
from mnistviz.story.sentence import Cell, Number, Quantity, Sentence, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

NEURONS = (130.0, 96.0, 290.0, 712.0)  # left, top, width, height in the drawings' own coordinates
DIGITS = (820.0, 96.0, 310.0, 712.0)
THINNEST, THICKEST = 0.8, 10.0
BESIDE, BEHIND = 0.5, 0.1  # opacity in the end of the other wires of the two digits; of those of all others
LABELS, BARE = 38.0, 8.0  # design units beside a column in which its cells are named, or are not
SIGNED = ColourScale("signed", -1.0, 1.0)
DUST = 0.04  # of the strongest wire: what is thinner is left out


@dataclass(frozen=True)
class Wires:
    """What a shot of wires shows, from its `extra`."""

    neurons: Value  # (20, 1)
    digits: Value  # (10, 1)
    strengths: Value  # (10, 20)
    cast: tuple[int, int, int]  # the right digit, its rival, the neuron that is to blame


@draws("wires-forth", in_two_themes=True)
def draw_forth(studio: Studio, shot: Shot, p: float) -> Tableau:
    """Each neuron says yes or no to each digit."""
    return _drawn(studio, shot, p, back=False)


@draws("wires-back", in_two_themes=True)
def draw_back(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The error of each digit runs back through the same wires."""
    return _drawn(studio, shot, p, back=True)


def _drawn(studio: Studio, shot: Shot, p: float, back: bool) -> Tableau:
    if len(shot.extra) != 4:
        return draw_any(studio, shot, p)
    neurons, digits, strengths, cast = shot.extra
    right, rival, neuron = (int(one) for one in cast.value)
    wires = Wires(neurons, digits, strengths, (right, rival, neuron))
    left = _card(studio, neurons, NEURONS, "left")
    far = _card(studio, digits, DIGITS, "right")
    grown, dimmed = eased(p, 0.05, 0.6), eased(p, 0.65, 0.85)
    marks = _lines(studio, wires, left, far, (grown, dimmed), back)
    if dimmed > 0:
        left = changed(left, lit=((0, neuron, 0),))
        far = changed(far, lit=((0, right, 0), (0, rival, 0)))
    lit = studio.operations(shot)
    total = lit[-1].output if lit else None
    words = _words(wires, back, total) if dimmed > 0.5 else _way(back)
    return Tableau((left, far), under=marks, inspector=words, lit=lit[-1].source.expression if lit else None)


def _card(studio: Studio, value: Value, box: tuple[float, float, float, float], side: str) -> Card:
    form = studio.form(value.shape)
    card = studio.card(value, centred(studio, form, box))
    return changed(card, side="left") if side == "left" else card


def _lines(
    studio: Studio, wires: Wires, left: Card, far: Card, q: tuple[float, float], back: bool
) -> tuple[Primitive, ...]:
    """The wires from the weakest to the strongest; in the end those of the two digits stand out, the neuron's most."""
    grown, dimmed = q
    if grown <= 0:
        return ()
    return tuple(
        changed(whole, points=_grown(whole.points, grown, back), opacity=whole.opacity * mix(1.0, left_over, dimmed),
                glow=0.6 * dimmed if left_over == 1.0 else 0.0)
        for whole, left_over in _whole(studio, wires, left, far)
    )  # fmt: skip


def _grown(points: tuple[Point, ...], grown: float, back: bool) -> tuple[Point, Point]:
    """The part of a wire that is there, from the side on which it begins."""
    start, end = points
    return (mix_point(end, start, grown), end) if back else (start, mix_point(start, end, grown))


@lru_cache(maxsize=8)
def _whole(studio: Studio, wires: Wires, left: Card, far: Card) -> tuple[tuple[Line, float], ...]:
    """Every wire from end to end, and how much of it is left in the end: all of those that are told."""
    values = wires.strengths.value
    most = float(np.abs(values).max()) or 1.0
    right, rival, neuron = wires.cast
    lines = []
    for flat in np.argsort(np.abs(values), axis=None, kind="stable").tolist():
        digit, source = divmod(flat, values.shape[1])
        share = abs(float(values[digit, source])) / most
        ours = source == neuron and digit in (right, rival)
        if not share or (share < DUST and not ours):
            continue
        wide = THINNEST + (THICKEST - THINNEST) * share
        colour, opacity = _colour(studio, float(values[digit, source])), 1.0 if ours else 0.35 + 0.65 * share
        rest = 1.0 if ours else BESIDE if digit in (right, rival) else BEHIND
        lines.append((Line(_ends(left, far, source, digit), colour, wide, opacity=opacity), rest))
    return tuple(sorted(lines, key=lambda one: one[1]))


def _ends(left: Card, far: Card, source: int, digit: int) -> tuple[Point, Point]:
    """From the right edge of a neuron's cell to the left edge of a digit's, their names left free."""
    start, end = centre(left, source), centre(far, digit)
    half, other = left.place.across, far.place.across
    return (
        (start[0] + half[0] / 2 + _room_beside(left), start[1] + half[1] / 2),
        (end[0] - other[0] / 2 - _room_beside(far), end[1] - other[1] / 2),
    )


def _room_beside(card: Card) -> float:
    """Between a column and its wires: as much as the names of its rows need, where there are any."""
    high = card.place.down[1] / card.cells.values.shape[1]
    return LABELS if card.labels[1] is not None and high >= SMALLEST_LABEL else BARE


def _colour(studio: Studio, value: float) -> Colour:
    """The colour of a clear yes or a clear no."""
    return tuple(colour_table(studio.theme.coloured(SIGNED).table)[230 if value > 0 else 40].tolist())


def _way(back: bool) -> Inspector:
    """What the wires are, while all of them come."""
    thick = f"as thick as weight × {'error' if back else 'neuron'}"
    return Inspector(
        "A wire for every weight", (line(thick, mono=False), line("red: above zero; blue: below", mono=False))
    )


def _words(wires: Wires, back: bool, total: Value | None) -> Inspector:
    """What goes between the neuron and the two digits, and what all wires together bring there."""
    right, rival, neuron = wires.cast
    columns = wires.strengths.value.shape[1]

    def row(digit: int, tone_last: bool) -> Sentence:
        place = digit * columns + neuron
        name = Number(digit, Quantity("row", (Cell(wires.strengths.id, place),)), "index")
        value = Number(float(wires.strengths.value.ravel()[place]), Cell(wires.strengths.id, place))
        return line(
            "from the " if back else "to the ", name, "  ", value, tone="result" if tone_last else "working"
        )

    where = Number(neuron, Quantity("column", (Cell(wires.strengths.id, right * columns + neuron),)), "index")
    lines = [line("hidden neuron ", where, mono=False), row(rival, False), row(right, total is None)]
    if total is not None:
        lines += _together(wires, back, total)
    return Inspector("What it sends back" if back else "What it says", tuple(lines))


def _together(wires: Wires, back: bool, total: Value) -> list[Sentence]:
    """The sums that the wires are the terms of: of the two digits, or on the way back of the neuron."""
    right, rival, neuron = wires.cast
    if back:
        return [line("all digits together  ", cell_number(total, neuron), tone="result")]
    head = line("all neurons together, without the bias", mono=False)
    rows = [
        line("to the ", Number(digit, Quantity("row", (Cell(total.id, digit),)), "index"), "  ",
             cell_number(total, digit), tone="result")
        for digit in dict.fromkeys((rival, right))
    ]  # fmt: skip
    return [head, *rows]
