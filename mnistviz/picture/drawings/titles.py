"""Cards with words: the film's title, its end, and the step on which a recorded function failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from mnistviz.picture import fonts as lettering
from mnistviz.picture.display import Face, Line, Primitive, Text
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.props import first_cells, multiplications
from mnistviz.picture.easing import eased, smooth
from mnistviz.picture.stage.arrange import centred
from mnistviz.picture.stage.studio import STAGE, Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Tableau
from mnistviz.picture.wording import text_of
from mnistviz.story.sentence import Number, Part, Quantity, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Trace, Value

HERO_GAP = 40.0  # between the large card and the words, or the frame's edge
# On a film that is taller than wide: the card's lower end and the middle of the words, in shares of its height.
HERO_END, WORDS_BELOW = 0.54, 0.74


def _column_of_words(
    studio: Studio,
    lines: Sequence[tuple[str, float, str]],
    q: float,
    box: tuple[float, float, float],
    rule: bool = False,
) -> list[Primitive]:
    """Lines of words one below the other, wrapped to what is left of the frame; a rule above them.

    `box`: their left end; the share of the frame's width that is kept free on the right; the share of its height
    at which their middle is.
    """
    theme = studio.theme
    width, height = studio.look.regions.size
    left, spare, middle = box
    room = width * (1 - spare) - left - 80
    rows: list[tuple[str, float, str]] = []
    for text, size, tone in lines:
        rows += [(words, size, tone) for words in lettering.wrap(text, size, room, _face(tone))]
    leads = [_lead(rows, place) for place in range(len(rows))]
    y = height * middle - sum(leads) / 2
    marks: list[Primitive] = []
    if rule:
        end = (left + 1 + 220 * eased(q, 0.0, 0.5), y)
        marks.append(Line(((left, y), end), theme.lit_edge, 4.0))
    for place, (text, size, tone) in enumerate(rows):
        y += leads[place]
        colour = {"title": theme.ink, "soft": theme.soft}.get(tone, theme.accents[0])
        shown = eased(q, 0.06 * place, 0.06 * place + 0.35)
        marks.append(Text(text, (left, y), size, colour, _face(tone), "ls", opacity=shown))
    return marks


def _face(tone: str) -> Face:
    return "sans-bold" if tone == "title" else "sans"


def _lead(rows: list[tuple[str, float, str]], place: int) -> float:
    """Distance of a line from the one above it: more where another kind of words begins."""
    _, size, tone = rows[place]
    return size * (1.3 if place and rows[place - 1][2:] == (tone,) and rows[place - 1][1] == size else 2.0)


@draws("title")
def draw_title(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The picture as a large card, the film's title beside it."""
    board = studio.board
    width, height = studio.look.regions.size
    wide, hero = width >= height, bool(_folded(studio))
    left = 80.0 if not wide else width * 0.47 if hero else 140.0
    operations, products = _counts(board.trace)
    learned = ", one step of learning" if any(chapter.phase for chapter in board.chapters) else ""
    summary = line(operations, " numpy operations, ", products, f" multiplications{learned}")
    lines = [
        (board.title, 62.0, "title"),
        (text_of(board.subtitle), 30.0, "soft"),
        (text_of(shot.caption), 30.0, "soft"),
        (text_of(summary), 26.0, "accent"),
    ]
    middle = 0.5 if wide or not hero else WORDS_BELOW
    marks = _column_of_words(studio, [row for row in lines if row[0]], p, (left, 0.0, middle))
    shown = _hero(studio, p, studio.at(150, 0)[0], left - HERO_GAP) if wide else _hero_above(studio, p)
    return Tableau(shown, tuple(marks), whole=True, said=(summary,))


def _hero_above(studio: Studio, p: float) -> tuple[Card, ...]:
    """The same in the middle of a tall frame, above the words."""
    width, height = studio.look.regions.size
    return tuple(
        replace(
            card,
            place=replace(
                card.place, at=((width - card.place.across[0]) / 2, height * HERO_END - card.place.down[1])
            ),
        )
        for card in _hero(studio, p, 0.0, width)
    )


def _hero(studio: Studio, p: float, left: float, end: float) -> tuple[Card, ...]:
    """The first folded column of the film as a large card, at `left` on the canvas and before `end`."""
    folded = _folded(studio)
    if not folded:
        return ()
    value = folded[0]
    form = studio.form(value.shape)
    place = centred(studio, form, (0, 90, 560, 740), 60.0)
    card = studio.card(value, replace(place, at=(min(left, end - place.across[0]), place.at[1])))
    total = form.rows * form.columns
    done = round(smooth(p / 0.8) * total)
    mask = None if done >= total else first_cells(card.cells.values.shape, done)
    return (replace(card, mask=mask, label="none", glow=0.35, index_mark=False),)


@lru_cache(maxsize=8)
def _folded(studio: Studio) -> tuple[Value, ...]:
    """The columns of the film that are shown as a picture, in order."""
    trace = studio.board.trace
    values = [*trace.inputs, *(v for o in trace for v in (*o.inputs, o.output))]
    forms = [(value, studio.form(value.shape)) for value in values]
    return tuple(value for value, form in forms if form.folded and form.layers == 1)


@draws("ending")
def draw_ending(studio: Studio, shot: Shot, p: float) -> Tableau:
    """What was shown, in a few lines, and where it came from."""
    trace = studio.board.trace
    operations, products = _counts(trace)
    names = ", ".join(source.name for source in trace.sources)
    summary = line(
        operations, " operations and ", products, f" multiplications, recorded from {names} while it ran"
    )
    lines = [
        (text_of(shot.caption), 44.0, "title"),
        (text_of(shot.note), 28.0, "soft"),
        (text_of(summary), 26.0, "accent"),
    ]
    width, height = studio.look.regions.size
    wide = width >= height
    left = 140.0 if wide else 80.0
    hero = (
        _hero(studio, 1.0, studio.at(STAGE[0], 0)[0], width - HERO_GAP) if wide else _hero_above(studio, 1.0)
    )
    middle = 0.5 if wide or not hero else WORDS_BELOW
    box = (left, 0.4 if wide else 0.0, middle)
    marks = _column_of_words(studio, [row for row in lines if row[0]], p, box, rule=True)
    return Tableau(
        hero,
        tuple(marks),
        whole=True,
        said=(summary,),
    )


@lru_cache(maxsize=8)
def _counts(trace: Trace) -> tuple[Number, Number]:
    """How many operations were recorded, and how many multiplications these are."""
    count = sum(multiplications(operation) for operation in trace.operations)
    return (
        Number(len(trace), Quantity("operations"), "count"),
        Number(count, Quantity("multiplications"), "count"),
    )


@draws("failure")
def draw_failure(studio: Studio, shot: Shot, p: float) -> Tableau:
    """The operands that did not fit, side by side, and what numpy said."""
    failure = studio.board.trace.failure
    if failure is None:
        return Tableau(())
    values = [value for value in failure.inputs if value.value.dtype.kind in "biufc"][:3]
    room = 1100.0 / max(len(values), 1)
    shown = []
    for place, value in enumerate(values):
        card = studio.card(
            value, centred(studio, studio.form(value.shape), (20 + place * room, 110, room * 0.7, 560))
        )
        shown.append(replace(card, opacity=eased(p, 0.1 * place, 0.4 + 0.1 * place)))
    message = lettering.wrap(failure.message, 26, 1080 * studio.scale)[:3]
    red = studio.theme.phase("error")
    marks = [
        Text(words, studio.at(30, 760 + 36 * place), 26, red, "sans-bold", "ls", opacity=eased(p, 0.4, 0.8))
        for place, words in enumerate(message)
    ]
    shapes = tuple(line(f"{value.name or 'value'}: ", *_shape(value), tone="working") for value in values)
    words = Inspector("It stopped here", (line(failure.operation or "error", tone="formula"), *shapes))
    lit = failure.source.expression if failure.source is not None else None
    return Tableau(tuple(shown), tuple(marks), inspector=words, lit=lit)


def _shape(value: Value) -> tuple[Part | str, ...]:
    """`3×4`, or that it is one number."""
    said: list[Part | str] = []
    for axis, length in enumerate(value.shape):
        number = Number(length, Quantity("length of axis", (value.id, axis)), "index")
        said += ["×", number] if axis else [number]
    return tuple(said) or ("one number",)
