"""The picture, what came out, what was expected: the one-hot column is made, the largest cell is crowned, and judged."""

from __future__ import annotations

import numpy as np

from mnistviz.picture.display import Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.props import cell_number, centre, chip, filled_up_to, loose
from mnistviz.picture.drawings.search import crown, last_of, pointer, ranking, row_labels, sought, with_leader
from mnistviz.picture.easing import eased, mix_point, ramp
from mnistviz.picture.hashing import changed
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.picture.wording import text_of, told_of
from mnistviz.story.sentence import Cell, Code, Number, Quantity, Sentence, Verdict, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Operation, Value

from .beside import picture_beside

OUTPUT_BOX, EXPECTED_BOX = (
    (520.0, 100.0, 240.0, 664.0),
    (962.0, 100.0, 240.0, 664.0),
)  # the picture left of them
LARGEST_CELL = 58.0
JUDGED_AT = (520.0, 812.0)
RIGHT, WRONG = "✓", "✗"
SEARCHED, CROWNED = (
    (0.04, 0.64),
    (0.64, 0.7),
)  # shares of the action: the search for the largest, then the crown
LANDED = 0.9  # share of the action from which the 1 is in its row


@draws("verdict", in_two_themes=True)
def draw_verdict(studio: Studio, shot: Shot, p: float) -> Tableau:
    """A one-hot column where the shot makes one, and the place of the largest cell beside it, which is judged."""
    return _draw(studio, shot, p, judged=True)


@draws("verdict-unknown", in_two_themes=True)
def draw_unjudged(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The same where nobody said what is right: then there is nothing to judge."""
    return _draw(studio, shot, p, judged=False)


def _draw(studio: Studio, shot: Shot, p: float, judged: bool) -> Tableau:
    operations = studio.operations(shot)
    best, made = sought(operations), last_of(operations, "setitem")
    if best is None:
        return draw_any(studio, shot, p) if made is None else _draw_expected(studio, shot, made, p)
    scores = best.inputs[0]
    if made is not None and made.output.shape != scores.shape:
        made = None
    output = _column(studio, scores, OUTPUT_BOX)
    shown: list[Card] = [*picture_beside(studio), output]
    marks: list[Primitive] = [*row_labels(studio, output, scores)]
    if made is not None:
        expected, _ = _expected(studio, made, 1.0)
        shown.append(expected)
        marks += row_labels(studio, expected, scores)
    q = ramp(p, *SEARCHED)
    if p > 0:
        shown[-1 if made is None else -2] = with_leader(output, best, q)
        marks += [*pointer(studio, output, best, q), *crown(studio, output, best, ramp(p, *CROWNED))]
    said: tuple[Sentence, ...] = ()
    if judged and made is not None and p >= 0.94:
        said = (_judgement(best, made),)
        marks.append(_judged(studio, said[0], int(best.output.value.ravel()[0]) == _hot(made)))
    return Tableau(
        tuple(shown), tuple(marks), inspector=ranking(best, q), lit=best.source.expression, said=said
    )


def _draw_expected(studio: Studio, shot: Shot, made: Operation, p: float) -> Tableau:
    """The one-hot column is made of zeros, then its 1 comes; beside it what the shot has besides, a column."""
    card, flight = _expected(studio, made, p)
    beside = (*picture_beside(studio), *(_column(studio, value, OUTPUT_BOX) for value in shot.extra))
    marks = [*row_labels(studio, card, made.output), *flight]
    hot = _hot(made)
    row = Number(hot, Quantity("place of the largest", (made.output.id,)), "index")
    one = cell_number(made.output, hot, "short")
    others = Number(0, Quantity("all but the largest", (made.output.id,)), "count")
    lines = (
        line(Code(" ".join(made.expression.split())), tone="formula"),
        line(f"{_row_noun(studio, made)} ", row, " = ", one, ", all others ", others, tone="result"),
    )
    words = Inspector("Expected", lines if p >= LANDED else lines[:1])
    return Tableau((*beside, card), tuple(marks), inspector=words, lit=made.source.expression)


def _column(studio: Studio, value: Value, box: tuple[float, float, float, float]) -> Card:
    return studio.card(value, studio.place(studio.form(value.shape), *box, largest_cell=LARGEST_CELL))


def _row_noun(studio: Studio, made: Operation) -> str:
    """What a row of the column is: a digit, where the storyboard says so."""
    labels = studio.board.labels_of(made.output.value.size)
    return labels.noun if labels is not None and labels.noun else "row"


def _hot(made: Operation) -> int:
    return int(np.argmax(made.output.value))


def _expected(studio: Studio, made: Operation, p: float) -> tuple[Card, list[Primitive]]:
    """All zeros first, then the 1 comes down into its row."""
    card = _column(studio, made.output, EXPECTED_BOX)
    zeros = studio.card(made.output, card.place, before=True)
    if p < 0.4:
        return filled_up_to(zeros, round(ramp(p, 0.05, 0.35) * made.output.value.size)), []
    if p >= LANDED:
        return changed(card, glow=0.4 if p < 1 else 0.0), []
    end = centre(card, _hot(made))
    at = mix_point((end[0] - 190 * studio.scale, end[1] - 60 * studio.scale), end, eased(p, 0.45, 0.88))
    return zeros, [chip(studio, loose(studio, card, _hot(made)), at, 40)]


def _judgement(best: Operation, made: Operation) -> Sentence:
    """`✓ 7 is right`, `✗ 9 is wrong, 7 was expected`."""
    chosen, hot = int(best.output.value.ravel()[0]), _hot(made)
    verdict = Verdict(
        chosen == hot, chosen, hot, (Cell(best.output.id), made.output.id), (" is right", " is wrong, ")
    )
    wish = Number(hot, Quantity("place of the largest", (made.output.id,)), "index")
    return line(
        changed(verdict, texts=(f"{RIGHT} ", f"{WRONG} ")),
        Number(chosen, Cell(best.output.id), "index"),
        verdict,
        *(() if verdict.right else (wish, " was expected")),
        mono=False,
    )


def _judged(studio: Studio, judgement: Sentence, right: bool) -> Text:
    """The judgement, below the columns."""
    colour = studio.theme.phase("forward" if right else "error")
    told = told_of(judgement)
    return Text(text_of(judgement), studio.at(*JUDGED_AT), 30, colour, "sans-bold", "ls", told=told)
