"""How wrong it was, in one number: each output's share of the loss, one upon the other, and their sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mnistviz.picture.display import Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.headings import announced, heading
from mnistviz.picture.drawings.order import order_of
from mnistviz.picture.drawings.props import (
    arriving,
    cell_at,
    cell_number,
    centre,
    chip,
    filled,
    flying,
    loose,
)
from mnistviz.picture.easing import CellPace, eased, mix_point, ramp
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.arrange import centred
from mnistviz.picture.stage.labels import named_in
from mnistviz.picture.stage.studio import Studio, across
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.picture.wording import text_of
from mnistviz.story.sentence import Cell, Number, Quantity, Sentence, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

OUTPUTS, LOSSES = (60.0, 98.0, 260.0, 710.0), (470.0, 98.0, 260.0, 710.0)  # left, top, width, height
STACK = (905.0, 802.0, 250.0, 460.0)  # left, foot, width, height of all shares together
TOTAL = (1010.0, 168.0)
ROWS_END, ASKED_UNTIL, SUM_START = (
    0.8,
    0.82,
    0.86,
)  # shares of the action: every row has its loss; the sum is said
LETTERS, LABEL_GAP = 28.0, 10.0  # of the digits beside them


@dataclass(frozen=True)
class Loss:
    """What the shot shows, from its `extra`."""

    outputs: Value  # (10, 1)
    expected: Value  # (10, 1), one-hot
    losses: Value  # (10, 1): of each output
    total: Value  # one number


@draws("loss", in_two_themes=True)
def draw_loss(studio: Studio, shot: Shot, p: float) -> Tableau:
    """`extra` holds outputs, what was expected, the loss of each, and their sum."""
    if len(shot.extra) != 4:
        return draw_any(studio, shot, p)
    loss = Loss(*shot.extra)
    outputs, losses = (
        studio.card(value, centred(studio, studio.form(value.shape), box))
        for value, box in ((loss.outputs, OUTPUTS), (loss.losses, LOSSES))
    )
    order = order_of(shot, loss.losses)
    pace = order.pace(ramp(p, 0.04, ROWS_END))
    cell = order.now(pace, ramp(p, 0.0, ROWS_END))
    marks: list[Primitive] = []
    if p > 0:
        outputs, losses = (changed(card, lit=(cell_at(card, cell),)) for card in (outputs, losses))
        marks += _weighed(studio, (outputs, losses), cell, pace) if pace.flies and p < ROWS_END else []
    told = min(pace.landed(), order.count)
    shares = _stacked(studio, losses, [order.cell(place) for place in range(told)])
    losses = filled(losses, order.done(pace.landed()))
    summed, said = _summed(studio, loss, p)
    words = _words(studio, shot, loss, cell)
    lit = studio.operations(shot)
    return Tableau(
        (outputs, losses),
        (*shares, *marks, *summed),
        inspector=words if p > 0 else announced(words),
        lit=lit[-1].source.expression if lit else None,
        said=said,
    )


def _weighed(studio: Studio, shown: tuple[Card, Card], cell: int, pace: CellPace) -> list[Primitive]:
    """An output leaves its column, and comes to the other one as a loss."""
    outputs, losses = shown
    middle = mix_point(centre(outputs, cell), centre(losses, cell), 0.55)
    if pace.q < 0.5:
        return [flying(studio, outputs, cell, middle, ramp(pace.q, 0.05, 0.5))]
    return [arriving(studio, losses, cell, middle, ramp(pace.q, 0.5, 0.95))]


def _stacked(studio: Studio, losses: Card, rows: Sequence[int]) -> Iterator[Primitive]:
    """The shares of these rows one upon the other, each as high as it is large beside all of them."""
    sizes = losses.cells.values.ravel()
    scale, labels = studio.scale * STACK[3] / (float(sizes.sum()) or 1.0), losses.labels[1]
    (left, foot), letters = studio.at(*STACK[:2]), studio.letters(LETTERS)
    for row in rows:
        high = scale * float(sizes[row])
        foot -= high
        if high < 1:
            continue  # too thin to be seen
        share = chip(studio, loose(studio, losses, row), (0.0, 0.0))
        edge = across(STACK[2] * studio.scale * studio.stretch)
        yield changed(share, origins=((left, foot),), across=edge, down=(0.0, high), glow=0.0)
        if labels is not None and high >= letters:
            colour, face = named_in(labels, row, False, studio.theme)
            yield Text(labels.names[row], (left - LABEL_GAP, foot + high / 2), letters, colour, face, "rm")


def _summed(studio: Studio, loss: Loss, p: float) -> tuple[list[Primitive], tuple[Sentence, ...]]:
    """What they are together, a question until all are there."""
    at, there = studio.at(*TOTAL), eased(p, SUM_START, 0.94)
    sum_of = line(Number(float(loss.total.value), Cell(loss.total.id), "share"))
    ink, soft = studio.theme.phase("error"), studio.theme.soft
    high = studio.letters(30.0, least=22.0)
    asked = 1 - ramp(p, ASKED_UNTIL, SUM_START)
    above = (at[0], at[1] - studio.letters(70.0))
    words = Text("the loss", above, high, soft, "sans", "mm", opacity=max(asked, there))
    number = Text(
        text_of(sum_of), at, studio.letters(76.0, least=40.0), ink, "sans-bold", "mm", opacity=there,
    )  # fmt: skip
    if there <= 0:
        question = Text("?", at, number.size, soft, "sans-bold", "mm", opacity=asked)
        return ([words, question] if asked > 0 else []), ()
    return [words, number], (sum_of,)


def _words(studio: Studio, shot: Shot, loss: Loss, cell: int) -> Inspector:
    """What the output gave to what was expected of it, and what that costs."""
    output, expected = float(loss.outputs.value[cell, 0]), float(loss.expected.value[cell, 0])
    given = Number(
        1 - abs(output - expected),
        Quantity("given to the expected", (Cell(loss.outputs.id, cell), Cell(loss.expected.id, cell))),
        "bare",
    )
    costs = (
        line("so much was right   ", given, tone="working"),
        line("its loss: −ln ", given, tone="working"),
    )
    if given.value == 0:  # as far as it can be told from 0: its logarithm is known all the same
        costs = (line("next to nothing was right", tone="working"), line("its loss", tone="working"))
    lines = (
        line("it should be ", cell_number(loss.expected, cell, "short"), ", and is ",
             cell_number(loss.outputs, cell, "bare"), mono=False),
        *costs,
        line("= ", cell_number(loss.losses, cell, "bare"), tone="result"),
    )  # fmt: skip
    return Inspector(heading(studio, shot, loss.losses, cell), lines)
