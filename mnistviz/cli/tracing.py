"""`trace` and `scenes`: what a scene computes, and which scenes there are."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mnistviz.cli.options import common_options, picture_options, scene_argument
from mnistviz.scene import PictureChoice, load_scene, scene_names, scene_summary


@click.command(
    epilog="""\b
Examples:
  python -m mnistviz trace
  python -m mnistviz trace step.py:forward --json
  python -m mnistviz trace step.py --save step.npz
"""
)
@scene_argument
@picture_options
@click.option("--json", "as_text", is_flag=True, help="As JSON, without the values.")
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE.npz", help="Save it, values and all.")
@common_options
def trace(scene: str, choice: PictureChoice, as_text: bool, save: Path | None, quiet: bool) -> None:
    """Print the operations that a SCENE computes.

    It is run once, and each operation is proved by replay.
    """
    from mnistviz.trace.table import as_json, table

    recorded = load_scene(scene, choice).record()
    recorded.check()
    if save is not None:
        recorded.save(save)
    if as_text:
        click.echo(json.dumps(as_json(recorded), indent=2, ensure_ascii=False))
    elif not (quiet and save):
        click.echo(table(recorded))
    if save is not None and not quiet:
        click.echo(f"saved {save}", err=True)


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
