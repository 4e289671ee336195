"""`page`: the page alone, in seconds; no film is made."""

from __future__ import annotations

from pathlib import Path

import click

from mnistviz.cli.early import early_workers_for, open_beside, uncollected
from mnistviz.cli.film import default_folder, undrawn_notes
from mnistviz.cli.options import (
    FilmChoice,
    common_options,
    film_options,
    output_option,
    scene_argument,
)
from mnistviz.cli.progress import progress
from mnistviz.cli.scene_command import ChosenScene, SceneCommand
from mnistviz.cli.tracing import record_scene, say


@click.command(
    cls=SceneCommand,
    epilog="""\b
Examples:
  python -m mnistviz page
  python -m mnistviz page --image photo-of-a-7.jpg --label 7
  python -m mnistviz page step.py --out output/mine
""",
)
@scene_argument
@film_options
@output_option("DIR", "[default: output/SCENE]")
@common_options
def page(scene: ChosenScene, film: FilmChoice, out: Path | None, quiet: bool) -> None:
    """Make the page of a SCENE alone, in seconds: no film is made.

    Films in the folder that show the same are kept; where there are others, the page goes beside it.
    """
    with uncollected(scene), early_workers_for(scene, 1) as started:
        opened = open_beside(scene, started, films=False)
        from mnistviz.page import make_page
        from mnistviz.picture.theme import find_theme

        find_theme(film.theme, "--theme")
        board = opened.storyboard(record_scene(opened, quiet))
        say(() if quiet else undrawn_notes(board))
        with progress(quiet) as report:
            folder = make_page(
                board,
                out or default_folder(opened.name, film.chapters),
                size=film.size,
                theme=film.theme,
                pace=film.pace,
                duration=film.duration,
                chapters=film.chapters,
                progress=report,
                started=started,
            )
    if not quiet:
        click.echo(f"watch {folder / 'index.html'}")
