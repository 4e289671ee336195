"""Two shots of our film as a user of Manim Community would write them, to be timed beside ours.

    python tests/benchmarks/manim_scenes.py WORDS_AND_VALUES.npz FOLDER [--quick]

Run by `render_bench.py`, which writes the values: the recorded ones, in our colours, at our places.
Prints one line of JSON a scene.  Needs Manim and numpy only, nothing of ours, and no LaTeX.

A cell is a polygon, as in every film of matrices made with Manim.  One image a matrix (`ImageMobject`)
would not do: Manim puts images upright on the screen's axes and warps them only into a resized rectangle's
corners, in Pillow, in Python, each frame, and a cell could not be lit, filled or moved by itself.

Both last as long as ours do and move at the same pace.  With `--quick` they are the first cells only, and
the words are left out: they are only set-up.

Where there was a choice, it is in Manim's favour: what stands still is added first, so that Manim paints it
once a `play`; the hashing of each `play` for its cache is off (it takes seconds with so many mobjects); the
words of the panels stand still and the running sum is left out; no shadows, no glow, no dimming of the deck.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from manim import (
    WHITE,
    FadeIn,
    FadeOut,
    LaggedStart,
    ManimColor,
    Polygon,
    RoundedRectangle,
    Scene,
    Text,
    UpdateFromAlphaFunc,
    VGroup,
    tempconfig,
)

UNIT = 135.0  # pixels: Manim's frame is 8 units high, ours 1080 pixels
GRID = 0.5  # a line's width, in Manim's measure
SIZE = 0.53  # Manim's font size of one of our units
SIDES = {"l": -1, "m": 0, "r": 1}


def place(x: float, y: float) -> np.ndarray:
    """A point of our frame, in pixels from the top left, as Manim's."""
    return np.array([(x - 960) / UNIT, (540 - y) / UNIT, 0.0])


def tint(levels: Any) -> ManimColor:
    """An sRGB colour of 0..255."""
    return ManimColor.from_rgb([float(level) / 255 for level in levels])


class Card(VGroup):
    """A matrix: an edge, and a polygon a cell, row by row."""

    def __init__(self, colours: Any, card: Any, origin: Any, grid: float = GRID) -> None:
        rows, columns = colours.shape[:2]
        corner, across, down = (np.array(point) for point in (origin, card["across"], card["down"]))

        def at(row: int, column: int) -> np.ndarray:
            return place(*(corner + across * (column / columns) + down * (row / rows)))

        self.cells = VGroup(
            *(
                Polygon(
                    at(i, j),
                    at(i, j + 1),
                    at(i + 1, j + 1),
                    at(i + 1, j),
                    fill_color=tint(colours[i, j]),
                    fill_opacity=1,
                    stroke_color=tint((8, 8, 8)),
                    stroke_width=grid,
                )
                for i in range(rows)
                for j in range(columns)
            )
        )
        edge = Polygon(at(0, 0), at(0, columns), at(rows, columns), at(rows, 0), stroke_width=1.5)
        edge.set_stroke(tint(card["edge"]))
        self.edge = edge
        super().__init__(self.cells, edge)

    def show(self, shown: bool) -> None:
        """Hide it or show it again, where it stands in the order of painting."""
        self.cells.set_fill(opacity=float(shown))
        self.edge.set_stroke(opacity=float(shown))

    def ring(self, number: int) -> Polygon:
        """The white frame around a cell that is told."""
        return Polygon(*self.cells[number].get_vertices(), stroke_color=WHITE, stroke_width=2)


class Shot(Scene):
    """A scene that has what our frame has around its cards."""

    name = ""

    def furnish(self) -> None:
        """Panels and words, which stand still."""
        if self.quick:
            return
        told = self.told["words"][self.name]
        for x0, y0, x1, y1, fill in told["panels"]:
            panel = RoundedRectangle(width=(x1 - x0) / UNIT, height=(y1 - y0) / UNIT, corner_radius=0.08)
            panel.set_fill(tint(fill), 1).set_stroke(width=0).move_to(place((x0 + x1) / 2, (y0 + y1) / 2))
            self.add(panel)
        for text, x, y, size, colour, face, anchor in told["texts"]:
            font = "DejaVu Sans Mono" if face.startswith("mono") else "DejaVu Sans"
            word = Text(text, font=font, font_size=size * SIZE, color=tint(colour))
            if face.endswith("bold"):
                word = Text(text, font=font, font_size=size * SIZE, color=tint(colour), weight="BOLD")
            self.add(word.move_to(place(x, y), aligned_edge=np.array([SIDES[anchor[0]], -1, 0])))

    def card(self, key: str, **how: Any) -> Card:
        """A card of one layer, with its recorded values."""
        card = self.told["cards"][key]
        return Card(self.colours[key], card, card["origins"][0], **how)

    def play(self, *args: Any, **kwargs: Any) -> None:
        """As Manim's, with the time taken down."""
        began = time.monotonic()
        super().play(*args, **kwargs)
        self.playing += time.monotonic() - began

    def told_by(self, told: Any, colours: Any, quick: bool) -> Shot:
        """The values to show."""
        self.told, self.colours, self.quick, self.playing = told, colours, quick, 0.0
        self.camera.background_color = tint(told["background"])
        return self


class Product(Shot):
    """Chapter 2: each of twenty layers of 28x28 weights meets the picture, and one cell of the result fills."""

    name = "product"

    def construct(self) -> None:
        self.furnish()
        deck = self.told["cards"]["deck"]
        layers = {
            layer: Card(self.colours["deck"][layer], deck, origin, grid=0)
            for layer, origin in zip(deck["layers"], deck["origins"], strict=True)
        }
        self.image, self.result = self.card("image"), self.card("result")
        filled = [cell.get_fill_color() for cell in self.result.cells]
        self.result.cells.set_fill(tint(self.told["empty"]))
        self.add(self.card("biases"), self.image, self.result, *layers.values())
        slow, swept = ([2.0], 0) if self.quick else ([12.9, 3.6, 3.6], 17)
        for neuron, seconds in enumerate(slow):
            self.meet(neuron, layers[neuron], filled[neuron], seconds)
        for neuron in range(len(slow), len(slow) + swept):
            self.sweep(neuron, layers[neuron], filled[neuron], 0.46)  # the pace of ours
        self.wait(float(self.renderer.time) * 0.12)  # ours rests for 3.5 s of 31.5

    def products(self, neuron: int) -> Card:
        """The layer times the picture, at its place."""
        card = self.told["cards"]["products"]
        return Card(self.colours["products"][neuron], card, card["origins"][0])

    def meet(self, neuron: int, layer: Card, colour: ManimColor, seconds: float) -> None:
        """The layer leaves the deck, the picture slides over it, the products come down and are added up."""
        beat = seconds / 4
        moving = layer.copy()
        layer.show(False)
        moving.cells.set_stroke(width=GRID)
        target = self.told["cards"]["layer"]
        corner, across, down = map(np.array, (target["origins"][0], target["across"], target["down"]))
        middle = place(*(corner + across / 2 + down / 2))
        grown = np.linalg.norm(target["down"]) / np.linalg.norm(self.told["cards"]["deck"]["down"])
        self.play(moving.animate.scale(grown).move_to(middle), run_time=beat)
        ghost = self.image.copy()
        ghost.cells.set_fill(opacity=0.72)
        self.play(ghost.animate.move_to(middle), run_time=beat)
        products = self.products(neuron)
        self.remove(ghost)
        self.play(FadeIn(products, target_position=middle), run_time=beat)
        self.fill(neuron, colour, products, beat)
        self.remove(moving, products)
        layer.show(True)

    def sweep(self, neuron: int, layer: Card, colour: ManimColor, seconds: float) -> None:
        """The same without the flights, as ours does once it is understood."""
        layer.show(False)
        target = self.told["cards"]["layer"]
        moving = Card(self.colours["deck"][neuron], target, target["origins"][0])
        products = self.products(neuron)
        self.add(moving, products)
        self.fill(neuron, colour, products, seconds)
        self.remove(moving, products)
        layer.show(True)

    def fill(self, neuron: int, colour: ManimColor, products: Card, seconds: float) -> None:
        """The sum flies into its cell, and its number stands beside."""
        cell = self.result.cells[neuron].copy().set_fill(colour)
        number = Text(f"{self.told['sums'][neuron]:+.2f}", font="DejaVu Sans Mono", font_size=10)
        number.next_to(cell, buff=0.1)
        ring = self.result.ring(neuron)
        self.add(ring)
        self.play(FadeIn(cell, target_position=products, scale=0.5), FadeIn(number), run_time=seconds)
        self.remove(ring)


class Update(Shot):
    """Chapter 9: 10x20 weights before, plus the change, are the weights after."""

    name = "update"

    def construct(self) -> None:
        self.furnish()
        before, change, after = (self.card(key) for key in ("before", "change", "after"))
        new = after.cells.copy()
        after.cells.set_fill(tint(self.told["empty"]))
        self.add(before, change, after)
        seconds, slow = (1.0, 1) if self.quick else (2.0, 3)
        for number in range(slow):
            rings = [card.ring(number) for card in (before, change, after)]
            flying = change.cells[number].copy()
            self.play(*(FadeIn(ring) for ring in rings), run_time=seconds / 4)
            self.play(flying.animate.move_to(after.cells[number]), run_time=seconds / 2)
            self.play(FadeIn(new[number]), *(FadeOut(ring) for ring in rings), run_time=seconds / 4)
            self.remove(flying)
        self.sweep(before, change, new, slow, 8.0 if not self.quick else 0.5)
        self.wait(float(self.renderer.time) * 0.25)  # ours rests for 3.5 s of 17.5

    def sweep(self, before: Card, change: Card, new: VGroup, first: int, seconds: float) -> None:
        """The rest, cell after cell, with a ring on what is told."""
        rings = [(card, card.ring(first)) for card in (before, change)]
        last = len(new) - 1

        def follow(card: Card) -> Any:
            return lambda ring, alpha: ring.move_to(card.cells[first + round(alpha * (last - first))])

        self.play(
            LaggedStart(*(FadeIn(cell) for cell in new[first:]), lag_ratio=1),
            *(UpdateFromAlphaFunc(ring, follow(card), rate_func=lambda t: t) for card, ring in rings),
            run_time=seconds,
        )
        self.remove(*(ring for _, ring in rings))


def spent() -> float:
    """Seconds of processor time of this process and its children."""
    uses = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


def main() -> None:
    """Render both and say what they took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("values", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true", help="fewer frames")
    choice = parser.parse_args()
    with np.load(choice.values) as stored:
        told = json.loads(str(stored["told"]))
        colours = {key: stored[key] for key in stored.files if key != "told"}
    settings = {
        "media_dir": str(choice.folder),
        "pixel_width": 1920,
        "pixel_height": 1080,
        "frame_rate": 60,
        "disable_caching": True,
        "verbosity": "ERROR",
        "progress_bar": "none",
    }
    for kind in (Product, Update):
        began, before = time.monotonic(), spent()
        with tempconfig(settings):
            scene = kind().told_by(told, colours, choice.quick)
            scene.render()
        frames = round(float(scene.renderer.time) * 60)
        figures = {"wall": time.monotonic() - began, "cpu": spent() - before, "playing": scene.playing}
        figures["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(json.dumps({"scene": scene.name, "frames": frames, **figures}) + "\n")


if __name__ == "__main__":
    main()
