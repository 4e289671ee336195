"""Classes, looked at without calling them: one of the program's may have an `==`, a hash or attributes of its own."""

from __future__ import annotations

from typing import Any


def ids(*kinds: Any) -> frozenset[int]:
    """Some classes, to be asked by `id(kind) in …`."""
    return frozenset(map(id, kinds))


LISTS = ids(tuple, list)
NUMBERS = ids(bool, int, float, complex)
AMOUNTS = ids(int, float, complex)  # numbers that are no truths


def of_class(kind: type, name: str) -> Any:
    """An attribute of a class or of one that it is derived from; None where there is none."""
    for one in type.__dict__["__mro__"].__get__(kind):
        found = type.__dict__["__dict__"].__get__(one).get(name)
        if found is not None:
            return found
    return None


def module_of(kind: type) -> str:
    """The name of a class's module, also of one that is written in C; "" where it has none."""
    try:
        found = type.__dict__["__module__"].__get__(kind)
    except AttributeError:
        return ""
    return found if type(found) is str else ""
