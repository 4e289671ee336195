"""Manim Community timed on two of our shots, where it is installed: see `manim_scenes.py` for the shots.

It is looked for in the environment that runs the benchmark; `MNISTVIZ_MANIM=/path/to/python` names another.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

SCENES = Path(__file__).resolve().parent / "manim_scenes.py"
LONGEST_SECONDS = 900
PRODUCT, UPDATE = 2, 9  # chapters
WEIGHTS, OUTPUT_WEIGHTS = "input_to_hidden_weights_20x784", "hidden_to_output_weights_10x20"
CARDS = {  # the scenes' name: chapter, our key, and whether its first or its last place is meant
    "deck": (PRODUCT, WEIGHTS, "first"),
    "layer": (PRODUCT, f"{WEIGHTS}/layer", "last"),
    "image": (PRODUCT, "image_784x1", "last"),
    "biases": (PRODUCT, "hidden_biases_20x1", "last"),
    "products": (PRODUCT, "products", "last"),
    "result": (PRODUCT, "hidden_pre_sigmoid_20x1", "last"),
    "before": (UPDATE, f"{OUTPUT_WEIGHTS}/before", "last"),
    "change": (UPDATE, "hidden_to_output_adjustment_10x20/change", "last"),
    "after": (UPDATE, OUTPUT_WEIGHTS, "last"),
}


@dataclass(frozen=True)
class ManimFigures:
    """What a scene took."""

    scene: str
    frames: int
    wall: float  # seconds, building its polygons included; starting Python and importing Manim not
    cpu: float
    playing: float  # seconds of `wall` in which it made frames
    peak: float  # MiB


def manim_python() -> str | None:
    """A Python that has Manim."""
    named = os.environ.get("MNISTVIZ_MANIM")
    if named:
        return named
    return sys.executable if importlib.util.find_spec("manim") else None


def timed_manim(python: str, timeline: Any, composer: Any, look: Any, quick: bool) -> list[ManimFigures]:
    """Both scenes in one process of their own."""
    with tempfile.TemporaryDirectory() as scratch:
        values = Path(scratch) / "values.npz"
        write_values(values, timeline, composer, look)
        command = [python, str(SCENES), str(values), scratch, *(["--quick"] if quick else [])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS)
    if done.returncode:
        raise SystemExit(f"Manim did not run ({python}):\n{done.stderr[-2000:]}")
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"scene"')]
    return [ManimFigures(**line) for line in lines]


def write_values(path: Path, timeline: Any, composer: Any, look: Any) -> None:
    """Colours and places of our own cards, panels and words in the two chapters, read from our frames."""
    from mnistviz.picture.theme import colour_table, table_index

    sightings = {chapter: _cards(timeline, composer, look, chapter) for chapter in (PRODUCT, UPDATE)}
    cards, colours = {}, {}
    for name, (chapter, key, which) in CARDS.items():
        part = sightings[chapter][key, which]
        cards[name] = {
            "origins": part.origins,
            "layers": part.layers,
            "across": part.across,
            "down": part.down,
            "edge": part.edge,
        }
        values = part.cells.values
        if name == "products":
            image = sightings[PRODUCT]["image_784x1", "last"].cells.values
            values = sightings[PRODUCT][WEIGHTS, "first"].cells.values * image
        shades = colour_table(part.colours.table)[table_index(values, part.colours)]
        colours[name] = shades if name in ("deck", "products") else shades[0]
    result = sightings[PRODUCT]["hidden_pre_sigmoid_20x1", "last"]
    told = {
        "cards": cards,
        "sums": result.cells.values.ravel().tolist(),
        "empty": result.empty,
        "background": composer(timeline, Fraction(0), look).display.background,
        "words": {
            name: _surroundings(timeline, composer, look, chapter)
            for name, chapter in (("product", PRODUCT), ("update", UPDATE))
        },
    }
    np.savez(path, told=np.array(json.dumps(told)), **colours)


def _cards(timeline: Any, composer: Any, look: Any, chapter: int) -> dict[tuple[str, str], Any]:
    """The first and the last sighting of every card of a chapter."""
    from mnistviz.picture.display import Matrix

    seen: dict[tuple[str, str], Any] = {}
    for tick in range(*timeline.span(timeline.chapters[chapter - 1])):
        for part in composer(timeline, Fraction(tick, 10), look).display.primitives:
            if isinstance(part, Matrix):
                seen.setdefault((part.key, "first"), part)
                seen[part.key, "last"] = part
    return seen


def _surroundings(timeline: Any, composer: Any, look: Any, chapter: int) -> dict[str, Any]:
    """Panels and words of the chapter when its first cell is told."""
    from mnistviz.picture.display import Panel, Text

    start, end = timeline.span(timeline.chapters[chapter - 1])
    parts = composer(timeline, Fraction(start + (end - start) // 4, 10), look).display.primitives
    return {
        "panels": [(*part.box, part.fill) for part in parts if isinstance(part, Panel)],
        "texts": [
            (part.text, *part.at, part.size, part.colour, part.face, part.anchor)
            for part in parts
            if isinstance(part, Text) and part.text.strip()
        ],
    }
