"""In a notebook: `%load_ext mnistviz`, and `%%mnistviz` before a cell records what the cell computes.

    %%mnistviz                      the cell's operations as a table
    %%mnistviz --name step          and the trace as `step`
    %%mnistviz --film               its film, with chapters

A trace shows itself as a table, a film as a player; see `mnistviz.trace.html` and
`mnistviz.export.player`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from mnistviz.errors import InputError, MnistvizError
from mnistviz.trace.model import Trace

SCENE = "cell"
OUTPUT = Path("output") / SCENE


def load_ipython_extension(shell: Any) -> None:
    """Enter `%%mnistviz` into a shell."""
    shell.register_magic_function(_cell_magic(shell), "cell", "mnistviz")


def unload_ipython_extension(shell: Any) -> None:
    """Take it out again."""
    shell.magics_manager.magics["cell"].pop("mnistviz", None)


def _cell_magic(shell: Any) -> Any:
    def mnistviz(line: str, cell: str) -> Any:
        """Record what a cell computes: `%%mnistviz [--name NAME] [--film] [--out DIR] [--size WxH]`."""
        try:
            return _shown(shell, _options(line), cell)
        except MnistvizError as error:
            print(f"error: {error}", file=sys.stderr)
            return None

    return mnistviz


def _options(line: str) -> Any:
    import argparse
    import shlex

    def fail(message: str) -> Any:
        raise InputError(message, "%%mnistviz", "see %%mnistviz --help")

    parser = argparse.ArgumentParser("%%mnistviz", description="Record what a cell computes.")
    parser.error = fail  # type: ignore[method-assign]
    parser.add_argument("--name", help="what the trace is called afterwards")
    parser.add_argument("--film", action="store_true", help="show its film")
    parser.add_argument("--out", type=Path, default=OUTPUT, help="folder of the film")
    parser.add_argument("--size", default="960x540", help="of the film")
    parser.add_argument("--quality", default="draft", help="of the film")
    try:
        return parser.parse_args(shlex.split(line))
    except SystemExit:  # --help
        raise InputError("nothing was recorded", "%%mnistviz", "leave out --help") from None


def _shown(shell: Any, chosen: Any, cell: str) -> Any:
    from mnistviz.export.formats import parse_size

    size = parse_size(chosen.size, "--size")  # before the cell runs
    trace = record_cell(shell, cell)
    if chosen.name:
        shell.user_ns[chosen.name] = trace
    if not chosen.film:
        return trace
    from mnistviz.render import render
    from mnistviz.story.default import default_storyboard

    board = default_storyboard(trace, SCENE)
    return render(board, chosen.out, fps=10, size=size, quality=chosen.quality)


def record_cell(shell: Any, cell: str) -> Trace:
    """Run a cell in the shell's own names and write down what it computes; its errors are told as ever.

    Raises `InputError` where it is not Python.
    """
    from mnistviz.trace.script.run import run_cell

    text = "\n" + shell.transform_cell(cell)  # lines count from that of the magic
    name = shell.compile.cache(text, _number(shell), raw_code=cell)
    trace, error = run_cell(name, shell.user_ns)
    if error is not None:
        shell.showtraceback((type(error), error, error.__traceback__))
    return trace


def _number(shell: Any) -> int:
    """The number of the cell that runs: that under whose name its code is kept."""
    known: dict[str, int] = getattr(shell.compile, "_filename_map", {})
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename in known:
            return known[frame.f_code.co_filename]
        if frame.f_back is None:
            break
        frame = frame.f_back
    return int(shell.execution_count)
