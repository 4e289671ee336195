"""What the default film's stage shows, measured tick by tick: how full it is, what it begins with, what it always shows.

`python -m tests.benchmarks.film_measure [SCENE] [--size 1920x1080] [--theme dark] [--every 2]` prints the table.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise

import cv2
import numpy as np

from mnistviz.picture.compose import compose
from mnistviz.picture.display import Box, Matrix, Text
from mnistviz.picture.drawings.order import LEAST_SHARE
from mnistviz.picture.layout import Look, look
from mnistviz.picture.stage.studio import studio_of
from mnistviz.picture.stage.tableau import Inspector
from mnistviz.scene import load_scene
from mnistviz.story.sentence import Cell, Number, Quantity, Sentence
from mnistviz.story.timeline import Clip, Timeline, schedule

ON_MAP, LEGEND = "map/", "legend"
SEEN = 0.5  # opacity from which something counts as there
SLOWLY = 0.5  # seconds: what is told for less is swept over


@dataclass(frozen=True)
class Sight:
    """What is there at a tick."""

    clip: Clip
    area: float  # share of the stage under cards, 0..1
    cards: frozenset[str]  # keys of the cards on the stage
    mapped: frozenset[str]  # keys of the cards on the map that are computed
    texts: frozenset[str]
    staged: bool  # whether there is a stage: not under the whole map, nor on cards with words
    told: Cell | None  # of which the inspector speaks


def film(name: str) -> Timeline:
    """The film of a scene at its own pace."""
    scene = load_scene(name)
    return schedule(scene.storyboard(scene.record()))


def covered(matrices: list[Matrix], stage: Box) -> float:
    """The share of the stage that lies under the matrices, to half a design unit."""
    left, top, right, bottom = stage
    paper = np.zeros((int(bottom - top) // 2 + 1, int(right - left) // 2 + 1), np.uint8)
    for matrix in matrices:
        for origin in matrix.origins:
            corners = (np.array(matrix.corners(origin)) - [left, top]) / 2
            cv2.fillConvexPoly(paper, np.round(corners).astype(np.int32), 1)
    return float(paper.mean())


def looked_at(timeline: Timeline, tick: int, seen: Look) -> Sight:
    """The frame at a tick."""
    moment = compose(timeline, Fraction(tick, 10), seen)
    parts = [part for part in moment.display.primitives if part.opacity > SEEN]
    matrices = [part for part in parts if isinstance(part, Matrix) and part.key and part.key != LEGEND]
    stage = [part for part in matrices if not part.key.startswith(ON_MAP)]
    mapped = [part.key for part in matrices if part.key.startswith(ON_MAP) and part.mask is None]
    return Sight(
        timeline.clips[timeline.clip_index(Fraction(tick, 10))],
        covered(stage, seen.regions.stage),
        frozenset(part.key for part in stage),
        frozenset(mapped),
        frozenset(part.text for part in parts if isinstance(part, Text)),
        not moment.tableau.whole,
        None if moment.tableau.whole else spoken_of(moment.tableau.inspector),
    )


def spoken_of(inspector: Inspector) -> Cell | None:
    """The cell of an inspector's heading."""
    parts = inspector.heading.parts if isinstance(inspector.heading, Sentence) else ()
    cells = [part.of.of[0] for part in parts if isinstance(part, Number) and isinstance(part.of, Quantity)]
    return cells[0] if cells and isinstance(cells[0], Cell) else None


def looks(timeline: Timeline, seen: Look, every: int) -> Iterator[Sight]:
    """Every few ticks of the film."""
    for tick in range(0, timeline.ticks, every):
        yield looked_at(timeline, tick, seen)


def print_shares(frames: list[Sight]) -> None:
    """How full the stage is, a line for each shot and each chapter."""
    staged = [one for one in frames if one.staged]
    print("share of the stage that holds cards, where there is a stage")
    for number in dict.fromkeys(one.clip.chapter.number for one in staged):
        mine = [one for one in staged if one.clip.chapter.number == number]
        print(f"  chapter {number:2d}  {np.mean([one.area for one in mine]):6.1%}", end="   ")
        for clip in dict.fromkeys(id(one.clip) for one in mine):
            shot = [one for one in mine if id(one.clip) == clip]
            print(f"{shot[0].clip.step}: {np.mean([one.area for one in shot]):.1%}", end="  ")
        print()
    print(f"  mean        {np.mean([one.area for one in staged]):6.1%}")


def rooted(keys: frozenset[str]) -> set[str]:
    """The arrays that cards show, on the stage or on the map: of what is turned over, the array itself."""
    return {key.removeprefix(ON_MAP).partition("/")[0] for key in keys}


def print_changes(timeline: Timeline, seen: Look) -> None:
    """Changes of shot through an empty stage, jump cuts, first frames without anything of the step's own."""
    empty, cuts, bare = [], [], []
    for before, after in pairwise(timeline.clips):
        way = [looked_at(timeline, tick, seen) for tick in range(before.leave_start, after.start + 1)]
        words = not way[0].staged or not way[-1].staged
        if not words and any(not one.cards for one in way[:-1]):
            empty.append(after)
        if before.leaving == 0:
            cuts.append(after)
        own = looked_at(timeline, after.finished, seen)
        if own.cards and not rooted(way[-1].cards | way[-1].mapped) & rooted(own.cards):
            bare.append(after)
    for what, found in (
        ("changes of shot through an empty stage", empty),
        ("jump cuts", cuts),
        ("steps whose first frame shows none of their own matrices", bare),
    ):
        where = ", ".join(f"{clip.chapter.number}.{clip.step}" for clip in found)
        print(f"{what}: {len(found)} of {len(timeline.clips) - 1}  {where}")


def print_protagonist(timeline: Timeline, frames: list[Sight]) -> None:
    """Whether the picture is always to be seen, and names beside ten outputs."""
    picture = next(iter(timeline.storyboard.nicknames), None)
    if picture is None:
        return
    names = {picture.array, picture.array.replace("image_784x1", "picture_28x28")}
    away = [
        one
        for one in frames
        if not any(key.removeprefix(ON_MAP).partition("/")[0] in names for key in one.cards | one.mapped)
        and not any(picture.array in key for key in one.mapped)
    ]
    where = sorted({f"{one.clip.chapter.number}.{one.clip.step}" for one in away})
    print(
        f"the picture is on the stage or on the map: {1 - len(away) / len(frames):.1%} of the film  {where}"
    )


def size_beside_largest(timeline: Timeline, cell: Cell) -> float:
    """How large a cell, or its change, is beside the largest of its array, 0..1; of a folded row, the row."""
    trace = timeline.storyboard.trace
    value = next((one.output for one in trace if one.output.id == cell.value), None)
    if value is None or not isinstance(cell.index, int):
        return 1.0
    sizes = np.abs(np.asarray(value.value if value.before is None else value.value - value.before, float))
    form = next((fold for fold in timeline.storyboard.folds if sizes.shape == (fold.length, 1)), None)
    flat = sizes.reshape(-1, form.columns).max(axis=1) if form else sizes.ravel()
    place = cell.index // form.columns if form else cell.index
    return float(flat[place] / flat.max()) if flat.max() else 1.0


def print_slow(timeline: Timeline, frames: list[Sight], every: int) -> None:
    """How long the inspector speaks of cells under 2 % of the largest, where it does for `SLOWLY` or longer."""
    found: list[tuple[float, str]] = []
    for (_, told), run in groupby(frames, key=lambda one: (id(one.clip), one.told)):
        seen = list(run)
        clip, seconds = seen[0].clip, len(seen) * every / 10
        if told and seconds >= SLOWLY and size_beside_largest(timeline, told) < LEAST_SHARE:
            found.append((seconds, f"{clip.chapter.number}.{clip.step} [{told.index}] {seconds:.1f}"))
    total = sum(seconds for seconds, _ in found)
    print(f"slow telling of cells under 2 % of the largest: {total:.1f} s  {', '.join(x for _, x in found)}")


def print_colours(timeline: Timeline, seen: Look) -> None:
    """Accents that two arrays share which meet on the stage."""
    studio = studio_of(timeline.storyboard, seen)
    shared: dict[tuple[int, int, int], list[str]] = {}
    for name, colour in studio.accents():
        shared.setdefault(colour, []).append(name)
    twice = {colour: names for colour, names in shared.items() if len(names) > 1}
    print(f"accents of two arrays: {len(twice)}  {list(twice.values())}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", nargs="?", default="mnist_mlp")
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--theme", default="dark")
    parser.add_argument("--every", type=int, default=2, help="ticks between two looks")
    given = parser.parse_args()
    wide, high = map(int, given.size.split("x"))
    timeline, seen = film(given.scene), look((wide, high), given.theme)
    frames = list(looks(timeline, seen, given.every))
    print_shares(frames)
    print_changes(timeline, seen)
    print_slow(timeline, frames, given.every)
    print_protagonist(timeline, frames)
    print_colours(timeline, seen)


if __name__ == "__main__":
    main()
