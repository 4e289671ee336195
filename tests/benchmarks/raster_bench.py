"""Milliseconds of processor time a frame that painting costs, by kind of motion.

`PYTHONPATH=. python tests/benchmarks/raster_bench.py` prints the table;
`--profile CASE` shows where the time of one case goes.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import cv2
import numpy as np

from mnistviz.export.raster.raster import Raster
from mnistviz.picture.display import (
    Cells,
    ColourScale,
    DisplayList,
    Mask,
    Matrix,
    Panel,
    Point,
    Primitive,
    Text,
)

INK = (240, 246, 252)
FRAMES = 60
SIGNED = ColourScale("signed", -1, 1)
RANDOM = np.random.default_rng(7)
WEIGHTS = Cells(RANDOM.normal(0, 0.4, (20, 28, 28)))


def card(at: Point, values: Cells, *, across: float = 254.0, down: float = 310.0) -> Matrix:
    """A card as the stage has it."""
    return Matrix("card", values, SIGNED, (at,), (across, -0.42 * across), (0, down), depth=(6, -5))


def deck(open_: float) -> Matrix:
    """Twenty layers: 0 a deck, 1 a wall of 5 x 4, smaller."""
    origins = []
    for k in range(19, -1, -1):
        closed, wall = (60 + 14.0 * k, 760 - 26.0 * k), (60 + 205.0 * (k % 5), 330.0 + 205 * (k // 5))
        origins.append((closed[0] + (wall[0] - closed[0]) * open_, closed[1] + (wall[1] - closed[1]) * open_))
    across, down = 190 - 60 * open_, 220 - 80 * open_
    return replace(
        card((0, 0), WEIGHTS, across=across, down=down),
        origins=tuple(origins),
        layers=tuple(range(19, -1, -1)),
        depth=(4, -3),
        edge=(60, 70, 90),
    )


def surroundings() -> tuple[Primitive, ...]:
    """What stays: panels with code and words."""
    panels = (
        Panel((1230, 40, 1880, 510), (22, 27, 34), 14, (38, 45, 56), 1.5),
        Panel((1230, 540, 1880, 840), (22, 27, 34), 14, (38, 45, 56), 1.5),
    )
    code = tuple(
        Text(f"    hidden_pre_{i} = np.matmul(w_20x784, x_784x1)", (1260, 80 + 26 * i), 17, INK, "mono")
        for i in range(16)
    )
    bar = tuple(Panel((40 + 105 * i, 1042, 140 + 105 * i, 1050), (40, 70, 50), 4) for i in range(17))
    return (*panels, *code, *bar)


STILL = surroundings()
CLOSED = deck(0)


def frame(*parts: Primitive) -> DisplayList:
    """A display list with the surroundings."""
    return DisplayList.of((1920, 1080), (13, 17, 23), (*STILL, *parts))


def held() -> Iterator[DisplayList]:
    """Nothing moves."""
    whole = frame(CLOSED, card((560, 420), Cells(WEIGHTS.values[0])))
    yield from (whole for _ in range(FRAMES))


def text_change() -> Iterator[DisplayList]:
    """A number in the inspector counts."""
    for i in range(FRAMES):
        yield frame(CLOSED, Text(f"{i * 784:,} multiplications", (1260, 700), 24, INK, "mono"))


def one_card(over_deck: bool = False) -> Iterator[DisplayList]:
    """A 28x28 card moves over the stage, or over the deck."""
    values = Cells(WEIGHTS.values[3])
    left = 100 if over_deck else 500
    for i in range(FRAMES):
        ease = 0.5 - 0.5 * np.cos(np.pi * i / FRAMES)
        yield frame(CLOSED, card((left + 300 * float(ease), 700 - 260 * float(ease)), values))


def new_values() -> Iterator[DisplayList]:
    """A 28x28 card stays, its values change."""
    for i in range(FRAMES):
        yield frame(CLOSED, card((600, 600), Cells(np.sin(WEIGHTS.values[3] * (1 + i / 10)))))


def opening() -> Iterator[DisplayList]:
    """The deck opens to a wall, layers growing smaller."""
    for i in range(FRAMES):
        yield frame(deck(float(0.5 - 0.5 * np.cos(np.pi * i / FRAMES))))


def fading() -> Iterator[DisplayList]:
    """The deck fades."""
    for i in range(FRAMES):
        yield frame(replace(CLOSED, opacity=1 - 0.8 * i / FRAMES))


def sweep() -> Iterator[DisplayList]:
    """A column fills, a layer glows, a product changes: the sweep over neurons."""
    values = Cells(RANDOM.normal(0, 1, (20, 1)))
    for i in range(FRAMES):
        shown = np.arange(20).reshape(1, 20, 1) <= i // 3
        column = replace(card((1090, 560), values, across=20, down=440), mask=Mask(shown))
        product = card((640, 720), Cells(WEIGHTS.values[i // 3] * 0.5))
        number = Text(f"{values.values[0, i // 3, 0]:+.3f}", (1130, 600), 20, INK, "mono")
        yield frame(CLOSED, card((520, 300), Cells(WEIGHTS.values[i // 3])), product, column, number)


def large(side: int) -> Iterator[DisplayList]:
    """A large matrix on a moving card."""
    values = Cells(np.random.default_rng(1).normal(0, 0.4, (side, side)))
    for i in range(FRAMES):
        yield frame(card((500 + 3.0 * i, 700 - 2.0 * i), values))


CASES: dict[str, Callable[[], Iterable[DisplayList]]] = {
    "held": held,
    "text change": text_change,
    "one moving card": one_card,
    "card over the deck": lambda: one_card(over_deck=True),
    "new values": new_values,
    "deck to wall": opening,
    "deck fading": fading,
    "sweep": sweep,
    "28x28 moving": lambda: large(28),
    "4096x4096 moving": lambda: large(4096),
}


def measured(case: str, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """First frame, then mean, median and worst of the others, in ms of this thread."""
    raster = Raster(size)
    took = []
    for display in list(CASES[case]()):
        start = time.thread_time()
        raster.paint(display)
        took.append((time.thread_time() - start) * 1000)
    return took[0], float(np.mean(took[1:])), float(np.median(took[1:])), max(took[1:])


def main() -> None:
    """Print the table, or one case's profile."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--profile", choices=list(CASES))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    width, height = map(int, options.size.split("x"))
    if options.profile:
        profile = cProfile.Profile()
        profile.runcall(measured, options.profile, (width, height))
        pstats.Stats(profile).sort_stats("tottime").print_stats(22)
        return
    print(f"{'case':24s}{'first':>9s}{'mean':>9s}{'median':>9s}{'worst':>9s}   ms at {options.size}")
    for case in CASES:
        print(f"{case:24s}" + "".join(f"{ms:9.3f}" for ms in measured(case, (width, height))))


if __name__ == "__main__":
    main()
