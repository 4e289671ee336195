"""Runs a script as `python FILE.py` would, up to what is to be told of it, and gives the trace of that.

    run_script(path, arguments, wish) -> ScriptRun

The script has its own `sys.argv`, is `__main__`, finds its folder first on `sys.path`, and stays in the
working directory.  Once a pass of its loop is recorded it ends as by `SystemExit`: its `finally` and `with`
blocks run, and an `except` that would keep it alive gets the exit anew.
"""

from __future__ import annotations

import ast
import builtins
import gc
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from mnistviz.errors import InputError
from mnistviz.trace.model import Trace
from mnistviz.trace.recording import depth, watchers
from mnistviz.trace.recording.build import build
from mnistviz.trace.recording.exchange import Exchange, Writer
from mnistviz.trace.recording.recorder import OWN_FRAMES, alone, asked_by, code_of, run_recorded
from mnistviz.trace.recording.recording import Recording
from mnistviz.trace.recording.watched import Watched
from mnistviz.trace.script import hooks
from mnistviz.trace.script.cutting import Piece, cut
from mnistviz.trace.script.ending import conclude, failing, is_satisfied, take_kept, take_sum
from mnistviz.trace.script.frame import draw_frame
from mnistviz.trace.script.loops import Wish, line_of, told
from mnistviz.trace.script.reach import Modules
from mnistviz.trace.script.scout import MEMORY, MEMORY_UNASKED, MOST_UNASKED, RunEnded, Scout
from mnistviz.trace.script.texts import package_of
from mnistviz.trace.source.sites import Site
from mnistviz.trace.source.text import read_text

MOST_NAMED = 3  # other loops that are named in the line that says what was chosen


@dataclass(frozen=True)
class ScriptRun:
    """What was recorded of a script, and what was chosen, in a line."""

    trace: Trace
    said: str


_running: list[tuple[str, Scout]] = []  # the script that runs now


def status() -> str:
    """How far the script is that runs now, in a few words; "" where none does."""
    if not _running:
        return ""
    name, scout = _running[-1]
    if not scout.stack:
        return f"{name}: running"
    run = next((one for one in scout.stack if one.loop is scout.target), scout.stack[-1])
    return f"{name}: pass {run.loop.passes:,} of the loop at line {line_of(run.loop.site)}"


def run_script(path: Path, arguments: tuple[str, ...], wish: Wish) -> ScriptRun:
    """Run a script and record what is wished for; its errors are its own.

    Raises `InputError` where there is nothing to record, or where it ends before that.
    """
    place = str(path.absolute())
    if wish.line is not None:
        _check_line(path, wish.line)
    exchange = Exchange(Watched(place), partial(_hooks, script=place, line=wish.line))
    with alone("<module>"), exchange:
        program = exchange.program(place)
        if program is None:
            raise InputError("there is no text of the script", str(path), "name a FILE.py that can be read")
        scout = Scout(exchange, wish, Modules(str(path.absolute().parent)))
        file = exchange.file(place)
        scout.spot_node = hooks.spot_of(file.text.tree, wish.line) if file and wish.line else None
        asked_for = partial(_record_asked, scout)
        with _as_main(place, arguments) as module, _told(path.name, scout), asked_by(asked_for):
            trace = _run(scout, program, module)
    said = _said(path, scout, wish)
    scout.stack.clear()
    _let_go_of_tasks()
    return ScriptRun(trace, said)


def _let_go_of_tasks() -> None:
    """Collect the tasks in which a run of coroutines was ended, in silence: asyncio complains of each that nobody asks.

    It would do so whenever they are found, also in the middle of reading a source, which Python cannot bear.
    """
    if "asyncio" not in sys.modules:
        return
    log = logging.getLogger("asyncio")
    before, log.disabled = log.disabled, True
    try:
        gc.collect()
    finally:
        log.disabled = before


def _hooks(path: str, script: str, line: int | None) -> Writer:
    """What writes the hooks into a file: the script has that of the chosen line too."""
    return partial(hooks.LoopHooks, line=line) if path == script and line is not None else hooks.LoopHooks


def run_cell(name: str, names: dict[str, Any]) -> tuple[Trace, Exception | None]:
    """Run a notebook's cell, whose text Python knows under that name, in its names; its trace, and its error.

    Raises `InputError` where there is no text.
    """
    exchange = Exchange(Watched(name))
    with alone(name), exchange:
        program = exchange.program(name)
        if program is None:
            raise InputError("there is no text of the cell", name, "run it in a notebook")
        recording = Recording(exchange, program, MEMORY)
        recording.frames.stop = sys._getframe()
        error = None
        watchers.switch(recording)
        try:
            with depth.room(OWN_FRAMES):
                exec(program, names)  # noqa: S102 - the user's own cell
        except Exception as raised:
            error = raised
            recording.failed(raised)
        finally:
            watchers.switch(None)
        if recording.stopped is not None:
            raise recording.stopped
        return build(recording, [], error), error


def _run(scout: Scout, program: CodeType, module: ModuleType) -> Trace:
    """Run the program; the trace of what was wished for."""
    scout.stop = sys._getframe()
    try:
        with depth.room(OWN_FRAMES):
            if scout.wish.line is None:
                scout.begin(program, MEMORY if scout.wish.everything else MEMORY_UNASKED)
            hooks.hear(scout)
            _run_program(scout, program, module)
            if scout.tells_a_frame:
                draw_frame(scout)
        conclude(scout)
    except RunEnded:
        pass
    except SystemExit as exit:
        if (
            scout.trace is None
            and not take_sum(scout)
            and (exit.code not in (None, 0) or not is_satisfied(scout))
        ):
            raise
    except Exception as error:
        if take_sum(scout) and scout.trace is not None:
            return scout.trace
        piece = failing(scout)
        if piece is None or error is piece.stopped:
            raise
        watchers.listen(None)
        piece.recording.failed(error)
        scout.chosen = piece
        return cut(piece, scout.carried, error)
    finally:
        hooks.hear(None)
        watchers.switch(None)
    take_kept(scout)
    return scout.trace if scout.trace is not None else _whole(scout, module)


def _record_asked(scout: Scout, function: Callable[..., Any], arrays: tuple[Any, ...], memory: int) -> Trace:
    """The script calls `mnistviz.record` itself: what it asks for is told, and the run ends."""
    hooks.hear(None)
    code = code_of(function)
    recording = Recording(scout.exchange, code, memory)
    returned, error = run_recorded(recording, function, arrays)
    if recording.stopped is not None:
        raise recording.stopped
    scout.trace, scout.asked_for = build(recording, returned, error), code.co_qualname
    raise RunEnded


def _run_program(scout: Scout, program: CodeType, module: ModuleType) -> None:
    """Run it; where it would save an animation, it is over, and a frame of that is told."""
    try:
        exec(program, vars(module))  # noqa: S102 - the user's own script, as he asked
    except RunEnded:
        if scout.trace is not None:
            raise
        scout.ended = False


def _whole(scout: Scout, module: ModuleType) -> Trace:
    """The script is over, and nothing of it was chosen: all of it is told."""
    wish, where = scout.wish, str(getattr(module, "__file__", ""))
    name = Path(where).name
    if wish.line is not None:
        runs = scout.target.passes if scout.target is not None else scout.spots
        what = f"line {wish.line} runs {_number_of(runs, 'time')}" if runs else f"line {wish.line} never runs"
        raise InputError(what, name, f"name a --pass up to {runs}" if runs else "name another --line")
    if scout.target is not None:
        line, passes = line_of(scout.target.site), scout.target.passes
        what = f"the loop at line {line} makes {_number_of(passes, 'pass')}"
        raise InputError(what, name, f"name a --pass up to {passes}")
    piece = scout.whole
    if piece is not None and piece.recording.stopped is not None:
        raise piece.recording.stopped
    if piece is None:
        cure = "name a loop or a statement with --line N, or record everything with --record-all"
        what = "no loop of the script hands arrays on from pass to pass, and all of it is too much to be told unasked"
        raise InputError(f"{what} (more than {MOST_UNASKED:,} operations, or too large)", name, cure)
    scout.chosen = piece
    return cut(piece)


def _number_of(count: int, what: str) -> str:
    """`1 pass`, `2 passes`."""
    plural = what + ("es" if what.endswith("s") else "s")
    return f"{count} {what if count == 1 else plural}"


def _said(path: Path, scout: Scout, wish: Wish) -> str:
    """What was recorded, and how to choose something else."""
    piece = scout.chosen
    if scout.asked_for:
        return f"{path.name}: recorded {scout.asked_for}, as the script itself asks"
    if scout.frame_of:
        which = "the first frame" if wish.first == 1 else f"frame {wish.first:,}"
        what = f"{path.name}: recorded {which} of the animation, {scout.frame_of}"
        return (
            f"{what}; --line N chooses a loop or a statement, --pass K another frame, --record-all everything"
        )
    if piece is None or piece.site is None:
        why = "" if wish.everything else ", which has no loop that learns"
        return f"{path.name}: recorded the whole script{why}; --line N chooses a loop or a statement"
    kind = f"pass {piece.number:,} of the loop" if scout.target is not None else "the statement"
    after = (
        f", and {_number_of(piece.passes - 1, 'pass')} after it, one being short" if piece.passes > 1 else ""
    )
    instead = ", the first with more to show than equal numbers" if _is_instead(piece, scout) else ""
    place = _place_of(piece.site, path)
    what = f'{path.name}: recorded {kind} at {place}, "{told(piece.site)}"{instead}{after}'
    passes = "one pass alone" if after else "another pass"
    return f"{what}; {_others(path, scout, piece)}, --pass K {passes}, --record-all everything"


def _place_of(site: Site, path: Path) -> str:
    """As in `line 8`, and of which file where that is not the script itself."""
    file = Path(site.file.path)
    return f"line {line_of(site)}" + ("" if _is_file(file, path) else f" of {file.name}")


def _others(path: Path, scout: Scout, piece: Piece) -> str:
    """How to choose another loop; that of another file is chosen by the line of the script that leads there."""
    found = [one.site for one in scout.loops.values() if one.site is not piece.site]
    lines = [line_of(one) for one in found if _is_file(Path(one.file.path), path)][:MOST_NAMED]
    loops = "a loop at line" if len(lines) == 1 else "loops at lines"
    return "--line N chooses another" + (f" ({loops} {', '.join(map(str, lines))})" if lines else "")


def _is_file(file: Path, path: Path) -> bool:
    return file.name == path.name and file.resolve() == path.resolve()


def _is_instead(piece: Piece, scout: Scout) -> bool:
    """Whether a pass is told instead of the first one, which began with nothing but equal numbers."""
    return scout.kept is not None and scout.kept.piece is not piece


def _check_line(path: Path, line: int) -> None:
    if hooks.spot_of(ast.parse(read_text(str(path.absolute()))), line) is None:
        cure = "name the line of a loop, a call or a statement"
        raise InputError(f"nothing runs at line {line}", str(path), cure)


@contextmanager
def _told(name: str, scout: Scout) -> Iterator[None]:
    """`status` speaks of this run."""
    _running.append((name, scout))
    try:
        yield
    finally:
        _running.pop()


@contextmanager
def _as_main(place: str, arguments: tuple[str, ...]) -> Iterator[ModuleType]:
    """A new `__main__` of that file, with its own command line and path, for as long as it runs."""
    module = ModuleType("__main__")
    package, home = package_of(Path(place).resolve())
    names: dict[str, Any] = {"__file__": place, "__builtins__": builtins, "__cached__": None}
    names |= {"__package__": package} if package else {}
    vars(module).update(names)
    before = sys.modules["__main__"], sys.argv, list(sys.path)
    sys.modules["__main__"] = module
    sys.argv = [place, *arguments]
    sys.path[:] = [str(home), *_without_ours(before[2])]
    try:
        yield module
    finally:
        sys.modules["__main__"], sys.argv, sys.path[:] = before


def _without_ours(path: list[str]) -> list[str]:
    """The module path less the folder that `python -m mnistviz` was started in, which comes last instead."""
    started_in = {"", str(Path.cwd())}
    return [one for one in path if one not in started_in] + [one for one in path if one in started_in]
