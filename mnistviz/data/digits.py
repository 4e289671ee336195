"""The built-in digits: handwritten-looking, drawn by a pen, the same for the same seed.

A digit is one of the ways of `strokes`, its control points shaken, run through by a smooth line, slanted,
stretched, bent (an elastic distortion), scaled into the 20x20 box, drawn by a round pen at four times the
size, averaged down and centred by its mass in 28x28: as MNIST was made, from people's hands.
They come in blocks, so that any digit can be had without those before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mnistviz.data.strokes import WAYS, Stroke, Way

BLOCK: Final = 500  # digits that share one random generator
SIDE: Final = 28  # pixels
BOX: Final = 20.0  # pixels; the longer side of the ink, pen included
FINER: Final = 4  # the pen draws at this many times the size
SUBPIXEL_BITS: Final = 4  # and places its points to 1/16 of that
RAREST: Final = 1.8  # standard deviations
SAMPLES: Final = 6  # points of the smooth line between two control points

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hand:
    """How much handwriting varies; lengths are shares of the digit's height."""

    wobble: float = 0.04  # control points, standard deviation
    slant: float = 0.12  # mean shear to the right
    slant_spread: float = 0.2
    turn: float = 0.08  # rotation, radians
    stretch: float = 0.16  # of the width, in logarithms
    taper: float = 0.3  # how much wider it is below than above
    balance: float = 0.15  # how far its waist is moved up or down
    trim: float = 0.02  # of each end of a stroke, as a share of its length
    bend: float = 0.065  # elastic distortion, amplitude of each wave
    bend_frequency: float = 0.5  # waves over the height
    pen_px: float = 2.3  # median width of the pen
    pen_spread: float = 0.29  # in logarithms


def digits(
    count: int, seed: int, start: int = 0, hand: Hand | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Digits `start` to `start + count` of the endless row of that seed.

    Returns the pictures (count, 28, 28), light on dark, and their labels (count,).
    """
    pictures = np.empty((count, SIDE, SIDE), np.uint8)
    labels = np.empty(count, np.uint8)
    done = 0
    while done < count:
        block, skip = divmod(start + done, BLOCK)
        take = min(BLOCK - skip, count - done)
        draw = _whole if take == BLOCK else _drawn  # of a few, the others are not drawn
        some = draw(_block(seed, block, hand or Hand()), skip, skip + take)
        pictures[done : done + take], labels[done : done + take] = some
        done += take
    return pictures, labels


@dataclass(frozen=True, eq=False)
class _Block:
    """A block of digits as they are written, not drawn yet."""

    lines: list[list[Floats]]  # of each digit, its strokes: (points, 2)
    pens_px: Floats  # (BLOCK,)
    labels: NDArray[np.uint8]  # (BLOCK,)


def _drawn(block: _Block, start: int, stop: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Digits `start` to `stop` of a block, drawn, and their labels."""
    count = stop - start
    canvas = np.zeros((count, SIDE * FINER, SIDE * FINER), np.uint8)
    for picture, lines, pen_px in zip(
        canvas, block.lines[start:stop], block.pens_px[start:stop], strict=True
    ):
        _draw(picture, lines, float(pen_px))
    tall = canvas.reshape(-1, SIDE * FINER)
    pictures = cv2.resize(tall, (SIDE, SIDE * count), interpolation=cv2.INTER_AREA)
    return _centred(np.asarray(pictures, np.uint8).reshape(count, SIDE, SIDE)), block.labels[start:stop]


_whole = lru_cache(maxsize=4)(_drawn)


@lru_cache(maxsize=4)
def _block(seed: int, number: int, hand: Hand) -> _Block:
    random = np.random.default_rng((seed, number))
    ways = random.choice(len(WAYS), BLOCK, p=_chances())
    lines: list[list[Floats]] = [[] for _ in range(BLOCK)]
    for way in range(len(WAYS)):
        (members,) = np.nonzero(ways == way)
        for stroke in _write(WAYS[way], len(members), hand, random):
            for member, line in zip(members, stroke, strict=True):
                lines[member].append(line)
    pens_px = np.clip(hand.pen_px * np.exp(hand.pen_spread * random.standard_normal(BLOCK)), 1.25, 5.0)
    return _Block(lines, pens_px, np.array([way.digit for way in WAYS], np.uint8)[ways])


@cache
def _chances() -> tuple[float, ...]:
    """How likely each way is: all digits alike, and the ways of a digit as often as the table says."""
    totals = {way.digit: 0.0 for way in WAYS}
    for way in WAYS:
        totals[way.digit] += way.often
    return tuple(way.often / totals[way.digit] / len(totals) for way in WAYS)


def _write(way: Way, count: int, hand: Hand, random: np.random.Generator) -> list[Floats]:
    """`count` digits written that way: for each stroke the points of its line, (count, points, 2)."""

    def vary(spread: float) -> Floats:
        return spread * _bounded(random.standard_normal((count, 1)))

    strokes = []
    slant, turn = hand.slant + vary(hand.slant_spread), vary(hand.turn)
    taper, balance = vary(hand.taper), vary(hand.balance)
    width = way.width * np.exp(vary(hand.stretch))
    bend = hand.bend * np.array([min(0.35 + 0.9 * way.width, 1.0), 1.0])  # a bar stays a bar
    waves = _Waves.random(count, bend, hand.bend_frequency, random)
    for stroke in way.strokes:
        shake = hand.wobble * _shake(stroke, count, random)
        shaken = np.array(stroke) + shake / (way.width**0.5, 1.0)
        line = _trimmed(np.einsum("pc,ncd->npd", _smoothing(stroke), shaken), hand.trim, random)
        x, y = (line[..., 0] - 0.5) * width, line[..., 1] - 0.5
        x, y = x * (1 + taper * y), y + balance * (0.25 - y * y)
        x = x - slant * y
        x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
        strokes.append(waves.bend(np.stack((x, y), axis=-1)))
    return strokes


def _trimmed(lines: Floats, trim: float, random: np.random.Generator) -> Floats:
    """The lines (count, points, 2) without a little of their ends."""
    count, points, _ = lines.shape
    begin, end = np.abs(trim * random.standard_normal((2, count, 1)))
    place = (points - 1) * np.clip(begin + (1 - begin - end) * np.linspace(0, 1, points), 0, 1)
    before = np.minimum(place.astype(int), points - 2)
    part = (place - before)[..., None]
    row = np.arange(count)[:, None]
    trimmed: Floats = lines[row, before] * (1 - part) + lines[row, before + 1] * part
    return trimmed


def _bounded(normal: Floats) -> Floats:
    """Without what is so rare that nobody could read it."""
    return np.clip(normal, -RAREST, RAREST)


def _shake(stroke: Stroke, count: int, random: np.random.Generator) -> Floats:
    """Random shifts of the control points, (count, controls, 2); both halves of a corner move together."""
    rough = _bounded(random.standard_normal((count, len(stroke) + 2, 2)))
    shift = (rough[:, :-2] + 2 * rough[:, 1:-1] + rough[:, 2:]) / 6**0.5
    for place in range(1, len(stroke)):
        if stroke[place] == stroke[place - 1]:
            shift[:, place] = shift[:, place - 1]
    return shift


@cache
def _smoothing(stroke: Stroke) -> Floats:
    """The Catmull-Rom spline through the control points as a matrix, (points, controls)."""
    count = len(stroke)
    rows = []
    for place in range(count - 1):
        around = np.clip([place - 1, place, place + 1, place + 2], 0, count - 1)
        last = place == count - 2
        for t in np.linspace(0, 1, SAMPLES + last, endpoint=bool(last)):
            row = np.zeros(count)
            basis = (
                (-t + 2 * t**2 - t**3) / 2,
                (2 - 5 * t**2 + 3 * t**3) / 2,
                (t + 4 * t**2 - 3 * t**3) / 2,
                (-(t**2) + t**3) / 2,
            )
            np.add.at(row, around, basis)
            rows.append(row)
    return np.array(rows)


@dataclass(frozen=True, eq=False)
class _Waves:
    """An elastic distortion of the plane for each digit: a few long waves that push points about."""

    frequency: Floats  # (digits, waves, 2), cycles over the height
    phase: Floats  # (digits, waves), radians
    push: Floats  # (digits, waves, 2)

    @classmethod
    def random(
        cls, count: int, amplitude: Floats, frequency: float, random: np.random.Generator, waves: int = 3
    ) -> _Waves:
        return cls(
            frequency * random.standard_normal((count, waves, 2)),
            2 * np.pi * random.random((count, waves)),
            amplitude * _bounded(random.standard_normal((count, waves, 2))),
        )

    def bend(self, points: Floats) -> Floats:
        """The points (digits, points, 2), pushed."""
        angle = 2 * np.pi * np.einsum("npd,nwd->npw", points, self.frequency) + self.phase[:, None, :]
        moved: Floats = points + np.einsum("npw,nwd->npd", np.sin(angle), self.push)
        return moved


def _draw(picture: NDArray[np.uint8], lines: list[Floats], pen_px: float) -> None:
    """Draw the lines into the fine picture, scaled so that ink and pen fill the box."""
    thickness = 2 * max(round((pen_px * FINER - 1) / 2), 1)
    pen_px = (thickness + 1) / FINER  # OpenCV draws an even thickness one wider, and an odd one two
    every = np.concatenate(lines)
    low, high = every.min(axis=0), every.max(axis=0)
    scale = (BOX - pen_px) / max(float((high - low).max()), 1e-3)
    offset = SIDE / 2 - scale * (low + high) / 2
    half_pixel = (1 << SUBPIXEL_BITS) / 2  # OpenCV's whole numbers are the middles of pixels
    finer = FINER * (1 << SUBPIXEL_BITS)
    points = [np.rint((scale * line + offset) * finer - half_pixel).astype(np.int32) for line in lines]
    cv2.polylines(picture, points, False, 255, thickness, cv2.LINE_8, SUBPIXEL_BITS)


def _centred(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each picture moved by whole pixels so that its centre of mass is nearest to the middle."""
    mass = pictures.sum(axis=(1, 2), dtype=np.float64)
    places = np.arange(SIDE)
    row = (pictures.sum(axis=2, dtype=np.float64) @ places) / mass
    column = (pictures.sum(axis=1, dtype=np.float64) @ places) / mass
    down = np.rint(SIDE / 2 - row).astype(int)
    right = np.rint(SIDE / 2 - column).astype(int)
    padded = np.pad(pictures, ((0, 0), (SIDE, SIDE), (SIDE, SIDE)))
    rows = SIDE + places[None, :] - down[:, None]
    columns = SIDE + places[None, :] - right[:, None]
    moved: NDArray[np.uint8] = padded[
        np.arange(len(pictures))[:, None, None], rows[:, :, None], columns[:, None, :]
    ]
    return moved
