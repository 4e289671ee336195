"""From a photograph to the picture that the network is given: what was found, its ink, and that as 28 x 28 pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnistviz.picture.display import ColourScale, Line, Point, Primitive
from mnistviz.picture.drawings import draws
from mnistviz.picture.drawings.generic import draw_any
from mnistviz.picture.easing import eased, mix_point, ramp
from mnistviz.picture.stage.arrange import centred
from mnistviz.picture.stage.cards import place_between
from mnistviz.picture.stage.studio import Studio
from mnistviz.picture.stage.tableau import Card, Inspector, Place, Tableau
from mnistviz.story.sentence import Cell, Number, Quantity, Sentence, line
from mnistviz.story.storyboard import Shot
from mnistviz.trace.model import Value

PHOTO = (0.0, 110.0, 520.0, 690.0)  # left, top, width, height in the drawings' own coordinates
INK = (565.0, 110.0, 290.0, 690.0)
PICTURE = (905.0, 110.0, 330.0, 690.0)
FINEST = 40.0  # side of a cell, at most
FOUND, TAKEN, SHRUNK = (0.22, 0.38), (0.45, 0.62), (0.68, 0.9)  # shares of the action
INK_SIDE = 20  # pixels; the longer side of the ink in the picture


@dataclass(frozen=True)
class Steps:
    """The photograph and what was made of it, from the shot's `extra`."""

    photo: Value  # (rows, columns), 0..255
    box: Value  # left, top, width, height in pixels of the photo
    ink: Value  # (rows, columns), 0..1
    picture: Value  # (28, 28), 0..255


@draws("photo", in_two_themes=True)
def draw_photo(studio: Studio, shot: Shot, p: float) -> Tableau:
    """`extra` holds the photograph in grey, the box of the digit in it, its ink, and the picture made of that."""
    if len(shot.extra) != 4:
        return draw_any(studio, shot, p)
    steps = Steps(*shot.extra)
    photo, ink, picture = _cards(studio, steps)
    corners = _framed(photo, steps)
    shown, marks = [photo], list(_frame(studio, corners, eased(p, *FOUND)))
    if p > TAKEN[0]:
        shown.append(_leaving(ink, _boxed(corners, ink.place), eased(p, *TAKEN)))
    if p > SHRUNK[0]:
        start = replace(ink.place, steps=((0.0, 0.0),))
        shown.append(_leaving(picture, _filling(start, steps), eased(p, *SHRUNK)))
        marks += _middle(studio, picture, steps, ramp(p, *SHRUNK))
    lit = studio.operations(shot)
    return Tableau(
        tuple(shown), tuple(marks), inspector=Inspector("From photo to digit", _words(steps, p)),
        lit=lit[0].source.statement if lit else None,
    )  # fmt: skip


def _cards(studio: Studio, steps: Steps) -> tuple[Card, Card, Card]:
    """The three of them at their places."""
    boxes = ((steps.photo, PHOTO), (steps.ink, INK), (steps.picture, PICTURE))
    photo, ink, picture = (
        replace(studio.card(value, centred(studio, studio.form(value.shape), box, FINEST)), index_mark=False)
        for value, box in boxes
    )
    return replace(photo, colours=ColourScale("grey", 0.0, 255.0)), ink, picture


def _framed(photo: Card, steps: Steps) -> tuple[Point, Point, Point, Point]:
    """The corners of the box on the photo's card, from the top left one around."""
    left, top, wide, high = (float(one) for one in steps.box.value)
    rows, columns = steps.photo.shape
    (x, y), (ax, ay), (dx, dy) = photo.place.at, photo.place.across, photo.place.down

    def at(column: float, row: float) -> Point:
        u, v = column / columns, row / rows
        return x + ax * u + dx * v, y + ay * u + dy * v

    return at(left, top), at(left + wide, top), at(left + wide, top + high), at(left, top + high)


def _frame(studio: Studio, corners: tuple[Point, ...], q: float) -> tuple[Primitive, ...]:
    """The frame around what was found; it closes in from around the card."""
    if q <= 0:
        return ()
    colour = studio.theme.phase("forward")
    return (Line((*corners, corners[0]), colour, 4.0, opacity=q, glow=0.5 * q),)


def _boxed(corners: tuple[Point, Point, Point, Point], end: Place) -> Place:
    """The place of a card that fills the frame on the photo."""
    start, right, _, below = corners
    across, down = (right[0] - start[0], right[1] - start[1]), (below[0] - start[0], below[1] - start[1])
    return replace(end, at=start, across=across, down=down)


def _filling(ink: Place, steps: Steps) -> Place:
    """The place of a 28 x 28 card whose ink is as large as the card of the ink, and around its middle."""
    side = INK_SIDE / max(steps.ink.shape)
    rows, columns = steps.picture.shape
    wide, high = columns / (steps.ink.shape[1] * side), rows / (steps.ink.shape[0] * side)
    across, down = (
        (ink.across[0] * wide, ink.across[1] * wide),
        (ink.down[0] * high, ink.down[1] * high),
    )
    beyond = [(a + b - c - d) / 2 for a, b, c, d in zip(across, down, ink.across, ink.down, strict=True)]
    at = (ink.at[0] - beyond[0], ink.at[1] - beyond[1])
    return replace(ink, at=at, across=across, down=down)


def _leaving(card: Card, start: Place, q: float) -> Card:
    """A card on its way from where it is taken to its own place."""
    return (
        card
        if q >= 1
        else replace(card, place=place_between(start, card.place, q), words=q, opacity=0.25 + 0.75 * q)
    )


def _middle(studio: Studio, picture: Card, steps: Steps, q: float) -> list[Primitive]:
    """A cross where the ink's centre of mass is: the middle of the picture."""
    seen = ramp(q, 0.9, 1.0)
    if seen <= 0:
        return []
    row, column = _centre_of_mass(steps.picture.value)
    rows, columns = steps.picture.shape
    (x, y), (ax, ay), (dx, dy) = picture.place.at, picture.place.across, picture.place.down
    u, v = column / columns, row / rows
    middle = (x + ax * u + dx * v, y + ay * u + dy * v)
    colour = studio.theme.phase("forward")
    arms = ((0.08 * ax, 0.08 * ay), (0.08 * dx, 0.08 * dy))
    return [
        Line((mix_point(middle, (middle[0] + a, middle[1] + b), -1), (middle[0] + a, middle[1] + b)), colour, 3.0,
             opacity=seen)
        for a, b in arms
    ]  # fmt: skip


def _centre_of_mass(picture: NDArray[np.uint8]) -> tuple[float, float]:
    """Row and column, in pixels from the top left corner."""
    ink = picture.astype(np.float64)
    rows, columns = np.arange(ink.shape[0]) + 0.5, np.arange(ink.shape[1]) + 0.5
    mass = float(ink.sum()) or 1.0
    return float(ink.sum(axis=1) @ rows) / mass, float(ink.sum(axis=0) @ columns) / mass


def _words(steps: Steps, p: float) -> tuple[Sentence, ...]:
    """How large everything is, as it comes."""
    wide, high = (Number(int(steps.box.value[place]), Cell(steps.box.id, place), "index") for place in (2, 3))
    said = [line("the photo  ", *_size(steps.photo), " pixels", tone="working")]
    said += [line("what was found  ", wide, " × ", high, tone="working")] if p > FOUND[0] else []
    said += [line("its ink  ", *_size(steps.ink), tone="working")] if p > TAKEN[0] else []
    said += [line("the picture  ", *_size(steps.picture), tone="result")] if p > SHRUNK[1] else []
    return tuple(said)


def _size(value: Value) -> tuple[Number, str, Number]:
    """`192 × 256`: columns and rows."""
    rows, columns = (
        Number(value.shape[axis], Quantity("length of axis", (value.id, axis)), "index") for axis in (0, 1)
    )
    return columns, " × ", rows
