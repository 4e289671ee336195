"""Chapter 1: the question of the film, and the picture that the network is given."""

from __future__ import annotations

import numpy as np

from mnistviz.story.sentence import Cell, Number, Said, say
from mnistviz.story.statements import Statements
from mnistviz.story.storyboard import Chapter, Shot

from . import overview, quotes
from .inputs import Inputs
from .reading import is_plain, is_unreadable
from .telling import Also, Lasts, chapter, fixed, shot


def picture(statements: Statements, inputs: Inputs) -> Chapter:
    """From a picture to a column of numbers."""
    made = statements.making("image_784x1")
    division = statements.trace.operations[made[0]]  # pixels / 256
    pixels, column = division.inputs[0], statements.output("image_784x1")
    divisor = Number(float(division.inputs[1].value), Cell(division.inputs[1].id), "short")
    found = _photo(statements, inputs)
    return chapter(
        1, "A picture in numbers", "forward", "The 28 rows of the picture, laid end to end: 784 numbers",
        shot("Title", "title", made[-1:], Lasts(3.0, 2.0),
             (0.0, "Every number here is real."),
             also=Also(completes=())),
        overview.question(statements, inputs),
        *found,
        shot("The picture", "appear", made[:1], Lasts(5.5, 3.5 if inputs.orientation == "clockwise" else 2.0),
             (0.0, _named(statements, inputs)),
             (0.5, say("Each is a number from {} to {}.", *quotes.bounds(pixels))),
             (1.0, _inked(inputs)),
             also=Also(unit="pixel")),
        shot("Unrolled", "unroll", made[1:], Lasts(7.5, 2.5, 2.1),
             (0.0, say("Each pixel is divided by {}.", divisor)),
             (0.28, "Row after row is laid end to end."),
             (1.0, say("One column of {} numbers.", quotes.cells(column))),
             also=Also(unit="pixel")),
        shot("Folded again", "fold", made[1:], Lasts(4.5, 2.0, 2.4),
             (0.0, "The network only ever sees this column."),
             (0.54, "Folded, it is the picture again." if is_unreadable(inputs) else "Folded, we can read it."),
             also=Also(completes=(), unit="pixel")),
        main=3 + len(found),
    )  # fmt: skip


def _photo(statements: Statements, inputs: Inputs) -> tuple[Shot, ...]:
    """How a user's own photograph became the picture."""
    if inputs.photo is None:
        return ()
    found = inputs.photo.found
    picture = fixed(quotes.FOUND, "picture", inputs.photo.picture)
    extra = (
        fixed(quotes.PHOTO, "photo", found.grey),
        fixed(quotes.BOX, "box", np.array(found.box)),
        fixed(quotes.INK, "ink", found.ink.astype(np.float64)),
        picture,
    )
    return (
        shot("From photo to digit", "photo", statements.making("image_784x1")[:1], Lasts(13.0, 2.5),
             (0.0, "This part of the photo is looked at." if inputs.boxed else "This is the photo, as it was taken."),
             (0.22, "Find the largest thing that is written."),
             (0.45, "Take its ink out of the paper."),
             (0.68, "Shrink it, with its weight in the middle."),
             (1.0, say("{} × {} pixels are left.", quotes.length(picture, 0), quotes.length(picture, 1))),
             also=Also(completes=(), unit="pixel", extra=extra)),
    )  # fmt: skip


def _named(statements: Statements, inputs: Inputs) -> Said:
    """What it is, where somebody said so."""
    pixels = statements.trace.operations[statements.making("image_784x1")[0]].inputs[0]
    size = (quotes.length(pixels, 0), quotes.length(pixels, 1))
    plain, digit = is_unreadable(inputs), quotes.one_hot(statements.trace)[0]
    if not inputs.label_known:
        return say(f"A {'picture' if plain else 'handwritten digit'}: {{}} × {{}} pixels.", *size)
    called = "Called an" if plain and digit.value == 8 else "Called a" if plain else "A handwritten"
    return say(f"{called} {{}}: {{}} × {{}} pixels.", digit, *size)


def _inked(inputs: Inputs) -> str:
    """What is to be known of the picture, as it lies there."""
    if not inputs.picture.any():
        return "There is no ink: all zeros."
    if is_plain(inputs):
        return "Every pixel is the same."
    if inputs.orientation == "clockwise":
        return "It lies on its side, as these weights learned it."
    return "Large numbers are ink."
