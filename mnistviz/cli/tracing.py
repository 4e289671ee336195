"""`trace` and `scenes`: what a scene computes, and which scenes there are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mnistviz.cli.options import common_options, scene_argument
from mnistviz.cli.progress import script_progress
from mnistviz.cli.scene_command import SceneCommand
from mnistviz.errors import InputError
from mnistviz.scene import Scene, scene_names, scene_summary

if TYPE_CHECKING:
    from mnistviz.trace.model import Trace

ARGUMENTS = re.compile(r"\bargv\b|\bargparse\b|\bclick\b|\bfire\b")  # in a script that asks for some


@click.command(
    cls=SceneCommand,
    epilog="""\b
Examples:
  python -m mnistviz trace
  python -m mnistviz trace step.py:forward --json
  python -m mnistviz trace step.py --save step.npz
  python -m mnistviz trace train.py --line 40 -- --lr 0.1
""",
)
@scene_argument
@click.option("--json", "as_text", is_flag=True, help="As JSON, without the values.")
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE.npz", help="Save it, values and all.")
@common_options
def trace(scene: Callable[[], Scene], as_text: bool, save: Path | None, quiet: bool) -> None:
    """Print the operations that a SCENE computes.

    It is run once, and each operation is proved by replay.  A script is run up to the
    loop that learns, of which one pass is recorded.
    """
    found = record_scene(scene(), quiet)
    trusted = found.check()
    from mnistviz.trace.table import as_json, table

    if save is not None:
        found.save(save)
    if as_text:
        click.echo(json.dumps(as_json(found), indent=2, ensure_ascii=False))
    elif not (quiet and save):
        click.echo(table(found))
        click.echo(f"coverage: {found.coverage}" + (f", {trusted} taken on trust" if trusted else ""))
    if save is not None and not quiet:
        click.echo(f"saved {save}", err=True)


def record_scene(scene: Scene, quiet: bool = False) -> Trace:
    """The scene's trace; what the scene remarks is said first, and where it ends because its code raised.

    Raises `InputError` where nothing was computed.
    """
    say(() if quiet else scene.remarks)
    with script_progress(quiet):
        trace = scene.record()
    failure = trace.failure
    if failure is not None:
        span = failure.source.expression if failure.source else None
        where = f"{span.file}:{span.first_line}" if span else scene.name
        if not trace.operations:
            raise InputError(failure.message, where, "mend the scene's code")
        click.echo(f"note: {failure.message}, {where}, the trace ends there", err=True)
    elif not trace.operations:
        cure = "record a function that computes with numpy"
        if any(ARGUMENTS.search(file.text) for file in trace.sources):
            cure = f"give it its arguments after a --, or {cure}"
        what = "the script" if trace.function == "<module>" else trace.function
        if trace.coverage.unseen:
            found = f"{what} computes only what cannot be drawn: {', '.join(trace.coverage.names[:3])}"
            raise InputError(found, scene.name, "give it arrays of numbers, say with astype(float)")
        raise InputError(f"nothing happens to arrays in {what}", scene.name, cure)
    say(() if quiet else (*notes_of(scene), *_limits_reached(trace)))
    return trace


def _limits_reached(trace: Trace) -> list[str]:
    """What of a recording was too much to be written down."""
    from mnistviz.trace.model import MOST_NUMBERS

    if len(trace.numbers) < MOST_NUMBERS:
        return []
    what = f"note: Python computed with more than {MOST_NUMBERS:,} numbers of its own"
    return [
        f"{what}: where later ones come from is not told; record less, a pass or a smaller function, to have all of it"
    ]


def notes_of(scene: Scene) -> list[str]:
    """What a scene that was recorded says of it: what was chosen."""
    chosen = scene.afterwards()
    return [f"note: {chosen}"] if chosen else []


def say(lines: Iterable[str]) -> None:
    """Each line on standard error."""
    for line in lines:
        click.echo(line, err=True)


@click.command(
    epilog="""\b
Example:
  python -m mnistviz scenes
"""
)
@common_options
def scenes(quiet: bool) -> None:
    """List the built-in scenes."""
    for name in scene_names():
        click.echo(name if quiet else f"{name}  {scene_summary(name)}")
