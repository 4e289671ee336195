"""The options that commands share, read into plain values: what is shown, and what the film looks like."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistviz.errors import InputError
from mnistviz.scene import DEFAULT_SCENE, PictureChoice

if TYPE_CHECKING:
    from mnistviz.data.pictures import Orientation
    from mnistviz.story.timeline import Pace

_Command = Callable[..., Any]
_Parameter = click.Parameter | None
_Context = click.Context | None
_Keywords = dict[str, Any]
_Decorator = Callable[[_Command], _Command]

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "1440p": (2560, 1440), "2160p": (3840, 2160)}
SMALLEST_PX = (320, 180)  # long side, short side
LARGEST_PX = (7680, 4320)


class OneOf(click.Choice[str]):
    """One of a few words; a near miss is answered with the word that was probably meant."""

    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> str:
        """The word itself; `InputError` for any other."""
        known = [str(word) for word in self.choices]
        if value not in known:
            near = get_close_matches(str(value), known, 1)
            cure = f"did you mean {near[0]}?" if near else f"choose {' or '.join(known)}"
            raise InputError(f"{value!r} is not one of {', '.join(known)}", _where(param), cure)
        return str(value)


class Size(click.ParamType[tuple[int, int]]):
    """A film's width and height in pixels."""

    name = "WxH"

    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> tuple[int, int]:
        """`1920x1080` or a name in `SIZES`; `InputError` for what is odd, too small or too large."""
        if isinstance(value, tuple):
            return value
        if value in SIZES:
            return SIZES[value]
        match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", value)
        if match is None:
            raise InputError(f"{value!r} is not a size", _where(param), "write it as 1920x1080 or 1080p")
        width, height = int(match[1]), int(match[2])
        long, short = max(width, height), min(width, height)
        if not (SMALLEST_PX[0] <= long <= LARGEST_PX[0] and SMALLEST_PX[1] <= short <= LARGEST_PX[1]):
            raise InputError(f"{value} is no size for a film", _where(param), "choose 320x180 to 7680x4320")
        if width % 2 or height % 2:
            even = f"{width - width % 2}x{height - height % 2}"
            raise InputError(
                f"{value} is odd, and H.264 needs even sizes", _where(param), f"did you mean {even}?"
            )
        return width, height


class ChapterRange(click.ParamType[tuple[int, int]]):
    """Chapters by number, the first and the last included."""

    name = "N-M"

    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> tuple[int, int]:
        """`2-4` or `3`; `InputError` for anything else."""
        match = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", str(value))
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise InputError(f"{value!r} names no chapters", _where(param), "write them as 2-4 or 3, from 1")
        return first, last


class Ticks(click.ParamType[int]):
    """A length of time in ticks of 1/10 s."""

    name = "M:SS"

    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> int:
        """`3:00`, `0:30` or `45.5`; `InputError` for anything else."""
        from mnistviz.story.timecode import parse_ticks

        return parse_ticks(str(value), _where(param))


class Instant(click.ParamType[Fraction]):
    """An instant of the film in exact seconds."""

    name = "M:SS.S"

    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> Fraction:
        """`1:18.0` or `78`; `InputError` for anything else."""
        from mnistviz.story.timecode import parse_instant

        return parse_instant(str(value), _where(param))


@dataclass(frozen=True)
class FilmChoice:
    """What a film looks like and which part of it is made."""

    size: tuple[int, int]  # width, height in pixels
    theme: str
    pace: Pace
    duration: int | None  # ticks
    chapters: tuple[int, int] | None  # first, last
    quality: str


PATH = click.Path(path_type=Path)


def words(*choices: str) -> _Keywords:
    """The type and default of an option that takes one of these words, the first when it is not given."""
    return {"type": OneOf(choices), "default": choices[0], "show_default": True}


_FILM = (
    click.option(
        "--size", type=Size(), default="1080p", show_default=True, help="Even; 320x180, 720p, 2160p."
    ),
    click.option("--theme", **words("dark", "light"), help="Colours."),
    click.option("--pace", **words("story", "article"), help="How much time each idea gets."),
    click.option("--duration", type=Ticks(), help="Length of what is rendered, 0:20 up.  [default: by pace]"),
    click.option("--chapters", type=ChapterRange(), help="A part only: 2-4, or 3.  [default: all]"),
    click.option(
        "--quality",
        type=OneOf(("draft", "standard", "high")),
        default="standard",
        show_default=True,
        help="How hard the encoder works; the pictures are the same.",
    ),
)
_PICTURE = (
    click.option("--weights", type=PATH, metavar="DIR", help="Weights to load.  [default: the scene's own]"),
    click.option(
        "--data", type=PATH, metavar="DIR", help="MNIST idx files, .gz or not.  [default: built-in]"
    ),
    click.option("--index", type=click.IntRange(min=0), metavar="N", help="Which picture, counted from 0."),
    click.option("--image", type=PATH, metavar="FILE", help="Your own PNG or JPEG of a digit."),
    click.option(
        "--label",
        type=click.IntRange(0, 9),
        metavar="D",
        help="What the picture shows, where you know better.",
    ),
    click.option(
        "--orientation",
        **words("upright", "clockwise"),
        help="clockwise: turned before it is fed in, as the article's weights need it.",
    ),
)


def scene_argument(command: _Command) -> _Command:
    """`[SCENE]`: a built-in name, a folder, or `FILE.py[:function]`."""
    return click.argument("scene", default=DEFAULT_SCENE)(command)


def film_options(command: _Command) -> _Command:
    """The options of how a film looks, handed on as one `film`."""

    @functools.wraps(command)
    def collected(
        *,
        size: tuple[int, int],
        theme: str,
        pace: Pace,
        duration: int | None,
        chapters: tuple[int, int] | None,
        quality: str,
        **others: Any,
    ) -> Any:
        return command(film=FilmChoice(size, theme, pace, duration, chapters, quality), **others)

    return _decorated(collected, _FILM)


def picture_options(command: _Command) -> _Command:
    """The options of what is shown, handed on as one `choice`."""

    @functools.wraps(command)
    def collected(
        *,
        weights: Path | None,
        data: Path | None,
        index: int | None,
        image: Path | None,
        label: int | None,
        orientation: Orientation,
        **others: Any,
    ) -> Any:
        return command(choice=PictureChoice(weights, data, index, image, label, orientation), **others)

    return _decorated(collected, _PICTURE)


def common_options(command: _Command) -> _Command:
    """`--quiet` and `--debug`, which every command has; `--debug` is read where errors are told."""
    return _decorated(
        command,
        (
            click.option("--quiet", is_flag=True, help="Print results and errors only."),
            click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback on errors."),
        ),
    )


def _decorated(command: _Command, options: Sequence[_Decorator]) -> _Command:
    return functools.reduce(lambda inner, option: option(inner), reversed(options), command)


def _where(param: _Parameter) -> str:
    return param.opts[-1] if param else "option"
