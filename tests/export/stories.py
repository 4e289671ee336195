"""Small stories for the tests of films, and a picture that carries its own frame number."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import mnistviz
from mnistviz.export.video import segments
from mnistviz.export.video.encoder import Encoder
from mnistviz.export.workers import local
from mnistviz.picture.compose import Moment
from mnistviz.picture.display import DisplayList, Panel
from mnistviz.picture.layout import Look, look
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.story.storyboard import Chapter, Phase, Shot, Storyboard, check
from mnistviz.story.timeline import Timeline, schedule
from mnistviz.trace.model import Trace

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL = (320, 180)
BITS = 16
PHASES: tuple[Phase, ...] = ("forward", "error", "backward", "update")


def step(weights_4x3: Any, input_3x1: Any, target_4x1: Any) -> Any:
    """One layer and one update of it."""
    sums_4x1 = np.matmul(weights_4x3, input_3x1)
    output_4x1 = 1 / (1 + np.exp(-sums_4x1))
    delta_4x1 = output_4x1 - target_4x1
    weights_4x3 += -0.1 * np.matmul(delta_4x1, np.transpose(input_3x1))
    return output_4x1


def small_trace(seed: int = 1) -> Trace:
    """A trace of `step` on random numbers."""
    random = np.random.default_rng(seed)
    shapes = ((4, 3), (3, 1), (4, 1))
    return mnistviz.record(step, *(random.normal(size=shape) for shape in shapes))


def small_story(
    chapters: int = 3,
    captions: dict[int, str] | None = None,
    titles: dict[int, str] | None = None,
    seed: int = 1,
) -> Storyboard:
    """A story of so many chapters; `captions` and `titles` replace those of single chapters."""
    trace = small_trace(seed)
    count = len(trace.operations)
    parts = [range(count * place // chapters, count * (place + 1) // chapters) for place in range(chapters)]
    told = tuple(
        Chapter(
            number=number,
            title=(titles or {}).get(number, f"Part {number}"),
            phase=PHASES[number % 4],
            caption=f"What part {number} computes",
            shots=tuple(
                Shot(
                    f"shot {n}", "generic", (captions or {}).get(number, f"This is {n}."), (n,), (n,), 10, 10
                )
                for n in part
            ),
        )
        for number, part in enumerate(parts, start=1)
    )
    return check(Storyboard("A small story", "small", trace, told))


def small_plan(encoder: Encoder, size: tuple[int, int] = SMALL, ticks: int | None = None) -> segments.Plan:
    """A plan whose pictures are `numbered`."""
    timeline = schedule(small_story(), duration_ticks=ticks)
    appearance = look(size)
    code = segments.code_digest()
    return segments.Plan(timeline, appearance, size, "draft", encoder.version, code, numbered)


def numbered(timeline: Timeline, instant: Fraction, appearance: Look) -> Moment:
    """A picture of nothing but sixtieths of a second since the start, as bars: white for a one."""
    number = int(instant * 60)
    width, height = appearance.regions.size
    bar = width / BITS
    bars = [
        Panel(
            (place * bar, 0, (place + 1) * bar, height), (255, 255, 255) if number >> place & 1 else (0, 0, 0)
        )
        for place in range(BITS)
    ]
    return Moment(DisplayList.of((width, height), (0, 0, 0), bars), Tableau(()))


def number_in(luma: np.ndarray[Any, Any]) -> int:
    """The number that a `numbered` picture shows."""
    middle = luma[luma.shape[0] // 2]
    width = len(middle) / BITS
    return sum(int(middle[int((place + 0.5) * width)] > 128) << place for place in range(BITS))


def render(story: Storyboard | Trace, out: Path, **options: Any) -> Path:
    """`mnistviz.render` of a short draft; a thread of this process draws it, so that no other has to start."""
    given = {"size": SMALL, "duration": "0:20", "quality": "draft"} | options
    with patch.object(local, "LocalWorkers", side_effect=NotImplementedError):
        return mnistviz.render(story, out, **given)


RENDER = """
import sys
sys.path.insert(0, {root!r})
from tests.export.stories import small_story
from mnistviz.cli.reporting import run
import click, mnistviz
{setup}

@click.command()
def film():
    mnistviz.render(small_story(captions={captions!r}), {out!r}, **{options!r})

sys.exit(run(film, []))
"""


def script(out: Path, captions: dict[int, str] | None = None, setup: str = "", **options: Any) -> str:
    """A program that renders a small film; its errors and exit codes are those of the command line."""
    given = {"size": SMALL, "duration": "0:20", "fps": (10,), "quality": "draft", "workers": 1} | options
    return RENDER.format(setup=setup, root=str(ROOT), captions=captions, out=str(out), options=given)


def start(out: Path, env: dict[str, str] | None = None, before: tuple[str, ...] = (), **options: Any) -> Any:
    """Start a render of a small film in a process group of its own."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", script(out, **options)],
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )


def run(
    out: Path, env: dict[str, str] | None = None, before: tuple[str, ...] = (), **options: Any
) -> tuple[int, str]:
    """Render a small film in a process of its own: exit code and standard error."""
    process = start(out, env, before, **options)
    try:
        _, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    return process.returncode, errors


def contents(folder: Path) -> dict[str, bytes]:
    """Everything visible in an output folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".mnistviz" not in path.parts
    }
