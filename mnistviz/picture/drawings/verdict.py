"""What was expected beside what came out: the one-hot column is made, the largest cell is crowned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mnistviz.operations import SOUGHT, definition
from mnistviz.picture.display import Line, Polygon, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.props import cell_number, centre, chip, filled
from mnistviz.picture.easing import eased, mix_point, ramp
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.picture.wording import text_of
from mnistviz.story.sentence import Cell, Code, Number, Order, Quantity, Rank, Sentence, Verdict, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation, Value

OUTPUT_BOX = (190.0, 150.0, 60.0, 600.0)
EXPECTED_BOX = (760.0, 150.0, 60.0, 600.0)
RIGHT, WRONG = "✓", "✗"


def _operation(operations: tuple[Operation, ...], *names: str) -> Operation | None:
    return next((operation for operation in reversed(operations) if operation.operation in names), None)


@draws(*SOUGHT, "verdict")
def draw_verdict(studio: Studio, shot: Shot, p: float) -> Tableau:
    """A one-hot column where the shot makes one, and the place of the largest cell."""
    operations = studio.operations(shot)
    best = _operation(operations, *SOUGHT)
    made = _operation(operations, "setitem")
    if best is None:
        return draw_any(studio, shot, p) if made is None else _draw_expected(studio, made, p)
    scores = best.inputs[0]
    if best.output.value.size != 1 or max(scores.shape, default=0) != scores.value.size:
        return draw_any(studio, shot, p)
    if made is not None and made.output.shape != scores.shape:
        made = None
    output = studio.card(scores, studio.place(studio.form(scores.shape), *OUTPUT_BOX, largest_cell=52.0))
    shown: list[Card] = [output]
    marks: list[Primitive] = list(_labels(studio, output, scores))
    if made is not None:
        expected, _ = _expected(studio, made, 1.0)
        shown.append(expected)
        marks += _labels(studio, expected, scores)
    marks += _search(studio, output, scores, best, ramp(p, 0.04, 0.9)) if p > 0 else []
    said: tuple[Sentence, ...] = ()
    if made is not None and p >= 0.94:
        said = (_judgement(best, made),)
        marks.append(_judged(studio, said[0], int(best.output.value.ravel()[0]) == _hot(made)))
    words = _ranking(scores, best) if p > 0 else Inspector()
    return Tableau(tuple(shown), tuple(marks), inspector=words, lit=best.source.expression, said=said)


def _draw_expected(studio: Studio, made: Operation, p: float) -> Tableau:
    """Only the one-hot column: it is made of zeros, then its 1 comes."""
    card, flight = _expected(studio, made, p)
    marks = [*_labels(studio, card, made.output), *flight]
    hot = _hot(made)
    row = Number(hot, Quantity("place of the largest", (made.output.id,)), "index")
    one = cell_number(made.output, hot, "short")
    others = Number(0, Quantity("all but the largest", (made.output.id,)), "count")
    lines = (
        line(Code(" ".join(made.expression.split())), tone="formula"),
        line("row ", row, " = ", one, ", all others ", others, tone="result"),
    )
    words = Inspector("Expected", lines) if p > 0 else Inspector()
    return Tableau((card,), tuple(marks), inspector=words, lit=made.source.expression)


def _labels(studio: Studio, card: Card, scores: Value) -> list[Text]:
    """The number of each row, left of its cell."""
    texts = []
    for row in range(min(scores.value.size, 24)):
        x, y = centre(card, row)
        at = (x - card.place.across[0] / 2 - 14 * studio.scale, y + 4)
        texts.append(Text(str(row), at, 22, studio.theme.soft, "mono-bold", "rm"))
    return texts


def _hot(made: Operation) -> int:
    return int(np.argmax(made.output.value))


def _expected(studio: Studio, made: Operation, p: float) -> tuple[Card, list[Primitive]]:
    """All zeros first, then the 1 comes down into its row."""
    card = studio.card(
        made.output, studio.place(studio.form(made.output.shape), *EXPECTED_BOX, largest_cell=52.0)
    )
    zeros = replace(card, cells=studio.laid_out(np.zeros(made.output.shape)), numbers=("0",) * made.output.value.size,
                    exact=(0.0,) * made.output.value.size, value_id=-1)  # fmt: skip
    if p < 0.4:
        return filled(zeros, round(ramp(p, 0.05, 0.35) * made.output.value.size)), []
    if p >= 0.9:
        return replace(card, glow=0.4 if p < 1 else 0.0), []
    end = centre(card, _hot(made))
    at = mix_point((end[0] + 190 * studio.scale, end[1] - 60 * studio.scale), end, eased(p, 0.45, 0.88))
    return zeros, [chip(studio, 1.0, card.colours, at, studio.accent(card.key), 40)]


def _search(studio: Studio, card: Card, scores: Value, best: Operation, q: float) -> list[Primitive]:
    """A pointer runs down the column; the best so far keeps the crown."""
    lead = _lead(scores, best)
    rows = len(lead)
    seen = rows if q >= 1 else min(int(q * rows) + 1, rows)
    leader = int(lead[:seen].argmax())
    marks: list[Primitive] = []
    if q < 1:
        x, y = centre(card, seen - 1)
        x += card.place.across[0] / 2 + 104 * studio.scale
        marks.append(Line(((x + 52, y), (x + 8, y)), studio.theme.ink, 4.0, head=16))
    marks += _crown(studio, card, leader)
    return marks


def _seeks_largest(best: Operation) -> bool:
    return definition(best.operation).reduces == "place of largest"


def _crown(studio: Studio, card: Card, row: int) -> list[Primitive]:
    """A small crown to the left of the row's number."""
    x, y = centre(card, row)
    x -= card.place.across[0] / 2 + 78 * studio.scale
    gold = studio.theme.accents[5]
    points = ((-20, 13), (-24, -12), (-10, 0), (0, -18), (10, 0), (24, -12), (20, 13))
    return [Polygon(tuple((x + dx, y + dy) for dx, dy in points), gold, gold, 1.5, glow=0.6)]


def _judgement(best: Operation, made: Operation) -> Sentence:
    """`✓ 7 is right`, `✗ 9 is wrong, 7 was expected`."""
    chosen, hot = int(best.output.value.ravel()[0]), _hot(made)
    verdict = Verdict(
        chosen == hot, chosen, hot, (Cell(best.output.id), made.output.id), (" is right", " is wrong, ")
    )
    wish = Number(hot, Quantity("place of the largest", (made.output.id,)), "index")
    return line(
        replace(verdict, texts=(f"{RIGHT} ", f"{WRONG} ")),
        Number(chosen, Cell(best.output.id), "index"),
        verdict,
        *(() if verdict.right else (wish, " was expected")),
        mono=False,
    )


def _judged(studio: Studio, judgement: Sentence, right: bool) -> Text:
    """The judgement, below the columns."""
    colour = studio.theme.phase("forward" if right else "error")
    return Text(text_of(judgement), studio.at(40, 812), 30, colour, "sans-bold", "ls")


def _ranking(scores: Value, best: Operation) -> Inspector:
    """The three cells that lead, and the one that is chosen."""
    heading, order = _superlative(best)
    ranking = np.argsort(-_lead(scores, best), kind="stable")[:3]
    lines = [line(Code(" ".join(best.expression.split())), tone="formula")]
    for rank, place in enumerate(map(int, ranking), start=1):
        claim = Rank("[", order, Cell(scores.id, place), rank)
        row = Number(place, Quantity("place", (Cell(scores.id, place),)), "index")
        lines.append(line(claim, row, "]  ", cell_number(scores, place), tone="working"))
    lines.append(line("= ", cell_number(best.output, 0, "index"), tone="result"))
    return Inspector(heading, tuple(lines))


def _superlative(best: Operation) -> tuple[str, Order]:
    return ("The largest output", "largest") if _seeks_largest(best) else ("The smallest", "smallest")


def _lead(scores: Value, best: Operation) -> NDArray[np.float64]:
    """How far ahead each cell is in numpy's search, in which NaN wins."""
    flat = np.asarray(scores.value, dtype=np.float64).ravel()
    return np.where(np.isnan(flat), np.inf, flat if _seeks_largest(best) else -flat)
