"""The options that commands share, read into plain values: what is shown, and what the film looks like."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from mnistviz.errors import InputError
from mnistviz.export.formats import QUALITY, SIZE, X264, parse_size
from mnistviz.scene import DEFAULT_SCENE
from mnistviz.story.timecode import PACES, Pace

_Command = Callable[..., Any]
_Parameter = click.Parameter | None
_Context = click.Context | None
_Keywords = dict[str, Any]
_Decorator = Callable[[_Command], _Command]


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
        return value if isinstance(value, tuple) else parse_size(value, _where(param))


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


PATH = click.Path(path_type=Path)


def words(*choices: str) -> _Keywords:
    """The type and default of an option that takes one of these words, the first when it is not given."""
    return {"type": OneOf(choices), "default": choices[0], "show_default": True}


def _named_font(context: click.Context, parameter: click.Parameter, path: Path | None) -> None:
    from mnistviz.picture.fallback import name_font

    if path is not None:
        name_font(path)


_FILM = (
    click.option("--size", type=Size(), default=SIZE, show_default=True, help="Even; 320x180, 720p, 2160p."),
    click.option(
        "--theme", default="dark", show_default=True, help="dark, light, or one of the scene's own."
    ),
    click.option("--pace", **words(*PACES), help="How much time each idea gets."),
    click.option("--duration", type=Ticks(), help="Length of what is rendered, 0:20 up.  [default: by pace]"),
    click.option(
        "--font",
        type=PATH,
        metavar="FILE",
        callback=_named_font,
        expose_value=False,
        help="A font for letters that DejaVu lacks.",
    ),
    click.option("--chapters", type=ChapterRange(), help="A part only: 2-4, or 3.  [default: all]"),
)


def quality_option(command: _Command) -> _Command:
    """`--quality`, for what is encoded."""
    said = "How hard the encoder works; the pictures are the same."
    option = click.option("--quality", type=OneOf(tuple(X264)), default=QUALITY, show_default=True, help=said)
    return option(command)


def output_option(metavar: str, help: str, required: bool = False) -> _Decorator:
    """`-o`, `--out`: where what is made goes."""
    return click.option("-o", "--out", type=PATH, metavar=metavar, required=required, help=help)


def scene_argument(command: _Command) -> _Command:
    """`[SCENE]`: a built-in name, a folder, `FILE.py[:function]`, a script, or a saved trace."""
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
        **others: Any,
    ) -> Any:
        return command(film=FilmChoice(size, theme, pace, duration, chapters), **others)

    return _decorated(collected, _FILM)


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
