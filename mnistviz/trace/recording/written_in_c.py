"""Arrays that code in C makes, goes through or writes into, without an operator or a function of numpy's."""

from __future__ import annotations

import ast
import builtins
import itertools
from collections import OrderedDict, deque
from collections.abc import Iterable
from types import BuiltinFunctionType, FrameType, ModuleType, WrapperDescriptorType
from typing import Any

import numpy as np
from numpy.lib import _index_tricks_impl as tricks

from mnistviz.trace.recording.callee import NUMPY_FUNCTIONS, Callee, is_numpy_builtin
from mnistviz.trace.recording.holders import reads_arrays
from mnistviz.trace.recording.kinds import ids, of_class
from mnistviz.trace.recording.values import Values, is_value

ROWS = type(iter(np.empty(0)))  # what Python makes of an array to go through it
STORING = ids(list, dict, deque, OrderedDict)
MADE_BY_C = ids(
    itertools.accumulate, itertools.starmap, map, filter, np.flatiter, np.nditer, ROWS, zip, enumerate, np.ndenumerate,
)  # fmt: skip
GATHER = frozenset(
    ["list", "tuple", "set", "frozenset", "dict", "sorted", "next", "zip", "map", "filter", "max", "min"]
)


def grid_name(owner: Any) -> str:
    """Numpy's name of what makes arrays by being indexed: `np.mgrid`, `np.r_`; "" for anything else."""
    kind = type(owner)
    if issubclass(kind, tricks.nd_grid):
        return "ogrid" if owner is np.ogrid else "mgrid"
    if issubclass(kind, tricks.AxisConcatenator):
        return "c_" if owner is np.c_ else "r_"
    return ""


def may_make(found: Callee, args: tuple[Any, ...]) -> bool:
    """Whether a function of Python may make arrays of its arguments, not only give them on."""
    if found.name in ("zip", "map", "filter"):
        return False
    if found.name in GATHER:
        return any(id(type(one)) in MADE_BY_C or is_value(one) or reads_arrays(type(one)) for one in args)
    return True


def drives_numpy(values: Iterable[Any]) -> bool:
    """Whether a function of numpy is among the arguments: `sorted(xs, key=np.sum)`."""
    return any(id(type(one)) in NUMPY_FUNCTIONS or is_numpy_builtin(one) for one in values)


def before_raw_write(values: Values, owner: Any) -> None:
    """`memoryview(x)[0] = 1`, or an item of a buffer of `ctypes`: memory is written without numpy."""
    kind = type(owner)
    if kind is dict or kind is list or not _is_written_by_c(kind):
        return
    values.freeze_all()
    try:
        written = np.frombuffer(owner, np.uint8)
    except (TypeError, ValueError, BufferError):  # nothing that an array could lie in
        return
    for memory in values.over(written):
        memory.version += 1
        memory.changed_by = None


def _is_written_by_c(kind: type) -> bool:
    """Whether code of C, of no container of Python's, stores the items of a class's objects."""
    setter = of_class(kind, "__setitem__")
    return type(setter) is WrapperDescriptorType and id(setter.__objclass__) not in STORING


def is_of_python(node: ast.AST, frame: FrameType) -> bool:
    """Whether a call is of a function such as `max` or `reduce`, whose result is not what it has called gives back."""
    function, code = getattr(node, "func", None), frame.f_code
    owner = getattr(function, "value", None)
    name = getattr(function if owner is None else owner, "id", "")
    if not name or name in code.co_varnames or name in code.co_cellvars or name in code.co_freevars:
        return False
    called = frame.f_globals.get(name, getattr(builtins, name, None))
    if owner is not None:
        called = vars(called).get(getattr(function, "attr", "")) if isinstance(called, ModuleType) else None
    own = isinstance(called, type) and called.__module__ == "builtins"
    return own or isinstance(called, BuiltinFunctionType)
