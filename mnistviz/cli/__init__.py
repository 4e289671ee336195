"""The command line: options in, one call into a room, one line out.

Nothing heavy is imported before a command runs, so that `--help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from mnistviz.cli.doctor import doctor
from mnistviz.cli.film import frame, render, verify
from mnistviz.cli.learning import evaluate, train
from mnistviz.cli.loop import loop
from mnistviz.cli.page import page
from mnistviz.cli.reporting import run
from mnistviz.cli.tracing import scenes, trace

_EXAMPLES = """\b
Examples:
  python -m mnistviz page                the built-in network on a page, in seconds
  python -m mnistviz render              both films of it, and the page
  python -m mnistviz render --fps 60     the 60 fps film alone
  python -m mnistviz trace step.py       what your own numpy code computes
"""


class _InOrder(click.Group):
    """Lists the commands in the order in which they were added: what most people want comes first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_InOrder, invoke_without_command=True, epilog=_EXAMPLES, context_settings={"max_content_width": 100}
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Film one training step of a neural network, from the plain numpy that computes it."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (render, page, frame, loop, trace, train, evaluate, verify, scenes, doctor):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code, and prints at most one line of error."""
    if cli.help is None:
        from mnistviz.cli.help import restore_help

        restore_help(cli)
    return run(cli, sys.argv[1:] if arguments is None else list(arguments))
