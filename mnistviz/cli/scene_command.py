"""Commands about a SCENE: what more they may be asked is the scene's own affair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Any, Final

import click

from mnistviz.cli.options import PATH, OneOf
from mnistviz.errors import InputError
from mnistviz.scene import (
    DEFAULT_SCENE,
    FoundScene,
    Option,
    PictureChoice,
    Scene,
    ScriptChoice,
    find_scene,
)

_FOUND: Final = "mnistviz.scene"  # in a context's `meta`
_ARGUMENTS: Final = "mnistviz.arguments"  # of a script
_ASKED_OF: Final = {ScriptChoice: "a script", PictureChoice: "a scene of pictures"}


@dataclass(frozen=True)
class ChosenScene:
    """A scene and what was chosen of it; called, it is opened."""

    found: FoundScene
    choice: object

    def __call__(self) -> Scene:
        """The scene, opened."""
        return self.found.open(self.choice)

    @property
    def name(self) -> str:
        """What it will be called."""
        return self.found.name

    @property
    def built_in(self) -> bool:
        """Whether no code of the user's is run."""
        return self.found.built_in

    @property
    def reads(self) -> tuple[Path, ...] | None:
        """The files and folders that it is made from; None where nobody knows."""
        return self.found.reads(self.choice)


class SceneCommand(click.Command):
    """A command whose SCENE adds options; it is called with `scene`, which opens what was chosen."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the scene first, for its options; raises `InputError` where there is none.

        What follows a `--` is not ours, but the scene's.
        """
        if "--" in args:
            place = args.index("--")
            args, ctx.meta[_ARGUMENTS] = args[:place], tuple(args[place + 1 :])
        name = self._named(ctx, args)
        try:
            ctx.meta[_FOUND] = find_scene(name)
        except InputError:
            if not {"--help"} & set(args):
                raise
        try:
            rest = super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            _tell_whose(error.option_name, ctx.meta.get(_FOUND))
            raise
        if ctx.params["scene"] != name:  # taken for the value of an option that no scene has
            ctx.meta[_FOUND] = find_scene(ctx.params["scene"])
        return rest

    def _named(self, ctx: click.Context, args: list[str]) -> str:
        """What is in the place of SCENE, as far as one can say without knowing the scene's options."""
        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = True
        try:
            given, others, _ = parser.parse_args(list(args))
        except click.UsageError:  # it is told when the arguments are read for good
            return DEFAULT_SCENE
        first = given.get("scene")
        left = [*([first] if isinstance(first, str) else []), *others]
        free = (one for before, one in zip(["", *left], left, strict=False) if not _is_value(before, one))
        return next(free, DEFAULT_SCENE)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own, and the scene's after SCENE."""
        own = super().get_params(ctx)
        found: FoundScene | None = ctx.meta.get(_FOUND)
        if found is None:
            return own
        return [*own[:1], *_options(found, {name for one in own for name in one.opts}), *own[1:]]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command with what was chosen."""
        found: FoundScene = ctx.meta[_FOUND]
        chosen = {one.name: ctx.params.pop(one.name) for one in _choosable(found)}
        arguments: tuple[str, ...] = ctx.meta.get(_ARGUMENTS, ())
        if arguments:
            if "arguments" not in {one.name for one in fields(found.choice)}:
                raise InputError("this scene takes no arguments of its own", found.name, "leave out the --")
            chosen["arguments"] = arguments
        ctx.params["scene"] = ChosenScene(found, found.choice(**chosen))
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, the scene's under a heading of their own."""
        found: FoundScene | None = ctx.meta.get(_FOUND)
        names = {one.name for one in _choosable(found)} if found is not None else set()
        options = [one for one in self.get_params(ctx) if isinstance(one, click.Option)]
        for heading, own in (("Options", False), (f"Options of {found.name if found else ''}", True)):
            records = [one.get_help_record(ctx) for one in options if (one.name in names) == own]
            if records:
                with formatter.section(heading):
                    formatter.write_dl([record for record in records if record])


def _is_value(before: str, one: str) -> bool:
    """Whether an argument is an option, or may be the value of the one before it."""
    return one.startswith("-") or (before.startswith("-") and "=" not in before)


def _choosable(found: FoundScene) -> list[Field[Any]]:
    return [one for one in fields(found.choice) if "option" in one.metadata]


def _tell_whose(flag: str, found: FoundScene | None) -> None:
    """Raises `InputError` where only another kind of scene lets one choose that."""
    for choice, kind in _ASKED_OF.items():
        if found is not None and flag in {_flag(one) for one in fields(choice) if "option" in one.metadata}:
            raise InputError(f"{flag} is asked of {kind}", found.name, "this is another scene: leave it out")


def _options(found: FoundScene, taken: set[str]) -> list[click.Option]:
    made = []
    for one in _choosable(found):
        flag = _flag(one)
        if flag in taken:
            raise InputError(
                f"{flag} is an option of the command", found.name, "let the scene call it otherwise"
            )
        made.append(_option(flag, one))
    return made


def _flag(one: Field[Any]) -> str:
    return f"--{one.name.strip('_').replace('_', '-')}"


def _option(flag: str, one: Field[Any]) -> click.Option:
    said: Option = one.metadata["option"]
    if said.kind is bool:
        return click.Option([flag, one.name], is_flag=True, default=one.default, help=said.help)
    return click.Option(
        [flag, one.name],
        type=_kind(said),
        default=one.default,
        show_default=one.default is not None,
        metavar=said.metavar or None,
        help=said.help,
    )


def _kind(said: Option) -> click.ParamType[Any]:
    if said.words:
        return OneOf(said.words)
    if said.kind is int:
        return click.IntRange(_whole(said.least), _whole(said.most))
    if said.kind is float:
        return click.FloatRange(said.least, said.most)
    return PATH if said.kind is Path else click.STRING


def _whole(limit: float | None) -> int | None:
    return None if limit is None else int(limit)


def check_ending(path: Path, endings: Sequence[str], what: str) -> None:
    """Raises `InputError` for a file whose name ends in none of these."""
    if path.suffix.lower() not in endings:
        raise InputError(what, str(path), f"name a file that ends in {' or '.join(endings)}")
