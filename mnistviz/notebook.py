"""In a notebook: `%load_ext mnistviz`, and `%%mnistviz` before a cell records what the cell computes.

    %%mnistviz                      the cell's operations as a table
    %%mnistviz --name step          and the trace as `step`
    %%mnistviz --film               its film, with chapters; --theme light on a light page

A trace shows itself as a table, a film as a player; see `mnistviz.trace.html` and
`mnistviz.export.player`.
"""

from __future__ import annotations

import ast
import re
import sys
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import Any

from mnistviz.errors import InputError, MnistvizError
from mnistviz.trace.model import Trace

SCENE = "cell"
OURS = str(Path(__file__).parent)
OUTPUT = Path("output") / SCENE
OPTIONS = ("--name", "--film", "--out", "--size", "--quality", "--theme")
OTHER_MAGIC = re.compile(r"\s*%%(?P<name>\w+)[ \t]*(?P<rest>[^\n]*)\n?")  # above what it does something with
RUNS_OTHERWISE = frozenset(
    {"timeit", "prun", "bash", "sh", "script", "writefile", "html", "javascript", "latex"}
)
TIMED = re.compile(r"(?m)^([ \t]*)%time[ \t]+(?=\S)")  # what it times is computed all the same, and seen


def load_ipython_extension(shell: Any) -> None:
    """Enter `%%mnistviz` into a shell."""
    shell.register_magic_function(_cell_magic(shell), "cell", "mnistviz")


def unload_ipython_extension(shell: Any) -> None:
    """Take it out again."""
    shell.magics_manager.magics["cell"].pop("mnistviz", None)


def _cell_magic(shell: Any) -> Any:
    def mnistviz(line: str, cell: str) -> Any:
        """Record what a cell computes: `%%mnistviz [--name NAME] [--film] [--out DIR] [--size WxH] [--theme NAME]`."""
        __tracebackhide__ = True  # IPython's: what is not the user's is not shown
        try:
            if (
                inner := OTHER_MAGIC.match(cell)
            ) is not None:  # which would hide the cell from us: it goes around
                _check_runs_once(inner["name"])
                return shell.run_cell_magic(
                    inner["name"], inner["rest"], f"%%mnistviz {line}\n{cell[inner.end() :]}"
                )
            return _shown(shell, _options(line), cell)
        except MnistvizError as error:
            print(f"error: {error}", file=sys.stderr)
            return None

    return mnistviz


def _check_runs_once(magic: str) -> None:
    """Raises `InputError` for a magic that runs its cell many times, or not in the notebook."""
    if magic in RUNS_OTHERWISE:
        cure = "record the cell in another one, without it"
        raise InputError(f"%%{magic} does not run a cell once, as it stands", "%%mnistviz", cure)


def _options(line: str) -> Any:
    import argparse
    import shlex

    def fail(message: str) -> Any:
        near = [one for word in message.split() for one in get_close_matches(word, OPTIONS, 1)]
        known = "see %%mnistviz --help"
        raise InputError(message, "%%mnistviz", f"did you mean {near[0]}? {known}" if near else known)

    parser = argparse.ArgumentParser("%%mnistviz", description="Record what a cell computes.")
    parser.error = fail  # type: ignore[method-assign]
    parser.add_argument("--name", help="what the trace is called afterwards")
    parser.add_argument("--film", action="store_true", help="show its film")
    parser.add_argument("--out", type=Path, default=OUTPUT, help="folder of the film")
    parser.add_argument("--size", default="960x540", help="of the film")
    parser.add_argument("--quality", default="draft", help="of the film")
    parser.add_argument("--theme", default="dark", help="of the film: dark or light")
    try:
        return parser.parse_args(shlex.split(line))
    except SystemExit:  # --help
        raise InputError("nothing was recorded", "%%mnistviz", "leave out --help") from None


def _shown(shell: Any, chosen: Any, cell: str) -> Any:
    __tracebackhide__ = True
    from mnistviz.export.formats import parse_size

    size = parse_size(chosen.size, "--size")  # before the cell runs
    if chosen.film:
        from mnistviz.picture.theme import find_theme

        find_theme(chosen.theme, "--theme")
    trace = record_cell(shell, cell)
    if trace is None:
        return None
    if chosen.name:
        shell.user_ns[chosen.name] = trace
    if not chosen.film:
        return trace
    from mnistviz.render import render
    from mnistviz.story.default import default_storyboard

    board = default_storyboard(trace, SCENE)
    return render(board, chosen.out, fps=10, size=size, quality=chosen.quality, theme=chosen.theme)


def record_cell(shell: Any, cell: str) -> Trace | None:
    """Run a cell in the shell's own names and write down what it computes; its errors are told as ever.

    None where it is not Python.  Raises KeyboardInterrupt where it is interrupted.
    """
    from mnistviz.trace.script.run import run_cell

    __tracebackhide__ = True
    text = "\n" + shell.transform_cell(TIMED.sub(r"\1", cell))  # lines count from that of the magic
    name = shell.compile.cache(text, _number(shell), raw_code=cell)
    try:
        compile(text, name, "exec")
        trace, error = run_cell(name, shell.user_ns)
    except SyntaxError:
        _check_awaits(text, name)
        shell.showsyntaxerror(name)
        return None
    except KeyboardInterrupt as interrupt:
        raise interrupt.with_traceback(_of_user(interrupt.__traceback__, name)) from None
    if error is not None:
        below = error.__traceback__.tb_next if error.__traceback__ else None  # that of the cell
        shell.showtraceback((type(error), error, below or error.__traceback__))
    return trace


def _check_awaits(text: str, name: str) -> None:
    """Raises `InputError` where a cell is right but for an `await` at its top, which no recording can wait for."""
    try:
        compile(text, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:
        return
    cure = "await in a cell of its own, and record the cell that computes with what came"
    raise InputError("a cell that awaits cannot be recorded", "%%mnistviz", cure)


def _of_user(traceback: TracebackType | None, name: str) -> TracebackType | None:
    """A traceback from the cell on, to the last line that is not ours."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename != name:
        traceback = traceback.tb_next
    end = at = traceback
    while at is not None:
        end = at if not at.tb_frame.f_code.co_filename.startswith(OURS) else end
        at = at.tb_next
    if end is not None:
        end.tb_next = None
    return traceback


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
