"""Runs a function once and writes down every operation on arrays that its code makes.

    record(function, *arrays) -> Trace

The function runs on the caller's own arrays, and cannot tell that it is watched: the operations are its own,
and all that it changes is changed afterwards, exactly as if it had not been recorded.
"""

from __future__ import annotations

import dis
import functools
import inspect
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from mnistviz.errors import InputError
from mnistviz.trace.model import Trace
from mnistviz.trace.recording import depth, watchers
from mnistviz.trace.recording.build import build
from mnistviz.trace.recording.exchange import Exchange, WatchedFile
from mnistviz.trace.recording.kinds import LISTS, NUMBERS
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.recording import Recording
from mnistviz.trace.recording.values import is_value
from mnistviz.trace.recording.watched import Watched

OWN_FRAMES = 5  # that the recorded function is further down than without us
_one_at_a_time = threading.Lock()
Asked = Callable[[Callable[..., Any], tuple[Any, ...], int], Trace]  # records a function with these arrays
_script: Asked | None = None  # that runs, and may ask for a recording itself


def record(
    function: Callable[..., Any],
    *arrays: Any,
    memory_limit: int = 2 * 2**30,
    watch: Iterable[str | Path | ModuleType] = (),
) -> Trace:
    """Run `function(*arrays)` once and return the trace of every operation on arrays that it makes.

    The arrays are the caller's own, not copies: an in-place update of an argument, of `self.w` or of a
    global array is there afterwards as after any other call, bit for bit.  `memory_limit` bounds the bytes
    that the values of the trace may take; `watch` names modules, files or folders whose code is watched
    though they are installed.  A function that raises gives the trace up to there, its `failure` set.
    Raises `InputError` where something cannot be recorded, and while another recording runs.
    """
    code = code_of(function)
    if _script is not None:
        return _script(function, arrays, memory_limit)
    with alone(code.co_qualname):
        return _recorded(function, code, arrays, memory_limit, watch)


@contextmanager
def asked_by(script: Asked) -> Iterator[None]:
    """Inside, a script runs that may call `record` itself: what it asks for is recorded as `script` does it."""
    global _script
    before, _script = _script, script
    try:
        yield
    finally:
        _script = before


@contextmanager
def alone(what: str) -> Iterator[None]:
    """Inside, no other recording runs; raises `InputError` where one does."""
    if not _one_at_a_time.acquire(blocking=False):
        raise InputError("another recording is running", what, "record one after the other")
    try:
        yield
    finally:
        _one_at_a_time.release()


def _recorded(
    function: Callable[..., Any], code: CodeType, arrays: tuple[Any, ...], memory_limit: int, watch: Any
) -> Trace:
    exchange = Exchange(Watched(code.co_filename, watch))
    _check_text(exchange, code)
    recording = Recording(exchange, code, memory_limit)
    watchers.beware()
    with exchange:
        exchange.exchange(_inner(function))  # after `gc.freeze()` nobody can list it
        returned, error = run_recorded(recording, function, arrays)
    if recording.stopped is not None:
        raise recording.stopped
    return build(recording, returned, error)


def run_recorded(
    recording: Recording, function: Callable[..., Any], arrays: tuple[Any, ...]
) -> tuple[list[Mention], Exception | None]:
    """Run a function, which is watched, and write down what it does; what it returned, or its error."""
    error = None
    recording.frames.stop = sys._getframe()
    for name, value in zip(_argument_names(function, len(arrays)), arrays, strict=False):
        recording.arguments.extend(_arguments(recording, value, name))
    watchers.switch(recording)
    returned: list[Mention] = []
    try:
        with depth.room(OWN_FRAMES):
            result = function(*arrays)
        watchers.switch(None)
        returned = recording.returned(result)
        result = None  # what nobody else holds needs no copy
    except Exception as raised:
        error = raised
        recording.failed(raised)
    finally:
        watchers.switch(None)
        recording.frames.stop = None
    return returned, error


def code_of(function: Callable[..., Any]) -> CodeType:
    """The code of a function, method, partial or callable object."""
    inner = _inner(function)
    if not isinstance(getattr(inner, "__code__", None), CodeType):
        name = getattr(function, "__name__", repr(function))
        raise InputError(
            f"{name} is not written in Python", "record", "record a Python function that calls it"
        )
    code: CodeType = inner.__code__
    return code


def _inner(function: Callable[..., Any]) -> Any:
    """The function itself, of a method, a partial or a callable object."""
    inner: Any = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    inner = getattr(inner, "__func__", inner)
    if callable(inner) and not hasattr(inner, "__code__"):
        inner = getattr(inner, "__wrapped__", type(inner).__call__)
    return getattr(inner, "__wrapped__", inner)


def _check_text(exchange: Exchange, code: CodeType) -> None:
    """Raise `InputError` where the function's text is not to be had, or says something else than its code."""
    file = exchange.file(code.co_filename)
    if file is None:
        cure = "write it into a file, and record it from there"
        raise InputError(f"there is no text of {code.co_qualname}", code.co_filename, cure)
    if exchange.match(code) is None and not exchange.runs(code):
        raise InputError(
            f"{code.co_qualname} is not the function that the file holds now",
            f"{file.text.name} line {_edited_line(code, file)}",
            "the source changed after it was imported: start again",
        )


def _edited_line(code: CodeType, file: WatchedFile) -> int:
    """The first line of a function that the file holds otherwise, as far as can be told."""
    for plain in file.places.get((code.co_qualname, code.co_firstlineno), [])[:1]:
        for own, other in zip(dis.get_instructions(code), dis.get_instructions(plain), strict=False):
            place = own.positions.lineno if own.positions is not None else None
            if (own.opname, own.argrepr) != (other.opname, other.argrepr) and place is not None:
                return place
    return code.co_firstlineno


def _arguments(recording: Recording, value: Any, name: str) -> Iterator[Mention]:
    """Mentions of the arrays and numbers that the function is called with."""
    if is_value(value):
        snapshot = recording.values.current(value, name, "argument")
        yield Mention(snapshot, name)
    elif id(type(value)) in NUMBERS:
        yield Mention(recording.values.constant(value, name), name)
    elif id(type(value)) in LISTS:
        for place, one in enumerate(value):
            yield from _arguments(recording, one, f"{name}[{place}]")
    elif type(value) is dict:
        for key, one in value.items():
            shown = f'"{key}"' if type(key) is str else key if type(key) is int else "…"
            yield from _arguments(recording, one, f"{name}[{shown}]")


def _argument_names(function: Callable[..., Any], count: int) -> Iterator[str]:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):
        parameters = []
    for place in range(count):
        if place < len(parameters) and parameters[place].kind is not inspect.Parameter.VAR_POSITIONAL:
            yield parameters[place].name
            continue
        variable = next((p for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL), None)
        last = variable.name if variable else "argument"
        yield f"{last}[{place - (parameters.index(variable) if variable else 0)}]"
