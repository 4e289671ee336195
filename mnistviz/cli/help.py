"""Help where Python was told to drop docstrings (`-OO`): it is read from the source instead."""

from __future__ import annotations

import ast
import inspect
import textwrap

import click


def restore_help(group: click.Group) -> None:
    """Give the group and its commands the help that their functions' docstrings are."""
    for command in (group, *group.commands.values()):
        if command.help is None and command.callback is not None:
            command.help = _docstring(inspect.unwrap(command.callback))


def _docstring(function: object) -> str | None:
    try:
        source = inspect.getsource(function)  # type: ignore[arg-type]
        definition = ast.parse(textwrap.dedent(source)).body[0]
    except (OSError, TypeError, SyntaxError):  # there is no source: no help either
        return None
    return ast.get_docstring(definition) if isinstance(definition, ast.FunctionDef) else None
