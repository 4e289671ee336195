"""A short film for the page's tests: the real network, a storyboard of five chapters, and plain drawings.

The drawings stand in for the film's own, so that the page is tested on its contract with them alone: a
display list whose matrices carry a key, cells and the id of a value.
"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

from mnistviz.export.page import stills
from mnistviz.export.page.build import Content, covers, page
from mnistviz.export.page.geometry import CardPlaces, card_places
from mnistviz.export.raster.raster import Raster
from mnistviz.export.stage.bundle import Stages, fitting
from mnistviz.export.stage.pack import Packer
from mnistviz.export.stage.twofold import twofold
from mnistviz.picture.compose import Moment
from mnistviz.picture.display import CellMap, Cells, ColourScale, DisplayList, Mask, Matrix, Primitive, Text
from mnistviz.picture.layout import look
from mnistviz.picture.stage.tableau import Tableau
from mnistviz.story.storyboard import Chapter, Fold, Shot, Storyboard, check
from mnistviz.story.timeline import Clip, Timeline, schedule
from mnistviz.trace.model import Trace, Value
from mnistviz.trace.recording.recorder import record
from scenes.mnist_mlp import network

SIZE = (640, 360)
FILM_SIZE = (320, 180)  # the films themselves are smaller still: they are played, not looked at
LOOK = look(SIZE)
FILMS = {60: "film-60fps.mp4", 10: "film-10fps.mp4"}
SIGNED, LEVEL = ColourScale("signed", -0.5, 0.5), ColourScale("level", 0.0, 1.0)


@lru_cache(maxsize=1)
def lesson() -> Trace:
    random = np.random.default_rng(5)
    picture = np.zeros((28, 28))
    picture[5:8, 6:20] = picture[8:24, 16:19] = 250  # a seven, more or less
    picture += random.uniform(0, 5, (28, 28))
    return record(network.step, network.as_column(picture), 7, *network.new_network(5), 0.01)


def storyboard() -> Storyboard:
    trace = lesson()

    def shot(title: str, caption: str, *subject: int, told: bool = True, note: str = "") -> Shot:
        completes = subject[-1:] if told else ()
        return Shot(title, "plain", caption, subject, completes, act_ticks=9, rest_ticks=7, note=note)

    def made(name: str) -> tuple[int, ...]:
        """The operations of the statement that makes the array first, in order."""
        statement = trace.making(name).source.statement
        numbers = [operation.number for operation in trace if operation.source.statement == statement]
        return tuple(numbers[: numbers.index(trace.making(name).number) + 1])

    dot, bias = made("hidden_pre_sigmoid_20x1")
    sigmoid = made("hidden_neurons_20x1")
    turn, stamp = made("input_to_hidden_adjustment_20x784")
    scale, change = made("input_to_hidden_weights_20x784")
    chapters = (
        Chapter(1, "The picture", "forward", "784 pixels, row by row.", (
            shot("A picture comes in", "A picture is 28 rows of 28 numbers.", dot, told=False),)),
        Chapter(2, "Hidden neurons", "forward", "Each hidden neuron weighs all pixels and adds its bias.", (
            shot("Every pixel has a weight", "Each of the 20 neurons has a weight for every pixel.", dot, told=False),
            shot("The products add up", "784 products become one number.", dot),
            shot("The bias joins", "A bias of its own is added.", dot, bias)), main_shot=1),
        Chapter(3, "The sigmoid", "forward", "Any number becomes one between 0 and 1.", (
            shot("Squeezed", "The sigmoid squeezes it.", *sigmoid),)),
        Chapter(4, "The error of the hidden weights", "backward", "Each neuron stamps the picture.", (
            shot("The column lies down", "The picture is turned to a row.", turn),
            shot("Twenty stamps", "Every neuron stamps the picture into its weights.", stamp,
                 note="This is an outer product: a column times a row."))),
        Chapter(5, "Change the hidden weights", "update", "A little of the change is added.", (
            shot("Scaled", "The change shrinks by the learn rate.", scale),
            shot("Added", "And is added in place.", scale, change))))  # fmt: skip
    told = {number for chapter in chapters for shot in chapter.shots for number in shot.completes}
    left_out = tuple(operation.number for operation in trace if operation.number not in told)
    board = Storyboard(
        "How a small network learns",
        "demo",
        trace,
        chapters,
        (Fold(784, 28, 28),),
        left_out,
        "One lesson, step by step",
    )
    return check(board)


@lru_cache(maxsize=1)
def timeline() -> Timeline:
    return schedule(storyboard(), duration_ticks=210)


def values(clip: Clip, board: Storyboard) -> tuple[Value, ...]:
    operation = board.operation(clip.shot.subject[-1])
    return tuple(value for value in (*operation.inputs, operation.output) if value.shape)


def compose(film: Timeline, instant: Fraction) -> Moment:
    clip = film.clips[film.clip_index(instant)]
    return _still(
        film, clip, min(float((instant * 10 - clip.start) / max(clip.rest_start - clip.start, 1)), 1.0)
    )


@lru_cache(maxsize=16)
def _still(film: Timeline, clip: Clip, acted: float) -> Moment:
    parts = list(_cards(values(clip, film.storyboard), acted))
    parts.append(Text(clip.shot.title, (50, 80), 40, LOOK.theme.ink))
    display = DisplayList.of(LOOK.regions.size, LOOK.theme.background, parts)
    subject = clip.shot.subject
    turn = subject[min(int(acted * len(subject)), len(subject) - 1)]
    return Moment(display, Tableau((), lit=film.storyboard.operation(turn).source.expression))


def _cards(shown: tuple[Value, ...], acted: float) -> Iterator[Primitive]:
    for place, value in enumerate(shown):
        cells = folded(value)
        layers, _, columns = cells.shape
        high = 300.0 if columns > 1 else 560.0
        wide = 250.0 if columns > 1 else 36.0
        x, y = 60 + place * 430 + (1 - acted) * 140, 480 - high / 4
        origins = tuple((x + 5.0 * layer, y - 6.0 * layer) for layer in reversed(range(layers)))
        last = place == len(shown) - 1
        mask = np.arange(cells.size).reshape(cells.shape) < acted * cells.size if last else None
        yield Matrix(
            value.name or f"#{value.id}", _cells(value), LEVEL if value.role == "input" else SIGNED, origins,
            (wide, -wide * 0.42), (0.0, high), tuple(reversed(range(layers))),
            mask=None if mask is None else Mask(mask), edge=LOOK.theme.accents[place], shows=CellMap(value.id),
        )  # fmt: skip


@lru_cache(maxsize=64)
def _cells(value: Value) -> Cells:
    return Cells(folded(value))


def folded(value: Value) -> np.ndarray:
    rows, columns = value.shape
    if max(value.shape) == 784:
        return value.value.reshape(min(value.shape), 28, 28)
    return value.value.reshape(1, rows, columns)


def places_of(told: Timeline, composer: Callable[[Fraction], Moment]) -> CardPlaces:
    """Where the cards are, whoever composes the film."""
    packer, moments = Packer(LOOK), [composer(Fraction(tick, 10)) for tick in range(told.ticks)]
    for tick, moment in enumerate(moments):
        packer.note(tick, moment)
    return card_places(packer, [(tick, moment.lit) for tick, moment in enumerate(moments)])


def film(told: Timeline, videos: dict[int, str] = FILMS, places: CardPlaces | None = None) -> Content:
    """`places` are those of the cards, where the film's own drawings are meant."""
    return Content(
        told, SIZE, LOOK.regions.size, tuple(sorted(videos.items(), reverse=True)),
        places or places_of(told, lambda instant: compose(told, instant)), covers(LOOK),
    )  # fmt: skip


@lru_cache(maxsize=1)
def stages() -> Stages:
    """The film packed for the stage, in two themes: the drawings have none."""
    told = timeline()
    packer = Packer(twofold(LOOK))
    for tick in range(told.ticks):
        packer.note(tick, compose(told, Fraction(tick, 10)))
    return fitting(("dark", "light"), packer.packed())


def write_alone(folder: Path) -> Path:
    """A page and nothing else."""
    content = replace(film(timeline(), {}), stages=stages(), pictures=False)
    (folder / "index.html").write_bytes(page(content))
    return folder


def write(folder: Path, told: Timeline, videos: dict[int, str] = FILMS) -> Path:
    """The whole output folder: page, stills, films."""
    raster = Raster(SIZE)
    files = stills.stills(told, lambda instant: raster.paint(compose(told, instant).display).full)
    files |= {"index.html": page(film(told, videos)), "poster.png": _poster(files)}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for fps, name in videos.items():
        encode(folder / name, told, fps)
    return folder


def _poster(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    Image.open(io.BytesIO(next(iter(files.values())))).save(stream, "PNG")
    return stream.getvalue()


def encode(path: Path, told: Timeline, fps: int) -> None:
    raster = Raster(FILM_SIZE)
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p",
        "-s", f"{FILM_SIZE[0]}x{FILM_SIZE[1]}", "-r", str(fps), "-i", "-", "-c:v", "libx264", "-preset", "ultrafast",
        "-threads", "2", "-g", str(fps), "-movflags", "+faststart", str(path),
    ]  # fmt: skip
    frames = (
        raster.paint(compose(told, Fraction(frame, fps)).display).i420()
        for frame in range(told.ticks * fps // 10)
    )
    subprocess.run(command, input=b"".join(frames), check=True, timeout=120)


def retold(board: Storyboard, text: str) -> Storyboard:
    """The same story with one text in every place that holds words."""

    def shot(old: Shot) -> Shot:
        return replace(old, title=text, caption=text, note=text)

    chapters = tuple(
        replace(chapter, title=text, caption=text, shots=tuple(map(shot, chapter.shots)))
        for chapter in board.chapters
    )
    return replace(board, title=text, subtitle=text, chapters=chapters)
