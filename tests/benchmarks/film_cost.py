"""What a frame of the default film costs before it is encoded: composing, painting, and how many frames are held.

`PYTHONPATH=. python tests/benchmarks/film_cost.py [SCENE] [--fps 60] [--paint] [--profile]` prints milliseconds of
processor time a frame in the mean, and the share of the frames that equal the one before.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time
from fractions import Fraction

from mnistviz.export.raster.raster import Raster
from mnistviz.picture.compose import compose
from mnistviz.picture.display import DisplayList
from mnistviz.picture.layout import look
from mnistviz.scene import load_scene
from mnistviz.storage.machine import without_collecting
from mnistviz.story.timeline import Timeline, schedule

SIZE = (1920, 1080)


def film(name: str) -> Timeline:
    """The film of a scene at its own pace."""
    scene = load_scene(name)
    return schedule(scene.storyboard(scene.record()))


def print_composing(timeline: Timeline, fps: int) -> None:
    """Milliseconds a frame, and where frames are held."""
    seen, last, held = look(SIZE), None, 0
    by_chapter: dict[int, list[int]] = {}
    count = timeline.ticks * fps // 10
    spent = 0.0
    for number in range(count):
        start = time.process_time()
        now = compose(timeline, Fraction(number, fps), seen).display
        spent += time.process_time() - start
        same = now is last or now == last
        held += same
        chapter = timeline.clips[timeline.clip_index(Fraction(number, fps))].chapter.number
        by_chapter.setdefault(chapter, []).append(same)
        last = now
    print(f"compose {spent / count * 1000:.2f} ms a frame of {count}; held {held / count:.1%}")
    print("held by chapter", {number: f"{sum(mine) / len(mine):.0%}" for number, mine in by_chapter.items()})


def print_painting(timeline: Timeline, fps: int) -> None:
    """Milliseconds a frame that painting what changed costs, held frames included."""
    seen, raster, last = look(SIZE), Raster(SIZE), DisplayList((1, 1), (0, 0, 0), ())
    spent, count = 0.0, timeline.ticks * fps // 10
    for number in range(count):
        now = compose(timeline, Fraction(number, fps), seen).display
        start = time.process_time()
        if now != last:
            raster.paint(now)
        spent += time.process_time() - start
        last = now
    print(f"paint {spent / count * 1000:.2f} ms a frame, {spent:.0f} s the whole film")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", nargs="?", default="mnist_mlp")
    parser.add_argument("--fps", type=int, default=60)
    parser.add_argument("--paint", action="store_true")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    timeline = film(given.scene)
    profile = cProfile.Profile()
    if given.profile:
        profile.enable()
    with without_collecting():  # as a worker does
        print_composing(timeline, given.fps)
    profile.disable()
    if given.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(28)
    if given.paint:
        print_painting(timeline, given.fps)


if __name__ == "__main__":
    main()
