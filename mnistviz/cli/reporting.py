"""How a command ends: its exit code, and one line `error: what, where, and what to do` when it failed."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from mnistviz.errors import InputError, InterruptedRender, MachineError, MnistvizError, kind_of, lacked_memory
from mnistviz.storage.files import LACKING, NO_ROOM
from mnistviz.storage.machine import hush_about_home, take_memory
from mnistviz.storage.signals import interruptible, is_interrupted

PROGRAM = "python -m mnistviz"
_CURES = {
    **LACKING,
    **{code: cure for code, (_, cure) in NO_ROOM.items()},
    errno.EACCES: "change its permissions, or name another place",
    errno.EPERM: "change its permissions, or name another place",
    errno.EROFS: "name a place that can be written",
    errno.ENOENT: "check that it exists",
    errno.EISDIR: "name a file",
    errno.ENOTDIR: "name a folder",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    _open_what_is_closed()
    _say_anything()
    hush_about_home()
    try:
        with interruptible():
            if arguments and "--help" not in arguments:
                take_memory()
            with command.make_context(PROGRAM, list(arguments)) as context:
                command.invoke(context)
            sys.stdout.flush()
        return 0
    except click.exceptions.Exit as done:  # --help
        return done.exit_code
    except BrokenPipeError:  # the reader has seen enough
        _forget_stdout()
        return InterruptedRender.exit_code if is_interrupted() else 0
    except (Exception, KeyboardInterrupt) as error:
        return _report(error, "--debug" in arguments)


def _report(error: BaseException, debug: bool) -> int:
    """Print the one line of an error; its exit code."""
    if debug:
        traceback.print_exc()
    if is_interrupted() and not isinstance(error, InterruptedRender):
        error = KeyboardInterrupt()  # whatever else came of it
    explained_error = explained(error)
    try:
        click.echo(f"error: {explained_error}", err=True)
        sys.stdout.flush()
    except OSError:  # nobody can be told any more
        _forget_stdout()
    return explained_error.exit_code


def explained(error: BaseException) -> MnistvizError:
    """Any error as one of ours: what, where, what to do, and an exit code."""
    if isinstance(error, MnistvizError):
        return error
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return InterruptedRender("interrupted", "", "run the same command again to go on")
    if isinstance(error, click.UsageError):
        return _usage(error)
    if isinstance(error, click.FileError):
        return MachineError(error.message, error.ui_filename, "name another place")
    if isinstance(error, OSError) and error.errno is not None:
        cure = _CURES.get(error.errno, "see --debug for where it happened")
        nowhere = "" if error.errno in LACKING else "a file or stream"
        return MachineError(error.strerror or str(error), error.filename or nowhere, cure)
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return MachineError("the machine starts no more threads", "", LACKING[errno.EAGAIN])
    if lacked_memory(error):
        return _out_of_memory(error)
    what = f"{kind_of(error)}: {error}"
    return MnistvizError(what, "in mnistviz itself", "run it again with --debug and report what it says")


def _out_of_memory(error: BaseException) -> MachineError:
    if isinstance(error, ImportError):
        return MachineError("out of memory, importing a library", "", "let it have more memory (ulimit -v)")
    return MachineError("out of memory", str(error), LACKING[errno.ENOMEM])


def _usage(error: click.UsageError) -> InputError:
    """Click's own usage error in our form, its suggestion kept as the cure."""
    near = getattr(error, "possibilities", None)  # the nearest first
    what = error.message if near else error.format_message()
    path = error.ctx.command_path if error.ctx else PROGRAM
    cure = f"did you mean {near[0]}?" if near else f"see {path} --help"
    return InputError(_as_phrase(what), path, cure)


def _as_phrase(sentence: str) -> str:
    sentence = sentence.strip()
    if sentence[1:2].islower():
        sentence = sentence[0].lower() + sentence[1:]
    return sentence.removesuffix(".")


def _open_what_is_closed() -> None:
    """Have standard streams where the caller closed them (`>&-`): else the next file would be taken for one."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115  # as long as we run
            setattr(sys, name, stream)


def _say_anything() -> None:
    """Let no letter that a terminal does not have, cp1252's or C's, be an error: it is written as its code."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if stream.errors == "strict" or not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="backslashreplace")


def _forget_stdout() -> None:
    """Let Python's own flush at exit succeed in silence: nobody reads standard output any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
