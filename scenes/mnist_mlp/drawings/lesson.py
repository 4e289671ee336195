"""Before and after: the same numbers again side by side, and the same step taken many times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import Line, Panel, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.drawings.headings import heading
from mnistviz.picture.drawings.props import cell_number, filled_up_to
from mnistviz.picture.easing import eased, ramp
from mnistviz.picture.hashing import changed
from mnistviz.picture.numbers import signed
from mnistviz.picture.stage.arrange import BOTTOM, Term, equation, signs
from mnistviz.picture.stage.ground import by_cards
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Counter, Inspector, Tableau
from mnistviz.picture.wording import text_of, told_of
from mnistviz.story.sentence import Cell, Number, Quantity, Rank, Sentence, Verdict, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

from ..telling import RIGHT
from .beside import picture_beside

CHART = (470.0, 150.0, 1210.0, 770.0)  # left, top, right, bottom in the drawings' own coordinates
LOSS_AT, LOSS_ROOM = 812.0, 60.0  # below what is compared, where there is a loss
HEADING = 20.0  # left end of what is said above it


@draws("compare", in_two_themes=True)
def draw_comparison(studio: Studio, shot: Shot, p: float) -> Tableau:
    """Before, and what changes it, and after: both ends stand, and between them the change is found cell by cell.

    `extra` holds (before, after, after - before), columns of one shape; perhaps (loss before, loss after).
    """
    if len(shot.extra) not in (3, 4):
        return draw_any(studio, shot, p)
    before, after, change = shot.extra[:3]
    terms = [Term(before), Term(change, "+"), Term(after, "=")]
    losses, cards = _above_loss(studio, tuple(terms), shot.extra[3:])
    widest = max((card.colours for card in cards[::2]), key=lambda scale: scale.high)
    cards[::2] = [changed(card, colours=widest) for card in cards[::2]]
    rows = before.value.size
    cards[1] = filled_up_to(cards[1], round(ramp(p, 0.3, 0.9) * rows))
    flat = change.value.ravel()
    place = int(np.abs(flat).argmax())
    if p >= 0.95:
        cards = [changed(card, lit=((0, place, 0),)) for card in cards]
    lit = studio.operations(shot)
    fallen = [_fallen(one) for one in losses if p >= 0.95]
    at, colour = studio.at(0, LOSS_AT), by_cards(studio.theme.phase("error"), studio.theme)
    below = [
        Text(text_of(one), at, studio.letters(34, least=22), colour, "sans-bold", "ls", told=told_of(one))
        for one in fallen
    ]
    return Tableau(
        tuple(cards),
        (*signs(studio, cards, terms), *below),
        said=tuple(fallen),
        inspector=_compared(studio, shot, place, p),
        lit=lit[-1].source.expression if lit else None,
    )


def _above_loss(
    studio: Studio, terms: tuple[Term, ...], losses: tuple[Value, ...]
) -> tuple[tuple[Value, ...], list[Card]]:
    """The columns with room for the loss below them; without it where their numbers would not fit into them any more."""
    cards, form = equation(studio, terms), studio.form(terms[0].value.shape)
    above = equation(studio, terms, bottom=BOTTOM - LOSS_ROOM) if losses else cards
    fitting = [studio.holds_numbers(form, shown[0].place) for shown in (cards, above)]
    return (losses, list(above)) if fitting[0] == fitting[1] else ((), list(cards))


def _fallen(loss: Value) -> Sentence:
    """What has become of the loss, as large as what was found in chapter 7."""
    before, after = (Number(float(loss.value[place]), Cell(loss.id, place), "share") for place in (0, 1))
    return line("the loss: ", before, " → ", after, mono=False)


def _compared(studio: Studio, shot: Shot, place: int, p: float) -> Inspector:
    """The cell that has changed most, once all changes are there; and the loss before and after."""
    change, *losses = shot.extra[2:]
    lines: list[Sentence] = []
    if p >= 0.95:
        name = heading(studio, shot, change, place).parts
        most = Rank("", "largest by size", Cell(change.id, place))
        moved = line(*name, " changed most: ", most, cell_number(change, place), tone="formula")
        lines.append(moved if change.value.any() else line("nothing has changed", tone="formula"))
    for loss in losses:
        lines.append(line("the loss, all ten outputs together", mono=False))
        lines.append(line("before ", cell_number(loss, 0, "share"), tone="working"))
        lines += [line("after ", cell_number(loss, 1, "share"), tone="result")] if p >= 0.95 else []
    return Inspector("How much less wrong?" if losses else "What has changed inside?", tuple(lines))


@draws("repeat", in_two_themes=True)
def draw_repetition(studio: Studio, shot: Shot, p: float) -> Tableau:
    """`extra` holds (outputs after 0, 1, 2 ... steps, (steps + 1, rows); the expected row as one number)."""
    if len(shot.extra) != 2:
        return draw_any(studio, shot, p)
    outputs, hot = shot.extra[0].value, int(shot.extra[1].value)
    last = len(outputs) - 1
    step = last if p >= 1 else round(eased(p, 0.04, 0.97) * last)
    now = outputs[step]
    leader = int(now.argmax())
    marks = [*_axes(studio, outputs.shape[1]), *_bars(studio, now, hot, leader)]
    good = studio.theme.phase("forward" if leader == hot else "error")
    x, y = studio.at(HEADING, CHART[1] - 60)
    size = studio.letters(34, least=22)
    steps = Number(step, Quantity("row", (Cell(shot.extra[0].id, step * len(now)),)), "count")
    said = (
        line(steps, f" {'step' if step == 1 else 'steps'} on this one picture", mono=False),
        _reading(shot, step, leader),
    )
    marks.append(Text(text_of(said[0]), (x, y), size, studio.theme.ink, "sans-bold", "ls"))
    marks.append(Text(text_of(said[1]), (studio.at(CHART[2], 0)[0], y), size, good, "sans-bold", "rs"))
    words = Inspector("The same step, again and again", _contest(shot, step), counter=Counter("steps", steps))
    lit = studio.operations(shot)
    return Tableau(
        picture_beside(studio),
        tuple(marks),
        inspector=words,
        lit=lit[-1].source.statement if lit else None,
        said=said,
    )


def _reading(shot: Shot, step: int, leader: int) -> Sentence:
    """`it reads 9, not 7`, `it reads 7, right`; `it reads 7, as it said` where nobody knows what is right."""
    outputs, label = shot.extra
    hot, start = int(label.value), step * outputs.shape[1]
    chosen = Cell(outputs.id, start + leader)
    claim = Rank("it reads ", "largest", chosen, among=(start, start + outputs.shape[1]))
    verdict = Verdict(
        leader == hot,
        leader,
        hot,
        (chosen, Cell(label.id)),
        (", right" if label.name == RIGHT else ", as it said", ", not "),
    )
    wish = () if leader == hot else (Number(hot, Cell(label.id), "index"),)
    return line(claim, Number(leader, Quantity("column", (chosen,)), "index"), verdict, *wish, mono=False)


def _contest(shot: Shot, step: int) -> tuple[Sentence, ...]:
    """The output that should win, and the largest of the others."""
    outputs, label = shot.extra
    now, hot, start = outputs.value[step], int(label.value), step * outputs.shape[1]
    rival = int(np.where(np.arange(len(now)) == hot, -np.inf, now).argmax())
    right = Number(hot, Cell(label.id), "index")
    second = Rank(
        "largest other  ", "largest", Cell(outputs.id, start + rival), 1 + int(now[hot] >= now[rival]),
        (start, start + len(now)),
    )  # fmt: skip
    return (
        line(
            f"{label.name} [", right, "]  ", cell_number(shot.extra[0], start + hot, "share"), tone="result"
        ),
        line(second, cell_number(shot.extra[0], start + rival, "share"), tone="working"),
    )


def _axes(studio: Studio, rows: int) -> list[Primitive]:
    theme = studio.theme
    left, top, right, bottom = CHART
    marks: list[Primitive] = []
    for level in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = left + 60 + (right - left - 170) * level
        marks.append(Line((studio.at(x, top), studio.at(x, bottom)), theme.panel_edge, 1.5))
        marks.append(Text(f"{level:g}", studio.at(x, bottom + 34), 20, theme.soft, "mono", "ms"))
    return marks


def _bars(studio: Studio, now: NDArray[np.float64], hot: int, leader: int) -> list[Primitive]:
    theme = studio.theme
    left, top, right, bottom = CHART
    high = (bottom - top) / len(now)
    marks: list[Primitive] = []
    for row, value in enumerate(now):
        y = top + high * row
        x0 = left + 60
        x1 = x0 + max((right - left - 170) * float(value), 2.0)
        colour = (
            theme.phase("forward") if row == hot else theme.phase("error") if row == leader else theme.faint
        )
        a, b = studio.at(x0, y + high * 0.18), studio.at(x1, y + high * 0.82)
        marks.append(Panel((*a, *b), colour, 5.0, name="bars"))
        middle = studio.at(x0 - 18, y + high / 2)
        marks.append(
            Text(str(row), middle, 26, theme.ink if row in (hot, leader) else theme.soft, "mono-bold", "rm")
        )
        end = (b[0] + 12, middle[1])
        marks.append(Text(signed(value), end, 20, theme.ink, "mono", "lm", counted=repr(float(value))))
    return marks
