"""`render`, `frame` and `verify`: films, stills of them, and whether a finished one is whole."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mnistviz.cli.early import early_workers_for, open_beside, uncollected
from mnistviz.cli.options import (
    FilmChoice,
    Instant,
    OneOf,
    common_options,
    film_options,
    output_option,
    quality_option,
    scene_argument,
)
from mnistviz.cli.progress import progress
from mnistviz.cli.scene_command import ChosenScene, SceneCommand, check_ending
from mnistviz.cli.tracing import notes_of, record_scene, say
from mnistviz.errors import InputError
from mnistviz.scene import Scene
from mnistviz.story.timecode import RATES, SHORTEST_FILM_TICKS

if TYPE_CHECKING:
    from mnistviz.export.folder.again import State
    from mnistviz.picture.display import DisplayList
    from mnistviz.story.storyboard import Storyboard
    from mnistviz.story.timeline import Timeline

OUTPUT = Path("output")
SOME_LETTERS = 8  # of those that no font has, that are named
_RATES = tuple(map(str, RATES))


@click.command(
    cls=SceneCommand,
    epilog="""\b
Examples:
  python -m mnistviz render
  python -m mnistviz render --fps 60 --theme light
  python -m mnistviz render --quality draft --duration 0:30 --size 640x360
  python -m mnistviz render --chapters 2-4 --pace article
  python -m mnistviz render --image photo-of-a-7.jpg --label 7
  python -m mnistviz render step.py --out output/mine
  python -m mnistviz render train.py --pass 100 -- --lr 0.1
""",
)
@scene_argument
@film_options
@quality_option
@click.option("--fps", type=OneOf(_RATES), multiple=True, help="Once or twice.  [default: both]")
@output_option("DIR", "[default: output/SCENE]")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Processes.  [default: the cores]")
@click.option("--cluster", metavar="ADDRESS", help="A running Dask cluster, such as tcp://127.0.0.1:8786.")
@click.option("--fresh", is_flag=True, help="Draw everything again, whatever an earlier run has kept.")
@click.option("--plain-encoding", is_flag=True, help="Encode also the frames that equal the one before.")
@common_options
def render(
    scene: ChosenScene,
    film: FilmChoice,
    quality: str,
    fps: tuple[str, ...],
    out: Path | None,
    workers: int | None,
    cluster: str | None,
    fresh: bool,
    plain_encoding: bool,
    quiet: bool,
) -> None:
    """Make the films of a SCENE, with chapters and a page to watch them.

    SCENE is a built-in name, a folder, FILE.py[:function], any script, or a saved trace.npz.

    A script is run as it is, up to the loop that learns, of which one pass is filmed.
    What follows a -- is the script's own.
    """
    from mnistviz.export.folder.again import Command, leave_note

    rates = tuple(sorted({int(rate) for rate in fps})) or RATES
    asked = repr((scene.name, scene.choice, film, quality, workers, cluster, plain_encoding))
    command = Command(asked, scene.reads, rates)
    state = command.state()
    if not fresh and _say_finished(out or default_folder(scene.name, film.chapters), state, rates, quiet):
        return
    early = _worth_early(film, rates, workers, cluster)
    with uncollected(scene), early_workers_for(scene, early) as started:
        opened = open_beside(scene, started, films=True)
        from mnistviz.picture.theme import find_theme
        from mnistviz.render import render as render_film

        find_theme(film.theme, "--theme")

        folder = out or default_folder(opened.name, film.chapters)
        trace = record_scene(opened, quiet)
        board = opened.storyboard(trace)
        said = undrawn_notes(board)
        say(() if quiet else said)
        note = None
        if state is not None and trace.failure is None:  # which would have to be said again
            note = partial(leave_note, command, state, (*opened.remarks, *notes_of(opened), *said))
        with progress(quiet) as report:
            render_film(
                board,
                folder,
                fps=rates,
                size=film.size,
                theme=film.theme,
                pace=film.pace,
                duration=film.duration,
                chapters=film.chapters,
                quality=quality,
                workers=workers,
                cluster=cluster,
                fresh=fresh,
                plain_encoding=plain_encoding,
                progress=report,
                note=note,
                started=started,
            )
    if not quiet:
        click.echo(f"watch {folder / 'index.html'}")


def _worth_early(film: FilmChoice, rates: tuple[int, ...], workers: int | None, cluster: str | None) -> int:
    """How many processes may start before anybody knows the film: where as many are wanted for the shortest."""
    from mnistviz.export.workers.worth import MOST_EARLY, worth_early_workers
    from mnistviz.storage.machine import cores

    most = 0 if cluster is not None else workers or cores()
    count = worth_early_workers(film.duration or SHORTEST_FILM_TICKS, rates, film.size, most)
    return count if count == min(most, MOST_EARLY) else 0


def _say_finished(folder: Path, state: State | None, rates: tuple[int, ...], quiet: bool) -> bool:
    """Whether a folder holds what the very same command made of the same; then that is said."""
    from mnistviz.export.folder.again import finished

    said = finished(folder, state, rates)
    if said is None:
        return False
    if not quiet:
        say(said)
        with progress(quiet) as report:
            report(0, 0, "nothing has changed")
        click.echo(f"watch {folder / 'index.html'}")
    return True


@click.command(
    cls=SceneCommand,
    epilog="""\b
Examples:
  python -m mnistviz frame -o second-chapter.png --chapter 2
  python -m mnistviz frame -o instant.png --at 1:18.0 --size 720p --theme light
  python -m mnistviz frame step.py -o mine.png
""",
)
@scene_argument
@film_options
@output_option("FILE.png", "Where the still goes.", required=True)
@click.option("--at", type=Instant(), help="The frame of that instant.")
@click.option("--chapter", type=click.IntRange(min=1), metavar="N", help="The picture that tells it best.")
@common_options
def frame(
    scene: Callable[[], Scene],
    film: FilmChoice,
    out: Path,
    at: Fraction | None,
    chapter: int | None,
    quiet: bool,
) -> None:
    """Draw one still of a SCENE's film.

    Without --at and --chapter it is the picture that tells chapter 2 best.
    """
    if at is not None and chapter is not None:
        raise InputError("--at and --chapter name two frames", "", "give one of them")
    check_ending(out, (".png",), "a still is a PNG")
    opened = scene()
    from mnistviz.picture.compose import compose
    from mnistviz.picture.layout import look
    from mnistviz.picture.theme import find_theme
    from mnistviz.storage.files import write_file
    from mnistviz.story.timeline import schedule

    find_theme(film.theme, "--theme")

    trace = record_scene(opened, quiet)
    trace.check()
    board = opened.storyboard(trace)
    say(() if quiet else undrawn_notes(board))
    timeline = schedule(board, film.pace, film.duration, film.chapters)
    instant = at if at is not None else _best_instant(timeline, chapter)
    display = compose(timeline, instant, look(film.size, film.theme)).display
    write_file(out, _png(display, film.size))
    if not quiet:
        click.echo(f"see {out}")


@click.command(
    epilog="""\b
Examples:
  python -m mnistviz verify output/mnist_mlp
  python -m mnistviz verify output/mnist_mlp --deep
"""
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--deep", is_flag=True, help="Decode every frame of the films too.")
@common_options
def verify(folder: Path, deep: bool, quiet: bool) -> None:
    """Check a finished film folder against its manifest.

    Nothing may be missing, torn, stale or mixed.
    """
    from mnistviz.export.folder.verify import verify as verify_folder

    verify_folder(folder, deep)
    if not quiet:
        click.echo(f"{folder} is complete")


def undrawn_notes(board: Storyboard) -> list[str]:
    """Names the operations that have no drawing of their own, and the letters that no font has."""
    from mnistviz.picture.drawings import undrawn
    from mnistviz.picture.fallback import unshaped

    notes = []
    if names := undrawn(board):
        notes.append(f"note: drawn in the generic way: {', '.join(names)}")
    if letters := _unwritable(board):
        more = f" and {len(letters) - SOME_LETTERS} more" if len(letters) > SOME_LETTERS else ""
        some = " ".join(letters[:SOME_LETTERS])
        notes.append(f"note: no font has {some}{more}, drawn as ?; name one with --font FILE")
    if letters := unshaped(file.text for file in board.trace.sources):
        some = " ".join(letters[:SOME_LETTERS])
        notes.append(
            f"note: {some} run from right to left or are joined, and are drawn one by one, left to right"
        )
    return notes


def _unwritable(board: Storyboard) -> tuple[str, ...]:
    """Letters of the sources, the only place of words that are not ours, that no font has."""
    from mnistviz.picture.fallback import unwritable
    from mnistviz.picture.fonts import FILES, font_folder

    own = str(font_folder() / FILES["mono"])
    return unwritable([file.text for file in board.trace.sources], own)


def default_folder(scene: str, chapters: tuple[int, int] | None) -> Path:
    """Where the film of a scene of that name goes when nobody names a folder: a part never in the place of the whole."""
    if chapters is None:
        return OUTPUT / scene
    first, last = chapters
    part = f"{first}" if first == last else f"{first}-{last}"
    return OUTPUT / f"{scene}-chapters-{part}"


def _best_instant(timeline: Timeline, number: int | None) -> Fraction:
    """The rest of the chapter of that number; of the second one, or the only one, when there is none."""
    if number is None:
        return timeline.poster
    chapters = timeline.chapters
    named = [chapter for chapter in chapters if chapter.number == number]
    if not named:
        cure = f"it has {chapters[0].number}-{chapters[-1].number}"
        raise InputError(f"chapter {number} is not in the film", timeline.storyboard.scene, cure)
    return timeline.best_instant(named[0])


def _png(display: DisplayList, size: tuple[int, int]) -> bytes:
    from PIL import Image

    from mnistviz.export.raster.raster import still

    packed = io.BytesIO()
    Image.fromarray(still(display, size)).save(packed, "PNG")
    return packed.getvalue()
