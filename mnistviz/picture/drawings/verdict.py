"""What was expected beside what came out: the one-hot column is made, the largest cell is crowned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mnistviz.picture.display import Line, Polygon, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.props import centre, chip, filled
from mnistviz.picture.easing import eased, mix_point, ramp
from mnistviz.picture.numbers import signed
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Sentence, Tableau
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation, Value

OUTPUT_BOX = (190.0, 150.0, 60.0, 600.0)
EXPECTED_BOX = (760.0, 150.0, 60.0, 600.0)
RIGHT, WRONG = "✓", "✗"


def _operation(operations: tuple[Operation, ...], *names: str) -> Operation | None:
    return next((operation for operation in reversed(operations) if operation.operation in names), None)


@draws("argmax", "argmin", "verdict")
def draw_verdict(here: Studio, shot: Shot, p: float) -> Tableau:
    """A one-hot column where the shot makes one, and the place of the largest cell."""
    operations = here.operations(shot)
    best = _operation(operations, "argmax", "argmin")
    made = _operation(operations, "setitem")
    if best is None:
        return draw_any(here, shot, p) if made is None else _draw_expected(here, made, p)
    scores = best.inputs[0]
    if best.output.value.size != 1 or max(scores.shape, default=0) != scores.value.size:
        return draw_any(here, shot, p)
    if made is not None and made.output.shape != scores.shape:
        made = None
    output = here.card(scores, here.place(here.form(scores.shape), *OUTPUT_BOX, largest_cell=52.0))
    shown: list[Card] = [output]
    marks: list[Primitive] = list(_labels(here, output, scores))
    if made is not None:
        expected, _ = _expected(here, made, 1.0)
        shown.append(expected)
        marks += _labels(here, expected, scores)
    chosen = int(best.output.value)
    marks += _search(here, output, scores, best, ramp(p, 0.04, 0.9)) if p > 0 else []
    if made is not None and p >= 0.94:
        marks += _judgement(here, chosen, made)
    words = _ranking(scores, best, chosen) if p > 0 else Inspector()
    return Tableau(tuple(shown), tuple(marks), inspector=words, lit=best.source.expression)


def _draw_expected(here: Studio, made: Operation, p: float) -> Tableau:
    """Only the one-hot column: it is made of zeros, then its 1 comes."""
    card, flight = _expected(here, made, p)
    marks = [*_labels(here, card, made.output), *flight]
    lines = (
        Sentence(" ".join(made.expression.split()), "formula"),
        Sentence(f"row {_hot(made)} = 1, all others 0", "result"),
    )
    words = Inspector("Expected", lines) if p > 0 else Inspector()
    return Tableau((card,), tuple(marks), inspector=words, lit=made.source.expression)


def _labels(here: Studio, card: Card, scores: Value) -> list[Text]:
    """The number of each row, left of its cell."""
    texts = []
    for row in range(min(scores.value.size, 24)):
        x, y = centre(card, row)
        at = (x - card.place.across[0] / 2 - 14 * here.scale, y + 4)
        texts.append(Text(str(row), at, 22, here.theme.soft, "mono-bold", "rm"))
    return texts


def _hot(made: Operation) -> int:
    return int(np.argmax(made.output.value))


def _expected(here: Studio, made: Operation, p: float) -> tuple[Card, list[Primitive]]:
    """All zeros first, then the 1 comes down into its row."""
    card = here.card(made.output, here.place(here.form(made.output.shape), *EXPECTED_BOX, largest_cell=52.0))
    zeros = replace(card, cells=here.laid_out(np.zeros(made.output.shape)), numbers=("0",) * made.output.value.size,
                    exact=(0.0,) * made.output.value.size, value_id=-1)  # fmt: skip
    if p < 0.4:
        return filled(zeros, round(ramp(p, 0.05, 0.35) * made.output.value.size)), []
    if p >= 0.9:
        return replace(card, glow=0.4 if p < 1 else 0.0), []
    end = centre(card, _hot(made))
    at = mix_point((end[0] + 190 * here.scale, end[1] - 60 * here.scale), end, eased(p, 0.45, 0.88))
    return zeros, [chip(here, 1.0, card.colours, at, here.accent(card.key), 40)]


def _search(here: Studio, card: Card, scores: Value, best: Operation, q: float) -> list[Primitive]:
    """A pointer runs down the column; the best so far keeps the crown."""
    flat = np.nan_to_num(scores.value.ravel())
    sign = -1.0 if best.operation == "argmin" else 1.0
    rows = len(flat)
    seen = rows if q >= 1 else min(int(q * rows) + 1, rows)
    leader = int((sign * flat[:seen]).argmax())
    marks: list[Primitive] = []
    if q < 1:
        x, y = centre(card, seen - 1)
        x += card.place.across[0] / 2 + 104 * here.scale
        marks.append(Line(((x + 52, y), (x + 8, y)), here.theme.ink, 4.0, head=16))
    marks += _crown(here, card, leader)
    return marks


def _crown(here: Studio, card: Card, row: int) -> list[Primitive]:
    """A small crown to the left of the row's number."""
    x, y = centre(card, row)
    x -= card.place.across[0] / 2 + 78 * here.scale
    gold = here.theme.accents[5]
    points = ((-20, 13), (-24, -12), (-10, 0), (0, -18), (10, 0), (24, -12), (20, 13))
    return [Polygon(tuple((x + dx, y + dy) for dx, dy in points), gold, gold, 1.5, glow=0.6)]


def _judgement(here: Studio, chosen: int, made: Operation) -> list[Primitive]:
    hot = _hot(made)
    good = chosen == hot
    colour = here.theme.phase("forward" if good else "error")
    words = f"{RIGHT} {chosen} is right" if good else f"{WRONG} {chosen} is wrong, {hot} was expected"
    return [Text(words, here.at(40, 812), 30, colour, "sans-bold", "ls")]


def _ranking(scores: Value, best: Operation, chosen: int) -> Inspector:
    flat = scores.value.ravel()
    ranking = np.argsort(-np.nan_to_num(flat), kind="stable")[:3]
    lines = [Sentence(" ".join(best.expression.split()), "formula")]
    lines += [Sentence(f"[{int(row)}]  {signed(flat[row])}", "working") for row in ranking]
    lines.append(Sentence(f"= {chosen}", "result"))
    return Inspector("The largest output" if best.operation == "argmax" else "The smallest", tuple(lines))
