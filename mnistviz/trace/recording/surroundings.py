"""What the recorded function meets while it runs: its arguments, and the world that it reaches.

Arrays in its arguments, globals, closures, defaults and objects become recording arrays, and the `np` of
the taught modules becomes a door that also sees calls without an array in them (`np.zeros(3)`).  All of it
is put back afterwards, with what the run changed.
"""

from __future__ import annotations

import builtins
import functools
import inspect
from collections.abc import Callable, Iterator
from types import CellType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from mnistviz.trace.recording.arrays import RecordingArray
from mnistviz.trace.recording.door import Door, open_door

if TYPE_CHECKING:
    from mnistviz.trace.recording.recorder import Recorder

SKIPPED = ("__builtins__", "__doc__", "__file__", "__cached__", "__spec__", "__loader__")


class Surroundings:
    """A context: inside it the world records, after it the world is as an unrecorded run leaves it."""

    def __init__(self, recorder: Recorder, function: Callable[..., Any]) -> None:
        self._recorder = recorder
        self._given = function
        self._arguments: list[Any] = []
        self._seen: set[int] = set()
        self._places: list[Any] = []  # containers that were looked into, kept for the way back
        self._import = builtins.__import__

    def __enter__(self) -> Surroundings:
        self._recorder.walker.passes.__enter__()
        builtins.__import__ = self._imported  # type: ignore[assignment]
        self._reach(self._given)
        return self

    def __exit__(self, *_: object) -> None:
        self._recorder.active = False
        builtins.__import__ = self._import
        self._recorder.walker.passes.__exit__()
        for put_back in self._places:
            put_back()

    def arguments(self, arrays: tuple[Any, ...]) -> list[Any]:
        """The arguments as the function shall meet them."""
        for name, value in zip(_argument_names(self._given, len(arrays)), arrays, strict=False):
            self._arguments.append(self._argument(value, name))
        return self._arguments

    def _argument(self, value: Any, name: str) -> Any:
        recorder = self._recorder
        if _is_raw(value):
            array = recorder.values.adopt(value, "argument", name)
            recorder.argument(array, name)
            return array
        if isinstance(value, bool | int | float | complex):
            recorder.number(value, name)
            return value
        if type(value) in (tuple, list):
            inside = [self._argument(one, f"{name}[{place}]") for place, one in enumerate(value)]
            return tuple(inside) if isinstance(value, tuple) else self._list(value, inside)
        if type(value) is dict:
            for key in list(value):
                value[key] = self._argument(value[key], f"{name}[{key!r}]")
            self._leave_clean(value)
            return value
        self._reach(value)
        return self._door(value)

    def _list(self, value: list[Any], inside: list[Any]) -> list[Any]:
        value[:] = inside
        self._places.append(lambda: value.__setitem__(slice(None), [bare(one) for one in value]))
        return value

    def _reach(self, value: Any) -> None:
        """Look into what a function, method, module, class or object of taught code holds."""
        if id(value) in self._seen or isinstance(value, type(None) | str | bytes | int | float):
            return
        self._seen.add(id(value))
        if isinstance(value, functools.partial):
            self._reach(value.func)
        elif isinstance(value, MethodType):
            self._reach(value.__self__)
            self._reach(value.__func__)
        elif isinstance(value, FunctionType):
            self._function(value)
        elif isinstance(value, ModuleType):
            if self._recorder.walker.taught(getattr(value, "__file__", None) or "/"):
                self._dictionary(vars(value))
        elif isinstance(value, type):
            self._class(value)
        elif type(value) in (list, dict, tuple):
            self._container(value)
        elif self._is_taught_object(value):
            self._class(type(value))
            self._dictionary(vars(value))

    def _function(self, function: FunctionType) -> None:
        if not self._recorder.walker.taught(function.__code__.co_filename):
            return
        self._dictionary(function.__globals__)
        for cell in function.__closure__ or ():
            self._cell(cell)
        defaults = function.__defaults__
        if defaults and any(_is_raw(one) for one in defaults):
            function.__defaults__ = tuple(self._held(one) for one in defaults)
            self._places.append(lambda: setattr(function, "__defaults__", defaults))

    def _cell(self, cell: CellType) -> None:
        try:
            held = self._held(cell.cell_contents)
        except ValueError:  # a name that is not bound yet
            return
        cell.cell_contents = held
        self._places.append(lambda: setattr(cell, "cell_contents", bare(cell.cell_contents)))

    def _class(self, kind: type) -> None:
        if not self._recorder.walker.taught(getattr(inspect.getmodule(kind), "__file__", None) or "/"):
            return
        for name, value in list(vars(kind).items()):
            if _is_raw(value):
                setattr(kind, name, self._held(value))
                self._places.append(functools.partial(_bare_attribute, kind, name))
            elif isinstance(value, FunctionType):
                self._reach(value)

    def _container(self, value: Any) -> None:
        if isinstance(value, dict):
            self._dictionary(value)
        elif isinstance(value, list):
            value[:] = [self._held(one) for one in value]
            self._places.append(lambda: value.__setitem__(slice(None), [bare(one) for one in value]))

    def _dictionary(self, names: dict[Any, Any]) -> None:
        if id(names) in self._seen:
            return
        self._seen.add(id(names))
        for name, value in list(names.items()):
            if name in SKIPPED:
                continue
            held = self._held(value)
            if held is not value:
                names[name] = held
        self._leave_clean(names)

    def _held(self, value: Any) -> Any:
        """The value as taught code shall meet it."""
        if type(value) is RecordingArray:
            return value
        if _is_raw(value):
            return value if value.dtype.hasobject else self._recorder.values.adopt(value, "outside")
        if type(value) is tuple and any(map(_is_raw, value)):
            return tuple(map(self._held, value))
        self._reach(value)
        return self._door(value)

    def _door(self, value: Any) -> Any:
        return open_door(self._recorder, value)

    def _leave_clean(self, names: dict[Any, Any]) -> None:
        def put_back() -> None:
            for name, value in list(names.items()):
                clean = bare(value)
                if clean is not value:
                    names[name] = clean

        self._places.append(put_back)

    def _is_taught_object(self, value: Any) -> bool:
        module = inspect.getmodule(type(value))
        file = getattr(module, "__file__", None)
        taught = self._recorder.walker.taught(file) if file else getattr(module, "__name__", "") == "__main__"
        return taught and hasattr(value, "__dict__")

    def _imported(self, name: str, names: Any = None, *rest: Any) -> Any:
        module = self._import(name, names, *rest)
        file = (names or {}).get("__file__", "<>")
        if self._recorder.active and name.split(".")[0] == "numpy" and self._recorder.walker.taught(file):
            return open_door(self._recorder, module)
        return module


def bare(value: Any) -> Any:
    """The value without anything of the recording: raw arrays, numpy itself."""
    if type(value) is RecordingArray:
        value._recorder.values.escaped(value)
        return value._raw
    if isinstance(value, Door):
        return value._real
    if type(value) is tuple and any(map(_is_ours, value)):
        return tuple(map(bare, value))
    if type(value) is list and any(map(_is_ours, value)):
        value[:] = map(bare, value)
    if type(value) is dict and any(map(_is_ours, value.values())):
        value.update({key: bare(one) for key, one in value.items()})
    return value


def _bare_attribute(owner: Any, name: str) -> None:
    setattr(owner, name, bare(getattr(owner, name)))


def _is_ours(value: Any) -> bool:
    return type(value) is RecordingArray or isinstance(value, Door | tuple | list | dict)


def _is_raw(value: Any) -> bool:
    return type(value) is not RecordingArray and isinstance(value, np.ndarray | np.generic)


def _argument_names(function: Callable[..., Any], count: int) -> Iterator[str]:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):
        parameters = []
    last = ""
    for place in range(count):
        if place < len(parameters) and parameters[place].kind is not inspect.Parameter.VAR_POSITIONAL:
            yield parameters[place].name
            continue
        variable = next((p for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL), None)
        last = variable.name if variable else "argument"
        yield f"{last}[{place - (parameters.index(variable) if variable else 0)}]"
