"""`loop`: a short picture that moves, for a README or a page."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mnistviz.cli.options import Instant, Size, common_options, output_option, scene_argument
from mnistviz.cli.scene_command import SceneCommand, check_ending
from mnistviz.cli.tracing import record_scene
from mnistviz.errors import InputError
from mnistviz.scene import Scene

if TYPE_CHECKING:
    from mnistviz.story.timeline import Timeline

SUFFIXES = (".gif", ".webp")


@click.command(
    cls=SceneCommand,
    epilog="""\b
Examples:
  python -m mnistviz loop -o stamps.webp --chapter 14
  python -m mnistviz loop step.py -o step.gif --from 0:04 --to 0:14
""",
)
@scene_argument
@click.option("--size", type=Size(), default="960x540", show_default=True, help="Even.")
@click.option("--theme", default="dark", show_default=True, help="dark, light, or one of the scene's own.")
@output_option("FILE.gif|.webp", "Where the loop goes.", required=True)
@click.option("--chapter", type=click.IntRange(min=1), metavar="N", help="The chapter to show.")
@click.option("--from", "start", type=Instant(), help="The instant to begin with.")
@click.option("--to", "end", type=Instant(), help="The instant to end before.")
@common_options
def loop(
    scene: Callable[[], Scene],
    size: tuple[int, int],
    theme: str,
    out: Path,
    chapter: int | None,
    start: Fraction | None,
    end: Fraction | None,
    quiet: bool,
) -> None:
    """Make a short loop of a SCENE's film: 8 to 12 s, under 2 MB.

    A longer piece plays faster.  Without --chapter, --from and --to it is the whole film.
    """
    check_ending(out, SUFFIXES, "a loop is a GIF or a WebP")
    if chapter is not None and (start is not None or end is not None):
        raise InputError("--chapter and --from or --to name two pieces", "", "give one of them")
    opened = scene()
    from mnistviz.export.loop import make_loop
    from mnistviz.picture.layout import look
    from mnistviz.storage.files import write_file
    from mnistviz.story.timeline import schedule

    trace = record_scene(opened, quiet)
    trace.check()
    timeline = schedule(opened.storyboard(trace))
    piece = _piece(timeline, chapter, start, end)
    packed = make_loop(timeline, piece, look(size, theme), size, out.suffix.lower())
    write_file(out, packed)
    if not quiet:
        click.echo(f"see {out}")


def _piece(
    timeline: Timeline, chapter: int | None, start: Fraction | None, end: Fraction | None
) -> tuple[Fraction, Fraction]:
    """From where to where, in seconds."""
    whole = Fraction(timeline.ticks, 10)
    if chapter is not None:
        named = [one for one in timeline.chapters if one.number == chapter]
        if not named:
            cure = f"it has {timeline.chapters[0].number}-{timeline.chapters[-1].number}"
            raise InputError(f"chapter {chapter} is not in the film", timeline.storyboard.scene, cure)
        first, last = timeline.span(named[0])
        return Fraction(first, 10), Fraction(last, 10)
    piece = (start or Fraction(0), whole if end is None else min(end, whole))
    if piece[0] >= piece[1]:
        raise InputError(
            "the piece ends before it begins", "--from and --to", f"the film ends at {float(whole):g} s"
        )
    return piece
