"""Libraries that read the code of functions, to compile or to pickle it: it must be the program's own."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import CellType, FunctionType
from typing import Any

from mnistviz.trace.recording.exchange import Exchange

COMPILERS = ("numba",)  # read a function when it is called first
PICKLERS = frozenset(["cloudpickle", "dill"])  # read a function, and all that it refers to


def before_foreign(exchange: Exchange, name: str, values: Iterable[Any]) -> None:
    """Code that is not watched, of that name, is about to be called with these: itself among them."""
    root = name.partition(".")[0]
    if root in PICKLERS:
        exchange.pause()
    if any(one in sys.modules for one in COMPILERS):
        for value in values:
            if root in COMPILERS and type(value) is FunctionType:
                _leave(exchange, value)
            elif _is_compiled(value):
                _leave_compiled(exchange, value)


def _is_compiled(value: Any) -> bool:
    for one in type.__dict__["__mro__"].__get__(type(value)):
        module = type.__dict__["__dict__"].__get__(one).get("__module__")
        if type(module) is str and module.partition(".")[0] in COMPILERS:
            return True
    return False


def _leave_compiled(exchange: Exchange, value: Any) -> None:
    inner = getattr(value, "_dispatcher", value)  # of a ufunc; these are the library's own, not the program's
    found = getattr(inner, "py_func", None)
    if type(found) is FunctionType:
        _leave(exchange, found)


def _leave(exchange: Exchange, function: FunctionType) -> None:
    """A function, and those that are compiled with it."""
    if not exchange.leave(function):
        return
    names = function.__code__.co_names
    reached = [function.__globals__.get(name) for name in names]
    reached += [_content(cell) for cell in function.__closure__ or ()]
    for one in reached:
        if _is_compiled(one):
            _leave_compiled(exchange, one)


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty yet
        return None
