"""Arrays in the objects of other libraries, a table's or a sparse matrix's: found without calling their code."""

from __future__ import annotations

import functools
import gc
import os
import sys
from collections.abc import Iterable, Iterator
from types import FunctionType, MemberDescriptorType, ModuleType
from typing import Any

import numpy as np

from mnistviz.trace.recording.kinds import of_class
from mnistviz.trace.recording.watched import installed_folders

NUMPY = (np.ndarray, np.generic)
# Never an object that holds arrays, but numpy's own or none: asked for most, by their ids.
PLAIN_KINDS = frozenset([
    int, float, complex, bool, str, bytes, list, tuple, dict, set, slice, range, type, type(None), np.ndarray,
    np.float64, np.int64, np.bool_,
])  # fmt: skip
PLAIN = frozenset(map(id, PLAIN_KINDS))
SPEAKS_NUMPY = ("__array__", "__array_ufunc__", "__array_priority__")  # one of them makes an operator its own
INDEXERS = "pandas.core.indexing"  # `table.loc`, `table.iloc`: an item of one is one of its table
OWN = frozenset(["builtins", "numpy", "__main__", "mnistviz"])
MOST = 8  # arrays of one object


def is_holder(kind: type) -> bool:
    """Whether objects of a class are arrays of an installed library: their operators are its code.

    Those of a class that the program derives from the library's are, too.
    """
    if (type(kind) is type and kind in PLAIN_KINDS) or issubclass(kind, NUMPY):
        return False
    return of_class(kind, "__module__") == INDEXERS or any(
        map(_speaks_numpy, type.__dict__["__mro__"].__get__(kind))
    )


def _speaks_numpy(kind: type) -> bool:
    """Whether a class itself, not those that it is derived from, makes its objects arrays of a library."""
    held = type.__dict__["__dict__"].__get__(kind)
    return any(name in held for name in SPEAKS_NUMPY) and _is_a_librarys(held.get("__module__"))


def is_of_a_library(kind: type) -> bool:
    """Whether a class is of an installed library: not of numpy, nor of Python's own, which give on what they hold."""
    module = of_class(kind, "__module__")
    return _is_a_librarys(module) and module.partition(".")[0] not in sys.stdlib_module_names


def reads_arrays(kind: type) -> bool:
    """Whether a library's own code makes the items of a class's objects: of a file with arrays in it."""
    if kind is np.lib.npyio.NpzFile:
        return True
    return type(of_class(kind, "__getitem__")) is FunctionType and is_of_a_library(kind)


def _is_a_librarys(module: Any) -> bool:
    root = module.partition(".")[0] if type(module) is str else ""
    return root not in OWN and _is_installed(root)


def any_holder(values: Iterable[Any]) -> bool:
    """Whether one of them is such an object."""
    return not PLAIN.issuperset(map(id, map(type, values))) and any(map(is_holder, map(type, values)))


def parts_of(value: Any) -> Iterator[tuple[str, Any]]:
    """The arrays that such an object holds, as they lie in it, each with what follows the object's name.

    Pandas keeps a table's columns as rows, those of a kind together: `X.T`.
    """
    value = _attribute(value, "obj") if of_class(type(value), "__module__") == INDEXERS else value
    manager = _attribute(value, "_mgr")
    if str(of_class(type(manager), "__module__")).startswith(
        "pandas."
    ):  # what else it holds are the names of rows and columns
        blocks = [getattr(one, "values", None) for one in manager.blocks]
        for one in blocks:
            part = "" if getattr(one, "ndim", 1) < 2 else ".T" if len(blocks) == 1 else ".T[…]"
            yield from ((part, found) for found in _arrays_at(one, 1))
        return
    held = _attribute(value, "__dict__")
    if type(held) is dict:
        for name, one in list(held.items()):
            yield from ((f".{name.lstrip('_')}", found) for found in _arrays_at(one, 1))
    else:
        yield from (("", found) for found in _arrays_at(value, 1))


def attributes_of(value: Any) -> Iterator[Any]:
    """What an object holds, in its dict or in slots, without asking its class."""
    held = _attribute(value, "__dict__")
    if type(held) is dict:
        yield from list(held.values())
    for kind in type.__dict__["__mro__"].__get__(type(value)):
        for name, one in type.__dict__["__dict__"].__get__(kind).items():
            if type(one) is MemberDescriptorType:
                yield _attribute(value, name)


def wraps_itself(kind: type) -> bool:
    """Whether a class makes something of numpy's results by code of its own, which gets them before anybody sees them."""
    own = type(of_class(kind, "__array_wrap__")) is FunctionType
    return own and type(of_class(kind, "__array_ufunc__")) is not FunctionType


def _arrays_at(value: Any, depth: int) -> list[Any]:
    if issubclass(type(value), np.ndarray):
        return [value]
    if depth == 0 or id(type(value)) in PLAIN or type(value) is ModuleType:
        return []
    found: list[Any] = []
    for one in _referents(value):
        found += _arrays_at(one, depth - 1)
    return found[:MOST]


def _attribute(value: Any, name: str) -> Any:
    """What an object holds under a name, without asking its class."""
    try:
        return object.__getattribute__(value, name)
    except AttributeError:
        return None


def _referents(value: Any) -> Iterator[Any]:
    for one in gc.get_referents(value):
        if type(one) is dict:
            yield from one.values()
        elif type(one) is not type:
            yield one


@functools.lru_cache(maxsize=256)
def _is_installed(root: str) -> bool:
    path = os.path.realpath(str(getattr(sys.modules.get(root), "__file__", None) or ""))
    return any(path.startswith(folder + os.sep) for folder in installed_folders())
