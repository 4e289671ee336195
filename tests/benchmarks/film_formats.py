"""What a film of another shape shows, at the rest of every shot: its smallest text, and how much of it is empty panel.

`python -m tests.benchmarks.film_formats [SCENE …] [--size 1080x1080 …] [--theme dark]` prints a line for each shot
that has text below 17 px or that leaves more than a quarter of the screen to empty panels, and a line for each film.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from fractions import Fraction

from mnistviz.picture.compose import compose
from mnistviz.picture.display import Box, DisplayList, Panel, Text
from mnistviz.picture.layout import look
from tests.benchmarks.film_measure import film
from tests.picture.lint import extent, ink

LEAST, SEEN = 17.0, 0.2  # pixels on a film whose short side is 1080; opacity from which something is there
MUCH = 0.25  # of the screen


def texts(display: DisplayList) -> list[Text]:
    """What is written and can be seen."""
    return [part for part in display.primitives if isinstance(part, Text) and part.opacity > SEEN]


def smallest(display: DisplayList) -> Text | None:
    """The text of the smallest size."""
    return min(texts(display), key=lambda text: text.size, default=None)


def empty_share(display: DisplayList) -> float:
    """The share of the screen below what stands in its panels, 0..1."""
    wide, high = display.size
    return sum((box[2] - box[0]) * free for box, free in _panels(display)) / (wide * high)


def _panels(display: DisplayList) -> Iterator[tuple[Box, float]]:
    """The named panels, and how much of their height nothing stands on."""
    for panel in display.primitives:
        if isinstance(panel, Panel) and panel.name:
            inside = [box for part in display.primitives if part is not panel and (box := extent(part))]
            spans = sorted((box[1], box[3]) for box in inside if _within(box, panel.box))
            free, low = 0.0, panel.box[1]
            for top, bottom in [*spans, (panel.box[3], panel.box[3])]:
                free, low = free + max(top - low, 0.0), max(low, bottom)
            yield panel.box, free


def _within(box: Box, panel: Box) -> bool:
    return panel[0] <= box[0] and panel[1] <= box[1] and box[2] <= panel[2] + 1 and box[3] <= panel[3] + 1


def print_film(name: str, size: tuple[int, int], theme: str) -> None:
    """The shots with something amiss, and the film in a line."""
    timeline, looked = film(name), look(size, theme)
    least, most, small = 99.0, 0.0, 0
    for clip in timeline.clips:
        display = compose(timeline, Fraction(clip.finished, 10), looked).display
        text, empty = smallest(display), empty_share(display)
        size_px = text.size if text else 99.0
        count = sum(one.size < LEAST - 1e-6 for one in texts(display))
        least, most, small = min(least, size_px), max(most, empty), small + count
        if text is not None and (count or empty > MUCH):
            where = f"{clip.chapter.number}.{clip.step} {clip.shot.drawing}"
            print(f"  {where:24s} {count:3d} below {LEAST:g}, the least {size_px:.1f} {text.text!r} at "
                  f"{tuple(round(part) for part in ink(text))}; empty panel {empty:.0%}")  # fmt: skip
    print(f"{name.rpartition('/')[2]} {size[0]}x{size[1]}: smallest text {least:.1f}, {small} below {LEAST:g}; "
          f"empty panel {most:.0%} at most")  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*", default=["mnist_mlp"])
    parser.add_argument("--size", nargs="+", default=["1080x1080", "1080x1920"])
    parser.add_argument("--theme", default="dark")
    given = parser.parse_args()
    for name in given.scenes:
        for size in given.size:
            wide, high = map(int, size.split("x"))
            print_film(name, (wide, high), given.theme)


if __name__ == "__main__":
    main()
