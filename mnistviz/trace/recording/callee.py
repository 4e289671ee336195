"""What a call calls: watched code, numpy by its own name, what leaves arrays alone, or code of somebody else.

Found by type and identity alone: no attribute of the program's objects is asked for.
"""

from __future__ import annotations

import builtins
import functools
import math
import operator
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import (
    BuiltinFunctionType,
    FunctionType,
    GeneratorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)  # fmt: skip
from typing import Any, Literal

import numpy as np

from mnistviz.trace.recording.kinds import ids, of_class

Kind = Literal[
    "watched",
    "quiet",
    "ufunc",
    "function",
    "method",
    "operator",
    "creation",
    "conversion",
    "random",
    "foreign",
    "taking",
    "getitem",
    "setitem",
    "attribute",
    "called",
    "in place",
]
NUMPY = (np.ndarray, np.generic)
DISPATCHER = type(np.sum)
NUMPY_FUNCTIONS = ids(DISPATCHER, np.ufunc)
RANDOM = (np.random.Generator, np.random.RandomState, np.random.BitGenerator)
CONTAINERS = (list, tuple, dict, set, frozenset, str, bytes, deque, int, float, complex, GeneratorType, ModuleType,
              range, slice)  # fmt: skip
# Functions of Python that give arrays on which they were given, or numbers made of them.
OPERATORS = {
    abs: "absolute", divmod: "divmod", pow: "power", operator.add: "add", operator.sub: "subtract",
    operator.mul: "multiply", operator.truediv: "divide", operator.floordiv: "floor_divide",
    operator.mod: "remainder", operator.pow: "power", operator.matmul: "matmul", operator.lshift: "left_shift",
    operator.rshift: "right_shift", operator.and_: "bitwise_and", operator.or_: "bitwise_or",
    operator.xor: "bitwise_xor", operator.lt: "less", operator.le: "less_equal", operator.gt: "greater",
    operator.ge: "greater_equal", operator.eq: "equal", operator.ne: "not_equal", operator.neg: "negative",
    operator.pos: "positive", operator.invert: "invert", operator.abs: "absolute",
}  # fmt: skip
DUNDERS = {f"__{short}__": name for short, name in (
    ("add", "add"), ("sub", "subtract"), ("mul", "multiply"), ("truediv", "divide"), ("floordiv", "floor_divide"),
    ("mod", "remainder"), ("pow", "power"), ("matmul", "matmul"), ("lt", "less"), ("le", "less_equal"),
    ("gt", "greater"), ("ge", "greater_equal"), ("eq", "equal"), ("ne", "not_equal"), ("neg", "negative"),
    ("pos", "positive"), ("abs", "absolute"), ("invert", "invert"), ("and", "bitwise_and"), ("or", "bitwise_or"),
    ("xor", "bitwise_xor"), ("divmod", "divmod"),
)}  # fmt: skip
UPDATING = {
    operator.iadd: "add", operator.isub: "subtract", operator.imul: "multiply", operator.itruediv: "divide",
    operator.ifloordiv: "floor_divide", operator.imod: "remainder", operator.ipow: "power",
    operator.imatmul: "matmul", operator.ilshift: "left_shift", operator.irshift: "right_shift",
    operator.iand: "bitwise_and", operator.ior: "bitwise_or", operator.ixor: "bitwise_xor",
}  # fmt: skip
ATTRIBUTES = {"T": "transpose", "mT": "matrix_transpose", "real": "real", "imag": "imag"}
SLOTS = ids(MethodWrapperType, MethodDescriptorType, WrapperDescriptorType)
GETTERS = ids(operator.itemgetter, operator.attrgetter, operator.methodcaller)
CONVERSIONS = {float: "float", int: "int", complex: "complex", round: "round"}
TAKING = (sum, max, min, sorted, list, tuple, set, frozenset, dict, next, functools.reduce, map, filter, zip)
CHANGING = (
    exec,
    eval,
    __import__,
    setattr,
    delattr,
    memoryview,
)  # of the builtins: may change what they reach
QUIET_MODULES = frozenset(
    ["time", "_datetime", "posix", "nt", "_random", "_io", "itertools", "_operator", "_collections"]
)
NUMBERS = frozenset(["math", "cmath"])
SILENT = frozenset(["array2string", "array_repr", "array_str", "save", "savez", "savez_compressed", "savetxt",
                    "set_printoptions", "may_share_memory", "shares_memory"])  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Callee:
    """What a call calls."""

    kind: Kind
    name: str = ""  # numpy's own, or the module's and the function's
    run: Any = None
    owner: Any = None  # the array or object that a method is of
    args: tuple[Any, ...] = ()  # those that a partial holds
    keywords: dict[str, Any] = field(default_factory=dict)
    path: str = ""  # name within its kind
    more: tuple[Any, ...] = ()  # operands that the callee itself holds, behind those of the call


WATCHED = Callee("watched")
QUIET = Callee("quiet")
_QUIET_BUILTINS = {
    id(one)
    for one in vars(builtins).values()
    if callable(one) and one not in OPERATORS and one not in CONVERSIONS and one not in TAKING + CHANGING
}
_SPECIAL: dict[int, Callee] = {
    **{id(one): Callee("operator", name, one, path=name) for one, name in OPERATORS.items()},
    **{id(one): Callee("in place", name, one, path=name) for one, name in UPDATING.items()},
    id(operator.getitem): Callee("getitem", "getitem", operator.getitem, path="getitem"),
    id(operator.setitem): Callee("setitem", "setitem", operator.setitem, path="setitem"),
    **{id(one): Callee("conversion", name, one, path=name) for one, name in CONVERSIONS.items()},
    **{id(one): Callee("taking", one.__name__, one) for one in TAKING},
}


def callee(function: Any, runs: Callable[[FunctionType], bool]) -> Callee:
    """What a call of `function` calls; `runs` tells whether a function's code is watched."""
    known = _SPECIAL.get(id(function))
    if known is not None:
        return known
    if id(function) in _QUIET_BUILTINS:
        return QUIET
    kind = type(function)
    if kind is FunctionType:
        return WATCHED if runs(function) else _of_function(function)
    if kind is MethodType:
        return _of_method(function, runs)
    if kind is np.ufunc:
        return _of_ufunc(function)
    if kind is DISPATCHER:
        return _of_numpy(function, "function")
    if kind is BuiltinFunctionType:
        return _of_builtin(function)
    if kind is functools.partial:
        return _of_partial(function, runs)
    if id(kind) in SLOTS:
        return _of_slot(function, runs)
    if id(kind) in GETTERS:
        return _of_getter(function)
    if issubclass(kind, type):
        return _of_class(function, runs)
    return _of_object(function, runs)


def _special_numpy() -> dict[int, Callee]:
    """Numpy's own functions, which nobody makes anew, by their id."""
    found = [one for room in (np, np.linalg, np.fft) for one in vars(room).values()]
    ufuncs = {id(one): _of_ufunc(one) for one in found if type(one) is np.ufunc}
    return {**ufuncs, **{id(one): _of_numpy(one, "function") for one in found if type(one) is DISPATCHER}}


def _of_function(function: FunctionType) -> Callee:
    module = function.__module__ if type(function.__module__) is str else ""
    if module.split(".")[0] == "numpy":
        return _of_numpy(function, "function")
    return Callee("foreign", _public(module, function.__name__, function), function)


def _of_method(function: MethodType, runs: Callable[[FunctionType], bool]) -> Callee:
    inner, owner = function.__func__, function.__self__
    if type(inner) is FunctionType and runs(inner):
        return WATCHED
    name = str(getattr(inner, "__name__", "")) if type(inner) is FunctionType else _name_of(inner)
    if issubclass(type(owner), RANDOM):
        return Callee("random", f"random.{name}", function, path=f"random.{name}")
    if issubclass(type(owner), NUMPY):
        return Callee("foreign", f"{class_name(type(owner))}.{name}", function, owner)
    return Callee("foreign", f"{class_name(type(owner))}.{name}", function, owner)


def _of_ufunc(function: np.ufunc) -> Callee:
    name = function.__name__
    if vars(np).get(name) is function:
        return Callee("ufunc", name, function, path=name)
    special = vars(sys.modules.get("scipy.special", math)).get(name)
    return Callee("foreign", f"scipy.special.{name}" if special is function else name, function)


def _of_numpy(function: Any, kind: Kind) -> Callee:
    name = numpy_name(function)
    if name.rpartition(".")[2] in SILENT:
        return Callee("quiet", name)
    return Callee(kind, name, function, path=name)


def _of_builtin(function: Any) -> Callee:
    owner, name = function.__self__, function.__name__
    kind = type(owner)
    if issubclass(kind, NUMPY):
        return Callee("method", DUNDERS.get(name, name), getattr(kind, name, None), owner, path=name)
    if kind is np.ufunc:
        path = f"{owner.__name__}.{name}"
        known = vars(np).get(owner.__name__) is owner
        return Callee("ufunc" if known else "foreign", path, function, path=path)
    if issubclass(kind, RANDOM):
        return Callee("random", f"random.{name}", function, path=f"random.{name}")
    module = function.__module__ if type(function.__module__) is str else ""
    if module.split(".")[0] == "numpy":
        return _of_numpy(function, "creation")
    if module in QUIET_MODULES or (kind is not ModuleType and issubclass(kind, CONTAINERS)):
        return QUIET
    if kind is ModuleType or owner is None:
        return Callee("taking" if module in NUMBERS else "foreign", _public(module, name, function), function)
    return Callee("foreign", f"{class_name(kind)}.{name}", function, owner)


def _of_partial(function: Any, runs: Callable[[FunctionType], bool]) -> Callee:
    inner = callee(function.func, runs)
    if inner.kind in ("watched", "quiet"):
        return inner
    return Callee(
        inner.kind, inner.name, inner.run, inner.owner, (*function.args, *inner.args),
        {**function.keywords, **inner.keywords}, inner.path,
    )  # fmt: skip


def _of_slot(function: Any, runs: Callable[[FunctionType], bool]) -> Callee:
    """`x.__add__`, `np.add.__call__` and `np.ndarray.sum`."""
    name = function.__name__
    owner = function.__self__ if type(function) is MethodWrapperType else None
    if owner is not None and name == "__call__" and (type(owner) is np.ufunc or type(owner) is DISPATCHER):
        return callee(owner, runs)
    of_arrays = issubclass(type(owner) if owner is not None else function.__objclass__, NUMPY)
    if not of_arrays:
        return QUIET
    run = getattr(type(owner), name, None) if owner is not None else function
    return Callee("method", DUNDERS.get(name, name), run, owner, path=name)


def _of_getter(function: Any) -> Callee:
    """`operator.itemgetter(0)` and its kin; what they get is in how they are made."""
    wanted = function.__reduce__()[1]
    if len(wanted) != 1:
        return Callee("taking", type(function).__name__, function)
    if type(function) is operator.itemgetter:
        return Callee("getitem", "getitem", operator.getitem, path="getitem", more=wanted)
    if type(function) is operator.attrgetter:
        name = ATTRIBUTES.get(wanted[0])
        return Callee("attribute", name, path=wanted[0]) if name else QUIET
    return Callee("called", wanted[0], path=wanted[0])


def _of_class(function: type, runs: Callable[[FunctionType], bool]) -> Callee:
    if issubclass(function, np.generic):
        return Callee("creation", _name(function), function, path=_name(function))
    module = of_class(function, "__module__")
    root = module.split(".")[0] if type(module) is str else ""
    if root == "numpy":
        return Callee(
            "creation" if issubclass(function, np.ndarray) else "foreign", class_name(function), function
        )
    made = [of_class(function, "__init__"), of_class(function, "__new__")]
    if any(type(one) is FunctionType and (runs(one) or _made_of_text(one)) for one in made):
        return WATCHED
    if all(type(one) in (WrapperDescriptorType, BuiltinFunctionType, type(None)) for one in made):
        return (
            QUIET
            if root in ("builtins", "collections", "types", "functools", "enum")
            else Callee("foreign", class_name(function), function)
        )
    return Callee("foreign", class_name(function), function)


def _of_object(function: Any, runs: Callable[[FunctionType], bool]) -> Callee:
    inner = of_class(type(function), "__call__")
    if type(inner) is FunctionType and runs(inner):
        return WATCHED
    if type(function) is functools._lru_cache_wrapper:
        wrapped = function.__wrapped__
        return callee(wrapped, runs)
    return Callee("foreign", _object_name(function), function)


def _made_of_text(function: FunctionType) -> bool:
    """A dataclass's `__init__` and the like, which only assigns."""
    return function.__code__.co_filename.startswith("<")


def _public(module: str, name: str, function: Any) -> str:
    """The public name of a function: `scipy.special.softmax` is made in `scipy.special._logsumexp`."""
    parts = module.split(".")
    places = [".".join(part for part in parts if not part.startswith("_")), module.lstrip("_")]
    for place in places:
        if place in sys.modules and vars(sys.modules[place]).get(name) is function:
            return f"{place}.{name}"
    return f"{module}.{name}".lstrip(".")


def _name(kind: type) -> str:
    return str(type.__dict__["__name__"].__get__(kind))


def class_name(kind: type) -> str:
    """The module and the name of a class."""
    module = of_class(kind, "__module__")
    return f"{module}.{_name(kind)}" if type(module) is str and module != "builtins" else _name(kind)


def _object_name(function: Any) -> str:
    """Name of an object that is called: its own, where to ask for it runs nothing of the program."""
    kind = type(function)
    asks = of_class(kind, "__getattr__"), of_class(kind, "__getattribute__"), of_class(kind, "__name__")
    if (
        kind is not np.vectorize
        and asks[0] is None
        and type(asks[1]) is WrapperDescriptorType
        and type(asks[2]) is not property
    ):
        name, module = getattr(function, "__name__", None), getattr(function, "__module__", None)
        if type(name) is str and type(module) is str:
            return _public(module, name, function)
    return class_name(kind)


def _name_of(function: Any) -> str:
    name = getattr(function, "__name__", "")  # a compiled function's: nothing of the program
    return name if type(name) is str else ""


def file_of_arrays(kind: type) -> str:
    """The file of a class whose objects are arrays of another library: they give numpy one when it asks; or ""."""
    if issubclass(kind, NUMPY) or of_class(kind, "__array__") is None:
        return ""
    module = of_class(kind, "__module__")
    return str(getattr(sys.modules.get(module), "__file__", "")) if type(module) is str else ""


def is_numpy_builtin(function: Any) -> bool:
    """Whether a function is numpy's own, written in C."""
    return type(function) is BuiltinFunctionType and str(function.__module__).split(".")[0] == "numpy"


@functools.lru_cache(maxsize=1024)
def numpy_name(function: Any) -> str:
    """Numpy's own name of a function: "concatenate", "linalg.norm", "fft.rfft"."""
    module = getattr(function, "__module__", "") or ""
    name = getattr(function, "__name__", repr(function))
    parts = [
        part for part in module.split(".")[1:] if part in ("linalg", "fft", "random", "char", "strings", "ma")
    ]
    if not parts and vars(np).get(name, function) is not function:  # another one of that name, as polymul is
        parts = [part for part in module.split(".")[1:] if not part.startswith("_")]
    return ".".join((*parts, name))


_SPECIAL.update(_special_numpy())
